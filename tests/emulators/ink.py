"""What lines look like on paper, to compare what was drawn with what was meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]

#: mm of a pixel and of a nib.
PIXEL, NIB = 0.1, 0.3


def psnr(drawn: Sequence[Line], meant: Sequence[Line], sheet: tuple[float, float] | None = None) -> float:
    """dB between two sets of lines [n, 2] in mm, as pictures in 0..1 at PIXEL: of a sheet of so many mm, or of the
    patch that they cover."""
    points = np.concatenate([*drawn, *meant])
    low, high = (points.min(axis=0) - 1, points.max(axis=0) + 1) if sheet is None else (np.zeros(2), np.array(sheet))
    width, height = (math.ceil(side / PIXEL) for side in high - low)
    error = float(np.mean((_ink(drawn, low, width, height) - _ink(meant, low, width, height)) ** 2))
    return math.inf if error == 0 else -10 * math.log10(error)


def length(lines: Sequence[Line]) -> float:
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def _ink(lines: Sequence[Line], low: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """Of each pixel the share that a round nib covers, to first order in its distance from the line."""
    distance = np.full((height, width), np.inf)
    reach = NIB / 2 / PIXEL + 1
    for line in lines:
        places = (line - low) / PIXEL - 0.5
        for (ax, ay), (bx, by) in pairwise(places):
            left, right = max(math.floor(min(ax, bx) - reach), 0), math.ceil(max(ax, bx) + reach) + 1
            top, bottom = max(math.floor(min(ay, by) - reach), 0), math.ceil(max(ay, by) + reach) + 1
            part = distance[top:bottom, left:right]
            y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
            dx, dy = bx - ax, by - ay
            share = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-18), 0, 1)
            np.minimum(part, np.hypot(x - ax - share * dx, y - ay - share * dy), out=part)
    return np.clip(NIB / 2 / PIXEL - distance + 0.5, 0, 1)
