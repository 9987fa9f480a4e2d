"""Length: spare ink."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import Tensor

from plotart.geometry.cubics import within_strokes
from plotart.objectives.term import Look, Term
from plotart.objectives.term_config import Context, TermConfig


class Length(Term):
    """Metres of ink: the length of all strokes' control polygons, an upper bound of the curves'."""

    name = "length"

    def __call__(self, look: Look) -> Tensor:
        if look.points is None or look.num_points is None:
            return look.image.new_zeros(())
        steps = look.points.diff(dim=0).square().sum(dim=1).clamp_min(1e-12).sqrt()
        return (steps * within_strokes(steps, look.num_points)).sum() / 1000


class LengthTerm(TermConfig):
    """Spare ink: the length of the strokes counts as a loss."""

    type: Literal["length"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Length:
        return Length()
