"""plotart export: the files for the plotter, written again, and those for other machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from plotart.cli.complete import complete_runs
from plotart.cli.say import say
from plotart.cli.tables import line_line, pen_table, unshown_lines
from plotart.errors import OptionError
from plotart.reports.plot_words import left_out_lines, sheet_lines, swaps_line

Profile = Annotated[
    str | None,
    typer.Option(
        metavar="PROFILE",
        help="Also plot.gcode, and a file per pen, in a dialect of vpype-gcode: gcode, gcodemm, gcode_relative, "
        "csv, json, isvg, HPGL-R, BBC-GL-R, BBC-GL, ninja, step_motor, step_motor_relative, or one of your "
        "~/.vpype.toml.",
    ),
]
HpglDevice = Annotated[
    str | None,
    typer.Option(
        metavar="DEVICE",
        help="Also plot.hpgl, for a plotter that vpype knows: hp7475a, hp7440a, hp7550, artisan, dmp_161, dxy, "
        "sketchmate, or one of your ~/.vpype.toml.",
    ),
]


def export_command(
    source: Annotated[
        Path,
        typer.Argument(
            help="The folder of a finished run, or an SVG.", show_default=False, autocompletion=complete_runs
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Where to write.  [default: the run folder, outputs/NAME for an SVG]")
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("-o", "--override", metavar="KEY=VALUE", help="As in `-o export.simplify=0.05mm`."),
    ] = None,
    gcode: Profile = None,
    hpgl: HpglDevice = None,
    vpype_pens: Annotated[
        bool, typer.Option("--vpype-pens", help="Also pens.toml, the pens for vpype's command `pens`.")
    ] = False,
    offsets: Annotated[
        str | None,
        typer.Option(metavar="SET", help="Pens land where those of a set do, as `plotart align` found."),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="TYPE", help="Also files of this type, as `export.formats` has it."),
    ] = None,
    pens: Annotated[
        str | None,
        typer.Option(metavar="SET", help="Of an SVG: each colour in the pen of a set that looks most like it."),
    ] = None,
    paper: Annotated[str, typer.Option(metavar="COLOR", help="With --pens: the colour of the paper.")] = "#ffffff",
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
) -> None:
    """Write the SVGs and the preview of a finished run again, with other export settings, or for other machines.

    Of any other SVG: its lines pen by pen, joined, simplified and sorted as those of a run.

    **Examples**

        plotart export outputs/quickstart -o export.merge=0.3mm --out outputs/merged

        plotart export outputs/quickstart -o export.machine=axidraw-minikit -o export.sheets=true

        plotart export outputs/quickstart --gcode gcodemm

        plotart export outputs/quickstart --hpgl hp7475a --vpype-pens

        plotart export outputs/quickstart --offsets my-pens

        plotart export poster.svg --pens stabilo-point-88 --out poster-pens
    """
    from plotart.job.export import export_run
    from plotart.job.export_drawing import export_drawing

    more: list[dict[str, str]] = [{"type": name} for name in formats or []]
    more += [{"type": "gcode", "profile": gcode}] if gcode is not None else []
    more += [{"type": "hpgl", "device": hpgl}] if hpgl is not None else []
    more += [{"type": "vpype-pens"}] if vpype_pens else []
    console = Console()
    with _bar(console) as progress:
        if source.is_dir():
            _refuse(pens is not None, f"pens {pens}: a run has its pens; allowed with an SVG")
            done = export_run(
                source, out=out, overrides=override or (), formats=more, offsets=offsets, progress=progress
            )
        else:
            _refuse(offsets is not None, f"offsets {offsets}: an SVG names no pens; allowed with a run")
            done = export_drawing(
                source, out=out, pens=pens, paper=paper, overrides=override or (), formats=more, progress=progress
            )
    found = done.summary
    if as_json:
        typer.echo(json.dumps({"folder": str(done.path), **found, "notes": done.notes}, indent=2, ensure_ascii=False))
        return
    console.print(pen_table(found))
    left_out = unshown_lines(found.get("left_out", ()))
    for line in [
        swaps_line(found),
        line_line(found),
        *sheet_lines(found),
        *left_out_lines(found),
        *left_out,
        *done.notes,
    ]:
        say(console, line)
    say(console, f"Written to {done.path}")


def _refuse(wrong: bool, message: str) -> None:
    """Raises OptionError."""
    if wrong:
        raise OptionError(message)


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A line that shows how much is done: a function of what is done, and of how much, for as long as it lasts."""
    columns = (TextColumn("exporting"), BarColumn(bar_width=24), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
