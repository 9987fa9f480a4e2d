"""What lies near what, at a cost that is linear in the number of points while these are spread over a page."""

from __future__ import annotations

import torch
from torch import Tensor

#: Points of a row of three cells that are looked at; more than these lie there in a blot alone.
_CROWD = 24


def near_pairs(points: Tensor, reach: float) -> tuple[Tensor, Tensor]:
    """points [n, 2] -> the indices i, j [m] of all pairs that are less than `reach` apart, each once.

    On the host by a k-d tree; elsewhere by a list of cells, in which a cell's row of three is cut off at 24 points, so
    that the host need not wait to know how many there are.
    """
    if points.device.type == "cpu":
        return _by_tree(points, reach)
    return _by_cells(points, reach)


def _by_tree(points: Tensor, reach: float) -> tuple[Tensor, Tensor]:
    from scipy.spatial import cKDTree

    # A tree that is not balanced is built in a third of the time, and strokes lie evenly enough.
    tree = cKDTree(points.detach().double().numpy(), balanced_tree=False, compact_nodes=False)
    pairs = torch.from_numpy(tree.query_pairs(reach, output_type="ndarray"))
    return pairs[:, 0], pairs[:, 1]


def _by_cells(points: Tensor, reach: float) -> tuple[Tensor, Tensor]:
    """As `_by_tree`; pairs that are too far apart, or that there are not, stand as a point with itself."""
    points = points.detach()
    cell = (points / reach).floor().long()
    cell = cell - cell.amin(dim=0) + 1
    columns = cell[:, 0].amax() + 2
    key, order = torch.sort(cell[:, 1] * columns + cell[:, 0], stable=True)
    place = torch.arange(len(points), device=points.device)
    found = []
    # Pairs are found from the one that comes first in the order of cells: in its own row, and in the row below.
    for row, first in ((0, 0), (1, -1)):
        begin = torch.searchsorted(key, key + row * columns + first) if row else place + 1
        end = torch.searchsorted(key, key + row * columns + 1, right=True)
        other = begin[:, None] + torch.arange(_CROWD, device=points.device)
        there = other < end[:, None]
        other = torch.where(there, other, place[:, None])
        apart = (points[order[other]] - points[order][:, None]).square().sum(dim=2)
        found.append(torch.where(apart < reach**2, other, place[:, None]))
    other = torch.cat(found, dim=1)
    return order.repeat_interleave(other.shape[1]), order[other.flatten()]
