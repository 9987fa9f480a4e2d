"""Areas filled with straight lines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from plotart.export.layered import Line


def hatch(area: Any, pitch: float, degrees: float = 0.0) -> list[tuple[int, Line]]:
    """Lines [2, 2] in mm `pitch` mm apart across a shapely area, each with its place among all there could be: areas
    of one pitch and angle have theirs on the same lines."""
    import shapely
    from shapely import affinity

    if area.is_empty:
        return []
    level = affinity.rotate(area, -degrees, origin=(0, 0))
    left, top, right, bottom = level.bounds
    places = np.arange(math.ceil(top / pitch), math.floor(bottom / pitch) + 1)
    ends = np.array([[(left - 1, place * pitch), (right + 1, place * pitch)] for place in places]).reshape(-1, 2, 2)
    if not len(places):
        middle = (top + bottom) / 2
        places, ends = np.array([round(middle / pitch)]), np.array([[(left - 1, middle), (right + 1, middle)]])
    shapely.prepare(level)
    parts, owner = shapely.get_parts(shapely.intersection(shapely.linestrings(ends), level), return_index=True)
    # What no line meets is an empty line.
    straight = (shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)
    turn = math.radians(degrees)
    back = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    found = zip(places[owner[straight]].tolist(), parts[straight], strict=True)
    return [(place, shapely.get_coordinates(part)[[0, -1]] @ back) for place, part in found]
