"""Coverage: a share of the paper under ink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, Share, TermConfig

if TYPE_CHECKING:
    from plotart.objectives.losses.coverage import Coverage


class CoverageTerm(TermConfig):
    """Cover a share of the paper with ink, no more and no less."""

    type: Literal["coverage"] = Field(description="Which kind of term this is.")
    share: Share = Field(description="The share of the area inside the margins that ink covers.")
    weight: float = Field(default=10.0, ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Coverage:
        from plotart.objectives.losses.coverage import Coverage

        return Coverage(self.share)
