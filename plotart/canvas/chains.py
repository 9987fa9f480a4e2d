"""Strokes that are joined end to end, and the lines that they make.

End 2 i is where stroke i begins, end 2 i + 1 where it stops; ``links[e]`` is the end that end e is joined to, or -1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from plotart.geometry.ends import end_rows
from plotart.geometry.strokes import joint_rows

FREE = -1


class Units(NamedTuple):
    """What is drawn as one: strokes, or lines of strokes that are joined.

    rows        [P] of the strokes' points, one unit after another
    num_points  [n] of each
    stroke      [n] one of its strokes
    member      [N] the unit of each stroke; -1 where it has left
    """

    rows: Tensor
    num_points: Tensor
    stroke: Tensor
    member: Tensor


def strokes_alone(num_points: Tensor, there: Tensor) -> Units:
    """The strokes that are `there` [N] bool, each a unit of its own."""
    stroke = there.nonzero().flatten()
    member = torch.full_like(num_points, -1)
    member[stroke] = torch.arange(len(stroke))
    rows = there.repeat_interleave(num_points).nonzero().flatten()
    return Units(rows, num_points[stroke], stroke, member)


def lines_of(num_points: Tensor, there: Tensor, links: Tensor) -> Units:
    """The lines that strokes make which are `there` and joined by `links` [2 N]; where two meet, one point is left."""
    starts = (torch.cumsum(num_points, 0) - num_points).tolist()
    counts, partner = num_points.tolist(), links.tolist()
    member = [-1] * len(counts)
    rows: list[int] = []
    lengths: list[int] = []
    firsts: list[int] = []
    for walk in _walks(there.tolist(), partner):
        before = len(rows)
        for entry in walk:
            stroke, backwards = entry >> 1, entry & 1
            member[stroke] = len(firsts)
            own = range(starts[stroke], starts[stroke] + counts[stroke])
            rows.extend((own[::-1] if backwards else own)[int(len(rows) > before) :])
        lengths.append(len(rows) - before)
        firsts.append(walk[0] >> 1)
    units = (torch.tensor(values, dtype=torch.int64) for values in (rows, lengths, firsts, member))
    return Units(*units)


def _walks(there: Sequence[bool], partner: Sequence[int]) -> list[list[int]]:
    """Lines as the ends at which their strokes are entered; those that are open first, from one of their ends."""
    seen = [False] * len(there)
    ends = [end for end in range(2 * len(there)) if there[end >> 1]]
    found = []
    for end in [end for end in ends if partner[end] == FREE] + ends:
        if seen[end >> 1]:
            continue
        walk, entry = [], end
        while entry != FREE and not seen[entry >> 1]:
            seen[entry >> 1] = True
            walk.append(entry)
            entry = partner[entry ^ 1]
        found.append(walk)
    return found


class Joints(NamedTuple):
    """Rows [J] of points that are not free but the middle between the rows `before` and `after`."""

    rows: Tensor
    before: Tensor
    after: Tensor


def joints_of(num_points: Tensor, links: Tensor, *, smooth: bool) -> Joints:
    """Where cubics of a stroke meet, if that is to be `smooth`, and where strokes do."""
    inside = joint_rows(num_points) if smooth else num_points[:0]
    rows, inner = end_rows(num_points)
    end = (links != FREE).nonzero().flatten()
    before, after = inner[end], inner[links[end]]
    return Joints(torch.cat([inside, rows[end]]), torch.cat([inside - 1, before]), torch.cat([inside + 1, after]))


#: Ends near an end that it may be joined to, where lines are joined whatever the way between them.
_NEAREST = 8

#: mm that a turn back on itself counts for, where an end is chosen to go on at.
_TURN = 20.0


def chained(ends: Tensor, tangents: Tensor, links: Tensor, units: Units, left: int) -> Tensor:
    """links [2 N] with more of them, until `left` lines are left: those between free ends that are nearest come first,
    straight ones before such that turn back (the greedy edge of Bentley 1992, Fast algorithms for geometric traveling
    salesman problems).

    ends, tangents [2 N, 2] mm, outwards; all on the host.
    """
    from scipy.spatial import cKDTree

    links, line = links.clone(), units.member.repeat_interleave(2).tolist()
    places, away = ends.double().numpy(), tangents.double().numpy()
    count = len(units.stroke)
    while count > left:
        free = [end for end in range(len(links)) if line[end] >= 0 and links[end] == FREE]
        apart, near = cKDTree(places[free]).query(places[free], k=min(_NEAREST, len(free)))
        found = []
        for place, end in enumerate(free):
            for way, other in zip(apart[place], near[place], strict=True):
                to = free[other]
                if end < to and line[end] != line[to]:
                    found.append((way + _TURN * (1 + float(away[end] @ away[to])) / 2, end, to))
        for _, end, to in sorted(found):
            if count > left and links[end] == links[to] == FREE and line[end] != line[to]:
                links[end], links[to] = to, end
                line = [line[end] if one == line[to] else one for one in line]
                count -= 1
    return links
