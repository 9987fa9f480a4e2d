"""How the light falls on a sheet, from places where it is bare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: The polynomial's degrees, the first for which there are enough places.
DEGREES = (3, 2, 1)

#: Places for each of its terms.
PLACES_PER_TERM = 2.5


@dataclass(frozen=True)
class LightField:
    """Light of bare paper as a polynomial of the place: `terms` [n, 3], one column a channel.

    size: the page in mm; uneven: how far the readings it was made of lie from it, root mean square, as a share.
    """

    terms: Array
    degree: int
    size: tuple[float, float]
    uneven: float

    def at(self, points: Array) -> Array:
        """Points [..., 2] in mm -> linear light [..., 3] of bare paper there."""
        return _basis(points, self.size, self.degree) @ self.terms


def fit_light(points: Array, light: Array, size: tuple[float, float]) -> LightField:
    """The field through readings [n, 3] of linear light at places [n, 2] mm of a page of `size` mm.

    Least squares; places that lie far from it, as where somebody spilt ink, are left out and it is fitted again.
    """
    count = len(points)
    degree = next((d for d in DEGREES if count >= PLACES_PER_TERM * (d + 1) * (d + 2) / 2), 0)
    basis = _basis(points, size, degree)
    kept = np.ones(count, dtype=bool)
    for _ in range(4):
        terms = np.asarray(np.linalg.lstsq(basis[kept], light[kept], rcond=None)[0], dtype=float)
        off = np.abs(light / np.maximum(basis @ terms, 1e-6) - 1).max(axis=1)
        kept = off <= max(0.01, 4 * float(np.median(off)))
    return LightField(terms, degree, size, float(np.sqrt((off[kept] ** 2).mean())))


def _basis(points: Array, size: tuple[float, float], degree: int) -> Array:
    """Products of powers [..., n] up to `degree`, of places in -1..1."""
    x, y = np.moveaxis(points / size * 2 - 1, -1, 0)
    return np.stack([x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)], axis=-1)
