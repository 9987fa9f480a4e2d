"""What a font gives: lines of text, in capitals' heights."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Protocol

import numpy as np

from plotart.errors import DrawingError
from plotart.export.layered import Line


class Strokes(Protocol):
    """The letters of a font in units of its own, y down."""

    name: str

    def has(self, letter: str) -> bool: ...

    def drawn(self, text: str) -> list[Line]:
        """The lines [n, 2] of a line of text that it has, from left to right."""
        ...


class Font:
    """Letters whose capitals are 1 high and stand on y = 0; y down."""

    def __init__(self, strokes: Strokes) -> None:
        self._strokes, self.name = strokes, strokes.name
        boxes = [_extent(strokes.drawn(letter)) for letter in string.ascii_uppercase if strokes.has(letter)]
        if not boxes:
            raise DrawingError(f"font {strokes.name}: has no capitals to measure its letters by")
        self._base = median(bottom for _, bottom in boxes)
        self._height = self._base - median(top for top, _ in boxes)
        if not self._height > 0:
            raise DrawingError(f"font {strokes.name}: its capitals have no height")

    def has(self, letter: str) -> bool:
        return letter == " " or self._strokes.has(letter)

    def drawn(self, text: str) -> list[Line]:
        """The lines [n, 2] of a line of text that it has, whose ink begins at x = 0; none for spaces."""
        lines = self._strokes.drawn(text)
        left = min((float(line[:, 0].min()) for line in lines), default=0.0)
        return [(line - (left, self._base)) / self._height for line in lines]


def load_font(name: str | Path) -> Font:
    """A Hershey font by its name, or an SVG font by its file. Raises DrawingError."""
    from plotart.export.lettering.hershey import HersheyStrokes
    from plotart.export.lettering.svg_font import read_svg_font

    return Font(read_svg_font(name) if isinstance(name, Path) else HersheyStrokes(name))


def _extent(lines: Sequence[Line]) -> tuple[float, float]:
    """Top and bottom."""
    y = np.concatenate(lines)[:, 1]
    return float(y.min()), float(y.max())
