"""Progress bars of the command line."""

from __future__ import annotations

import math
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from plotart.errors import InputError

if TYPE_CHECKING:
    from plotart.optimize import Step


#: Seconds from one look at a step's figures to the next: a GPU has to be waited for.
READ_EVERY = 0.1


class DoingColumn(ProgressColumn):
    """A task's description; before its first step, how much of the renderer is compiled, where that has to be done."""

    def render(self, task: Task) -> Text:
        # The module loads Numba, and is there once something is drawn.
        compiled = getattr(sys.modules.get("plotart.render.kernels"), "compiled", None)
        if not task.completed and compiled and (kernels := compiled()) and kernels[0] < kernels[1]:
            return Text(f"compiling the renderer, once ({kernels[0]} of {kernels[1]})")
        return Text(task.description)


class StepBar:
    """One line while a drawing is made: steps, loss, temperature, strokes decided, speed and time left.

    Once lines that could not be seen have begun again elsewhere, it says how many.
    """

    def __init__(self, console: Console, total: int) -> None:
        self.progress = Progress(
            SpinnerColumn(),
            DoingColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=console,
        )
        self.done = 0
        self._recycled, self._figures, self._read = 0, list[str](), -math.inf
        self._task: TaskID = self.progress.add_task("preparing", total=total, figures="")

    def __enter__(self) -> StepBar:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, InputError):
            self.progress.update(self._task, visible=False)
        self.progress.stop()

    def update(self, step: Step) -> None:
        self.done = step.number
        speed = self.progress.tasks[0].speed
        if (now := time.monotonic()) - self._read >= READ_EVERY or step.number == 1:
            self._figures, self._read = [f"loss {step.loss:.3f}"], now
            if step.phase == "soft":
                self._figures += [f"temperature {step.temperature:.2f}", f"decided {step.decided:.0%}"]
        figures = [*self._figures]
        self._recycled += step.recycled
        if self._recycled and step.phase == "soft":
            figures.append(f"{self._recycled} unseen moved")
        if speed:
            figures.append(f"{speed:.1f} steps/s")
        description = "drawing" if step.phase == "soft" else "polishing"
        if step.number == step.total:
            description, figures = "exporting", []
        self.progress.update(self._task, description=description, completed=step.number, figures=" · ".join(figures))


class DownloadBar:
    """A second line while weights are downloaded."""

    def __init__(self, bar: StepBar) -> None:
        self._progress = bar.progress
        self._task: TaskID | None = None

    def update(self, done: int, total: int) -> None:
        if self._task is None:
            self._task = self._progress.add_task("downloading weights", total=total or None, figures="")
        megabytes = f"{done / 1e6:.0f} MB"
        self._progress.update(self._task, completed=done, figures=megabytes, visible=not total or done < total)
