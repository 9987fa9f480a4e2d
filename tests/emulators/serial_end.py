"""The machine's end of a serial line, as a pseudo-terminal: bytes in, replies out, whole or in pieces."""

from __future__ import annotations

import os
import random
import select
import threading
import tty


class Unplugged(Exception):
    """A machine raises it in `step`: its cable comes out, with what it answered half sent."""


class SerialEnd:
    """Runs `step` in a thread until it is closed; `name` is what a program opens.

    pieces  replies are written in pieces of 1 to so many bytes, as USB adapters hand them on; 0 = whole
    """

    def __init__(self, *, pieces: int = 0, seed: int = 0) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.name = os.ttyname(self._slave)
        self._pieces, self._dice = pieces, random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.failure: BaseException | None = None

    def __enter__(self) -> SerialEnd:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Raises what the emulator's thread broke down with: a test must not pass over it."""
        self._over.set()
        self._thread.join()
        self.pull()
        if self.failure is not None:
            raise self.failure

    def pull(self) -> None:
        """Pulls the cable: whoever has the other end open gets an error or the end of the file."""
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1

    @property
    def pulled(self) -> bool:
        return self._master < 0

    def receive(self, seconds: float) -> bytes:
        """What came, after at most so many real seconds."""
        if self.pulled:
            self._over.wait(min(seconds, 0.01))
            return b""
        ready, _, _ = select.select([self._master], [], [], seconds)
        return os.read(self._master, 4096) if ready else b""

    def send(self, data: bytes) -> None:
        while data and not self.pulled:
            size = self._dice.randint(1, min(self._pieces, len(data))) if self._pieces else len(data)
            os.write(self._master, data[:size])
            data = data[size:]

    def step(self) -> None:
        raise NotImplementedError

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self.step()
        except Unplugged:
            self.pull()
        except BaseException as error:
            self.failure = error
