"""The ground that words and guests have for themselves, and lines cut at its edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from plotart.export.clip import Curve, part_of
from plotart.export.layered import Line
from plotart.export.lettering.choices import Hides
from plotart.geometry.fixed import DECIMALS

#: mm: how far lines that curves are cut by may be from them.
TOLERANCE = 0.005

#: Straight pieces of a quarter of a round corner.
QUARTER = 16


def around_lines(lines: Sequence[Line], distance: float, *, hides: Hides = "lines") -> Any:
    """What lies within `distance` mm of the lines [n, 2], and with `hides` "shape" within closed ones too."""
    import shapely

    paths = shapely.union_all([shapely.linestrings(line) for line in lines])
    shapes = [paths]
    if hides == "shape":
        shapes.append(shapely.union_all(shapely.get_parts(shapely.polygonize([paths]))))
    return shapely.union_all([shapely.buffer(shape, distance, quad_segs=QUARTER) for shape in shapes])


def around_box(corners: Line, distance: float) -> Any:
    """What lies within `distance` mm of a box [4, 2]."""
    import shapely

    return shapely.buffer(shapely.polygons(corners), distance, quad_segs=QUARTER)


def ground_text(shapes: Sequence[Any]) -> str:
    """All the shapes together as WKT; "" for none."""
    import shapely

    whole = shapely.union_all(list(shapes))
    return "" if whole.is_empty else shapely.to_wkt(whole, rounding_precision=DECIMALS)


def clear_of(curves: Sequence[Curve], ground: Any, nib: float) -> list[Curve]:
    """The parts of chains [3 s + 1, 2] that a nib `nib` mm wide can draw without touching the ground, in order.

    A chain that keeps clear of it comes back as it is.
    """
    import shapely

    if ground.is_empty:
        return list(curves)
    grown = shapely.buffer(ground, nib / 2 + TOLERANCE, quad_segs=QUARTER)
    shapely.prepare(grown)
    return [part for curve in curves for part in _parts(curve, grown)]


def _parts(curve: Curve, area: Any) -> list[Curve]:
    import shapely

    at, points = _flat(curve)
    pieces = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    touched = np.flatnonzero(shapely.intersects(area, pieces))
    if not len(touched):
        return [curve]
    inside, owner = shapely.get_parts(shapely.intersection(pieces[touched], area), return_index=True)
    ends = shapely.get_coordinates(shapely.get_point(inside, [[0], [-1]])).reshape(2, -1, 2)
    is_line = shapely.get_type_id(inside) == 1
    owner = touched[owner[is_line]]
    whole = np.hypot(*(points[owner + 1] - points[owner]).T)
    share = np.hypot(*np.moveaxis(ends - points[owner], -1, 0)) / np.maximum(whole, 1e-12)
    spans = at[owner] + share.clip(0, 1) * (at[owner + 1] - at[owner])
    return [part_of(curve, start, end) for start, end in _between(np.sort(spans.T, axis=1), float(at[-1]))]


def _flat(curve: Curve) -> tuple[Curve, Curve]:
    """Points [n, 2] along a chain, and where on it they are [n]: cubic k goes from k to k + 1."""
    at, points = [np.zeros(1)], [curve[:1]]
    for number in range((len(curve) - 1) // 3):
        p = curve[3 * number : 3 * number + 4]
        bend = max(np.hypot(*(p[0] - 2 * p[1] + p[2])), np.hypot(*(p[1] - 2 * p[2] + p[3])))
        t = np.linspace(0, 1, max(1, int(np.ceil(np.sqrt(0.75 * bend / TOLERANCE)))) + 1)[1:, None]
        points.append((1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3])
        at.append(number + t[:, 0])
    return np.concatenate(at), np.concatenate(points)


def _between(spans: Curve, end: float) -> list[tuple[float, float]]:
    """What lies between sorted spans [k, 2], from 0 to `end`; spans may touch."""
    found, done = [], 0.0
    for start, stop in sorted(map(tuple, spans.tolist())):
        if start - done > 1e-6:
            found.append((done, start))
        done = max(done, stop)
    return [*found, (done, end)] if end - done > 1e-6 else found
