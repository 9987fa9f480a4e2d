"""A term: where the ink's centre of gravity should be."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from plotart.objectives import Context, Goal, Look, TermConfig
from plotart.schema.values import File, Length


class Balance(Goal):
    """The square of the distance, in cm, from `x` mm across the sheet to the ink's centre of gravity."""

    name = "balance"

    def __init__(self, x: float) -> None:
        self.x = x

    def __call__(self, look: Look) -> Tensor:
        ink = 1.001 - look.image.mean(dim=(0, 1))
        columns = (torch.arange(ink.shape[1]) + 0.5) * look.page.width / ink.shape[1]
        return ((ink.sum(dim=0) @ columns / ink.sum() - self.x) / 10).square()


class BalanceTerm(TermConfig):
    """Put the middle of the ink in a place."""

    goal = True

    type: Literal["balance"] = Field(description="Which kind of term this is.")
    x: Length | None = Field(default=None, description="mm from the sheet's left; null = amid the sheet.")
    notes: File | None = Field(default=None, description="A file that is there.")
    weight: float = Field(default=1.0, ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Balance:
        assert self.notes is None or Path(self.notes).is_file()
        return Balance(context.page.width / 2 if self.x is None else self.x)
