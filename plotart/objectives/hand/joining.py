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


def meeting_ends(points: Tensor, tangents: Tensor, reach: float, dearest: float = DEAREST) -> tuple[Tensor, Tensor]:
    """Ends [n, 2] mm and outward unit tangents there -> the indices i, j [m] of those that are each other's first
    choice: at least cost  distance / reach + 0.7 (1 + t . t'),  below `dearest`, nearer than `reach`."""
    i, j = near_pairs(points, reach)
    cost = _cost(points[i], points[j], tangents[i], tangents[j], reach).masked_fill(i == j, torch.inf)
    both, other = torch.cat([i, j]), torch.cat([j, i])
    twice = torch.cat([cost, cost])
    least = torch.full((len(points),), torch.inf, device=points.device, dtype=cost.dtype)
    least = least.scatter_reduce(0, both, twice, "amin")
    first = (twice == least[both]) & (twice < dearest)
    choice = torch.full((len(points),), -1, device=points.device)
    # Of equal costs the end with the highest number is taken, whatever the order that they come in.
    choice = choice.scatter_reduce(0, torch.where(first, both, 0), torch.where(first, other, -1), "amax")
    mutual = (choice >= 0) & (choice[choice] == torch.arange(len(points), device=points.device))
    one = mutual & (choice > torch.arange(len(points), device=points.device))
    here = one.nonzero().flatten()
    return here, choice[here]


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
        i, j = meeting_ends(points.detach(), tangents.detach(), self.reach)
        shares = strokes.shares
        apart = (points[i] - points[j]).square().sum(dim=1) / self.reach**2
        turn = 1 + (tangents[i] * tangents[j]).sum(dim=1)
        pens = 1 - (shares[i // 2] * shares[j // 2]).sum(dim=1)
        return 2 * (apart + _TURN * turn + _PENS * pens).sum() / max(1, len(points))
