"""Lines of pens as strokes, in plotting order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from plotart.export.fit import smooth_curve
from plotart.export.polyline import length
from plotart.geometry.strokes import Strokes, from_curves
from plotart.job.repen.inked import Inked
from plotart.pens import PenSet

#: Numbers of cubics that are tried for a line, and mm within which they stay: fewer where they are to move.
CUBICS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
CLOSE, ROUGHLY = 0.1, 0.2


def in_plotting_order(lines: Sequence[Inked], pens: PenSet) -> tuple[list[Inked], PenSet]:
    """The lines, and the pens that draw them: light ones first where all inks are transparent; else in the order in
    which what they draw lies in the picture."""
    used = sorted({line.pen for line in lines})
    if not used:
        return [], pens
    if all(pens[pen].ink == "transparent" for pen in used):
        light = pens.pick(used).light_to_dark().names
        order = [pens.names.index(name) for name in light]
    else:
        order = sorted(used, key=lambda pen: _height([line for line in lines if line.pen == pen]))
    place = {pen: number for number, pen in enumerate(order)}
    return [replace(line, pen=place[line.pen]) for line in lines], pens.pick(order)


def _height(lines: Sequence[Inked]) -> float:
    """How high the marks lie that are drawn with these lines, on average."""
    return float(np.average([line.mark for line in lines], weights=[length(line.line) + 1e-9 for line in lines]))


def strokes_of(lines: Sequence[Inked], pens: int, close: float = CLOSE) -> Strokes:
    """Smooth strokes within `close` mm of the lines, each with a logit of 1 for its pen."""
    curves = [smooth_curve(line.line, CUBICS, close) for line in lines]
    return from_curves(curves, torch.nn.functional.one_hot(torch.tensor([line.pen for line in lines]), pens).float())
