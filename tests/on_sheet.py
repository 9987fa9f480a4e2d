"""What is plotted of a drawing, apart from the words and guests on its sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import shapely

from plotart.export.drawing import Drawing
from plotart.geometry.page import Page


def fixed_paths(page: Page) -> Any:
    """All lines of words and guests, as one geometry in mm."""
    return shapely.union_all([shapely.from_wkt(group.paths) for group in page.fixed.groups])


def without_fixed(drawing: Drawing, page: Page) -> Drawing:
    """The drawing without lines that lie, within rounding, on those of words and guests."""
    if not page.fixed:
        return drawing
    band = shapely.buffer(fixed_paths(page), 0.01)
    layers = [
        replace(layer, lines=[line for line in layer.lines if not band.covers(shapely.LineString(line))])
        for layer in drawing.layers
    ]
    return replace(drawing, layers=tuple(layer for layer in layers if layer.lines))
