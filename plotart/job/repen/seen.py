"""The lanes of a picture that can be seen: who lies on top owns the place, and nobody draws below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plotart.export.hidden import Cover
from plotart.export.lanes import lanes_of
from plotart.export.layered import Line
from plotart.export.painting import Mark, Painting
from plotart.export.polyline import length, part
from plotart.pens import PenSet

#: Opacity from which a mark owns the place where it is; a fainter one only tints what is drawn below it.
OWNS = 0.5

#: Nibs that a lane may be too narrow for one.
NARROW = 1.2

#: Nibs of a hidden part between two visible ones, from which on it is left out, and of the shortest part that is drawn.
GAP, SHORTEST = 1.2, 0.6


@dataclass(frozen=True, eq=False)
class Seen:
    """A visible part of a lane: its line [n, 2] in mm, its place among `lanes` of its mark, each `pitch` mm broad, and
    the mark's place in the picture."""

    line: Line
    place: int
    lanes: int
    pitch: float
    mark: int


def seen_lanes(painting: Painting, pens: PenSet) -> list[Seen]:
    """What is drawn of each mark, the topmost first: where a mark covers others they aren't; faint marks are drawn
    where nothing else is."""
    broadest = max(pen.width for pen in pens)
    cover = Cover(broadest, GAP * broadest)
    strong = [place for place, mark in enumerate(painting.marks) if mark.opacity >= OWNS]
    faint = [place for place, mark in enumerate(painting.marks) if mark.opacity < OWNS]
    found: list[Seen] = []
    for place in (*reversed(strong), *reversed(faint)):
        mark = painting.marks[place]
        if not mark.area.is_empty:
            found += _seen(place, mark, painting, nib_for(mark, pens), cover)
            cover.add_area(mark.area)
    return found


def nib_for(mark: Mark, pens: PenSet) -> float:
    """mm: the broadest nib that the mark has room for, else the narrowest."""
    widths = sorted(pen.width for pen in pens)
    return widths[-1] if mark.is_fill else max((w for w in widths if w <= NARROW * mark.width), default=widths[0])


def _seen(place: int, mark: Mark, painting: Painting, nib: float, cover: Cover) -> Iterator[Seen]:
    import shapely

    lanes = lanes_of(mark, nib)
    inset = nib / 2
    left, top, right, bottom = painting.bounds
    box = (left + inset, top + inset, right - inset, bottom - inset)
    cut = [
        (shapely.get_coordinates(piece), lane.place)
        for lane in lanes.lanes
        for piece in shapely.get_parts(shapely.clip_by_rect(shapely.LineString(lane.line), *box))
        if piece.geom_type == "LineString"
    ]
    spans = cover.seen([line for line, _ in cut], 0.0)
    for (line, at), kept in zip(cut, spans, strict=True):
        for start, end in kept:
            # A mark that is a dot as a whole stays one.
            if end - start >= min(SHORTEST * nib, length(line)):
                yield Seen(part(line, start, end), at, lanes.count, lanes.pitch, place)
