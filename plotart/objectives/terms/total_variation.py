"""Total variation: calm the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, TermConfig

if TYPE_CHECKING:
    from plotart.objectives.losses.total_variation import TotalVariation


class TotalVariationTerm(TermConfig):
    """Calm the image: its total variation counts as a loss."""

    type: Literal["total_variation"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> TotalVariation:
        from plotart.objectives.losses.total_variation import TotalVariation

        return TotalVariation()
