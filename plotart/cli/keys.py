"""Keys of a terminal, taken as they are pressed, without Enter and unseen."""

from __future__ import annotations

import os
import re
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Waits so many seconds at most for keys and returns those that were pressed; none where the time is over. Raises
#: EOFError for a terminal that is gone.
ReadKeys = Callable[[float], list[str]]

#: What terminals send for keys that have names here.
NAMES = {"A": "up", "B": "down", "C": "right", "D": "left"}

_KEY = re.compile(r"\x1b[\[O]([A-Z])|\x1b\[[0-9;]*~|.", re.DOTALL)


def has_keys() -> bool:
    """Whether keys can be read as they are pressed."""
    return os.name != "nt" and sys.stdin.isatty()


@contextmanager
def pressed_keys() -> Iterator[ReadKeys]:
    """While this lasts, what reads keys; Ctrl-C does what it does. Only where `has_keys`."""
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def read(seconds: float) -> list[str]:
        if not select.select([descriptor], [], [], seconds)[0]:
            return []
        try:
            said = os.read(descriptor, 64)
        except OSError:
            raise EOFError from None
        if not said:
            raise EOFError
        return named(said.decode(errors="replace"))

    tty.setcbreak(descriptor)
    try:
        yield read
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def named(said: str) -> list[str]:
    """Keys by what a terminal sends for them: letters as they are, arrows by NAMES; other keys that have more than a
    letter are left out."""
    found = []
    for match in _KEY.finditer(said):
        key = match[0] if len(match[0]) == 1 else NAMES.get(match[1] or "", "")
        found += [key] if key else []
    return found
