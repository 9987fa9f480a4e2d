"""What paths enclose, by SVG's two rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from plotart.export.layered import Line

Rule = Literal["nonzero", "evenodd"]

#: Pairs of faces and edges that are looked at together.
BATCH = 2_000_000


def filled_area(lines: Sequence[Line], rule: Rule) -> Any:
    """A shapely geometry of what the lines [n, 2], closed where they aren't, enclose."""
    import shapely

    rings = [np.concatenate([line, line[:1]]) for line in lines if len(line) > 2]
    if not rings:
        return shapely.Polygon()
    if len(rings) == 1 and (simple := shapely.Polygon(rings[0])).is_valid:
        return simple
    faces = np.array(shapely.get_parts(shapely.polygonize([shapely.union_all([shapely.LineString(r) for r in rings])])))
    if not len(faces):
        return shapely.Polygon()
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    turns = _windings(inside, rings)
    return shapely.union_all(faces[turns % 2 != 0 if rule == "evenodd" else turns != 0])


def _windings(points: NDArray[np.float64], rings: Sequence[Line]) -> NDArray[np.int64]:
    """[n] how often the rings go around each of the points [n, 2]."""
    start = np.concatenate([ring[:-1] for ring in rings])
    end = np.concatenate([ring[1:] for ring in rings])
    found = []
    for part in np.array_split(points, -(-len(points) * len(start) // BATCH)):
        x, y = part[:, 0, None], part[:, 1, None]
        side = (end[:, 0] - start[:, 0]) * (y - start[:, 1]) - (x - start[:, 0]) * (end[:, 1] - start[:, 1])
        up = (start[:, 1] <= y) & (end[:, 1] > y) & (side > 0)
        down = (start[:, 1] > y) & (end[:, 1] <= y) & (side < 0)
        found.append(up.sum(axis=1, dtype=np.int64) - down.sum(axis=1, dtype=np.int64))
    return np.concatenate(found)
