"""Smoothness: draw with a steady hand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import Tensor

from plotart.geometry.cubics import within_strokes
from plotart.objectives.term import Look, Term
from plotart.objectives.term_config import Context, TermConfig


class Smoothness(Term):
    """Mean square of the control polygons' second differences, in units of 10 mm: bends, kinks and uneven spacing.

    Kinks at the joints of two cubics are second differences like any other, so that chains come out smooth.
    """

    name = "smoothness"

    def __call__(self, look: Look) -> Tensor:
        if look.points is None or look.num_points is None:
            return look.image.new_zeros(())
        steps = look.points.diff(dim=0) / 10
        inside = within_strokes(steps[:, 0], look.num_points)
        both = (inside[1:] * inside[:-1])[:, None]
        return (steps.diff(dim=0) * both).square().sum() / both.sum().clamp_min(1)


class SmoothnessTerm(TermConfig):
    """Draw with a steady hand: bends within a stroke count as a loss."""

    type: Literal["smoothness"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Smoothness:
        return Smoothness()
