"""The page about a run or a drawing."""

from __future__ import annotations

from pathlib import Path

from plotart.color import parse_color, to_hex
from plotart.errors import ColorError, DrawingError, OptionError
from plotart.export.drawing import Drawing
from plotart.export.register import landed
from plotart.job.source import Source, drawing_of, machine_of, run_of
from plotart.job.stats import stats
from plotart.plotter.machines import MACHINES, Machine
from plotart.reports.html import player_html, report_html
from plotart.reports.run_report import run_report
from plotart.reports.sheet import DrawingView
from plotart.runs.run import Run


def report(source: Source, *, machine: Machine | str | None = None, paper: str | None = None) -> str:
    """One self-contained page, HTML, of a run, its folder, a drawing, or an SVG's path: what was drawn, its plot
    replayed, pens and times.

    machine  the plotter, or its name, that keeps a drawing's time; if None, an AxiDraw V3
    paper    the colour of a drawing's paper; if None, white

    A run has both in its config. Raises InputError for a source that can't be read or has no lines, and for options
    that can't be used.
    """
    run = run_of(source)
    if run is None:
        return _drawing_report(source, machine, paper or "white")
    for option, value in (("machine", machine), ("paper", paper)):
        if value is not None:
            found = value.name if isinstance(value, Machine) else value
            raise OptionError(f"{option} {found}: allowed only for an SVG; a run has its own in its config")
    return _run_report(run)


def replay(run: Run, drawing: Drawing | None = None) -> str:
    """The report's replay of a finished run alone, HTML: a <figure> for a page that has the replay's style and script.

    drawing  what is plotted, where it was read already

    Raises DrawingError for a run without lines.
    """
    if run.page is None or not run.summary.get("pens"):
        raise DrawingError(f"{run.path.name}: has no lines to replay")
    sheet = DrawingView(landed(drawing or drawing_of(run), run.pens), run.page.color, run.pens)
    return player_html(sheet, _machine(run))


def _machine(run: Run) -> Machine:
    name = str(run.summary.get("machine"))
    return MACHINES.get(name) or machine_of(run, None)


def _run_report(run: Run) -> str:
    return run_report(
        run.path,
        name=str(run.summary.get("name", run.path.name)),
        summary=run.summary,
        metrics=run.metrics,
        config_yaml=run.config_text,
        machine=_machine(run) if run.page is not None else None,
        page=run.page,
        pens=run.pens,
    )


def _drawing_report(source: Source, machine: Machine | str | None, paper: str) -> str:
    plotter = machine_of(source, machine)
    try:
        color = to_hex(parse_color(paper))
    except ColorError as error:
        raise OptionError(f"paper: {error}") from None
    drawing = drawing_of(source)
    figures = stats(drawing, machine=plotter).as_dict()
    summary = {key: figures[key] for key in ("pens", "pen_swaps", "plot_seconds", "line")}
    name = "drawing" if isinstance(source, (Drawing, Run)) else Path(source).stem
    return report_html(name=name, summary=summary, sheet=DrawingView(drawing, color), machine=plotter)
