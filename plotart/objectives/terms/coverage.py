"""Coverage: a share of the paper under ink."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from plotart.objectives.density import density, drawable
from plotart.objectives.term import Look, Term
from plotart.objectives.term_config import Context, Share, TermConfig


class Coverage(Term):
    """Square of the difference between the share of the area that may be drawn on that ink covers, and `share`.

    Layers of ink d cover 1 - exp(-d) of a cell, which is what lines laid at random would.
    """

    name = "coverage"

    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, look: Look) -> Tensor:
        if look.points is None or look.shares is None:
            return look.image.new_zeros(())
        covered = 1 - torch.exp(-density(look).sum(dim=0))
        area = drawable(look.page).to(covered)
        return ((covered * area).sum() / area.sum() - self.share).square()


class CoverageTerm(TermConfig):
    """Cover a share of the paper with ink, no more and no less."""

    type: Literal["coverage"] = Field(description="Which kind of term this is.")
    share: Share = Field(description="The share of the area inside the margins that ink covers.")
    weight: float = Field(default=10.0, ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Coverage:
        return Coverage(self.share)
