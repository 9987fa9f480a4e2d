"""What a worker does with a cell, whatever engine it works for."""

from __future__ import annotations

import os
import platform
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.config import Config
from plotart.errors import Diverged, HeldError, InputError, OutputError, StopRun
from plotart.runs.omp import wait_passively

if TYPE_CHECKING:
    from plotart.optimize import Course, Step

#: Seconds between two words of a worker on how far it is.
TELL_EVERY = 0.25

#: The environment variables that libraries read when they are loaded.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Task:
    """A cell for a worker, for the `tries`th time.

    `folder` is the sweep's, absolute, and `mark` a file in it that the worker has to see.
    """

    cell: str
    config: Config
    folder: str
    mark: str
    threads: int
    tries: int = 1


@dataclass(frozen=True)
class CellProgress:
    """A cell has done `step` of `total` steps; `reached` is how well its views reach the goals, as activations are
    counted."""

    cell: str
    step: int
    total: int
    loss: float
    reached: float = float("nan")


@dataclass(frozen=True)
class Finished:
    """A cell's run is whole; its figures are those of `plotart.sweep.keepsakes`."""

    cell: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class Failed:
    """A cell's run ended with an error; `again` where another try may do better, `held` where its folder was another
    process's."""

    cell: str
    message: str
    again: bool
    held: bool = False


@dataclass(frozen=True)
class Stopped:
    """A cell's run left a checkpoint when it was asked to stop."""

    cell: str


Outcome = Finished | Failed | Stopped

#: Hears how far a cell is, and answers whether it is to stop.
Tell = Callable[[CellProgress], bool]


def use_threads(count: int) -> None:
    """Let numeric libraries use so many threads; to be called before any of them is loaded, or they keep pools that
    are larger."""
    wait_passively()
    if "torch" not in sys.modules:
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(count)))
    import torch

    torch.set_num_threads(count)


def work(task: Task, tell: Tell) -> Outcome:
    """Draw the cell, or go on with it from its newest checkpoint; what is finished is only read."""
    use_threads(task.threads)
    from plotart.optimize.ensemble import alone

    return alone(working(task, tell))


def working(task: Task, tell: Tell, **options: Any) -> Course[Outcome]:
    """`work` as a course that can be gone together with others', with `options` of `generating`; torch has as many
    threads as the task says."""
    try:
        return (yield from _working(task, tell, options))
    except (StopRun, KeyboardInterrupt):
        return Stopped(task.cell)
    except (InputError, Diverged) as error:
        # A worker that was lost may hold the folder for a while.
        held = isinstance(error, HeldError)
        return Failed(
            task.cell, str(error), again=held or (isinstance(error, OutputError) and task.tries > 1), held=held
        )
    except Exception as error:  # whatever it is, the other cells go on, and this one may have another try
        return Failed(task.cell, f"{type(error).__name__}: {error}", again=True)


def _working(task: Task, tell: Tell, options: dict[str, Any]) -> Course[Outcome]:
    from plotart.files.lock import NAME, signature
    from plotart.job.generate import generating
    from plotart.sweep.keepsakes import figures_of

    told = -TELL_EVERY

    def report(step: Step) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < TELL_EVERY and step.number < step.total:
            return
        told = now
        if tell(CellProgress(task.cell, step.number, step.total, step.loss, step.reached)):
            raise StopRun(f"{task.cell}: stopped after step {step.number}")

    folder = _seen_folder(task)
    lock = folder / task.cell / NAME
    if task.tries > 1 and signature(lock).get("host") != platform.node():
        # Of a machine that went down with the cell; where the system's own locks are seen they decide.
        lock.unlink(missing_ok=True)
    run = yield from generating(
        task.config,
        out=folder / task.cell,
        existing="resume",
        threads=task.threads,
        on_step=report,
        **options,
    )
    return Finished(task.cell, figures_of(run, folder))


def _seen_folder(task: Task) -> Path:
    """The sweep's folder. Raises OutputError where this machine sees another one under its name, or none."""
    folder = Path(task.folder)
    if not (folder / task.mark).is_file():
        raise OutputError(
            f"{folder}: {socket.gethostname()} does not see the sweep's folder; "
            "give one with --out that all machines of the cluster share, under the same path"
        )
    return folder
