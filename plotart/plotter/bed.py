"""How a page lies on the machine: one that is higher than wide lies on its side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plotart.export.drawing import Drawing, Line


def turned(line: Line, drawing: Drawing) -> Line:
    """A line of the drawing in mm from home, as the makers' software has it: the top edge of a page that is higher than
    wide lies to the left."""
    if drawing.height <= drawing.width:
        return line
    return np.column_stack([line[:, 1], drawing.width - line[:, 0]])


def on_bed(drawing: Drawing) -> Drawing:
    """The drawing in mm from home."""
    if drawing.height <= drawing.width:
        return drawing
    layers = tuple(replace(layer, lines=[turned(line, drawing) for line in layer.lines]) for layer in drawing.layers)
    return replace(drawing, width=drawing.height, height=drawing.width, layers=layers)
