"""How much ink lies where."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.geometry.cubics import along, cubics
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes

#: mm: about the side of a cell. Points along curves are half as far apart, but no cubic has more than so many.
CELL = 2.0
_MOST_POINTS = 128


def density(strokes: InkedStrokes, page: Page) -> Tensor:
    """[K, rows, columns]: layers of each pen's ink in the cells of the sheet, that is its area over the cell's.

    A line's ink is its length by its nib; round ends are left out. Differentiable in points, widths and shares.
    """
    (rows, columns), pens = _cells(page), strokes.shares.shape[1]
    curves, stroke = cubics(strokes.points, strokes.num_points)
    polygons = curves.detach().diff(dim=1).square().sum(dim=2).sqrt().sum(dim=1)
    count = _MOST_POINTS  # on a GPU, so that the host need not wait to know how many would do
    if polygons.device.type == "cpu":
        longest = float(polygons.max()) if len(polygons) else 0.0
        count = min(_MOST_POINTS, max(4, math.ceil(2 * longest / CELL)))
    lengths = along(curves, count, 1).square().sum(dim=2).clamp_min(1e-12).sqrt() / count
    ink = (lengths * strokes.gated(strokes.widths)[stroke, None])[..., None] * strokes.shares[stroke, None]
    places = along(curves, count).reshape(-1, 2)
    sheet = places.new_tensor([page.width, page.height])
    ink = ink.reshape(-1, pens) * ((places >= 0) & (places <= sheet)).all(dim=1, keepdim=True)
    size = places.new_tensor([columns, rows])
    # Each point's ink goes to the four cells next to it; at the sheet's edge some of them are one and the same.
    place = places * (size / sheet) - 0.5
    low = place.detach().floor()
    high_share = place - low
    found = ink.new_zeros(rows * columns, pens)
    for right in (0, 1):
        for down in (0, 1):
            step = low.new_tensor([right, down])
            share = (high_share * step + (1 - high_share) * (1 - step)).prod(dim=1, keepdim=True)
            cell = (low + step).clamp_min(0).minimum(size - 1).long()
            found = found.index_add(0, cell[:, 1] * columns + cell[:, 0], ink * share)
    return found.T.reshape(pens, rows, columns) * (rows * columns / (page.width * page.height))


def _cells(page: Page) -> tuple[int, int]:
    """Rows and columns of cells that the sheet has."""
    return max(1, round(page.height / CELL)), max(1, round(page.width / CELL))


def drawable(page: Page) -> Tensor:
    """[rows, columns]: how much of each cell lies inside the margins."""
    left, top, right, bottom = page.inner
    rows, columns = _cells(page)

    def within(low: float, high: float, length: float, cells: int) -> Tensor:
        edges = torch.arange(cells + 1) * (length / cells)
        return edges.clamp(low, high).diff() * (cells / length)

    return within(top, bottom, page.height, rows)[:, None] * within(left, right, page.width, columns)
