"""A plot made ready: what is to be plotted, and what of it was plotted earlier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plotart.config import ExportConfig, load_export
from plotart.errors import DrawingError, InputError
from plotart.export.gcode import GcodeFormat
from plotart.export.hpgl import HpglFormat
from plotart.job.machine import machine_for
from plotart.plotter import machines
from plotart.plotter.boards.known import DIRECT
from plotart.plotter.drivers import MODELS, PlotOptions, model_of
from plotart.plotter.machines import MACHINES, Machine
from plotart.plotter.plan import PenPlot, PlotPlan, choose, plan_run, plan_svg
from plotart.plotter.session import Session, Status
from plotart.plugins import DRIVERS


@dataclass(frozen=True)
class Plotting:
    """The plan, the driver's name and what it is told, what was plotted earlier, the pens chosen and those left."""

    plan: PlotPlan
    driver: str
    options: PlotOptions
    session: Session
    chosen: tuple[PenPlot, ...]
    left: tuple[PenPlot, ...]


def open_plotting(
    source: Path,
    *,
    machine: str | None = None,
    driver: str | None = None,
    pens: Sequence[str] = (),
    start: int = 1,
    speed_down: int | None = None,
    speed_up: int | None = None,
    restart: bool = False,
    port: str | None = None,
    profile: str | None = None,
    run: Path | None = None,
    line: int | None = None,
) -> Plotting:
    """The plot of a run's folder or an SVG, of which nothing is written or moved yet.

    machine               if None, the machine of the run's config, or an AxiDraw V3
    driver                if None, that of the run's config, or the first that is found
    pens, start           as `choose` takes them
    speed_down, speed_up  % of the top speed; None leaves it to the plotter's software
    restart               the pens chosen begin again, whatever was plotted of them
    port                  of a board that plotart drives itself; None: the first that answers
    profile               for such a board: the G-code profile that lowers and raises the pen, or the HPGL plotter; if
                          None, that of the files that the run's config asks for
    line                  of the one pen that is left: the line, from 1, at which it begins or goes on
    run                   of an SVG that is one of a run's sheets: the run's folder, whose config says what is None

    Raises InputError for what can't be read, plotted or chosen.
    """
    if not source.exists():
        raise DrawingError(f"{source}: no such run folder or SVG")
    is_run = source.is_dir()
    run = source if is_run else run
    export = load_export(run / "config.yaml") if run is not None else None
    driver = driver or (export.driver if export else "auto")
    direct = driver in DIRECT
    any_machine = direct or driver == "auto" or DRIVERS.plugin(driver) is not None
    plotter = _machine(source, export, machine, any_machine)
    model = MODELS.get(plotter.name) if any_machine else model_of(plotter)
    profile = profile or (profile_of(export, driver) if export else None)
    options = PlotOptions(model, speed_down, speed_up, port, profile=profile)
    if direct:
        plotter = plotter.plain
    plan = (plan_run if is_run else plan_svg)(source, plotter, options)
    chosen = choose(plan, pens, start)
    folder, prefix = (source, "") if is_run else (source.parent, f"{source.stem}.")
    session = Session.open(folder, plan, prefix=prefix, restart=chosen if restart else ())
    # A pen that was skipped is asked for again when it is named.
    over = {Status.done} if pens else {Status.done, Status.skipped}
    left = tuple(pen for pen in chosen if session.status(pen) not in over)
    if line is not None:
        options = replace(options, first_line=_first(line, left))
    return Plotting(plan, driver, options, session, chosen, left)


def _first(line: int, left: Sequence[PenPlot]) -> int:
    """The line from 0. Raises InputError for one that the pen does not have."""
    if len(left) != 1:
        raise InputError(f"--from-line {line}: {len(left)} pens are left; allowed with one pen: choose it with --pens")
    lines = left[0].stats.strokes
    if not 1 <= line <= lines:
        raise InputError(f"--from-line {line}: {left[0].name} has no such line; allowed are 1 to {lines}")
    return line - 1


def sheets_of(run: Path) -> list[Path]:
    """The SVGs of a run's sheets, row by row. Raises DrawingError for a run that is plotted on one."""
    found = {}
    for path in (run / "sheets").glob("sheet_*.svg"):
        if match := re.fullmatch(r"sheet_(\d+)_(\d+)\.svg", path.name):
            found[int(match[1]), int(match[2])] = path
    if not found:
        raise DrawingError(
            f"{run}: found no sheets/sheet_1_1.svg; `plotart export` with export.sheets: true splits what the machine "
            "does not reach"
        )
    return [found[place] for place in sorted(found)]


def profile_of(export: ExportConfig, driver: str) -> str | None:
    """What the run's files for other machines say of the driver's: a profile of G-code, or an HPGL plotter."""
    for one in export.formats:
        if driver == "grbl" and isinstance(one, GcodeFormat):
            return one.profile
        if driver == "hpgl" and isinstance(one, HpglFormat):
            return one.device
    return None


def _machine(source: Path, export: ExportConfig | None, name: str | None, any_machine: bool) -> Machine:
    """The machine named, or that of the run's config; one of a person's own where the driver takes any machine."""
    if name is None:
        if export and any_machine:
            return machine_for(export)
        name = export.machine if export else "axidraw-v3"
        if name not in MACHINES:
            raise InputError(
                f"{source}: its export.machine is {name}, which no software of AxiDraw or NextDraw drives; "
                f"give one with --machine: {', '.join(MACHINES)}"
            )
    return machines.machine(name)
