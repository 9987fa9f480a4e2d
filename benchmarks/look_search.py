"""A program's density for a length of ink."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path

#: Of the length that is asked for.
NEAR, TRIES = 0.05, 8


class Lengths:
    """Lengths in m that a program drew a picture with, by density: kept in a file, so that no try is lost."""

    def __init__(self, folder: Path, key: object) -> None:
        self._path = folder / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.json"
        pairs = json.loads(self._path.read_text()) if self._path.exists() else []
        self.found: dict[float, float] = dict(pairs)

    def keep(self, density: float, metres: float) -> None:
        self.found[density] = metres
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(list(self.found.items())))


def search(
    length: Callable[[float], float], wanted: float, first: float, growth: float, known: Mapping[float, float]
) -> float:
    """The density at which `length(density)` is within NEAR of `wanted`, or the nearest of TRIES.

    `known`: lengths at densities that other searches tried; without any, it begins at `first`.
    """
    tried = [_off(density, found, wanted) for density, found in known.items()]
    own: dict[float, float] = {}
    for _ in range(TRIES):
        density = math.exp(_next(tried, growth)) if tried else first
        tried.append(_off(density, length(density), wanted))
        own[density] = abs(tried[-1][1])
        if own[density] <= math.log1p(NEAR):
            break
    return min(own, key=lambda density: own[density])


def _off(density: float, found: float, wanted: float) -> tuple[float, float]:
    """Logarithms: of the density, and of what is found there to what is wanted."""
    return math.log(density), math.log(max(found, 1e-3) / wanted)


def _next(tried: list[tuple[float, float]], growth: float) -> float:
    """Along the chord through the nearest try below and the nearest above, or by the growth that is expected."""
    below = max((one for one in tried if one[1] < 0), default=None, key=lambda one: one[1])
    above = min((one for one in tried if one[1] >= 0), default=None, key=lambda one: one[1])
    if below is not None and above is not None:
        share = -below[1] / (above[1] - below[1])
        return below[0] + share * (above[0] - below[0])
    nearest = below or above
    assert nearest is not None
    return nearest[0] - max(-1.5, min(1.5, nearest[1] / growth))
