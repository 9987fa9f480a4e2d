"""The sweep: all cells of a grid are drawn, each into its folder, and what comes of them is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from plotart.config import Config
from plotart.errors import OptionError
from plotart.runs.stop import asked_to_stop
from plotart.sweep.engines import EngineName, check_engine, engine_of
from plotart.sweep.grid import Cell, check_parts
from plotart.sweep.loop import OnEvent, draw
from plotart.sweep.record import RECORD, Record
from plotart.sweep.vary import Axis
from plotart.sweep.work import CellProgress

#: Cells that a process draws at once.
TOGETHER = {"cpu": 1, "cuda": 16}


def sweep(
    cells: Sequence[Cell],
    axes: Sequence[Axis],
    *,
    out: Path,
    engine: EngineName = "local",
    workers: int | None = None,
    together: int | None = None,
    retries: int = 2,
    on_event: OnEvent | None = None,
) -> Record:
    """Draw the cells of a `grid`, each into its folder in `out`; go on with what an earlier sweep left there.

    workers   processes; if None, as many as there are cores, or CPUs in Ray's cluster, but no more than have a cell
    together  cells that each process draws at once, networks looking at all of them in one pass; if None, one on the
              CPU and 16 on a GPU. Which ones are beside a cell may change its last bits. Not with Ray
    retries   tries after the first of a cell whose worker was lost, or that ended with an error no person causes

    An interrupt (Ctrl-C) lets every run write a checkpoint and ends with a KeyboardInterrupt; the same call goes on.
    Cells that failed are in the record, with why. Raises InputError for a config that can't be drawn, and for a folder
    that holds another sweep, before anything is drawn; OptionError for `together` with Ray; MissingError where Ray is
    not installed; EngineLost where Ray's cluster is gone, and the same call goes on.
    """
    if engine == "ray" and together is not None:
        raise OptionError("together: found with the engine ray; allowed: with the engine local")
    check_engine(engine)
    record = Record.open(out, cells, axes)
    left = [cell for cell in cells if record.entries[cell.name].state != "done"]
    if not left:
        return record
    check_parts(left)
    record.write()
    beside = _usual_together() if together is None else together
    with asked_to_stop() as stop:
        crew = engine_of(engine, workers, record.folder.path, RECORD, len(left), beside)
        try:
            draw(_All(left), record, crew, retries=retries, stop=stop, on_event=on_event)
        finally:
            crew.close()
            record.write()
    if stop.asked:
        raise KeyboardInterrupt
    return record


def _usual_together() -> int:
    from plotart.job.build import pick_device

    return TOGETHER[pick_device("auto").type]


class _All:
    """The plan of a sweep: every cell, one after another, to its end."""

    over = False

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = deque(cells)

    @property
    def left(self) -> bool:
        return bool(self._cells)

    def next(self) -> Cell | None:
        return self._cells.popleft() if self._cells else None

    def hopeless(self, progress: CellProgress) -> bool:
        return False

    def settled(self, cell: str) -> None:
        pass


def sweep_folder(config: Config, what: str = "sweep") -> Path:
    """Where a sweep goes if nothing else is said: outputs/<name>-sweep."""
    from plotart.job.generate import run_folder

    folder = run_folder(config)
    return folder.with_name(f"{folder.name}-{what}")
