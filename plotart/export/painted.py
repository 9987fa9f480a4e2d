"""Pictures as drawings: a layer for each run of marks that look alike, in document order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.hatch import hatch
from plotart.export.painting import Mark, Painting
from plotart.pens import Pen
from plotart.pens.pen import WIDEST

#: mm: the width of the lines that fill shapes, and how many there are at most; with more, they are broader.
FINE, MOST_LINES = 0.25, 200_000

#: Colours up to which those of a file without layers are taken for pens.
MOST_COLORS = 64

#: How much broader than its thinnest line a pen's broadest may be: what scaled copies of a path differ by.
NIB_RANGE = 1.3


def made_of_pens(marks: Sequence[Mark]) -> bool:
    """Whether a pen could draw each layer, or, where there is but one, each of a few colours."""
    strokes = [mark for mark in marks if not mark.is_fill]
    if any(mark.is_fill and not mark.implied for mark in marks):
        return False
    layers: dict[Any, list[Mark]] = {}
    for mark in strokes:
        layers.setdefault(mark.layer, []).append(mark)
    if len(layers) == 1:
        layers = {}
        for mark in strokes:
            layers.setdefault(mark.color, []).append(mark)
        if len(layers) > MOST_COLORS:
            return False
    return all(map(_one_pen, layers.values()))


def _one_pen(marks: Sequence[Mark]) -> bool:
    widths = [mark.width for mark in marks]
    alike = len({(mark.color, round(mark.opacity, 2)) for mark in marks}) == 1
    return alike and max(widths) <= NIB_RANGE * min(widths)


def painted_drawing(painting: Painting) -> Drawing:
    """The picture with a layer for each run of marks of one colour, width and opacity, called after them, in opaque
    ink: what lies on top stays on top. Shapes are their outline and a hatch of fine lines that leaves nothing bare."""
    layers: list[Layer] = []
    fine = _fineness(painting)
    for (look, is_fill), run in groupby(painting.marks, lambda mark: (mark.look, _as_fill(mark))):
        color, width, opacity = look
        drawn = (_filling(mark, painting, fine) if is_fill else _stroke(mark, painting) for mark in run)
        lines = [line for own in drawn for line in own]
        if lines:
            size = "filled" if is_fill else f"{width:g} mm"
            name = f"{color} {size}" + (f" {opacity:.0%}" if opacity < 1 else "")
            pen = Pen(name, color, fine if is_fill else max(width, 0.001), "opaque", max(opacity, 0.01))
            layers.append(Layer(pen, lines))
    return Drawing(painting.width, painting.height, tuple(layers), painted=True, left_out=painting.left_out)


def _as_fill(mark: Mark) -> bool:
    return mark.is_fill or mark.width > WIDEST


def _fineness(painting: Painting) -> float:
    """mm: how broad the lines are that fill shapes."""
    heights = [np.ptp(np.concatenate(mark.lines)[:, 1]) for mark in painting.marks if _as_fill(mark)]
    return min(WIDEST, max(FINE, float(sum(min(height, painting.height) for height in heights)) / MOST_LINES))


def _stroke(mark: Mark, painting: Painting) -> Iterator[Line]:
    """The parts of its lines whose ink may lie on the page."""
    import shapely

    reach = mark.width / 2
    box = (-reach, -reach, painting.width + reach, painting.height + reach)
    for line in mark.lines:
        parts = shapely.get_parts(shapely.clip_by_rect(shapely.LineString(line), *box))
        yield from (shapely.get_coordinates(part) for part in parts if part.geom_type == "LineString")


def _filling(mark: Mark, painting: Painting, fine: float) -> Iterator[Line]:
    import shapely

    inner = shapely.buffer(shapely.intersection(mark.area, shapely.box(*painting.bounds)), -fine / 2, quad_segs=4)
    for part in shapely.get_parts(inner):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield from (shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors))
    # Lines that cover may overlap; others would show where they do.
    opaque = mark.opacity == 1
    yield from (line for _, line in hatch(inner if opaque else inner.buffer(-fine / 2), fine * (0.8 if opaque else 1)))
