"""How much of the ink lies on other ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotart.export.line_array import LineArray, Samples

#: mm between the points that are looked at.
STEP = 0.25

#: Points for the lines of a whole drawing; with more than a kilometre of them, the points lie further apart.
MOST = 4_000_000

#: Nibs along a line up to which it may be near itself, as all lines are, and up to which a stretch near another is but
#: a crossing.
APART = 4

#: Lines a nib apart are within a nib of each other, whatever the last digits of their coordinates say.
SLACK = 1e-6

#: Points whose neighbours are looked for at once.
BATCH = 1024


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
    """[s] which points lie within a nib of another line, or of a part of their own that is further along."""
    import shapely

    points, reach = samples.points, nib * (1 + SLACK)
    tree = shapely.STRtree(shapely.points(points))
    near = np.zeros(len(points), bool)
    for begin in range(0, len(points), BATCH):
        x, y = points[begin : begin + BATCH].T
        one, other = tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach))
        one = one + begin
        further = np.abs(samples.along[other] - samples.along[one]) > APART * nib
        others = (samples.line[other] != samples.line[one]) | further
        one, other = one[others], other[others]
        gap = points[other] - points[one]
        near[one[(gap**2).sum(axis=1) < reach**2]] = True
    return near
