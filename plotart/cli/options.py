"""What options of several commands have in common: what can be chosen, and how their text is read."""

from __future__ import annotations

from enum import Enum

from plotart.color import RGB, parse_color, to_hex
from plotart.errors import ColorError, InputError, UnitError
from plotart.geometry.page import Page
from plotart.geometry.units import to_mm
from plotart.schema.values import PAPER_MM

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


def page_option(size: str, landscape: bool, margin: str, paper: str) -> Page:
    """The sheet of --size, --landscape, --margin and --paper. Raises InputError."""
    if size not in PAPER_MM:
        raise InputError(f"--size {size}: no such sheet; allowed are {', '.join(PAPER_MM)}")
    width, height = sorted(PAPER_MM[size], reverse=landscape)
    try:
        rim = to_mm(margin)
    except UnitError as error:
        raise UnitError(f"--margin: {error}") from None
    if not 0 <= rim < min(width, height) / 2:
        raise InputError(f"--margin {margin}: allowed are 0 to less than {min(width, height) / 2:g} mm on {size}")
    return Page(width, height, rim, to_hex(paper_option(paper)))


def size_option(text: str) -> str | tuple[float, float]:
    """--size: a sheet's name, or its width and height in mm. Raises UnitError."""
    if text.lower() in PAPER_MM:
        return text.lower()
    sides = text.lower().removesuffix("mm").split("x")
    try:
        width, height = (to_mm(side if side[-1:].isalpha() else f"{side}mm") for side in sides)
    except (UnitError, ValueError):
        allowed = f"{', '.join(PAPER_MM)}, or width x height as in 200x150mm"
        raise UnitError(f"--size: found {text!r}; allowed: {allowed}") from None
    return width, height
