"""Short ways through many points or lines: the travelling salesman's problem, by local search.

2-opt (what lies between two gaps is turned round) and Or-opt (up to three lines in a row move elsewhere, either way
round), looking only at the nearest ends of lines (Bentley, "Fast algorithms for geometric traveling salesman problems",
1992). Then, many times, two short runs of lines change places, what can be improved near them is, and all of it is
taken back where the way grew (iterated local search: Lourenço, Martin, Stützle, 2003). A point is a line whose ends are
one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Nearest ends that an end of a line may be joined to.
NEAR = 10

#: Lines in a row that may move together.
ROW = 3

#: Exchanges that are tried for each line, for each point, and at most; the lines in a run that changes places.
TRIES, TRIES_OF_POINTS, MOST_TRIES = 10, 3, 200_000
RUN = 10

#: Places in the order that a move may span while exchanges are tried: to turn more lines round, and back, takes too
#: long. Lines that are near each other may be far apart in the order, so that a tighter bound finds less.
LONGEST_TURN = 3000

#: Turns that can be taken back; no exchange needs nearly as many.
LOG = 4096

#: mm; changes that gain no more than this are rounding.
GAIN = 1e-9

#: Zero and none, but no literals: Numba compiles a function anew for each literal that it is given.
ZERO, NONE = np.int64(0), np.int64(-1)

_options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_compiled = njit(**_options)
# Python calls none of these.
_part = njit(**_options | {"cache": False, "no_cpython_wrapper": True})


def order_of_points(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """The order [n] of the points [n, 2] on a short open path through all of them. Equal points, equal order.

    The search begins with the order that is given; one along a curve that fills the plane is a good one.
    """
    if len(points) < 3:
        return np.arange(len(points))
    return order_of_lines(np.repeat(points, 2, axis=0), tries=TRIES_OF_POINTS) >> 1


def order_of_lines(ends: NDArray[np.float64], *, tries: int = TRIES) -> NDArray[np.int64]:
    """The ends [n] at which n >= 2 lines are entered, in an order with little way between them.

    ends   [2 n, 2] those of line i are 2 i and 2 i + 1; the order to begin with
    tries  exchanges that are tried for each line
    """
    from scipy.spatial import KDTree

    nearest = KDTree(ends).query(ends, k=min(NEAR + 1, len(ends)))[1][:, 1:].astype(np.int64)
    count = len(ends) // 2 + 1
    tour = _Tour(
        ends,
        nearest,
        2 * np.arange(count, dtype=np.int64),
        np.arange(count, dtype=np.int64),
        np.empty(2 * count, np.int64),
        np.zeros(2 * count, np.bool_),
        np.empty((LOG, 2), np.int64),
        np.array([0, 0, count], np.int64),
    )
    return _improved(tour, min(tries * (count - 1), MOST_TRIES))


# A line i has the ends 2 i and 2 i + 1, at ends[2 i] and ends[2 i + 1]. A tour is a circle of lines, each given by the
# end that it is entered at; `end ^ 1` is the one where it is left. One line more, at no distance from all others, is
# where the circle is cut open in the end; it lets moves at the first and last line be like all others.


class _Tour(NamedTuple):
    """ends     [2 n, 2] mm
    near     [2 n, k] the ends nearest to each, nearest first
    entries  [n + 1] ends at which the lines are entered, in order
    place    [n + 1] where in that order each line is
    todo     [2 n + 2] ends whose gaps may be shortened, a stack; waiting [2 n + 2] says which are on it
    log      [LOG, 2] the turns made since the last exchange: place of the first line, number of lines
    sizes    [3] of todo, of log, and the most places that a move may span
    """

    ends: NDArray[np.float64]
    near: NDArray[np.int64]
    entries: NDArray[np.int64]
    place: NDArray[np.int64]
    todo: NDArray[np.int64]
    waiting: NDArray[np.bool_]
    log: NDArray[np.int64]
    sizes: NDArray[np.int64]


@_compiled
def _improved(tour: _Tour, tries: int) -> NDArray[np.int64]:
    """The ends [n] at which the lines, given in a first order, are entered in the order found."""
    count = len(tour.entries)
    for end in range(len(tour.ends) - 1, -1, -1):
        _ask(tour, end)
    while tour.sizes[0] > 0:
        tour.sizes[1] = 0
        _settle(tour)
    tour.sizes[2] = LONGEST_TURN
    chance = np.uint64(1)
    for _ in range(tries if count >= 8 else 0):
        # A linear congruential generator (Knuth's MMIX): its upper bits are random enough.
        chance = chance * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        draw = int(chance >> np.uint64(33))
        longest = min(RUN, (count - 2) // 2)
        start, draw = draw % count, draw // count
        first, second = 1 + draw % longest, 1 + (draw // longest) % longest
        tour.sizes[1] = 0
        change = _exchange(tour, start, first, second) + _settle(tour)
        if change > -GAIN:
            _take_back(tour)
    cut = tour.place[count - 1]
    order = np.empty(count - 1, dtype=np.int64)
    for i in range(count - 1):
        order[i] = tour.entries[(cut + 1 + i) % count]
    return order


@_part
def _gap(tour: _Tour, a: int, b: int) -> float:
    if a >= len(tour.ends) or b >= len(tour.ends):
        return 0.0
    return np.hypot(tour.ends[a, 0] - tour.ends[b, 0], tour.ends[a, 1] - tour.ends[b, 1])


@_part
def _linked(tour: _Tour, end: int) -> int:
    """The end at the other side of the gap next to an end."""
    at = tour.place[end >> 1]
    if tour.entries[at] == end:
        return tour.entries[at - 1] ^ 1
    return tour.entries[(at + 1) % len(tour.entries)]


@_part
def _ask(tour: _Tour, end: int) -> None:
    """Puts an end on the list of those whose gaps may be shortened."""
    if end < len(tour.ends) and not tour.waiting[end]:
        tour.waiting[end] = True
        tour.todo[tour.sizes[0]] = end
        tour.sizes[0] += 1


@_part
def _settle(tour: _Tour) -> float:
    """Makes moves that gain until none is left, or the log is full; the change of travel in mm."""
    change = 0.0
    while tour.sizes[0] > 0 and tour.sizes[1] < LOG - 4:
        tour.sizes[0] -= 1
        end = tour.todo[tour.sizes[0]]
        tour.waiting[end] = False
        gained = _move(tour, end)
        if gained < 0:
            change += gained
            _ask(tour, end)
    return change


@_part
def _move(tour: _Tour, p: int) -> float:
    """Makes the best move that joins end p to one nearer than the one it is linked to; the change of travel in mm."""
    entries, place = tour.entries, tour.place
    count = len(entries)
    a = _linked(tour, p)
    now = _gap(tour, p, a)
    at = place[p >> 1]
    leaves = entries[at] != p
    best, best_q, best_row = -GAIN, NONE, ZERO
    for q in tour.near[p]:
        joined = _gap(tour, p, q)
        if joined >= now:
            break
        if q >> 1 == p >> 1 or q == a:
            continue
        other = place[q >> 1]
        forward = entries[other] == q
        b = _linked(tour, q)
        without = joined - now - _gap(tour, q, b)
        apart = abs(other - at)
        apart = min(apart, count - apart)
        if apart > tour.sizes[2]:
            continue
        if forward != leaves:
            change = without + _gap(tour, a, b)
            if change < best:
                best, best_q, best_row = change, q, ZERO
        for row in range(1, ROW + 1):
            last = entries[(other + row - 1) % count if forward else (other - row + 1) % count]
            if last >> 1 == p >> 1 or last >> 1 == a >> 1:
                break
            z = last ^ 1 if forward else last
            c = _linked(tour, z)
            if c == q:
                break
            change = without - _gap(tour, z, c) + _gap(tour, z, a) + _gap(tour, b, c)
            if change < best:
                best, best_q, best_row = change, q, row
    if best_q < 0:
        return 0.0

    q = best_q
    other = place[q >> 1]
    forward = entries[other] == q
    _ask(tour, a)
    _ask(tour, q)
    _ask(tour, _linked(tour, q))
    if best_row == 0:
        # p and q are both where their lines are left, or both where they are entered.
        if leaves:
            _turn_shorter(tour, at + 1, other)
        else:
            _turn_shorter(tour, at, other - 1)
        return best
    first = other if forward else (other - best_row + 1) % count
    z = entries[(first + best_row - 1) % count] ^ 1 if forward else entries[first]
    _ask(tour, z)
    _ask(tour, _linked(tour, z))
    _shift(tour, first, best_row, at if leaves else (at - 1) % count, forward != leaves)
    return best


@_part
def _exchange(tour: _Tour, start: int, first: int, second: int) -> float:
    """The `first` lines from place `start` on and the `second` lines after them change places; the change in mm."""
    entries, count = tour.entries, len(tour.entries)
    a = entries[start - 1] ^ 1
    b = entries[start]
    c = entries[(start + first - 1) % count] ^ 1
    d = entries[(start + first) % count]
    e = entries[(start + first + second - 1) % count] ^ 1
    f = entries[(start + first + second) % count]
    _turn(tour, start, first + second)
    _turn(tour, start, second)
    _turn(tour, start + second, first)
    for end in (a, b, c, d, e, f):
        _ask(tour, end)
    before = _gap(tour, a, b) + _gap(tour, c, d) + _gap(tour, e, f)
    return _gap(tour, a, d) + _gap(tour, e, b) + _gap(tour, c, f) - before


@_part
def _take_back(tour: _Tour) -> None:
    while tour.sizes[0] > 0:
        tour.sizes[0] -= 1
        tour.waiting[tour.todo[tour.sizes[0]]] = False
    for turn in range(tour.sizes[1] - 1, -1, -1):
        _turn(tour, tour.log[turn, 0], tour.log[turn, 1])


@_part
def _turn(tour: _Tour, first: int, row: int) -> None:
    """Turns round `row` lines from a place on. To do it again is to undo it."""
    entries, place, count = tour.entries, tour.place, len(tour.entries)
    i, j = first % count, (first + row - 1) % count
    if tour.sizes[1] < LOG:
        # Of a pair that is put into a row, Numba compiles the words of its errors too, for two seconds.
        tour.log[tour.sizes[1], 0] = i
        tour.log[tour.sizes[1], 1] = row
        tour.sizes[1] += 1
    for _ in range((row + 1) // 2):
        entries[i], entries[j] = entries[j] ^ 1, entries[i] ^ 1
        place[entries[i] >> 1], place[entries[j] >> 1] = i, j
        i, j = (i + 1) % count, (j - 1) % count


@_part
def _turn_shorter(tour: _Tour, first: int, last: int) -> None:
    """Turns round the lines from one place to another, or all others, which comes to the same circle."""
    count = len(tour.entries)
    row = (last - first) % count + 1
    if 2 * row <= count:
        _turn(tour, first, row)
    else:
        _turn(tour, last + 1, count - row)


@_part
def _shift(tour: _Tour, first: int, row: int, before: int, turned: bool) -> None:
    """Moves `row` lines from `first` on to behind the line at `before`; the shorter of the two ways there moves too."""
    count = len(tour.entries)
    ahead = (before - (first + row - 1)) % count
    behind = (first - 1 - before) % count
    if ahead <= behind:
        _turn(tour, first, row + ahead)
        _turn(tour, first, ahead)
        start = first + ahead
    else:
        start = before + 1
        _turn(tour, start, behind + row)
        _turn(tour, start + row, behind)
    if not turned:
        _turn(tour, start, row)
