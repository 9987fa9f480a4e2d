"""What opaque ink that is drawn later covers: parts of lines that nobody would see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotart.export.drawing import Line
from plotart.export.polyline import distances, part
from plotart.pens import Pen

#: mm: the side of the squares that the page is worked through in. Shapes in them stay small, which is what makes it
#: quick: overlaying takes more time than there are corners.
TILE = 12.0

#: Straight pieces of a quarter of a round end: a nib of 1 mm is drawn true to 2.4 um.
QUARTER = 8

#: mm of a band that may stick out where it counts as covered, half a plotter's step; without it a line would not cover
#: one of the same width that lies right below it.
SLACK = 0.005

#: mm: hidden parts between two visible ones that are shorter are drawn all the same. Raising and lowering the pen takes
#: longer than that, and leaves two more ends in the drawing.
SHORTEST_GAP = 1.0

#: mm: what is shorter than a coordinate's last decimal is no part by itself.
TINY = 0.001


def hides(pen: Pen) -> bool:
    """Whether nothing shows through the pen's ink."""
    return pen.ink == "opaque" and not any(pen.light.transmittance)


@dataclass(frozen=True)
class Visible:
    """Parts of lines that are seen, and the mm of the others; `lines` keep their order and direction."""

    lines: list[Line]
    hidden_mm: float


class Cover:
    """The paper below opaque lines: the union of their bands, each as wide as its nib and round at the ends.

    `broadest` is the width in mm of the broadest nib that lines which may be hidden are drawn with; hidden parts of
    less than `gap` mm between two visible ones are drawn all the same.
    """

    def __init__(self, broadest: float, gap: float = SHORTEST_GAP) -> None:
        self._reach, self._gap = broadest / 2, gap
        self._tiles: dict[tuple[int, int], Any] = {}

    def add(self, lines: Sequence[Line], width: float) -> None:
        """The lines [n, 2] in mm, drawn with a nib `width` mm wide, cover what they are drawn on."""
        import shapely

        # A band reaches half its width beyond its line; a tile has to know what lies within `reach` of its edges.
        margin = self._reach + width / 2
        paths = np.array([shapely.linestrings(line) for line in lines])
        for tile, box, found in _tiles(paths, margin):
            shapes = shapely.clip_by_rect(paths[found], *box)
            self._grow(tile, shapely.union_all(shapely.buffer(shapes, width / 2, quad_segs=QUARTER)))

    def add_area(self, area: Any) -> None:
        """So does a whole shapely geometry."""
        import shapely

        for tile, box, _ in _tiles(np.array([area]), self._reach):
            self._grow(tile, shapely.intersection(area, shapely.box(*box)))

    def _grow(self, tile: tuple[int, int], area: Any) -> None:
        if not area.is_empty:
            before = self._tiles.get(tile)
            self._tiles[tile] = area if before is None else before.union(area)

    def visible(self, lines: Sequence[Line], width: float) -> Visible:
        """What is seen of lines drawn before with a nib `width` mm wide: parts whose whole band is covered are not.

        A part is hidden where the nib's disc lies in the cover, that is where the line lies in the cover shrunk by half
        the nib's width. It counts as covered within SLACK mm.
        """
        if not self._tiles or not lines:
            return Visible(list(lines), 0.0)
        seen: list[Line] = []
        hidden_mm = 0.0
        for line, kept in zip(lines, self.seen(lines, width / 2 - SLACK), strict=True):
            whole = float(distances(line)[-1])
            seen.extend([line] if kept == [(0.0, whole)] else [part(line, start, end) for start, end in kept])
            hidden_mm += whole - sum(end - start for start, end in kept)
        return Visible(seen, hidden_mm)

    def seen(self, lines: Sequence[Line], radius: float) -> list[list[tuple[float, float]]]:
        """Of each line the spans, as mm along it, whose points have some of a disc of that `radius` mm uncovered."""
        lengths = [float(distances(line)[-1]) for line in lines]
        if not self._tiles or not lines:
            return [[(0.0, whole)] for whole in lengths]
        hidden = self._hidden(lines, radius)
        return [_outside(spans, whole, self._gap) for spans, whole in zip(hidden, lengths, strict=True)]

    def _hidden(self, lines: Sequence[Line], radius: float) -> list[NDArray[np.float64]]:
        """Of each line the hidden spans [k, 2], as mm along it, in no order."""
        import shapely

        counts = np.array([len(line) - 1 for line in lines])
        starts = np.concatenate([line[:-1] for line in lines])
        ends = np.concatenate([line[1:] for line in lines])
        along = np.concatenate([distances(line)[:-1] for line in lines])
        of = np.repeat(np.arange(len(lines)), counts)
        segments = shapely.linestrings(np.stack([starts, ends], axis=1))
        owners, spans = [np.zeros(0, np.int64)], [np.zeros((0, 2))]
        for tile, _, found in _tiles(segments, 0.0):
            if tile not in self._tiles:
                continue
            shrunk = shapely.buffer(self._tiles[tile], -radius, quad_segs=QUARTER)
            shapely.prepare(shrunk)
            found = found[shapely.intersects(shrunk, segments[found])]
            pieces, owner = shapely.get_parts(shapely.intersection(segments[found], shrunk), return_index=True)
            line_like = shapely.get_type_id(pieces) == 1
            pieces, owner = pieces[line_like], found[owner[line_like]]
            corners = shapely.get_coordinates(shapely.get_point(pieces, [[0], [-1]])).reshape(2, -1, 2)
            places = np.hypot(*np.moveaxis(corners - starts[owner], -1, 0)) + along[owner]
            owners.append(of[owner])
            spans.append(np.sort(places.T, axis=1))
        owner, span = np.concatenate(owners), np.concatenate(spans)
        order = np.argsort(owner, kind="stable")
        return np.split(span[order], np.searchsorted(owner[order], np.arange(1, len(lines))))


def _tiles(
    shapes: NDArray[Any], margin: float
) -> Iterator[tuple[tuple[int, int], tuple[float, float, float, float], NDArray[np.int64]]]:
    """Each tile that shapes come within `margin` mm of: its column and row, its box grown by the margin, their indices.

    The box is left, top, right, bottom in mm.
    """
    import shapely

    left, top, right, bottom = shapely.total_bounds(shapes)
    tree = shapely.STRtree(shapes)
    for column in range(int((left - margin) // TILE), int((right + margin) // TILE) + 1):
        for row in range(int((top - margin) // TILE), int((bottom + margin) // TILE) + 1):
            x, y = column * TILE, row * TILE
            box = (x - margin, y - margin, x + TILE + margin, y + TILE + margin)
            found = np.sort(tree.query(shapely.box(*box), predicate="intersects"))
            if len(found):
                yield (column, row), box, found


def _outside(spans: NDArray[np.float64], length: float, gap: float) -> list[tuple[float, float]]:
    """What lies between hidden spans [k, 2] of a line of that length in mm, which may touch; gaps below `gap` are
    filled."""
    hidden: list[list[float]] = []
    for start, end in sorted(map(tuple, spans.tolist())):
        if hidden and start <= hidden[-1][1] + TINY:
            hidden[-1][1] = max(hidden[-1][1], end)
        else:
            hidden.append([start, end])
    seen: list[tuple[float, float]] = []
    done = 0.0
    for start, end in hidden:
        if start <= TINY or end >= length - TINY or end - start >= gap:
            if start - done > TINY:
                seen.append((done, start))
            done = end
    if length - done > TINY:
        seen.append((done, length))
    return seen
