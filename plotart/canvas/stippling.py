"""Points as dense as a density says, and evenly spread: weighted Voronoi stippling (Secord, 2002).

They begin as a stratified sample along a Hilbert curve (He and Owen, "Extensible grids: uniform sampling on a space
filling curve", 2016), which is near to even already; then each goes to the centroid of what is nearest to it, some
times over (Lloyd's iterations). Where cells weigh as the density does, that ends with points as dense as its root
(Gersho, "Asymptotically optimal block quantization", 1979), so that here they weigh as its square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

#: Cells of a raster for each point that is to be placed by it; at least, and at most.
CELLS_PER_POINT, FEWEST_CELLS, MOST_CELLS = 24, 1 << 14, 1 << 20

#: Lloyd's iterations; the sample that they begin with needs few.
ITERATIONS = 15

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Raster:
    """Square cells, about, over a rectangle of the page: left, top, right, bottom in mm."""

    box: tuple[float, float, float, float]
    rows: int
    columns: int

    @classmethod
    def fit_for(cls, points: int, box: tuple[float, float, float, float]) -> Raster:
        """As fine as that many points need."""
        left, top, right, bottom = box
        cells = min(max(CELLS_PER_POINT * points, FEWEST_CELLS), MOST_CELLS)
        rows = min(max(1, round(math.sqrt(cells * (bottom - top) / (right - left)))), cells)
        return cls(box, rows, max(1, cells // rows))

    @property
    def centers(self) -> Array:
        """[rows, columns, 2] mm."""
        left, top, right, bottom = self.box
        x = left + (np.arange(self.columns) + 0.5) * ((right - left) / self.columns)
        y = top + (np.arange(self.rows) + 0.5) * ((bottom - top) / self.rows)
        return np.stack(np.meshgrid(x, y), axis=-1)

    @property
    def cell(self) -> Array:
        """[2] mm: width and height of a cell."""
        left, top, right, bottom = self.box
        return np.array([(right - left) / self.columns, (bottom - top) / self.rows])


def stipple(density: Array, raster: Raster, count: int, random: torch.Generator) -> Array:
    """[count, 2] mm: points as dense as `density` [rows, columns], any unit, is; none begins where that is 0.

    They come along a Hilbert curve. Raises ValueError where it is 0 everywhere.
    """
    if not density.any():
        raise ValueError("a density of 0 everywhere")
    row, column = density.nonzero()
    along = np.argsort(_hilbert(column, row), kind="stable")
    row, column = row[along], column[along]
    weights, centers = density[row, column], raster.centers[row, column]
    points = _sample(weights, centers, raster, count, random)
    for _ in range(ITERATIONS):
        points = points + toward_centroids(points, centers, weights**2)[0]
    return points


def toward_centroids(points: Array, centers: Array, weights: Array) -> tuple[Array, Array]:
    """The way [n, 2] from each of the points [n, 2] to the centroid of what lies nearest to it among the cells at
    `centers` [m, 2] of `weights` [m], and the weight [n] of that; no way where nothing does."""
    from scipy.spatial import KDTree

    nearest = KDTree(points).query(centers)[1]
    mass: Array = np.bincount(nearest, weights, len(points)).astype(np.float64)
    offsets = weights[:, None] * (centers - points[nearest])
    moments = np.stack([np.bincount(nearest, offsets[:, axis], len(points)) for axis in (0, 1)], axis=1)
    return np.divide(moments, mass[:, None], out=np.zeros_like(moments), where=mass[:, None] > 0), mass


def _sample(weights: Array, centers: Array, raster: Raster, count: int, random: torch.Generator) -> Array:
    """One point in each of `count` strata of equal weight, anywhere within the cell that it falls into."""
    share, x, y = _uniform(count, 3, random)
    rising = np.cumsum(weights)
    cells = np.searchsorted(rising, (np.arange(count) + share) / count * rising[-1], side="right")
    return centers[np.minimum(cells, len(weights) - 1)] + (np.stack([x, y], axis=1) - 0.5) * raster.cell


def _uniform(count: int, rows: int, random: torch.Generator) -> Array:
    drawn: Tensor = torch.rand(rows, count, generator=random, dtype=torch.float64)
    return np.asarray(drawn.numpy())


def _hilbert(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """How far along the Hilbert curve of the least square of 2^k cells a side the cells (x, y) lie."""
    place = np.zeros_like(x)
    side = 1 << max(int(x.max()), int(y.max())).bit_length()
    while side > 1:
        side >>= 1
        right, below = x >= side, y >= side
        place += side * side * ((3 * right) ^ below)
        x, y = x % side, y % side
        # The curve of each of the two upper quarters is turned, so that it ends where the next one begins.
        turned = ~below & right
        x, y = np.where(turned, side - 1 - x, x), np.where(turned, side - 1 - y, y)
        x, y = np.where(below, x, y), np.where(below, y, x)
    return place
