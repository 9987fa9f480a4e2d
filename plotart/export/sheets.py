"""A drawing that is larger than the machine reaches, as sheets that are plotted one by one and put together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plotart.errors import DrawingError
from plotart.export.clip import Bounds
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.svg import coordinates, millimetres

#: mm: half the length of a registration cross' arms.
ARM = 2.5

#: mm that lines reach beyond the cut, so that no gap is left between rounded coordinates.
SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Sheet:
    """One of the sheets: `row` and `column` count from 1 from the top left; its drawing has its own corner for origin.

    box    left, top, right, bottom in mm: what it shows of the whole page
    marks  [n, 2] mm on the sheet: centres of the registration crosses, which its neighbours have too
    """

    row: int
    column: int
    box: Bounds
    marks: Line
    drawing: Drawing

    @property
    def name(self) -> str:
        return f"sheet_{self.row}_{self.column}"


def split_sheets(drawing: Drawing, reach: tuple[float, float], *, overlap: float, margin: float = 0.0) -> list[Sheet]:
    """The drawing on as few equal sheets as a machine of this `reach` (long side, short side in mm) takes, row by row.

    Neighbours have `overlap` mm in common: what lies there is drawn on both, so that they can be laid over each other
    or cut anywhere in it. The crosses lie in the middle of it: where it meets the page's margin of `margin` mm, and
    where four sheets meet. They are drawn by the last pen, the darkest as a rule, in lines of their own.
    A drawing that is reached as a whole is one sheet without crosses.

    Raises DrawingError where `overlap` leaves nothing of a sheet.
    """
    best = min(
        (_grid(drawing, along, across, overlap) for along, across in (reach, reach[::-1])),
        key=lambda grid: len(grid[0]) * len(grid[1]),
    )
    lefts, tops, (width, height) = best
    crosses = _crosses(drawing, lefts, tops, (width, height), overlap, margin)
    sheets = []
    for row, top in enumerate(tops, 1):
        for column, left in enumerate(lefts, 1):
            box = (left, top, left + width, top + height)
            mine = _inside(crosses, box) - (left, top)
            sheets.append(Sheet(row, column, box, mine, _part(drawing, box, mine)))
    return sheets


def overview_svg(drawing: Drawing, sheets: Sequence[Sheet]) -> str:
    """SVG text that shows how the sheets lie on the page; to be looked at, not to be plotted."""
    import svgwrite

    width, height = millimetres(drawing.width), millimetres(drawing.height)
    picture = svgwrite.Drawing(size=(f"{width}mm", f"{height}mm"), viewBox=f"0 0 {width} {height}", debug=False)
    picture.add(picture.rect((0, 0), (width, height), fill="white"))
    for layer in drawing.layers:
        group = picture.g(fill="none", stroke=layer.color, stroke_width=millimetres(layer.width), opacity=0.35)
        for line in layer.lines:
            group.add(picture.path(d=f"M{' L'.join(coordinates(line))}"))
        picture.add(group)
    frames = picture.g(fill="none", stroke="#c8102e", stroke_width="0.6")
    names = picture.g(fill="#c8102e", font_family="sans-serif", font_size="14", text_anchor="middle")
    for sheet in sheets:
        left, top, right, bottom = sheet.box
        corner, size = (millimetres(left), millimetres(top)), (millimetres(right - left), millimetres(bottom - top))
        frames.add(picture.rect(corner, size))
        middle = millimetres((left + right) / 2), millimetres((top + bottom) / 2)
        names.add(picture.text(f"{sheet.row} {sheet.column}", insert=middle))
    for mark in _distinct(np.concatenate([sheet.marks + sheet.box[:2] for sheet in sheets])):
        for start, end in _cross_lines(mark[None]):
            frames.add(picture.line(_corner(start), _corner(end)))
    picture.add(frames)
    picture.add(names)
    return str(picture.tostring())


def _distinct(points: Line) -> Line:
    return np.unique(points.round(6), axis=0)


def _corner(point: Line) -> tuple[str, str]:
    return millimetres(float(point[0])), millimetres(float(point[1]))


def _grid(
    drawing: Drawing, along: float, across: float, overlap: float
) -> tuple[list[float], list[float], tuple[float, float]]:
    """Lefts and tops of the sheets, and their size, for a machine that reaches so far to the right and down."""
    starts, sides = [], []
    for length, most in ((drawing.width, along), (drawing.height, across)):
        if length <= most:
            starts.append([0.0])
            sides.append(length)
            continue
        if overlap >= most / 2:
            raise DrawingError(
                f"an overlap of {overlap:g} mm leaves too little of sheets of {along:g} x {across:g} mm: "
                f"allowed is less than half of the shorter side"
            )
        count = math.ceil((length - overlap) / (most - overlap))
        side = (length - overlap) / count + overlap
        starts.append([k * (side - overlap) for k in range(count)])
        sides.append(side)
    return starts[0], starts[1], (sides[0], sides[1])


def _crosses(
    drawing: Drawing,
    lefts: list[float],
    tops: list[float],
    size: tuple[float, float],
    overlap: float,
    margin: float,
) -> Line:
    """[n, 2] mm on the page: where seams meet the page's margins and each other."""
    rim = max(margin / 2, ARM)
    seams = [left + overlap / 2 for left in lefts[1:]], [top + overlap / 2 for top in tops[1:]]
    found = [(x, y) for x in seams[0] for y in (rim, *seams[1], drawing.height - rim)]
    found += [(x, y) for y in seams[1] for x in (rim, drawing.width - rim)]
    return np.array(found).reshape(-1, 2)


def _inside(points: Line, box: Bounds) -> Line:
    low, high = np.array(box[:2]), np.array(box[2:])
    return points[((points >= low - SLACK) & (points <= high + SLACK)).all(axis=1)]


def _part(drawing: Drawing, box: Bounds, marks: Line) -> Drawing:
    left, top, right, bottom = box
    layers = [replace(layer, lines=[part - (left, top) for part in _cut(layer.lines, box)]) for layer in drawing.layers]
    if len(marks):
        layers[-1] = replace(layers[-1], lines=[*layers[-1].lines, *_cross_lines(marks + layers[-1].moved)])
    drawn: tuple[Layer, ...] = tuple(layer for layer in layers if layer.lines)
    return Drawing(right - left, bottom - top, drawn)


def _cross_lines(marks: Line) -> list[Line]:
    return [
        mark + arm for mark in marks for arm in (np.array([[-ARM, 0.0], [ARM, 0.0]]), np.array([[0, -ARM], [0, ARM]]))
    ]


def _cut(lines: list[Line], box: Bounds) -> list[Line]:
    """The parts of the lines that lie in the box (left, top, right, bottom)."""
    import vpype

    left, top, right, bottom = box
    found = vpype.LineCollection(line[:, 0] + 1j * line[:, 1] for line in lines)
    found.crop(left - SLACK, top - SLACK, right + SLACK, bottom + SLACK)
    return [np.column_stack([line.real, line.imag]) for line in found if len(line) > 1]
