"""plotart doctor: what there is on this machine."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from plotart import __version__
from plotart.errors import PluginError, WeightsError
from plotart.plugins import DOORS, RENDERERS, Door

#: Characters of the longest name of what is found, so that all that is found of it stands in one column.
COLUMN = len("plotters' software")


def doctor_command(
    port: Annotated[
        str | None,
        typer.Option(metavar="PORT", help="Read the settings of the board with Grbl on this port, and explain them."),
    ] = None,
    ask_ports: Annotated[
        bool,
        typer.Option("--ask-ports", help="Ask what is behind each USB serial chip: many Arduinos begin anew by that."),
    ] = False,
) -> None:
    """Show versions, devices, renderers and weights: what plotart finds on this machine."""
    if port is not None:
        from plotart.plotter.boards.grbl import grbl_settings

        for line in grbl_settings(port):
            typer.echo(line)
        return
    console = Console()
    console.print(_table(_found(ask=ask_ports)), soft_wrap=True)
    # torch alone knows devices, and takes longer to load than all that was said so far to be found.
    with console.status("Asking PyTorch"):
        computing = _table(_computing())
    console.print(computing, soft_wrap=True)


def _table(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(min_width=COLUMN)
    for row in rows:
        table.add_row(*row)
    return table


def _found(*, ask: bool) -> Iterator[tuple[str, str]]:
    """What is installed, plugged in and fetched."""
    from plotart.networks.published import PUBLISHED
    from plotart.plotter.find_driver import installed_drivers

    yield "plotart", __version__
    yield "python", f"{platform.python_version()} on {platform.platform()}"
    for package in ("torch", "numpy", "numba", "vpype", "pillow"):
        yield package, _installed(package)
    yield "plotters' software", ", ".join(installed_drivers()) or "none that was found: docs/plotting.md"
    yield "plotters on USB", escape(_boards(ask=ask))
    gcode = "installed" if find_spec("vpype_gcode") else "not installed: pip install 'plotart[gcode]'"
    yield "vpype-gcode", escape(gcode)
    for network in PUBLISHED:
        yield f"{network} weights", escape(_published_weights(network))
    yield "motif weights", _motif_weights()


def _computing() -> Iterator[tuple[str, str]]:
    """What torch, and what other packages add, can do here."""
    import torch

    from plotart.render import missing

    yield "threads", str(torch.get_num_threads())
    yield "cuda", torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    for name in RENDERERS.names:
        lacks = "; ".join(missing(name))
        yield f"renderer {name}", f"can't run here, it lacks {escape(lacks)}" if lacks else "runs here"
    for door in DOORS:
        for plugin in door.plugins:
            yield "plugin", escape(f"{plugin}{_state(door, plugin.name)}")


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


def _boards(*, ask: bool) -> str:
    """The boards that are plugged in, and with which driver plotart plots on them itself; ports behind which one may
    be, and if they are to be asked, what answers."""
    from plotart.plotter.boards.bridges import BRIDGES, bridges
    from plotart.plotter.boards.known import found_boards

    if find_spec("serial") is None:
        return "can't be looked for: pip install 'plotart[plotter]'"
    found = [f"{port.name}, {port.description} (--driver {name})" for name, port in found_boards()]
    for port in bridges():
        chip = BRIDGES[port.usb] if port.usb is not None else ""
        found.append(f"{port.name}, {chip}: {_behind(port.name) if ask else 'may be a board, --ask-ports asks it'}")
    return "; ".join(found) or "none that was found"


def _behind(port: str) -> str:
    from plotart.plotter.boards.board import BoardFault
    from plotart.plotter.boards.bridges import board_behind

    try:
        name = board_behind(port)
    except BoardFault:
        return "can't be opened: another program uses it, or it may not be read"
    return f"--driver {name}" if name is not None else "neither Grbl nor an HP-GL plotter answers"


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
