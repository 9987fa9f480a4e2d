"""A board that a person leads by hand: which it is, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plotart.config import load_export
from plotart.errors import DrawingError
from plotart.export.drawing import Drawing
from plotart.export.read import read_drawing
from plotart.job.machine import machine_for
from plotart.job.plotting import profile_of
from plotart.plotter import machines
from plotart.plotter.bed import turned
from plotart.plotter.boards.board import Board
from plotart.plotter.boards.direct import DirectDriver
from plotart.plotter.boards.known import DIRECT
from plotart.plotter.drivers import PlotOptions
from plotart.plotter.find_driver import find_direct


@dataclass(frozen=True)
class ByHand:
    """A driver and what it is told of the port and the pen's lift."""

    driver: DirectDriver
    options: PlotOptions

    @property
    def has_carousel(self) -> bool:
        """Whether the machine changes its own pens, and puts them back at the end."""
        return self.driver.stalls(self.options.profile) > 1

    def board(self, drawing: Drawing) -> Board:
        """The board for a sheet of this size, not opened yet. Raises BoardFault, MissingError, InputError."""
        return self.driver.board(self.options, drawing)


def open_by_hand(
    source: Path | None = None,
    *,
    machine: str | None = None,
    driver: str | None = None,
    port: str | None = None,
    profile: str | None = None,
) -> ByHand:
    """The driver for a machine by hand.

    source   a run's folder, whose config says what is not given; anything else says nothing
    machine  if None, an AxiDraw V3
    driver   if None, or "auto", the first board that is found

    Raises InputError for what can't be chosen or read, BoardFault where no board is found.
    """
    export = load_export(source / "config.yaml") if source is not None and source.is_dir() else None
    if driver is None:
        driver = export.driver if export is not None and export.driver in DIRECT else "auto"
    plotter = machine_for(export) if export and machine is None else machines.machine(machine or "axidraw-v3")
    found = find_direct(driver, plotter.plain, port)
    profile = profile or (profile_of(export, found.name) if export else None)
    return ByHand(found, PlotOptions(None, port=port, profile=profile))


def outlines(source: Path) -> tuple[Drawing, dict[str, np.ndarray]]:
    """A run's drawing, or an SVG's, and what is to be traced of it by name: the rectangles [5, 2] about the drawing and
    about the page, in mm from home, as the sheet lies in the machine. Raises DrawingError."""
    drawing = read_drawing(source / "plot.svg" if source.is_dir() else source, as_pens=True)
    lines = [line for layer in drawing.layers for line in layer.lines]
    if not lines:
        raise DrawingError(f"{source}: has no lines")
    points = np.concatenate(lines)
    found = {
        "drawing": _rectangle(points.min(axis=0), points.max(axis=0)),
        "page": _rectangle(np.zeros(2), np.array([drawing.width, drawing.height])),
    }
    return drawing, {name: _from_home(turned(line, drawing)) for name, line in found.items()}


def _rectangle(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    (left, top), (right, bottom) = low, high
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])


def _from_home(rectangle: np.ndarray) -> np.ndarray:
    """The same, begun at the corner that is nearest to home."""
    first = int(np.hypot(*rectangle[:4].T).argmin())
    corners = np.roll(rectangle[:4], -first, axis=0)
    return np.concatenate([corners, corners[:1]])
