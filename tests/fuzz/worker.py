"""A process that tries inputs, and who watches it: what hangs, takes too much memory or crashes is ended."""

from __future__ import annotations

import multiprocessing as mp
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from fuzz.case import Seeds
from fuzz.trial import Outcome, Watch, attempt

#: The most memory that an input may take, all that is loaded included, in bytes.
MOST_MEMORY = 2 << 30

#: Seconds for one input, and for a worker to load everything.
MOST_SECONDS = 10.0
_STARTING = 300.0

#: Inputs after which a worker is replaced, so that nothing that piles up is taken for an input's doing.
_LIFE = 1000


class Worker:
    """Tries inputs one by one in a process of its own."""

    def __init__(self, folder: Path, seeds: Seeds) -> None:
        self._folder, self._seeds = folder, seeds
        self._process: mp.process.BaseProcess | None = None
        self._tried = 0

    def attempt(self, kind: str, seed: int) -> Outcome:
        """How the input of that kind and seed ended; hang, memory and crash too are outcomes. What hangs is tried once
        more: the machine may have had other things to do."""
        found = self._attempt(kind, seed)
        return self._attempt(kind, seed) if found.name == "hang" else found

    def _attempt(self, kind: str, seed: int) -> Outcome:
        if self._tried >= _LIFE:
            self.end()
        if self._process is None:
            self._start()
        assert self._process is not None
        self._tried += 1
        try:
            self._pipe.send((kind, seed))
        except OSError:
            return self._ended("crash", "before the input was given")
        until = time.monotonic() + MOST_SECONDS
        while not self._pipe.poll(0.1):
            if not self._process.is_alive():
                return self._ended("crash", f"exit code {self._process.exitcode}")
            if (taken := _resident(self._process.pid)) > 2 * MOST_MEMORY:
                return self._ended("memory", f"{taken / 2**20:.0f} MiB and rising")
            if time.monotonic() > until:
                return self._ended("hang", f"more than {MOST_SECONDS:g} s")
        try:
            found: Outcome = self._pipe.recv()
        except (EOFError, OSError):
            return self._ended("crash", f"exit code {self._process.exitcode}")
        if found.fine and found.memory > MOST_MEMORY:
            return replace(found, name="memory", detail=f"{found.memory / 2**20:.0f} MiB")
        return found

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process, self._tried = None, 0

    def _start(self) -> None:
        context = mp.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, self._folder, self._seeds), daemon=True)
        self._process.start()
        other.close()
        if not self._pipe.poll(_STARTING) or self._pipe.recv() != "ready":
            raise RuntimeError("a worker does not start")

    def _ended(self, name: str, detail: str) -> Outcome:
        self.end()
        return Outcome(name, detail)


def _work(pipe: Connection, folder: Path, seeds: Seeds) -> None:
    """Loads and compiles all that commands need by good input, then tries what comes through the pipe."""
    import plotart.reports.html

    # What comes of odd figures in metrics.csv is a test's matter: drawing charts takes longer than all else.
    plotart.reports.html.metric_charts = lambda metrics: {}
    watch = Watch()
    for kind in ("svg", "generate", "picture", "chart-scan", "run", "resume"):
        for seed in range(-3, 0):
            attempt(kind, seed, folder, seeds, watch)
    pipe.send("ready")
    while True:
        kind, seed = pipe.recv()
        pipe.send(attempt(kind, seed, folder, seeds, watch))


def _resident(pid: int | None) -> int:
    """Bytes of memory that a process has at the moment; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)
