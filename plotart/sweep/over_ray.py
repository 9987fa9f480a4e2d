"""Cells drawn by a cluster of Ray's, or by a Ray of its own on this machine where no cluster is running."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plotart.config import Config
from plotart.errors import MissingError, PlotartError
from plotart.sweep.work import CellProgress, Failed, Outcome, Stopped, Task, work


class Board:
    """Where workers say how far they are, and read whether they are to stop: an actor on the driver's machine."""

    def __init__(self) -> None:
        self._told: dict[str, CellProgress] = {}
        self._stop = False

    def tell(self, progress: CellProgress) -> bool:
        self._told[progress.cell] = progress
        return self._stop

    def take(self) -> list[CellProgress]:
        """The newest word of each cell since the last time."""
        told, self._told = list(self._told.values()), {}
        return told

    def ask_to_stop(self) -> None:
        self._stop = True


class RayEngine:
    """At most `workers` cells at once (as many as the cluster has CPUs if None), each a task of Ray's.

    Connects to the cluster of RAY_ADDRESS, or to the one that runs on this machine; otherwise starts one of its own.
    Ray does not retry: a machine that goes down is reported, and the sweep decides.

    Raises MissingError without Ray, PlotartError for a cluster that can't be reached.
    """

    def __init__(self, workers: int | None, folder: Path, mark: str) -> None:
        self._ray = load_ray()
        self._mine = not self._ray.is_initialized()
        if self._mine:
            _connect(self._ray)
        nodes = [node["Resources"].get("CPU", 0) for node in self._ray.nodes() if node["Alive"]]
        cpus = [int(count) for count in nodes if count >= 1]
        self.workers = workers or max(1, sum(cpus))
        # A task runs on one machine: it can't have more CPUs than the smallest of them.
        self.threads = max(1, min(sum(cpus) // self.workers, min(cpus, default=1)))
        self._folder, self._mark = folder.absolute(), mark
        self._board = self._new_board()
        self._work = self._ray.remote(num_cpus=self.threads, max_retries=0)(_task)
        self._running: dict[Any, str] = {}

    def submit(self, cell: str, config: Config, tries: int) -> None:
        """Give a cell to the cluster; it begins when a CPU is free."""
        task = Task(cell, config, str(self._folder), self._mark, self.threads, tries)
        self._running[self._work.remote(task, self._board)] = cell

    def news(self, timeout: float) -> Sequence[CellProgress | Outcome]:
        """What workers have told; waits at most `timeout` seconds for a cell that ends."""
        ready = self._ray.wait(list(self._running), timeout=timeout)[0] if self._running else []
        try:
            told: list[CellProgress | Outcome] = list(self._ray.get(self._board.take.remote()))
        except self._ray.exceptions.RayError as error:
            raise PlotartError(f"Ray's cluster is gone: {str(error).splitlines()[0]}") from None
        return told + [self._outcome(reference) for reference in ready]

    def ask_to_stop(self) -> None:
        """Let every cell that is drawn write a checkpoint and end; those that did not begin end at once."""
        self._ray.get(self._board.ask_to_stop.remote())

    def close(self) -> None:
        """Cancel what is left, and leave the cluster."""
        with contextlib.suppress(self._ray.exceptions.RayError):  # where the cluster is gone nothing runs
            for reference in self._running:
                self._ray.cancel(reference, force=True)
            self._ray.kill(self._board)
        if self._mine:
            self._ray.shutdown()

    def _outcome(self, reference: Any) -> Outcome:
        cell = self._running.pop(reference)
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            return Failed(cell, f"its machine or worker was lost: {str(error).splitlines()[0]}", again=True)
        return outcome

    def _new_board(self) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # On the driver's machine, so that it lasts as long as the sweep does.
        here = NodeAffinitySchedulingStrategy(self._ray.get_runtime_context().get_node_id(), soft=False)
        return self._ray.remote(num_cpus=0, scheduling_strategy=here)(Board).remote()


def _task(task: Task, board: Any) -> Outcome:
    """A cell, on a worker of Ray's; it does not wait for the board's answers, and reads those that have come."""
    import ray

    answers: list[Any] = []
    if ray.get(board.tell.remote(CellProgress(task.cell, 0, task.config.optimize.steps, float("nan")))):
        return Stopped(task.cell)

    def tell(progress: CellProgress) -> bool:
        answers.append(board.tell.remote(progress))
        ready, answers[:] = ray.wait(answers, num_returns=len(answers), timeout=0)
        return any(ray.get(ready))

    return work(task, tell)


def load_ray() -> Any:
    # Ray tells its makers how it is used, unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise MissingError("--engine ray needs Ray; install it with: pip install 'plotart[ray]'") from None
    return ray


def _connect(ray: Any) -> None:
    try:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise PlotartError(f"Ray can't be reached: {error}") from None
