"""The colours of a picture along lines: stretches of about one colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from plotart.color.spaces import linear_to_lab

#: mm from one look at the picture to the next.
STEP = 0.4

#: mm: no stretch of a line is shorter, unless the line is.
SHORTEST = 4.0

#: Lab distance below which neighbouring stretches are one.
ALIKE = 6.0


@dataclass(frozen=True)
class Stretch:
    """Samples `start` to `end` of a line."""

    start: int
    end: int


def stretches(light: Tensor) -> list[Stretch]:
    """A line's samples [n, 3] (linear light), STEP mm apart, as stretches."""
    lab = linear_to_lab(light).numpy()
    steps = np.hypot(np.hypot(*np.diff(lab, axis=0)[:, :2].T), np.diff(lab, axis=0)[:, 2]) if len(lab) > 1 else []
    bounds = [0, *(np.flatnonzero(np.asarray(steps) > 1.0) + 1).tolist(), len(lab)]
    parts = list(pairwise(bounds))
    means = [lab[a:b].mean(axis=0) for a, b in parts]
    apart = [_apart(means, parts, place) for place in range(len(parts) - 1)]
    while apart and min(apart) <= ALIKE:
        place = apart.index(min(apart))
        (a, b), (_, c) = parts[place : place + 2]
        parts[place : place + 2] = [(a, c)]
        means[place : place + 2] = [(means[place] * (b - a) + means[place + 1] * (c - b)) / (c - a)]
        del apart[place]
        for near in (place - 1, place):
            if 0 <= near < len(apart):
                apart[near] = _apart(means, parts, near)
    return [Stretch(a, b) for a, b in parts]


def _apart(means: Sequence[NDArray[np.float64]], parts: Sequence[tuple[int, int]], place: int) -> float:
    """How much speaks against joining a stretch with the next: their colours' distance, less where one is short."""
    shorter = min(end - start for start, end in parts[place : place + 2]) * STEP
    return math.dist(means[place], means[place + 1]) * min(1.0, shorter / SHORTEST) ** 2


def samples(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, 2] the middles of equal parts of a line, each about STEP mm long."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = max(1, round(along[-1] / STEP))
    at = (np.arange(count) + 0.5) / count * along[-1]
    return np.column_stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)])
