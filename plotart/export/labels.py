"""Layers' names in SVG: number, how the pen is handled, and its name, as AxiDraw's software and vpype read them.

The syntax is that of AxiDraw layer control, https://wiki.evilmadscientist.com/AxiDraw_Layer_Control:
``[!]N[+dMS][+hPERCENT][+sPERCENT] name``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plotart.pens import Pen

#: What of a pen's fields a label has room for, in the order in which it is written: field and letter.
CODES = {"delay": "d", "height": "h", "speed": "s"}

#: What the fields may be, in ms, %, %; AxiDraw's software too passes over what lies beyond its limits.
LIMITS = {"delay": (0, 600_000), "height": (0, 100), "speed": (1, 100)}

_LABEL = re.compile(r"\s*(!?)([0-9]+)((?:\+[dhs][0-9]+)*)(.*)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"\+([dhs])([0-9]{1,9})(?![0-9])", re.IGNORECASE)
_REFILL = re.compile(r"(.*) \(refill ([0-9]{1,9})\)", re.DOTALL)


@dataclass(frozen=True)
class Label:
    """What a label says of its layer. `pause` is True where it does not tell: in the first layer's label, and in one
    that does not follow the syntax."""

    name: str
    delay: int | None = None
    height: int | None = None
    speed: int | None = None
    pause: bool = True
    refill: int = 0


def layer_label(number: int, pen: Pen, refill: int = 0, *, alone: bool = False) -> str:
    """The label of layer `number`, counted from 1 in plotting order, drawn by the pen.

    The number leads, since vpype takes a label's first digits as the layer's number, and AxiDraw's software would not
    plot a layer whose label began with ``%``. ``!`` makes the machine stop for a change of pens or a refill: never
    before the first layer, nor in a file of one layer `alone`.
    """
    stop = "!" if (pen.pause or refill) and number > 1 and not alone else ""
    codes = "".join(f"+{code}{value}" for key, code in CODES.items() if (value := getattr(pen, key)) is not None)
    # A pen may be called as a refill of another.
    again = f" (refill {refill})" if refill or _REFILL.fullmatch(pen.name) else ""
    return f"{stop}{number}{codes} {pen.name}{again}"


def parse_label(label: str, *, first: bool = False) -> Label:
    """What a label says; `first` is the first layer's. One that does not follow the syntax is a name as a whole.

    `max_distance` stands in no label; the ``!`` of a refill tells nothing of its pen.
    """
    found = _LABEL.fullmatch(label)
    if found is None:
        return Label(label)
    stop, _, codes, text = found.groups()
    if text and not text.startswith(" ") and not codes:  # "3D", say
        return Label(label)
    text = text.removeprefix(" ")
    refill = 0
    if again := _REFILL.fullmatch(text):
        text, refill = again[1], int(again[2])
    values: dict[str, int] = {}
    for letter, digits in _CODE.findall(codes):
        key = next(key for key, code in CODES.items() if code == letter.lower())
        if LIMITS[key][0] <= int(digits) <= LIMITS[key][1]:
            values[key] = int(digits)
    return Label(text or label, **values, pause=first or bool(stop), refill=refill)
