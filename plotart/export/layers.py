"""What each pen draws: the strokes grouped by pen, cut at the margin and around what is fixed, dots made visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plotart.export.clip import Curve, clip_curve
from plotart.export.fixed_pens import fixed_lines
from plotart.export.ground import clear_of
from plotart.export.layered import Line
from plotart.geometry.page import Page
from plotart.pens import Pen, PenSet

if TYPE_CHECKING:
    from plotart.geometry.strokes import Strokes

#: mm; what is smaller in both directions becomes a line of this length. That is far below any nib, yet above a
#: plotter's step of about 0.01 mm; lines of no length are dropped by vpype's reader and others.
DOT = 0.05

#: Decimals of a coordinate in mm, in every file.
DECIMALS = 3


def pen_layers(strokes: Strokes, pens: PenSet, page: Page) -> list[tuple[Pen, list[Curve]]]:
    """Each pen that draws strokes, in plotting order, with its strokes in theirs: chains [3 s + 1, 2] in mm.

    Strokes are cut at the page's margin and those beyond it left out: no plotter draws off the paper. Where lines may
    run past it by intent, they are cut half a nib before it, which their round ends fill; so they are before the ground
    that words and guests have for themselves.
    Raises ValueError when a point is not finite or a stroke's pen is not among `pens`.
    """
    curves = strokes.curves() if len(strokes) else []
    if not all(np.isfinite(curve).all() for curve in curves):
        raise ValueError("strokes have points that are not finite")
    pen_of = strokes.pen.tolist() if len(strokes) else []
    if pen_of and max(pen_of) >= len(pens):
        raise ValueError(f"a stroke is drawn by pen {max(pen_of)}, but there are {len(pens)} pens")

    # A point clamped to the margin in float32 may lie a little beyond it; that is no reason to cut.
    slack = 10.0**-DECIMALS
    left, top, right, bottom = page.inner

    ground = page.fixed.ground if page.fixed else None
    layers: list[tuple[Pen, list[Curve]]] = []
    for index, pen in enumerate(pens):
        short = min(right - left, bottom - top)
        inset = min(pen.width, 0.9 * short) / 2 if page.cut else -slack
        box = (left + inset, top + inset, right - inset, bottom - inset)
        mine = (curve for curve, of in zip(curves, pen_of, strict=True) if of == index)
        parts = [part for curve in mine for part in clip_curve(curve, box)]
        drawn = [dotted(part) for part in (parts if ground is None else clear_of(parts, ground, pen.width))]
        if drawn:
            layers.append((pen, drawn))
    return layers


def sheet_layers(strokes: Strokes, pens: PenSet, page: Page) -> list[tuple[Pen, list[Curve], list[Line]]]:
    """`pen_layers` of each pen that draws anything, and what it draws of what is fixed on the page: lines [n, 2] in mm
    that stay as they are."""
    drawn = {pen.name: curves for pen, curves in pen_layers(strokes, pens, page)}
    fixed = fixed_lines(page, pens)
    return [
        (pen, drawn.get(pen.name, []), fixed.get(place, []))
        for place, pen in enumerate(pens)
        if pen.name in drawn or place in fixed
    ]


def dotted(points: Curve) -> Curve:
    """Points [n, 2] in mm as they are, or spread evenly on a line of length DOT where they hardly differ."""
    low, high = points.min(axis=0), points.max(axis=0)
    if (high - low).max() >= DOT:
        return points
    x, y = (low + high) / 2
    along = np.linspace(x - DOT / 2, x + DOT / 2, len(points))
    return np.column_stack([along, np.full(len(points), y)])
