"""What is left of a plot after a look at its sheet: corrected, and plotted in place of the run's own layers.

The layers lie in the folder `corrected` of the run, as `plotart align sheet` writes them, with a word of what was
taken.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plotart.calibration.similarity import Similarity
from plotart.files.atomic import write_file

if TYPE_CHECKING:
    from plotart.job.sheet import SheetLook

FOLDER, TAKEN = "corrected", "taken.json"


@dataclass(frozen=True)
class Taken:
    """A correction that was taken: the run's first `after` pens are drawn, the SVG has what is left, whose lines are
    moved by `correction`."""

    after: int
    svg: Path
    correction: Similarity


def taken(run: Path) -> Taken | None:
    """What was taken for a run's plot; None for nothing, or what can't be read."""
    folder = run / FOLDER
    try:
        found = json.loads((folder / TAKEN).read_text(encoding="utf-8"))
        way = found["correction"]
        correction = Similarity(tuple(way["shift"]), way["turn"], way["scale"], tuple(way["about"]))
        kept = Taken(int(found["after"]), folder / "plot.svg", correction)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return kept if kept.svg.is_file() else None


def take(run: Path, look: SheetLook) -> None:
    """From now on what is left is plotted as a look has it. Raises OutputError."""
    forget(run)
    look.write(run / FOLDER)
    word = {"after": look.first - 1, "correction": asdict(look.correction)}
    write_file(run / FOLDER / TAKEN, json.dumps(word))


def forget(run: Path) -> None:
    """What is left is plotted as the run has it."""
    folder = run / FOLDER
    (folder / TAKEN).unlink(missing_ok=True)
    for name in ("plot.svg", "plot_*.svg", "plot.plotting.json", "plot.paused_*.svg", "plot.journal_*.log"):
        for path in folder.glob(name):
            path.unlink(missing_ok=True)
