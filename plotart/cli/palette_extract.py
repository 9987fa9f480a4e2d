"""plotart palette extract."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from plotart.cli.files import check_file, write_file
from plotart.cli.options import Metric, nib_option, paper_option
from plotart.cli.tables import swatch
from plotart.color import to_hex
from plotart.errors import InputError
from plotart.files.images import FINEST, read_image
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile, dump_set

if TYPE_CHECKING:
    from plotart.quantize.extract import Extraction


class MethodName(str, Enum):
    kmeans = "kmeans"
    learned = "learned"
    som = "som"
    median_cut = "median-cut"
    maximum_coverage = "maximum-coverage"
    octree = "octree"
    libimagequant = "libimagequant"


ChosenMethod = Annotated[
    MethodName | None,
    typer.Option(
        help="kmeans looks closest; som keeps neighbours alike; learned has a low squared error, by "
        "gradient descent; the others are Pillow's.  [default: kmeans]"
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A .toml file: write the colours as a set of pens.  [default: only show them]  With --compare, the "
        "PNG to write.  [default: IMAGE-compared.png]",
    ),
]
Compare = Annotated[
    bool,
    typer.Option("--compare", help="All methods instead of one: their errors, and a PNG of them side by side."),
]


def palette_extract_command(
    image: Annotated[Path, typer.Argument(help="A picture.", show_default=False)],
    count: Annotated[int, typer.Option("-n", "--count", help="How many colours to find.")] = 6,
    method: ChosenMethod = None,
    metric: Annotated[Metric, typer.Option(help="The space in which colours are compared.")] = Metric.oklab2,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, slightly other colours.")] = 0,
    width: Annotated[str, typer.Option(metavar="LENGTH", help="The nib of the pens that are written.")] = "0.5mm",
    out: Out = None,
    compare: Compare = False,
    paper: Annotated[
        str, typer.Option(metavar="COLOR", help="The colour behind the picture, where it is transparent.")
    ] = "#ffffff",
) -> None:
    """Find the few colours that stand best for a picture.

    They are shown with the share of the pixels that each stands for, light to dark (som: in the order of its map).
    With `--out` they become a set of pens that nobody owns yet, for `palette match`, `quantize` or a config.

    **Examples**

        plotart palette extract photo.jpg -n 8

        plotart palette extract photo.jpg -n 5 --out photo-5.toml

        plotart palette extract photo.jpg -n 32 --method som --metric lab --width 0.3mm --out ramp.toml

        plotart palette extract photo.jpg -n 16 --compare --out methods.png
    """
    nib = nib_option(width)
    if compare and method is not None:
        raise InputError(f"--compare shows all methods; found --method {method.value} too: leave one of them out")
    if compare and out is None:
        out = image.with_name(f"{image.stem}-compared.png")
    if out is not None:
        check_file(out, ".png" if compare else ".toml")
    picture = read_image(image, paper=paper_option(paper), longest=FINEST)
    if compare and out is not None:
        from plotart.cli.palette_compare import compare_methods

        compare_methods(picture, str(image), count, metric.value, seed, out)
        return
    chosen = method or MethodName.kmeans

    from plotart.quantize.extract import extract

    try:
        found = extract(picture, count, method=chosen.value, metric=metric.value, seed=seed)
    except InputError as error:
        raise InputError(f"{image}: {error}") from None
    console = Console()
    shares = _show(console, found, count)
    if out is not None:
        write_file(console, out, _palette_file(list(shares), nib, image.name, chosen.value))


def _show(console: Console, found: Extraction, count: int) -> dict[str, float]:
    """Prints what was found; the share of each colour as #rrggbb."""
    colors = [to_hex((red, green, blue)) for red, green, blue in found.colors.tolist()]
    shares = _merged(colors, found.shares.tolist())
    console.print(_share_table(shares))
    console.print(
        f"mean difference (CIEDE2000) {found.difference:.2f}; {found.used} of {count} colours used; "
        f"{_pairs(len(found.near_duplicates))} of them look the same",
        highlight=False,
        soft_wrap=True,
    )
    if found.losses:
        first, last = found.losses[0], found.losses[-1]
        console.print(f"loss {first:.3g} at first, {last:.3g} after {len(found.losses)} steps", highlight=False)
    if len(shares) < len(colors):
        console.print(f"{len(colors)} colours are {len(shares)} in #rrggbb; equal ones are one here", highlight=False)
    return shares


def _merged(colors: Sequence[str], shares: Sequence[float]) -> dict[str, float]:
    """The share of each colour as #rrggbb, in the same order: colours that are equal then are one pen."""
    merged: dict[str, float] = {}
    for color, share in zip(colors, shares, strict=True):
        merged[color] = merged.get(color, 0.0) + share
    return merged


def _share_table(shares: dict[str, float]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("colour")
    table.add_column("share", justify="right")
    for number, (color, share) in enumerate(shares.items(), 1):
        table.add_row(str(number), swatch(color, color), f"{share:.1%}")
    return table


def _pairs(count: int) -> str:
    return "no pair" if count == 0 else "1 pair" if count == 1 else f"{count} pairs"


def _palette_file(colors: Sequence[str], width: float, name: str, method: str) -> str:
    """The colours as a set of pens that nobody owns yet."""
    pens = PenSet([Pen(f"Colour {number}", color, width) for number, color in enumerate(colors, 1)])
    title = f"{len(colors)} colours of {name}" if len(colors) > 1 else f"1 colour of {name}"
    return dump_set(PenFile(pens, title=title, kind="palette", source=f"extracted from {name} by {method}"))
