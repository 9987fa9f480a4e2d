"""Areas filled with lines, each [n, 2] in mm."""

from __future__ import annotations

import math

import numpy as np

from plotart.calibration.chart import SOLID_SPACING, Box, line_count
from plotart.export.drawing import Line

#: mm: the length of the pieces of circles.
PIECE = 0.25


def solid(box: Box, nib: float, *, upright: bool = False) -> Line:
    """One line to and fro that fills the box: the pen goes over no place a second time but at its edges."""
    inner = box.shrunk(nib / 2)
    across = inner.width if upright else inner.height
    count = max(2, math.ceil(across / (SOLID_SPACING * nib)) + 1)
    positions = np.linspace(0, across, count).repeat(2)
    length = inner.height if upright else inner.width
    along = np.resize([0, length, length, 0], 2 * count)
    points = np.column_stack([positions, along] if upright else [along, positions])
    return points + np.array([inner.x, inner.y])


def hatch(box: Box, spacing: float, nib: float) -> list[Line]:
    """Upright lines `spacing` apart in the middle of the box, drawn down and up in turn."""
    count = line_count(box.width, spacing, nib)
    start = box.x + box.width / 2 - (count - 1) / 2 * spacing
    ends = box.y + nib / 2, box.bottom - nib / 2
    return [
        np.array([[start + place * spacing, y] for y in (ends if place % 2 == 0 else ends[::-1])])
        for place in range(count)
    ]


def ring(x: float, y: float, inner: float, outer: float, nib: float) -> list[Line]:
    """Circles about a centre that fill what is between two radii; a disc where `inner` is 0."""
    low, high = inner + nib / 2, outer - nib / 2
    count = max(1, math.ceil((high - low) / (SOLID_SPACING * nib)) + 1)
    return [_circle(x, y, radius) for radius in np.linspace(min(low, high), high, count)]


def outline(box: Box) -> Line:
    return np.array([[box.x, box.y], [box.right, box.y], [box.right, box.bottom], [box.x, box.bottom], [box.x, box.y]])


def _circle(x: float, y: float, radius: float) -> Line:
    angle = np.linspace(0, 2 * math.pi, max(12, math.ceil(2 * math.pi * radius / PIECE)) + 1)
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
