"""A worker: a process that draws one version at a time, shows it while it grows, and does what the page asks.

Orders come as lines of JSON on its standard input, what it tells goes out in packets (wire.py) on its standard output.
When the input ends, as it does when the server is killed, the run is left with a checkpoint.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from plotart.errors import CheckpointError, PlotartError, StopRun
from plotart.studio.document import State
from plotart.studio.wire import FRAME, PICTURE, TEXT, write_packet

if TYPE_CHECKING:
    from torch import Tensor

    from plotart.config import Config
    from plotart.geometry.page import Page
    from plotart.job.begin import Existing
    from plotart.job.events import Event, Ready
    from plotart.optimize import Step

#: Seconds between two drawings that are shown, two words on how far it is, and two pictures for the wall.
SHOWN_EVERY, TOLD_EVERY, PICTURED_EVERY = 1 / 25, 0.25, 4.0

#: Share of the full resolution that pictures for the wall have.
THUMBNAIL = 0.75

Order = dict[str, Any]

#: What a worker draws a step of, for nobody, so that the first drawing that somebody waits for begins at once.
_WARM: dict[str, Any] = {
    "name": "warm",
    "pens": [{"name": "Black", "color": "#1b1b1b", "width": 0.5}],
    "strokes": {"count": 4},
    "render": {"resolution": 64},
    "objective": [{"type": "excitation", "network": "motif", "class": "tiger"}],
}


@dataclass(frozen=True)
class Task:
    """A version to draw: its folder, what it is to be, and how it begins (as `generate` has it). `serial` counts what
    was asked of it, so that the server knows what came of which."""

    version: str
    folder: str
    name: str
    state: State
    base: str
    existing: Existing
    serial: int
    anew: bool = False
    paused: bool = False

    @classmethod
    def read(cls, order: Mapping[str, Any]) -> Task:
        given = {key: value for key, value in order.items() if key not in ("order", "state")}
        return cls(state=State.read(order["state"]), **given)

    def config(self) -> Config:
        from plotart.config import Config

        return Config.from_dict(self.state.config, name=self.name, folder=self.base)


class Changed(StopRun):
    """The run ends at its checkpoint to go on otherwise."""

    def __init__(self, task: Task) -> None:
        super().__init__("changed")
        self.task = task


@dataclass
class Worker:
    """Draws what it is told to, one version at a time."""

    orders: queue.Queue[Order | None]
    tell: Callable[[bytes, bytes], None]
    watched: bool = False
    closed: bool = False
    _shown: float = 0.0
    _told: float = 0.0
    _pictured: float = 0.0
    _paused: bool = False
    _task: Task | None = None
    _page: Page | None = None

    def serve(self) -> None:
        """One version after another, until the input ends."""
        while not self.closed:
            order = self.orders.get()
            if order is None:
                return
            if order["order"] == "draw":
                self._draw(Task.read(order))
            elif order["order"] == "watch":
                self.watched = bool(order["on"])

    def _draw(self, task: Task) -> None:
        self._paused, self._shown, self._told, self._pictured = task.paused, 0.0, 0.0, time.monotonic()
        while True:
            self._task = task
            try:
                self._generate(task)
            except Changed as changed:
                task = changed.task
                continue
            except StopRun:
                self._say("stopped")
            except PlotartError as error:
                self._say("failed", message=str(error))
            except Exception:
                traceback.print_exc()
                self._say("failed", message="Something went wrong that should not; the studio's terminal has more.")
            else:
                self._say("done")
            return

    def _generate(self, task: Task) -> None:
        from plotart.job.generate import generate

        config = task.config()
        arguments: dict[str, Any] = {"out": task.folder, "on_step": self._step, "on_event": self._event}
        self._say("drawing" if not self._paused else "paused")
        try:
            generate(config, existing=task.existing, hands=_hands(task.state), anew=task.anew, **arguments)
        except CheckpointError:
            self._say("note", message="That can't be changed in a drawing that is under way: it begins anew.")
            generate(config, existing="overwrite", **arguments)

    def _event(self, event: Event) -> None:
        from plotart.job.events import Download, Note, Ready

        if isinstance(event, Ready):
            self._page = event.page
            self._show(event, force=True)
            self._picture(event.picture, force=True)
            self._obey(event)
        elif isinstance(event, Note):
            self._say("note", message=event.text)
        elif isinstance(event, Download):
            self._say("download", done=event.done, total=event.total)

    def _step(self, step: Step) -> None:
        last = step.number == step.total
        self._show(step, force=last, kept=last)
        self._picture(step.picture, force=last)
        now = time.monotonic()
        if now - self._told >= TOLD_EVERY or last:
            self._told = now
            self._say("progress", step=step.number, total=step.total, loss=step.loss)
        self._obey(step)

    def _obey(self, seen: Step | Ready) -> None:
        """Do what was asked meanwhile; while it is paused, wait for what is asked. Raises StopRun."""
        stepped = False
        while True:
            waits = self._paused and not stepped
            try:
                order = self.orders.get(block=waits)
            except queue.Empty:
                return
            if order is None:
                self.closed = True
                raise StopRun("the studio has ended")
            if self._task is None or order.get("version", self._task.version) != self._task.version:
                continue  # came too late for the version that it is about
            kind = order["order"]
            if kind == "pause":
                self._paused = True
                self._show(seen, force=True)
                self._say("paused")
            elif kind == "go":
                self._paused = False
                self._say("drawing")
            elif kind == "step":
                if not self._paused:
                    self._say("paused")
                self._paused, stepped = True, True
            elif kind == "watch":
                self.watched = bool(order["on"])
                self._show(seen, force=True)
            elif kind == "stop":
                self._show(seen, force=True, kept=True)
                raise StopRun("stopped")
            elif kind == "change":
                task = Task.read({**order, "paused": self._paused})
                raise Changed(self._newest(task))

    def _newest(self, task: Task) -> Task:
        """The last of the changes that wait: a slider asks for many."""
        waiting: list[Order | None] = []
        while not self.orders.empty():
            waiting.append(self.orders.get())
        for order in waiting:
            if order is not None and order["order"] == "change":
                task = Task.read({**order, "paused": self._paused})
            else:
                self.orders.put(order)
        return task

    def _show(self, seen: Step | Ready, *, force: bool = False, kept: bool = False) -> None:
        """Show its lines; those that are kept are told even if nobody watches, for whoever comes later."""
        now = time.monotonic()
        if self._task is None or self._page is None or not (self.watched or kept):
            return
        if now - self._shown < SHOWN_EVERY and not force:
            return
        self._shown = now
        from plotart.studio.shown import frame_of

        frame = frame_of(self._task.version, seen, self._page, now=force)
        if frame is not None:
            self.tell(FRAME, frame)

    def _picture(self, picture: Callable[[float], Tensor], *, force: bool = False) -> None:
        now = time.monotonic()
        if now - self._pictured < PICTURED_EVERY and not force:
            return
        self._pictured = now
        from plotart.plotter.simulate import to_picture

        file = io.BytesIO()
        to_picture(picture(THUMBNAIL)).save(file, "PNG", compress_level=1)
        self.tell(PICTURE, file.getvalue())

    def _say(self, kind: str, **more: Any) -> None:
        task = self._task
        about = {"id": task.version, "serial": task.serial} if task is not None else {}
        self.tell(TEXT, json.dumps({"type": kind, **about, **more}).encode())


def _hands(state: State) -> Any:
    from plotart.canvas.hands import Hands

    return Hands(held=state.hands.held, gone=state.hands.gone, moved=state.hands.moved)


def _read_orders(stream: BinaryIO, orders: queue.Queue[Order | None]) -> None:
    for line in stream:
        orders.put(json.loads(line))
    orders.put(None)


def _warm() -> None:
    """Import what takes long, load the network and compile the renderer, before anybody waits for it."""
    from plotart.config import Config
    from plotart.job import job  # noqa: F401
    from plotart.job.build import build

    optimizer = build(Config.from_dict(_WARM)).optimizer
    next(optimizer.steps())


def main() -> None:
    """A worker's life."""
    from plotart.runs.omp import wait_passively

    wait_passively()
    # What libraries print must not come between packets.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock = threading.Lock()

    def tell(kind: bytes, content: bytes) -> None:
        # Without a server nobody listens; the input has ended too then, which lets the run write a checkpoint.
        with lock, contextlib.suppress(BrokenPipeError):
            write_packet(out, kind, content)

    orders: queue.Queue[Order | None] = queue.Queue()
    threading.Thread(target=_read_orders, args=(sys.stdin.buffer, orders), daemon=True).start()
    _warm()
    Worker(orders, tell).serve()


if __name__ == "__main__":
    main()
