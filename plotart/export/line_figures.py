"""How clean the lines of a drawing are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plotart.export.crossings import count_crossings
from plotart.export.drawing import Drawing
from plotart.export.line_array import LineArray
from plotart.export.overlaid import overlaid_share

#: mm: what is shorter is a stub, which costs a lift and hardly shows.
STUB = 5.0


@dataclass(frozen=True)
class LineFigures:
    """What the lines of a drawing are like, whatever the machine; None for what there is too little ink to say.

    lines                 drawn with the pen down, each of them a lift
    metres                their length in m
    lifts_per_m           lines per metre
    mean_mm               the length of a line in mm, on average
    stubs                 the share (0 to 1) of lines that are shorter than 5 mm
    overlaid              the share (0 to 1) of the length that is drawn over: within a nib of another line, or of
                          itself more than 4 nibs further along, for longer than 4 nibs at a stretch, which a crossing
                          is not; the nib is the median of the lines' pens
    crossings_per_100mm   points where two lines cross, per 100 mm of line
    """

    lines: int
    metres: float
    lifts_per_m: float | None
    mean_mm: float | None
    stubs: float | None
    overlaid: float | None
    crossings_per_100mm: float | None

    def as_dict(self) -> dict[str, int | float | None]:
        """All of it as plain data, rounded as summary.json has it."""
        return {
            "lines": self.lines,
            "metres": round(self.metres, 2),
            "lifts_per_m": _rounded(self.lifts_per_m, 1),
            "mean_mm": _rounded(self.mean_mm, 1),
            "stubs": _rounded(self.stubs, 3),
            "overlaid": _rounded(self.overlaid, 3),
            "crossings_per_100mm": _rounded(self.crossings_per_100mm, 2),
        }


def line_figures(drawing: Drawing) -> LineFigures:
    """The figures of all lines of a drawing, whatever their pens."""
    lines = LineArray.of([line for layer in drawing.layers for line in layer.lines])
    widths = [layer.width for layer in drawing.layers for _ in layer.lines]
    count, length = len(lines.sizes), float(lines.lengths.sum())
    if not count:
        return LineFigures(0, 0.0, None, None, None, None, None)
    return LineFigures(
        lines=count,
        metres=length / 1000,
        lifts_per_m=count / length * 1000 if length else None,
        mean_mm=length / count,
        stubs=float((lines.lengths < STUB).mean()),
        overlaid=overlaid_share(lines, float(np.median(widths))),
        crossings_per_100mm=count_crossings(lines) / length * 100 if length else None,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
