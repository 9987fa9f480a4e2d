"""What a sweep's folder tells of it: sweep.json, sweep.csv, index.html and the thumbnails."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.errors import ConfigError, OutputError
from plotart.schema.differences import differences
from plotart.sweep.entry import Entry, State
from plotart.sweep.figures import NUMBERS
from plotart.sweep.grid import Cell
from plotart.sweep.shown import card_of, csv_text
from plotart.sweep.vary import Axis

if TYPE_CHECKING:
    from plotart.reports.gallery import Card
    from plotart.runs.run import RunFolder

#: The files that say which sweep a folder holds, or which search.
RECORD, SEARCH = "sweep.json", "search.json"


@dataclass
class Record:
    """A sweep and how its cells stand. Files are written whole, and as seldom or often as asked."""

    folder: RunFolder
    cells: tuple[Cell, ...]
    axes: tuple[Axis, ...]
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, cells: Sequence[Cell], axes: Sequence[Axis]) -> Record:
        """The record in a folder, or a new one. Raises ConfigError where the folder holds another sweep, or something
        else; OutputError if it can't be written. Nothing is written yet but the folder."""
        from plotart.runs.run import RunFolder

        record = cls(RunFolder.create(path), tuple(cells), tuple(axes), {cell.name: Entry() for cell in cells})
        if (path / RECORD).is_file():
            record._read(path / RECORD)
        else:
            check_free(path)
        return record

    def count(self, state: State) -> int:
        return sum(entry.state == state for entry in self.entries.values())

    def named(self, state: State) -> list[str]:
        """The cells of a state, in the grid's order."""
        return [cell.name for cell in self.cells if self.entries[cell.name].state == state]

    def write(self) -> None:
        """sweep.json, sweep.csv and index.html. Raises OutputError."""
        from plotart.reports.gallery import gallery_html

        self.folder.write(RECORD, json.dumps(self._json(), indent=1, ensure_ascii=False) + "\n")
        self.folder.write("sweep.csv", csv_text(self._json()["cells"], [axis.key for axis in self.axes]))
        self.folder.write("index.html", gallery_html(self.cells[0].config.name, self._shown(), len(self.cells)))

    def keep_best(self, count: int) -> list[str]:
        """Remove the run folders of all but the `count` cells of the highest activation, once all are done; their
        figures and thumbnails stay. The names of the removed. Raises OutputError."""
        ranked = sorted(self.named("done"), key=lambda name: -_figure(self.entries[name], "activation"))
        removed = [name for name in ranked[count:] if (self.folder.path / name).is_dir()]
        for name in removed:
            # Marked first: a run that is half removed is not taken for one to be drawn anew.
            self.entries[name].removed = True
        self.write()
        for name in removed:
            self._remove(self.folder.path / name)
        return removed

    def _remove(self, path: Path) -> None:
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise OutputError(f"{path}: can't be removed ({error.strerror or error})") from None

    def _json(self) -> dict[str, Any]:
        return {
            "name": self.cells[0].config.name,
            "vary": {axis.key: list(axis.values) for axis in self.axes},
            "first_config": self.cells[0].config.model_dump(mode="json", by_alias=True),
            "cells": [
                {
                    "name": cell.name,
                    "values": cell.values,
                    "state": entry.state if entry.state in ("done", "failed") else "unfinished",
                    "removed": entry.removed,
                    "message": entry.message,
                    **(entry.figures or {}),
                }
                for cell, entry in zip(self.cells, self.entries.values(), strict=True)
            ],
        }

    def _shown(self) -> list[Card]:
        return [
            card_of(self.folder.path, cell, entry)
            for cell, entry in zip(self.cells, self.entries.values(), strict=True)
            if entry.state in ("done", "failed")
        ]

    def _read(self, path: Path) -> None:
        """How cells stood when the file was written. Raises ConfigError for another sweep, or a damaged file."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            vary, first, rows = data["vary"], data["first_config"], data["cells"]
            self._compare(path, vary, first)
            for row in rows:
                if row["state"] != "done":
                    continue
                entry = self.entries[row["name"]]
                removed = bool(row["removed"])
                # Of a folder that was taken away by hand nothing is left to show: it is drawn again.
                if removed or (path.parent / row["name"] / "summary.json").is_file():
                    figures = {key: row[key] for key in (*NUMBERS, "pens")}
                    self.entries[row["name"]] = Entry("done", figures, tries=entry.tries, removed=removed)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"{path}: can't be read as a sweep's record ({error})") from None

    def _compare(self, path: Path, vary: dict[str, Any], first: dict[str, Any]) -> None:
        now = json.loads(json.dumps(self._json()))
        different = [*differences(vary, now["vary"])] or [*differences(first, now["first_config"])]
        if different:
            raise ConfigError(
                f"{path}: holds another sweep: {'; '.join(map(str, different))}; "
                "allowed: what the sweep was begun with, or another folder with --out"
            )


def check_free(path: Path) -> None:
    """Raises OutputError where the folder holds a run, a sweep or a search."""
    for file, what in {"config.yaml": "single run", RECORD: "sweep", SEARCH: "search"}.items():
        if (path / file).is_file():
            raise OutputError(f"{path}: holds a {what}; give another folder with --out")


def _figure(entry: Entry, key: str) -> float:
    value = (entry.figures or {}).get(key)
    return float("-inf") if value is None else float(value)
