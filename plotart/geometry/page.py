"""The sheet of paper: size, margin and colour."""

from __future__ import annotations

from dataclasses import dataclass

from plotart.color import RGB, linear, parse_color


@dataclass(frozen=True)
class Page:
    """A sheet of `width` x `height` mm; nothing is drawn within `margin` mm of its edges."""

    width: float
    height: float
    margin: float = 10.0
    color: str = "#ffffff"

    @property
    def inner(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in mm of what may be drawn on."""
        return self.margin, self.margin, self.width - self.margin, self.height - self.margin

    @property
    def paper(self) -> RGB:
        """The paper's colour in linear light."""
        return linear(parse_color(self.color))

    def pixels(self, long_side: int) -> tuple[int, int, float]:
        """Rows, columns and px per mm of an image of the page whose long side is `long_side` px."""
        scale = long_side / max(self.width, self.height)
        return max(1, round(self.height * scale)), max(1, round(self.width * scale)), scale
