"""Figures and colours of a summary as text of a web page; what is no number becomes a dash."""

from __future__ import annotations

import math

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


def whole(value: object) -> str:
    return _text(value, "{:,.0f}")


def metres(mm: object) -> str:
    return _text(number(mm) / 1000, "{:,.2f}")


def minutes(seconds: object) -> str:
    return _text(number(seconds) / 60, "{:.1f}")


def figure(value: object) -> str:
    """Four significant figures."""
    return _text(value, "{:#,.4g}").removesuffix(".")


def percentage(share: object, digits: int = 1) -> str:
    return _text(share, f"{{:.{digits}%}}")


def _text(value: object, form: str) -> str:
    found = number(value)
    return form.format(found) if math.isfinite(found) else DASH


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


def checked_color(color: object) -> str:
    """Any CSS colour as #rrggbb, anything else as grey."""
    try:
        return to_hex(parse_color(color)) if isinstance(color, str) else "#888888"
    except ColorError:
        return "#888888"
