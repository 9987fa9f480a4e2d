"""What a person can do while a pen moves, and what can be watched meanwhile; safe to use from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

#: Shares of the planned speed that are allowed.
SLOWEST, FASTEST = 0.1, 2.0


@dataclass(frozen=True)
class LiveState:
    """How a plot stands.

    line, lines      lines that are done of this pen, and all of them
    drawn_mm, all_mm of this pen with the pen down: what is done, and all
    seconds_left     until this pen is done, at the speed that is chosen now
    x, y             mm from home that the carriage was sent to; None before it is known
    speed            share of the planned speed
    up, down         % of the lift's travel
    heights          whether those can be changed
    """

    line: int = 0
    lines: int = 0
    drawn_mm: float = 0.0
    all_mm: float = 0.0
    seconds_left: float = 0.0
    x: float | None = None
    y: float | None = None
    pen_down: bool = False
    paused: bool = False
    speed: float = 1.0
    up: float = 60.0
    down: float = 30.0
    heights: bool = True


@dataclass(frozen=True)
class Wishes:
    """What has been asked for and not been done yet: `stand` stops the pen at once, `pause` at the line's end, `leave`
    at once for the next pen."""

    stand: bool = False
    pause: bool = False
    stop: bool = False
    leave: bool = False
    back: float = 0.0
    line: int | None = None

    @property
    def urgent(self) -> bool:
        """Whether the pen is to stop in the middle of a line."""
        return self.stand or self.stop or self.leave or self.back > 0 or self.line is not None


@dataclass
class Live:
    """Controls of one plot at a time; `tell` is called with each new state, by the thread that plots."""

    tell: Callable[[LiveState], None] | None = None
    _wishes: Wishes = field(default_factory=Wishes)
    _state: LiveState = field(default_factory=LiveState)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def pause(self, *, now: bool = False) -> None:
        """Raise the pen, at the end of the line or at once, and wait."""
        self._wish(pause=True, stand=now)

    def go_on(self) -> None:
        self._wish(pause=False, stand=False)

    def stop(self) -> None:
        """Raise the pen at once and end the plot, which can go on later."""
        self._wish(stop=True)

    def leave(self) -> None:
        """Raise the pen at once and end its plot for the next pen's; it can go on later."""
        self._wish(leave=True)

    def back(self, mm: float) -> None:
        """Raise the pen, go back so many mm of what was drawn, in earlier lines too, and draw on from there."""
        with self._changed:
            self._wishes = replace(self._wishes, back=self._wishes.back + max(mm, 0.0))
            self._changed.notify_all()

    def skip_to(self, line: int) -> None:
        """Raise the pen and draw on from the begin of that line, from 0, whatever lies between."""
        self._wish(line=max(line, 0))

    def set_speed(self, share: float) -> None:
        """The share of the planned speed from now on, SLOWEST to FASTEST."""
        self._set(speed=min(max(share, SLOWEST), FASTEST))

    def set_heights(self, *, up: float | None = None, down: float | None = None) -> None:
        """% of the lift's travel from now on, 0 to 100; a pen that is down goes to its new height at once."""
        given = {key: min(max(value, 0.0), 100.0) for key, value in (("up", up), ("down", down)) if value is not None}
        self._set(**given)

    @property
    def state(self) -> LiveState:
        with self._changed:
            return self._state

    @property
    def wishes(self) -> Wishes:
        with self._changed:
            return self._wishes

    # What follows is for the thread that plots.

    def begin(self, state: LiveState) -> None:
        """A new plot, which stands so; what was asked for of an earlier one is forgotten."""
        with self._changed:
            self._wishes, self._state = Wishes(), state

    def take_way(self) -> tuple[float, int | None]:
        """mm to go back, and the line to go to, which are wishes no more."""
        with self._changed:
            way = self._wishes.back, self._wishes.line
            self._wishes = replace(self._wishes, back=0.0, line=None)
            return way

    def wait(self, seconds: float) -> None:
        """Return when something is asked for, after so many seconds at the latest."""
        with self._changed:
            self._changed.wait(seconds)

    def note(self, **values: float | bool | None) -> None:
        """Fields of the state that are different now."""
        self._set(**values)
        if self.tell is not None:
            self.tell(self.state)

    def _wish(self, **wishes: bool | int | None) -> None:
        with self._changed:
            self._wishes = replace(self._wishes, **wishes)  # type: ignore[arg-type]
            self._changed.notify_all()

    def _set(self, **values: float | bool | None) -> None:
        with self._changed:
            self._state = replace(self._state, **values)  # type: ignore[arg-type]
            self._changed.notify_all()
