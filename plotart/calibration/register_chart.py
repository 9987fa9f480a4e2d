"""A sheet that tells how pens sit to each other: near each corner each draws a square, among squares of one of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from plotart.calibration.bare import bare_boxes
from plotart.calibration.chart import CODE_CELLS, Box, Chart, ChartLabel, Field
from plotart.calibration.layout import CAPTION, EDGE, NAME, QUIET, TITLE, code_of, marks_of, scribe_of
from plotart.errors import PenError
from plotart.geometry.page import Page
from plotart.pens import Pen
from plotart.pens.catalogue import PenFile

#: mm that a pen's lines may land aside of the scribe's.
MOST_OFFSET = 2.0

#: mm: a square's side, for nibs that are not broader; what is bare between two squares; between sections; a patch.
SQUARE, BETWEEN, SECTION, PATCH = 2.6, 3.2, 4.0, 7.0

#: The share of the paper that a hatch covers, and mm between patches and between columns of pens.
HATCHED, GAP, GUTTER = 0.5, 2.5, 6.0

#: mm of a pen's row of patches beside them: its number and name, and what stays bare below.
ABOVE, BELOW = NAME + 1.4, 3.0


def lay_out_register(file: PenFile, page: Page) -> Chart:
    """A chart of all pens of a set: squares in the corners, by which their places are read, and patches in the middle,
    by which their nibs are.

    The scribe's squares lie around each square of another pen, left, right, above and below: what paper and lens do to
    one, they do to all five. Raises PenError for fewer than two pens, when none stands out from the paper, or when they
    don't fit on the page.
    """
    if len(file.pens) < 2:
        raise PenError("found 1 pen; allowed: two and more, as one has nothing to be in register with")
    scribe, page = scribe_of(file, page), replace(page, margin=max(page.margin, EDGE))
    unit = max(1.1, scribe.width)
    left, top, right, bottom = page.inner
    rim = 6 * unit + max(QUIET, 1.3 * unit)
    frame = Box(left + rim, top + rim, right - left - 2 * rim, bottom - top - 2 * rim)
    order = tuple(pen.name for pen in file.pens.light_to_dark())
    cells, title = _header(frame, file.title or "Pens", max(2.4, 3 * scribe.width))
    inner = Box(frame.x, cells[0].bottom + SECTION, frame.width, frame.bottom - cells[0].bottom - SECTION)
    others = [name for name in order if name != scribe.name]
    clusters = _clusters(inner, others, max(pen.width for pen in file.pens))
    if clusters is None or cells[0].x < frame.x + 20:
        raise _too_many(file, page)
    high = clusters[0].height + SECTION
    patches = _patches(Box(inner.x, inner.y + high, inner.width, inner.height - 2 * high), file, order)
    if patches is None:
        raise _too_many(file, page)
    fields, labels = patches
    fields += [field for cluster in clusters for field in cluster.fields(scribe.name)]
    labels = [title, *labels, *(label for cluster in clusters for label in cluster.labels(order))]
    marks = marks_of(page, unit)
    taken = [Box(x, y, 0, 0).shrunk(-3 * unit) for x, y in marks] + [*cells, *(label.box for label in labels)]
    taken += [field.box.shrunk(0.5 - MOST_OFFSET) for field in fields]
    fields += [Field("bare", box) for box in bare_boxes(page, taken)]
    chart = Chart(file, page, order, scribe.name, unit, marks, 0, cells, tuple(labels), tuple(fields))
    return replace(chart, code=code_of(chart))


def squares(chart: Chart) -> dict[str, list[tuple[Box, tuple[Box, ...]]]]:
    """By the name of each pen but the scribe, its squares with the four of the scribe around each; none in a chart of
    another kind."""
    solid = [field for field in chart.fields if field.kind == "solid"]
    ours = [field.box for field in solid if field.pens == (chart.scribe,)]
    found: dict[str, list[tuple[Box, tuple[Box, ...]]]] = {}
    for field in solid:
        (name,) = field.pens
        around = tuple(box for box in ours if _beside(box, field.box))
        if name != chart.scribe and len(around) == 4:
            found.setdefault(name, []).append((field.box, around))
    return found


@dataclass(frozen=True)
class _Cluster:
    """Squares of `side` mm in a lattice of `pitch` mm from the left and top, for pens in `columns`."""

    left: float
    top: float
    side: float
    pitch: float
    columns: int
    names: tuple[str, ...]

    @property
    def rows(self) -> int:
        return math.ceil(len(self.names) / self.columns)

    @property
    def width(self) -> float:
        return 2 * self.columns * self.pitch + self.side

    @property
    def height(self) -> float:
        return 2 * self.rows * self.pitch + self.side

    def fields(self, scribe: str) -> Iterator[Field]:
        around: dict[tuple[int, int], None] = {}
        for column, row, name in self._places():
            yield Field("solid", self._box(column, row), (name,))
            around |= dict.fromkeys([(column - 1, row), (column + 1, row), (column, row - 1), (column, row + 1)])
        for column, row in sorted(around):
            yield Field("solid", self._box(column, row), (scribe,))

    def labels(self, order: Sequence[str]) -> Iterator[ChartLabel]:
        """Each pen's number, beside its square to the lower right, where the lattice has room."""
        for column, row, name in self._places():
            box = self._box(column, row)
            x, y = box.x + self.pitch, box.y + self.pitch + (self.side - CAPTION) / 2
            yield ChartLabel(str(order.index(name) + 1), Box(x + self.side / 2 - 0.6, y, 3.0, CAPTION))

    def _places(self) -> Iterator[tuple[int, int, str]]:
        for place, name in enumerate(self.names):
            row, column = divmod(place, self.columns)
            yield 2 * column + 1, 2 * row + 1, name

    def _box(self, column: int, row: int) -> Box:
        return Box(self.left + column * self.pitch, self.top + row * self.pitch, self.side, self.side)


def _clusters(frame: Box, names: Sequence[str], broadest: float) -> list[_Cluster] | None:
    """One in each corner of the frame, as near to a square as there is room for; None where there is none."""
    side = max(SQUARE, 1.5 * broadest + 1)
    pitch = side + BETWEEN
    tried = [_Cluster(0, 0, side, pitch, columns, tuple(names)) for columns in range(1, len(names) + 1)]
    fitting = [one for one in tried if 2 * one.width + GUTTER <= frame.width]
    if not fitting:
        return None
    best = min(fitting, key=lambda one: max(one.width, one.height))
    lefts, tops = (frame.x, frame.right - best.width), (frame.y, frame.bottom - best.height)
    return [replace(best, left=left, top=top) for top in tops for left in lefts]


def _patches(frame: Box, file: PenFile, order: Sequence[str]) -> tuple[list[Field], list[ChartLabel]] | None:
    """A row for each pen, in columns: its number, name and nib, a solid, a hatch and lines; None without room."""
    patch = max(PATCH, 5 * max(pen.width for pen in file.pens) + 2)
    across, high = 3 * patch + 2 * GAP, ABOVE + patch + BELOW
    columns = math.floor((frame.width + GUTTER) / (across + GUTTER))
    rows = math.floor((frame.height + BELOW) / high)
    if columns < 1 or rows < 1 or columns * rows < len(order):
        return None
    columns = math.ceil(len(order) / min(rows, len(order)))
    rows = math.ceil(len(order) / columns)
    left = frame.x + (frame.width - columns * (across + GUTTER) + GUTTER) / 2
    top = frame.y + (frame.height - rows * high + BELOW) / 2
    fields, labels = list[Field](), list[ChartLabel]()
    for place, name in enumerate(order):
        column, row = divmod(place, rows)
        x, y = left + column * (across + GUTTER), top + row * high
        pen = file.pens[file.pens.names.index(name)]
        text = f"{place + 1}  {name}, {pen.width:g} mm"
        labels.append(ChartLabel(text, Box(x, y, across, NAME)))
        fields += _patch_fields(pen, x, y + ABOVE, patch)
    return fields, labels


def _patch_fields(pen: Pen, x: float, y: float, side: float) -> list[Field]:
    boxes = [Box(x + place * (side + GAP), y, side, side) for place in range(3)]
    return [
        Field("solid", boxes[0], (pen.name,)),
        Field("hatch", boxes[1], (pen.name,), pen.width / HATCHED),
        Field("lines", boxes[2], (pen.name,), max(side / 3, 5 * pen.width)),
    ]


def _header(frame: Box, text: str, cell: float) -> tuple[tuple[Box, ...], ChartLabel]:
    """The code's cells at the right of the frame's top, and the title at its left."""
    pitch = 1.4 * cell
    first = frame.right - (CODE_CELLS - 1) * pitch - cell
    cells = tuple(Box(first + place * pitch, frame.y, cell, cell) for place in range(CODE_CELLS))
    return cells, ChartLabel(text, Box(frame.x, frame.y, max(first - frame.x - 4, 1.0), TITLE))


def _beside(one: Box, other: Box) -> bool:
    """Whether a square is a neighbour of another in their lattice."""
    across, down = abs(one.x - other.x), abs(one.y - other.y)
    return abs(max(across, down) - other.width - BETWEEN) < 0.01 and min(across, down) < 0.01


def _too_many(file: PenFile, page: Page) -> PenError:
    return PenError(
        f"{len(file.pens)} pens don't fit on a page of {page.width:g} x {page.height:g} mm with margins of "
        f"{page.margin:g} mm; choose a larger page (--size) or fewer pens (--pens)"
    )
