"""How finely cubics are cut into straight pieces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Largest distance between a cubic and its pieces, in px of the (oversampled) image.
TOLERANCE = 0.05

#: No cubic gets more pieces: what needs more lies far outside any image.
MOST_PIECES = 512


def segment_starts(num_points: NDArray[np.int64]) -> NDArray[np.int64]:
    """[S] index of each cubic's first control point."""
    segments = (num_points - 1) // 3
    stroke_start = np.cumsum(num_points) - num_points
    first = np.repeat(stroke_start, segments)
    within = np.arange(int(segments.sum())) - np.repeat(np.cumsum(segments) - segments, segments)
    return first + 3 * within


def piece_counts(points: NDArray[np.floating], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """[S] pieces of equal parameter length for each cubic, by Wang's bound on the second differences.

    Wang, Guo-Zhao: The subdivision method for finding the intersection between two Bezier curves (1984):
    n = sqrt(d (d - 1) / 8 * max |second difference| / tolerance), here with degree d = 3.
    """
    p0, p1, p2, p3 = (points[starts + k].astype(np.float64) for k in range(4))
    bend = np.maximum(np.hypot(*(p0 - 2 * p1 + p2).T), np.hypot(*(p1 - 2 * p2 + p3).T))
    return np.clip(np.ceil(np.sqrt(0.75 * bend / TOLERANCE)), 1, MOST_PIECES).astype(np.int64)
