"""When a plotter dips a pen into its well, and how long that takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plotart.export.drawing import Drawing, Line
from plotart.export.polyline import length
from plotart.pens import Pen
from plotart.pens.well import Well
from plotart.plotter.machines import Machine
from plotart.plotter.planners import line_seconds, move_seconds
from plotart.plotter.travel import SLACK

#: How often a pen is led to and fro in its well.
STIRS = 3

#: Share of a filling that rounded coordinates may add to its lines.
ROUNDING = 1e-3


def dips(lines: Sequence[Line], pen: Pen) -> list[int]:
    """The numbers of the lines before which the pen is dipped: the first, and each that the filling does not reach for.
    Empty for a pen without a well."""
    if pen.well is None or pen.max_distance is None:
        return []
    filling, used, found = pen.max_distance * (1 + ROUNDING), np.inf, []
    for number, line in enumerate(lines):
        needed = length(line)
        if used + needed > filling:
            found.append(number)
            used = 0.0
        used += needed
    return found


def stirring(well: Well) -> Line:
    """The way [n, 2] in mm from home that the pen is led in the well, from its middle and back; one point for none."""
    middle = np.array([well.at])
    if well.stir == 0:
        return middle
    return np.concatenate([middle, *[np.array([np.add(well.at, (well.stir, 0)), well.at])] * STIRS])


def wiping(well: Well) -> Line:
    """The way [n, 2] in mm from home over the rim; one point for none."""
    middle = np.array([well.at])
    return middle if well.wipe is None else np.concatenate([middle, middle + well.wipe])


def dip_ends(well: Well) -> tuple[Line, Line]:
    """Where the carriage comes to the well, and where it leaves it, in mm from home."""
    return np.array(well.at), wiping(well)[-1]


def dip_seconds(well: Well, machine: Machine) -> float:
    """Seconds of a dip, from the well and back into the air above it."""
    ways = line_seconds([stirring(well), wiping(well)], machine.speed_down, machine.acceleration_down, machine.planner)
    return machine.lower_s + well.dwell / 1000 + float(ways.sum()) + machine.raise_s


def way_seconds(begin: Line, end: Line, machine: Machine) -> float:
    """Seconds from one place to another, pen up."""
    way = np.array([np.hypot(*(end - begin))])
    return float(move_seconds(way, machine.speed_up, machine.acceleration_up, machine.planner)[0])


def well_problem(drawing: Drawing, machine: Machine) -> str | None:
    """Why the machine can't dip a pen of the drawing; None where it can."""
    for layer in drawing.layers:
        if (well := layer.pen.well) is None:
            continue
        points = np.concatenate([stirring(well), wiping(well)])
        low, high = points.min(axis=0), points.max(axis=0)
        if (low < -SLACK).any() or high[0] > machine.width_mm + SLACK or high[1] > machine.height_mm + SLACK:
            return (
                f"the well of {layer.name} takes from {low[0]:g}, {low[1]:g} to {high[0]:g}, {high[1]:g} mm from home, "
                f"and {machine.name} reaches {machine.width_mm:g} x {machine.height_mm:g} mm"
            )
    return None
