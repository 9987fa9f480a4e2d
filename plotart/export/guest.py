"""An SVG that is plotted as it is, beside the drawing: a logo, a frame, a map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from plotart.export.drawing import Drawing, Line
from plotart.export.layers import DOT, dotted
from plotart.export.polyline import extent
from plotart.export.read import read_drawing

#: mm: points are dropped that change a guest's lines by less.
SIMPLER = 0.01


def read_guest(path: Path, *, width: float | None = None, height: float | None = None) -> Drawing:
    """The SVG's layers with lines in mm, scaled about the left top of the box around them so that this is `width` mm
    wide or `height` mm high. Raises DrawingError, which names the file."""
    drawing = read_drawing(path)
    low, high = bounds(drawing)
    side = 0 if width is not None else 1
    wanted, found = (width if width is not None else height), float((high - low)[side])
    scale = 1.0 if wanted is None or found <= DOT else wanted / found
    layers = (
        replace(layer, lines=[_simpler((line - low) * scale + low) for line in layer.lines]) for layer in drawing.layers
    )
    return replace(drawing, layers=tuple(layers))


def moved(drawing: Drawing, by: Line) -> Drawing:
    """All lines moved by `by` [2] mm."""
    layers = (replace(layer, lines=[line + by for line in layer.lines]) for layer in drawing.layers)
    return replace(drawing, layers=tuple(layers))


def bounds(drawing: Drawing) -> tuple[Line, Line]:
    """[2] each: left top and right bottom of the box around all lines."""
    points = np.concatenate([line for layer in drawing.layers for line in layer.lines])
    return points.min(axis=0), points.max(axis=0)


def _simpler(line: Line) -> Line:
    import shapely

    fewer = shapely.get_coordinates(shapely.simplify(shapely.linestrings(line), SIMPLER, preserve_topology=False))
    return fewer if len(fewer) > 1 and extent(fewer) >= DOT else dotted(line)
