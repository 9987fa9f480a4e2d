"""How many strokes cover a given share of the page with ink, if none of them crosses another."""

from __future__ import annotations

from plotart.canvas.wandering import LENGTH, MOST_POINTS, points_of_line
from plotart.geometry.page import Page

#: The most strokes that a drawing begins with.
MOST_STROKES = 100_000


def count_of_strokes(coverage: float, page: Page, nib: float, length: float) -> int:
    """coverage * area inside the margins / (length * nib), rounded, from 1 to MOST_STROKES; all lengths in mm."""
    return _bounded(coverage * _area(page) / (length * nib), MOST_STROKES)


def count_of_lines(coverage: float, page: Page, nib: float, segments: int) -> int:
    """The same for wandering lines, which are as long as it takes to fill the page: n points on an area A make lines of
    c * sqrt(n * A) mm together, so that n = A * (coverage / (c * nib))^2. Lines of a picture, which leave its white
    bare, cover less."""
    points = _area(page) * (coverage / (LENGTH * nib)) ** 2
    each = points_of_line(segments)
    return _bounded(points / each, MOST_POINTS // each)


def _area(page: Page) -> float:
    """mm^2 inside the margins."""
    left, top, right, bottom = page.inner
    return (right - left) * (bottom - top)


def _bounded(count: float, most: int) -> int:
    return max(1, round(min(count, most)))
