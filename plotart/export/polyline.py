"""What is measured on polylines and cut out of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plotart.export.drawing import Line


def distances(line: Line) -> NDArray[np.float64]:
    """[n] mm from the line's start to each of its points, along the line."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def length(line: Line) -> float:
    """mm."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def extent(line: Line) -> float:
    """The longer side in mm of the smallest upright box around the line."""
    return float((line.max(axis=0) - line.min(axis=0)).max())


def part(line: Line, start: float, end: float) -> Line:
    """The line between two distances in mm along it, ``start < end``."""
    along = distances(line)
    inner = line[(along > start) & (along < end)]
    ends = np.column_stack([np.interp((start, end), along, line[:, axis]) for axis in (0, 1)])
    return np.concatenate([ends[:1], inner, ends[1:]])


def travel(lines: Sequence[Line]) -> float:
    """mm with the pen up from the first line's start to the last one's end, in the order and direction given."""
    return float(sum(np.hypot(*(after[0] - before[-1])) for before, after in pairwise(lines)))
