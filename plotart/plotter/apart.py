"""A driver in a process of its own, in which it is paused as by Ctrl-C in a terminal, and steered by its controls where
it has some.

The plotters' Python modules take Ctrl-C in a process's main thread alone, and a page's plot is no thread of that kind.
In its own process a driver is paused whatever it is, and may break down without taking others with it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

from plotart.errors import InputError, MissingError, PlotterError
from plotart.plotter.boards.direct import DirectDriver
from plotart.plotter.boards.live import Live, LiveState
from plotart.plotter.drivers import Code, Driver, Outcome, PlotOptions
from plotart.plotter.find_driver import find_driver
from plotart.plotter.machines import Machine

#: Seconds between two looks at whether somebody wants to pause.
GLANCE = 0.2

#: Seconds between two messages of how a plot stands.
TICK = 0.5

#: Whether a process can be sent Ctrl-C: Windows has it for a whole console alone.
CAN_PAUSE = os.name != "nt"

#: What the process says when Ctrl-C can reach its driver.
_READY = "ready"


#: What can be asked of a plot that moves: methods of `Live` by their names, with their arguments.
Wish = tuple[str, dict[str, Any]]
WISHES = ("pause", "go_on", "back", "skip_to", "set_speed", "set_heights")


class Reins:
    """The controls of what plots in another process; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipe: Connection | None = None

    def ask(self, name: str, **values: Any) -> None:
        """Asks for what `Live` calls so, one of WISHES; without effect where nothing plots."""
        assert name in WISHES
        with self._lock, suppress(OSError):  # it has just ended
            if self._pipe is not None:
                self._pipe.send((name, values))

    @contextmanager
    def led_by(self, pipe: Connection) -> Iterator[None]:
        """While this lasts, what is asked for goes into a pipe."""
        with self._lock:
            self._pipe = pipe
        try:
            yield
        finally:
            with self._lock:
                self._pipe = None


@dataclass(frozen=True)
class Apart:
    """The driver of a machine; `glance` is called several times a second while it plots, and pauses by True. A driver
    that speaks to a board itself tells `watch` how it stands, now and then, and is steered by the `reins`."""

    driver: Driver
    machine: Machine
    glance: Callable[[], bool]
    watch: Callable[[LiveState], None] = lambda state: None
    reins: Reins = field(default_factory=Reins)

    @property
    def name(self) -> str:
        return self.driver.name

    @property
    def software(self) -> str:
        return self.driver.software

    def stalls(self, profile: str | None) -> int:
        """How many pens the driver's machine holds and changes by itself."""
        return self.driver.stalls(profile) if isinstance(self.driver, DirectDriver) else 1

    def plot(self, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
        if isinstance(self.driver, DirectDriver):  # which is found again there by its name alone
            options = replace(options, port=options.port or self.driver.port)
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_plot, args=(theirs, self.name, self.machine, svg, options, resume))
        process.start()
        theirs.close()
        try:
            with ours, self.reins.led_by(ours):
                found = self._waited_for(ours, process.pid)
        finally:
            process.join()
        if found is None:
            raise PlotterError(f"{self.name} broke down: its process ended with status {process.exitcode}")
        if isinstance(found, Exception):
            raise found
        return found

    def _waited_for(self, pipe: Connection, pid: int | None) -> Outcome | Exception | None:
        """What the process hands over in the end; None if it ends without."""
        ready = passed_on = False
        while True:
            if self.glance() and ready and not passed_on and CAN_PAUSE and pid is not None:
                with suppress(ProcessLookupError):  # it is done
                    os.kill(pid, signal.SIGINT)
                passed_on = True
            if not pipe.poll(GLANCE):
                continue
            try:
                said: Any = pipe.recv()
            except (EOFError, OSError):
                return None
            if said == _READY:
                ready = True
                continue
            if isinstance(said, LiveState):
                self.watch(said)
                continue
            found: Outcome | Exception = said
            return found


def _plot(pipe: Connection, name: str, machine: Machine, svg: str, options: PlotOptions, resume: bool) -> None:
    """Runs in the process: hands over the outcome, or the error that a driver may raise."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in the terminal is for who began this: a second one would end the plot, not pause it
    found: Outcome | Exception
    lock = threading.Lock()

    def send(said: object) -> None:
        with lock, suppress(OSError):  # nobody waits any more
            pipe.send(said)

    try:
        send(_READY)
        driver = find_driver(name, machine)
        if isinstance(driver, DirectDriver):
            _steered(driver.live, pipe, send)
        found = _plotted(driver, svg, options, resume=resume)
    except KeyboardInterrupt:
        found = Outcome(Code.KEYBOARD)  # nothing has moved yet
    except (MissingError, PlotterError) as error:
        found = error
    except InputError as error:
        found = MissingError(str(error))
    send(found)


def _steered(live: Live, pipe: Connection, send: Callable[[object], None]) -> None:
    """Does what comes through the pipe, and sends one of many states, TICK seconds apart; each one where it was asked
    for something or is paused, as no other may follow."""
    last, paused = -TICK, False

    def tell(state: LiveState, *, now: bool = False) -> None:
        nonlocal last, paused
        if now or paused or state.paused or time.monotonic() - last >= TICK:
            last, paused = time.monotonic(), state.paused
            send(state)

    def heed() -> None:
        with suppress(EOFError, OSError):
            while True:
                name, values = pipe.recv()
                getattr(live, name)(**values)
                tell(live.state, now=True)

    live.tell = tell
    threading.Thread(target=heed, name="wishes", daemon=True).start()


def _plotted(driver: Driver, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
    """Raises PlotterError for a driver that does not mind Ctrl-C: how far it came is unknown."""
    try:
        return driver.plot(svg, options, resume=resume)
    except KeyboardInterrupt:
        raise PlotterError(f"{driver.name} was interrupted") from None
