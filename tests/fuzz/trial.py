"""One input tried: the command run in this process, under watch."""

from __future__ import annotations

import io
import os
import platform
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import typer

from fuzz import charts, configs, pen_files, pictures, runs, svgs, weights
from fuzz.case import Make, Place, Seeds
from plotart.cli import app as program

#: What is tried, and how large its share of all inputs is.
KINDS: dict[str, tuple[Make, int]] = {
    "config": (configs.config, 44),
    "override": (configs.override, 16),
    "generate": (configs.generate, 6),
    "svg": (svgs.svg, 16),
    "svg-start": (svgs.begin_with_svg, 1),
    "picture": (pictures.picture, 10),
    "picture-term": (pictures.likeness, 2),
    "pens": (pen_files.show, 16),
    "pens-import": (pen_files.import_pens, 16),
    "pens-name": (pen_files.named, 1),
    "weights-motif": (weights.motif, 3),
    "weights-vgg16": (weights.vgg, 3),
    "direction": (weights.direction, 2),
    "run": (runs.run, 8),
    "resume": (runs.resume, 1),
    "chart-layout": (charts.layout, 6),
    "chart-scan": (charts.scan, 2),
}

#: Kinds that may ask for weights of a published network, which they don't get.
FETCHING = ("generate", "override")

#: Outcomes that are as they should be.
FINE = ("done", "refused", "stopped")

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
_PROGRAMS = {"os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "os.fork", "os.startfile"}


@dataclass(frozen=True)
class Outcome:
    """done, refused (status 2), stopped (status 1) are fine; traceback, status, wrote, ran and network are not.

    memory: the most that the process had meanwhile, in bytes.
    """

    name: str
    detail: str = ""
    words: tuple[str, ...] = ()
    memory: int = 0

    @property
    def fine(self) -> bool:
        return self.name in FINE


class Watch:
    """What Python does while an input is tried: files changed where none may be, programs run, connections made.

    An audit hook can't be taken back: there is one for the process, idle between the inputs.
    """

    def __init__(self) -> None:
        self._allowed: tuple[str, ...] | None = None
        self._fetching = False
        self.seen: list[tuple[str, str]] = []
        sys.addaudithook(self._hear)

    @contextmanager
    def over(self, *allowed: Path, fetching: bool) -> Iterator[None]:
        """Watches; changes within the folders `allowed` are fine, and if `fetching` so is asking for a connection."""
        self.seen.clear()
        self._fetching = fetching
        self._allowed = tuple(f"{os.path.realpath(path)}{os.sep}" for path in allowed)
        try:
            yield
        finally:
            self._allowed = None

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._allowed is None:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = isinstance(mode, str) and any(letter in mode for letter in "wax+")
            if isinstance(path, (str, bytes)) and (writes or (isinstance(flags, int) and flags & _WRITING)):
                self._check(path)
        elif event in ("os.remove", "os.rmdir") and arguments[-1] != -1:
            return  # relative to a folder that is open, as where a temporary one is cleared
        elif event in _CHANGES:
            for path in arguments[: 2 if event in ("os.rename", "os.link") else 1]:
                if isinstance(path, (str, bytes)):
                    self._check(path)
        elif event in _PROGRAMS:
            self.seen.append(("ran", f"{event} {arguments[:2]}"))
            raise PermissionError("not while bad input is tried")
        elif event in ("socket.connect", "socket.getaddrinfo"):
            if not self._fetching:
                self.seen.append(("network", f"{event} {arguments[1:]}"))
            raise OSError("no network while bad input is tried")

    def _check(self, path: str | bytes) -> None:
        real = os.path.realpath(os.fsdecode(path))
        # Numba keeps what it compiles beside the code.
        fine = real == os.devnull or f"{os.sep}__pycache__{os.sep}" in f"{real}{os.sep}"
        if not fine and not f"{real}{os.sep}".startswith(self._allowed or ()):
            self.seen.append(("wrote", real))


def attempt(kind: str, seed: int, folder: Path, seeds: Seeds, watch: Watch) -> Outcome:
    """Makes the input of that kind and seed in `folder`, which is emptied first, and runs its command."""
    platform.processor()  # asks a program of the system once, which is not an input's doing
    shutil.rmtree(folder, ignore_errors=True)
    place = Place(folder)
    for path in (place.given, place.here):
        path.mkdir(parents=True)
    words = KINDS[kind][0](Random(f"{kind} {seed}"), place, seeds)
    own = place.folder / "own"
    tempfile.tempdir = str(own)
    own.mkdir()
    os.environ |= {"PLOTART_CACHE": str(own / "cache"), "PLOTART_CONFIG": str(own / "config"), "COLUMNS": "200"}
    os.environ["MPLCONFIGDIR"] = str(own / "matplotlib")
    os.chdir(place.here)
    _reset_peak()
    with watch.over(place.here / "outputs", place.out, own, fetching=kind in FETCHING):
        name, detail = _run(words)
    if watch.seen:
        name, detail = watch.seen[0]
    return Outcome(name, detail, tuple(words), _peak())


@cache
def _command() -> Any:
    """All commands, put together once: that takes longer than most inputs."""
    return typer.main.get_command(program.app)


def _run(words: list[str]) -> tuple[str, str]:
    """How the program ended, and what it said of that."""
    before = sys.argv, sys.stdout, sys.stderr
    # As a terminal would have it: what is no UTF-8 can't be printed.
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    try:
        # What comes from a command line has its surrogates as Python has them there.
        sys.argv, sys.stdout, sys.stderr = ["plotart", *words], out, err
        with mock.patch.object(program, "app", _command()):
            program.main()
    except SystemExit as ended:
        said = err.buffer.getvalue().decode(errors="replace").strip()  # type: ignore[attr-defined]
        if ended.code in (0, 1, 2):
            return FINE[(0, 2, 1).index(ended.code)], said
        return "status", f"{ended.code}: {said}"
    except BaseException:
        return "traceback", traceback.format_exc()
    finally:
        sys.argv, sys.stdout, sys.stderr = before
    raise AssertionError("main() always exits")


def _reset_peak() -> None:
    """Forgets the most memory that this process has had, where the system lets it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak() -> int:
    """The most memory, in bytes, that this process has had since the last reset; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
