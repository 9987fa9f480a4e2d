"""What a G-code profile does besides drawing: how it begins and ends, lowers and raises the pen.

A profile of vpype-gcode is a set of templates; what they come to shows in what they make of a drawing of two lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from plotart.errors import InputError
from plotart.export.drawing import Drawing, Layer
from plotart.export.gcode import to_gcode
from plotart.pens import Pen

#: mm: two lines whose four ends no other commands of a profile are likely to have.
_PROBE = np.array([[(10.0, 20.0), (30.0, 20.0)], [(50.0, 60.0), (70.0, 60.0)]])

_COMMENT = re.compile(r"\([^)]*\)|;.*")
_AXIS = {axis: re.compile(rf"{axis}\s*([+-]?[\d.]+)", re.IGNORECASE) for axis in "XY"}


@dataclass(frozen=True)
class GcodeHabits:
    """Commands of a profile, without comments: before the first line, to lower and to raise the pen, after the last
    line. `y_up`: whether the page's y axis is turned over, as machines have it whose y grows away from a person."""

    begin: tuple[str, ...]
    lower: tuple[str, ...]
    lift: tuple[str, ...]
    end: tuple[str, ...]
    y_up: bool


def gcode_habits(profile: str) -> GcodeHabits:
    """The habits of a profile that moves by absolute X and Y in mm.

    Raises InputError when there is no such profile, or it moves in another way, or never raises the pen; MissingError
    without vpype-gcode.
    """
    drawing = Drawing(200, 100, (Layer(Pen("Probe", "#000000", 0.3), list(_PROBE)),))
    written = to_gcode(drawing, profile)["plot.gcode"]
    commands = [text for line in written.splitlines() if (text := _COMMENT.sub("", line).strip())]
    moves = [(index, place) for index, text in enumerate(commands) if (place := _place(text)) is not None]
    for first in range(len(moves) - 3):
        four = moves[first : first + 4]
        steps = np.diff([place for _, place in four], axis=0)
        if np.allclose(np.abs(steps), [(20, 0), (20, 40), (20, 0)], atol=0.1):
            one, two, three, four_ = (index for index, _ in four)
            habits = GcodeHabits(
                begin=tuple(commands[:one]),
                lower=tuple(commands[one + 1 : two]),
                lift=tuple(commands[two + 1 : three]),
                end=tuple(commands[four_ + 1 :]),
                y_up=bool(steps[1, 1] < 0),
            )
            if not habits.lower or not habits.lift:
                raise InputError(
                    f"the G-code profile {profile!r} never lowers or raises the pen; allowed is one that does, "
                    "as by M3 and S or by Z"
                )
            return habits
    raise InputError(
        f"the G-code profile {profile!r} does not move by absolute X and Y in millimetres; allowed is one that does"
    )


def _place(text: str) -> tuple[float, float] | None:
    """Where a command goes to; None for one that is no move of both axes."""
    found = [pattern.search(text) for pattern in _AXIS.values()]
    if found[0] is None or found[1] is None:
        return None
    return float(found[0][1]), float(found[1][1])
