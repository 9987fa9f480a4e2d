"""The order of a layer's lines, their directions, and where closed ones begin: as little pen-up travel as can be.

vpype's linesort goes to the nearest line that is left, which is quick for any number of lines. What its ``--two-opt``
does after that takes time that grows with the square of their number, so that part is plotart.geometry.tour's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plotart.export.drawing import Line
from plotart.export.engine import run_vpype
from plotart.export.polyline import length, travel
from plotart.geometry.tour import GAIN, order_of_lines


def sort_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines [n, 2] in another order, some turned round. Travel never grows; equal input, equal order."""
    if len(lines) < 2:
        return list(lines)
    return _improved(run_vpype("linesort", lines))


def begin_loops(lines: Sequence[Line], *, gap: float) -> list[Line]:
    """The lines in their order; those whose ends are within `gap` mm begin where travel is least. It never grows.

    A loop that isn't quite closed is closed where it began.
    """
    done = list(lines)
    for place, line in enumerate(done):
        if not _is_loop(line, gap):
            continue
        ways = np.zeros(len(line))
        straight = 0.0
        if place > 0:
            ways += np.hypot(*(line - done[place - 1][-1]).T)
            straight += float(np.hypot(*(line[0] - done[place - 1][-1])))
        if place + 1 < len(done):
            ways += np.hypot(*(line - done[place + 1][0]).T)
            straight += float(np.hypot(*(line[-1] - done[place + 1][0])))
        start = int(ways.argmin())
        if ways[start] < straight - GAIN:
            done[place] = _begun_at(line, start)
    return done


def shorten_travel(lines: Sequence[Line], *, sort: bool, loops: float | None) -> list[Line]:
    """The lines in the best order found (`sort`), loops closed within `loops` mm begun anywhere (None: as they are)."""
    done = sort_lines(lines) if sort else list(lines)
    if loops is None:
        return done
    begun = begin_loops(done, gap=loops)
    if sort and travel(begun) < travel(done):
        begun = begin_loops(_improved(begun), gap=loops)
    return begun


def _is_loop(line: Line, gap: float) -> bool:
    """Whether the ends are within `gap` mm, and not just because the line is short."""
    apart = float(np.hypot(*(line[-1] - line[0])))
    return len(line) > 2 and apart <= gap and 10 * apart <= length(line)


def _begun_at(line: Line, start: int) -> Line:
    closed = bool((line[0] == line[-1]).all())
    return np.concatenate([line[start : len(line) - closed], line[: start + 1]])


def _improved(lines: list[Line]) -> list[Line]:
    if len(lines) < 2:
        return lines
    ends = np.array([(line[0], line[-1]) for line in lines]).reshape(-1, 2)
    done = [lines[entry >> 1] if entry % 2 == 0 else lines[entry >> 1][::-1] for entry in order_of_lines(ends)]
    # The sums are made in another order than the moves: a hair more is possible where nothing was gained.
    return done if travel(done) <= travel(lines) else lines
