"""The configs that come with plotart, as a terminal lists them, and as cards of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from plotart.cli.half_blocks import half_blocks
from plotart.color import to_hex
from plotart.config.shipped import ShippedConfig
from plotart.reports.configs_page import ConfigCard
from plotart.reports.numbers import duration, plural
from plotart.schema.values import PAPER_MM

if TYPE_CHECKING:
    from plotart.config.sections import PageConfig

#: Letters of a picture across, lines down, and letters between two.
WIDE, HIGH, GAP = 24, 12, 3

#: Letters that a line needs which has everything.
WHOLE_LINE = 110

#: Pens that it has room for.
SWATCHES = 8


def listed(configs: Sequence[ShippedConfig], width: int) -> Table:
    """A line each; where that is too narrow, what it shows with the figures below."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    if width < WHOLE_LINE:
        table.add_column("config", no_wrap=True)
        table.add_column("what it shows")
        for one in configs:
            table.add_row(Text(one.name, "bold"), Text.assemble(one.about, "\n", (", ".join(_facts(one)), "dim")))
        return table
    for column in ("config", "what it shows", "sheet", "pens"):
        table.add_column(column, no_wrap=column != "what it shows")
    for column in ("draws in", "plots in"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in configs:
        times = [minutes(seconds) for seconds in (one.draws_s, one.plots_s)]
        picked = one.pens is None or one.picks is not None or len(one.pens) > SWATCHES
        pens = Text.assemble(_swatches(one), f" {pens_words(one)}" if picked else "")
        table.add_row(Text(one.name, "bold"), Text(one.about), sheet(one.page), pens, *times)
    return table


def pictured(configs: Sequence[ShippedConfig], width: int) -> Table:
    """Small pictures with words below, as many side by side as there is room for."""
    across = max(1, (width + GAP) // (WIDE + GAP))
    table = Table.grid(padding=(0, GAP, 1, 0))
    for _ in range(across):
        table.add_column(width=WIDE)
    for start in range(0, len(configs), across):
        table.add_row(*map(_card, configs[start : start + across]))
    return table


def cards(configs: Sequence[ShippedConfig]) -> list[ConfigCard]:
    return [
        ConfigCard(
            name=one.name,
            about=one.about,
            picture=one.picture.read_bytes() if one.picture else b"",
            facts=" · ".join(_facts(one)),
            pens=tuple((pen.name, to_hex(pen.rgb)) for pen in one.pens or ()),
        )
        for one in configs
    ]


def sheet(page: PageConfig) -> str:
    """A4, A5 landscape, or 150 x 150 mm."""
    if isinstance(page.size, str) and page.size != "square":
        name = page.size.upper() if page.size in PAPER_MM and len(page.size) == 2 else page.size
        return f"{name} landscape" if page.orientation == "landscape" else name
    width, height = page.width_height
    return f"{width:g} x {height:g} mm"


def pens_words(one: ShippedConfig) -> str:
    """4 pens, 6 of 37 pens, or 4 colours."""
    if one.pens is None:
        return f"{one.picks} colours"
    count = plural(len(one.pens), "pen")
    return count if one.picks is None else f"{one.picks} of {count}"


def minutes(seconds: float | None) -> str:
    """In whole minutes, of which there is at least one; nothing for what nobody measured."""
    return "" if seconds is None else duration(60 * max(1, round(seconds / 60)))


def _facts(one: ShippedConfig) -> list[str]:
    times = {"draws": minutes(one.draws_s), "plots": minutes(one.plots_s)}
    return [f"{sheet(one.page)}, {pens_words(one)}", *(f"{does} in {time}" for does, time in times.items() if time)]


def _card(one: ShippedConfig) -> RenderableType:
    picture = half_blocks(one.picture, WIDE, HIGH) if one.picture else Text("no picture", "dim")
    above = Text("\n" * (HIGH - 1 - picture.plain.count("\n")), end="")
    words = [Text(one.name, "bold"), Text(one.about), *([_swatches(one)] if one.pens else [])]
    return Group(above, picture, *words, *(Text(fact, "dim") for fact in _facts(one)))


def _swatches(one: ShippedConfig) -> Text:
    shown = [to_hex(pen.rgb) for pen in one.pens or ()][:SWATCHES]
    return Text.assemble(*(("██", color) for color in shown))
