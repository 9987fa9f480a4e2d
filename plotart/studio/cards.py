"""What the wall shows of a version."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

#: Steps that the curve of the loss has.
MOST_LOSSES = 400

#: How a version stands: not drawn yet, queued, under way, held, left with a checkpoint, ended by a fault, finished.
VersionState = Literal["draft", "waiting", "drawing", "paused", "stopped", "failed", "done"]


@dataclass(frozen=True)
class Note:
    """What people say of a version, and where it came from: kept by the studio."""

    stars: int = 0
    note: str = ""
    name: str = ""
    parent: str | None = None
    made: str = ""
    active: bool = False  # was being drawn, or waited for it, when this was written
    paused: bool = False

    def but(self, **changes: Any) -> Note:
        return replace(self, **changes)


@dataclass(frozen=True)
class Figures:
    """What is known of a finished drawing."""

    name: str = ""
    steps: int = 0
    metres: float | None = None
    minutes: float | None = None
    excitation: float | None = None
    pens: tuple[tuple[str, str], ...] = field(default=())


def figures_of(folder: Path) -> Figures | None:
    """Out of a run's summary; None where there is none."""
    path = folder / "summary.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return None


def losses_of(folder: Path) -> list[float]:
    """The loss of the steps that metrics.csv has, evenly thinned to at most MOST_LOSSES."""
    try:
        with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
            found = [float(row["loss"]) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found[:: 1 + len(found) // MOST_LOSSES]


@lru_cache(maxsize=2048)
def _read(path: Path, changed: int) -> Figures | None:
    """`changed` is in the way of figures that are out of date."""
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        activation, line = summary.get("activation", {}), summary.get("line") or {}
        pens = tuple((str(pen["name"]), str(pen["color"])) for pen in summary.get("pens", ()) if pen.get("strokes", 1))
        seconds = summary.get("plot_seconds")
        return Figures(
            str(summary.get("name", "")),
            int(summary.get("steps", 0)),
            line.get("metres"),
            None if seconds is None else float(seconds) / 60,
            activation.get("plotted", activation.get("hard")),
            pens,
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
