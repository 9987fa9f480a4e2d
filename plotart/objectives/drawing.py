"""Terms that look at the strokes themselves; on a canvas of pixels they are zero."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.geometry.cubics import along, cubics
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm

#: Points along each cubic at which its curvature is taken.
_POINTS = 8


class Length(StrokeTerm):
    """Metres of ink: the length of all strokes' control polygons, an upper bound of the curves'."""

    name = "length"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        steps = strokes.points.diff(dim=0).square().sum(dim=1).clamp_min(1e-12).sqrt()
        return (steps * _within_strokes(steps, strokes.num_points)).sum() / 1000


class Smoothness(StrokeTerm):
    """Mean square of the control polygons' second differences, in units of 10 mm: bends, kinks and uneven spacing.

    Kinks at the joints of two cubics are second differences like any other, so that chains come out smooth.
    """

    name = "smoothness"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        steps = strokes.points.diff(dim=0) / 10
        inside = _within_strokes(steps[:, 0], strokes.num_points)
        both = (inside[1:] * inside[:-1])[:, None]
        return (steps.diff(dim=0) * both).square().sum() / both.sum().clamp_min(1)


class Curvature(StrokeTerm):
    """Mean along all strokes of the square of their curvature above 1 / `radius`, in units of that: 0 where no bend is
    tighter than `radius` mm, about 1 along a circle of half that radius.

    At a cusp a curve stops and its curvature has no bound; it is taken for less where the curve passes little more than
    an eighth of `radius` per unit of its parameter. Kinks between two cubics are no curvature; smoothness sees them.
    """

    name = "curvature"

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        curves, _ = cubics(strokes.points, strokes.num_points)
        speed, turn = along(curves, _POINTS, 1), along(curves, _POINTS, 2)
        squared = speed.square().sum(dim=2)
        cross = speed[..., 0] * turn[..., 1] - speed[..., 1] * turn[..., 0]
        curvature = cross.abs() / (squared + (self.radius / 8) ** 2) ** 1.5
        beyond = (self.radius * curvature - 1).clamp_min(0)
        lengths = squared.clamp_min(1e-12).sqrt()
        return (lengths * beyond.square()).sum() / lengths.sum().clamp_min(1e-6)


class Inside(StrokeTerm):
    """Mean square of the millimetres by which control points, with half a nib, lie outside the margins."""

    name = "inside"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        left, top, right, bottom = page.inner
        nib = torch.repeat_interleave(strokes.widths, strokes.num_points)[:, None] / 2
        low = strokes.points.new_tensor([left, top]) + nib
        high = strokes.points.new_tensor([right, bottom]) - nib
        beyond = (low - strokes.points).clamp_min(0) + (strokes.points - high).clamp_min(0)
        return beyond.square().sum() / max(1, len(beyond))


def _within_strokes(steps: Tensor, num_points: Tensor) -> Tensor:
    """1 for each step [P - 1] between two points of one stroke, 0 for those from one stroke to the next."""
    between = torch.cumsum(num_points, 0)[:-1] - 1
    return torch.ones_like(steps).index_fill(0, between.to(steps.device), 0.0)
