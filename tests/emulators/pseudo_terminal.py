"""A controller at the other end of a pseudo-terminal, served by a thread."""

from __future__ import annotations

import os
import random
import select
import threading
import tty
from collections.abc import Callable
from contextlib import suppress


class Unplugged(Exception):
    """The controller's cable comes out."""


class PseudoTerminal:
    """A port at `name`; what is written to it goes to `receive` as it comes, and its answers go back in random pieces.

    A controller that raises Unplugged hangs up, with what it had answered half sent.
    """

    def __init__(self, receive: Callable[[bytes], bytes], *, seed: int = 0, whole: bool = False) -> None:
        self._receive, self._random, self._whole = receive, random.Random(seed), whole
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.name = os.ttyname(self._theirs)
        self._wake, self._woken = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> PseudoTerminal:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up, as when the cable comes out."""
        with suppress(OSError):
            os.write(self._woken, b"x")
        self._thread.join()

    def _serve(self) -> None:
        try:
            while True:
                ready, _, _ = select.select([self._ours, self._wake], [], [])
                if self._wake in ready:
                    return
                self._send(self._receive(os.read(self._ours, 4096)))
        except (Unplugged, OSError):
            return
        finally:
            for descriptor in (self._ours, self._theirs, self._wake, self._woken):
                os.close(descriptor)
            self._woken = -1

    def _send(self, answer: bytes) -> None:
        while answer:
            size = len(answer) if self._whole else self._random.randint(1, len(answer))
            os.write(self._ours, answer[:size])
            answer = answer[size:]
