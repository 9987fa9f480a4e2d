"""Ctrl-C, or a callback's StopRun, taken at a moment that suits: after the step at hand."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TypeVar

from plotart.errors import StopRun

Told = TypeVar("Told")


@dataclass
class StopRequest:
    """Whether somebody wants the run to end, and what is raised then."""

    asked: bool = False
    reason: BaseException = field(default_factory=KeyboardInterrupt)

    def tell(self, callback: Callable[[Told], None] | None, what: Told) -> None:
        """Call back, if anybody wants to know; StopRun, raised there, asks to stop."""
        try:
            if callback is not None:
                callback(what)
        except StopRun as reason:
            self.asked, self.reason = True, reason

    def obey(self) -> None:
        """Raises the reason if a stop was asked for."""
        if self.asked:
            raise self.reason


#: What makes a StopRequest that holds as long as a run takes its steps.
Stopping = Callable[[], AbstractContextManager[StopRequest]]


@contextmanager
def asked_to_stop() -> Iterator[StopRequest]:
    """While this lasts, the first Ctrl-C only sets `asked`; a second one interrupts at once, as usual.

    Signals reach the main thread alone: elsewhere nothing is changed.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        request.asked = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield request
    finally:
        signal.signal(signal.SIGINT, before)
