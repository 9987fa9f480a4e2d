"""The gallery of a sweep: a card for each run, to sort and to search, on one self-contained page."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from plotart.reports.numbers import DASH, duration, figure, number, plural, swatch
from plotart.reports.style import CSS

#: The figures that cards are sorted by, besides what is varied: their keys and names, and whether more is better.
SORTED_BY = (("activation", "activation", True), ("retained", "retained", True), ("plot_seconds", "plot time", False))


@dataclass(frozen=True)
class Card:
    """A run of the sweep.

    name       of its folder
    values     what is varied: numbers and texts, by key
    thumbnail  WebP; empty if there is none
    report     the way from the page to the run's report; empty if it was not kept
    figures    activation, retained, plot_seconds, pens (name, color), as far as they are known
    message    why it failed; empty if it didn't
    """

    name: str
    values: Mapping[str, Any]
    thumbnail: bytes
    report: str
    figures: Mapping[str, Any]
    message: str = ""


def gallery_html(name: str, cards: Sequence[Card], total: int) -> str:
    """The page of the runs that are finished or have failed, out of `total`: no network, no libraries; equal input
    gives equal bytes."""
    title = escape(name)
    keys = list(cards[0].values) if cards else []
    items = "".join(_item(card, index) for index, card in enumerate(cards))
    tools = _tools(keys) if cards else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{CSS}{_asset('gallery.css')}</style>\n</head>\n<body>\n<main>\n"
        f'<header>\n<h1>{title}</h1>\n<p class="lead">{escape(_lead(cards, keys, total))}</p>\n</header>\n{tools}'
        f'<ul class="gallery">\n{items}</ul>\n</main>\n<script>{_asset("gallery.js")}</script>\n</body>\n</html>\n'
    )


def _asset(name: str) -> str:
    """A file of plotart/reports/page."""
    return (files("plotart.reports") / "page" / name).read_text(encoding="utf-8")


def _lead(cards: Sequence[Card], keys: Sequence[str], total: int) -> str:
    failed = sum(bool(card.message) for card in cards)
    done = len(cards) - failed
    facts = [plural(total, "run") if done == total else f"{done:,} of {plural(total, 'run')}"]
    facts += [f"{failed:,} failed"] if failed else []
    return " · ".join([*facts, *(["varied: " + ", ".join(keys)] if keys else [])])


def _tools(keys: Sequence[str]) -> str:
    choices = [(f"value:{key}", key, False) for key in keys] + list(SORTED_BY)
    buttons = "".join(
        f'<button type="button" data-key="{escape(key)}" data-down="{int(down)}" aria-pressed="false">{escape(label)}'
        '<span class="arrow" aria-hidden="true"></span></button>'
        for key, label, down in choices
    )
    return (
        '<form class="tools" role="search" hidden>\n'
        '<label class="find"><span>Find</span><input type="search" id="find" autocomplete="off"></label>\n'
        f'<div class="sort" role="group" aria-label="Sort by">{buttons}</div>\n'
        '<output id="count"></output>\n</form>\n'
    )


def _item(card: Card, index: int) -> str:
    figures = card.figures
    order = {f"value:{key}": value for key, value in card.values.items()}
    order |= {key: found for key, _, _ in SORTED_BY if math.isfinite(found := number(figures.get(key)))}
    pens = [pen for pen in figures.get("pens", []) if isinstance(pen, Mapping)]
    words = [card.name, *map(str, card.values.values()), *(str(pen.get("name", "")) for pen in pens), card.message]
    data = escape(json.dumps({"index": index, **order}, ensure_ascii=False))
    kind = ' class="failed"' if card.message else ""
    return (
        f'<li{kind} data-order="{data}" data-words="{escape(" ".join(words).lower())}">\n'
        f"{_picture(card)}<h2>{_values(card.values)}</h2>\n"
        f"{_failure(card) if card.message else _figures(figures, pens)}</li>\n"
    )


def _picture(card: Card) -> str:
    label = escape(", ".join(f"{key} {value}" for key, value in card.values.items()))
    if card.thumbnail:
        source = base64.b64encode(card.thumbnail).decode()
        inside = f'<img alt="{label}" loading="lazy" src="data:image/webp;base64,{source}">'
    else:
        inside = '<span class="none">no picture</span>'
    if not card.report:
        return f'<div class="mount">{inside}</div>\n'
    return f'<a class="mount" href="{escape(quote(card.report))}">{inside}</a>\n'


def _values(values: Mapping[str, Any]) -> str:
    """The last part of each key is enough beside a picture; the whole of it is its title."""
    return " ".join(
        f'<span title="{escape(key)}"><small>{escape(key.split(".")[-1])}</small> {escape(str(value))}</span>'
        for key, value in values.items()
    )


def _figures(figures: Mapping[str, Any], pens: Sequence[Mapping[str, Any]]) -> str:
    kept = number(figures.get("retained"))
    found = {
        "activation": figure(number(figures.get("activation"))),
        "retained": f"{kept:.0%}" if math.isfinite(kept) else DASH,
        "to plot": duration(figures.get("plot_seconds")),
    }
    rows = "".join(f"<div><dt>{key}</dt><dd>{escape(value)}</dd></div>" for key, value in found.items())
    names = escape(", ".join(str(pen.get("name", DASH)) for pen in pens))
    swatches = "".join(swatch(pen.get("color")) for pen in pens)
    return f'<dl>{rows}</dl>\n<p class="pens" role="img" aria-label="Pens: {names}" title="{names}">{swatches}</p>\n'


def _failure(card: Card) -> str:
    return f'<p class="why">failed: {escape(card.message)}</p>\n'
