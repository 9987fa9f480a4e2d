"""What the lines of a drawing are like, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from plotart.reports.numbers import number, percentage, plural


def line_words(line: object, activation_per_metre: object = None) -> str:
    """``64 lines, 9.8 lifts per metre, 88 mm a line, 6% overlaid, 2.9 crossings per 100 mm``, of `line` as in
    summary.json; what is not known is left out."""
    return ", ".join(_parts(line if isinstance(line, Mapping) else {}, activation_per_metre))


def _parts(line: Mapping[str, object], activation_per_metre: object) -> Iterator[str]:
    figures = {key: number(value) for key, value in line.items()}
    known = {key: value for key, value in figures.items() if math.isfinite(value)}
    if "lines" in known:
        yield plural(round(known["lines"]), "line")
    if "lifts_per_m" in known:
        yield f"{known['lifts_per_m']:.1f} lifts per metre"
    if "mean_mm" in known:
        yield f"{known['mean_mm']:.0f} mm a line"
    if known.get("stubs"):
        yield f"{percentage(known['stubs'], 0)} of them stubs"
    if "overlaid" in known:
        yield f"{percentage(known['overlaid'], 0)} overlaid"
    if "crossings_per_100mm" in known:
        yield f"{known['crossings_per_100mm']:.1f} crossings per 100 mm"
    if math.isfinite(gain := number(activation_per_metre)):
        yield f"{gain:.2f} activation per metre"
