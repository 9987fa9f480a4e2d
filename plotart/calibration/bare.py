"""Places on a chart that stay bare paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plotart.calibration.chart import Box
from plotart.geometry.page import Page

#: mm: the side of a bare place, what stays free around it, and how finely places are looked for.
SIDE, CLEAR, STEP = 3.2, 0.7, 0.4

#: Bare places along the page's long side.
ALONG = 9


def bare_boxes(page: Page, taken: Sequence[Box]) -> list[Box]:
    """Squares of paper free of all that is `taken`, spread over the page as evenly as it lets them.

    The page is cut into about square parts; each gives the free place that is nearest to its middle, if it has one.
    """
    left, top, right, bottom = page.inner
    rows, columns = int((bottom - top) / STEP), int((right - left) / STEP)
    free = np.ones((rows, columns), dtype=bool)
    for box in taken:
        wide = box.shrunk(-CLEAR)
        first = np.maximum(np.floor([(wide.y - top) / STEP, (wide.x - left) / STEP]), 0).astype(int)
        last = np.maximum(np.ceil([(wide.bottom - top) / STEP, (wide.right - left) / STEP]), 0).astype(int)
        free[first[0] : last[0], first[1] : last[1]] = False
    # Counts of free cells above and to the left make the test of each place four look-ups.
    side = round(SIDE / STEP)
    counts = np.pad(free.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = counts[side:, side:] - counts[:-side, side:] - counts[side:, :-side] + counts[:-side, :-side]
    places = np.argwhere(inside == side**2)
    part = max(rows, columns) / ALONG
    found: list[Box] = []
    for row in range(round(rows / part)):
        for column in range(round(columns / part)):
            corner = np.array([row, column]) * (rows / round(rows / part), columns / round(columns / part))
            middle = corner + part / 2 - side / 2
            away = np.abs(places - middle).max(axis=1, initial=0) if len(places) else np.zeros(0)
            if len(away) and away.min() <= part / 2 - side / 2:
                y, x = places[away.argmin()]
                found.append(Box(round(float(left + x * STEP), 3), round(float(top + y * STEP), 3), SIDE, SIDE))
    return found
