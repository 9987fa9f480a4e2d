"""Curvature: no bends that are too tight."""

from __future__ import annotations

from torch import Tensor

from plotart.geometry.cubics import along, cubics
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm

#: Points along each cubic at which its curvature is taken.
_POINTS = 8


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
