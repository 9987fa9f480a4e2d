"""Smoothness: draw with a steady hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, TermConfig

if TYPE_CHECKING:
    from plotart.objectives.losses.smoothness import Smoothness


class SmoothnessTerm(TermConfig):
    """Draw with a steady hand: bends within a stroke count as a loss."""

    type: Literal["smoothness"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Smoothness:
        from plotart.objectives.losses.smoothness import Smoothness

        return Smoothness()
