"""How finely cubics are cut into straight pieces, and where the pieces end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: The most pieces of a cubic; one that needs more is far outside any image.
MOST_PIECES = 512

#: Straight cubics get this many, or one per block of length if that is fewer: only joints give inner control points
#: gradients.
FEWEST_PIECES = 5


def tolerance(oversample: int) -> float:
    """Largest distance between a cubic and the chords of its pieces, in blocks (see `plotart.render.cells`)."""
    return 0.1 if oversample == 1 else 0.026


def segment_starts(num_points: NDArray[np.int64]) -> NDArray[np.int64]:
    """[S] index of each cubic's first control point."""
    segments = (num_points - 1) // 3
    stroke_start = np.cumsum(num_points) - num_points
    first = np.repeat(stroke_start, segments)
    within = np.arange(int(segments.sum())) - np.repeat(np.cumsum(segments) - segments, segments)
    return first + 3 * within


def piece_counts(points: NDArray[np.floating], starts: NDArray[np.int64], tolerance: float) -> NDArray[np.int64]:
    """[S] pieces of equal parameter length for each cubic, by Wang's bound on the second differences.

    points in blocks. Wang, Guo-Zhao: The subdivision method for finding the intersection between two Bezier curves
    (1984): n = sqrt(d (d - 1) / 8 * max |second difference| / tolerance), here with degree d = 3.
    """
    p0, p1, p2, p3 = (points[starts + k].astype(np.float64) for k in range(4))
    bend = np.maximum(np.hypot(*(p0 - 2 * p1 + p2).T), np.hypot(*(p1 - 2 * p2 + p3).T))
    length = np.hypot(*(p1 - p0).T) + np.hypot(*(p2 - p1).T) + np.hypot(*(p3 - p2).T)
    fewest = np.minimum(np.ceil(length), FEWEST_PIECES)
    return np.clip(np.ceil(np.sqrt(0.75 * bend / tolerance)), np.maximum(fewest, 1), MOST_PIECES).astype(np.int64)


def joint_weights(t: float, n: int) -> tuple[float, float, float, float]:
    """Where a cubic of n pieces has a joint at the parameter t, as weights of its control points.

    Chords lie inside a curve, by 2/3 of C''/8n² on average. So the joints between a cubic's pieces are moved outwards
    by C''/12n². Pieces and curve then enclose equal areas, to the fourth order of 1/n; a third fewer pieces suffice.
    """
    q, r = 1 - t, 0.5 / (n * n)
    return (
        q * q * q - r * q,
        3 * q * q * t + r * (2 * q - t),
        3 * q * t * t + r * (2 * t - q),
        t * t * t - r * t,
    )
