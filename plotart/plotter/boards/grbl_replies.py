"""What a board with Grbl says, line by line, as what it means.

Source: https://github.com/gnea/grbl/blob/master/doc/markdown/interface.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from plotart.geometry.units import MILLIMETRES

Vector: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class Ok:
    """The oldest line that is unanswered was taken."""


@dataclass(frozen=True)
class Refused:
    """`error:N`: the oldest line that is unanswered was not taken."""

    code: int


@dataclass(frozen=True)
class Alarm:
    """`ALARM:N`: the board has stopped, and takes no moves."""

    code: int


@dataclass(frozen=True)
class Banner:
    """The board has begun anew: after power, a reset or an alarm. What it was sent before is forgotten."""

    firmware: Literal["Grbl", "grblHAL"]
    version: str


@dataclass(frozen=True)
class Setting:
    """`$N=value`"""

    number: int
    value: float


@dataclass(frozen=True)
class Build:
    """`[OPT:…]` of `$I`: letters of what was built in, moves that the planner holds, bytes of the receive buffer."""

    options: str
    planner: int
    buffer: int


@dataclass(frozen=True)
class Status:
    """`<…>`: the answer to `?`. Positions as the board gives them, in its own unit.

    state           Idle, Run, Hold, Jog, Alarm, Door, Check, Home, Sleep
    part            the number behind the state; 0 for Hold: it stands
    machine, work   one of them is there, x, y and z
    offset          machine = work + offset; only now and then
    feed            % of the feed rate; only now and then
    """

    state: str
    part: int | None
    machine: Vector | None
    work: Vector | None
    offset: Vector | None
    feed: int | None


@dataclass(frozen=True)
class Said:
    """Anything else: `[MSG:…]`, start-up lines, settings in words."""

    text: str


Reply: TypeAlias = Ok | Refused | Alarm | Banner | Setting | Build | Status | Said

_BANNER = re.compile(r"(grbl(?:hal)?) (\d\S*) \[", re.IGNORECASE)
_SETTING = re.compile(r"\$(\d+)=(-?[\d.]+)")
_BUILD = re.compile(r"\[OPT:([^,\]]*),(\d+),(\d+)")


def read_reply(line: str) -> Reply:
    """A line of the board; one that is damaged, or that nobody knows, is `Said`."""
    line = line.strip()
    if line == "ok":
        return Ok()
    if (code := _number("error:", line)) is not None:
        return Refused(code)
    if (code := _number("ALARM:", line)) is not None:
        return Alarm(code)
    if (found := _BANNER.match(line)) is not None:
        return Banner("grblHAL" if found[1].lower() == "grblhal" else "Grbl", found[2])
    if (found := _SETTING.match(line)) is not None:
        return Setting(int(found[1]), float(found[2]))
    if (found := _BUILD.match(line)) is not None:
        return Build(found[1], int(found[2]), int(found[3]))
    if line.startswith("<") and line.endswith(">"):
        status = _status(line[1:-1])
        if status is not None:
            return status
    return Said(line)


def in_mm(vector: Vector, *, inches: bool) -> Vector:
    """A position as `$13` has it reported, in mm."""
    scale = MILLIMETRES["in"] if inches else 1.0
    x, y, z = vector
    return x * scale, y * scale, z * scale


def _number(word: str, line: str) -> int | None:
    rest = line.removeprefix(word)
    return int(rest) if rest != line and rest.isdigit() else None


def _status(text: str) -> Status | None:
    state, *fields = text.split("|")
    name, _, part = state.partition(":")
    values = dict(field.split(":", 1) for field in fields if ":" in field)
    try:
        return Status(
            state=name,
            part=int(part) if part else None,
            machine=_vector(values.get("MPos")),
            work=_vector(values.get("WPos")),
            offset=_vector(values.get("WCO")),
            feed=int(values["Ov"].split(",")[0]) if "Ov" in values else None,
        )
    except ValueError:
        return None


def _vector(text: str | None) -> Vector | None:
    """The first three axes; a machine of two has no z."""
    if text is None:
        return None
    x, y, *rest = (float(word) for word in text.split(","))
    return x, y, rest[0] if rest else 0.0
