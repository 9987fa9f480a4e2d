"""Curvature: no bends that are too tight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, TermConfig
from plotart.schema.values import Length

if TYPE_CHECKING:
    from plotart.objectives.losses.curvature import Curvature


class CurvatureTerm(TermConfig):
    """Draw no bends that are too tight for the pen or the hand."""

    type: Literal["curvature"] = Field(description="Which kind of term this is.")
    radius: Length = Field(default=2.0, gt=0, description="Bends of this radius and wider cost nothing.")
    weight: float = Field(default=0.1, ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Curvature:
        from plotart.objectives.losses.curvature import Curvature

        return Curvature(self.radius)
