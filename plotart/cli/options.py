"""What options of several commands have in common: what can be chosen, and how their text is read."""

from __future__ import annotations

from enum import Enum

from plotart.color import RGB, parse_color
from plotart.errors import ColorError, UnitError
from plotart.geometry.units import to_mm

#: mm; nobody draws with a broader nib.
BROADEST = 50


class Metric(str, Enum):
    rgb = "rgb"
    linear = "linear"
    lab = "lab"
    oklab2 = "oklab2"


def nib_option(text: str) -> float:
    """--width in mm. Raises UnitError."""
    try:
        width = to_mm(text)
    except UnitError as error:
        raise UnitError(f"--width: {error}") from None
    if not 0 < width <= BROADEST:
        raise UnitError(f"--width: found {width:g} mm; allowed: above 0, up to {BROADEST} mm")
    return width


def paper_option(text: str) -> RGB:
    """--paper in sRGB. Raises ColorError."""
    try:
        return parse_color(text)
    except ColorError as error:
        raise ColorError(f"--paper: {error}") from None
