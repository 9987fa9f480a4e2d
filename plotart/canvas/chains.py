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
from plotart.geometry.tour import order_of_lines

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


def chained(ends: Tensor, there: Tensor, links: Tensor, left: int) -> Tensor:
    """links [2 N] with more of them, until the strokes that are `there` make `left` lines: a short tour goes through
    the lines that they make now, and is parted where its ways are longest.

    ends [2 N, 2] mm; all on the host.
    """
    links, walks = links.clone(), _walks(there.tolist(), links.tolist())
    if len(walks) <= left:
        return links
    # A ring is opened where it began.
    begins, stops = (torch.tensor(own) for own in zip(*((walk[0], walk[-1] ^ 1) for walk in walks), strict=True))
    links[begins], links[stops] = FREE, FREE
    outer = torch.stack([begins, stops], dim=1).flatten()
    entries = torch.from_numpy(order_of_lines(ends[outer].double().numpy()))
    leaving, entering = outer[entries[:-1] ^ 1], outer[entries[1:]]
    ways = (ends[leaving] - ends[entering]).square().sum(dim=1)
    shortest = torch.argsort(ways, stable=True)[: len(walks) - left]
    links[leaving[shortest]], links[entering[shortest]] = entering[shortest], leaving[shortest]
    return links
