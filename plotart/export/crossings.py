"""Where lines cross."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from plotart.export.line_array import Floats, LineArray, Whole

#: Pieces of lines whose neighbours are looked for at once.
BATCH = 1024

#: The sine, or the share of a piece's length, below which a point may lie on the piece: far above what rounding does
#: to either, far below what can be drawn.
SLACK = 1e-9

#: mm: points that are nearer than about this are one.
SAME = 1e-6


def count_crossings(lines: LineArray) -> int:
    """Points within both of two lines. One that ends on another, or goes along with it for a while, does not cross."""
    import shapely

    starts = lines.steps[(lines.points[lines.steps] != lines.points[lines.steps + 1]).any(axis=1)]
    if not len(starts):
        return 0
    owner, ends = lines.owner[starts], np.stack([lines.points[starts], lines.points[starts + 1]], axis=1)
    pieces = shapely.linestrings(ends)
    tree, total = shapely.STRtree(pieces), 0
    for batch in _batches(owner):
        one, other = tree.query(pieces[batch])
        one = one + batch.start
        later = owner[one] < owner[other]
        one, other = one[later], other[later]
        crossing, unclear = _cross(ends[one], ends[other])
        pairs = owner[one] * len(lines.sizes) + owner[other]
        hard = np.unique(pairs[unclear])
        easy = crossing & ~np.isin(pairs, hard)
        total += _distinct(pairs[easy], _points(ends[one[easy]], ends[other[easy]]))
        total += _exact(lines, hard // len(lines.sizes), hard % len(lines.sizes))
    return total


def _batches(owner: Whole) -> Iterator[slice]:
    """The pieces in batches of whole lines, as two lines have to be seen together."""
    bounds = np.flatnonzero(np.diff(owner, prepend=-1, append=-1))
    begin = 0
    while begin < len(owner):
        # The last bound within reach, or the end of a line that is longer than a batch.
        at = max(np.searchsorted(bounds, begin + BATCH, "right") - 1, np.searchsorted(bounds, begin, "right"))
        yield slice(begin, int(bounds[at]))
        begin = int(bounds[at])


def _cross(one: Floats, other: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of these pairs of pieces [m, 2, 2] cross within both, and of which that is unclear, as an end of one lies
    on the other."""
    sides = np.stack([*_sides(one, other), *_sides(other, one)])
    apart = (sides[0] * sides[1] > 0) | (sides[2] * sides[3] > 0)
    clear = (sides != 0).all(axis=0)
    return clear & ~apart, ~clear & ~apart


def _sides(piece: Floats, other: Floats) -> Iterator[Floats]:
    """For both ends of the other: on which side of the piece they lie, -1 or 1; 0 on it, or too near to tell."""
    x, y = (piece[:, 1] - piece[:, 0]).T
    for end in (0, 1):
        to_x, to_y = (other[:, end] - piece[:, 0]).T
        turn = x * to_y - y * to_x
        least = SLACK * np.hypot(x, y) * np.maximum(np.hypot(to_x, to_y), np.hypot(x, y))
        yield np.where(np.abs(turn) > least, np.sign(turn), 0.0)


def _points(one: Floats, other: Floats) -> Floats:
    """[m, 2] mm: where pairs of pieces cross."""
    way, (to_x, to_y), (gap_x, gap_y) = (
        one[:, 1] - one[:, 0],
        (other[:, 1] - other[:, 0]).T,
        (other[:, 0] - one[:, 0]).T,
    )
    share = (gap_x * to_y - gap_y * to_x) / (way[:, 0] * to_y - way[:, 1] * to_x)
    return one[:, 0] + share[:, None] * way


def _distinct(pairs: Whole, points: Floats) -> int:
    """How many points there are of the same pair; one that a line passes twice, as when it turns back, counts once."""
    return len(np.unique(np.column_stack([pairs, (points / SAME).round().astype(np.int64)]), axis=0))


def _exact(lines: LineArray, one: Whole, other: Whole) -> int:
    """Points where pairs of lines cross that also touch, by their geometry as a whole."""
    import shapely

    if not len(one):
        return 0
    first, second = (
        np.array([shapely.linestrings(lines.line(number)) for number in numbers]) for numbers in (one, other)
    )
    crossing = shapely.crosses(first, second)
    return int(shapely.get_num_geometries(shapely.intersection(first[crossing], second[crossing])).sum())
