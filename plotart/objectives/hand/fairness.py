"""Fairness: curves whose bend changes slowly, at any size."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm

#: mm: of a stroke whose control points are closer together, size says nothing.
_SHORTEST = 0.05


class Fairness(StrokeTerm):
    """Mean over strokes of the squares of the control polygon's third differences, over those of its first: the jerk of
    a hand that draws it, whatever the size. Straight lines and parabolas cost nothing, wide and tight arcs little and
    alike, zigzags and scribbles most (at most 64).

    Flash, Hogan 1985 (The coordination of arm movements) take the jerk as what hands keep low; over the square of the
    speed it has no unit.
    """

    name = "fairness"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        points, count = strokes.points, strokes.num_points
        stroke = torch.repeat_interleave(torch.arange(len(count), device=points.device), count, output_size=len(points))
        jerk, speed = points.new_zeros(len(count)), points.new_zeros(len(count))
        first = points.diff(dim=0)
        third = first.diff(dim=0).diff(dim=0)
        for found, difference, order in ((jerk, third, 3), (speed, first, 1)):
            inside = (stroke[order:] == stroke[:-order]).to(points)
            found.index_add_(0, stroke[order:], difference.square().sum(dim=1) * inside)
        each = (jerk / (count - 3).clamp_min(1)) / (speed / (count - 1) + _SHORTEST**2)
        return each.sum() / max(1, len(count))
