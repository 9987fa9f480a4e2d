"""Matrices of thresholds for ordered dither: every number of 0 to n - 1 once, evenly spread over the matrix."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: Side of the blue-noise matrix, and the width of the Gaussian by which voids and clusters are told (Ulichney's 1.5).
SIDE, WIDTH = 64, 1.5


@lru_cache(maxsize=1)
def bayer() -> NDArray[np.float32]:
    """[8, 8] thresholds in 0..1, excluding both (Bayer 1973: An optimum method for two-level rendition)."""
    ranks = np.zeros((1, 1), dtype=np.int64)
    for _ in range(3):
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return _thresholds(ranks)


@lru_cache(maxsize=1)
def blue_noise() -> NDArray[np.float32]:
    """[64, 64] thresholds in 0..1, excluding both: those below any level lie evenly and without a pattern.

    The same ones always; made in a fraction of a second when first asked for.
    """
    return _thresholds(void_and_cluster(SIDE, WIDTH, np.random.default_rng(0)))


def void_and_cluster(side: int, width: float, random: np.random.Generator) -> NDArray[np.int64]:
    """[side, side] ranks 0 to side² - 1 (Ulichney 1993: The void-and-cluster method for dither array generation).

    A tenth of the places, chosen at random, is first spread evenly: the one in the tightest cluster moves to the
    largest void until it is there already. Taken away one by one, tightest first, they get the ranks from their number
    down to 0; then the largest void is filled, again and again, which gives all others. (Ulichney's third phase, which
    from half-full on looks for clusters of voids, is the same as filling the largest void, as the Gaussians of all
    places add up to a constant.)
    """
    away = np.minimum(np.arange(side), side - np.arange(side))
    # The Gaussian around place 0 twice over both ways, so that the one around any other place is a window of it.
    bell = np.tile(np.exp(-(away[:, None] ** 2 + away**2) / (2 * width**2)), (2, 2))

    def around(place: int) -> NDArray[np.float64]:
        row, column = divmod(place, side)
        return bell[side - row : 2 * side - row, side - column : 2 * side - column]

    taken = np.zeros(side * side, dtype=bool)
    taken[random.permutation(side * side)[: max(1, side * side // 10)]] = True
    crowd = sum((around(int(place)) for place in np.flatnonzero(taken)), np.zeros((side, side)))

    def tightest() -> int:
        return int(np.where(taken, crowd.ravel(), -np.inf).argmax())

    def emptiest() -> int:
        return int(np.where(taken, np.inf, crowd.ravel()).argmin())

    for _ in range(side * side):
        old = tightest()
        taken[old], crowd = False, crowd - around(old)
        new = emptiest()
        taken[new], crowd = True, crowd + around(new)
        if new == old:
            break
    ranks = np.zeros(side * side, dtype=np.int64)
    start, spread = taken.copy(), crowd.copy()
    first = int(taken.sum())
    for rank in range(first - 1, -1, -1):
        place = tightest()
        ranks[place], taken[place] = rank, False
        crowd = crowd - around(place)
    taken, crowd = start, spread
    for rank in range(first, side * side):
        place = emptiest()
        ranks[place], taken[place] = rank, True
        crowd = crowd + around(place)
    return ranks.reshape(side, side)


def _thresholds(ranks: NDArray[np.int64]) -> NDArray[np.float32]:
    values: NDArray[np.float32] = ((ranks + 0.5) / ranks.size).astype(np.float32)
    values.flags.writeable = False
    return values
