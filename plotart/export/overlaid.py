"""How much of the ink lies on other ink."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plotart.export.line_array import LineArray, Samples, Whole

#: mm between the points that are looked at.
STEP = 0.25

#: Points for the lines of a whole drawing; with more than a kilometre of them, the points lie further apart.
MOST = 4_000_000

#: Nibs along a line up to which it may be near itself, as all lines are, and up to which a stretch near another is but
#: a crossing.
APART = 4

#: Lines a nib apart are within a nib of each other, whatever the last digits of their coordinates say.
SLACK = 1e-6

#: Pairs of points that are looked at at once, and points of a square that are looked at first.
BATCH, FEW = 1 << 18, 8

#: The squares around a square, itself first: steps down and to the right.
AROUND = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))


def overlaid_share(lines: LineArray, nib: float) -> float:
    """The share of the lines' length that is drawn over: within a `nib` (mm) of another line, or of itself more than
    4 nibs further along, for longer than 4 nibs at a stretch. Of at least one line; dots count as points."""
    samples = Samples.of(lines, max(STEP, lines.lengths.sum() / MOST))
    near = _near_others(samples, nib)
    bounds = np.flatnonzero((np.diff(near) != 0) | (np.diff(samples.line) != 0)) + 1
    starts = np.concatenate([[0], bounds])
    counts = np.diff(np.concatenate([starts, [len(near)]]))
    long = near[starts] & (counts * samples.step > APART * nib)
    return float(counts[long].sum() / len(near))


def _near_others(samples: Samples, nib: float) -> NDArray[np.bool_]:
    """[s] which points lie within a nib of another line, or of a part of their own that is further along.

    Points are sorted by squares a nib wide, so that all within a nib of one lie in its own and the eight around it
    (a cell list): of more than a few hundred points quicker than a k-d tree, as each looks only until it finds one.
    """
    reach = nib * (1 + SLACK)
    column, row = np.floor((samples.points - samples.points.min(axis=0)) / reach).astype(np.int64).T + 1
    width = column.max() + 2
    square = row * width + column
    order = np.argsort(square, kind="stable")
    square, points = square[order], samples.points[order]
    line, along = samples.line[order], samples.along[order]
    near = np.zeros(len(order), bool)

    def look(own: Whole, first: Whole, counts: Whole) -> None:
        """Whether any of the points from the `first` on is another's and near."""
        one = np.repeat(own, counts)
        other = np.arange(len(one)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        others = (line[one] != line[other]) | (np.abs(along[one] - along[other]) > APART * nib)
        others &= ((points[one] - points[other]) ** 2).sum(axis=1) < reach**2
        near[one[others]] = True

    for down, right in AROUND:
        left = np.flatnonzero(~near)
        wanted = square[left] + down * width + right
        first, last = np.searchsorted(square, wanted, "left"), np.searchsorted(square, wanted, "right")
        few = FEW
        while len(left):
            counts = np.minimum(last - first, few)
            for batch in _batches(counts):
                look(left[batch], first[batch], counts[batch])
            first += counts
            more = (first < last) & ~near[left]
            left, first, last, few = left[more], first[more], last[more], few * 4
    sampled = np.empty_like(near)
    sampled[order] = near
    return sampled


def _batches(counts: Whole) -> Iterator[slice]:
    """Slices in which the counts come to about BATCH; one that is larger has its own."""
    total = np.cumsum(counts)
    bounds = np.searchsorted(total, np.arange(BATCH, total[-1], BATCH))
    for begin, end in pairwise(np.unique([0, *bounds, len(counts)]).tolist()):
        yield slice(begin, end)
