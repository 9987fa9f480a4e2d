"""The command that writes a page about a run or a drawing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from plotart.cli.files import check_file
from plotart.cli.say import say
from plotart.color import parse_color, to_hex
from plotart.config import Config
from plotart.errors import ColorError, InputError

if TYPE_CHECKING:
    from plotart.plotter.machines import Machine
    from plotart.runs.run import Run


def report_command(
    source: Annotated[Path, typer.Argument(help="The folder of a finished run, or an SVG.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(help="The page to write.  [default: report.html in the run, or the SVG's name with .report.html]"),
    ] = None,
    machine: Annotated[
        str | None, typer.Option(help="The plotter that keeps an SVG's time.  [default: axidraw-v3]")
    ] = None,
    paper: Annotated[str | None, typer.Option(help="The paper's colour for an SVG.  [default: white]")] = None,
) -> None:
    """Write a page of a run or of any SVG: the drawing, its plot replayed, pens and times.

    **Examples**

        plotart report outputs/quickstart

        plotart report drawing.svg --machine axidraw-se-a2 --paper black
    """
    from plotart.runs.run import RunFolder, load_run

    target = out or (source / "report.html" if source.is_dir() else source.with_suffix(".report.html"))
    check_file(target, ".html")
    if not source.is_dir():
        text = _drawing_report(source, machine or "axidraw-v3", paper or "white")
    else:
        for option, value in (("--machine", machine), ("--paper", paper)):
            if value is not None:
                raise InputError(f"{option} {value}: allowed only for an SVG; a run has its own in its config")
        text = _run_report(load_run(source))
    RunFolder.create(target.parent).write(target.name, text)
    say(Console(), str(target))


def write_report(run: Run) -> Path:
    """Writes report.html into the folder of a finished run. Raises DrawingError and OutputError."""
    from plotart.runs.run import RunFolder

    return RunFolder(run.path).write("report.html", _run_report(run))


def _run_report(run: Run) -> str:
    from plotart.reports.run_report import run_report

    return run_report(
        run.path,
        name=str(run.summary.get("name", run.path.name)),
        summary=run.summary,
        metrics=run.metrics,
        config_yaml=run.config_text,
        machine=_machine(run),
        page=run.page,
        pens=run.pens,
    )


def _machine(run: Run) -> Machine | None:
    """The plotter of a run; None for a canvas of pixels."""
    from plotart.job.build import build_machine
    from plotart.plotter.machines import MACHINES

    if run.page is None:
        return None
    name = run.summary.get("machine")
    return MACHINES.get(str(name)) or build_machine(Config.load(run.path / "config.yaml"))


def _drawing_report(svg: Path, machine: str, paper: str) -> str:
    """The page of an SVG from anywhere."""
    from plotart.export.read import read_drawing
    from plotart.plotter.machines import MACHINES
    from plotart.plotter.motion import plot_stats
    from plotart.reports.html import report_html
    from plotart.reports.replay import Sheet

    if machine not in MACHINES:
        raise InputError(f"--machine {machine}: no such machine; allowed are {', '.join(MACHINES)}")
    try:
        color = to_hex(parse_color(paper))
    except ColorError as error:
        raise InputError(f"--paper: {error}") from None
    drawing = read_drawing(svg)
    stats = plot_stats(drawing, MACHINES[machine])
    pens = [asdict(pen) for pen in stats.pens]
    summary = {"pens": pens, "pen_swaps": stats.swaps, "plot_seconds": stats.seconds}
    return report_html(name=svg.stem, summary=summary, sheet=Sheet(drawing, color), machine=MACHINES[machine])
