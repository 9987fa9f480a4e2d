"""An engine of sweeps that only pretends to draw."""

from __future__ import annotations

from collections.abc import Callable

from plotart.config import Config
from plotart.sweep.work import CellProgress, Outcome

FIGURES = {
    "activation": 1.5,
    "blank": -2.0,
    "retained": 0.9,
    "plot_seconds": 120.0,
    "wall_seconds": 3.0,
    "lines": 3,
    "metres": 0.31,
    "lifts_per_m": 9.7,
    "mean_mm": 103.3,
    "stubs": 0.0,
    "overlaid": 0.06,
    "crossings_per_100mm": 2.9,
    "activation_per_metre": 11.29,
    "pens": [{"name": "Red", "color": "#c8102e", "strokes": 3}],
}


class Pretend:
    """Answers for each cell what `say(cell, tries)` returns."""

    threads = 1

    def __init__(self, say: Callable[[str, int], Outcome], workers: int = 2) -> None:
        self.room, self.say = workers, say
        self.submitted: list[str] = []
        self.answers: list[CellProgress | Outcome] = []
        self.dropped: list[str] = []
        self.most = self.stops = 0

    def submit(self, cell: str, config: Config, tries: int) -> None:
        self.submitted.append(cell)
        self.answers += [CellProgress(cell, 1, 5, 0.5), self.say(cell, tries)]
        self.most = max(self.most, sum(not isinstance(answer, CellProgress) for answer in self.answers))

    def news(self, timeout: float) -> list[CellProgress | Outcome]:
        answers, self.answers = self.answers, []
        return answers

    def ask_to_stop(self) -> None:
        self.stops += 1

    def drop(self, cell: str) -> None:
        self.dropped.append(cell)

    def close(self) -> None:
        pass
