"""How the run went: one small chart per column of metrics.csv, as SVG for a web page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from plotart.reports.line_chart import line_chart

#: Columns that come first, and those that say nothing as a curve.
LEADING = ("loss", "temperature", "decided", "top probability", "sharpness weight", "sharpness")
LEFT_OUT = ("step",)

#: What lies beyond these was not measured; on a scale of its own, it would leave nothing to be seen of the rest.
LEAST, MOST = 1e-100, 1e100


def metric_charts(metrics: Sequence[dict[str, float]]) -> dict[str, Markup]:
    """A chart as an <svg> element by column, those that LEADING names first; equal input, equal bytes.

    Values that are missing, not finite or beyond LEAST and MOST leave a gap; a column without two values has no chart,
    nor one that is 0 throughout, as its part of the run was not used.
    """
    charts: dict[str, Markup] = {}
    steps = [_measured(row.get("step", index)) for index, row in enumerate(metrics)]
    for column in sorted(_columns(metrics), key=_rank):
        values = [_measured(row.get(column)) for row in metrics]
        points = [y for x, y in zip(steps, values, strict=True) if math.isfinite(x) and math.isfinite(y)]
        if len(points) >= 2 and any(points):
            charts[column] = line_chart(steps, values, "step")
    return charts


def _columns(metrics: Iterable[dict[str, float]]) -> list[str]:
    """Every row's columns, in the order in which they first appear."""
    return [name for name in dict.fromkeys(name for row in metrics for name in row) if name not in LEFT_OUT]


def _rank(column: str) -> int:
    for place, word in enumerate(LEADING):
        if column == word or column.rpartition(".")[2] == word:
            return place
    return len(LEADING)


def _measured(value: object) -> float:
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return found if LEAST < abs(found) < MOST or found == 0 else math.nan
