"""A chart laid out on a sheet: swatches of each pen, each pen over each other, marks, and bare paper in between."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import replace

from plotart.calibration.bare import bare_boxes
from plotart.calibration.chart import CODE_CELLS, SOLID_SPACING, Box, Chart, ChartLabel, Field
from plotart.color import luminance
from plotart.errors import PenError
from plotart.geometry.page import Page
from plotart.pens import Pen
from plotart.pens.catalogue import PenFile, dump_set

#: The shares of the paper that hatches cover.
HATCHES = (0.75, 0.5, 0.25)
CAPTIONS = ("solid", "75%", "50%", "25%", "lines")

#: mm: a pen's patches and those of two pens, at most; between patches, between columns of pens, between sections.
LARGEST_PATCH, LARGEST_PAIR = 13.0, 11.0
GAP, GUTTER, SECTION = 1.5, 6.0, 4.0

#: mm: how high capitals are, for a nib of up to BOLD; higher in proportion for a broader one.
TITLE, NAME, CAPTION, BOLD = 2.8, 2.1, 1.7, 0.5

#: mm that stay bare around a mark, at least, and of the paper's edges; more where marks are large.
QUIET, EDGE = 1.6, 4.0

#: mm: what lies within two marks of an edge is halved or cut in three by marks of its own, from this length on.
LONG_EDGE = 150.0

#: Of paper and marks, one has at least this many times the other's light.
CONTRAST = 2.0

#: Patches are tried from the largest size to the smallest in so many steps.
STEPS = 10


def lay_out(file: PenFile, page: Page, *, black_strip: bool = False) -> Chart:
    """A chart of all pens of a set, with patches as large as the page has room for.

    black_strip: an area is kept for black paint or paper, over which every pen draws a patch.
    Raises PenError when no pen stands out from the paper, or when the pens don't fit on the page: it says how many do.
    """
    scribe = scribe_of(file, page)
    for step in range(STEPS, -1, -1):
        if (chart := _laid_out(file, page, scribe, black_strip, step / STEPS)) is not None:
            return chart
    count = len(file.pens)
    sheet = f"a page of {page.width:g} x {page.height:g} mm with margins of {page.margin:g} mm"
    for fewer in range(count - 1, 0, -1):
        # The scribe's nib sets the size of the marks, whether it is among the first pens or not.
        chosen = [scribe.name, *(name for name in file.pens.names if name != scribe.name)][:fewer]
        part = replace(file, pens=file.pens.called(chosen))
        if _laid_out(part, page, scribe, black_strip, 0.0) is not None:
            raise PenError(
                f"{count} pens don't fit on {sheet}: at most {fewer} do; choose a larger page (--size) or fewer pens "
                "(--pens)"
            )
    raise PenError(f"no chart fits on {sheet}: choose a larger page (--size) or smaller margins (--margin)")


def scribe_of(file: PenFile, page: Page) -> Pen:
    """The thinnest of the pens that stand out from the paper at least half as much as any. Raises PenError."""
    paper = luminance(page.paper)

    def contrast(pen: Pen) -> float:
        low, high = sorted((paper, luminance(pen.light.over(page.paper))))
        return (high + 0.05) / (low + 0.05)

    best = max(map(contrast, file.pens))
    if best < CONTRAST:
        raise PenError(
            f"no pen stands out from paper of {page.color} enough to draw the marks of a chart: add a darker pen"
            + (" or a lighter one" if paper < 0.5 else "")
            + " to the set"
        )
    return min((pen for pen in file.pens if contrast(pen) >= best / 2), key=lambda pen: pen.width)


def _laid_out(file: PenFile, page: Page, scribe: Pen, black_strip: bool, scale: float) -> Chart | None:
    """The chart with patches from the smallest (scale 0) to the largest (1); None where they don't fit."""
    broadest = max(pen.width for pen in file.pens)
    unit = max(1.1, scribe.width)
    page = replace(page, margin=max(page.margin, EDGE, 1.5 * unit))
    left, top, right, bottom = page.inner
    rim = 6 * unit + max(QUIET, 1.3 * unit)
    sheet = _Sheet(
        Box(left + rim, top + rim, right - left - 2 * rim, bottom - top - 2 * rim),
        _between(max(9.0, 5 * broadest + 2), LARGEST_PATCH, scale),
        _between(max(7.0, broadest + 5), LARGEST_PAIR, scale),
        max(1.0, scribe.width / BOLD),
    )
    order = tuple(file.pens.light_to_dark())
    cells = sheet.header(file.title or "Pens", max(2.4, 3 * scribe.width))
    sheet.swatches(order)
    strip = sheet.strip(order) if black_strip else None
    if len(order) > 1:
        sheet.pairs(order)
    if not sheet.fits:
        return None

    marks = marks_of(page, unit)
    taken = [Box(x, y, 0, 0).shrunk(-3 * unit) for x, y in marks]
    taken += [*cells, *(label.box for label in sheet.labels), *(field.box for field in sheet.fields)]
    bare = bare_boxes(page, taken + ([strip] if strip else []))
    fields = (*sheet.fields, *(Field("bare", box) for box in bare))
    names = tuple(pen.name for pen in order)
    chart = Chart(file, page, names, scribe.name, unit, marks, 0, cells, tuple(sheet.labels), fields, strip)
    return replace(chart, code=code_of(chart))


def _between(smallest: float, largest: float, scale: float) -> float:
    return smallest + scale * max(0.0, largest - smallest)


class _Sheet:
    """Sections set one below the other in a frame, with swatches of `patch` mm and pairs of `pair` mm; text is larger
    by `bold`."""

    def __init__(self, frame: Box, patch: float, pair: float, bold: float) -> None:
        self.frame, self.patch, self.pair = frame, patch, pair
        self.title, self.name, self.caption = TITLE * bold, NAME * bold, CAPTION * bold
        self.labels: list[ChartLabel] = []
        self.fields: list[Field] = []
        self.y = frame.y
        self._too_wide = frame.width <= 0

    @property
    def fits(self) -> bool:
        return not self._too_wide and self.y <= self.frame.bottom + 1e-9

    def header(self, title: str, cell: float) -> tuple[Box, ...]:
        """The title at the left, and the cells of the code at the right."""
        frame, pitch = self.frame, 1.4 * cell
        first = frame.right - (CODE_CELLS - 1) * pitch - cell
        self._write(title, frame.x, self.y, first - frame.x - 4, self.title)
        self._too_wide |= first < frame.x + 25
        cells = tuple(Box(first + place * pitch, self.y, cell, cell) for place in range(CODE_CELLS))
        self.y += max(cell, self.title)
        return cells

    def swatches(self, pens: Sequence[Pen]) -> None:
        """A row of patches for each pen, its name above, in as many columns as there is room for."""
        frame, step = self.frame, self.patch + GAP
        across = len(CAPTIONS) * step - GAP
        columns = min(len(pens), math.floor((frame.width + GUTTER) / (across + GUTTER)))
        self._too_wide |= columns < 1
        rows = math.ceil(len(pens) / max(1, columns))
        columns = math.ceil(len(pens) / rows)
        pitch = across + (frame.width - columns * across) / max(1, columns - 1)
        self.y += SECTION
        for column in range(columns):
            for place, text in enumerate(CAPTIONS):
                self._write(text, frame.x + column * pitch + place * step, self.y, self.patch, self.caption)
        self.y += self.caption + 2.2
        high = self.name + 1.2 + self.patch + 2.4
        for number, pen in enumerate(pens):
            column, row = divmod(number, rows)
            x, y = frame.x + column * pitch, self.y + row * high
            self._write(f"{number + 1}  {pen.name}", x, y, 4 * step - 2, self.name)
            self._write(f"{pen.width:g} mm", x + 4 * step, y, self.patch, self.name)
            y += self.name + 1.2
            boxes = [Box(x + place * step, y, self.patch, self.patch) for place in range(len(CAPTIONS))]
            self.fields.append(Field("solid", boxes[0], (pen.name,)))
            for box, share in zip(boxes[1:], HATCHES, strict=False):
                self.fields.append(Field("hatch", box, (pen.name,), pen.width / share))
            self.fields.append(Field("lines", boxes[-1], (pen.name,), max(self.patch / 3, 5 * pen.width)))
        self.y += rows * high - 2.4

    def strip(self, pens: Sequence[Pen]) -> Box:
        """A patch of each pen in an area that is black by then, with bare black at both ends of each row."""
        self._head("over black: paint or glue it before plotting")
        step, rim = self.pair + GAP, 1.0
        per_row = max(1, math.floor((self.frame.width - 2 * rim + GAP) / step) - 2)
        rows = math.ceil(len(pens) / per_row)
        per_row = math.ceil(len(pens) / rows)
        high, wide = rows * step - GAP + 2 * rim, (per_row + 2) * step - GAP + 2 * rim
        strip = Box(self.frame.x, self.y, wide, high)
        self._too_wide |= strip.right > self.frame.right + 1e-9
        for row in range(rows):
            own = pens[row * per_row : (row + 1) * per_row]
            for place in range(per_row + 2):
                box = Box(strip.x + rim + place * step, strip.y + rim + row * step, self.pair, self.pair)
                over = 1 <= place <= len(own)
                self.fields.append(Field("over black", box, (own[place - 1].name,)) if over else Field("black", box))
        self.y += strip.height
        return strip

    def pairs(self, pens: Sequence[Pen]) -> None:
        """Each pen over each other: a row for the lower one, a column for the upper one, paper where they are one."""
        self._head("below (rows), above (columns)")
        step, aside = self.pair + 1.0, 3.0 * self.name
        left, top = self.frame.x + aside, self.y + self.name + 1.2
        self._too_wide |= left + len(pens) * step - 1 > self.frame.right + 1e-9
        for number, below in enumerate(pens):
            middle = number * step + self.pair / 2
            self._write(str(number + 1), left + middle - self.name / 2, self.y, step, self.name)
            self._write(str(number + 1), self.frame.x, top + middle - self.name / 2, aside - 1, self.name)
            for place, above in enumerate(pens):
                box = Box(left + place * step, top + number * step, self.pair, self.pair)
                pair = below.name, above.name
                self.fields.append(Field("pair", box, pair) if above is not below else Field("bare", box))
        self.y = top + len(pens) * step - 1

    def _head(self, text: str) -> None:
        self.y += SECTION
        self._write(text, self.frame.x, self.y, self.frame.width, self.caption)
        self.y += self.caption + 1.8

    def _write(self, text: str, x: float, y: float, width: float, height: float) -> None:
        self.labels.append(ChartLabel(text, Box(x, y, max(width, 1.0), height)))


def marks_of(page: Page, unit: float) -> tuple[tuple[float, float], ...]:
    """Corners, then one off the middle of the top edge, which no turn or reflection brings back to its place, and
    those of the other edges."""
    left, top, right, bottom = page.inner
    left, top, right, bottom = left + 3 * unit, top + 3 * unit, right - 3 * unit, bottom - 3 * unit
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    upright = (1 / 3, 2 / 3) if bottom - top > LONG_EDGE else (1 / 2,)
    lying = (1 / 3, 2 / 3) if right - left > LONG_EDGE else (1 / 2,)
    between = [(left + 0.4 * (right - left), top)]
    between += [(right, top + share * (bottom - top)) for share in upright]
    between += [(left + share * (right - left), bottom) for share in lying]
    between += [(left, top + share * (bottom - top)) for share in upright]
    return (*corners, *between)


def code_of(chart: Chart) -> int:
    """A number of CODE_CELLS bits that other pens or another layout change, neither all ones nor all zeros."""
    text = f"{dump_set(chart.file)} {chart.page} {chart.order} {chart.fields} {SOLID_SPACING}"
    return 1 + zlib.crc32(text.encode()) % (2**CODE_CELLS - 2)
