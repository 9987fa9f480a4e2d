"""How long lines and moves take: the makers' planners of motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotart.export.drawing import Line
from plotart.plotter.machines import Planner

Array = NDArray[np.float64]

#: mm by which a corner may be thought rounded when the speed through it is found.
CORNER = 0.05

#: 1 - the cosine of a turn that is none: less than a thousandth of a radian.
STRAIGHT = 5e-7

#: Seconds in which the AxiDraw's software changes speed once.
SLICE = 0.025

#: mm/s of the AxiDraw's pen at 1 %.
PERCENT = 8.6979 * 25.4 / 110

#: The NextDraw's software: seconds that every piece of a line takes at least, and the share of the top speed that
#: remains where two pieces meet.
PIECE = 0.007
THROUGH = 0.8


def move_seconds(length: Array, speed: float, acceleration: float, planner: Planner = "plain") -> Array:
    """Seconds [n] for straight moves of these lengths [n] in mm, each from rest to rest."""
    rest = np.zeros_like(length)
    return _PIECE_SECONDS[planner](length, rest, rest, speed, acceleration)


@dataclass(frozen=True)
class AxisLimits:
    """What a board that plans for itself allows along x and y: mm/s and mm/s^2; and mm by which it thinks corners
    rounded."""

    speed: tuple[float, float]
    acceleration: tuple[float, float]
    deviation: float


@dataclass(frozen=True, eq=False)
class Pieces:
    """The straight pieces of polylines, in order: mm [n], and the squares of the speeds, mm^2/s^2 [n], at which each is
    begun and ended; `line` [n] is the number of the polyline that it is of."""

    lengths: Array
    start: Array
    end: Array
    line: NDArray[np.intp]


def line_seconds(lines: Sequence[Line], speed: float, acceleration: float, planner: Planner = "plain") -> Array:
    """Seconds [n] for polylines [n, 2] in mm with the pen down, each from rest to rest, as `plan_pieces` has them."""
    pieces = plan_pieces(lines, speed, acceleration, planner)
    seconds = _PIECE_SECONDS[planner](pieces.lengths, pieces.start, pieces.end, speed, acceleration)
    return np.asarray(np.bincount(pieces.line, weights=seconds, minlength=len(lines)), dtype=np.float64)


def limited_seconds(lines: Sequence[Line], speed: float, limits: AxisLimits) -> Array:
    """Seconds [n] for polylines [n, 2] in mm, each from rest to rest, on a board that plans for itself: along a slope
    both axes share the way, so that it is driven faster, and a corner is passed as the change of direction lets it."""
    steps, lengths, line = _steps(lines)
    if not len(lengths):
        return np.zeros(len(lines))
    ways = steps / lengths[:, None]
    fastest, gain = np.minimum(speed, _along(ways, limits.speed)), _along(ways, limits.acceleration)
    turn = np.clip((ways[:-1] * ways[1:]).sum(axis=1), -1, 1)
    aside = np.diff(ways, axis=0)
    aside /= np.maximum(np.hypot(*aside.T), 1e-12)[:, None]
    corner = _rounded(turn, _along(aside, limits.acceleration), limits.deviation)
    most = np.minimum(fastest[:-1], fastest[1:]) ** 2
    passed = np.where(turn > 1 - STRAIGHT, most, np.minimum(corner, most))
    square = np.concatenate([[0.0], np.where(line[1:] != line[:-1], 0.0, passed), [0.0]])
    # v^2 grows by 2 a per mm: with mm stretched by each piece's a, by 2 per mm everywhere.
    square = _reachable(square, lengths * gain, 1.0)
    seconds = _plain_seconds(lengths, square[:-1], square[1:], fastest, gain)
    return np.asarray(np.bincount(line, weights=seconds, minlength=len(lines)), dtype=np.float64)


def plan_pieces(lines: Sequence[Line], speed: float, acceleration: float, planner: Planner = "plain") -> Pieces:
    """The pieces of polylines [n, 2] in mm, and how fast they are passed, each line from rest to rest.

    Between corners the speed is as high as acceleration lets it be. A corner is passed at the speed at which an arc
    that rounds it by CORNER could be driven with the machine's acceleration ("junction deviation", as the AxiDraw's
    software and GRBL do it): straight on at full speed, a right angle slowly, back again from rest. The NextDraw's
    software slows down by the fourth power of the turn's cosine instead.
    """
    steps, lengths, line = _steps(lines)
    if not len(lengths):
        return Pieces(lengths, lengths, lengths, line)
    ways = steps / lengths[:, None]
    turn = np.clip((ways[:-1] * ways[1:]).sum(axis=1), -1, 1)
    between = line[1:] != line[:-1]
    corner = between | (turn < 1 - STRAIGHT)
    pieces = np.flatnonzero(np.concatenate([[True], corner]))
    lengths, line = np.add.reduceat(lengths, pieces), line[pieces]
    limit = np.where(between, 0.0, _corner_square(turn, speed, acceleration, planner))[corner]
    square = np.concatenate([[0.0], limit, [0.0]])
    if planner == "nextdraw":
        slowest = (lengths / PIECE) ** 2
        square[1:-1] = np.minimum(square[1:-1], np.minimum(slowest[:-1], slowest[1:]))
    square = _reachable(square, lengths, acceleration)
    return Pieces(lengths, square[:-1], square[1:], line)


def _steps(lines: Sequence[Line]) -> tuple[Array, Array, NDArray[np.intp]]:
    """The steps [n, 2] from point to point of polylines, their mm [n], and the number [n] of the polyline of each."""
    points = np.concatenate(lines) if lines else np.zeros((0, 2))
    line = np.repeat(np.arange(len(lines)), [len(of) for of in lines])
    steps = np.diff(points, axis=0)
    lengths = np.hypot(*steps.T)
    drawn = (lengths > 0) & (line[1:] == line[:-1])
    return steps[drawn], lengths[drawn], line[1:][drawn]


def _along(ways: Array, limits: tuple[float, float]) -> Array:
    """What limits of the axes come to along directions [n, 2]."""
    return np.asarray((np.array(limits) / np.maximum(np.abs(ways), 1e-9)).min(axis=1))


def _corner_square(turn: Array, speed: float, acceleration: float, planner: Planner) -> Array:
    """The square of the highest speed, mm/s, at which corners are passed, given the cosines of their turns."""
    if planner == "nextdraw":
        return (THROUGH * speed * np.maximum(turn, 0.0) ** 4) ** 2
    return np.minimum(speed**2, _rounded(turn, acceleration, CORNER))


def _rounded(turn: Array, acceleration: Array | float, deviation: float) -> Array:
    """The square of the speed at which an arc could be driven that strays so many mm from a corner."""
    # Half the angle between the two sides of the corner: 90 degrees is straight on, 0 is back again.
    sine = np.sqrt((1 + turn) / 2)
    return np.asarray(acceleration * deviation * sine / np.maximum(1 - sine, 1e-9))


def _reachable(square: Array, lengths: Array, acceleration: float) -> Array:
    """Limits of v^2 [n + 1] lowered to what can be reached from the corner before, and braked from to the next."""
    # v^2 grows by at most 2 a per mm, from the left and from the right: running minima of v^2 -+ 2 a x. Where a line
    # ends, v is 0, and what comes before has no say any more.
    gain = 2 * acceleration * np.concatenate([[0.0], np.cumsum(lengths)])
    square = np.minimum.accumulate(square - gain) + gain
    square = np.minimum.accumulate((square + gain)[::-1])[::-1] - gain
    return np.maximum(square, 0.0)


def _plain_seconds(length: Array, start: Array, end: Array, speed: float | Array, acceleration: float | Array) -> Array:
    """Seconds for straight pieces, given v^2 at their starts and ends; trapezoids, or triangles where short."""
    peak = np.minimum(speed**2, (start + end) / 2 + acceleration * length)
    ramps = (2 * np.sqrt(peak) - np.sqrt(start) - np.sqrt(end)) / acceleration
    cruise = np.maximum(length - (2 * peak - start - end) / (2 * acceleration), 0.0)
    return np.asarray(ramps + cruise / speed)


def _nextdraw_seconds(length: Array, start: Array, end: Array, speed: float, acceleration: float) -> Array:
    return np.where(length > 0, np.maximum(_plain_seconds(length, start, end, speed, acceleration), PIECE), 0.0)


def _axidraw_seconds(length: Array, start: Array, end: Array, speed: float, acceleration: float) -> Array:
    """Seconds for straight pieces, given v^2 at their starts and ends, as the AxiDraw's software drives them.

    It changes speed once a SLICE. Long pieces are trapezoids or triangles. Where fewer than five slices are left for a
    triangle, speed falls or rises evenly from the mean of first and peak speed to the last one, which takes twice as
    long from rest to rest; and where fewer than two are left for that, the piece is driven at its peak speed at once.
    Whether a short piece between two at full speed is driven faster yet depends on the setting: see `_overshoots`.
    """
    first, last = np.sqrt(start), np.sqrt(end)
    ramps = speed**2 / acceleration - (start + end) / (2 * acceleration)
    steady = ramps < 1e-6
    with np.errstate(divide="ignore", invalid="ignore"):
        rising, falling = (speed - first) / acceleration, (speed - last) / acceleration
        trapezoid = _whole(rising) + _whole(falling) + (length - ramps) / speed
        # The triangle, flattened where it would all but reach the full speed.
        flat = np.where((length >= 0.9 * ramps) & ~steady, acceleration * 0.9 * ramps / length, acceleration)
        peak = np.sqrt((start + end) / 2 + flat * length)
        rising = _whole((peak - first) / flat)
        falling = np.where(rising > 0, (peak - last) / flat, (first - last) / flat)
        triangle = rising + _whole(falling)
        slices = np.floor(rising / SLICE) + np.floor(falling / SLICE)
        begin = (peak + first) / 2
        even = np.maximum(2 * length / (last + begin), np.abs(last - begin) / acceleration)
        short = np.where(even >= 2 * SLICE, even, length / np.maximum(peak, last))
    seconds = np.where(slices > 4, triangle, short)
    if not _overshoots(speed):
        seconds = np.where(steady, length / speed, seconds)
    cruises = (length > ramps + SLICE * speed) & (length > 4 * SLICE * speed)
    return np.where(length > 0, np.where(cruises, trapezoid, seconds), 0.0)


def _overshoots(speed: float) -> bool:
    """Whether the AxiDraw's software takes a speed in mm/s for one that is still to be reached.

    It keeps the speed at corners in single precision. Where that rounds the full speed down, all is well, as at 25 %;
    where it does not, as at 10 %, a short piece between two such corners is driven as if there were more to gain.
    """
    inches = round(speed / PERCENT) * PERCENT / 25.4
    return float(np.float32(inches)) >= inches


def _whole(seconds: Array) -> Array:
    """The seconds, or none of them where they are less than a slice."""
    return np.where(seconds >= SLICE, seconds, 0.0)


_PIECE_SECONDS: dict[Planner, Callable[[Array, Array, Array, float, float], Array]] = {
    "plain": _plain_seconds,
    "axidraw": _axidraw_seconds,
    "nextdraw": _nextdraw_seconds,
}
