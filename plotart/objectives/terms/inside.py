"""Inside: keep within the margins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, TermConfig

if TYPE_CHECKING:
    from plotart.objectives.losses.inside import Inside


class InsideTerm(TermConfig):
    """Keep in: what lies outside the margins counts as a loss."""

    type: Literal["inside"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Inside:
        from plotart.objectives.losses.inside import Inside

        return Inside()
