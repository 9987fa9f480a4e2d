"""The worker processes of the studio, and what goes to and fro between them and the server."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

from plotart.studio.wire import FRAME, PICTURE, packets

#: Seconds that workers have to leave a checkpoint when the studio ends.
PATIENCE = 20.0

# A session of its own, on Windows a group: Ctrl-C is for the server, which lets workers end with a checkpoint.
if sys.platform == "win32":
    _GROUP = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _GROUP = 0


class Hand:
    """One worker process, and the version that it draws."""

    def __init__(self, crew: Crew) -> None:
        self.version: str | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "plotart.studio.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            creationflags=_GROUP,
        )
        self._lock = threading.Lock()
        self._crew = crew
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def order(self, order: Mapping[str, Any]) -> None:
        """Tell it to do something; one that has died is heard of in `_listen`."""
        assert self._process.stdin is not None
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(order, separators=(",", ":")).encode() + b"\n")
            self._process.stdin.flush()

    def dismiss(self) -> None:
        """No more orders: it leaves a checkpoint, and ends."""
        assert self._process.stdin is not None
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()

    def wait(self, seconds: float) -> None:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            for kind, content in packets(cast(BinaryIO, self._process.stdout)):
                self._crew.heard(self, kind, content)
        except (ValueError, OSError):
            self._process.kill()
        self._crew.lost(self, self._process.wait())


class Crew:
    """Workers, of whom one that is free is kept warm.

    on_word     is called with what a worker says: a message with the version's id
    on_frame    with a version and the bytes of its drawing; on_picture with a version and a PNG of it
    on_lost     with a version whose worker ended without a word
    All of them from threads of their own.
    """

    def __init__(
        self,
        on_word: Callable[[dict[str, Any]], None],
        on_frame: Callable[[str, bytes], None],
        on_picture: Callable[[str, bytes], None],
        on_lost: Callable[[str, int], None],
    ) -> None:
        self._on_word, self._on_frame, self._on_picture, self._on_lost = on_word, on_frame, on_picture, on_lost
        self._hands: list[Hand] = []
        self._lock = threading.RLock()
        self._watched: frozenset[str] = frozenset()
        self._ended = False

    def warm(self) -> None:
        """Have a worker ready that nobody needs yet."""
        with self._lock:
            if not self._ended and all(hand.version is not None for hand in self._hands):
                self._hands.append(Hand(self))

    def draw(self, version: str, task: Mapping[str, Any]) -> None:
        """Give a version to a worker that is free."""
        with self._lock:
            self.warm()
            hand = next(hand for hand in self._hands if hand.version is None)
            hand.version = version
            hand.order({"order": "watch", "on": version in self._watched})
            hand.order({"order": "draw", "version": version, **task})

    def order(self, version: str, order: str, **more: Any) -> bool:
        """Tell the worker of a version something; False if it has none."""
        with self._lock:
            hand = self._of(version)
            if hand is not None:
                hand.order({"order": order, "version": version, **more})
            return hand is not None

    def watch(self, versions: frozenset[str]) -> None:
        """Which versions anybody looks at."""
        with self._lock:
            changed, self._watched = versions ^ self._watched, versions
            for hand in self._hands:
                if hand.version in changed:
                    hand.order({"order": "watch", "on": hand.version in versions})

    def end(self) -> None:
        """Every run leaves a checkpoint; returns when all workers have ended."""
        with self._lock:
            self._ended, hands = True, list(self._hands)
            for hand in hands:
                hand.dismiss()
        for hand in hands:
            hand.wait(PATIENCE)

    def heard(self, hand: Hand, kind: bytes, content: bytes) -> None:
        version = hand.version
        if version is None:
            return
        if kind == FRAME:
            self._on_frame(version, content)
        elif kind == PICTURE:
            self._on_picture(version, content)
        else:
            said = json.loads(content)
            if said["type"] in ("done", "stopped", "failed"):
                self._set_free(hand)
            self._on_word(said)

    def _set_free(self, hand: Hand) -> None:
        """One that is free is kept; another one takes memory for nothing."""
        with self._lock:
            if any(other.version is None for other in self._hands):
                hand.dismiss()
            hand.version = None

    def lost(self, hand: Hand, status: int) -> None:
        with self._lock:
            self._hands.remove(hand)
            version = hand.version
        if version is not None and not self._ended:
            self._on_lost(version, status)

    def _of(self, version: str) -> Hand | None:
        return next((hand for hand in self._hands if hand.version == version), None)
