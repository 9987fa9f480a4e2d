"""Commands for pens: which sets there are, what is in them, and those of other programs."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from plotart.cli.complete import complete_configs, complete_pens
from plotart.cli.files import write_file
from plotart.cli.options import nib_option
from plotart.cli.pens_new import pens_new
from plotart.cli.pens_table import pens_table, plain_table
from plotart.cli.tables import swatch
from plotart.color import to_hex
from plotart.errors import InputError, PenError
from plotart.files.names import slug
from plotart.pens.catalogue import PenFile, load_set, save_set, set_names
from plotart.pens.formats import NIB, read_pens, write_pens

pens_app = typer.Typer(
    help="The pens there are: sets, their colours and nibs, and pens of other programs.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
pens_app.command("new")(pens_new)

#: Colours of a set that the list shows, and pairs of pens that look alike that are named one by one.
SWATCHES = 16
PAIRS = 8


class ExportFormat(str, Enum):
    vpype = "vpype"
    drawingbot = "drawingbot"
    toml = "toml"


class ImportFormat(str, Enum):
    auto = "auto"
    vpype = "vpype"
    drawingbot = "drawingbot"
    toml = "toml"


@pens_app.command("list")
def pens_list(
    config: Annotated[
        Path | None,
        typer.Argument(help="A config, to list its pens.", show_default=False, autocompletion=complete_configs),
    ] = None,
) -> None:
    """The sets of pens there are; or the pens of a config, in the order in which they are plotted.

    **Examples**

        plotart pens list

        plotart pens list quickstart
    """
    Console().print(_sets() if config is None else _config_pens(config))


@pens_app.command("show")
def pens_show(
    name: Annotated[
        str,
        typer.Argument(metavar="SET", help="A set, or a TOML file.", show_default=False, autocompletion=complete_pens),
    ],
) -> None:
    """The pens of a set, where their colours come from, and which of them look alike.

    **Examples**

        plotart pens show stabilo-point-88

        plotart pens show my-pens.toml
    """
    found = load_set(name)
    console = Console()
    console.print(Text(found.title or name, style="bold"))
    for fact in ("maker", "kind", "status", "date", "paper", "source", "licence"):
        if value := getattr(found, fact):
            console.print(f"{fact}: {value}", highlight=False, markup=False)
    console.print()
    console.print(pens_table(found))
    _warn_of_close(console, found)


@pens_app.command("import")
def pens_import(
    file: Annotated[Path, typer.Argument(help="A config of vpype's, a table (CSV), or TOML.", show_default=False)],
    name: Annotated[
        str | None, typer.Option("--as", help="What the set is to be called; else as the file.", show_default=False)
    ] = None,
    form: Annotated[ImportFormat, typer.Option("--format", help="Whose format it is in.")] = ImportFormat.auto,
    pick: Annotated[
        str | None, typer.Option("--set", help="Which pen configuration of a file of vpype's.", show_default=False)
    ] = None,
    width: Annotated[
        str, typer.Option(help="The nib where the file names none, and of a stroke of 1 in a table.")
    ] = f"{NIB:g}mm",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace your set of that name.")] = False,
) -> None:
    """Add pens from another program's file to your own sets.

    Only names, colours and nibs are in those files: inks are taken as transparent. Edit the set's file where they
    are not.

    **Examples**

        plotart pens import pens.csv --as my-gel-pens --width 0.4mm

        plotart pens import ~/.vpype.toml --set cmyk
    """
    found = read_pens(file, None if form is ImportFormat.auto else form.value, pick=pick, width=nib_option(width))
    called = name if name is not None else _set_name(pick or file.stem)
    if not overwrite and called.casefold() in {taken.casefold() for taken in set_names()} and name is None:
        raise PenError(f"{called!r} is the name of a set already; give the new one a name of its own with --as")
    path = save_set(found, called, overwrite=overwrite)
    many = "1 pen" if len(found.pens) == 1 else f"{len(found.pens)} pens"
    typer.echo(f"{many} in {path}; see them with: plotart pens show {called}")


@pens_app.command("export")
def pens_export(
    name: Annotated[
        str,
        typer.Argument(metavar="SET", help="A set, or a TOML file.", show_default=False, autocompletion=complete_pens),
    ],
    form: Annotated[ExportFormat, typer.Option("--format", help="For which program.")] = ExportFormat.vpype,
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.", show_default=False)] = None,
) -> None:
    """Write a set for another program.

    vpype and tables (CSV) know names, colours and nibs; whether inks cover, and how much, is lost.

    **Examples**

        plotart pens export stabilo-point-88 --out pens.toml

        plotart pens export uni-pin --format drawingbot --out uni-pin.csv

    Then: `vpype --config pens.toml read in.svg pens stabilo-point-88 write out.svg`
    """
    text = write_pens(load_set(name), form.value, _set_name(Path(name).name.removesuffix(".toml")))
    if out is None:
        typer.echo(text, nl=False)
        return
    write_file(Console(), out, text)


def _sets() -> Table:
    table = plain_table("set", "title", "kind", "pens", "nibs", "status", "colours")
    for whole in (table.columns[0], table.columns[-1]):
        whole.no_wrap = True
    for name in set_names():
        found = load_set(name)
        nibs = sorted({pen.width for pen in found.pens})
        nib = f"{nibs[0]:g} mm" if len(nibs) == 1 else f"{nibs[0]:g} to {nibs[-1]:g} mm"
        step = max(1.0, len(found.pens) / SWATCHES)
        shown = [found.pens[int(n * step)] for n in range(min(SWATCHES, len(found.pens)))]
        row = Text.assemble(*(("█", to_hex(pen.rgb)) for pen in shown))
        cells = (name, found.title, found.kind, str(len(found.pens)), nib, found.status)
        table.add_row(*(Text(cell) for cell in cells), row)
    return table


def _config_pens(config: Path) -> Table:
    from plotart.config import Config
    from plotart.job.pens import build_pens

    loaded = Config.load(config)
    if not loaded.pens:
        raise InputError(f"{config}: has no pens; its colours are learned")
    table = plain_table("", "pen", "colour", "nib", "ink")
    for number, pen in enumerate(build_pens(loaded), 1):
        table.add_row(str(number), swatch(to_hex(pen.rgb), pen.name), pen.color, f"{pen.width:g} mm", pen.ink)
    return table


def _warn_of_close(console: Console, found: PenFile) -> None:
    from plotart.palette.match import ALIKE, too_close

    # One ink in several nibs is what a person means to have.
    close = [
        (one, other, difference)
        for one, other, difference in too_close(found.pens, paper=found.pens.measured_on)
        if one.light != other.light or one.width == other.width
    ]
    if not close:
        return
    many = "1 pair of pens looks" if len(close) == 1 else f"{len(close)} pairs of pens look"
    console.print(f"\n[yellow]{many} alike[/] (less than {ALIKE:g} CIEDE2000 apart):", highlight=False)
    for one, other, difference in close[:PAIRS]:
        console.print(f"  {escape(one.name)} and {escape(other.name)}: {difference:.1f}", highlight=False)
    if len(close) > PAIRS:
        console.print(f"  and {len(close) - PAIRS} more", highlight=False)


def _set_name(text: str) -> str:
    return slug(text, "pens", keep="_.-")
