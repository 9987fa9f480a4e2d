"""Strokes as a vpype document: polylines per pen, simplified, merged and sorted for the plotter."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from plotart.export.layers import dotted, pen_layers
from plotart.page import Page
from plotart.pens import PenSet
from plotart.strokes import Strokes, bezier_points
from plotart.units import MILLIMETRES

if TYPE_CHECKING:
    import vpype

#: vpype's unit, the CSS pixel.
PX_PER_MM = 1 / MILLIMETRES["px"]

#: Lines in a layer up to which two-opt is worth its time, which grows with their square: 500 lines take 0.1 s
#: and 2,000 take 1.2 s for a fifth to a quarter less pen-up travel.
TWO_OPT_LINES = 2000


def build_document(
    strokes: Strokes,
    pens: PenSet,
    page: Page,
    *,
    merge: float,
    simplify: float,
    sort: bool,
    tolerance: float = 0.02,
) -> vpype.Document:
    """The drawing as a vpype document in vpype's px (96 an inch), a layer 1.. for each pen that draws something.

    Pens are given in plotting order; stroke i is drawn by ``pens[strokes.pen[i]]``. All lengths are in mm.

    merge      ends closer than this are joined to one line (linemerge); 0: off
    simplify   points are dropped that keep lines within this distance (linesimplify); 0: off
    sort       reorder and flip lines within a layer for less pen-up travel (linesort)
    tolerance  distance between a curve and its polyline

    A layer never has more pen-up travel than its strokes in the order given. Equal input gives equal output.
    Raises ValueError for points that aren't finite.
    """
    import vpype

    document = vpype.Document(page_size=(page.width * PX_PER_MM, page.height * PX_PER_MM))
    for layer in pen_layers(strokes, pens, page):
        lines = vpype.LineCollection(_complex(bezier_points(curve, tolerance) * PX_PER_MM) for curve in layer.curves)
        lines.set_property("vp_name", layer.pen.name)
        red, green, blue = (round(c * 255) for c in layer.pen.rgb)
        lines.set_property("vp_color", vpype.Color(red, green, blue))
        lines.set_property("vp_pen_width", layer.pen.width * PX_PER_MM)
        document.layers[layer.number] = _shortened(lines, merge, simplify, sort)
    return document


def _shortened(lines: vpype.LineCollection, merge: float, simplify: float, sort: bool) -> vpype.LineCollection:
    """The lines through vpype's commands; without merging, or in their order, where that means less travel."""
    simple = [f"linesimplify -t {simplify:.6f}mm"] if simplify > 0 else []
    merged = [f"linemerge -t {merge:.6f}mm"] if merge > 0 else []
    sorted_ = ["linesort --two-opt --passes 50" if len(lines) <= TWO_OPT_LINES else "linesort"] if sort else []
    limit = lines.pen_up_length()[0] * (1 + 1e-9)
    for commands in ([*merged, *simple, *sorted_], [*simple, *sorted_]):
        shortened = _with_dots(_run(commands, lines))
        if shortened.pen_up_length()[0] <= limit:
            return shortened
    # Simplifying and dots move a line's ends by less than anyone can see, but perhaps not by less than `limit`.
    return _with_dots(_run(simple, lines))


def _run(commands: list[str], lines: vpype.LineCollection) -> vpype.LineCollection:
    """One layer through a vpype pipeline; its metadata stays."""
    import vpype
    import vpype_cli

    if not commands:
        return lines
    document = vpype.Document()
    document.layers[1] = lines
    with _undisturbed():
        return vpype_cli.execute(" ".join(commands), document, global_opt="--seed 0").layers[1]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """vpype's `execute` seeds the global generators and sets the root logger's level and handlers; undo that."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)
        root.setLevel(level)
        root.handlers[:] = handlers


def _with_dots(lines: vpype.LineCollection) -> vpype.LineCollection:
    """The lines, with those that simplifying left without extent as dots."""
    return lines.clone(_complex(dotted(_points(line) / PX_PER_MM) * PX_PER_MM) for line in lines)


def _complex(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return points[:, 0] + 1j * points[:, 1]


def _points(line: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.column_stack([line.real, line.imag])
