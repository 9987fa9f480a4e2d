"""How the run went: one small chart per column of metrics.csv, as SVG for a web page."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

#: Columns that come first, and those that say nothing as a curve.
LEADING = ("loss", "temperature", "decided", "top probability", "sharpness weight", "sharpness")
LEFT_OUT = ("step",)

#: What lies beyond these was not measured; on a scale of its own, it would leave nothing to be seen of the rest.
LEAST, MOST = 1e-100, 1e100

#: Inches of a chart, and the shares of it between which its axes are: room for ticks of eight figures. matplotlib could
#: measure the room that they need, which takes as long as all the rest.
SIZE, AXES = (3.4, 1.9), {"left": 0.16, "right": 0.98, "bottom": 0.2, "top": 0.9}

_INK = "#4a4742"
_LINE = "#1f5fa8"


def metric_charts(metrics: Sequence[dict[str, float]]) -> dict[str, Markup]:
    """A chart as an <svg> element by column, those that LEADING names first; equal input, equal bytes.

    Values that are missing, not finite or beyond LEAST and MOST leave a gap; a column without two values has no chart,
    nor one that is 0 throughout, as its part of the run was not used.
    """
    charts: dict[str, Markup] = {}
    steps = [_measured(row.get("step", index)) for index, row in enumerate(metrics)]
    for column in sorted(_columns(metrics), key=_rank):
        values = [_measured(row.get(column)) for row in metrics]
        if sum(math.isfinite(v) for v in values) >= 2 and any(values):
            charts[column] = _chart(steps, values, prefix=f"chart{len(charts)}-")
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


def _chart(steps: Sequence[float], values: Sequence[float], prefix: str) -> Markup:
    from matplotlib import style
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    settings = {"svg.hashsalt": "plotart", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 8}
    # The defaults and not the person's matplotlibrc: the same run gives the same page everywhere.
    with style.context(["default", settings]):
        figure = Figure(figsize=SIZE)
        figure.subplots_adjust(**AXES)
        figure.patch.set_alpha(0)
        axes = figure.add_subplot()
        axes.patch.set_alpha(0)
        axes.plot(steps, values, color=_LINE, linewidth=1.4)
        finite = [v for v in values if math.isfinite(v)]
        if min(finite) > 0 and max(finite) > 50 * min(finite):
            axes.set_yscale("log")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_xlabel("step", color=_INK)
        axes.tick_params(colors=_INK, length=2)
        axes.grid(color="#00000014")
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color("#00000033")
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    # Of numbers alone: its only text is `step` and the ticks.
    return Markup(_for_inlining(text.getvalue(), prefix))


def _for_inlining(svg: str, prefix: str) -> str:
    """matplotlib's file as an element among others: ids of its own, and no style that reaches beyond it."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*</defs>\s*", "", svg)
    svg = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", svg).replace("xlink:href", "href")
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}", svg)
    # What the style sheet said, which matplotlib's own text and lines count on.
    return svg.replace("<svg ", '<svg class="chart" role="img" stroke-linejoin="round" stroke-linecap="butt" ', 1)
