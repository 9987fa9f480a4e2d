"""Strokes as a plotter draws them: polylines per pen, merged, simplified, without what is hidden, in a short order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.engine import run_vpype
from plotart.export.hidden import Cover, hides
from plotart.export.layers import DECIMALS, DOT, dotted, sheet_layers
from plotart.export.order import shorten_travel
from plotart.export.polyline import extent, length, travel
from plotart.export.refills import split_refills
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.pens import PenSet

if TYPE_CHECKING:
    from plotart.geometry.strokes import Strokes

#: Steps in which the lines of a layer are worked on, for the progress that is told.
STEPS = 4

#: mm that rounding may add to what travel or a dot measures.
ROUNDING = 1e-6


class ToolpathOptions(Protocol):
    """What is done to the lines of each pen. Lengths are in mm, 0 switches off.

    merge          ends closer than this are joined to one line
    simplify       points are dropped that keep a line within this distance
    min_length     lines shorter than this are left out; dots stay
    reloop         closed lines begin where that shortens the pen-up travel
    sort           lines are drawn in another order, some of them backwards, for less pen-up travel
    remove_hidden  what opaque ink of later pens covers is not drawn
    """

    @property
    def merge(self) -> float: ...
    @property
    def simplify(self) -> float: ...
    @property
    def min_length(self) -> float: ...
    @property
    def reloop(self) -> bool: ...
    @property
    def sort(self) -> bool: ...
    @property
    def remove_hidden(self) -> bool: ...


@dataclass(frozen=True, eq=False)
class Toolpath:
    """What the plotter draws, the number of lines `dropped` as too short, the mm left out as they would be hidden."""

    drawing: Drawing
    dropped: int
    hidden_mm: float


def build_toolpath(
    strokes: Strokes,
    pens: PenSet,
    page: Page,
    options: ToolpathOptions,
    *,
    tolerance: float = 0.02,
    progress: Callable[[int, int], None] | None = None,
) -> Toolpath:
    """The drawing in mm: a layer for each pen that draws something, in plotting order, one more for each refill.

    Pens are given in plotting order; stroke i is drawn by ``pens[strokes.pen[i]]``. Polylines stay within `tolerance`
    mm of the strokes' curves, and merging and simplifying change them by no more than the options' lengths. Each
    layer's pen-up travel is at most that of its strokes in the order given, apart from ways over what is left out.
    Words and guests that are fixed on the page are drawn as they are, among their pens' lines.
    `progress` is told how much of the work is done, and how much there is. Equal input gives equal output. Raises
    ValueError for points that aren't finite.
    """
    found = sheet_layers(strokes, pens, page)
    report = _Progress(progress, STEPS * sum(len(curves) for _, curves, _ in found))
    layers = []
    for pen, curves, fixed in found:
        layers.append(_Untidy(Layer(pen, [bezier_points(curve, tolerance) for curve in curves]), fixed))
        report.add(len(curves))
    return _tidied(page.width, page.height, layers, options, report)


def tidy_drawing(
    drawing: Drawing, options: ToolpathOptions, *, progress: Callable[[int, int], None] | None = None
) -> Toolpath:
    """The same for a drawing of any origin: each of its layers is worked on by itself, and those that are fillings of a
    pen already stay so. Lines that are hardly more than a point become dots that can be seen."""
    report = _Progress(progress, (STEPS - 1) * sum(len(layer.lines) for layer in drawing.layers))
    layers = [_Untidy(replace(layer, lines=[dotted(line) for line in layer.lines]), ()) for layer in drawing.layers]
    tidied = _tidied(drawing.width, drawing.height, layers, options, report)
    return replace(tidied, drawing=replace(drawing, layers=tidied.drawing.layers))


@dataclass(frozen=True, eq=False)
class _Untidy:
    """A layer as it was given, and lines of its pen that stay as they are."""

    layer: Layer
    fixed: Sequence[Line]


def _tidied(
    width: float, height: float, given: Sequence[_Untidy], options: ToolpathOptions, report: _Progress
) -> Toolpath:
    cover = Cover(max((one.layer.width for one in given), default=0.0))
    layers: list[Layer] = []
    dropped, hidden_mm = 0, 0.0
    # From the last pen to the first: what is hidden depends on what later pens draw in the end.
    for one in reversed(given):
        layer, count = one.layer, len(one.layer.lines)
        lines = _merged(layer.lines, options)
        report.add(count)
        seen = cover.visible(lines, layer.width)
        hidden_mm += seen.hidden_mm
        drawn = [line for line in seen.lines if length(line) >= options.min_length or _is_dot(line)]
        dropped += len(seen.lines) - len(drawn)
        drawn += one.fixed
        if options.remove_hidden and hides(layer.pen) and drawn:
            cover.add(drawn, layer.width)
        report.add(count)
        if seen.hidden_mm > 0 or len(drawn) < len(lines) or one.fixed:
            drawn = _ordered(drawn, options)
        report.add(count)
        if drawn:
            layers.append(replace(layer, lines=drawn))
    refilled = {layer.name for layer in layers if layer.refill}
    filled = [
        filling
        for layer in reversed(layers)
        for filling in ([layer] if layer.name in refilled else split_refills(layer))
    ]
    return Toolpath(Drawing(width, height, tuple(filled)), dropped, hidden_mm)


class _Progress:
    """Tells how many of `total` units are done."""

    def __init__(self, tell: Callable[[int, int], None] | None, total: int) -> None:
        self._tell, self._done, self._total = tell, 0, total
        self.add(0)

    def add(self, units: int) -> None:
        self._done += units
        if self._tell is not None:
            self._tell(self._done, self._total)


def _merged(lines: list[Line], options: ToolpathOptions) -> list[Line]:
    """The lines merged, simplified and in order; not merged where that would make the pen-up travel grow.

    Merging moves lines to where they are joined, so that other ways may get longer; the order makes up for that, if it
    may be changed, and if it can.
    """
    if options.merge > 0:
        joined = run_vpype(f"linemerge -t {options.merge:.6f}mm", lines)
        merged = _ordered(_simplified(joined, options.simplify), options)
        if travel(merged) <= travel(lines) + ROUNDING:
            return merged
    return _ordered(_simplified(lines, options.simplify), options)


def _ordered(lines: Sequence[Line], options: ToolpathOptions) -> list[Line]:
    # Ends that are the same in a file are the same here.
    gap = max(options.merge, 10.0**-DECIMALS)
    return shorten_travel(lines, sort=options.sort, loops=gap if options.reloop else None)


def _simplified(lines: Sequence[Line], distance: float) -> list[Line]:
    """The lines without points that change them by less than `distance` mm; ends stay where they are, dots visible."""
    import shapely

    if distance == 0:
        return list(lines)
    paths = np.array([shapely.linestrings(line) for line in lines])
    # Not preserving topology is plain Douglas-Peucker: a line may cross itself before and after.
    fewer = shapely.simplify(paths, distance, preserve_topology=False)
    simple = [shapely.get_coordinates(path) for path in fewer]
    return [line if len(after) < 2 or extent(after) < DOT else after for line, after in zip(lines, simple, strict=True)]


def _is_dot(line: Line) -> bool:
    return extent(line) <= DOT + ROUNDING
