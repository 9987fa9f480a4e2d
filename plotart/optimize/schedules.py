"""Values that change over a run: pure functions of `progress`, which goes from 0 at the first step to 1 at the last."""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def geometric(start: float, end: float) -> Schedule:
    """From `start` to `end` (both above 0) by a constant factor a step: how temperatures fall."""
    return lambda progress: start * (end / start) ** min(max(progress, 0.0), 1.0)


def cosine(start: float, end: float) -> Schedule:
    """From `start` to `end` along half a cosine: gentle at both ends."""
    return lambda progress: end + (start - end) * 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))


def until(end: float, schedule: Schedule) -> Schedule:
    """`schedule` run through by the progress `end`; from there on its last value."""
    return lambda progress: schedule(progress / end)


def between(start: float, end: float, schedule: Schedule) -> Schedule:
    """`schedule` run through from the progress `start` to `end`; before and after, its first and last value."""
    return lambda progress: schedule(min(max((progress - start) / (end - start), 0.0), 1.0))


def steps(*values: float) -> Schedule:
    """One value after another, each for an equal part of the way."""
    return lambda progress: values[min(int(max(progress, 0.0) * len(values)), len(values) - 1)]


def constant(value: float) -> Schedule:
    return lambda progress: value
