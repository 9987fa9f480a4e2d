"""Registration marks: the same few crosses in the file of every pen.

Programs that place a file by the box around its lines, rather than by its page, then place all files alike, and crosses
that lie on each other on the paper show that no sheet or pen has moved.
"""

from __future__ import annotations

import numpy as np

from plotart.export.layered import Layered, Line
from plotart.export.layers import DECIMALS

#: mm: a cross's height and width, its distance from the drawing, and from the paper's edge.
SIZE = 4.0
GAP = 2.0
EDGE = 2.0


def registration_marks(drawing: Layered, moved: tuple[float, float] = (0.0, 0.0)) -> list[Line]:
    """Three crosses of two lines [2, 2] in mm: above the drawing, left and right, and low beside it.

    They lie towards the machine's home, where every machine that reaches the drawing reaches them: beside the drawing
    means on its left, but on its right where the page is higher than wide, since AxiDraw's software turns such a page
    a quarter to the left. The whole width of the broadest nib stays on the paper: where there is less room than the
    crosses need, they lie over the drawing's own edge. The box around them is that around them and the drawing.
    No marks for a drawing without lines.

    moved  mm to the right and down by which a layer lies aside, so that its pen lands where it should: each line of a
           cross moves across itself alone, so that crosses meet on the paper and the box stays as it is
    """
    lines = [line for layer in drawing.layers for line in layer.lines]
    if not lines:
        return []
    points = np.concatenate(lines).round(DECIMALS)  # as they are written
    if turned := drawing.height > drawing.width:
        points = (drawing.width, 0.0) + points * (-1.0, 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    broadest = max(layer.width for layer in drawing.layers)
    size = min(SIZE, drawing.width / 5, drawing.height / 5)
    start, end = _span(float(low[0]), float(high[0]), size, min(EDGE + broadest / 2, drawing.width / 5))
    top, bottom = _span(float(low[1]), float(high[1]), size, min(EDGE + broadest / 2, drawing.height / 5))
    arm = size / 2
    right, down = np.clip(moved, -arm, arm).tolist()
    marks: list[Line] = []
    for along, y in ((start + arm, top + arm), (end - arm, top + arm), (start + arm, bottom - arm)):
        x = drawing.width - along if turned else along
        marks.append(np.array([(x - arm, y + down), (x + arm, y + down)]))
        marks.append(np.array([(x + right, y - arm), (x + right, y + arm)]))
    return marks


def _span(low: float, high: float, size: float, edge: float) -> tuple[float, float]:
    """Where the marks begin and end along one side of a page, given the drawing's extent and the least start, in mm."""
    start = min(low, max(low - GAP - size, edge))
    start = min(start, max(high - 3 * size, edge))  # apart from each other, however small the drawing
    return start, max(high, start + 3 * size)
