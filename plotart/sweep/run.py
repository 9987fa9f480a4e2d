"""The sweep: cells are handed to workers, tried again where they were lost, and what comes of them is kept."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from plotart.config import Config
from plotart.runs.stop import StopRequest, asked_to_stop
from plotart.sweep.grid import Cell, check_parts
from plotart.sweep.record import RECORD, Record
from plotart.sweep.vary import Axis
from plotart.sweep.work import CellProgress, Failed, Finished, Outcome, Stopped

EngineName = Literal["local", "ray"]

#: Seconds that the sweep waits for news before it looks whether it is to stop.
WAIT = 0.2
#: The page is written at most so often that this share of the time goes into it.
WRITING = 0.05
#: Seconds before a cell that was lost is tried again, times its tries: its folder may still be held.
PAUSE = 1.0


class Engine(Protocol):
    """Where cells are drawn: at most `workers` at once, with `threads` each."""

    workers: int
    threads: int

    def submit(self, cell: str, config: Config, tries: int) -> None: ...
    def news(self, timeout: float) -> Sequence[CellProgress | Outcome]: ...
    def ask_to_stop(self) -> None: ...
    def close(self) -> None: ...


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


#: Is called for everything that happens, in order; None now and then, when nothing did.
OnEvent = Callable[["Began | Again | CellProgress | Outcome | None", Record], None]


def sweep(
    cells: Sequence[Cell],
    axes: Sequence[Axis],
    *,
    out: Path,
    engine: EngineName = "local",
    workers: int | None = None,
    retries: int = 2,
    on_event: OnEvent | None = None,
) -> Record:
    """Draw the cells of a `grid`, each into its folder in `out`; go on with what an earlier sweep left there.

    workers   cells at once; if None, as many as there are cores, or CPUs in Ray's cluster
    retries   tries after the first of a cell whose worker was lost, or that ended with an error no person causes

    An interrupt (Ctrl-C) lets every run write a checkpoint and ends with a KeyboardInterrupt; the same call goes on.
    Cells that failed are in the record, with why. Raises InputError for a config that can't be drawn, and for a folder
    that holds another sweep, before anything is drawn; MissingError where Ray is not installed.
    """
    if engine == "ray":
        from plotart.sweep.over_ray import load_ray

        load_ray()
    record = Record.open(out, cells, axes)
    left = [cell for cell in cells if record.entries[cell.name].state != "done"]
    if not left:
        return record
    check_parts(left)
    record.write()
    with asked_to_stop() as stop:
        crew = engine_of(engine, workers, record.folder.path, len(left))
        try:
            _draw(record, left, crew, retries, stop, on_event or (lambda event, record: None))
        finally:
            crew.close()
            record.write()
    if stop.asked:
        raise KeyboardInterrupt
    return record


def engine_of(name: EngineName, workers: int | None, folder: Path, cells: int) -> Engine:
    """The engine of that name for so many cells."""
    if name == "ray":
        from plotart.sweep.over_ray import RayEngine

        return RayEngine(workers, folder, RECORD)
    from plotart.runs.record import cores
    from plotart.sweep.local import LocalEngine

    return LocalEngine(workers or min(cores(), cells), folder, RECORD)


def _draw(
    record: Record, cells: Sequence[Cell], engine: Engine, retries: int, stop: StopRequest, on_event: OnEvent
) -> None:
    """Until no cell is left, or all that were running have stopped."""
    configs = {cell.name: cell.config for cell in cells}
    waiting = deque((0.0, cell.name) for cell in cells)
    running: set[str] = set()
    page = _Page(record)
    stopping = False
    while running or (waiting and not stop.asked):
        if stop.asked and not stopping:
            stopping = True
            engine.ask_to_stop()
        for name in [] if stop.asked else _due(waiting, engine.workers - len(running)):
            entry = record.entries[name]
            entry.state, entry.tries = "running", entry.tries + 1
            running.add(name)
            engine.submit(name, configs[name], entry.tries)
            on_event(Began(name, entry.tries), record)
        news = engine.news(WAIT)
        for told in news:
            if isinstance(told, CellProgress):
                on_event(told, record)
                continue
            running.discard(told.cell)
            if isinstance(told, Failed) and told.again and record.entries[told.cell].tries <= retries:
                record.entries[told.cell].state = "waiting"
                waiting.append((time.monotonic() + PAUSE * record.entries[told.cell].tries, told.cell))
                on_event(Again(told.cell, told.message), record)
                continue
            _settle(record, told)
            on_event(told, record)
            page.changed()
        if not running and not news:
            time.sleep(WAIT)  # all that is left waits for another try
        on_event(None, record)


def _due(waiting: deque[tuple[float, str]], room: int) -> list[str]:
    """The cells whose time has come, out of those that wait, as many as there is room for."""
    now = time.monotonic()
    due = [item for item in waiting if item[0] <= now][: max(0, room)]
    for item in due:
        waiting.remove(item)
    return [name for _, name in due]


def _settle(record: Record, outcome: Outcome) -> None:
    entry = record.entries[outcome.cell]
    if isinstance(outcome, Finished):
        entry.state, entry.figures, entry.message = "done", outcome.figures, ""
    elif isinstance(outcome, Failed):
        tried = f" (tried {entry.tries} times)" if entry.tries > 1 else ""
        entry.state, entry.message = "failed", outcome.message + tried
    elif isinstance(outcome, Stopped):
        entry.state = "waiting"


class _Page:
    """Writes the record's files when cells have settled, unless that takes too much of the time."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._next = 0.0

    def changed(self) -> None:
        begun = time.monotonic()
        if begun < self._next:
            return
        self._record.write()
        now = time.monotonic()
        self._next = now + (now - begun) / WRITING


def sweep_folder(config: Config) -> Path:
    """Where a sweep goes if nothing else is said: outputs/<name>-sweep."""
    from plotart.job.generate import run_folder

    folder = run_folder(config)
    return folder.with_name(f"{folder.name}-sweep")
