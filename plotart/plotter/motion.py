"""What a plotter does for a drawing, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np

from plotart.export.drawing import Drawing, Layer, Line
from plotart.plotter.bed import on_bed
from plotart.plotter.dips import dip_ends, dip_seconds, dips, way_seconds
from plotart.plotter.machines import Machine
from plotart.plotter.planners import Array, line_seconds, move_seconds


@dataclass(frozen=True, eq=False)
class LayerMotion:
    """Seconds of a layer: `wait` before it, `travel` [n + 1] with the pen up, `drawing` [n] down, `lift` a line;
    `dipping` [n] at the well before each line, the way there and on from there is among the travel."""

    wait: float
    travel: Array
    drawing: Array
    lift: float
    dipping: Array

    @property
    def seconds(self) -> float:
        moves = self.travel.sum() + self.drawing.sum() + self.dipping.sum()
        return self.wait + float(moves) + len(self.drawing) * self.lift


@dataclass(frozen=True)
class PenStats:
    """What one pen does, in all of its layers.

    strokes      lines drawn with the pen down
    pen_down_mm  their length
    pen_up_mm    travel between them
    lifts        times the pen is raised
    seconds      all of it, with the way from home to a layer's first line and back from its last
    refills      times that a person fills the pen anew
    dips         times that the plotter dips it into its well
    """

    name: str
    color: str
    strokes: int
    pen_down_mm: float
    pen_up_mm: float
    lifts: int
    seconds: float
    refills: int = 0
    dips: int = 0


#: The figures of a pen that add up over several plots.
_SUMMED = tuple(field.name for field in fields(PenStats) if field.name not in ("name", "color"))


@dataclass(frozen=True)
class PlotStats:
    """What each pen does, in plotting order, how long all take together, and how often another pen is put in.

    The time that a person takes to change or fill a pen is not in it.
    """

    pens: tuple[PenStats, ...]
    seconds: float
    swaps: int

    @property
    def strokes(self) -> int:
        return sum(pen.strokes for pen in self.pens)

    @property
    def pen_down_mm(self) -> float:
        return sum(pen.pen_down_mm for pen in self.pens)

    @property
    def pen_up_mm(self) -> float:
        return sum(pen.pen_up_mm for pen in self.pens)

    @property
    def lifts(self) -> int:
        return sum(pen.lifts for pen in self.pens)

    @property
    def refills(self) -> int:
        return sum(pen.refills for pen in self.pens)


def plot_stats(drawing: Drawing, machine: Machine) -> PlotStats:
    """Lengths, lifts and time of a drawing on a machine whose home is the page's top left corner; the top right one of
    a page that lies on its side."""
    drawing = on_bed(drawing)
    layers: dict[tuple[str, str, float], list[Layer]] = {}
    for layer in drawing.layers:
        layers.setdefault(layer.nib, []).append(layer)
    pens = tuple(_pen_stats(of_pen, machine) for of_pen in layers.values())
    swaps = sum(one.nib != following.nib for one, following in pairwise(drawing.layers))
    return PlotStats(pens, sum(pen.seconds for pen in pens), swaps)


def added_up(plots: Sequence[PlotStats]) -> PlotStats:
    """What several plots take together, the sheets of one drawing say; pens are told apart by name and colour.

    Between two plots the first one's last pen is changed for the second one's first.
    """
    pens: dict[tuple[str, str], PenStats] = {}
    for pen in (pen for plot in plots for pen in plot.pens):
        before = pens.get((pen.name, pen.color))
        if before is not None:
            sums = {key: getattr(before, key) + getattr(pen, key) for key in _SUMMED}
            pen = replace(pen, **sums)
        pens[pen.name, pen.color] = pen
    used = [[(pen.name, pen.color) for pen in plot.pens] for plot in plots if plot.pens]
    between = sum(one[-1] != following[0] for one, following in pairwise(used))
    swaps = sum(plot.swaps for plot in plots) + between
    return PlotStats(tuple(pens.values()), sum(plot.seconds for plot in plots), swaps)


def layer_motion(layer: Layer, machine: Machine) -> LayerMotion:
    """How long each part of a layer takes, its lines in mm from home, from there and back, as its pen is to be
    handled."""
    machine = machine.at_speed(layer.pen.speed)
    travel = move_seconds(_travel(layer.lines), machine.speed_up, machine.acceleration_up, machine.planner)
    dipping = np.zeros(len(layer.lines))
    if (well := layer.pen.well) is not None:
        come, leave = dip_ends(well)
        for number in dips(layer.lines, layer.pen):
            before = layer.lines[number - 1][-1] if number else np.zeros(2)
            there = way_seconds(before, come, machine) + way_seconds(leave, layer.lines[number][0], machine)
            travel[number], dipping[number] = there, dip_seconds(well, machine)
    return LayerMotion(
        wait=(layer.pen.delay or 0) / 1000,
        travel=travel,
        drawing=line_seconds(layer.lines, machine.speed_down, machine.acceleration_down, machine.planner),
        lift=machine.raise_s + machine.lower_s,
        dipping=dipping,
    )


def _pen_stats(layers: Sequence[Layer], machine: Machine) -> PenStats:
    lines = [line for layer in layers for line in layer.lines]
    return PenStats(
        name=layers[0].name,
        color=layers[0].color,
        strokes=len(lines),
        pen_down_mm=float(sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines)),
        pen_up_mm=float(sum(_travel(layer.lines)[1:-1].sum() for layer in layers)),
        lifts=len(lines),
        seconds=sum(layer_motion(layer, machine).seconds for layer in layers),
        refills=sum(layer.refill > 0 for layer in layers),
        dips=sum(len(dips(layer.lines, layer.pen)) for layer in layers),
    )


def _travel(lines: Sequence[Line]) -> Array:
    """mm [n + 1] with the pen up: from home to the first line, between the lines, and back from the last."""
    home = np.zeros((1, 2))
    starts = np.array([line[0] for line in lines]).reshape(-1, 2)
    ends = np.array([line[-1] for line in lines]).reshape(-1, 2)
    return np.hypot(*(np.concatenate([starts, home]) - np.concatenate([home, ends])).T)
