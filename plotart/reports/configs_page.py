"""The configs that come with plotart, as a page to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plotart.reports.numbers import plural
from plotart.reports.pages import render


@dataclass(frozen=True)
class ConfigCard:
    """A config on the page.

    about    what it shows
    picture  WebP; empty if there is none
    facts    the sheet, and how long it takes
    pens     names and colours
    """

    name: str
    about: str
    picture: bytes
    facts: str
    pens: tuple[tuple[str, str], ...]


def configs_html(cards: Sequence[ConfigCard]) -> str:
    """One self-contained page; equal input gives equal bytes."""
    return render("configs.html", title="What plotart draws", lead=plural(len(cards), "config"), cards=cards)
