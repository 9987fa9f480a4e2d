"""plotart quantize."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from plotart.cli.files import check_file, write_file
from plotart.cli.options import Metric, paper_option
from plotart.cli.tables import swatch
from plotart.color import RGB, linear, to_hex
from plotart.files.images import png_bytes

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from plotart.pens.catalogue import PenFile

#: A paletted PNG holds so many colours.
PALETTED = 256


class Dither(str, Enum):
    none = "none"
    floyd_steinberg = "floyd-steinberg"
    bayer = "bayer"
    blue_noise = "blue-noise"


def quantize_command(
    image: Annotated[Path, typer.Argument(help="A picture.", show_default=False)],
    palette: Annotated[
        str, typer.Option(metavar="SET", help="Pens: the name of a set, or a TOML file.", show_default=False)
    ],
    out: Annotated[Path | None, typer.Option(help="The PNG to write.  [default: IMAGE-quantized.png]")] = None,
    metric: Annotated[Metric, typer.Option(help="The space in which colours are compared.")] = Metric.oklab2,
    dither: Annotated[Dither, typer.Option(help="How colours between those of the pens are mixed.")] = Dither.none,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="PNG", help="Also write the picture, the result and the palette side by side."),
    ] = None,
    paper: Annotated[
        str | None,
        typer.Option(metavar="COLOR", help="The paper under the pens.  [default: that of the set, else white]"),
    ] = None,
    with_paper: Annotated[bool, typer.Option("--with-paper", help="The bare paper is a colour too.")] = False,
) -> None:
    """Show a picture in the colours that your pens have on the paper, and how much of it each pen has.

    **Examples**

        plotart quantize photo.jpg --palette my-pens.toml

        plotart quantize photo.jpg --palette my-pens.toml --with-paper --dither blue-noise --compare both.png
    """
    from plotart.files.images import read_image
    from plotart.pens.catalogue import load_set

    found = load_set(palette)
    below = paper_color(found, paper)
    names, looks = pen_colors(found, below)
    if with_paper:
        names, looks = ["paper", *names], [below, *looks]
    target = out if out is not None else image.with_name(f"{image.stem}-quantized.png")
    for path in (target, *([compare] if compare is not None else [])):
        check_file(path, ".png")
    picture = read_image(image, paper=below, as_bytes=True)

    import torch

    from plotart.quantize.quantization import quantize

    colors = torch.tensor(looks)
    quantized = quantize(picture, colors, metric=metric.value, dither=None if dither is Dither.none else dither.value)
    console = Console()
    console.print(_share_table(names, looks, quantized.usage.tolist()))
    write_file(console, target, png_bytes(_paletted(quantized.index, looks), small=True))
    if compare is not None:
        from plotart.reports.palette_pictures import comparison

        sheet = comparison(picture, quantized.image, quantized.index, colors, quantized.usage, names)
        write_file(console, compare, png_bytes(sheet, small=True))


def paper_color(found: PenFile, option: str | None) -> RGB:
    """sRGB of the paper: as asked for, else that of the set, else white. Raises ColorError."""
    return paper_option(option if option is not None else found.paper or "white")


def pen_colors(found: PenFile, paper: RGB) -> tuple[list[str], list[RGB]]:
    """The pens' names, and sRGB of a full layer of each on paper of that colour (sRGB)."""
    from plotart.color.light import linear_to_srgb
    from plotart.palette.match import on_paper

    light = on_paper(found.pens, linear(paper))
    looks: list[RGB] = [(r, g, b) for r, g, b in linear_to_srgb(light.clamp(0, 1)).tolist()]
    return list(found.pens.names), looks


def _paletted(index: Tensor, colors: list[RGB]) -> Image.Image:
    """A picture of palette colours; of true colours where there are too many for that."""
    import numpy as np
    from PIL import Image

    levels = np.array([[round(255 * min(max(c, 0.0), 1.0)) for c in color] for color in colors], dtype=np.uint8)
    if len(colors) > PALETTED:
        return Image.fromarray(levels[index.numpy()])
    picture = Image.fromarray(index.numpy().astype(np.uint8)).convert("P")
    picture.putpalette(levels.tobytes())
    return picture


def _share_table(names: list[str], colors: list[RGB], shares: list[float]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("pen")
    table.add_column("on paper")
    table.add_column("share", justify="right")
    for name, color, share in zip(names, colors, shares, strict=True):
        code = to_hex(color)
        table.add_row(swatch(code, name), code, f"{share:.1%}")
    return table
