"""plotart palette choose and match: from a picture, or from colours, to pens that a person owns."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from plotart.cli.complete import complete_pens
from plotart.cli.files import check_file, write_file
from plotart.cli.options import paper_option
from plotart.cli.tables import alike_lines, swatch
from plotart.color import RGB, parse_color, to_hex, to_srgb
from plotart.errors import ColorError
from plotart.files.images import png_bytes
from plotart.geometry.page import Page
from plotart.pens.catalogue import dump_set, load_set

if TYPE_CHECKING:
    from plotart.palette.choose import Choice

PensOption = Annotated[
    str,
    typer.Option(
        "--pens",
        metavar="SET",
        help="The pens that you own: a set's name or its TOML file.",
        autocompletion=complete_pens,
    ),
]
PaperOption = Annotated[str, typer.Option(metavar="COLOR", help="The colour of the paper.")]


class Criterion(str, Enum):
    mixed = "mixed"
    nearest = "nearest"


def palette_choose_command(
    image: Annotated[Path, typer.Argument(help="The picture to draw.", show_default=False)],
    pens: PensOption,
    count: Annotated[int, typer.Option("-n", "--count", help="How many pens to choose.")] = 4,
    paper: PaperOption = "#ffffff",
    criterion: Annotated[
        Criterion,
        typer.Option(help="Which colours count: those that hatches of one or two pens mix, or solid ones alone."),
    ] = Criterion.mixed,
    must: Annotated[list[str] | None, typer.Option(metavar="PEN", help="A pen to take in any case.")] = None,
    forbid: Annotated[list[str] | None, typer.Option(metavar="PEN", help="A pen to leave in any case.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Write the chosen pens as a set.")] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Write the picture as the chosen pens can mix it, beside it.")
    ] = None,
) -> None:
    """Choose the best few of the pens you own for a picture and a paper.

    The picture's white counts as the paper (on dark paper, its black). The default looks for pens whose hatches mix
    the picture's colours on the paper; what each of them is worth is listed, in a good order to plot them.

    **Examples**

        plotart palette choose photo.jpg --pens stabilo-point-88 -n 5

        plotart palette choose photo.jpg --pens mine.toml -n 4 --must Black --paper "#f4ecd8" --out four.toml
    """
    from plotart.objectives.picture import Picture
    from plotart.palette.choose import choose, picture_colors

    for path, suffix in ((out, ".toml"), (picture, ".png")):
        if path is not None:
            check_file(path, suffix)
    owned, page = load_set(pens), _page(paper)
    light = Picture.read(image).on(page).light[0]
    colors, weights = picture_colors(light)
    choice = choose(
        colors, weights, owned.pens, count,
        paper=page.paper, criterion=criterion.value, must=must or [], forbid=forbid or [],
    )  # fmt: skip
    console = Console()
    console.print(_choice_table(choice, page.paper))
    console.print(
        f"mean difference (CIEDE2000): {choice.error:.2f} with these, {choice.all_pens:.2f} with all "
        f"{len(owned.pens)} pens, {choice.bare:.2f} with none",
        highlight=False,
        soft_wrap=True,
    )
    for line in alike_lines(choice.pens, page.paper):
        console.print(line, soft_wrap=True)
    if out is not None:
        chosen = replace(owned, pens=choice.pens, title=f"{len(choice.pens)} of {owned.title or pens}")
        write_file(console, out, dump_set(chosen))
    if picture is not None:
        from plotart.reports.mixed_picture import mixed_picture

        write_file(console, picture, png_bytes(mixed_picture(light, choice, page.paper), small=True))


def palette_match_command(
    colors: Annotated[
        str,
        typer.Argument(metavar="COLORS", help="Colours as in '#c8102e,#1f4fa3', or a palette's file or a set's name."),
    ],
    pens: PensOption,
    paper: PaperOption = "#ffffff",
    out: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Write the matched pens as a set.")] = None,
) -> None:
    """Find the nearest of the pens you own for each colour, on a paper, no pen twice.

    **Examples**

        plotart palette match "#c8102e,#1f4fa3,#c98a1b" --pens stabilo-point-88

        plotart palette match extracted.toml --pens mine.toml --paper "#f4ecd8" --out matched.toml
    """
    import torch

    from plotart.palette.match import match

    if out is not None:
        check_file(out, ".toml")
    owned, page = load_set(pens), _page(paper)
    wanted = _colors(colors)
    found = match(torch.tensor([rgb for _, rgb in wanted]), owned.pens, paper=page.paper)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("colour", "pen", "as it looks there"):
        table.add_column(column)
    table.add_column("difference", justify="right")
    for (name, _), one in zip(wanted, found, strict=True):
        pen = owned.pens[one.pen]
        look = to_hex(one.look)
        table.add_row(swatch(to_hex(one.wanted), name), pen.name, swatch(look, look), f"{one.difference:.1f}")
    console = Console()
    console.print(table)
    mean = sum(one.difference for one in found) / len(found)
    console.print(f"mean difference {mean:.1f} (CIEDE2000; 1 is just noticeable side by side)", highlight=False)
    taken = owned.pens.pick([one.pen for one in found])
    for line in alike_lines(taken, page.paper):
        console.print(line, soft_wrap=True)
    if out is not None:
        matched = replace(owned, pens=taken, title=f"{len(taken)} of {owned.title or pens}")
        write_file(console, out, dump_set(matched))


def _choice_table(choice: Choice, paper: RGB) -> Table:
    """A row per chosen pen in plotting order."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("pen, light to dark")
    table.add_column("colour")
    table.add_column("nib")
    table.add_column("used in", justify="right")
    table.add_column("worse without", justify="right")
    for number, (pen, gain) in enumerate(zip(choice.pens, choice.gains, strict=True), 1):
        look = to_srgb(pen.light.over(paper))
        table.add_row(
            str(number), swatch(to_hex(look), pen.name), pen.color, f"{pen.width:g} mm", f"{gain.share:.0%}",
            f"{gain.gain:.2f}",
        )  # fmt: skip
    return table


def _colors(text: str) -> list[tuple[str, RGB]]:
    """Names and sRGB of colours: hex or CSS names with commas between, or the pens of a set. Raises InputError."""
    path = Path(text)
    if path.suffix.lower() == ".toml" or path.is_file():
        return [(pen.name, pen.rgb) for pen in load_set(path).pens]
    try:
        return [(part.strip(), parse_color(part.strip())) for part in _split(text)]
    except ColorError:
        if "," in text or text.startswith("#"):
            raise
        return [(pen.name, pen.rgb) for pen in load_set(text).pens]


def _split(text: str) -> list[str]:
    """At commas outside of brackets, as rgb(1, 2, 3) has its own."""
    return re.split(r",(?![^(]*\))", text)


def _page(paper: str) -> Page:
    """A sheet of that colour; its size plays no part."""
    return Page(100.0, 100.0, 0.0, to_hex(paper_option(paper)))
