"""Adversarial training: pictures are changed by what would deceive the network most, so that it learns to see what a
person would. N-FGSM (de Jorge et al. 2022) in L2: a random start of up to the strength, one step of the gradient, and
nothing clipped."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

#: Side in px that a strength is for; on other sides it is the same for each pixel.
_SIDE_PX = 112


def attacked(
    images: Tensor, loss: Callable[[Tensor], Tensor], strength: float, random: torch.Generator, *, steps: int = 1
) -> Tensor:
    """images [B, 3, s, s] moved by about `strength` (L2, for a picture of 112 px) to where `loss` is greater.

    With several `steps`, as checks make them, each goes 2.5 / steps of the way and all stay within the strength.
    """
    length = strength * images.shape[-1] / _SIDE_PX
    away = _unit(torch.randn(images.shape, generator=random))
    away = away * (length * torch.rand(len(images), 1, 1, 1, generator=random))
    step = length if steps == 1 else length * 2.5 / steps
    for _ in range(steps):
        away.requires_grad_()
        (gradient,) = torch.autograd.grad(loss(images + away), away)
        away = away.detach() + step * _unit(gradient)
        if steps > 1:
            away = away * (length / _norm(away)).clamp(max=1)
    return (images + away).contiguous(memory_format=torch.channels_last)


def noisy(images: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """images with Gaussian noise of that L2 norm: the plain alternative."""
    length = strength * images.shape[-1] / _SIDE_PX
    noise = length * _unit(torch.randn(images.shape, generator=random))
    return (images + noise).contiguous(memory_format=torch.channels_last)


def _norm(x: Tensor) -> Tensor:
    return x.flatten(1).norm(dim=1)[:, None, None, None].clamp_min(1e-12)


def _unit(x: Tensor) -> Tensor:
    return x / _norm(x)
