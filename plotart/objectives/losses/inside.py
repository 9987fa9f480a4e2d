"""Inside: keep within the margins."""

from __future__ import annotations

from torch import Tensor

from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm


class Inside(StrokeTerm):
    """Mean square of the millimetres by which control points, with half a nib, lie outside the margins."""

    name = "inside"

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        left, top, right, bottom = page.inner
        nib = strokes.widths.repeat_interleave(strokes.num_points, output_size=len(strokes.points))[:, None] / 2
        low = strokes.points.new_tensor([left, top]) + nib
        high = strokes.points.new_tensor([right, bottom]) - nib
        beyond = (low - strokes.points).clamp_min(0) + (strokes.points - high).clamp_min(0)
        return beyond.square().sum() / max(1, len(beyond))
