"""What is on a chart and where, in mm (x right, y down)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from plotart.geometry.page import Page
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile

#: bare: paper. solid, hatch, lines: one pen on paper. pair: two pens, the second over the first.
#: black: the strip that a person paints black, bare; over black: one pen on it.
Kind = Literal["bare", "solid", "hatch", "lines", "pair", "black", "over black"]

#: Lines of a solid lie this share of the nib apart, so that a nib a third thinner than it is said to be leaves no gaps.
SOLID_SPACING = 0.6

#: mm that two pens' nibs may sit apart in the holder without any harm to a reading.
NIB_OFFSET = 0.5

#: The broadest line that is thought of, in nominal nibs.
BROADEST = 1.4

#: mm left out along the edges of what is read.
INSET = 0.8

#: Cells that say in black and white which chart this is.
CODE_CELLS = 12


@dataclass(frozen=True)
class Box:
    """A rectangle by its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def shrunk(self, by: float) -> Box:
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


@dataclass(frozen=True)
class Field:
    """An area to be read. pens: the names of those that draw it, the lower one first; spacing: of its lines, upright
    ones, from one to the next; 0 where it is solid or bare."""

    kind: Kind
    box: Box
    pens: tuple[str, ...] = ()
    spacing: float = 0.0


@dataclass(frozen=True)
class ChartLabel:
    """Text with capitals as high as its box, made smaller where it would be wider."""

    text: str
    box: Box


@dataclass(frozen=True)
class Chart:
    """A sheet of swatches.

    file    the pens as their set has them
    order   their names in plotting order; a pen's number on the sheet is its place here, from 1
    scribe  the pen that draws marks, code and text
    marks   centres of the registration marks: the four corners clockwise from the top left, then those between; a
            disc of radius `unit` in a ring from 2 to 3 `unit`. No turn or reflection takes them to each other.
    code    a number of CODE_CELLS bits, the highest first in `cells`, a filled cell for 1
    strip   the area that is painted black before plotting, if any
    """

    file: PenFile
    page: Page
    order: tuple[str, ...]
    scribe: str
    unit: float
    marks: tuple[tuple[float, float], ...]
    code: int
    cells: tuple[Box, ...]
    labels: tuple[ChartLabel, ...]
    fields: tuple[Field, ...]
    strip: Box | None = None

    @property
    def pens(self) -> PenSet:
        return self.file.pens

    def pen(self, name: str) -> Pen:
        return self.pens[self.pens.names.index(name)]

    @property
    def bits(self) -> tuple[bool, ...]:
        return tuple(bool(self.code >> (CODE_CELLS - 1 - place) & 1) for place in range(CODE_CELLS))

    @property
    def dark_marks(self) -> bool:
        """Whether the marks are darker than the paper."""
        return sum(self.pen(self.scribe).light.over(self.page.paper)) < sum(self.page.paper)

    def reading_box(self, field: Field) -> Box:
        """The part of a field that is read: for lines, as wide as a whole number of spacings."""
        if field.kind in ("bare", "black"):
            return field.box.shrunk(min(INSET, 0.15 * field.box.width))
        nib = max(self.pen(name).width for name in field.pens)
        inner = field.box.shrunk(INSET + nib / 2)
        if not field.spacing:
            return inner
        width = periods(field.box.width, field.spacing, nib) * field.spacing
        return Box(field.box.x + (field.box.width - width) / 2, inner.y, width, inner.height)


def line_count(width: float, spacing: float, nib: float) -> int:
    """How many lines `spacing` apart fit into `width`."""
    return max(1, math.floor((width - nib) / spacing + 1e-9) + 1)


def periods(width: float, spacing: float, nib: float) -> int:
    """How many spacings may be read: what is seen does not change when lines are broader or shifted a little."""
    seen = line_count(width, spacing, nib) + 1 - (BROADEST * nib + 2 * NIB_OFFSET) / spacing
    return max(1, math.floor(min(seen, width / spacing) + 1e-9))
