"""Where cells are drawn: what an engine does, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Literal, Protocol

from plotart.config import Config
from plotart.sweep.work import CellProgress, Outcome

EngineName = Literal["local", "ray"]


class Engine(Protocol):
    """Where cells are drawn: at most as many at once as there is `room`, each worker with so many `threads`.

    news() waits at most `timeout` seconds; ask_to_stop() lets every cell that is drawn end with a checkpoint, drop()
    one of them. All raise EngineLost where the cells can no longer be reached.
    """

    room: int
    threads: int

    def submit(self, cell: str, config: Config, tries: int) -> None: ...
    def news(self, timeout: float) -> Sequence[CellProgress | Outcome]: ...
    def ask_to_stop(self) -> None: ...
    def drop(self, cell: str) -> None: ...
    def close(self) -> None: ...


def engine_of(
    name: EngineName, workers: int | None, folder: Path, mark: str, cells: int | None, together: int = 1
) -> Engine:
    """The engine of that name for at most so many cells, of which nobody knows how many if None; `mark` is a file in
    the sweep's folder that workers have to see. Each worker of this machine draws as many cells `together`."""
    if name == "ray":
        from plotart.sweep.over_ray import RayEngine

        return RayEngine(workers, folder, mark)
    from plotart.runs.record import cores
    from plotart.sweep.local import LocalEngine

    most = cores() if cells is None else min(cores(), ceil(cells / together))
    return LocalEngine(workers or most, folder, mark, together)


def check_engine(name: EngineName) -> None:
    """Raises MissingError where the engine has to be installed first."""
    if name == "ray":
        from plotart.sweep.over_ray import load_ray

        load_ray()
