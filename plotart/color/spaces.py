"""Colour spaces in which differences between colours are taken, all differentiable, gradients finite everywhere.

Lab is CIE 1976 L*a*b* under D65. oklab2 is Björn Ottosson's OKLab (2020) with a and b doubled: plain OKLab weighs
lightness so much that it chooses pens no better than sRGB does.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from plotart.color.light import linear_to_srgb, srgb_to_linear

Metric = Literal["rgb", "linear", "lab", "oklab2"]
METRICS: tuple[Metric, ...] = get_args(Metric)

#: Linear sRGB to CIE XYZ, Y of white = 1 (IEC 61966-2-1), and the D65 white that it implies.
XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))
WHITE = (0.950456, 1.0, 1.088754)

#: Linear sRGB to OKLab's cone responses, and their cube roots to L, a, b.
CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
OKLAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)

#: Light below which cube roots become straight lines; an 8-bit image has no value between it and 0.
DIM = 1e-6


def to_space(srgb: Tensor, metric: Metric) -> Tensor:
    """[..., 3] sRGB in 0..1 -> [..., 3] in the space of the metric: rgb and linear in 0..1, lab L in 0..100."""
    if metric == "rgb":
        return srgb
    light = srgb_to_linear(srgb)
    if metric == "linear":
        return light
    return linear_to_lab(light) if metric == "lab" else linear_to_oklab2(light)


def from_space(values: Tensor, metric: Metric) -> Tensor:
    """The inverse of `to_space`: [..., 3] -> [..., 3] sRGB, clipped to 0..1."""
    if metric == "rgb":
        return values.clamp(0, 1)
    if metric == "linear":
        light = values
    elif metric == "lab":
        light = _lab_to_linear(values)
    else:
        plain = values * _row(values, (1.0, 0.5, 0.5))
        light = _through(_through(plain, _inverse(values, OKLAB)) ** 3, _inverse(values, CONES))
    return linear_to_srgb(light.clamp(0, 1))


def linear_to_lab(light: Tensor) -> Tensor:
    """[..., 3] linear light -> CIE L*a*b*."""
    ratio = _through(light, _matrix(light, XYZ)) / _row(light, WHITE)
    bend = (6 / 29) ** 3
    roots = torch.where(ratio > bend, ratio.clamp_min(bend) ** (1 / 3), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = roots.unbind(-1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-1)


def linear_to_oklab2(light: Tensor) -> Tensor:
    """[..., 3] linear light -> OKLab with a and b doubled."""
    cones = _through(light, _matrix(light, CONES))
    roots = torch.where(cones > DIM, cones.clamp_min(DIM) ** (1 / 3), cones * DIM ** (-2 / 3))
    return _through(roots, _matrix(light, OKLAB)) * _row(light, (1.0, 2.0, 2.0))


def _lab_to_linear(lab: Tensor) -> Tensor:
    lightness, a, b = lab.unbind(-1)
    y = (lightness + 16) / 116
    roots = torch.stack([y + a / 500, y, y - b / 200], dim=-1)
    ratio = torch.where(roots > 6 / 29, roots**3, (roots - 4 / 29) * 3 * (6 / 29) ** 2)
    return _through(ratio * _row(lab, WHITE), _inverse(lab, XYZ))


def _matrix(like: Tensor, rows: tuple[tuple[float, ...], ...]) -> Tensor:
    return torch.tensor(rows, dtype=like.dtype, device=like.device)


def _inverse(like: Tensor, rows: tuple[tuple[float, ...], ...]) -> Tensor:
    return torch.linalg.inv(_matrix(like, rows))


def _row(like: Tensor, values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)


def _through(values: Tensor, matrix: Tensor) -> Tensor:
    return values @ matrix.T
