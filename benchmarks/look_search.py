"""A program's density for a length of ink."""

from __future__ import annotations

import math
from collections.abc import Callable

#: Of the length that is asked for.
NEAR, TRIES = 0.05, 8


def search(length: Callable[[float], float], wanted: float, first: float, growth: float) -> float:
    """The density at which `length(density)` is within NEAR of `wanted`, or the nearest of TRIES."""
    tried: list[tuple[float, float]] = []
    guess = math.log(first)
    for _ in range(TRIES):
        found = length(math.exp(guess))
        off = math.log(max(found, 1e-3) / wanted)
        tried.append((guess, off))
        if abs(off) <= math.log1p(NEAR):
            break
        guess = _next(tried, growth)
    return math.exp(min(tried, key=lambda one: abs(one[1]))[0])


def _next(tried: list[tuple[float, float]], growth: float) -> float:
    """Along the chord through the nearest try below and the nearest above, or by the growth that is expected."""
    below = max((one for one in tried if one[1] < 0), default=None, key=lambda one: one[1])
    above = min((one for one in tried if one[1] >= 0), default=None, key=lambda one: one[1])
    guess, off = tried[-1]
    if below is None or above is None:
        return guess - max(-1.5, min(1.5, off / growth))
    share = -below[1] / (above[1] - below[1])
    return below[0] + max(0.1, min(0.9, share)) * (above[0] - below[0])
