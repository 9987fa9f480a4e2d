"""The cubics that strokes consist of, and points along them."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def cubics(points: Tensor, num_points: Tensor) -> tuple[Tensor, Tensor]:
    """points [P, 2] of strokes with num_points [N] each -> the control points [S, 4, 2] of all their cubics, in order,
    and the stroke [S] that each belongs to."""
    starts = torch.cumsum(num_points, 0) - num_points
    counts = (num_points - 1) // 3
    before = torch.cumsum(counts, 0) - counts
    total = (len(points) - len(num_points)) // 3
    stroke = torch.repeat_interleave(torch.arange(len(counts), device=counts.device), counts, output_size=total)
    within = torch.arange(len(stroke), device=counts.device) - before[stroke]
    first = starts[stroke] + 3 * within
    return points[first[:, None] + torch.arange(4, device=counts.device)], stroke


def along(curves: Tensor, count: int, derivative: int = 0) -> Tensor:
    """curves [S, 4, 2] -> [S, count, 2]: points amid `count` equal steps of the parameter, or their first or second
    derivative by it."""
    for degree in range(3, 3 - derivative, -1):
        curves = degree * curves.diff(dim=1)
    degree = 3 - derivative
    t = (torch.arange(count, dtype=curves.dtype, device=curves.device) + 0.5) / count
    bernstein = [math.comb(degree, k) * t**k * (1 - t) ** (degree - k) for k in range(degree + 1)]
    return torch.einsum("kn,skd->snd", torch.stack(bernstein), curves)


#: Pieces that a cubic is cut into where the host must not wait to know how long it is.
_PIECES = 8
_MOST_PIECES = 256


def pieces(curves: Tensor, length: float) -> tuple[Tensor, Tensor, Tensor]:
    """curves [S, 4, 2] cut into pieces of about `length` each: their middles [n, 2], the steps [n, 2] along them, and
    the cubic [n] that each belongs to."""
    count = torch.full((len(curves),), _PIECES, device=curves.device)
    if curves.device.type == "cpu":
        polygons = curves.detach().diff(dim=1).square().sum(dim=2).sqrt().sum(dim=1)
        count = (polygons / length).ceil().long().clamp(1, _MOST_PIECES)
    total = int(count.sum()) if curves.device.type == "cpu" else _PIECES * len(curves)
    cubic = torch.repeat_interleave(torch.arange(len(curves), device=curves.device), count, output_size=total)
    within = torch.arange(total, device=curves.device) - (torch.cumsum(count, 0) - count)[cubic]
    share = 1 / count.to(curves)[cubic]
    t = ((within + 0.5) * share)[:, None]
    a, b, c, d = curves[cubic].unbind(dim=1)
    u = 1 - t
    middles = u**3 * a + 3 * u**2 * t * b + 3 * u * t**2 * c + t**3 * d
    steps = 3 * share[:, None] * (u**2 * (b - a) + 2 * u * t * (c - b) + t**2 * (d - c))
    return middles, steps, cubic


def within_strokes(steps: Tensor, num_points: Tensor) -> Tensor:
    """1 for each step [P - 1] between two points of one stroke, 0 for those from one stroke to the next."""
    between = torch.cumsum(num_points, 0)[:-1] - 1
    return torch.ones_like(steps).index_fill(0, between.to(steps.device), 0.0)
