"""Spacing: lines side by side keep a distance, unless they mean to cross."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.geometry.cubics import cubics, pieces
from plotart.geometry.near import near_pairs
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm

#: Pieces that lines are cut into are so long, as a share of the distance that is to be kept.
_PIECE = 1.5

#: Two pieces lie side by side where one is no further along the other than this share of a piece.
_BESIDE = 0.6

#: Pairs whose directions differ by more than about 45 degrees cross, and cost nothing.
_CROSSING = 0.5


class Spacing(StrokeTerm):
    """The share of the drawn length that lies side by side with other ink, closer than `distance` mm: for each pair of
    pieces of lines  (1 - u / distance)  times how parallel they are (the square of the cosine, less a half, twice), u
    how far one is beside the other.

    Only what lies beside counts, so that lines are pushed apart and never along themselves, and that the pieces of one
    line are no neighbours. Cost and memory are linear in the ink.
    """

    name = "spacing"

    def __init__(self, distance: float) -> None:
        self.distance = distance

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        curves, stroke = cubics(strokes.points, strokes.num_points)
        places, steps, cubic = pieces(curves, _PIECE * self.distance)
        lengths = steps.square().sum(dim=1).clamp_min(1e-12).sqrt()
        i, j = near_pairs(places, self.distance * math.hypot(1, _BESIDE * _PIECE))
        tangents = (steps / lengths[:, None]).detach()
        cosine = (tangents[i] * tangents[j]).sum(dim=1)
        parallel = ((cosine.square() - _CROSSING) / (1 - _CROSSING)).clamp_min(0)
        middle = tangents[i] + torch.where(cosine < 0, -1.0, 1.0)[:, None] * tangents[j]
        middle = middle / middle.square().sum(dim=1, keepdim=True).clamp_min(1e-12).sqrt()
        away = places[i] - places[j]
        along = (away.detach() * middle).sum(dim=1).abs()
        beside = (away[:, 0] * middle[:, 1] - away[:, 1] * middle[:, 0]).abs()
        ink = lengths.detach() * strokes.gated(torch.ones_like(strokes.widths))[stroke][cubic]
        both = (ink[i] * ink[j]).clamp_min(1e-12).sqrt()
        counted = (along < _BESIDE * torch.minimum(lengths[i], lengths[j]).detach()) & (i != j)
        doubled = both * parallel * (1 - beside / self.distance).clamp_min(0) * counted
        return 2 * doubled.sum() / lengths.detach().sum().clamp_min(1e-6)
