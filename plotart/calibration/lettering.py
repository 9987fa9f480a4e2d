"""Text in single strokes, by one of the Hershey fonts that come with vpype."""

from __future__ import annotations

import unicodedata

import numpy as np

from plotart.calibration.chart import ChartLabel
from plotart.export.drawing import Line

#: Height of capitals, top of capitals and lowest descender, in sizes of the font.
CAPITALS, TOP = 0.65625, -0.375


def lettered(label: ChartLabel) -> list[Line]:
    """The strokes [n, 2] in mm of a label, from the left of its box; letters that the font lacks lose their accents,
    or are left out."""
    import vpype

    plain = unicodedata.normalize("NFKD", label.text).encode("ascii", "ignore").decode()
    size = label.box.height / CAPITALS
    lines = vpype.text_line(plain, "futural", size)
    bounds = lines.bounds()
    if bounds is None:
        return []
    shrink = min(1.0, label.box.width / bounds[2])
    strokes = (np.column_stack([line.real, line.imag - TOP * size]) for line in lines)
    return [stroke * shrink + np.array([label.box.x, label.box.y]) for stroke in strokes]
