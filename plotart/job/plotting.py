"""A plot made ready: what is to be plotted, and what of it was plotted earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plotart.config import Config
from plotart.errors import DrawingError, InputError
from plotart.plotter import machines
from plotart.plotter.drivers import PlotOptions, model_of
from plotart.plotter.machines import MACHINES, Machine
from plotart.plotter.plan import PenPlot, PlotPlan, choose, plan_run, plan_svg
from plotart.plotter.session import Session, Status


@dataclass(frozen=True)
class Plotting:
    """The plan, what the plotter's software is told, what was plotted earlier, the pens chosen, and those of them that
    are left."""

    plan: PlotPlan
    options: PlotOptions
    session: Session
    chosen: tuple[PenPlot, ...]
    left: tuple[PenPlot, ...]


def open_plotting(
    source: Path,
    *,
    machine: str | None = None,
    pens: Sequence[str] = (),
    start: int = 1,
    speed_down: int | None = None,
    speed_up: int | None = None,
    restart: bool = False,
) -> Plotting:
    """The plot of a run's folder or an SVG, of which nothing is written or moved yet.

    machine               if None, the machine of the run's config, or an AxiDraw V3
    pens, start           as `choose` takes them
    speed_down, speed_up  % of the top speed; None leaves it to the plotter's software
    restart               the pens chosen begin again, whatever was plotted of them

    Raises InputError for what can't be read, plotted or chosen.
    """
    plotter = _machine(source, machine)
    options = PlotOptions(model_of(plotter), speed_down, speed_up)
    is_run = source.is_dir()
    plan = (plan_run if is_run else plan_svg)(source, plotter, options)
    chosen = choose(plan, pens, start)
    folder, prefix = (source, "") if is_run else (source.parent, f"{source.stem}.")
    session = Session.open(folder, plan, prefix=prefix, restart=chosen if restart else ())
    # A pen that was skipped is asked for again when it is named.
    over = {Status.done} if pens else {Status.done, Status.skipped}
    left = tuple(pen for pen in chosen if session.status(pen) not in over)
    return Plotting(plan, options, session, chosen, left)


def _machine(source: Path, name: str | None) -> Machine:
    if not source.exists():
        raise DrawingError(f"{source}: no such run folder or SVG")
    if name is None:
        name = Config.load(source / "config.yaml").export.machine if source.is_dir() else "axidraw-v3"
        if name not in MACHINES:
            raise InputError(
                f"{source}: its export.machine is {name}, which no software of AxiDraw or NextDraw drives; "
                f"give one with --machine: {', '.join(MACHINES)}"
            )
    return machines.machine(name)
