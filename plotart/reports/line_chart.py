"""A small line chart as an <svg> element for a web page: matplotlib's ticks, without its figure.

A figure of matplotlib's takes twenty times as long, as it lays its texts out twice, to the pixel of a font that the
page may not have. These are in the page's own font.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.ticker import Locator

#: The chart in px; the page scales it.
WIDTH, HEIGHT = 244.8, 136.8

#: px: around the chart, of its letters, of a digit's width, of a tick, and between a tick and its number.
PAD, FONT, DIGIT, TICK, GAP = 3.0, 8.0, 5.1, 2.0, 3.5

#: The share of what is shown that stays free on both sides of the curve.
MARGIN = 0.05

#: px by which a curve with fewer points may stray.
STRAY = 0.05

#: Where the largest value is that many times the smallest, and that is above 0, the scale is logarithmic.
LOG = 50

_INK, _LINE, _GRID, _SPINE = "#4a4742", "#1f5fa8", "#00000014", "#00000033"


@dataclass(frozen=True)
class Scale:
    """An axis: the values from `low` to `high`, its ticks, what stands at each, and what all of them are times of or
    beyond. A logarithmic one counts in powers of ten, and has finer ticks between."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    offset: str = ""
    finer: tuple[float, ...] = ()

    def place(self, values: Sequence[float] | NDArray[np.float64], begin: float, end: float) -> NDArray[np.float64]:
        """px of values between the axis' beginning and its end."""
        return begin + (np.asarray(values, float) - self.low) / (self.high - self.low) * (end - begin)


def line_chart(x: Sequence[float], y: Sequence[float], label: str) -> Markup:
    """y over x, which is called `label` and counted in whole numbers, of at least two values that are finite; others
    leave a gap."""
    from matplotlib import style

    points = np.column_stack([x, y]).astype(float)
    finite = points[np.isfinite(points).all(axis=1)]
    low, high = finite[:, 1].min(), finite[:, 1].max()
    # The defaults and not the person's matplotlibrc: the same run gives the same page everywhere.
    with style.context("default"):
        across = _whole_numbers(finite[:, 0])
        if low > 0 and high > LOG * low:
            points[:, 1] = np.log10(points[:, 1])
            up = _powers_of_ten(math.log10(low), math.log10(high))
        else:
            up = _numbers(low, high)
    return Markup(_svg(points, across, up, label))


def _svg(points: NDArray[np.float64], across: Scale, up: Scale, label: str) -> str:
    left = PAD + max(map(_letters, up.labels), default=0) * DIGIT + GAP + TICK
    right, top = WIDTH - PAD, PAD + (1.5 * FONT if up.offset else 0)
    bottom = HEIGHT - PAD - 2 * FONT - 2 * GAP - TICK
    columns, rows = across.place(across.ticks, left, right), up.place(up.ticks, bottom, top)
    curve = np.column_stack([across.place(points[:, 0], left, right), up.place(points[:, 1], bottom, top)])
    grid = [f"M{c:.2f} {bottom:.2f}V{top:.2f}" for c in columns] + [f"M{left:.2f} {r:.2f}H{right:.2f}" for r in rows]
    ticks = [f"M{c:.2f} {bottom:.2f}v{TICK}" for c in columns] + [f"M{left:.2f} {r:.2f}h-{TICK}" for r in rows]
    finer = [f"M{left:.2f} {r:.2f}h-{TICK * 0.75}" for r in up.place(up.finer, bottom, top)]
    below, foot = bottom + TICK + GAP + 0.75 * FONT, HEIGHT - PAD - 0.25 * FONT
    texts = [
        *(_text(c, below, "middle", name) for c, name in zip(columns, across.labels, strict=True)),
        *(_text(left - TICK - GAP, r + 0.35 * FONT, "end", name) for r, name in zip(rows, up.labels, strict=True)),
        _text((left + right) / 2, foot, "middle", label),
    ]
    if up.offset:
        texts.append(_text(left, PAD + 0.75 * FONT, "start", up.offset))
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" stroke-width="0.8">'
        f'<path stroke="{_GRID}" d="{"".join(grid)}"/>'
        f'<path stroke="{_SPINE}" d="M{left:.2f} {top:.2f}V{bottom:.2f}H{right:.2f}"/>'
        f'<path stroke="{_INK}" d="{"".join(ticks + finer)}"/>'
        f'<path stroke="{_LINE}" stroke-width="1.4" stroke-linejoin="round" d="{"".join(_curve(curve))}"/>'
        f'<g fill="{_INK}" font-size="{FONT:g}">{"".join(texts)}</g></svg>'
    )


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{text}</text>'


def _letters(label: str) -> float:
    """How many digits wide: what is raised is smaller."""
    plain, _, raised = label.partition("<tspan")
    return len(plain) + 0.75 * len(raised.removesuffix("</tspan>").rpartition(">")[2])


def _curve(points: NDArray[np.float64]) -> Iterator[str]:
    """Path data of what is there between gaps."""
    import shapely

    there = np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])
    for part in np.split(np.arange(len(points)), np.flatnonzero(np.diff(there)) + 1):
        if len(part) > 1 and there[part[0]]:
            kept = shapely.get_coordinates(shapely.simplify(shapely.linestrings(points[part]), STRAY))
            yield "M" + " ".join(f"{x:.2f} {y:.2f}" for x, y in kept)


def _whole_numbers(values: NDArray[np.float64]) -> Scale:
    from matplotlib.ticker import MaxNLocator

    return _scale(MaxNLocator(nbins=5, integer=True), values.min(), values.max())


def _numbers(low: float, high: float) -> Scale:
    from matplotlib.ticker import MaxNLocator

    return _scale(MaxNLocator(nbins=6, steps=(1, 2, 2.5, 5, 10)), low, high)


def _scale(locator: Locator, low: float, high: float) -> Scale:
    from matplotlib.ticker import ScalarFormatter

    low, high = _with_margin(*locator.nonsingular(low, high))
    ticks = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
    formatter = ScalarFormatter()
    formatter.create_dummy_axis()
    axis: Any = formatter.axis
    axis.set_view_interval(low, high)
    axis.set_data_interval(low, high)
    labels = formatter.format_ticks(ticks)
    return Scale(low, high, tuple(ticks), tuple(labels), formatter.get_offset())


def _powers_of_ten(low: float, high: float) -> Scale:
    """Of logarithms."""
    from matplotlib.ticker import MaxNLocator

    low, high = _with_margin(low, high)
    ticks = [tick for tick in MaxNLocator(nbins=5, integer=True).tick_values(low, high) if low <= tick <= high]
    minus = "\N{MINUS SIGN}"
    labels = [f'10<tspan dy="-3" font-size="6">{str(round(tick)).replace("-", minus)}</tspan>' for tick in ticks]
    powers = range(math.floor(low), math.ceil(high)) if len(ticks) > 1 and ticks[1] - ticks[0] == 1 else ()
    finer = [place for power in powers for n in range(2, 10) if low <= (place := power + math.log10(n)) <= high]
    return Scale(low, high, tuple(ticks), tuple(labels), finer=tuple(finer))


def _with_margin(low: float, high: float) -> tuple[float, float]:
    return low - MARGIN * (high - low), high + MARGIN * (high - low)
