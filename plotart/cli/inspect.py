"""Commands that only look: stats, schema, doctor."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from plotart.cli.tables import line_line, pen_table, unshown_lines
from plotart.config import config_schema
from plotart.errors import PluginError, WeightsError
from plotart.plotter.machines import MACHINES
from plotart.plugins import DOORS, RENDERERS, Door
from plotart.reports.plot_words import swaps_line


def stats_command(
    source: Annotated[Path, typer.Argument(help="A run folder or an SVG.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    machine: Annotated[
        str | None,
        typer.Option(
            help=f"The plotter whose speed and reach count: {', '.join(MACHINES)}, or custom, that of a run's config.  "
            "[default: the run's own, axidraw-v3 for an SVG]"
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
    figures = found.as_dict()
    if as_json:
        typer.echo(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    console = Console()
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


def schema_command() -> None:
    """Print the JSON Schema of the config, for editors that complete and check YAML."""
    typer.echo(json.dumps(config_schema(), indent=2, ensure_ascii=False))


def doctor_command(
    port: Annotated[
        str | None,
        typer.Option(metavar="PORT", help="Read the settings of the board with Grbl on this port, and explain them."),
    ] = None,
) -> None:
    """Show versions, devices, renderers and weights: what plotart finds on this machine."""
    if port is not None:
        from plotart.plotter.boards.grbl import grbl_settings

        for line in grbl_settings(port):
            typer.echo(line)
        return
    import torch

    from plotart.networks.published import PUBLISHED
    from plotart.plotter.find_driver import installed_drivers
    from plotart.render import missing

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("plotart", version("plotart"))
    table.add_row("python", f"{platform.python_version()} on {platform.platform()}")
    for package in ("torch", "numpy", "numba", "vpype", "pillow"):
        table.add_row(package, _installed(package))
    table.add_row("threads", str(torch.get_num_threads()))
    table.add_row("cuda", torch.cuda.get_device_name() if torch.cuda.is_available() else "none")
    for name in RENDERERS.names:
        lacks = "; ".join(missing(name))
        table.add_row(f"renderer {name}", f"can't run here, it lacks {escape(lacks)}" if lacks else "runs here")
    table.add_row("plotters' software", ", ".join(installed_drivers()) or "none that was found: docs/plotting.md")
    table.add_row("plotters on USB", escape(_boards()))
    gcode = "installed" if find_spec("vpype_gcode") else "not installed: pip install 'plotart[gcode]'"
    table.add_row("vpype-gcode", escape(gcode))
    for network in PUBLISHED:
        table.add_row(f"{network} weights", escape(_published_weights(network)))
    table.add_row("motif weights", _motif_weights())
    for door in DOORS:
        for plugin in door.plugins:
            table.add_row("plugin", escape(f"{plugin}{_state(door, plugin.name)}"))
    Console().print(table, soft_wrap=True)


def _state(door: Door, name: str) -> str:
    """What is wrong with what another package adds, if anything is."""
    if name in door.own:
        return f": hidden, as plotart's own {door.kind} has that name"
    try:
        door.load(name)
    except PluginError as error:
        return f": {error}"
    return ""


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _boards() -> str:
    """The boards that are plugged in, and with which driver plotart plots on them itself."""
    from plotart.plotter.boards.known import found_boards

    if find_spec("serial") is None:
        return "can't be looked for: pip install 'plotart[plotter]'"
    found = [f"{port.name}, {port.description} (--driver {name})" for name, port in found_boards()]
    return "; ".join(found) or "none that was found"


def _published_weights(network: str) -> str:
    from plotart.networks.digests import check_name
    from plotart.networks.published import PUBLISHED, fetched_layers, published_file
    from plotart.networks.weights_files import cache_folder

    if (path := published_file(network)) is not None:
        try:
            check_name(path, cache_folder())
        except (WeightsError, OSError) as error:
            return str(error)
        return str(path)
    layers, size = fetched_layers(network)
    if not layers:
        return f"not in {cache_folder()}"
    return f"up to {layers[-1]}, {size / 1e6:.1f} MB in {PUBLISHED[network].folder}"


def _motif_weights() -> str:
    from plotart.networks import describe

    try:
        return f"shipped, {len(describe('motif').classes)} classes"
    except WeightsError as error:
        return str(error)
