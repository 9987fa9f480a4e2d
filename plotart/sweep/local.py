"""Worker processes on this machine. One that is killed is replaced; its cell is reported as lost."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from plotart.config import Config
from plotart.sweep.work import CellProgress, Failed, Outcome, Task, use_threads, work

#: Seconds for a worker to end by itself once there is nothing left to do.
PATIENCE = 10.0


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    cell: str | None = None


class LocalEngine:
    """`workers` processes of this machine, started when they are needed; its cores are shared among them."""

    def __init__(self, workers: int, folder: Path, mark: str) -> None:
        from plotart.runs.record import cores

        self.workers = workers
        self.threads = max(1, cores() // self.workers)
        self._folder, self._mark = folder.absolute(), mark
        # Spawned, as threads of torch and Numba don't live in a forked process.
        self._context = multiprocessing.get_context("spawn")
        self._crew: list[_Worker] = []

    def submit(self, cell: str, config: Config, tries: int) -> None:
        """Give a cell to a worker; at most `workers` at once."""
        worker = next((one for one in self._crew if one.cell is None), None) or self._hire()
        try:
            worker.pipe.send(Task(cell, config, str(self._folder), self._mark, self.threads, tries))
        except OSError:  # it died while it waited
            self._dismiss(worker)
            self.submit(cell, config, tries)
            return
        worker.cell = cell

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
                worker.cell = None
            found.append(said)
        return found

    def ask_to_stop(self) -> None:
        """Let every cell that is drawn write a checkpoint and end; what comes of it is news as ever."""
        for worker in self._crew:
            if worker.cell is not None:
                self.drop(worker.cell)

    def drop(self, cell: str) -> None:
        """The same for one of them."""
        for worker in self._crew:
            if worker.cell == cell:
                with contextlib.suppress(OSError):
                    worker.pipe.send(None)

    def close(self) -> None:
        """End the workers, those too that are at work."""
        for worker in self._crew:
            if worker.cell is not None:
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
        if worker.cell is None:
            return []
        return [Failed(worker.cell, f"the worker {_end(worker.process.exitcode)}", again=True)]

    def _dismiss(self, worker: _Worker) -> None:
        self._crew.remove(worker)
        worker.pipe.close()
        worker.process.join(PATIENCE)


def serve(pipe: Connection, threads: int) -> None:
    """A worker's life: one task after another, until the pipe ends."""
    # Ctrl-C reaches the whole group of processes. A run takes the first as a word to stop; otherwise the parent's
    # word counts alone, and it comes through the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_threads(threads)
    with contextlib.suppress(EOFError, OSError):  # the parent is gone, and nobody reads any more
        while True:
            task = pipe.recv()
            if task is None:
                continue  # a word to stop that came when the cell was done

            def tell(progress: CellProgress) -> bool:
                pipe.send(progress)
                return pipe.poll() and pipe.recv() is None

            pipe.send(work(task, tell))


def _end(status: int | None) -> str:
    if status is not None and status < 0:
        return f"was killed ({signal.Signals(-status).name})"
    return f"ended (status {status})"
