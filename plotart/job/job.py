"""A run under way: from the first look to the last file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch

from plotart.canvas.hands import Hands
from plotart.config import Config
from plotart.errors import CheckpointError, NetworkError
from plotart.job.activations import Activations
from plotart.job.begin import Beginning
from plotart.job.build import Parts
from plotart.job.columns import columns_of, with_columns
from plotart.job.events import OnEvent, Ready
from plotart.job.summary import summary
from plotart.job.timelapse import Timelapse
from plotart.optimize import Course, Step
from plotart.reports.run_report import run_report
from plotart.runs.checkpoints import save_checkpoint
from plotart.runs.metrics import Metrics
from plotart.runs.run import RunFolder
from plotart.runs.stop import Stopping, asked_to_stop

OnStep = Callable[[Step], None]


@dataclass
class Job:
    """`started` is when the run would have been begun, on time.perf_counter's clock, had it gone on all the time."""

    config: Config
    parts: Parts
    folder: RunFolder
    activations: Activations
    metrics: Metrics
    started: float

    @cached_property
    def config_yaml(self) -> str:
        return self.config.dump()

    @classmethod
    def begin(cls, begun: Beginning, parts: Parts, folder: RunFolder, started: float) -> Job:
        """The folder is this run's from here on. Raises ConfigError if a checkpoint is of another run."""
        goes_on = begun.saved is not None and not begun.anew
        touched = not goes_on and _touched(parts, begun.hands)
        job = cls(begun.config, parts, folder, first_look(parts), Metrics(), started)
        folder.sweep()
        if goes_on:
            job._restore(begun)
            touched = _touched(parts, begun.hands)
        if begun.saved is None:
            folder.clear()
        else:
            folder.reopen()
        folder.write("config.yaml", job.config_yaml)
        if touched or begun.anew:
            job._save()
        if begun.anew:
            folder.clear(but=0)
        return job

    def optimize(
        self, on_step: OnStep | None = None, on_event: OnEvent | None = None, *, stopping: Stopping = asked_to_stop
    ) -> Course[None]:
        """All steps that are left, after a Ready. Raises KeyboardInterrupt, or the caller's StopRun, once a checkpoint
        is written."""
        optimizer, export = self.parts.optimizer, self.config.export
        timelapse = Timelapse(
            self.folder, optimizer, pictures=export.timelapse, resolution=self.config.render.resolution
        )
        with stopping() as stop:
            stop.tell(on_event, self._ready())
            if stop.asked:
                self._save()
            stop.obey()
            timelapse.take()
            while not optimizer.finished:
                step = yield from optimizer.step()
                self.metrics.add(partial(_row, replace(step, laid=None)))
                yield from self._fix_pens()
                timelapse.take()
                stop.tell(on_step, step)
                if optimizer.done % self.config.optimize.checkpoint == 0 or optimizer.finished or stop.asked:
                    self._save()
                stop.obey()
        yield from optimizer.hardening()
        timelapse.finish()

    def finish(self) -> None:
        """The files of the finished drawing, its report, and last of all its summary."""
        hard = self.parts.activation(self.parts.canvas.hard().image.detach())
        done = self.parts.outcome.write(self.folder)
        plotted = None if done.plotted is None else self.parts.activation(done.plotted)
        self.activations = replace(self.activations, hard=hard, plotted=plotted)
        rows = self.metrics.rows
        found = summary(
            self.config,
            self.config_yaml,
            self.parts,
            self.activations,
            done.summary,
            line=done.line,
            recycled=sum(int(row.get("recycled", 0)) for row in rows),
            seconds=time.perf_counter() - self.started,
        )
        report = run_report(
            self.folder.path,
            name=self.config.name,
            summary=found,
            metrics=rows,
            config_yaml=self.config_yaml,
            **done.sheet,
        )
        self.folder.write("metrics.csv", self.metrics.text())
        self.folder.write("report.html", report)
        self.folder.write("summary.json", json.dumps(found, indent=2) + "\n")

    def _ready(self) -> Ready:
        optimizer, canvas = self.parts.optimizer, self.parts.canvas
        return Ready(
            done=optimizer.done,
            total=optimizer.plan.steps,
            phase="polish" if optimizer.hardened else "soft",
            pens=canvas.palette.pens(),
            page=canvas.page,
            picture=optimizer.picture,
            laid=optimizer.laid,
        )

    def _fix_pens(self) -> Course[None]:
        """Once the soft phase is over: look at its end, and give every stroke its pen."""
        optimizer, canvas = self.parts.optimizer, self.parts.canvas
        if not optimizer.soft_finished or self.activations.soft is not None:
            return
        image = optimizer.soft_frame().image.detach()
        self.activations = replace(self.activations, soft=self.parts.activation(image))
        self.parts.outcome.soft(self.folder, image)
        yield from optimizer.hardening()
        if canvas.matches:
            self.activations = replace(self.activations, matched=self.parts.activation(canvas.hard().image.detach()))

    def _save(self) -> None:
        tensors, state = self.parts.optimizer.state()
        metadata = {
            "optimizer": state,
            "activation": json.dumps(self.activations.known),
            "seconds": repr(time.perf_counter() - self.started),
            "threads": str(torch.get_num_threads()),
        }
        self.folder.write("metrics.csv", self.metrics.text())
        save_checkpoint(self.folder, self.parts.optimizer.done, tensors, metadata)

    def _restore(self, begun: Beginning) -> None:
        assert begun.saved is not None
        optimizer, (tensors, metadata) = self.parts.optimizer, begun.saved
        before, now = begun.before or begun.config, begun.config
        columns = columns_of(before, now)
        try:
            if columns is not None:
                tensors = with_columns(tensors, columns)
            optimizer.restore(tensors, metadata["optimizer"])
            self.started -= float(metadata["seconds"])
            self.activations = Activations(**json.loads(metadata["activation"]))
            fixed = bool(json.loads(metadata["optimizer"])["hardened"])
        except (KeyError, ValueError, TypeError, RuntimeError) as error:
            raise CheckpointError(
                f"{self.folder.path}: can't go on, the checkpoint is of another config ({error})"
            ) from None
        if fixed != optimizer.soft_finished:
            raise CheckpointError(
                f"{self.folder.path}: can't go on after {optimizer.done} steps, as the pens were "
                f"{'fixed' if fixed else 'not yet fixed'} then; allowed are optimize.steps and optimize.polish "
                "by which that stays so"
            )
        if (before.page, before.pens) != (now.page, now.pens) and optimizer.plan.project:
            self.parts.canvas.refit()
        self.metrics = Metrics.read(self.folder.path / "metrics.csv", optimizer.done)


def first_look(parts: Parts) -> Activations:
    """Activations of the bare paper and of the start. Raises NetworkError where the image or a view is too small."""
    canvas, optimizer = parts.canvas, parts.optimizer
    try:
        smallest = optimizer.plan.at(0).detail
        views = optimizer.views.choose(canvas.page, canvas.resolution(smallest), torch.Generator())
        view = views.seen(canvas.soft(1.0, views, detail=smallest).image.detach(), canvas.paper)[:1]
        optimizer.objective.activation(view, canvas.page)
        return Activations(parts.activation(canvas.blank()), parts.activation(optimizer.soft_frame().image.detach()))
    except NetworkError as error:
        keys = "page.size, render.resolution, render.crop, render.coarse or augment.size"
        raise NetworkError(f"{keys}: {error}") from None


def _touched(parts: Parts, hands: Hands | None) -> bool:
    """Whether hands have changed anything. Raises InputError."""
    return hands is not None and parts.optimizer.touch(hands)


def _row(step: Step) -> dict[str, float]:
    row: dict[str, float] = {"step": step.number, "loss": step.loss}
    row |= step.losses
    row |= {"temperature": step.temperature, "softness": step.softness, "sharpness weight": step.sharpness}
    return {**row, "decided": step.decided, "top probability": step.top, "recycled": step.recycled}
