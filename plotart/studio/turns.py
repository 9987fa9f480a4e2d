"""Whose turn it is to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plotart.studio.cards import VersionState

#: Versions that are drawn at once, those that are paused apart; of a sweep, one, and only if nothing else is drawn.
MOST_DRAWN = 2

#: Versions that are paused and can go on at once: each keeps its worker, and its memory.
MOST_PAUSED = 4


@dataclass
class Live:
    """A version that is under way or waits for it, and what its worker was last told to draw."""

    task: dict[str, Any]
    state: VersionState = "waiting"
    begun: int = 0  # the serial of the task that its worker is at
    asked: dict[int, dict[str, Any]] = field(default_factory=dict)  # what it was to be, by serial
    step: int = 0
    total: int = 0
    message: str = ""
    frame: bytes | None = None
    again: bool = False  # wait for another turn once it has stopped
    later: bool = False  # part of a sweep: only while nothing else is drawn


def next_turn(live: Mapping[str, Live]) -> str | None:
    """What is to be drawn now: first what people wait for, then what belongs to a sweep; None if there is no room."""
    drawn = [one for one in live.values() if one.state == "drawing"]
    waiting = [name for name, one in live.items() if one.state == "waiting"]
    urgent = [name for name in waiting if not live[name].later]
    if urgent:
        return urgent[0] if sum(not one.later for one in drawn) < MOST_DRAWN else None
    return waiting[0] if waiting and not drawn else None


def one_too_many(live: Mapping[str, Live]) -> str | None:
    """The first of too many that are paused."""
    paused = [name for name, one in live.items() if one.state == "paused"]
    return paused[0] if len(paused) > MOST_PAUSED else None
