"""CIEDE2000: how different two colours look; 1 is just noticeable side by side."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.color.light import srgb_to_linear
from plotart.color.spaces import linear_to_lab

_POW7 = 25.0**7

#: Pairs at a time: the two dozen intermediate values of each then fit into a core's cache, more or less.
_CACHED = 100_000


@torch.no_grad()
def ciede2000(first: Tensor, second: Tensor) -> Tensor:
    """Differences [...] between Lab colours [..., 3] that broadcast against each other; without gradients.

    Sharma, Wu, Dalal 2005: The CIEDE2000 color-difference formula; k_L = k_C = k_H = 1. Own code, as choosing among
    pens takes tens of millions of them: scikit-image's, which the tests compare it with, takes two to three times as
    long as `differences`.
    """
    (l1, a1, b1), (l2, a2, b2) = first.unbind(-1), second.unbind(-1)
    mean = ((a1.hypot(b1) + a2.hypot(b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * (mean / (mean + _POW7)).sqrt()
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = a1.hypot(b1), a2.hypot(b2)
    h1, h2 = torch.atan2(b1, a1), torch.atan2(b2, a2)
    # Between the two hues the short way round; where either colour is grey, hue plays no part.
    turn = torch.remainder(h2 - h1 + math.pi, 2 * math.pi) - math.pi
    coloured = c1 * c2 > 0
    turn = torch.where(coloured, turn, torch.zeros_like(turn))
    hue = torch.where(coloured, h1 + turn / 2, h1 + h2)
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weight = (
        1
        - 0.17 * torch.cos(hue - math.radians(30))
        + 0.24 * torch.cos(2 * hue)
        + 0.32 * torch.cos(3 * hue + math.radians(6))
        - 0.20 * torch.cos(4 * hue - math.radians(63))
    )
    offset = (lightness - 50) ** 2
    d_l = (l2 - l1) / (1 + 0.015 * offset / (20 + offset).sqrt())
    d_c = (c2 - c1) / (1 + 0.045 * chroma)
    d_h = 2 * (c1 * c2).sqrt() * torch.sin(turn / 2) / (1 + 0.015 * chroma * weight)
    degrees = torch.rad2deg(torch.remainder(hue, 2 * math.pi))
    blue = torch.deg2rad(60 * torch.exp(-(((degrees - 275) / 25) ** 2)))
    seventh = chroma**7
    rotation = -2 * (seventh / (seventh + _POW7)).sqrt() * torch.sin(blue)
    return (d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h).clamp_min(0).sqrt()


def differences(first: Tensor, second: Tensor) -> Tensor:
    """[N, M] CIEDE2000 of every Lab colour [N, 3] to every other [M, 3]; in parts that stay in a core's cache."""
    rows = max(1, _CACHED // max(1, len(second)))
    parts = [ciede2000(part[:, None], second[None]) for part in first.split(rows)]
    return torch.cat(parts) if parts else first.new_zeros(0, len(second))


def srgb_difference(first: Tensor, second: Tensor) -> Tensor:
    """CIEDE2000 between sRGB colours [..., 3] in 0..1 that broadcast against each other."""
    return ciede2000(linear_to_lab(srgb_to_linear(first)), linear_to_lab(srgb_to_linear(second)))
