"""How long a plotter takes for a drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotart.export.drawing import Drawing, Layer
from plotart.plotter.machines import Machine

#: mm by which a corner may be thought rounded when the speed through it is found.
CORNER = 0.05


@dataclass(frozen=True)
class PenStats:
    """What one pen does.

    strokes      lines drawn with the pen down
    pen_down_mm  their length
    pen_up_mm    travel between them
    lifts        times the pen is raised
    seconds      all of it, with the way from the page's corner to the first line and back from the last
    """

    name: str
    color: str
    strokes: int
    pen_down_mm: float
    pen_up_mm: float
    lifts: int
    seconds: float


@dataclass(frozen=True)
class PlotStats:
    """What each pen does, in plotting order, and how long all take together, without changing pens."""

    pens: tuple[PenStats, ...]
    seconds: float


def plot_stats(drawing: Drawing, machine: Machine) -> PlotStats:
    """Lengths, lifts and time of a drawing on a machine whose home is the page's top left corner."""
    pens = tuple(_pen_stats(layer, machine) for layer in drawing.layers)
    return PlotStats(pens, sum(pen.seconds for pen in pens))


def move_seconds(length: NDArray[np.float64], speed: float, acceleration: float) -> NDArray[np.float64]:
    """Seconds for straight moves of these lengths in mm from rest to rest, by a trapezoidal profile."""
    return _segment_seconds(length, np.zeros_like(length), np.zeros_like(length), speed, acceleration)


def line_seconds(line: NDArray[np.float64], speed: float, acceleration: float) -> float:
    """Seconds for a polyline [n, 2] in mm with the pen down, from rest to rest.

    A corner is passed at the speed at which an arc that rounds it by CORNER could be driven with the machine's
    acceleration ("junction deviation", as the AxiDraw's software and GRBL do it): straight on at full speed, a
    right angle slowly, back again from rest. Between corners the speed is as high as acceleration lets it be.
    """
    steps = np.diff(line, axis=0)
    lengths = np.hypot(*steps.T)
    steps, lengths = steps[lengths > 0], lengths[lengths > 0]
    if not len(lengths):
        return 0.0
    ways = steps / lengths[:, None]
    turn = np.clip((ways[:-1] * ways[1:]).sum(axis=1), -1, 1)
    # Half the angle between the two sides of the corner: 90 degrees is straight on, 0 is back again.
    sine = np.sqrt((1 + turn) / 2)
    radius = CORNER * sine / np.maximum(1 - sine, 1e-9)
    square = np.concatenate([[0.0], np.minimum(speed**2, acceleration * radius), [0.0]])
    # v^2 grows by at most 2 a per mm, from the left and from the right: running minima of v^2 -+ 2 a x.
    gain = 2 * acceleration * np.concatenate([[0.0], np.cumsum(lengths)])
    square = np.minimum.accumulate(square - gain) + gain
    square = np.minimum.accumulate((square + gain)[::-1])[::-1] - gain
    square = np.maximum(square, 0.0)
    return float(_segment_seconds(lengths, square[:-1], square[1:], speed, acceleration).sum())


def _pen_stats(layer: Layer, machine: Machine) -> PenStats:
    lines = [line for line in layer.lines if len(line)]
    home = np.zeros((1, 2))
    starts = np.array([line[0] for line in lines]).reshape(-1, 2)
    ends = np.array([line[-1] for line in lines]).reshape(-1, 2)
    ways = np.hypot(*(np.concatenate([starts, home]) - np.concatenate([home, ends])).T)
    seconds = float(move_seconds(ways, machine.speed_up, machine.acceleration_up).sum())
    seconds += sum(line_seconds(line, machine.speed_down, machine.acceleration_down) for line in lines)
    seconds += len(lines) * (machine.raise_s + machine.lower_s)
    return PenStats(
        name=layer.name,
        color=layer.color,
        strokes=len(lines),
        pen_down_mm=float(sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines)),
        pen_up_mm=float(ways[1:-1].sum()),
        lifts=len(lines),
        seconds=seconds,
    )


def _segment_seconds(
    length: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    speed: float,
    acceleration: float,
) -> NDArray[np.float64]:
    """Seconds for straight segments, given v^2 at their starts and ends; trapezoids, or triangles where short."""
    peak = np.minimum(speed**2, (start + end) / 2 + acceleration * length)
    ramps = (2 * np.sqrt(peak) - np.sqrt(start) - np.sqrt(end)) / acceleration
    cruise = np.maximum(length - (2 * peak - start - end) / (2 * acceleration), 0.0)
    return ramps + cruise / speed
