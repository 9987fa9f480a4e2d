"""While plotart drives a board itself: a bar that shows how far it is, and keys that steer it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from plotart.cli.keys import has_keys, pressed_keys
from plotart.cli.tables import metres, minutes

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from plotart.plotter.boards.live import Live, LiveState

#: How much a key changes: share of the planned speed, % of the lift's travel, mm.
FASTER, HIGHER, BACK = 0.1, 2.0, 5.0

#: Seconds between two looks at whether a key was pressed.
GLANCE = 0.1

#: What the keys do, as it is told before a plot.
KEYS = (
    "Keys: space pauses after the line, p at once, + - speed, u d height, b back 5 mm, 120g to line 120, n next pen, "
    "q stops."
)

#: Digits of a line's number.
MOST_DIGITS = 7


@contextmanager
def steered(console: Console, live: Live, name: str, seconds_after: float) -> Iterator[None]:
    """While this lasts a bar is shown, and keys are read, both on a terminal only.

    seconds_after  of the pens that come later
    """
    columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.fields[figures]}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, figures="")

        def tell(state: LiveState) -> None:
            progress.update(
                task, total=state.all_mm or 1.0, completed=state.drawn_mm, figures=_figures(state, seconds_after)
            )

        live.tell = tell
        try:
            with _keys(live):
                yield
        finally:
            live.tell = None


class Steering:
    """What the keys do; others do nothing. A number is typed before the key that takes it."""

    def __init__(self, live: Live) -> None:
        self._live, self.typed = live, ""

    def press(self, key: str) -> None:
        live, typed, self.typed = self._live, self.typed, ""
        if key.isascii() and key.isdigit():
            self.typed = (typed + key)[-MOST_DIGITS:]
            return
        actions: dict[str, Callable[[], None]] = {
            " ": lambda: live.go_on() if live.wishes.pause else live.pause(),
            "p": lambda: live.go_on() if live.wishes.pause else live.pause(now=True),
            "+": lambda: live.set_speed(live.state.speed + FASTER),
            "-": lambda: live.set_speed(live.state.speed - FASTER),
            "u": lambda: live.set_heights(down=live.state.down + HIGHER),
            "d": lambda: live.set_heights(down=live.state.down - HIGHER),
            "b": lambda: live.back(BACK),
            "g": lambda: live.skip_to(int(typed) - 1) if typed else None,
            "n": live.leave,
            "q": live.stop,
        }
        if (action := actions.get(key.lower())) is not None:
            action()


def _figures(state: LiveState, seconds_after: float) -> str:
    words = [f"line {min(state.line + 1, state.lines)} of {state.lines}"]
    words.append(f"{metres(state.drawn_mm)} of {metres(state.all_mm)}")
    words.append(f"{minutes(state.seconds_left)} left, {minutes(state.seconds_left + seconds_after)} in all")
    words.append(f"speed {state.speed:.0%}, height {state.down:.0f} %")
    if state.paused:
        words.append("paused, space goes on")
    return ", ".join(words)


def _keys(live: Live) -> AbstractContextManager[None]:
    return _reading(live) if has_keys() else nullcontext()


@contextmanager
def _reading(live: Live) -> Iterator[None]:
    """Keys are heeded in a thread."""
    steering = Steering(live)
    over = threading.Event()
    with pressed_keys() as read:

        def heed() -> None:
            while not over.is_set():
                try:
                    for key in read(GLANCE):
                        steering.press(key)
                except EOFError:
                    return

        reader = threading.Thread(target=heed, name="keys", daemon=True)
        reader.start()
        try:
            yield
        finally:
            over.set()
            reader.join()
