"""The lines of a drawing end to end in one array, so that all of them are measured at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plotart.export.drawing import Line

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LineArray:
    """`points` [p, 2] in mm, line after line, and the number of points of each line [n], one or more."""

    points: Floats
    sizes: Whole

    @classmethod
    def of(cls, lines: Sequence[Line]) -> LineArray:
        return cls(np.concatenate([np.zeros((0, 2)), *lines]), np.array([len(line) for line in lines], np.int64))

    @cached_property
    def first(self) -> Whole:
        """Where each line's points begin."""
        return np.cumsum(self.sizes) - self.sizes

    @cached_property
    def steps(self) -> Whole:
        """The points that their line goes on from: where its straight pieces begin."""
        last = np.zeros(len(self.points), bool)
        last[self.first + self.sizes - 1] = True
        return np.flatnonzero(~last)

    @cached_property
    def owner(self) -> Whole:
        """[p] the line that each point is of, from 0."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def pieces(self) -> Floats:
        """mm from each of the `steps` to the next point."""
        return np.hypot(*(self.points[self.steps + 1] - self.points[self.steps]).T)

    @cached_property
    def lengths(self) -> Floats:
        """mm of each line; 0 for a dot."""
        return np.bincount(self.owner[self.steps], self.pieces, minlength=len(self.sizes)).astype(np.float64)

    def line(self, number: int) -> Line:
        return self.points[self.first[number] : self.first[number] + self.sizes[number]]


@dataclass(frozen=True, eq=False)
class Samples:
    """Points evenly along lines: `points` [s, 2] in mm, the `line` that each is of, and how far `along` it in mm.

    step  mm from one to the next; in a line that is not a multiple of it a little more, less than twice as much
    """

    points: Floats
    line: Whole
    along: Floats
    step: float

    @classmethod
    def of(cls, lines: LineArray, step: float) -> Samples:
        """At least one of each line, in the middle of equal parts of it."""
        lengths = lines.lengths
        counts = np.maximum(1, (lengths / step).astype(np.int64))
        line = np.repeat(np.arange(len(counts)), counts)
        nth = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
        along = (nth + 0.5) * (lengths / counts)[line]
        # All lines lie on one ruler, a millimetre apart so that none begins where another ends.
        marks = np.ones(len(lines.points))
        marks[lines.steps + 1] = lines.pieces
        ruler = np.cumsum(marks)
        at = ruler[lines.first][line] + along
        points = np.column_stack([np.interp(at, ruler, lines.points[:, axis]) for axis in (0, 1)])
        return cls(points, line, along, step)
