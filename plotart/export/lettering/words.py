"""Words as lines, and the box that they take up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from plotart.errors import DrawingError
from plotart.export.engine import run_vpype
from plotart.export.layered import Line
from plotart.export.layers import dotted
from plotart.export.lettering.choices import Align
from plotart.export.lettering.font import Font
from plotart.export.lettering.spelling import spelled

#: From one line of text to the next, in capitals' heights.
LEADING = 1.9

#: mm: ends of a letter's strokes that are as near are drawn in one go.
SAME = 0.01

_SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}


@dataclass(frozen=True, eq=False)
class Words:
    """Lines in mm about the point (0, 0), where the first line of text stands: its left end, middle or right end.

    box    [4, 2] the corners around all ink and the capitals' height
    frame  [4, 2] the same without what reaches above and below capitals: by it words are lined up
    """

    lines: list[Line]
    box: Line
    frame: Line

    def moved(self, by: Line) -> Words:
        return Words([line + by for line in self.lines], self.box + by, self.frame + by)


def lettered(text: str, font: Font, size: float, *, align: Align = "left", angle: float = 0.0) -> Words:
    """Text whose capitals are `size` mm high, turned by `angle` degrees clockwise; line breaks are kept.

    Raises DrawingError for letters that the font lacks, and for text without any.
    """
    rows = spelled(text, font).split("\n")
    lines: list[Line] = []
    for number, row in enumerate(rows):
        drawn = [line * size for line in font.drawn(row)]
        right = max((float(line[:, 0].max()) for line in drawn), default=0.0)
        start = np.array([-_SHARE[align] * right, number * LEADING * size])
        lines += [line + start for line in drawn]
    if not lines:
        raise DrawingError("found spaces alone; allowed: words")
    points = np.concatenate(lines)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    base = (len(rows) - 1) * LEADING * size
    turn = _turn(angle)
    frame = _corners(left, -size, right, base)
    box = _corners(left, min(top, -size), right, max(bottom, base))
    joined = run_vpype(f"linemerge -t {SAME}mm", [dotted(line) @ turn for line in lines])
    return Words(joined, box @ turn, frame @ turn)


def _corners(left: float, top: float, right: float, bottom: float) -> Line:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


def _turn(angle: float) -> Line:
    """[2, 2]: what rows of points are multiplied with to turn them clockwise, y down."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return np.array([(c, s), (-s, c)])
