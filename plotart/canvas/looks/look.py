"""What a look is made from, and what it is: strokes to begin with, and the ways in which they may move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from plotart.canvas.looks.lines import Lines, Room
from plotart.canvas.stippling import Array
from plotart.canvas.ways import Ways
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes

#: Logit of the pen that a line begins with; the other pens have 0.
FIRM = 4.0

#: Degrees between the families of one pen's lines and the next one's: far from 0, 30, 45, 60 and 90 after any number of
#: turns, between which families interfere (moiré). It is the golden section of half a turn.
TURN = math.degrees(math.pi * (math.sqrt(5) - 1) / 2)


#: How far a line may go aside, as a share of the distance between lines where it is; and at most, in mm.
ASIDE, FARTHEST_ASIDE = 0.6, 1.5


@dataclass(frozen=True)
class LookRequest:
    """What is to be drawn.

    tones      [pens, H, W]: the share of the paper that each pen is to ink, over the whole sheet
    lightness  [H, W], 0 to 1: of the picture, for the directions of its forms
    px_per_mm  of both
    page       the sheet
    nibs       mm of each pen
    seed       of all that is random
    angle      degrees of the first pen's lines
    spacing    mm between lines where they are densest; None is as it takes to reach the darkest tone
    ends       mm along which a line's worth too much, or too little, is drawn rather than that a line ends
    focus      x and y in mm of what matters most
    """

    tones: Array
    lightness: Array
    px_per_mm: float
    page: Page
    nibs: Sequence[float]
    seed: int
    angle: float = 45.0
    spacing: float | None = None
    ends: float = 1.5
    focus: tuple[float, float] = (0.0, 0.0)

    @property
    def pens(self) -> range:
        return range(len(self.nibs))

    def random(self, pen: int) -> np.random.Generator:
        """The source of all that is random in what this pen draws."""
        return np.random.default_rng([self.seed % 2**63, pen])

    def direction(self, pen: int) -> float:
        """Radians of this pen's lines."""
        return math.radians((self.angle + pen * TURN) % 180)

    def places(self, at: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns [k] of the pixels at points [k, 2] mm; of the nearest ones beyond the sheet."""
        row, column = (at.T[::-1] * self.px_per_mm).astype(np.int64)
        rows, columns = self.lightness.shape
        return np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)

    def room(self, pen: int) -> Room:
        """How far a line of this pen may go aside at points [k, 2] mm: about half the way to the next one."""

        def room(at: Array) -> Array:
            apart = self.nibs[pen] / np.maximum(self.tones[pen][self.places(at)], 1e-3)
            return np.clip(ASIDE * apart, ASIDE * self.pitch(pen), max(FARTHEST_ASIDE, ASIDE * self.pitch(pen)))

        return room

    def pitch(self, pen: int) -> float:
        """mm from line to line where they are densest."""
        return self.spacing or self.nibs[pen] / max(float(self.tones[pen].max()), 0.05)


@dataclass(frozen=True)
class Look:
    strokes: Strokes
    ways: Ways


def joined(looks: Sequence[Look]) -> Look:
    """Several looks on one sheet, by the same pens."""
    points = np.cumsum([0, *(len(look.strokes.points) for look in looks)]).tolist()
    ways = np.cumsum([0, *(len(look.ways) for look in looks)]).tolist()
    strokes = np.cumsum([0, *(len(look.strokes) for look in looks)]).tolist()
    return Look(
        Strokes(
            torch.cat([look.strokes.points for look in looks]),
            torch.cat([look.strokes.num_points for look in looks]),
            torch.cat([look.strokes.logits for look in looks]),
        ),
        Ways(
            torch.cat([look.ways.rows + first for look, first in zip(looks, points, strict=False)]),
            torch.cat([look.ways.way + first for look, first in zip(looks, ways, strict=False)]),
            torch.cat([look.ways.vectors for look in looks]),
            torch.cat([look.ways.low for look in looks]),
            torch.cat([look.ways.high for look in looks]),
            torch.cat([look.ways.stroke + first for look, first in zip(looks, strokes, strict=False)]),
        ),
    )


def look_of(lines: Sequence[Lines]) -> Look:
    """The lines of each pen in turn, as one look."""
    return joined([_of_pen(each, pen, len(lines)) for pen, each in enumerate(lines)])


def _of_pen(lines: Lines, pen: int, pens: int) -> Look:
    logits = torch.zeros(len(lines.num_points), pens)
    logits[:, pen] = FIRM
    strokes = Strokes(torch.from_numpy(lines.points).float(), torch.from_numpy(lines.num_points), logits)
    rows, way, stroke = (torch.from_numpy(each) for each in (lines.rows, lines.way, lines.stroke))
    vectors, low, high = (torch.from_numpy(each).float() for each in (lines.vectors, lines.low, lines.high))
    return Look(strokes, Ways(rows, way, vectors, low, high, stroke))
