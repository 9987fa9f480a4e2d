"""Length: spare ink."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from plotart.geometry.cubics import within_strokes
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm
from plotart.objectives.term_config import Context, TermConfig


class Length(StrokeTerm):
    """Metres of ink: the length of all strokes' control polygons, an upper bound of the curves'."""

    name = "length"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        steps = strokes.points.diff(dim=0).square().sum(dim=1).clamp_min(1e-12).sqrt()
        there = strokes.gated(torch.ones_like(strokes.widths))
        there = there.repeat_interleave(strokes.num_points, output_size=len(strokes.points))[:-1]
        return (steps * there * within_strokes(steps, strokes.num_points)).sum() / 1000


class LengthTerm(TermConfig):
    """Spare ink: the length of the strokes counts as a loss."""

    type: Literal["length"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Length:
        return Length()
