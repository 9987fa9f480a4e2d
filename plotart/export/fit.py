"""Polylines from elsewhere, as strokes for a page: moved inside its margins, turned into smooth Béziers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plotart.export.clip import Curve
from plotart.geometry.page import Page

#: The numbers of cubics that are tried for a line, and the distance in mm that ends the trying.
CUBICS = (1, 2, 3, 4, 6, 8, 12)
CLOSE_ENOUGH = 0.1

#: mm beyond the margin that are no reason to move a drawing: readers' arithmetic.
SLACK = 0.001


def fit_page(lines: Sequence[Curve], page: Page) -> list[Curve]:
    """The lines [n, 2] in mm as they are where all lie within the margins, or else as large as fits, centred."""
    scale, by = fitting(np.concatenate(list(lines)), page)
    return [line * scale + by for line in lines]


def fitting(points: Curve, page: Page) -> tuple[float, Curve]:
    """The scale, and the way [2] in mm after that, by which points [n, 2] fit the margins: 1 and 0 where they do."""
    left, top, right, bottom = page.inner
    low, high = points.min(axis=0), points.max(axis=0)
    if bool((low >= np.array([left, top]) - SLACK).all() and (high <= np.array([right, bottom]) + SLACK).all()):
        return 1.0, np.zeros(2)
    room = np.array([right - left, bottom - top])
    scale = float((room / np.maximum(high - low, 1e-9)).min())
    if bool((high - low < 1e-9).all()):
        scale = 1.0
    return scale, np.array([left + right, top + bottom]) / 2 - (low + high) / 2 * scale


def smooth_curve(line: Curve, counts: Sequence[int] = CUBICS, close: float = CLOSE_ENOUGH) -> Curve:
    """A polyline [n, 2] in mm as a chain of cubics [3 s + 1, 2]: the fewest of these counts that stay within `close` mm
    of it, else the most.

    The cubics are a Catmull-Rom spline through points spread evenly along the line; a closed line stays closed.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if along[-1] == 0:
        return np.repeat(line[:1], 4, axis=0)
    curve = line
    for cubics in counts:
        curve = _catmull_rom(_at(line, along, np.linspace(0, 1, cubics + 1)))
        if _distance(curve, line, along, cubics) <= close:
            break
    return curve


def _at(line: Curve, along: Curve, fractions: Curve) -> Curve:
    """The points at these fractions of the line's length."""
    return np.column_stack([np.interp(fractions * along[-1], along, line[:, axis]) for axis in (0, 1)])


def _catmull_rom(points: Curve) -> Curve:
    """The spline through points [s + 1, 2] as cubics [3 s + 1, 2]."""
    if bool((points[0] == points[-1]).all()) and len(points) > 3:
        before, after = points[-2], points[1]
    else:
        before, after = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
    tangents = (np.vstack([points[1:], after]) - np.vstack([before, points[:-1]])) / 6
    inner = np.stack([points[:-1] + tangents[:-1], points[1:] - tangents[1:], points[1:]], axis=1)
    return np.concatenate([points[:1], inner.reshape(-1, 2)])


def _distance(curve: Curve, line: Curve, along: Curve, cubics: int) -> float:
    """The largest distance in mm between points of the curve and of the line at equal parameters."""
    t = np.linspace(0, 1, 9)[1:-1, None]
    weights = np.concatenate([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3], axis=1)
    chains = np.stack([curve[3 * i : 3 * i + 4] for i in range(cubics)])
    fractions = ((np.arange(cubics)[:, None] + t.T) / cubics).ravel()
    offsets = np.einsum("tk,ckd->ctd", weights, chains).reshape(-1, 2) - _at(line, along, fractions)
    return float(np.hypot(*offsets.T).max())
