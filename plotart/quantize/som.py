"""A palette from a self-organising map of one dimension: neighbours along it look alike.

The batch form (Kohonen 2001: Self-organizing maps, 3.6): in every epoch all units move at once, each to the mean of
the points, weighted by how near their own units lie along the map. The neighbourhood shrinks until every unit is alone
with its points; one that stayed wide would leave units that are nearly the same, and one that was narrow from the
start, units without points, and no order. Nothing follows that heeds the map no longer.
"""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.color.spaces import Metric, to_space
from plotart.quantize.kmeans import nearest, relieved

#: Epochs in which the neighbourhood shrinks, and its reach in units at their end; it starts at a quarter of the map.
_SHRINKING, _NARROW = 110, 0.5

#: The epochs after them, and their reach, at which neighbours count for less than a hundred-thousandth. Many more would
#: draw the map apart for hardly less error.
_TUNING, _ALONE = 2, 0.2

#: The reach at which units move along the map, when its course is found and the neighbours still see to its order,
#: and the epochs from one time to the next.
_MOVING, _BETWEEN = (0.6, 1.5), 3


def grey_ramp(n: int, metric: Metric) -> Tensor:
    """[n, 3]: greys from white to black, where a map starts."""
    return to_space(torch.linspace(1, 0, n)[:, None].expand(n, 3), metric)


def self_organized(points: Tensor, weights: Tensor, start: Tensor) -> Tensor:
    """Units [n, 3] in the order of the map, for points [B, 3] with weights [B] in float64, from units at `start`.

    Units that are hardly missed move to where the error is large, while there is a neighbourhood, and take their place
    along the map there (as in growing maps: Fritzke 1994, Growing cell structures).
    """
    units, widest = start, max(len(start) / 4, _NARROW)
    for number in range(_SHRINKING):
        reach = widest * (_NARROW / widest) ** (number / (_SHRINKING - 1))
        if number % _BETWEEN == 0 and _MOVING[0] <= reach <= _MOVING[1]:
            for _ in range(max(1, len(units) // 16)):
                moved = relieved(points, weights, units)
                if moved is None:
                    break
                units = threaded(moved[0], [moved[1]])
        units = epoch(points, weights, units, reach)
    for _ in range(_TUNING):
        units = epoch(points, weights, units)
    return units


def epoch(points: Tensor, weights: Tensor, units: Tensor, reach: float = _ALONE) -> Tensor:
    """The units [n, 3] after all have moved once, with a neighbourhood (a Gaussian) of that reach in units."""
    n = len(units)
    steps = (torch.arange(n)[:, None] - torch.arange(n)).double()
    near = torch.exp(-0.5 * (steps / reach).square())
    owner = nearest(points, units)[0]
    total = near @ torch.bincount(owner, weights, n)
    sums = torch.stack([torch.bincount(owner, weights * channel, n) for channel in points.double().unbind(1)], 1)
    return torch.where(total[:, None] > 1e-9 * weights.sum(), (near @ sums / total[:, None]).to(units), units)


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
