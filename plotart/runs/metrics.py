"""The numbers of a run, step by step: metrics.csv."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

from plotart.errors import DrawingError


class Metrics:
    """A row of numbers per step; kept in memory, written whole."""

    def __init__(self, rows: list[dict[str, float]] | None = None) -> None:
        self._rows = rows or []
        self._coming: list[Callable[[], dict[str, float]]] = []

    @property
    def rows(self) -> list[dict[str, float]]:
        self._rows += [row() for row in self._coming]
        self._coming.clear()
        return self._rows

    def add(self, row: Callable[[], dict[str, float]]) -> None:
        """A step's row, which is asked for when it is first needed: the numbers may still be under way on a GPU."""
        self._coming.append(row)

    def text(self) -> str:
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()}
            for row in self.rows
        )
        return out.getvalue()

    @classmethod
    def read(cls, path: Path, up_to: int) -> Metrics:
        """The rows of the first `up_to` steps of a metrics.csv; none if there is no such file. Raises DrawingError."""
        if not path.is_file():
            return cls()
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
            if not all(math.isfinite(value) for row in rows for value in row.values()):
                raise ValueError("a value is not finite")
            return cls([{**row, "step": int(row["step"])} for row in rows if row["step"] <= up_to])
        except (OSError, ValueError, KeyError, TypeError, OverflowError, csv.Error) as error:
            raise DrawingError(f"{path}: can't be read as metrics, a number per step and column ({error})") from None
