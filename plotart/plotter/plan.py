"""What is to be plotted, pen by pen, and what of it is chosen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plotart.errors import DrawingError, InputError
from plotart.export.drawing import Drawing, Layer
from plotart.export.read import read_drawing
from plotart.export.svg import layer_svgs
from plotart.plotter.dips import well_problem
from plotart.plotter.drivers import SPEED_UP, PlotOptions
from plotart.plotter.machines import Machine
from plotart.plotter.motion import PenStats, plot_stats
from plotart.plotter.travel import check_travel


@dataclass(frozen=True, eq=False)
class PenPlot:
    """One pen's part of a plot: `number` from 1 in plotting order, the name and text of its SVG, what it draws."""

    number: int
    file: str
    svg: str
    layer: Layer
    stats: PenStats

    @property
    def name(self) -> str:
        return self.layer.title

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.svg.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class PlotPlan:
    """A page of `width` x `height` mm, the machine, and the pens in plotting order."""

    width: float
    height: float
    machine: Machine
    pens: tuple[PenPlot, ...]

    @property
    def on_its_side(self) -> bool:
        """Whether the plotter's software turns the page a quarter to the left, so that its long side lies along x."""
        return self.height > self.width


def plan_run(folder: Path, machine: Machine, options: PlotOptions) -> PlotPlan:
    """The plan of a run from its plot.svg and its files per pen.

    Raises DrawingError if they don't fit each other, can't be read, or the machine does not reach all of the drawing.
    """
    drawing = read_drawing(folder / "plot.svg")
    paths = sorted(path for path in folder.glob("plot_*.svg") if re.match(r"plot_\d{2,}_", path.name))
    if len(paths) != len(drawing.layers):
        raise DrawingError(
            f"{folder}: found {len(paths)} files plot_NN_<pen>.svg for the {len(drawing.layers)} layers of plot.svg; "
            "write them again with `plotart export`"
        )
    try:
        files = {path.name: path.read_text(encoding="utf-8") for path in paths}
    except (OSError, ValueError) as error:
        raise DrawingError(f"{folder}: a file plot_NN_<pen>.svg can't be read ({error})") from None
    return _plan(drawing, files, machine, options)


def plan_svg(path: Path, machine: Machine, options: PlotOptions) -> PlotPlan:
    """The plan of any SVG, a pen for each of its layers. Raises DrawingError as `plan_run` does."""
    drawing = read_drawing(path, as_pens=True)
    return _plan(drawing, layer_svgs(drawing), machine, options)


def choose(plan: PlotPlan, pens: Sequence[str], start: int = 1) -> tuple[PenPlot, ...]:
    """The pens from number `start` on, and of them those of the given numbers or names; all where none is given.

    A text may hold several, with commas between. Raises InputError for what is no pen of the plan.
    """
    last = len(plan.pens)
    if not 1 <= start <= last:
        raise InputError(f"--from {start}: no such pen; allowed are 1 to {last}")
    numbers = {number for text in pens for number in _numbers(plan, text)} or {pen.number for pen in plan.pens}
    chosen = tuple(pen for pen in plan.pens if pen.number in numbers and pen.number >= start)
    if not chosen:
        raise InputError(f"--pens {','.join(pens)}: none of them is plotted from pen {start} on")
    return chosen


def _numbers(plan: PlotPlan, text: str) -> set[int]:
    """Numbers of the pens that a text names, as a whole (names may hold commas) or in parts."""
    words = [text] if _matching(plan, text) else [word.strip() for word in text.split(",")]
    found: set[int] = set()
    for word in words:
        matching = _matching(plan, word)
        if not matching:
            known = ", ".join(f"{pen.number} {pen.name}" for pen in plan.pens)
            raise InputError(f"--pens {text}: {word!r} is no pen; allowed are {known}, by number or name")
        found |= matching
    return found


def _matching(plan: PlotPlan, word: str) -> set[int]:
    """The pen of this number, else all of this name: those that are filled again have several parts."""
    by_number = {pen.number for pen in plan.pens if str(pen.number) == word.strip()}
    wanted = word.strip().casefold()
    return by_number or {pen.number for pen in plan.pens if wanted in (pen.name.casefold(), pen.layer.name.casefold())}


def _plan(drawing: Drawing, files: Mapping[str, str], machine: Machine, options: PlotOptions) -> PlotPlan:
    check_travel(drawing, machine)
    if (problem := well_problem(drawing, machine)) is not None:
        raise DrawingError(problem)
    parts = zip(files.items(), drawing.layers, strict=True)
    pens = tuple(
        PenPlot(number, file, svg, layer, _stats(drawing, layer, machine, options))
        for number, ((file, svg), layer) in enumerate(parts, start=1)
    )
    return PlotPlan(drawing.width, drawing.height, machine, pens)


def _stats(drawing: Drawing, layer: Layer, machine: Machine, options: PlotOptions) -> PenStats:
    """What a layer alone takes, at the speeds that the plotter's software will be told."""
    timed = replace(machine, speed_up=machine.speed_up * (options.speed_up or SPEED_UP) / SPEED_UP)
    told = replace(layer, pen=layer.pen.but(speed=layer.pen.speed or options.speed_down))
    alone = Drawing(drawing.width, drawing.height, (told,))
    return plot_stats(alone, timed).pens[0]
