"""A sheet on which one pen finds its values: ladders of speed, of height and of spacing, to look at and choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from plotart.calibration.chart import Box, ChartLabel
from plotart.calibration.hatching import hatch, ring
from plotart.calibration.lettering import lettered
from plotart.errors import DrawingError
from plotart.export.drawing import Drawing, Layer, Line
from plotart.geometry.page import Page
from plotart.pens import Pen

#: % of the top speed; % of the lift's travel at which the lowered pen is held, gently first; nib widths.
SPEEDS = (10, 20, 30, 40, 50, 60, 80, 100)
HEIGHTS = (50, 45, 40, 35, 30, 25, 20, 15)
SPACINGS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)

#: mm: height of capitals at least, of the title, and what is free between two parts of the sheet.
LETTERS, TITLE, GAP = 2.2, 3.2, 3.0

#: mm: the side of the squares of the spacing ladder; of a broad pen they are larger.
SQUARE = 16.0

#: What of a rung's length has the straight line, the teeth and the dashes; a circle has the rest.
STRAIGHT, TEETH, DASHES = 0.5, 0.22, 0.2


@dataclass(frozen=True)
class Ladders:
    """The rungs of each ladder, in the order in which they are drawn.

    speeds    % of the top speed
    heights   % of the lift's travel
    spacings  nib widths from one line to the next; where the page is too narrow for all, some are left out
    """

    speeds: Sequence[int] = SPEEDS
    heights: Sequence[int] = HEIGHTS
    spacings: Sequence[float] = SPACINGS


def ladder_drawing(pen: Pen, page: Page, ladders: Ladders | None = None) -> Drawing:
    """The sheet for a pen: a layer with all that is lettered and the spacings, then one for each rung of speed and of
    height, whose pen has that speed or height and is the same otherwise. It stays in the machine for all of them.

    Raises DrawingError where the page is too small for the pen's nib.
    """
    ladders = ladders or Ladders()
    left, top, right, bottom = page.inner
    width, letters = right - left, max(LETTERS, 3.5 * pen.width)
    head, title = 1.4 * letters + GAP / 3, max(TITLE, letters)
    square = max(SQUARE, 8 * pen.width)
    spacings = _fitting(ladders.spacings, int((width + GAP) / (square + GAP)))
    rungs = len(ladders.speeds) + len(ladders.heights)
    fixed = 1.5 * title + GAP + 3 * head + 2 * GAP + square + letters + 1.0 + pen.width
    pitch = (bottom - top - fixed) / max(rungs, 1)
    if pitch < letters + 2 * pen.width or not spacings:
        raise DrawingError(
            f"{page.width:g} x {page.height:g} mm: too small for {rungs} rungs of a pen of {pen.width:g} mm; allowed "
            "are a larger sheet or fewer rungs"
        )
    held = pen.but(pause=False, max_distance=None)
    lettering = _words(_title(pen), Box(left, top + 0.1 * title, width, title))  # some letters are higher than capitals
    layers = list[Layer]()
    y = top + 1.5 * title + GAP
    for name, unit, values in (
        ("speed", "% of the top speed", ladders.speeds),
        ("height", "% of the lift's travel", ladders.heights),
    ):
        lettering += _words(f"{name}, {unit}", Box(left, y, width, letters))
        y += head
        for value in values:
            label = Box(left, y + (pitch - letters) / 2, 4 * letters, letters)
            lettering += _words(str(value), label)
            rung = Box(label.right, y, right - label.right, pitch).shrunk(pen.width / 2)
            layers.append(Layer(held.but(**{name: value, "delay": None}), _rung(rung, pen.width)))
            y += pitch
        y += GAP
    lettering += _words("spacing, mm", Box(left, y, width, letters))
    y += head
    for number, share in enumerate(spacings):
        box = Box(left + number * (square + GAP), y, square, square)
        spacing = float(f"{share * pen.width:.2g}")
        lettering.append(np.concatenate(hatch(box, spacing, pen.width)))  # to and fro in one line
        lettering += _words(f"{spacing:g}", Box(box.x, box.bottom + 1.0 + pen.width, square, letters))
    return Drawing(page.width, page.height, (Layer(held, lettering), *layers))


def _fitting(values: Sequence[float], most: int) -> list[float]:
    """At most so many of them, spread evenly."""
    count = min(len(values), most)
    return [values[round(at)] for at in np.linspace(0, len(values) - 1, count)]


def _words(text: str, box: Box) -> list[Line]:
    return lettered(ChartLabel(text, box))


def _title(pen: Pen) -> str:
    told = [f"{pen.width:g} mm"]
    told += [f"{name} {value} %" for name, value in (("speed", pen.speed), ("height", pen.height)) if value is not None]
    return f"{pen.name}, {', '.join(told)}"


def _rung(box: Box, nib: float) -> list[Line]:
    """What tells how a pen keeps up: a straight line that is long enough to come to speed, teeth with sharp turns,
    dashes, each with a lift, and a circle."""
    middle, half = box.y + box.height / 2, 0.35 * (box.height - nib)
    starts = box.x + box.width * np.cumsum([0.0, STRAIGHT, TEETH, DASHES])
    line, teeth, dashes = ((float(begin), float(end) - GAP - nib) for begin, end in pairwise(starts))
    turns = 2 * max(int((teeth[1] - teeth[0]) / (1.6 * half)), 2) + 1
    zigzag = np.column_stack([np.linspace(*teeth, turns), middle + half * (-1.0) ** np.arange(turns)])
    count = int(np.clip(((dashes[1] - dashes[0]) / (3 * nib) + 1) / 2, 2, 6))
    ends = np.linspace(*dashes, 2 * count).reshape(-1, 2)
    return [
        np.array([[line[0], middle], [line[1], middle]]),
        zigzag,
        *(np.array([[begin, middle], [end, middle]]) for begin, end in ends),
        *ring(box.right - half, middle, half - nib / 2, half + nib / 2, nib),
    ]
