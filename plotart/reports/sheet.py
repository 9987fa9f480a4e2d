"""A drawing as a page shows it: on its paper, in its inks, pen by pen."""

from __future__ import annotations

from dataclasses import dataclass

from plotart.color import is_dark, linear, parse_color, to_hex, to_srgb
from plotart.export.drawing import Drawing
from plotart.geometry.page import Page
from plotart.pens import PenSet


@dataclass(frozen=True)
class InkLook:
    """How a layer looks on the page: its `color`, #rrggbb, and whether it filters what lies below or covers it, by its
    `opacity`."""

    color: str
    multiply: bool
    opacity: float = 1.0


@dataclass(frozen=True)
class DrawingView:
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
    def inks(self) -> tuple[InkLook, ...]:
        """The ink of each layer: transparent ones as they are over white, opaque ones as they are on this paper."""
        known = {pen.name: pen for pen in self.pens or ()}
        paper = Page(1, 1, 0, self.paper).paper
        inks = []
        for layer in self.drawing.layers:
            pen = known.get(layer.name)
            if pen is None:
                inks.append(InkLook(layer.color, multiply=False, opacity=layer.pen.opacity))
            else:
                multiply = pen.ink == "transparent"
                inks.append(InkLook(to_hex(to_srgb(pen.light.over((1.0, 1.0, 1.0) if multiply else paper))), multiply))
        return tuple(inks)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of each layer's pen, from 0: a pen that comes back, or is filled again, keeps its number. What is
        painted has no pens that could be shown or hidden one by one."""
        if self.drawing.painted:
            return (0,) * len(self.drawing.layers)
        numbers = {nib: number for number, nib in enumerate(self._nibs)}
        return tuple(numbers[layer.nib] for layer in self.drawing.layers)

    @property
    def nibs(self) -> tuple[float, ...]:
        """The width in mm of each pen, by its number."""
        return tuple(width for _, _, width in self._nibs)

    @property
    def _nibs(self) -> dict[tuple[str, str, float], None]:
        return dict.fromkeys(layer.nib for layer in self.drawing.layers)
