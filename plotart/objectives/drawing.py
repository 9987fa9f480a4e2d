"""Terms that look at the strokes themselves; on a canvas of pixels they are zero."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.objectives.term import Look, Term


class Length(Term):
    """Metres of ink: the length of all strokes' control polygons, an upper bound of the curves'."""

    name = "length"

    def __call__(self, look: Look) -> Tensor:
        if look.points is None or look.num_points is None:
            return look.image.new_zeros(())
        steps = look.points.diff(dim=0).square().sum(dim=1).clamp_min(1e-12).sqrt()
        between_strokes = torch.cumsum(look.num_points, 0)[:-1] - 1
        keep = torch.ones_like(steps).index_fill(0, between_strokes, 0.0)
        return (steps * keep).sum() / 1000


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
        return ((low - look.points).clamp_min(0) + (look.points - high).clamp_min(0)).square().sum(dim=1).mean()
