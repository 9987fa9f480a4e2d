"""Cubic Béziers as polylines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bezier_points(control: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """A stroke [3 s + 1, 2] as a polyline [n, 2] within `tolerance` (the points' unit) of the curve.

    The number of pieces follows Wang's bound: sqrt(3/4 * largest second difference / tolerance).
    """
    pieces: list[NDArray[np.float64]] = [control[:1]]
    for start in range(0, len(control) - 1, 3):
        p = control[start : start + 4]
        bend = max(np.hypot(*(p[0] - 2 * p[1] + p[2])), np.hypot(*(p[1] - 2 * p[2] + p[3])))
        n = max(1, int(np.ceil(np.sqrt(0.75 * bend / tolerance))))
        t = np.linspace(0, 1, n + 1)[1:, None]
        pieces.append((1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3])
    return np.concatenate(pieces)
