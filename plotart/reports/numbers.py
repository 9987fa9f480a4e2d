"""Figures and colours of a summary as text of a web page; what is no number becomes a dash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from plotart.color import parse_color, to_hex
from plotart.errors import ColorError

DASH = "\N{EN DASH}"


def number(value: object, default: float = math.nan) -> float:
    """A finite number as a float, anything else as `default`."""
    try:
        found = float(value) if isinstance(value, (int, float)) else math.nan
    except OverflowError:  # a whole number of hundreds of digits
        return default
    return found if math.isfinite(found) else default


def count(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else DASH


def metres(mm: float) -> str:
    return f"{mm / 1000:,.2f}" if math.isfinite(mm) else DASH


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}" if math.isfinite(seconds) else DASH


def figure(value: float) -> str:
    return f"{value:#,.4g}".removesuffix(".") if math.isfinite(value) else DASH


def duration(seconds: object) -> str:
    """40 s, 15 min, 1 h 07 min."""
    found = number(seconds)
    if not math.isfinite(found):
        return DASH
    whole = round(found / 60)
    if found < 60:
        return f"{found:.0f} s"
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02d} min"


def plural(amount: int, word: str) -> str:
    return f"{amount:,} {word}" if amount == 1 else f"{amount:,} {word}s"


def checked_color(color: object, default: str) -> str:
    """Any CSS colour as #rrggbb, anything else as `default`."""
    try:
        return to_hex(parse_color(color)) if isinstance(color, str) else default
    except ColorError:
        return default


def swatch(color: object) -> str:
    return f'<span class="swatch" style="background:{checked_color(color, "#888888")}"></span>'


def table(head: Sequence[str], body: str, foot: str = "") -> str:
    """A table that scrolls within itself where it is too wide; `head` are texts, `body` and `foot` rows in HTML."""
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    header = f"<thead><tr>{heads}</tr></thead>\n" if head else ""
    footer = f"<tfoot>{foot}</tfoot>" if foot else ""
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>{header}'
        f"<tbody>{body}</tbody>{footer}</table></div>\n"
    )
