"""Worker processes on this machine. One that is killed is replaced; its cell is reported as lost."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from plotart.config import Config
from plotart.sweep.work import CellProgress, Failed, Outcome, Task, use_threads, working

#: Seconds for a worker to end by itself once there is nothing left to do.
PATIENCE = 10.0


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    cells: set[str] = field(default_factory=set)


class LocalEngine:
    """`workers` processes of this machine, started when they are needed; its cores are shared among them. Each draws as
    many cells `together` as that says, and its networks look at all of them in one pass."""

    def __init__(self, workers: int, folder: Path, mark: str, together: int = 1) -> None:
        from plotart.runs.record import cores

        self.room = workers * together
        self.threads = max(1, cores() // workers)
        self._workers, self._together = workers, together
        self._folder, self._mark = folder.absolute(), mark
        # Spawned, as threads of torch and Numba don't live in a forked process.
        self._context = multiprocessing.get_context("spawn")
        self._crew: list[_Worker] = []

    def submit(self, cell: str, config: Config, tries: int) -> None:
        """Give a cell to a worker, an idle one or a new one first; at most `room` at once."""
        worker = min(self._crew, key=lambda one: len(one.cells), default=None)
        if worker is None or (worker.cells and len(self._crew) < self._workers):
            worker = self._hire()
        try:
            worker.pipe.send(Task(cell, config, str(self._folder), self._mark, self.threads, tries))
        except OSError:  # it died while it waited
            self._dismiss(worker)
            self.submit(cell, config, tries)
            return
        worker.cells.add(cell)

    def news(self, timeout: float) -> Sequence[CellProgress | Outcome]:
        """What workers have told; waits at most `timeout` seconds for something."""
        found: list[CellProgress | Outcome] = []
        ready = wait([worker.pipe for worker in self._crew], timeout)
        for worker in [one for one in self._crew if one.pipe in ready]:
            try:
                said = worker.pipe.recv()
            except (EOFError, OSError):
                found += self._lost(worker)
                continue
            if not isinstance(said, CellProgress):
                worker.cells.discard(said.cell)
            found.append(said)
        return found

    def ask_to_stop(self) -> None:
        """Let every cell that is drawn write a checkpoint and end; what comes of it is news as ever."""
        for worker in self._crew:
            for cell in worker.cells:
                self.drop(cell)

    def drop(self, cell: str) -> None:
        """The same for one of them."""
        for worker in self._crew:
            if cell in worker.cells:
                with contextlib.suppress(OSError):
                    worker.pipe.send(cell)

    def close(self) -> None:
        """End the workers, those too that are at work."""
        for worker in self._crew:
            if worker.cells:
                worker.process.kill()
            worker.pipe.close()
        for worker in self._crew:
            worker.process.join(PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._crew.clear()

    def _hire(self) -> _Worker:
        here, there = self._context.Pipe()
        process = self._context.Process(target=serve, args=(there, self.threads), daemon=True)
        process.start()
        there.close()  # so that the pipe ends when the worker does
        worker = _Worker(process, here)
        self._crew.append(worker)
        return worker

    def _lost(self, worker: _Worker) -> list[Outcome]:
        self._dismiss(worker)
        return [Failed(cell, f"the worker {_end(worker.process.exitcode)}", again=True) for cell in worker.cells]

    def _dismiss(self, worker: _Worker) -> None:
        self._crew.remove(worker)
        worker.pipe.close()
        worker.process.join(PATIENCE)


def serve(pipe: Connection, threads: int) -> None:
    """A worker's life: it draws what tasks it is given, together if they are several, until the pipe ends."""
    # Ctrl-C reaches the whole group of processes, but the parent's word counts alone, and it comes through the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_threads(threads)
    from plotart.optimize import Ensemble
    from plotart.runs.stop import StopRequest

    desk, ensemble = _Desk(pipe), Ensemble[str, Outcome]()
    shared: dict[Hashable, Any] = {}
    with contextlib.suppress(EOFError, OSError):  # the parent is gone, and nobody reads any more
        while True:
            for task in desk.take(wait=not len(ensemble)):
                course = working(task, desk.tell, shared=shared, stopping=lambda: contextlib.nullcontext(StopRequest()))
                ensemble.join(task.cell, course)
            for outcome in ensemble.turn().values():
                pipe.send(outcome)


class _Desk:
    """What a worker hears and says: tasks, and the names of cells that are to stop, against words on how far it is."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._tasks: list[Task] = []
        self._dropped: set[str] = set()

    def take(self, *, wait: bool) -> list[Task]:
        """The tasks that have come; waits for one if need be. Raises EOFError once the parent is gone."""
        self._read()
        while wait and not self._tasks:
            self._hear(self._pipe.recv())
        tasks, self._tasks = self._tasks, []
        return tasks

    def tell(self, progress: CellProgress) -> bool:
        """Whether the cell is to stop."""
        self._pipe.send(progress)
        self._read()
        return progress.cell in self._dropped

    def _read(self) -> None:
        while self._pipe.poll():
            self._hear(self._pipe.recv())

    def _hear(self, said: Task | str) -> None:
        if isinstance(said, Task):
            self._tasks.append(said)
            self._dropped.discard(said.cell)  # a word that came when it was done
        else:
            self._dropped.add(said)


def _end(status: int | None) -> str:
    if status is not None and status < 0:
        return f"was killed ({signal.Signals(-status).name})"
    return f"ended (status {status})"
