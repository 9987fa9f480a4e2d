"""Total variation: calm the image."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import Tensor

from plotart.objectives.term import Look, Term
from plotart.objectives.term_config import Context, TermConfig


class TotalVariation(Term):
    """Mean absolute difference of neighbouring pixels (Rudin, Osher, Fatemi 1992, anisotropic form); those of an image
    that is one pixel wide or high have no neighbours that way."""

    name = "total variation"

    def __call__(self, look: Look) -> Tensor:
        down, across = look.image.diff(dim=2), look.image.diff(dim=3)
        return down.abs().sum() / max(1, down.numel()) + across.abs().sum() / max(1, across.numel())


class TotalVariationTerm(TermConfig):
    """Calm the image: its total variation counts as a loss."""

    type: Literal["total_variation"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> TotalVariation:
        return TotalVariation()
