"""Lengths as people write them, to millimetres."""

from __future__ import annotations

import math
import re

from plotart.errors import UnitError

#: Millimetres in one of each unit; px and pt are CSS's (96 and 72 an inch).
MILLIMETRES = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4, "pt": 25.4 / 72, "px": 25.4 / 96}

_LENGTH = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-zA-Z]*)\s*")


def to_mm(length: str | float) -> float:
    """A length in millimetres: ``0.35``, ``"0.35mm"``, ``"1cm"``, ``"0.1in"``. Raises UnitError."""
    allowed = f"a number in mm, or one with a unit ({', '.join(MILLIMETRES)}), as in 0.35mm"
    if isinstance(length, bool) or not isinstance(length, (str, int, float)):
        raise UnitError(f"{length!r} is not a length: allowed is {allowed}")
    match = _LENGTH.fullmatch(str(length))
    if not match or (match[2] and match[2].lower() not in MILLIMETRES):
        raise UnitError(f"{length!r} is not a length: allowed is {allowed}")
    value = float(match[1]) * MILLIMETRES[match[2].lower() or "mm"]
    if not math.isfinite(value):
        raise UnitError(f"{length!r} is not a finite length: allowed is {allowed}")
    return value
