"""What is shown of cells: their cards in a gallery, and their rows in a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.schema.problems import show
from plotart.sweep.entry import Entry
from plotart.sweep.figures import NUMBERS
from plotart.sweep.grid import Cell

if TYPE_CHECKING:
    from plotart.reports.gallery import Card


def card_of(folder: Path, cell: Cell, entry: Entry, *, rank: int | None = None, score: float | None = None) -> Card:
    """Of a cell that is done or has failed, in the sweep's folder; `rank` is its place among the best, from 0."""
    from plotart.reports.gallery import Card
    from plotart.sweep.keepsakes import thumbnail_name

    values = {key: v if isinstance(v, (int, float, str)) else show(v) for key, v in cell.values.items()}
    picture = folder / thumbnail_name(cell.name)
    return Card(
        name=cell.name,
        values=values,
        thumbnail=picture.read_bytes() if picture.is_file() else b"",
        report="" if entry.removed or entry.figures is None else f"{cell.name}/report.html",
        figures={**(entry.figures or {}), **({} if score is None else {"score": score})},
        message=entry.message,
        rank=rank,
    )


def csv_text(rows: Sequence[Mapping[str, Any]], keys: Sequence[str], more: Sequence[str] = ()) -> str:
    """A table of rows of a record, as its JSON has them: what is varied by `keys`, the state, the figures and `more`
    of them, what went wrong."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["cell", *keys, "state", *more, *NUMBERS, "message"])
    for row in rows:
        values = [v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in row["values"].values()]
        numbers = ["" if row.get(name) is None else row[name] for name in (*more, *NUMBERS)]
        writer.writerow([row["name"], *values, row["state"], *numbers, row["message"]])
    return out.getvalue()
