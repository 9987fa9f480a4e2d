"""Cells drawn by a cluster of Ray's, or by a Ray of its own on this machine where no cluster is running."""

from __future__ import annotations

import contextlib
import math
import os
import re
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plotart.config import Config
from plotart.errors import EngineLost, MissingError, PlotartError
from plotart.sweep.work import CellProgress, Failed, Outcome, Stopped, Task, work

#: Seconds without an answer of the head, after which it is taken to be lost, and from one look at it to the next.
LOST, LOOK = 60.0, 5.0

#: Seconds without a word of the sweep, after which a worker stops: the cluster may be gone, and the cell another's. So
#: long, since a machine that has too much to do answers late.
ORPHANED = 60.0

#: Seconds that a worker waits for a cell's folder that another one holds, which stops by then if it is an orphan, and
#: from one try to the next.
HELD, TRY = 2 * ORPHANED, 2.0

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Board:
    """Where workers say how far they are, and read whether they are to stop: an actor on the driver's machine."""

    def __init__(self) -> None:
        self._told: dict[str, CellProgress] = {}
        self._stop = False
        self._dropped: set[str] = set()

    def tell(self, progress: CellProgress) -> bool:
        self._told[progress.cell] = progress
        return self._stop or progress.cell in self._dropped

    def take(self) -> list[CellProgress]:
        """The newest word of each cell since the last time."""
        told, self._told = list(self._told.values()), {}
        return told

    def ask_to_stop(self) -> None:
        self._stop = True

    def drop(self, cell: str) -> None:
        self._dropped.add(cell)


class Head:
    """The process of a cluster, at host:port, without which nothing new can be begun in it."""

    def __init__(self, address: str) -> None:
        self.address = address
        host, _, port = address.rpartition(":")
        self._at = (host.strip("[]"), int(port))
        self._seen = self._looked = time.monotonic()

    @property
    def lost(self) -> bool:
        """Whether it has not answered for long."""
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked = now
            with contextlib.suppress(OSError):
                socket.create_connection(self._at, timeout=2).close()
                self._seen = now
        return now - self._seen > LOST


class RayEngine:
    """At most `workers` cells at once (as many as the cluster has CPUs if None), each a task of Ray's.

    Connects to the cluster of RAY_ADDRESS, or to the one that runs on this machine; otherwise starts one of its own.
    Ray does not retry: a machine that goes down is reported, and the sweep decides.

    Raises MissingError without Ray, PlotartError for a cluster that can't be reached, and EngineLost once its head is
    gone.
    """

    def __init__(self, workers: int | None, folder: Path, mark: str) -> None:
        self._ray = load_ray()
        self._mine = not self._ray.is_initialized()
        if self._mine:
            _connect(self._ray)
        nodes = [node["Resources"].get("CPU", 0) for node in self._ray.nodes() if node["Alive"]]
        cpus = [int(count) for count in nodes if count >= 1]
        self.room = workers or max(1, sum(cpus))
        # A task runs on one machine: it can't have more CPUs than the smallest of them.
        self.threads = max(1, min(sum(cpus) // self.room, min(cpus, default=1)))
        self._folder, self._mark = folder.absolute(), mark
        self._head = Head(self._ray.get_runtime_context().gcs_address)
        self._lost = False
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
        told: list[CellProgress | Outcome] = list(self._answer(self._board.take.remote()))
        return told + [self._outcome(reference) for reference in ready]

    def ask_to_stop(self) -> None:
        """Let every cell that is drawn write a checkpoint and end; those that did not begin end at once."""
        self._answer(self._board.ask_to_stop.remote())

    def drop(self, cell: str) -> None:
        """The same for one of them."""
        self._answer(self._board.drop.remote(cell))

    def close(self) -> None:
        """Cancel what is left, and leave the cluster."""
        if not self._lost:  # where the cluster is gone nothing runs, and nothing can be told to end
            with contextlib.suppress(self._ray.exceptions.RayError):
                for reference in self._running:
                    self._ray.cancel(reference, force=True)
                self._ray.kill(self._board)
        if self._mine:
            self._ray.shutdown()

    def _answer(self, reference: Any) -> Any:
        """What the board answers. Raises EngineLost where nobody is left to do so."""
        try:
            if self._head.lost:
                raise self._gone("its head does not answer")
            return self._ray.get(reference, timeout=LOST)
        except self._ray.exceptions.RayError as error:
            raise self._gone(_why(error)) from None

    def _gone(self, why: str) -> EngineLost:
        self._lost = True
        return EngineLost(
            f"Ray's cluster at {self._head.address} is gone: {why}. What is finished is kept, and what was at work has "
            "its checkpoints. Start the cluster again, with ray start --head, and give the same command"
        )

    def _outcome(self, reference: Any) -> Outcome:
        cell = self._running.pop(reference)
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            return Failed(cell, f"its machine or worker was lost: {_why(error)}", again=True)
        return outcome

    def _new_board(self) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # On the driver's machine, so that it lasts as long as the sweep does.
        here = NodeAffinitySchedulingStrategy(self._ray.get_runtime_context().get_node_id(), soft=False)
        return self._ray.remote(num_cpus=0, scheduling_strategy=here)(Board).remote()


def _task(task: Task, board: Any) -> Outcome:
    """A cell, on a worker of Ray's."""
    import ray

    line = Line(ray, board)
    until = time.monotonic() + HELD
    outcome: Outcome = Stopped(task.cell)
    while not line.stop(CellProgress(task.cell, 0, task.config.optimize.steps, float("nan")), wait=True):
        outcome = work(task, line.stop)
        if not (isinstance(outcome, Failed) and outcome.held and task.tries == 1 and time.monotonic() < until):
            break
        time.sleep(TRY)
        outcome = Stopped(task.cell)
    if isinstance(outcome, Stopped) and line.dead:
        return Failed(task.cell, "its worker heard nothing of the sweep any more", again=True)
    return outcome


class Line:
    """A worker's line to the board; `dead` once nobody is there."""

    def __init__(self, ray: Any, board: Any) -> None:
        self._ray, self._board = ray, board
        self._asked: list[tuple[float, Any]] = []
        self.dead = False

    def stop(self, progress: CellProgress, *, wait: bool = False) -> bool:
        """Say how far a cell is, and hear whether it is to stop: not the answer to this, unless it is to `wait` for it,
        but to what was said before."""
        self._asked.append((time.monotonic(), self._board.tell.remote(progress)))
        references = [reference for _, reference in self._asked]
        ready, _ = self._ray.wait(references, num_returns=len(references), timeout=ORPHANED if wait else 0)
        self._asked = [one for one in self._asked if one[1] not in ready]
        told = False
        try:
            told = any(self._ray.get(ready))
        except self._ray.exceptions.RayError:
            self.dead = True
        oldest = self._asked[0][0] if self._asked else math.inf
        self.dead |= time.monotonic() - oldest >= ORPHANED
        return self.dead or told


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


def _why(error: Exception) -> str:
    """An error of Ray's in one line: of a traceback that came from afar the last one, which says what is wrong."""
    lines = [line.strip() for line in _COLOURS.sub("", str(error)).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    return lines[-1] if lines[0].startswith("ray::") else lines[0]
