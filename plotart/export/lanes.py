"""Marks as lanes: lines side by side that a nib fills them with."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotart.export.hatch import hatch
from plotart.export.layered import Line
from plotart.export.painting import Mark

#: Nibs beyond whole ones that a mark may be broad before it gets one lane more: what is left bare then is hardly seen.
SPARE = 0.2

#: Nibs between the lines of a hatch that leaves nothing bare, and its angle to the page.
SOLID, ANGLE = 0.94, 45.0

#: Nibs from a shape's edge to where its hatch ends, so that its lines' ends touch those of the outline.
INNER = 1.4

#: mm: a ring's sides are told apart at points that far from each other.
STEP = 0.5


@dataclass(frozen=True, eq=False)
class Lane:
    """A line [n, 2] in mm and its place among the lanes of its mark, from one side to the other."""

    line: Line
    place: int


@dataclass(frozen=True, eq=False)
class Lanes:
    """The lanes of a mark, how many there are from side to side, and how broad each is in mm."""

    lanes: tuple[Lane, ...]
    count: int
    pitch: float


def lanes_of(mark: Mark, nib: float) -> Lanes:
    """Lanes that fill the mark for a nib of that width in mm: along a stroke as many as it is broad, across what a
    shape encloses a hatch, and its outline."""
    if mark.is_fill:
        return _filling(mark.area, nib)
    count = max(1, math.ceil(mark.width / nib - SPARE))
    pitch = mark.width / count
    found = [Lane(line, count // 2) for line in mark.lines] if count % 2 else []
    for ring in range(count // 2):
        # The lanes of a ring, to either side of the middle.
        inset = (ring + 0.5) * pitch
        for line in _rings(mark.area.buffer(-inset, quad_segs=8)):
            found += [Lane(part, count - 1 - ring if left else ring) for part, left in _sides(line, mark)]
    return Lanes(tuple(found), count, pitch)


def _filling(area: Any, nib: float) -> Lanes:
    pitch = SOLID * nib
    outline = [Lane(line, 0) for line in _rings(area.buffer(-nib / 2))]
    inner = area.buffer(-INNER * nib) if outline else area
    lines = [Lane(line, place) for place, line in hatch(inner, pitch, ANGLE)]
    return Lanes((*outline, *lines), len(lines) + len(outline), pitch)


def _rings(area: Any) -> Iterator[Line]:
    import shapely

    for part in shapely.get_parts(area):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield from (shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors))


def _sides(ring: Line, mark: Mark) -> list[tuple[Line, bool]]:
    """The parts of a ring around a stroke's middle, each with whether it is to the left of it."""
    import shapely

    dense = shapely.get_coordinates(shapely.segmentize(shapely.LineString(ring), STEP))
    left = _left_of(dense[:-1], mark)
    turns = np.flatnonzero(left != np.roll(left, 1))
    if not len(turns):
        return [(ring, bool(left[0]))]
    # Begun where a side begins, so that no part goes over the ring's end.
    dense, left = np.roll(dense[:-1], -turns[0], axis=0), np.roll(left, -turns[0])
    bounds = [*np.flatnonzero(left != np.roll(left, 1)).tolist(), len(left)]
    dense = np.concatenate([dense, dense[:1]])
    return [(dense[a : b + 1], bool(left[a])) for a, b in pairwise(bounds)]


def _left_of(points: Line, mark: Mark) -> NDArray[np.bool_]:
    """[n] whether points [n, 2] lie to the left of the mark's nearest line."""
    import shapely

    lines = np.array([shapely.LineString(line) for line in mark.lines])
    near = np.zeros(len(points), int)
    spots = shapely.points(points)
    if len(lines) > 1:
        near = shapely.distance(lines[:, None], spots[None]).argmin(axis=0)
    along = shapely.line_locate_point(lines[near], spots)
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(lines[near], along + step)) for step in (-0.05, 0.05)
    ]
    ahead, to = ends[1] - ends[0], points - ends[0]
    return ahead[:, 0] * to[:, 1] - ahead[:, 1] * to[:, 0] < 0
