"""When the pen touches the paper and leaves it, line by line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotart.export.drawing import Drawing
from plotart.plotter.bed import on_bed
from plotart.plotter.machines import Machine
from plotart.plotter.motion import layer_motion


@dataclass(frozen=True, eq=False)
class LayerTimes:
    """Seconds [n] since the plot began: line i is drawn from lands[i], when the pen is down, to lifts[i]."""

    lands: NDArray[np.float64]
    lifts: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Timetable:
    """The times of each of the drawing's layers, and how long all take together; pen changes take no time."""

    layers: tuple[LayerTimes, ...]
    seconds: float


def timetable(drawing: Drawing, machine: Machine) -> Timetable:
    """When each line is drawn, by the same model of the machine as `plot_stats`, and with the same total."""
    begin = 0.0
    layers: list[LayerTimes] = []
    for layer in on_bed(drawing).layers:
        motion = layer_motion(layer, machine)
        before = np.concatenate([[0.0], np.cumsum(motion.drawing)])[:-1] + np.arange(len(motion.drawing)) * (
            machine.lower_s + machine.raise_s
        )
        lands = begin + motion.wait + np.cumsum(motion.travel[:-1] + motion.dipping) + before + machine.lower_s
        layers.append(LayerTimes(lands, lands + motion.drawing))
        begin += motion.seconds
    return Timetable(tuple(layers), begin)
