"""How much of the ink lies on other ink."""

from __future__ import annotations

from typing import Any

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

#: Neighbours looked for at once.
BATCH = 1 << 20


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
    from scipy.spatial import KDTree

    tree = KDTree(samples.points)
    near = np.zeros(len(samples.points), bool)
    left, count = np.arange(len(near)), 8
    # Nearly all have few points around them; those around whom there are only their own line's look further.
    while len(left):
        more = []
        for batch in np.array_split(left, -(-len(left) * count // BATCH)):
            found, full = _any_other(tree, samples, batch, count, nib)
            near[batch] = found
            more.append(batch[full & ~found])
        left, count = np.concatenate(more), count * 4
    return near


def _any_other(
    tree: Any, samples: Samples, batch: Whole, count: int, nib: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether another's point is among the nearest `count` within a nib, and whether there may be more of them."""
    _, found = tree.query(samples.points[batch], count, distance_upper_bound=nib * (1 + SLACK))
    there = found < len(samples.points)  # the tree fills up with a number that no point has
    found = np.where(there, found, batch[:, None])
    further = np.abs(samples.along[found] - samples.along[batch, None]) > APART * nib
    other = (samples.line[found] != samples.line[batch, None]) | further
    return other.any(axis=1), there.all(axis=1)
