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
        return (steps * _within_strokes(steps, look.num_points)).sum() / 1000


class Smoothness(Term):
    """Mean square of the control polygons' second differences, in units of 10 mm: bends, kinks and uneven spacing.

    Kinks at the joints of two cubics are second differences like any other, so that chains come out smooth.
    """

    name = "smoothness"

    def __call__(self, look: Look) -> Tensor:
        if look.points is None or look.num_points is None:
            return look.image.new_zeros(())
        steps = look.points.diff(dim=0) / 10
        inside = _within_strokes(steps[:, 0], look.num_points)
        both = (inside[1:] * inside[:-1])[:, None]
        return (steps.diff(dim=0) * both).square().sum() / both.sum().clamp_min(1)


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


def _within_strokes(steps: Tensor, num_points: Tensor) -> Tensor:
    """1 for each step [P - 1] between two points of one stroke, 0 for those from one stroke to the next."""
    between = torch.cumsum(num_points, 0)[:-1] - 1
    return torch.ones_like(steps).index_fill(0, between.to(steps.device), 0.0)
