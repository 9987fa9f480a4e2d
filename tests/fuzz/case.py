"""One bad input: the files that a kind of it writes, and the command that reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random


@dataclass(frozen=True)
class Seeds:
    """Good files to start from, made once: finished and stopped runs, charts, scans, weights."""

    folder: Path

    @property
    def run(self) -> Path:
        """A finished run."""
        return self.folder / "run"

    @property
    def stopped(self) -> Path:
        """A run that was stopped half-way, with checkpoints; its config is stopped.yaml."""
        return self.folder / "stopped"

    @property
    def chart(self) -> Path:
        """chart.layout.json, beside chart.svg and scan.png."""
        return self.folder / "chart" / "chart.layout.json"


@dataclass(frozen=True)
class Place:
    """Where one input is tried: `given` holds what a person gives and is not to be written to, `here` is the current
    folder, `out` where files may be written (besides `here`/outputs)."""

    folder: Path

    @property
    def given(self) -> Path:
        return self.folder / "a" / "b" / "given"

    @property
    def here(self) -> Path:
        return self.folder / "a" / "b" / "here"

    @property
    def out(self) -> Path:
        return self.folder / "a" / "b" / "out"

    def file(self, name: str, content: str | bytes) -> Path:
        """Writes an input. Text may hold what is no Unicode: it is written as it is."""
        path = self.given / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
        return path


#: Writes an input, and gives the words of the command that reads it.
Make = Callable[[Random, Place, Seeds], list[str]]
