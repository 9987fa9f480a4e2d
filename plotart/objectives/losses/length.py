"""Length: spare ink."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.geometry.cubics import within_strokes
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm


class Length(StrokeTerm):
    """Metres of ink: the length of all strokes' control polygons, an upper bound of the curves'."""

    name = "length"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        steps = strokes.points.diff(dim=0).square().sum(dim=1).clamp_min(1e-12).sqrt()
        there = strokes.gated(torch.ones_like(strokes.widths))
        there = there.repeat_interleave(strokes.num_points, output_size=len(strokes.points))[:-1]
        return (steps * there * within_strokes(steps, strokes.num_points)).sum() / 1000
