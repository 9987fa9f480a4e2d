"""The search: drawings are tried one after another, each where the ones before let hope for good ones, until the time
or their number is used up."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from plotart.errors import ConfigError, PlotartError
from plotart.runs.stop import asked_to_stop
from plotart.sweep.engines import EngineName, check_engine, engine_of
from plotart.sweep.grid import Cell, check_parts
from plotart.sweep.loop import OnEvent, draw
from plotart.sweep.proposals import LEAST_STARTS, MOST_STARTS, load_optuna, propose
from plotart.sweep.ranking import POWERS, scale_of
from plotart.sweep.record import SEARCH
from plotart.sweep.space import Space
from plotart.sweep.trials import Source, Trial, Trials
from plotart.sweep.work import CellProgress

#: The share of its steps at which a drawing is looked at early, and the share up to which its beginning is seen. It is
#: given up if it is in the last of so many equal parts of those before it, of which there have to be so many, where the
#: gain counts for so much: what a drawing excites early says little of its score otherwise (docs/sweeps.md).
EARLY, BEGINNING, PARTS, KNOWN, GAIN_COUNTS = 0.4, 0.1, 3, 6, 0.5

#: So many trials that fail one after another end the search: something is wrong that no other values cure.
FAILING = 8


@dataclass(frozen=True)
class Budget:
    """What a search may use, in all: so many drawings, so many seconds, or both; one of them is given."""

    trials: int | None = None
    seconds: float | None = None

    @property
    def starts(self) -> int:
        """Drawings at random to begin with."""
        third = MOST_STARTS if self.trials is None else self.trials // 3
        return max(LEAST_STARTS, min(MOST_STARTS, third))


def search(
    source: Source,
    space: Space,
    *,
    out: Path,
    budget: Budget,
    best: int = 5,
    powers: Mapping[str, float] = POWERS,
    seed: int = 0,
    engine: EngineName = "local",
    workers: int | None = None,
    retries: int = 2,
    on_event: OnEvent | None = None,
) -> Trials:
    """Try drawings with values from the space, each into its folder in `out`, and choose the `best`; go on with what an
    earlier search left there. With one worker, equal seeds try the same.

    budget    what is used by all calls together. No drawing is begun that would not be done in time, as far as the
              others tell; what is at work when time is up is stopped with a checkpoint, from which another call goes on
              that has more time
    powers    how much the parts of a score count, which sum to 1
    workers, retries, engine, interrupts: as for `plotart.sweep.run.sweep`

    Raises InputError for configs that can't be drawn, and for a folder that holds something else, before anything is
    drawn; MissingError where Optuna or Ray is not installed; PlotartError where trial after trial fails.
    """
    load_optuna()
    check_engine(engine)
    begun = time.monotonic()
    trials = Trials.open(out, source, space, seed=seed, powers=powers, best=best)
    plan = _Search(trials, budget, begun)
    if plan.left:
        check_parts([Cell("--search", space.values(one), source.config(space, one)) for one in space.corners])
    trials.write()
    if not plan.left:
        return trials
    with asked_to_stop() as stop:
        crew = engine_of(engine, workers, trials.folder.path, SEARCH, budget.trials)
        try:
            draw(plan, trials, crew, retries=retries, stop=stop, on_event=on_event)
        finally:
            crew.close()
            plan.count_time()
            trials.write()
    if stop.asked:
        raise KeyboardInterrupt
    return trials


class _Search:
    """The plan of a search."""

    def __init__(self, trials: Trials, budget: Budget, begun: float) -> None:
        self._trials, self._budget = trials, budget
        self._begun = begun - trials.seconds
        self._unfinished = deque(trials.trials[name] for name in trials.named("waiting"))
        self._exhausted = False
        self._failing = 0
        #: What trials had reached in the beginning, as far as it was seen.
        self._at_first: dict[str, float] = {}

    def count_time(self) -> None:
        self._trials.seconds = time.monotonic() - self._begun

    @property
    def over(self) -> bool:
        self.count_time()
        return self._time_left <= 0

    @property
    def left(self) -> bool:
        self.count_time()
        return self._time_left > self._usual_seconds and (bool(self._unfinished) or self._may_grow)

    def next(self) -> Cell | None:
        while self.left:
            trial = self._unfinished.popleft() if self._unfinished else self._new()
            if trial is None:
                self._exhausted = True
                return None
            if trial.cell is not None:
                return trial.cell
            self._count_failures(trial)
        return None

    def hopeless(self, progress: CellProgress) -> bool:
        trial = self._trials.trials[progress.cell]
        if 0 < progress.step <= max(1, BEGINNING * progress.total):
            self._at_first.setdefault(trial.name, progress.reached)
        # The beginning of one that is gone on with is not seen.
        seen = trial.early is None and trial.name in self._at_first
        if not seen or progress.step < EARLY * progress.total:
            return False
        trial.early = progress.reached - self._at_first[trial.name]
        others = [other.early for other in self._like(trial) if other.early is not None]
        matters = self._trials.powers["gain"] >= GAIN_COUNTS and len(others) >= KNOWN
        return matters and trial.early < quantiles(others, n=PARTS, method="inclusive")[0]

    def settled(self, cell: str) -> None:
        self.count_time()
        self._count_failures(self._trials.trials[cell])

    @property
    def _time_left(self) -> float:
        return float("inf") if self._budget.seconds is None else self._budget.seconds - self._trials.seconds

    @property
    def _usual_seconds(self) -> float:
        """That a drawing takes; 0 as long as none was finished."""
        entries = (self._trials.trials[name].entry for name in self._trials.named("done"))
        return median([entry.figures["wall_seconds"] for entry in entries if entry.figures] or [0.0])

    @property
    def _may_grow(self) -> bool:
        most = self._budget.trials
        return not self._exhausted and (most is None or len(self._trials.trials) < most)

    def _new(self) -> Trial | None:
        trials = self._trials
        points = propose(trials.space, trials.told(), seed=trials.seed, starts=self._budget.starts)
        if points is None:
            return None
        trial = trials.add(points)
        trials.save()  # before its folder is there: a search that is killed now goes on with the same values
        return trial

    def _like(self, trial: Trial) -> list[Trial]:
        """The finished trials whose excitation is of the same kind."""
        assert trial.cell is not None
        scale = scale_of(trial.cell.config)
        done = (self._trials.trials[name] for name in self._trials.named("done"))
        return [other for other in done if other.cell is not None and scale_of(other.cell.config) == scale]

    def _count_failures(self, trial: Trial) -> None:
        self._failing = self._failing + 1 if trial.entry.state == "failed" else 0
        if self._failing >= FAILING:
            raise PlotartError(f"{FAILING} drawings failed one after another, the last one: {trial.entry.message}")


def powers_of(words: str) -> dict[str, float]:
    """Of ``gain=2,rhythm=0`` the powers of all parts, which sum to 1; those that are not named keep what they have.
    Raises ConfigError."""
    parts = dict(POWERS)
    label = f"--score {words}"
    for word in words.split(","):
        name, _, number = (part.strip() for part in word.partition("="))
        if name not in parts:
            raise ConfigError(
                f"{label}: found {name or 'nothing'}; allowed: {', '.join(POWERS)}, as in gain=2,rhythm=0"
            )
        try:
            parts[name] = float(number)
        except ValueError:
            parts[name] = -1.0
        if not 0 <= parts[name] <= 1000:
            raise ConfigError(f"{label}: found {number or 'no number'} for {name}; allowed: 0 to 1000")
    total = sum(parts.values())
    if not total:
        raise ConfigError(f"{label}: nothing counts; allowed: one part above 0 at least")
    return {name: value / total for name, value in parts.items()}
