"""plotart palette show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from plotart.cli.files import check_file, write_file
from plotart.cli.quantize import paper_color, pen_colors
from plotart.cli.tables import swatch
from plotart.color import RGB, to_hex
from plotart.files.images import png_bytes
from plotart.pens.catalogue import PenFile, load_set


def palette_show_command(
    palette: Annotated[
        str, typer.Argument(metavar="SET", help="Pens: the name of a set, or a TOML file.", show_default=False)
    ],
    image: Annotated[Path | None, typer.Option(help="A picture, to be shown in these colours.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The PNG to write.  [default: with --image, IMAGE-palette.png; else none]"),
    ] = None,
    paper: Annotated[
        str | None,
        typer.Option(metavar="COLOR", help="The paper under the pens.  [default: that of the set, else white]"),
    ] = None,
) -> None:
    """Show a set of pens: names, colours, nibs and inks; as a picture too, by itself or beside a picture of yours.

    **Examples**

        plotart palette show my-pens.toml

        plotart palette show my-pens.toml --out my-pens.png

        plotart palette show my-pens.toml --image photo.jpg
    """
    found = load_set(palette)
    below = paper_color(found, paper)
    target = out
    if target is None and image is not None:
        target = image.with_name(f"{image.stem}-palette.png")
    if target is not None:
        check_file(target, ".png")
    names, looks = pen_colors(found, below)
    console = Console()
    if found.title:
        console.print(f"[bold]{escape(found.title)}[/]  {found.status}", highlight=False)
    console.print(_table(found, looks))
    if target is None:
        return

    import torch

    from plotart.reports.palette_pictures import comparison, palette_strip

    colors = torch.tensor(looks)
    if image is None:
        sheet = palette_strip(colors, names=names)
    else:
        from plotart.files.images import FINEST, read_image
        from plotart.quantize.quantization import quantize

        picture = read_image(image, paper=below, longest=FINEST)
        quantized = quantize(picture, colors)
        sheet = comparison(picture, quantized.image, quantized.index, colors, quantized.usage, names)
    write_file(console, target, png_bytes(sheet, small=True))


def _table(found: PenFile, looks: list[RGB]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("pen", "on paper", "nib", "ink"):
        table.add_column(column)
    for pen, look in zip(found.pens, looks, strict=True):
        table.add_row(swatch(to_hex(look), pen.name), to_hex(look), f"{pen.width:g} mm", pen.ink)
    return table
