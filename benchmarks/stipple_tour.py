"""The usual script: weighted Voronoi stippling by Lloyd's iteration (Secord 2002), then one line through all points by
a nearest-neighbour tour and 2-opt (Bosch and Herman 2004). Plain NumPy, SciPy and Numba; nothing of plotart's."""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.spatial import cKDTree

#: Known neighbours of each point, for tour and 2-opt.
NEIGHBOURS = 10


def stipple(density: np.ndarray, count: int, iterations: int, seed: int) -> np.ndarray:
    """[count, 2] points x, y in px, by weights density [H, W]."""
    random = np.random.default_rng(seed)
    height, width = density.shape
    pixels = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1).reshape(-1, 2)
    weights = density.ravel() + 1e-9
    points = pixels[random.choice(len(pixels), count, p=weights / weights.sum())] + random.uniform(
        -0.5, 0.5, (count, 2)
    )
    for _ in range(iterations):
        nearest = cKDTree(points).query(pixels)[1]
        mass = np.bincount(nearest, weights, count)
        sums = [np.bincount(nearest, weights * pixels[:, k], count) for k in (0, 1)]
        filled = mass > 0
        points[filled] = np.stack(sums, axis=-1)[filled] / mass[filled, None]
    return points


def tour(points: np.ndarray) -> np.ndarray:
    """The points in the order of one open line."""
    neighbours = cKDTree(points).query(points, k=min(NEIGHBOURS + 1, len(points)))[1][:, 1:].astype(np.int64)
    order = _nearest_neighbour(points, neighbours)
    while True:
        while _two_opt(points, neighbours, order):
            order = order[::-1].copy()  # the edges that end at a point are as good to begin with as those that leave it
        ring = points[np.append(order, order[0])]
        longest = int(np.hypot(*np.diff(ring, axis=0).T).argmax())
        if longest == len(order) - 1:
            return points[order]
        order = np.roll(order, -longest - 1)  # the line's ends are joined, and it is opened where it leaps furthest


@njit(cache=True)
def _distance(points: np.ndarray, a: int, b: int) -> float:
    return np.hypot(points[a, 0] - points[b, 0], points[a, 1] - points[b, 1])


@njit(cache=True)
def _nearest_neighbour(points: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    count = len(points)
    order = np.empty(count, np.int64)
    free = np.ones(count, np.bool_)
    here = 0
    for place in range(count):
        order[place], free[here] = here, False
        following, least = -1, np.inf
        for other in neighbours[here]:
            if free[other]:
                following = other
                break
        if following < 0:
            for other in range(count):
                if free[other] and _distance(points, here, other) < least:
                    following, least = other, _distance(points, here, other)
        here = following
    return order


@njit(cache=True)
def _two_opt(points: np.ndarray, neighbours: np.ndarray, order: np.ndarray) -> bool:
    """Once along the line: an edge and another, or the line's end, are exchanged where that makes the line shorter, of
    the new edges one from a point to a near neighbour. Whether any were."""
    count = len(order)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    better = False
    for i in range(count - 1):
        a, b = order[i], order[i + 1]
        for c in neighbours[a]:
            if _distance(points, a, c) >= _distance(points, a, b):
                break
            j = place[c]
            gain = _distance(points, a, b) - _distance(points, a, c)
            if j + 1 < count:
                d = order[j + 1]
                gain += _distance(points, c, d) - _distance(points, b, d)
            elif j < i:
                continue
            if gain > 1e-9:
                low, high = min(i, j) + 1, max(i, j)
                order[low : high + 1] = order[low : high + 1][::-1].copy()
                for k in range(low, high + 1):
                    place[order[k]] = k
                better = True
                break
    return better
