"""A drawing as an SVG element of a web page, its layers ready to be shown, hidden and replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plotart.color import is_dark, linear, parse_color, to_hex, to_srgb
from plotart.export.drawing import Drawing, Layer, Line
from plotart.geometry.page import Page
from plotart.pens import PenSet

#: Units of the element's coordinates in a millimetre: whole numbers are short, and a hundredth is all a plotter does.
UNITS = 100


@dataclass(frozen=True)
class Ink:
    """How a layer looks on the page: its `color`, #rrggbb, and whether it filters what lies below or covers it."""

    color: str
    multiply: bool


@dataclass(frozen=True)
class Sheet:
    """A drawing on paper of a colour, #rrggbb; the `pens` are those of its layers as far as they are known.

    Ink of unknown pens covers with the layer's colour, as SVG has it.
    """

    drawing: Drawing
    paper: str = "#ffffff"
    pens: PenSet | None = None

    @property
    def dark(self) -> bool:
        """Whether what is pencilled on it is light."""
        return is_dark(linear(parse_color(self.paper)))

    @property
    def inks(self) -> tuple[Ink, ...]:
        """The ink of each layer: transparent ones as they are over white, opaque ones as they are on this paper."""
        known = {pen.name: pen for pen in self.pens or ()}
        paper = Page(1, 1, 0, self.paper).paper
        inks = []
        for layer in self.drawing.layers:
            pen = known.get(layer.name)
            if pen is None:
                inks.append(Ink(to_hex(parse_color(layer.color)), multiply=False))
            else:
                multiply = pen.ink == "transparent"
                inks.append(Ink(to_hex(to_srgb(pen.light.over((1.0, 1.0, 1.0) if multiply else paper))), multiply))
        return tuple(inks)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of each layer's pen, from 0: a pen that comes back, or is filled again, keeps its number."""
        numbers = {pen: number for number, pen in enumerate(self._pens)}
        return tuple(numbers[_pen(layer)] for layer in self.drawing.layers)

    @property
    def nibs(self) -> tuple[float, ...]:
        """The width in mm of each pen, by its number."""
        return tuple(width for _, _, width in self._pens)

    @property
    def _pens(self) -> dict[tuple[str, str, float], None]:
        return dict.fromkeys(_pen(layer) for layer in self.drawing.layers)


def _pen(layer: Layer) -> tuple[str, str, float]:
    """What makes two layers one pen's, as for its times (plotart.plotter.motion)."""
    return layer.name, layer.color, layer.width


def drawing_svg(sheet: Sheet, labels: Sequence[str]) -> str:
    """The element, in hundredths of a millimetre; a group per layer whose `data-name` is its label, already escaped.

    Written from numbers and checked colours alone: the drawing may come from anyone.
    """
    drawing = sheet.drawing
    groups = "".join(
        _group(index, layer, ink, number, label)
        for index, (layer, ink, number, label) in enumerate(
            zip(drawing.layers, sheet.inks, sheet.numbers, labels, strict=True)
        )
    )
    view = f"0 0 {round(drawing.width * UNITS)} {round(drawing.height * UNITS)}"
    return f'<svg class="drawing" viewBox="{view}" role="img" aria-label="The drawing">\n{groups}</svg>'


def _group(index: int, layer: Layer, ink: Ink, number: int, label: str) -> str:
    blend = " multiply" if ink.multiply else ""
    lines = "".join(f'<path d="{_path(line)}"/>\n' for line in layer.lines)
    return (
        f'<g id="layer-{index}" class="layer{blend}" data-pen="{number}" data-name="{label}" fill="none" '
        f'stroke="{ink.color}" stroke-width="{round(layer.width * UNITS, 1):g}" stroke-linecap="round" '
        f'stroke-linejoin="round">\n{lines}</g>\n'
    )


def _path(line: Line) -> str:
    """A first point and the steps from there, in whole units; a line without extent keeps one step, as a dot."""
    points = np.round(np.asarray(line) * UNITS).astype(np.int64)
    steps = np.diff(points, axis=0)
    steps = steps[steps.any(axis=1)] if steps.any() else np.zeros((1, 2), np.int64)
    x, y = points[0]
    # A minus sign parts numbers as well as a blank does.
    return f"M{x} {y}l" + " ".join(map(str, steps.ravel().tolist())).replace(" -", "-")
