"""The commands, and the one place where errors become messages and exit statuses."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from plotart.cli.align import align_app
from plotart.cli.draw import draw_command
from plotart.cli.export import export_command
from plotart.cli.generate import generate_command
from plotart.cli.inspect import doctor_command, schema_command, stats_command
from plotart.cli.machine import machine_app
from plotart.cli.networks import networks_app
from plotart.cli.palette import palette_app
from plotart.cli.pens import pens_app
from plotart.cli.plot import plot_command
from plotart.cli.plugin_help import PluginHelp, PluginsHelp
from plotart.cli.quantize import quantize_command
from plotart.cli.redraw import preview_command
from plotart.cli.repen import repen_command
from plotart.cli.report import report_command
from plotart.cli.studio import studio_command
from plotart.cli.sweep import sweep_command
from plotart.errors import InputError, OptionError, PlotartError
from plotart.runs.omp import wait_passively

app = typer.Typer(
    help="Vector art for pen plotters: strokes optimised to excite a network, drawn with the pens you own.",
    epilog="Start with:  plotart generate configs/quickstart.yaml",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("generate", cls=PluginHelp)(generate_command)
app.command("draw", cls=PluginHelp)(draw_command)
app.command("sweep")(sweep_command)
app.command("export", cls=PluginHelp)(export_command)
app.command("repen")(repen_command)
app.command("preview")(preview_command)
app.command("plot", cls=PluginHelp)(plot_command)
app.command("studio")(studio_command)
app.command("stats")(stats_command)
app.command("report")(report_command)
app.command("schema")(schema_command)
app.command("doctor")(doctor_command)
app.command("quantize")(quantize_command)
app.add_typer(palette_app, name="palette")
app.add_typer(pens_app, name="pens")
app.add_typer(align_app, name="align")
app.add_typer(machine_app, name="machine")
app.add_typer(networks_app, name="networks", cls=PluginsHelp)


def main() -> NoReturn:
    """Run the command line. Exit status: 0 done, 2 wrong input, 130 interrupted, 1 anything else."""
    wait_passively()
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
