"""plotart stats: what plotting takes, and what the lines are like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from plotart.cli.complete import complete_machines, complete_runs
from plotart.cli.tables import line_line, pen_table, unshown_lines
from plotart.plotter.machines import MACHINES
from plotart.reports.plot_words import swaps_line

if TYPE_CHECKING:
    from plotart.job.stats import DrawingStats


def stats_command(
    source: Annotated[
        Path, typer.Argument(help="A run folder or an SVG.", show_default=False, autocompletion=complete_runs)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    machine: Annotated[
        str | None,
        typer.Option(
            help=f"The plotter whose speed and reach count: {', '.join(MACHINES)}, or custom, that of a run's config.  "
            "[default: the run's own, axidraw-v3 for an SVG]",
            autocompletion=complete_machines,
        ),
    ] = None,
) -> None:
    """Strokes, metres and minutes per pen, how clean the lines are, and whether the plotter reaches all of it.

    **Examples**

        plotart stats outputs/quickstart --json

        plotart stats drawing.svg --machine nextdraw-2234
    """
    from plotart.job.stats import stats

    found = stats(source, machine=machine)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        print_stats(found)


def print_stats(found: DrawingStats) -> None:
    """The figures as a table, and lines of text below."""
    figures, console = found.as_dict(), Console()
    width, height = found.page_mm
    console.print(f"{width:g} x {height:g} mm on {found.machine}", highlight=False)
    console.print(pen_table(figures))
    console.print(swaps_line(figures), highlight=False)
    console.print(line_line(figures), soft_wrap=True, highlight=False)
    for line in unshown_lines(found.left_out):
        console.print(line, soft_wrap=True, highlight=False)
    if found.problem is None:
        console.print(f"{found.machine} reaches all of it", highlight=False)
    else:
        console.print(f"[yellow]does not fit:[/] {escape(found.problem)}", soft_wrap=True, highlight=False)
