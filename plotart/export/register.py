"""Pens in register: lines moved so that those of all pens land where they should."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from plotart.errors import DrawingError
from plotart.export.drawing import Drawing
from plotart.export.layered import Layer
from plotart.geometry.page import Page
from plotart.pens import Pen, PenSet

#: mm by which lines may lie beyond the page, as coordinates are rounded.
SLACK = 1e-3


def registered(drawing: Drawing) -> Drawing:
    """The drawing with each layer's lines moved against its pen's offset. Raises DrawingError for lines that would lie
    beyond the page, where no plotter draws."""
    return replace(drawing, layers=tuple(_against(layer, drawing) for layer in drawing.layers))


def landed(drawing: Drawing, pens: PenSet | None) -> Drawing:
    """A drawing, as files have it, as it lands on the paper: each layer moved by the offset of the pen of its name."""
    lands = {pen.name: pen.lands for pen in pens or () if any(pen.lands)}
    if not lands:
        return drawing
    layers = (
        replace(layer, lines=[line + lands[layer.name] for line in layer.lines]) if layer.name in lands else layer
        for layer in drawing.layers
    )
    return replace(drawing, layers=tuple(layers))


def check_offsets(page: Page, pens: Iterable[Pen]) -> None:
    """Raises DrawingError where a pen lands so far aside that lines on the page, moved by that, might leave it."""
    aside = [pen for pen in pens if any(pen.lands)]
    if not aside:
        return
    pen = max(aside, key=lambda pen: max(map(abs, pen.lands)))
    furthest, room = max(map(abs, pen.lands)), _room(page)
    if furthest > room:
        raise DrawingError(
            f"{pen.name} lands {furthest:g} mm aside, and lines {room:.3g} mm from the page's edge would leave it when "
            f"they are moved by that; allowed: a margin of {furthest:g} mm, or export.in_register: false"
        )


def _room(page: Page) -> float:
    """mm from lines to the page's edge, at least: of the drawing, and of what is fixed, which may lie in the margin."""
    room = page.margin
    for line in (line for group in page.fixed.groups for line in group.lines):
        far = np.array([page.width, page.height]) - line
        room = min(room, float(line.min()), float(far.min()))
    return max(room, 0.0)


def _against(layer: Layer, drawing: Drawing) -> Layer:
    right, down = layer.pen.lands
    if not (right or down):
        return layer
    lines = [line - (right, down) for line in layer.lines]
    points = np.concatenate(lines)
    if points.min() < -SLACK or (points > np.array([drawing.width, drawing.height]) + SLACK).any():
        raise DrawingError(
            f"{layer.name} lands {right:g}, {down:g} mm aside, and some of its lines would leave the page when they "
            "are moved by that; allowed: lines further from the page's edge, or export.in_register: false"
        )
    return replace(layer, lines=lines, moved=(-right, -down))
