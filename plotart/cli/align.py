"""plotart align: pens in register, and the sheet looked at between two pens."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plotart.cli.align_sheet import align_sheet_command
from plotart.cli.complete import complete_pens
from plotart.cli.files import check_file
from plotart.cli.options import page_option
from plotart.cli.say import say
from plotart.cli.tables import pen_table, swatch
from plotart.color import to_hex
from plotart.errors import PenError, UnitError
from plotart.geometry.units import to_mm
from plotart.pens.catalogue import keep_set, load_set
from plotart.pens.pen import FURTHEST
from plotart.schema.values import PAPER_MM

if TYPE_CHECKING:
    from plotart.calibration.register import Register
    from plotart.pens.catalogue import PenFile

align_app = typer.Typer(
    help="Pens in register: how they sit to each other, and how the sheet lies.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Into = Annotated[
    str | None,
    typer.Option(metavar="SET", help="The set to keep them in: its name, or a TOML file.", show_default=False),
]


@align_app.command("chart")
def align_chart(
    pens_of: Annotated[
        str,
        typer.Argument(metavar="SET", help="A set of pens: its name, or a TOML file.", autocompletion=complete_pens),
    ],
    size: Annotated[str, typer.Option(help=f"The sheet: {', '.join(PAPER_MM)}.")] = "a5",
    landscape: Annotated[bool, typer.Option("--landscape", help="The sheet lies on its long side.")] = False,
    margin: Annotated[str, typer.Option(help="Nothing is drawn this close to the edges.")] = "10mm",
    paper: Annotated[
        str | None, typer.Option(help="The colour of the paper.  [default: the set's, else white]")
    ] = None,
    pens: Annotated[str | None, typer.Option(help="Only these of the set, as in 'Black 05,Red 05'.")] = None,
    out: Annotated[Path, typer.Option(help="The SVG to write; layout and pens go beside it.")] = Path("align.svg"),
) -> None:
    """Write a sheet on which each pen draws a square near each corner.

    Beside align.svg go a file for each pen and align.layout.json, which `plotart align read` needs. Put each pen into
    the holder as you do when you draw.

    **Example**

        plotart align chart my-pens --pens "Black 05,Red 05,Blue 05"
    """
    from plotart.calibration.chart_file import dump_chart
    from plotart.calibration.lines import chart_drawing
    from plotart.calibration.register_chart import lay_out_register
    from plotart.export.read import read_drawing
    from plotart.export.svg import layer_svgs, plot_svg
    from plotart.plotter.machines import MACHINES
    from plotart.plotter.motion import plot_stats
    from plotart.runs.run import RunFolder

    check_file(out, ".svg")
    file = load_set(pens_of)
    if pens is not None:
        file = replace(file, pens=file.pens.called([name.strip() for name in pens.split(",")]))
    chart = lay_out_register(file, page_option(size, landscape, margin, paper or file.paper or "#ffffff"))
    drawing = chart_drawing(chart)
    folder = RunFolder.create(out.parent)
    written = [folder.write(out.name, plot_svg(drawing)), folder.write(f"{out.stem}.layout.json", dump_chart(chart))]
    for name, text in layer_svgs(drawing).items():
        written.append(folder.write(name.replace("plot", out.stem, 1), text))
    stats = plot_stats(read_drawing(out), MACHINES["axidraw-v3"])
    console = Console()
    console.print(pen_table({"pens": [asdict(pen) for pen in stats.pens], "plot_seconds": stats.seconds}))
    for path in written:
        say(console, str(path))


@align_app.command("read")
def align_read(
    photo: Annotated[Path, typer.Argument(help="A photograph or scan of the plotted sheet.", show_default=False)],
    chart: Annotated[Path, typer.Option(help="The sheet's .layout.json.")] = Path("align.layout.json"),
    into: Into = None,
    nibs: Annotated[bool, typer.Option("--nibs", help="Keep the nibs that were measured, too.")] = False,
) -> None:
    """Read from a picture where each pen lands, against the set's first, and how broad its nib is.

    With --into the offsets are kept in a set: from then on, what is drawn with its pens is moved so that they meet.

    **Examples**

        plotart align read photo.jpg

        plotart align read photo.jpg --into my-pens --nibs
    """
    from plotart.calibration.chart_file import read_chart
    from plotart.calibration.register import read_register

    if nibs and into is None:
        raise PenError("--nibs: allowed only with --into, the set to keep them in")
    file = load_set(into) if into is not None else None
    found = read_register(photo, read_chart(chart))
    console = Console()
    console.print(_read_table(found))
    say(console, f"marks {found.residual:.2f} mm off, {found.dpi:.0f} dots per inch")
    for place in found.places:
        for warning in place.warnings:
            say(console, f"{place.nominal.name}: {warning}")
    for warning in found.warnings:
        say(console, warning)
    if into is None or file is None:
        say(console, "Nothing is kept yet: --into SET keeps the offsets in a set.")
        return
    say(console, f"Kept in {keep_set(found.pen_file(file, nibs=nibs), into)}")


@align_app.command("set", context_settings={"ignore_unknown_options": True})
def align_set(
    pen: Annotated[str, typer.Argument(metavar="PEN", help="The pen's name.", show_default=False)],
    right: Annotated[str, typer.Argument(metavar="DX", help="How far right it lands; -0.3mm: left.")],
    down: Annotated[str, typer.Argument(metavar="DY", help="How far down it lands; -0.3mm: up.")],
    into: Annotated[str, typer.Option(metavar="SET", help="The pen's set: its name, or a TOML file.")],
) -> None:
    """Set by hand where a pen lands, against the set's first.

    **Example**

        plotart align set "Red 05" 0.3mm -0.15mm --into my-pens
    """
    file = load_set(into)
    file.pens.called([pen])
    offset = (_way(right, "DX"), _way(down, "DY"))
    pens = [one.but(offset=offset if any(offset) else None) if one.name == pen else one for one in file.pens]
    path = keep_set(replace(file, pens=file.pens.with_pens(pens)), into)
    say(Console(), f"{pen} lands {offset[0]:+g} mm to the right, {offset[1]:+g} mm down; kept in {path}")


@align_app.command("show")
def align_show(
    name: Annotated[
        str,
        typer.Argument(metavar="SET", help="A set, or a TOML file.", show_default=False, autocompletion=complete_pens),
    ],
) -> None:
    """Show where the pens of a set land.

    **Example**

        plotart align show my-pens
    """
    Console().print(_kept_table(load_set(name)))


align_app.command("sheet")(align_sheet_command)


def _read_table(found: Register) -> Table:
    table = _table()
    table.add_column("corners within", justify="right")
    for column in ("nib", "measured"):
        table.add_column(column, justify="right")
    for place in found.places:
        pen = place.nominal
        right, down = ("?", "?") if place.offset is None else (f"{way:+.2f} mm" for way in place.offset)
        within = "?" if place.apart is None else f"{place.apart:.2f} mm"
        width = "?" if place.width is None else f"{place.width:g} mm"
        table.add_row(swatch(to_hex(pen.rgb), pen.name), right, down, within, f"{pen.width:g} mm", width)
    return table


def _kept_table(file: PenFile) -> Table:
    table = _table()
    for pen in file.pens:
        cells = ("not measured", "") if pen.offset is None else (f"{way:+g} mm" for way in pen.offset)
        table.add_row(swatch(to_hex(pen.rgb), pen.name), *(Text(cell) for cell in cells))
    return table


def _table() -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("pen")
    for column in ("right", "down"):
        table.add_column(column, justify="right")
    return table


def _way(text: str, name: str) -> float:
    try:
        way = to_mm(text)
    except UnitError as error:
        raise UnitError(f"{name}: {error}") from None
    if abs(way) > FURTHEST:
        raise UnitError(f"{name}: found {way:g} mm; allowed: {-FURTHEST:g} to {FURTHEST:g} mm")
    return way
