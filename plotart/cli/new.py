"""plotart new."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_machines, complete_pens, complete_shipped
from plotart.cli.files import check_file, write_file
from plotart.cli.options import size_option
from plotart.cli.say import say
from plotart.errors import InputError
from plotart.schema.values import PAPER_MM


def new_command(
    name: Annotated[
        str | None,
        typer.Argument(
            help="The config to begin with; without one they are all listed.",
            show_default=False,
            autocompletion=complete_shipped,
        ),
    ] = None,
    pens: Annotated[
        str | None,
        typer.Option(
            help="The name of a set of pens, or a TOML file. Of more pens than the config has, those are taken that "
            "look most like its own.  [default: the config's]",
            autocompletion=complete_pens,
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option(help=f"The sheet: {', '.join(PAPER_MM)}, or 200x150 in mm.  [default: the config's]")
    ] = None,
    landscape: Annotated[
        bool | None, typer.Option("--landscape/--portrait", help="How the sheet lies.  [default: as in the config]")
    ] = None,
    paper: Annotated[str | None, typer.Option(help="The paper's colour.  [default: the config's]")] = None,
    machine: Annotated[
        str | None, typer.Option(help="Your plotter.  [default: the config's]", autocompletion=complete_machines)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write.  [default: NAME.yaml, or the page]")] = None,
    pictures: Annotated[
        bool | None,
        typer.Option(
            "--pictures/--no-pictures", help="List them with small pictures.  [default: where the terminal has colours]"
        ),
    ] = None,
    page: Annotated[bool, typer.Option("--page", help="Show them on a page in the browser.")] = False,
) -> None:
    """Write a config to begin with, or list those that come with plotart: what each draws, on what, with which pens.

    The file is yours: it needs no other config, its comments say what can be changed, and nothing is overwritten.
    `plotart generate` draws it; with a name in place of a file it draws what comes with plotart as it is.

    **Examples**

        plotart new

        plotart new poster --pens my-desk --out big-leaves.yaml

        plotart new tiger --size a4 --landscape --machine nextdraw-8511
    """
    if name is None and any(change is not None for change in (pens, size, landscape, paper, machine)):
        raise InputError("--pens, --size, --landscape, --paper and --machine change a config: give its name with them")
    console = Console()
    if name is not None:
        _write(console, name, out, pens=pens, size=size, landscape=landscape, paper=paper, machine=machine)
    elif page:
        _show_page(console, out)
    else:
        _list(console, pictures)


def _write(
    console: Console,
    name: str,
    out: Path | None,
    *,
    pens: str | None,
    size: str | None,
    landscape: bool | None,
    paper: str | None,
    machine: str | None,
) -> None:
    from plotart.config.new import Changes, new_config
    from plotart.files.shipped import shipped_file

    path = out or Path(f"{shipped_file(name).stem}.yaml")
    check_file(path, ".yaml")
    changes = Changes(
        pens=pens,
        page=None if size is None else size_option(size),
        landscape=landscape,
        paper=paper,
        machine=machine,
    )
    written = new_config(name, changes, path).write()
    for file in written:
        say(console, f"Written to {file}")
    say(console, f"Draw it with:  plotart generate {path}")


def _list(console: Console, pictures: bool | None) -> None:
    from plotart.cli.new_list import listed, pictured
    from plotart.config.shipped import shipped_configs

    if pictures is None:
        pictures = console.is_terminal and console.color_system == "truecolor"
    # Those to start with stand last, where a terminal ends.
    configs = sorted(shipped_configs(), key=lambda one: not one.is_work)
    console.print(pictured(configs, console.width) if pictures else listed(configs, console.width))
    say(
        console,
        "\nplotart new NAME writes one here, plotart generate NAME draws it as it is, plotart new --page shows them in "
        "the browser.",
    )


def _show_page(console: Console, out: Path | None) -> None:
    """Writes it to `out`, or to a file that the system clears away, which the browser then shows."""
    from plotart.cli.new_list import cards
    from plotart.config.shipped import shipped_configs
    from plotart.reports.configs_page import configs_html

    text = configs_html(cards(shipped_configs()))
    if out is not None:
        check_file(out, ".html")
        write_file(console, out, text)
        return
    path = Path(tempfile.mkdtemp(prefix="plotart-")) / "configs.html"
    write_file(console, path, text)
    webbrowser.open(path.as_uri())
