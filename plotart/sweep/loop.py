"""The loop: cells are handed to workers, tried again where they were lost, and what comes of them is written down."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from plotart.runs.stop import StopRequest
from plotart.sweep.engines import Engine
from plotart.sweep.entry import Entry, State
from plotart.sweep.grid import Cell
from plotart.sweep.work import CellProgress, Failed, Finished, Outcome, Stopped

#: Seconds that the loop waits for news before it looks whether it is to stop.
WAIT = 0.2
#: The files are written at most so often that this share of the time goes into it.
WRITING = 0.05
#: Seconds before a cell that was lost is tried again, times its tries: its folder may still be held.
PAUSE = 1.0


@dataclass(frozen=True)
class Began:
    """A cell was handed to a worker for the `tries`th time."""

    cell: str
    tries: int


@dataclass(frozen=True)
class Again:
    """A cell was lost, and is to be tried again."""

    cell: str
    message: str


class Ledger(Protocol):
    """What is known of the cells."""

    @property
    def entries(self) -> dict[str, Entry]: ...
    def count(self, state: State) -> int: ...
    def write(self) -> None: ...


class Plan(Protocol):
    """Which cells there are to draw, and for how long.

    over     nothing is to be begun any more; those at work are asked to stop
    next     the cell to begin now; None if there is none for now, or none is left
    left     whether there are cells that were not begun
    hopeless whether a cell is not worth its further steps
    settled  a cell has ended, and its entry tells how
    """

    @property
    def over(self) -> bool: ...
    @property
    def left(self) -> bool: ...
    def next(self) -> Cell | None: ...
    def hopeless(self, progress: CellProgress) -> bool: ...
    def settled(self, cell: str) -> None: ...


#: Is called for everything that happens, in order; None now and then, when nothing did.
OnEvent = Callable[["Began | Again | CellProgress | Outcome | None", Ledger], None]


def draw(
    plan: Plan, ledger: Ledger, engine: Engine, *, retries: int, stop: StopRequest, on_event: OnEvent | None = None
) -> None:
    """Until no cell is left, or the plan is over or a stop asked for, and all that were running have ended."""
    _Loop(plan, ledger, engine, retries, stop, on_event or (lambda event, ledger: None)).run()


class _Loop:
    def __init__(
        self, plan: Plan, ledger: Ledger, engine: Engine, retries: int, stop: StopRequest, on_event: OnEvent
    ) -> None:
        self._plan, self._ledger, self._engine = plan, ledger, engine
        self._retries, self._stop, self._on_event = retries, stop, on_event
        self._again: deque[tuple[float, Cell]] = deque()
        self._running: dict[str, Cell] = {}
        self._dropped: set[str] = set()
        self._pages = _Pages(ledger)

    def run(self) -> None:
        asked = False
        while self._running or (not self._ending and (self._again or self._plan.left)):
            if self._ending and not asked:
                asked = True
                self._engine.ask_to_stop()
            self._begin()
            news = self._engine.news(WAIT)
            for told in news:
                self._hear(told)
            if not self._running and not news:
                time.sleep(WAIT)  # all that is left waits for another try
            self._on_event(None, self._ledger)

    @property
    def _ending(self) -> bool:
        return self._stop.asked or self._plan.over

    def _begin(self) -> None:
        """Hand out cells as long as there is room, those first whose time to be tried again has come."""
        while not self._ending and len(self._running) < self._engine.room:
            cell = self._due() or self._plan.next()
            if cell is None:
                return
            entry = self._ledger.entries[cell.name]
            entry.state, entry.tries = "running", entry.tries + 1
            self._running[cell.name] = cell
            self._engine.submit(cell.name, cell.config, entry.tries)
            self._on_event(Began(cell.name, entry.tries), self._ledger)

    def _due(self) -> Cell | None:
        now = time.monotonic()
        for item in self._again:
            if item[0] <= now:
                self._again.remove(item)
                return item[1]
        return None

    def _hear(self, told: CellProgress | Outcome) -> None:
        if isinstance(told, CellProgress):
            if told.cell in self._running and told.cell not in self._dropped and self._plan.hopeless(told):
                self._dropped.add(told.cell)
                self._engine.drop(told.cell)
            self._on_event(told, self._ledger)
            return
        cell, entry = self._running.pop(told.cell), self._ledger.entries[told.cell]
        if isinstance(told, Failed) and told.again and entry.tries <= self._retries and told.cell not in self._dropped:
            entry.state = "waiting"
            self._again.append((time.monotonic() + PAUSE * entry.tries, cell))
            self._on_event(Again(told.cell, told.message), self._ledger)
            return
        self._settle(entry, told)
        self._plan.settled(told.cell)
        self._on_event(told, self._ledger)
        self._pages.changed()

    def _settle(self, entry: Entry, outcome: Outcome) -> None:
        if isinstance(outcome, Finished):
            entry.state, entry.figures, entry.message = "done", outcome.figures, ""
        elif outcome.cell in self._dropped:
            entry.state = "given up"
        elif isinstance(outcome, Failed):
            tried = f" (tried {entry.tries} times)" if entry.tries > 1 else ""
            entry.state, entry.message = "failed", outcome.message + tried
        elif isinstance(outcome, Stopped):
            entry.state = "waiting"


class _Pages:
    """Writes the ledger's files when cells have settled, unless that takes too much of the time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._next = 0.0

    def changed(self) -> None:
        begun = time.monotonic()
        if begun < self._next:
            return
        self._ledger.write()
        now = time.monotonic()
        self._next = now + (now - begun) / WRITING
