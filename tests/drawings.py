"""Strokes and drawings that several tests of the export are made with."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.layers import pen_layers
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, from_curves
from plotart.pens import Pen, PenSet

PAGE = Page(148, 210, margin=12, color="#fbfaf5")

#: Names that are easily taken for something else in a layer's label, ways to handle pens, and a pen that nothing uses.
PENS = PenSet(
    [
        Pen("Yellow", "gold", 0.5),
        Pen("0.3 blue", "#1f4e9e", 0.3, speed=20, height=35, delay=1500),
        Pen("Unused", "#00ff00", 1.0),
        Pen("Micron 01", "#c8102e", 0.25, pause=False),
        Pen('Tusche "A" & <B>', "#1b1b1b", 0.35, ink="opaque"),
    ]
)


def rosette() -> Strokes:
    """Petals around the page's centre, a dot in the middle, pens in turn; in an order that wastes travel."""
    curves, pen = [], []
    for i in range(28):
        a = 2 * math.pi * ((i * 11) % 28) / 28
        way, across = np.array([math.cos(a), math.sin(a)]), np.array([-math.sin(a), math.cos(a)])
        start, end = np.array([74.0, 105.0]) + 14 * way, np.array([74.0, 105.0]) + 52 * way
        middle = (start + end) / 2 + 6 * across
        curves.append(np.array([start, start + 9 * across, middle - 6 * way, middle, middle + 6 * way, end, end]))
        pen.append((0, 1, 3, 4)[i % 4])
    curves.append(np.full((4, 2), (74.0, 105.0)))
    pen.append(4)
    return from_curves(curves, torch.nn.functional.one_hot(torch.tensor(pen), len(PENS)).float())


def drawn(strokes: Strokes, pens: PenSet = PENS, page: Page = PAGE, *, tolerance: float = 0.02) -> Drawing:
    """The strokes as they are: nothing merged, simplified or sorted."""
    layers = [
        Layer(pen, [bezier_points(curve, tolerance) for curve in curves])
        for pen, curves in pen_layers(strokes, pens, page)
    ]
    return Drawing(page.width, page.height, tuple(layers))


def handled(pen: Pen) -> tuple[object, ...]:
    """How the plotter handles the pen."""
    return pen.speed, pen.height, pen.delay, pen.pause, pen.max_distance


def refilled(drawing: Drawing, index: int) -> Drawing:
    """The drawing with half of a layer's lines in a second layer, for which the pen is filled again."""
    layer = drawing.layers[index]
    half = len(layer.lines) // 2
    parts = (replace(layer, lines=layer.lines[:half]), replace(layer, lines=layer.lines[half:], refill=1))
    return replace(drawing, layers=(*drawing.layers[:index], *parts, *drawing.layers[index + 1 :]))


def length(lines: list[Line]) -> float:
    """mm of all lines together."""
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def bounds(lines: list[Line]) -> list[float]:
    """Left, top, right, bottom in mm."""
    points = np.concatenate(lines)
    return [*points.min(axis=0).tolist(), *points.max(axis=0).tolist()]


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "drawing.svg"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
