"""The commands, and the one place where errors become messages and exit statuses."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from plotart.cli.commands import Commands, Place
from plotart.errors import InputError, OptionError, PlotartError
from plotart.runs.omp import wait_passively

#: Where each command is; groups have theirs there.
PLACES = {
    "new": Place("plotart.cli.new:new_command"),
    "generate": Place("plotart.cli.generate:generate_command", plugins=True),
    "draw": Place("plotart.cli.draw:draw_command", plugins=True),
    "sweep": Place("plotart.cli.sweep:sweep_command"),
    "export": Place("plotart.cli.export:export_command", plugins=True),
    "repen": Place("plotart.cli.repen:repen_command"),
    "preview": Place("plotart.cli.redraw:preview_command"),
    "plot": Place("plotart.cli.plot:plot_command", plugins=True),
    "queue": Place("plotart.cli.queue:queue_app"),
    "studio": Place("plotart.cli.studio:studio_command"),
    "stats": Place("plotart.cli.stats:stats_command"),
    "report": Place("plotart.cli.report:report_command"),
    "schema": Place("plotart.cli.schema:schema_command"),
    "doctor": Place("plotart.cli.doctor:doctor_command"),
    "quantize": Place("plotart.cli.quantize:quantize_command"),
    "palette": Place("plotart.cli.palette:palette_app"),
    "pens": Place("plotart.cli.pens:pens_app"),
    "align": Place("plotart.cli.align:align_app"),
    "machine": Place("plotart.cli.machine:machine_app"),
    "inkscape": Place("plotart.cli.inkscape:inkscape_app"),
    "networks": Place("plotart.cli.networks:networks_app", plugins=True),
}


class Program(TyperGroup):
    """All commands, each of which is imported when it is asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": Commands(PLACES)})


app = typer.Typer(
    cls=Program,
    help="Vector art for pen plotters: strokes optimised to excite a network, drawn with the pens you own.",
    epilog="Start with:  plotart generate quickstart",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(lambda: None)  # makes it a group, though nothing is registered here


def main() -> NoReturn:
    """Run the command line. Exit status: 0 done, 2 wrong input, 130 interrupted, 1 anything else."""
    wait_passively()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a pipe on Windows may lack letters that pens and files have
    errors = Console(stderr=True, soft_wrap=True)
    try:
        app(prog_name="plotart")
    except InputError as error:
        errors.print(f"[red]error:[/] {escape(_message(error))}", highlight=False)
        sys.exit(2)
    except PlotartError as error:
        errors.print(f"[red]stopped:[/] {escape(str(error))}", highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("interrupted")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has left, as with `| head`; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(0)


def _message(error: InputError) -> str:
    """Its text, in which an option takes the place of the keyword argument."""
    text = str(error)
    if not isinstance(error, OptionError):
        return text
    return text.replace("overrides", "-o", 1) if text.startswith("overrides ") else f"--{text}"
