"""Polylines with fewer points, for boards that plan for themselves: longer moves let them look further ahead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotart.export.drawing import Line


def thinned(points: Line, stray: float) -> NDArray[np.intp]:
    """Indices of the points of a polyline [n, 2] without which it would stray further than so many mm; both ends are
    among them."""
    import shapely

    if len(points) < 3:
        return np.arange(len(points))
    fewer = shapely.get_coordinates(shapely.simplify(shapely.LineString(points), stray, preserve_topology=False))
    kept, at = [], 0
    for place in fewer:
        while not (points[at] == place).all():
            at += 1
        kept.append(at)
        at += 1
    kept[-1] = len(points) - 1
    return np.array(kept)
