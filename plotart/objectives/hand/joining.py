"""Joining: ends that nearly meet, meet, in one direction and in one pen."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.geometry.ends import ends
from plotart.geometry.near import near_pairs
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm

#: What a pair of ends costs that meet back to back, in a direct line 0; of the same kind as their distance over reach.
TURN = 0.7

#: A pair that costs more does not want to be joined.
DEAREST = 1.6

#: Of a pair's loss: what the turn and the two pens count for, besides the square of the distance over reach.
_TURN, _PENS = 0.15, 1.0


def meeting_ends(points: Tensor, tangents: Tensor, reach: float) -> Tensor:
    """Ends [n, 2] mm and outward unit tangents there -> [n] int64: the end that each meets, or -1.

    Two ends meet that are each other's first choice: at the least cost  distance / reach + 0.7 (1 + t . t'),  nearer
    than `reach`.
    """
    i, j = near_pairs(points, reach)
    cost = _cost(points[i], points[j], tangents[i], tangents[j], reach).masked_fill(i == j, torch.inf)
    end, other, cost = torch.cat([i, j]), torch.cat([j, i]), torch.cat([cost, cost])
    least = cost.new_full((len(points),), torch.inf).scatter_reduce(0, end, cost, "amin")
    first = (cost == least[end]) & (cost < DEAREST)
    # Of equal costs the end with the highest number is taken, whatever the order that they come in.
    none = torch.full((len(points),), -1, device=points.device)
    choice = none.scatter_reduce(0, end, torch.where(first, other, -1), "amax")
    back = choice[choice.clamp_min(0)] == torch.arange(len(points), device=points.device)
    return torch.where((choice >= 0) & back, choice, -1)


def _cost(a: Tensor, b: Tensor, tangent: Tensor, other: Tensor, reach: float) -> Tensor:
    return (a - b).square().sum(dim=1).sqrt() / reach + TURN * (1 + (tangent * other).sum(dim=1))


class Joining(StrokeTerm):
    """Mean over all ends, for pairs that are each other's first choice within `reach` mm, of
    (d / reach)² + 0.15 (1 + t . t') + 1 - shares . shares',  d the distance and t the outward tangents: so that curves
    are drawn in one go, and in one pen."""

    name = "joining"

    def __init__(self, reach: float) -> None:
        self.reach = reach

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        points, tangents = ends(strokes.points, strokes.num_points)
        other = meeting_ends(points.detach(), tangents.detach(), self.reach)
        met, other, shares = (other >= 0).to(points), other.clamp_min(0), strokes.shares.repeat_interleave(2, dim=0)
        apart = (points - points[other]).square().sum(dim=1) / self.reach**2
        turn = 1 + (tangents * tangents[other]).sum(dim=1)
        pens = 1 - (shares * shares[other]).sum(dim=1)
        return (met * (apart + _TURN * turn + _PENS * pens)).sum() / max(1, len(points))
