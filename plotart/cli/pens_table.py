"""Pens as a table in the terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from plotart.cli.tables import swatch
from plotart.color import to_hex
from plotart.pens import Pen
from plotart.pens.catalogue import PenFile


def pens_table(found: PenFile) -> Table:
    table = plain_table("pen", "code", "colour", "nib", "ink", "opacity", "colour from")
    for pen in found.pens:
        table.add_row(
            swatch(to_hex(pen.rgb), pen.name),
            Text(pen.code),
            pen.color,
            f"{pen.width:g} mm",
            pen.ink,
            f"{pen.opacity:g}",
            Text(_origin(pen, found)),
        )
    return table


def _origin(pen: Pen, found: PenFile) -> str:
    return "measured" if pen.measured is not None else found.origins.get(pen.name, "")


def plain_table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table
