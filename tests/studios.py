"""A studio for tests: the real server on a port of its own, with workers or with one that only plays."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from plotart.studio.app import make_app
from plotart.studio.crew import Crew
from plotart.studio.guard import Doorkeeper
from plotart.studio.studio import Studio

#: A drawing of a second: eight strokes for five steps, with a goal that needs no network.
TINY: dict[str, Any] = {
    "name": "tiny",
    "page": {"size": [60, 40], "margin": 5},
    "pens": [{"name": "Black", "color": "#1b1b1b", "width": 0.8}, {"name": "Red", "color": "#c8102e", "width": 0.8}],
    "strokes": {"count": 8, "economy": {"keep": 1, "price": 0}},
    "render": {"resolution": 48},
    "objective": [{"type": "excitation", "network": "motif", "class": "tiger"}],
    "augment": {"views": 1},
    "optimize": {"steps": 6, "checkpoint": 2},
    "export": {"preview": 96},
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["error"]["message"])


@dataclass(frozen=True)
class Opened:
    """A studio that is being served on this machine."""

    studio: Studio
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, wait: float = 30
    ) -> Answer:
        """One request; `body` as JSON unless it is bytes."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=wait)
        try:
            connection.request(method, path, content, dict(headers or {}))
            found = connection.getresponse()
            return Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
        finally:
            connection.close()

    def act(self, version: str, action: str, **more: Any) -> Answer:
        return self.ask("POST", f"/api/versions/{version}/act", {"action": action, **more})

    def new(self, config: Mapping[str, Any] | None = None, *, draw: bool = False) -> str:
        """The id of a new version of a config, TINY if none is given."""
        found = self.ask("POST", "/api/versions", {"from": {"config": dict(config or TINY)}, "draw": draw})
        assert found.status == 201, found.body
        return str(found.json["id"])

    def card(self, version: str) -> dict[str, Any]:
        return dict(self.ask("GET", f"/api/versions/{version}").json)

    def until(self, version: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """The card of a version once it is in one of these states."""
        return self.wait(lambda: card if (card := self.card(version))["state"] in states else None, seconds)

    def wait(self, found: Callable[[], Any], seconds: float = 60) -> Any:
        """What is found, once it is there."""
        end = time.monotonic() + seconds
        while not (value := found()):
            assert time.monotonic() < end, "it took too long"
            time.sleep(0.05)
        return value


@contextlib.contextmanager
def opened_studio(folder: Path, *, crew: type | None = None, token: str = "") -> Iterator[Opened]:
    """The studio of a folder, served until this ends; its workers are of `crew` in place of real ones."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    studio = Studio(folder, crew=crew or Crew)
    app = make_app(studio, Doorkeeper("127.0.0.1", port, token))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", ws="websockets-sansio", ws_max_size=65_536, timeout_graceful_shutdown=1)
    )

    def run() -> None:
        asyncio.run(server.serve([listener]))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield Opened(studio, port)
    finally:
        server.should_exit = True
        thread.join(40)
        listener.close()


class Player:
    """Stands in for the workers: what it is told to draw is under way until a random moment, and then done."""

    def __init__(
        self,
        on_word: Callable[[dict[str, Any]], None],
        on_frame: Callable[[str, bytes], None],
        on_picture: Callable[[str, bytes], None],
        on_lost: Callable[[str, int], None],
    ) -> None:
        self._on_word, self._on_lost = on_word, on_lost
        self._random = random.Random(0)
        self._tasks: dict[str, dict[str, Any]] = {}
        self._lock = threading.RLock()

    def warm(self) -> None:
        pass

    def watch(self, versions: frozenset[str]) -> None:
        pass

    def draw(self, version: str, task: Mapping[str, Any]) -> None:
        with self._lock:
            self._tasks[version] = dict(task)
        self._say(version, "paused" if task["paused"] else "drawing")

    def order(self, version: str, order: str, **more: Any) -> bool:
        with self._lock:
            if version not in self._tasks:
                return False
            if order == "change":
                self._tasks[version] = {**more, "paused": self._tasks[version]["paused"]}
            if order in ("pause", "step"):
                self._tasks[version]["paused"] = True
            if order == "go":
                self._tasks[version]["paused"] = False
        if order == "stop":
            self._leave(version)
            self._end(version, "stopped")
        elif order != "watch":
            self._say(version, "paused" if self._tasks[version]["paused"] else "drawing")
        return True

    def play(self) -> None:
        """Something happens to what is under way: it gets on, is done, fails, or its worker is killed."""
        for version, task in list(self._tasks.items()):
            if task["paused"]:
                continue
            kind = self._random.choice(["progress", "done", "done", "failed", "lost"])
            if kind == "progress":
                self._on_word({"type": "progress", "id": version, "serial": task["serial"], "step": 1, "total": 6})
            elif kind == "done":
                self._leave(version)
                summary = {"name": task["name"], "steps": 6, "activation": {"plotted": 1.0}, "pens": []}
                Path(task["folder"], "summary.json").write_text(json.dumps(summary), encoding="utf-8")
                self._end(version, "done")
            elif kind == "failed":
                self._end(version, "failed", message="it failed")
            else:
                with self._lock:
                    self._tasks.pop(version, None)
                self._on_lost(version, -9)

    def end(self) -> None:
        with self._lock:
            self._tasks.clear()

    def _leave(self, version: str) -> None:
        """What a run leaves in its folder."""
        from plotart.studio.document import State
        from plotart.studio.folder import Version
        from plotart.studio.studio import write_config

        task = self._tasks[version]
        folder = Path(task["folder"])
        write_config(Version(version, folder), State.read(task["state"]))
        (folder / "checkpoints").mkdir(exist_ok=True)
        (folder / "checkpoints" / "00000002.safetensors").write_bytes(b"strokes")

    def _say(self, version: str, kind: str, **more: Any) -> None:
        with self._lock:
            serial = self._tasks[version]["serial"]
        self._on_word({"type": kind, "id": version, "serial": serial, **more})

    def _end(self, version: str, kind: str, **more: Any) -> None:
        with self._lock:
            serial = self._tasks.pop(version)["serial"]
        self._on_word({"type": kind, "id": version, "serial": serial, **more})
