"""Keys of a terminal, taken as they are pressed, without Enter and unseen; on Windows those of a console."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from importlib.util import find_spec

#: Waits so many seconds at most for keys and returns those that were pressed; none where the time is over. Raises
#: EOFError for a terminal that is gone.
ReadKeys = Callable[[float], list[str]]

#: What terminals send for keys that have names here, and Windows behind a mark.
NAMES = {"A": "up", "B": "down", "C": "right", "D": "left"}
WINDOWS_NAMES = {"H": "up", "P": "down", "M": "right", "K": "left"}
WINDOWS_MARKS = "\x00\xe0"

#: Seconds between two looks at a console, which can't be waited for.
GLANCE = 0.02

_KEY = re.compile(r"\x1b[\[O]([A-Z])|\x1b\[[0-9;]*~|.", re.DOTALL)


def has_keys() -> bool:
    """Whether keys can be read as they are pressed."""
    return sys.stdin.isatty()


def pressed_keys() -> AbstractContextManager[ReadKeys]:
    """While this lasts, what reads keys; Ctrl-C does what it does. Only where `has_keys`."""
    return _of_console() if find_spec("msvcrt") is not None else _of_terminal()


@contextmanager
def _of_terminal() -> Iterator[ReadKeys]:
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


@contextmanager
def _of_console() -> Iterator[ReadKeys]:
    """Source: https://docs.python.org/3/library/msvcrt.html#console-i-o"""
    console = import_module("msvcrt")

    def read(seconds: float) -> list[str]:
        end = time.monotonic() + seconds
        while not console.kbhit():
            if time.monotonic() >= end:
                return []
            time.sleep(GLANCE)
        found = []
        while console.kbhit():
            key = console.getwch()
            if key in WINDOWS_MARKS:
                key = WINDOWS_NAMES.get(console.getwch(), "")
            elif key == "\x03":  # which a console that is read key by key may hand on
                signal.raise_signal(signal.SIGINT)
                continue
            found += [key] if key else []
        return found

    yield read


def named(said: str) -> list[str]:
    """Keys by what a terminal sends for them: letters as they are, arrows by NAMES; other keys that have more than a
    letter are left out."""
    found = []
    for match in _KEY.finditer(said):
        key = match[0] if len(match[0]) == 1 else NAMES.get(match[1] or "", "")
        found += [key] if key else []
    return found
