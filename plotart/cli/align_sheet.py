"""`plotart align sheet`: the sheet looked at between two pens."""

from __future__ import annotations

import math
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from plotart.cli.complete import complete_runs
from plotart.cli.say import say
from plotart.cli.tables import swatch

if TYPE_CHECKING:
    from plotart.job.sheet import SheetLook


class CauseName(str, Enum):
    auto = "auto"
    sheet_moved = "sheet-moved"
    pen_aside = "pen-aside"
    relaid = "relaid"


def align_sheet_command(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="The folder of the run.", show_default=False, autocompletion=complete_runs),
    ],
    photo: Annotated[Path, typer.Argument(help="A photograph of its whole sheet.", show_default=False)],
    after: Annotated[str, typer.Option(metavar="PEN", help="The last pen that is done, by number or name.")],
    cause: Annotated[
        CauseName,
        typer.Option(
            help="Why pens lie aside: the sheet moved, and what is left is to meet the first pen; a pen sits aside; or "
            "the sheet is laid anew, its edges where they were meant to be."
        ),
    ] = CauseName.auto,
    out: Annotated[
        Path | None, typer.Option(help="Where to write what is left, corrected.  [default: corrected in RUN]")
    ] = None,
) -> None:
    """Compare a photograph of a sheet with what should be on it after a pen, and correct the pens that are left.

    The run's own files stay as they are. Lay the sheet on a ground that is darker, or lighter, than it, with some of
    that on all sides.

    **Examples**

        plotart align sheet outputs/quickstart photo.jpg --after 2

        plotart align sheet outputs/quickstart photo.jpg --after "Micron 05 Red" --cause relaid
    """
    from plotart.job.sheet import look_at_sheet

    look = look_at_sheet(run, photo, after=after, cause=cause.value)
    console = Console()
    console.print(_table(look))
    for line in _words(look):
        say(console, line)
    target = out or run / "corrected"
    for path in look.write(target):
        say(console, str(path))
    if look.corrected is not None:
        say(console, f"Plot what is left with:  plotart plot {target / 'plot.svg'}")


def _table(look: SheetLook) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("pen")
    for column in ("right", "down", "turned", "stretched", "ink"):
        table.add_column(column, justify="right")
    for layer in look.layers:
        right, down = layer.aside.shift
        inks = ", ".join("?" if math.isnan(ink) else f"{ink:.0%}" for ink in layer.inks)
        table.add_row(
            str(layer.number),
            swatch(layer.color, layer.name),
            f"{right:+.2f} mm",
            f"{down:+.2f} mm",
            f"{math.degrees(layer.aside.turn):+.2f}°",
            f"{layer.aside.scale - 1:+.2%}",
            inks,
        )
    return table


def _words(look: SheetLook) -> list[str]:
    first, last = look.layers[0], look.layers[-1]
    way = first.way
    lines = [
        f"{first.name} lies {way.shift[0]:+.2f} mm to the right and {way.shift[1]:+.2f} mm down of where it should, "
        f"turned by {math.degrees(way.turn):+.2f}°, by the sheet's edges ({look.dpi:.0f} dots per inch)."
    ]
    lines += [f"{layer.name} faded: it ended with less ink than it began with." for layer in look.layers if layer.faded]
    if look.cause == "pen-aside" and math.hypot(*last.aside.shift) > 0.05:
        right, down = last.aside.shift
        lines.append(
            f"No turn, and no more than a pen's offset: {last.name} sits aside in its holder by {right:+.2f}, "
            f"{down:+.2f} mm, and the sheet has not moved (--cause says otherwise). `plotart align set` keeps that."
        )
    if not look.left:
        lines.append("No pen is left.")
    elif look.corrected is None:
        lines.append(f"Nothing to correct for {', '.join(look.left)}.")
    else:
        why = {"sheet-moved": "The sheet moved", "relaid": "The sheet is laid anew"}[look.cause]
        right, down = look.correction.shift
        lines.append(
            f"{why}: {', '.join(look.left)} {'is' if len(look.left) == 1 else 'are'} moved by {right:+.2f}, "
            f"{down:+.2f} mm and turned by {math.degrees(look.correction.turn):+.2f}°."
        )
    return lines
