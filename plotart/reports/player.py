"""The drawing's replay: the sheet, a slider over the time of the plot, and a switch for each pen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from plotart.export.drawing import Line
from plotart.plotter.machines import Machine
from plotart.plotter.timetable import LayerTimes, timetable
from plotart.reports.sheet import DrawingView

#: Units of the drawing's coordinates in a millimetre: whole numbers are short, and a hundredth is all a plotter does.
UNITS = 100


def player_values(sheet: DrawingView, machine: Machine) -> dict[str, Any]:
    """What page/player.html shows, which page/player.js replays with the machine's times; without scripts, the lines.

    tracks  of each layer: itself, its ink, its pen's number, and s from the end of the layer before to its own
    """
    drawing, times = sheet.drawing, timetable(sheet.drawing, machine)
    total = round(times.seconds * 1000)
    seconds = np.diff([float(layer.lifts[-1]) for layer in times.layers], prepend=0.0).tolist()
    return {
        "tracks": list(zip(drawing.layers, sheet.inks, sheet.numbers, seconds, strict=True)),
        "view": f"0 0 {round(drawing.width * UNITS)} {round(drawing.height * UNITS)}",
        "path": path,
        "paper": sheet.paper,
        "pencil": "#ffffffb0" if sheet.dark else "#26324da0",
        "times": {"total": total, "layers": _steps(times.layers)},
        "clock": clock(total),
        "machine": machine.name,
    }


def path(line: Line) -> str:
    """A first point and the steps from there, in whole units; a line without extent keeps one step, as a dot."""
    points = np.round(np.asarray(line) * UNITS).astype(np.int64)
    steps = np.diff(points, axis=0)
    steps = steps[steps.any(axis=1)] if steps.any() else np.zeros((1, 2), np.int64)
    x, y = points[0]
    # A minus sign parts numbers as well as a blank does.
    return f"M{x} {y}l" + " ".join(map(str, steps.ravel().tolist())).replace(" -", "-")


def clock(ms: int) -> str:
    """12:05, or 1:12:05 from an hour on; as page/player.js writes it."""
    hours, rest = divmod(ms // 1000, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def _steps(layers: Sequence[LayerTimes]) -> list[list[int]]:
    """Per layer and line, two numbers in ms: how long the pen is in the air before it, and how long it draws it."""
    found, before = [], 0
    for layer in layers:
        ends = np.round(np.column_stack([layer.lands, layer.lifts]).ravel() * 1000).astype(np.int64)
        found.append(np.diff(ends, prepend=before).tolist())
        before = int(ends[-1]) if len(ends) else before
    return found
