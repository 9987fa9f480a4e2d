"""The sheet of paper: size, margin and colour."""

from __future__ import annotations

from dataclasses import dataclass

from plotart.color import RGB, linear, parse_color
from plotart.geometry.fixed import NOTHING, Fixed

#: How far beyond the margins lines that are cut there may go, as a share of the sheet's short side.
BEYOND = 0.12


@dataclass(frozen=True)
class Page:
    """A sheet of `width` x `height` mm; nothing is drawn within `margin` mm of its edges.

    cut: lines may run past the margins, and what lies beyond is not drawn.
    fixed: words and guests that lie on it; the drawing keeps clear of them.
    """

    width: float
    height: float
    margin: float = 10.0
    color: str = "#ffffff"
    cut: bool = False
    fixed: Fixed = NOTHING

    @property
    def inner(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in mm of what may be drawn on."""
        return self.margin, self.margin, self.width - self.margin, self.height - self.margin

    @property
    def reach(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in mm of where control points may be: with `cut`, a way beyond the margins."""
        beyond = BEYOND * min(self.width, self.height) if self.cut else 0.0
        left, top, right, bottom = self.inner
        return left - beyond, top - beyond, right + beyond, bottom + beyond

    @property
    def paper(self) -> RGB:
        """The paper's colour in linear light."""
        return linear(parse_color(self.color))

    def pixels(self, long_side: int) -> tuple[int, int, float]:
        """Rows, columns and px per mm of an image of the page whose long side is `long_side` px."""
        scale = long_side / max(self.width, self.height)
        return max(1, round(self.height * scale)), max(1, round(self.width * scale)), scale
