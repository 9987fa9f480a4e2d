"""A palette from a self-organising map of one dimension: neighbours along it look alike.

The batch form (Kohonen 2001: Self-organizing maps, 3.6): in every epoch all units move at once, each to the mean of
the points, weighted by how near their own units lie along the map. The neighbourhood shrinks until every unit is alone
with its points; one that stayed wide would leave units that are nearly the same, and one that was narrow from the
start, units without points.
"""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.color.spaces import Metric, to_space
from plotart.quantize.kmeans import lloyd, mean_squared, nearest, patience, swapped

#: Epochs in which the neighbourhood shrinks, and its reach in units at their end; it starts at a quarter of the map.
_EPOCHS, _ALONE = 40, 0.3


def grey_ramp(n: int, metric: Metric) -> Tensor:
    """[n, 3]: greys from white to black, where a map starts."""
    return to_space(torch.linspace(1, 0, n)[:, None].expand(n, 3), metric)


def self_organized(points: Tensor, weights: Tensor, start: Tensor, *, random: torch.Generator) -> Tensor:
    """Units [n, 3] in the order of the map, for points [B, 3] with weights [B] in float64, from units at `start`.

    Where the map is fitted, units that are hardly missed move to where the error is large, if that lowers it, and
    take their place along the map there.
    """
    units, n = start, len(start)
    steps = (torch.arange(n)[:, None] - torch.arange(n)).double()
    for epoch in range(_EPOCHS):
        reach = max(n / 4, _ALONE) * (_ALONE / max(n / 4, _ALONE)) ** (epoch / (_EPOCHS - 1))
        near = torch.exp(-0.5 * (steps / reach).square())
        owner = nearest(points, units)[0]
        total = near @ torch.bincount(owner, weights, n)
        sums = torch.stack([torch.bincount(owner, weights * channel, n) for channel in points.double().unbind(1)], 1)
        units = torch.where(total[:, None] > 1e-9 * weights.sum(), (near @ sums / total[:, None]).to(units), units)
    units = lloyd(points, weights, units)
    error, vain = mean_squared(points, weights, units), 0
    while n > 1 and vain < patience(n) and error > 0:
        moved, unit = swapped(points, weights, units, *nearest(points, units), random=random)
        moved = lloyd(points, weights, threaded(moved, [unit]), most=6, rest=1e-3)
        found = mean_squared(points, weights, moved)
        if found < error * (1 - 1e-4):
            units, error, vain = moved, found, 0
        else:
            vain += 1
    return lloyd(points, weights, units)


def threaded(units: Tensor, moved: list[int]) -> Tensor:
    """The units [n, 3] in an order in which those `moved` stand where they make the way along the map least longer."""
    gone = set(moved)
    order = [unit for unit in range(len(units)) if unit not in gone]
    for unit in moved:
        way = units[order]
        to = (way - units[unit]).norm(dim=1)
        between = to[:-1] + to[1:] - (way[1:] - way[:-1]).norm(dim=1)
        order.insert(int(torch.cat([to[:1], between, to[-1:]]).argmin()) if order else 0, unit)
    return units[order]
