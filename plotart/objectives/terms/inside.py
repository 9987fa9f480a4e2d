"""Inside: keep within the margins."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from plotart.objectives.term import Look, Term
from plotart.objectives.term_config import Context, TermConfig


class Inside(Term):
    """Mean square of the millimetres by which control points, with half a nib, lie outside the margins."""

    name = "inside"

    def __call__(self, look: Look) -> Tensor:
        if look.points is None or look.num_points is None or look.widths is None:
            return look.image.new_zeros(())
        left, top, right, bottom = look.page.inner
        nib = torch.repeat_interleave(look.widths, look.num_points)[:, None] / 2
        low = look.points.new_tensor([left, top]) + nib
        high = look.points.new_tensor([right, bottom]) - nib
        beyond = (low - look.points).clamp_min(0) + (look.points - high).clamp_min(0)
        return beyond.square().sum() / max(1, len(beyond))


class InsideTerm(TermConfig):
    """Keep in: what lies outside the margins counts as a loss."""

    type: Literal["inside"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Inside:
        return Inside()
