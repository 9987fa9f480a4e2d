"""The trials of a search and how they stand: search.json, search.csv, index.html, the configs of the best."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.config import Config
from plotart.errors import ConfigError
from plotart.export.line_figures import LineFigures
from plotart.schema.differences import differences
from plotart.sweep.entry import Entry, State
from plotart.sweep.figures import LINE, NUMBERS
from plotart.sweep.grid import Cell
from plotart.sweep.keepsakes import thumbnail_name
from plotart.sweep.proposals import Told
from plotart.sweep.ranking import Drawn, Mark, View, marks, scale_of, view_of
from plotart.sweep.record import SEARCH, check_free
from plotart.sweep.shown import card_of, csv_text
from plotart.sweep.space import Point, Space

if TYPE_CHECKING:
    from plotart.reports.gallery import Card
    from plotart.runs.run import RunFolder

#: The columns of search.csv that sweeps do not have.
MARKS = ("score", "rank", "gain", "coverage", "rhythm", "cleanliness")


@dataclass(frozen=True)
class Source:
    """What all trials have in common: the config's file, and what is changed in it."""

    path: Path
    overrides: tuple[str, ...] = ()

    def config(self, space: Space, points: Mapping[str, Point]) -> Config:
        """Raises ConfigError where the points don't go together."""
        return Config.load(self.path, [*self.overrides, *space.overrides(points)])


@dataclass
class Trial:
    """One drawing of the search.

    cell   None where its config is refused
    early  what it had gained since its beginning when it was looked at early; None where it was not
    """

    name: str
    points: dict[str, Point]
    cell: Cell | None
    entry: Entry
    early: float | None = None


@dataclass
class Trials:
    """A search and how its trials stand; `first` is a config as all of its trials have, and `seconds` the time that it
    has had, in all."""

    folder: RunFolder
    source: Source
    space: Space
    first: Config
    seed: int
    powers: Mapping[str, float]
    best: int
    trials: dict[str, Trial] = field(default_factory=dict)
    seconds: float = 0.0
    _views: dict[str, View] = field(default_factory=dict)

    @classmethod
    def open(
        cls, path: Path, source: Source, space: Space, *, seed: int, powers: Mapping[str, float], best: int
    ) -> Trials:
        """Those in a folder, or none yet. Raises ConfigError where the folder holds another search, or something else;
        OutputError if it can't be written. Nothing is written yet but the folder."""
        from plotart.runs.run import RunFolder

        first = source.config(space, space.first)
        found = cls(RunFolder.create(path), source, space, first, seed, powers, best)
        if (path / SEARCH).is_file():
            found._read(path / SEARCH)
        else:
            check_free(path)
        return found

    @property
    def entries(self) -> dict[str, Entry]:
        return {name: trial.entry for name, trial in self.trials.items()}

    def count(self, state: State) -> int:
        return sum(trial.entry.state == state for trial in self.trials.values())

    def named(self, state: State) -> list[str]:
        return [name for name, trial in self.trials.items() if trial.entry.state == state]

    def add(self, points: Mapping[str, Point]) -> Trial:
        """One more trial, which has failed where its config is refused."""
        name = f"trial-{len(self.trials) + 1:03d}"
        trial = self._trial(name, points)
        self.trials[name] = trial
        return trial

    def told(self) -> list[Told]:
        """What is known of all trials, for who proposes the next."""
        found = self.marks()
        return [Told(trial.points, self._value(name, found)) for name, trial in self.trials.items()]

    def marks(self) -> dict[str, Mark]:
        """What those are worth that are done, by name."""
        done = [name for name in self.named("done") if self._seen(name) is not None]
        return dict(zip(done, marks([self._drawn(name) for name in done], self.powers, self.best), strict=True))

    def chosen(self) -> list[str]:
        """The best, in their order."""
        return _ranked(self.marks())

    def write(self) -> None:
        """search.json, search.csv, index.html, and the configs of the best in best/. Raises OutputError."""
        from plotart.reports.gallery import gallery_html

        found = self.marks()
        rows = self.save(found)
        self.folder.write("search.csv", csv_text(rows, [one.key for one in self.space.dimensions], MARKS))
        cards, given_up = self._cards(found), self.count("given up")
        page = gallery_html(self.first.name, cards, len(cards), searched=True, given_up=given_up)
        self.folder.write("index.html", page)
        self._write_best(_ranked(found))

    def save(self, found: Mapping[str, Mark] | None = None) -> list[dict[str, Any]]:
        """search.json alone, and its rows: all that is needed to go on. Raises OutputError."""
        known = self.marks() if found is None else found
        rows = [self._row(name, known.get(name)) for name in self.trials]
        data = {**self._head(), "seconds": round(self.seconds, 1), "score": dict(self.powers), "trials": rows}
        self.folder.write(SEARCH, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
        return rows

    def _write_best(self, names: Sequence[str]) -> None:
        for rank, name in enumerate(names, 1):
            config = (self.folder.path / name / "config.yaml").read_text(encoding="utf-8")
            self.folder.write(f"best/{rank}.yaml", f"# {name} of a search; the same drawing again.\n{config}")
        for path in self.folder.path.glob("best/[0-9]*.yaml"):
            if not path.stem.isdecimal() or int(path.stem) > len(names):
                path.unlink(missing_ok=True)

    def _trial(self, name: str, points: Mapping[str, Point]) -> Trial:
        try:
            config = self.source.config(self.space, points)
        except ConfigError as error:
            return Trial(name, dict(points), None, Entry("failed", message=str(error)))
        return Trial(name, dict(points), Cell(name, self.space.values(points), config), Entry())

    def _value(self, name: str, found: Mapping[str, Mark]) -> float | None:
        """What a trial is worth to who proposes the next; nothing, where nothing came of it."""
        if name in found:
            return found[name].value
        return None if self.trials[name].entry.state in ("waiting", "running") else 0.0

    def _seen(self, name: str) -> View | None:
        """None where the picture is gone."""
        cell = self.trials[name].cell
        if name not in self._views and cell is not None:
            try:
                self._views[name] = view_of(self.folder.path / thumbnail_name(name), cell.config)
            except OSError:
                return None
        return self._views.get(name)

    def _drawn(self, name: str) -> Drawn:
        trial = self.trials[name]
        assert trial.cell is not None
        figures = trial.entry.figures or {}
        line: Any = {key: figures.get(key) for key in LINE}
        return Drawn(
            scale_of(trial.cell.config),
            figures["activation"] - figures["blank"],
            None if line["lines"] is None else LineFigures(**line),
            self._views[name],
        )

    def _head(self) -> dict[str, Any]:
        """What makes this search this one."""
        return {
            "name": self.first.name,
            "seed": self.seed,
            "search": {one.key: one.said for one in self.space.dimensions},
            "first_config": self.first.model_dump(mode="json", by_alias=True),
        }

    def _row(self, name: str, mark: Mark | None) -> dict[str, Any]:
        trial = self.trials[name]
        entry = trial.entry
        parts: dict[str, Any] = {}
        if mark is not None:
            parts = {part: round(value, 4) for part, value in vars(mark.worth).items()}
            parts |= {"score": round(mark.score, 4), "rank": None if mark.rank is None else mark.rank + 1}
        return {
            "name": name,
            "points": trial.points,
            "values": self.space.values(trial.points),
            "state": entry.state if entry.state in ("done", "failed", "given up") else "unfinished",
            "message": entry.message,
            "early": trial.early,
            **parts,
            **(entry.figures or {}),
        }

    def _cards(self, found: Mapping[str, Mark]) -> list[Card]:
        """The best first, then by score, then what failed."""
        ranks = {name: rank for rank, name in enumerate(_ranked(found))}
        names = [*self.named("done"), *self.named("failed")]
        names.sort(key=lambda name: (ranks.get(name, len(ranks)), -found[name].score if name in found else 1.0))
        return [
            card_of(
                self.folder.path,
                Cell(name, self.space.values(trial.points), self.first) if trial.cell is None else trial.cell,
                trial.entry,
                rank=ranks.get(name),
                score=found[name].score if name in found else None,
            )
            for name in names
            for trial in (self.trials[name],)
        ]

    def _read(self, path: Path) -> None:
        """How the trials stood when the file was written. Raises ConfigError for another search, or a damaged file."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            now = json.loads(json.dumps(self._head()))
            different = [one for part in now for one in differences({part: data[part]}, {part: now[part]})]
            if different:
                raise ConfigError(
                    f"{path}: holds another search: {'; '.join(map(str, different))}; "
                    "allowed: what the search was begun with, or another folder with --out"
                )
            self.seconds = float(data["seconds"])
            for row in data["trials"]:
                trial = self._trial(row["name"], row["points"])
                trial.early = row["early"]
                self.trials[trial.name] = trial
                there = (path.parent / trial.name / "summary.json").is_file()
                if row["state"] == "done" and there:
                    trial.entry = Entry("done", {key: row[key] for key in (*NUMBERS, "pens")})
                elif row["state"] == "given up":
                    trial.entry = Entry("given up")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"{path}: can't be read as a search's record ({error})") from None


def _ranked(found: Mapping[str, Mark]) -> list[str]:
    ranks = {name: mark.rank for name, mark in found.items() if mark.rank is not None}
    return sorted(ranks, key=lambda name: ranks[name])
