"""Pictures as a plotter draws them that fills nothing: strokes by colour and width, shapes by their outline."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from plotart.color import linear, luminance
from plotart.export.clip import EDGE
from plotart.export.document import DEFAULT_WIDTH
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.painting import Mark, Painting
from plotart.pens import Pen
from plotart.pens.pen import WIDEST

#: Luminance from which on a shape is taken for paper, which hides and is not drawn.
PAPER = 0.95

#: mm to which widths are rounded that one pen is to draw.
WIDTHS = 0.1


def outlined_drawing(painting: Painting) -> Drawing:
    """A layer for each colour and width of the strokes, in the order in which they first come. A shape without a stroke
    of its own is its outline, unless it is white; how many shapes lose what fills them stands in `left_out`."""
    layers: dict[tuple[str, int], list[Mark]] = {}
    stroked = {id(mark.lines) for mark in painting.marks if not mark.is_fill}
    shapes = 0
    for mark in painting.marks:
        if mark.is_fill:
            shapes += not mark.implied
            if id(mark.lines) in stroked or luminance(linear(mark.rgb)) > PAPER:
                continue
        layers.setdefault((mark.color, round(mark.width / WIDTHS)), []).append(mark)
    found = (_layer(marks, painting) for marks in layers.values())
    filling = ("what fills a shape",) if shapes == 1 else (f"what fills {shapes} shapes",) if shapes else ()
    return Drawing(
        painting.width,
        painting.height,
        tuple(layer for layer in found if layer.lines),
        left_out=(*painting.left_out, *filling),
    )


def _layer(marks: list[Mark], painting: Painting) -> Layer:
    first = marks[0]
    width = DEFAULT_WIDTH if first.is_fill else round(float(np.median([mark.width for mark in marks])), 3)
    name = f"{first.color} outlines" if first.is_fill else f"{first.color} {width:g} mm"
    lines = [line for mark in marks for line in _on_page(mark, painting)]
    return Layer(Pen(name, first.color, min(max(width, 0.01), WIDEST)), lines)


def _on_page(mark: Mark, painting: Painting) -> Iterator[Line]:
    """The parts of its lines that lie on the page; those that touch its edges stay whole."""
    import shapely

    corner = np.array([painting.width, painting.height])
    slack = EDGE * corner
    for line in mark.lines:
        if (line >= -slack).all() and (line <= corner + slack).all():
            yield line
            continue
        path = shapely.clip_by_rect(shapely.LineString(line), *-slack, *(corner + slack))
        yield from (shapely.get_coordinates(part) for part in shapely.get_parts(path) if part.geom_type == "LineString")
