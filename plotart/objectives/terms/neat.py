"""Neat: look like a drawing that somebody meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, NetworkTerm

if TYPE_CHECKING:
    from plotart.objectives.losses.neat import Neat


class NeatTerm(NetworkTerm):
    """Draw as neatly as motifs are drawn by formula: whole lines, none too many, each colour in its place."""

    type: Literal["neat"] = Field(description="Which kind of term this is.")
    weight: float = Field(default=1.0, ge=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return ("neat",)

    def build(self, context: Context) -> Neat:
        from plotart.objectives.losses.neat import Neat

        return Neat(context.network(self))
