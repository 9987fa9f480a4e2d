"""SVG fonts: the single-stroke ones of Inkscape's Hershey Text, the EMS fonts among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np

from plotart.errors import DrawingError
from plotart.export.layered import Line
from plotart.export.safe_xml import check_svg
from plotart.files.bounded import TooLarge, read_bytes

#: No font with single strokes is as large.
MOST_BYTES = 20_000_000

#: Straight pieces of a curve of a letter.
PIECES = 12

#: Ems that a letter may reach.
FARTHEST = 100.0


@dataclass
class _Glyph:
    name: str
    path: str
    advance: float


@dataclass
class SvgStrokes:
    """The glyphs of a font by their letters, in units of which its em has `em`; kerning by pairs of letters."""

    name: str
    em: float = 1000.0
    advance: float = 0.0
    glyphs: dict[str, _Glyph] = field(default_factory=dict)
    kerning: dict[tuple[str, str], float] = field(default_factory=dict)

    def has(self, letter: str) -> bool:
        return letter in self.glyphs and bool(self.glyphs[letter].path.strip())

    def drawn(self, text: str) -> list[Line]:
        lines, x = [], 0.0
        for before, letter in zip(f" {text}", text, strict=False):
            glyph = self.glyphs.get(letter, _Glyph("", "", self.advance))
            x -= self.kerning.get((before, letter), 0.0)
            lines += [line * (1.0, -1.0) + (x, 0.0) for line in self._flat(letter, glyph.path)]
            x += glyph.advance
        return lines

    def _flat(self, letter: str, path: str) -> list[Line]:
        """A path's lines [n, 2], y up. Raises DrawingError for one that is no letter's."""
        try:
            lines = _lines(path)
        except Exception as error:  # svgelements raises errors of many kinds
            raise DrawingError(f"font {self.name}: the glyph {letter!r} can't be read ({error})") from None
        points = np.concatenate([np.zeros((1, 2)), *lines])
        if not (np.abs(points) <= FARTHEST * self.em).all():
            raise DrawingError(f"font {self.name}: the glyph {letter!r} reaches farther than {FARTHEST:g} ems")
        return lines


def read_svg_font(path: Path) -> SvgStrokes:
    """Raises DrawingError, which names the file."""
    try:
        data = read_bytes(path, MOST_BYTES)
    except TooLarge as error:
        raise DrawingError(f"{path}: {error}; allowed: up to as many") from None
    except (OSError, ValueError) as error:  # ValueError: a null in the name
        raise DrawingError(f"{path}: can't be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        check_svg(data)
        return _Reader(str(path)).read(data)
    except DrawingError as error:
        raise DrawingError(f"{path}: {error}") from None


class _Reader:
    def __init__(self, name: str) -> None:
        self._font = SvgStrokes(name)
        self._fonts = 0
        self._kerns: list[dict[str, str]] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start

    def read(self, data: bytes) -> SvgStrokes:
        """Raises DrawingError for one without glyphs."""
        self._parser.Parse(data, True)
        font = self._font
        if not font.glyphs:
            raise DrawingError("no SVG font: it has no <font> with a <glyph>")
        named = {glyph.name: letter for letter, glyph in font.glyphs.items()}
        for kern in self._kerns:
            firsts, seconds = (_letters(kern, side, named) for side in "12")
            font.kerning |= {(a, b): _number(kern, "k", 0.0) for a in firsts for b in seconds}
        return font

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag, font = name.rpartition(" ")[2], self._font
        if tag == "font":
            self._fonts += 1
            if self._fonts > 1:
                raise DrawingError("more than one <font>; allowed: one in a file")
            font.advance = _number(attributes, "horiz-adv-x", 0.0)
        elif tag == "font-face":
            font.em = _number(attributes, "units-per-em", 1000.0)
            if font.em <= 0:
                raise DrawingError(f"units-per-em: found {font.em:g}; allowed: a number above 0")
        elif tag == "glyph" and self._fonts and len(attributes.get("unicode", "")) == 1:
            advance = _number(attributes, "horiz-adv-x", font.advance)
            glyph = _Glyph(attributes.get("glyph-name", ""), attributes.get("d", ""), advance)
            font.glyphs.setdefault(attributes["unicode"], glyph)
        elif tag == "hkern":
            self._kerns.append(attributes)


def _letters(kern: dict[str, str], side: str, named: dict[str, str]) -> list[str]:
    """The letters of an <hkern>'s side; a comma itself stands alone."""
    letters = kern.get(f"u{side}", "")
    found = [letters] if letters == "," else [part for part in letters.split(",") if len(part) == 1]
    return found + [named[name] for name in kern.get(f"g{side}", "").split(",") if name in named]


def _number(attributes: dict[str, str], name: str, default: float) -> float:
    try:
        value = float(attributes.get(name, default))
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e6:
        raise DrawingError(f"{name}: found {attributes[name]!r}; allowed: a number")
    return value


def _lines(path: str) -> list[Line]:
    """Each part of a path as a polyline [n, 2]."""
    from svgelements import Line as Straight
    from svgelements import Move, Path

    lines: list[list[tuple[float, float]]] = []
    for segment in Path(path):
        if isinstance(segment, Move):
            lines.append([_pair(segment.end)])
            continue
        if segment.end is None:
            continue
        count = 1 if isinstance(segment, Straight) or type(segment).__name__ == "Close" else PIECES
        lines[-1] += [_pair(segment.point(k / count)) for k in range(1, count + 1)]
    return [np.array(line) for line in lines if len(line) > 1]


def _pair(point: Any) -> tuple[float, float]:
    return float(point.x), float(point.y)
