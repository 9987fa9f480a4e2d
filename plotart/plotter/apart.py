"""A driver in a process of its own, in which it is paused as by Ctrl-C in a terminal.

The plotters' Python modules take Ctrl-C in a process's main thread alone, and a page's plot is no thread of that kind.
In its own process a driver is paused whatever it is, and may break down without taking others with it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from plotart.errors import InputError, MissingError, PlotterError
from plotart.plotter.boards.direct import DirectDriver
from plotart.plotter.boards.live import LiveState
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


@dataclass(frozen=True)
class Apart:
    """The driver of a machine; `glance` is called several times a second while it plots, and pauses by True. `watch`
    is told how it stands, now and then, by a driver that plotart speaks to a board with itself."""

    driver: Driver
    machine: Machine
    glance: Callable[[], bool]
    watch: Callable[[LiveState], None] = lambda state: None

    @property
    def name(self) -> str:
        return self.driver.name

    @property
    def software(self) -> str:
        return self.driver.software

    def plot(self, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
        if isinstance(self.driver, DirectDriver):  # which is found again there by its name alone
            options = replace(options, port=options.port or self.driver.port)
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_plot, args=(theirs, self.name, self.machine, svg, options, resume))
        process.start()
        theirs.close()
        try:
            with ours:
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
    try:
        pipe.send(_READY)
        driver = find_driver(name, machine)
        if isinstance(driver, DirectDriver):
            driver.live.tell = _now_and_then(pipe.send)
        found = _plotted(driver, svg, options, resume=resume)
    except KeyboardInterrupt:
        found = Outcome(Code.KEYBOARD)  # nothing has moved yet
    except (MissingError, PlotterError) as error:
        found = error
    except InputError as error:
        found = MissingError(str(error))
    with suppress(BrokenPipeError):  # nobody waits any more
        pipe.send(found)


def _now_and_then(send: Callable[[LiveState], None]) -> Callable[[LiveState], None]:
    """Sends one of many states, TICK seconds apart."""
    last = -TICK

    def tell(state: LiveState) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= TICK:
            last = now
            with suppress(OSError):  # nobody waits any more
                send(state)

    return tell


def _plotted(driver: Driver, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
    """Raises PlotterError for a driver that does not mind Ctrl-C: how far it came is unknown."""
    try:
        return driver.plot(svg, options, resume=resume)
    except KeyboardInterrupt:
        raise PlotterError(f"{driver.name} was interrupted") from None
