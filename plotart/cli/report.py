"""The command that writes a page about a run or a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_machines, complete_runs
from plotart.cli.files import check_file
from plotart.cli.say import say


def report_command(
    source: Annotated[
        Path,
        typer.Argument(
            help="The folder of a finished run, or an SVG.", show_default=False, autocompletion=complete_runs
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The page to write.  [default: report.html in the run, or the SVG's name with .report.html]"),
    ] = None,
    machine: Annotated[
        str | None,
        typer.Option(
            help="The plotter that keeps an SVG's time.  [default: axidraw-v3]", autocompletion=complete_machines
        ),
    ] = None,
    paper: Annotated[str | None, typer.Option(help="The paper's colour for an SVG.  [default: white]")] = None,
) -> None:
    """Write a page of a run or of any SVG: the drawing, its plot replayed, pens and times.

    **Examples**

        plotart report outputs/quickstart

        plotart report drawing.svg --machine axidraw-se-a2 --paper black
    """
    from plotart.job.report import report
    from plotart.runs.run import RunFolder

    target = out or (source / "report.html" if source.is_dir() else source.with_suffix(".report.html"))
    check_file(target, ".html")
    text = report(source, machine=machine, paper=paper)
    RunFolder.create(target.parent).write(target.name, text)
    say(Console(), str(target))
