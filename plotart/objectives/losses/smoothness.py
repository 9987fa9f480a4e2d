"""Smoothness: draw with a steady hand."""

from __future__ import annotations

from torch import Tensor

from plotart.geometry.cubics import within_strokes
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm


class Smoothness(StrokeTerm):
    """Mean square of the control polygons' second differences, in units of 10 mm: bends, kinks and uneven spacing.

    Kinks at the joints of two cubics are second differences like any other, so that chains come out smooth.
    """

    name = "smoothness"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        steps = strokes.points.diff(dim=0) / 10
        inside = within_strokes(steps[:, 0], strokes.num_points)
        both = (inside[1:] * inside[:-1])[:, None]
        return (steps.diff(dim=0) * both).square().sum() / both.sum().clamp_min(1)
