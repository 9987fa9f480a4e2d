"""What a sweep's folder tells of it: sweep.json, sweep.csv, index.html and the thumbnails."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from plotart.errors import ConfigError, OutputError
from plotart.schema.differences import differences
from plotart.schema.problems import show
from plotart.sweep.figures import NUMBERS
from plotart.sweep.grid import Cell
from plotart.sweep.vary import Axis

if TYPE_CHECKING:
    from plotart.runs.run import RunFolder

State = Literal["waiting", "running", "done", "failed"]

#: The file that says which sweep a folder holds.
RECORD = "sweep.json"


@dataclass
class Entry:
    """How a cell stands: `removed` where the figures are all that was kept of its run."""

    state: State = "waiting"
    figures: dict[str, Any] | None = None
    message: str = ""
    tries: int = 0
    removed: bool = False


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
        elif (path / "config.yaml").is_file():
            raise OutputError(f"{path}: holds a single run; give another folder with --out")
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
        self.folder.write("sweep.csv", self._csv())
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

    def _csv(self) -> str:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["cell", *(axis.key for axis in self.axes), "state", *NUMBERS, "message"])
        for row in self._json()["cells"]:
            values = [v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in row["values"].values()]
            numbers = ["" if row.get(name) is None else row[name] for name in NUMBERS]
            writer.writerow([row["name"], *values, row["state"], *numbers, row["message"]])
        return out.getvalue()

    def _shown(self) -> list[Any]:
        from plotart.reports.gallery import Card
        from plotart.sweep.keepsakes import thumbnail_name

        cards = []
        for cell, entry in zip(self.cells, self.entries.values(), strict=True):
            if entry.state not in ("done", "failed"):
                continue
            values = {key: v if isinstance(v, (int, float, str)) else show(v) for key, v in cell.values.items()}
            picture = self.folder.path / thumbnail_name(cell.name)
            cards.append(
                Card(
                    name=cell.name,
                    values=values,
                    thumbnail=picture.read_bytes() if picture.is_file() else b"",
                    report="" if entry.removed or entry.figures is None else f"{cell.name}/report.html",
                    figures=entry.figures or {},
                    message=entry.message,
                )
            )
        return cards

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


def _figure(entry: Entry, key: str) -> float:
    value = (entry.figures or {}).get(key)
    return float("-inf") if value is None else float(value)
