"""What a search may choose from: ``objective.0.class=fern,star``, ``strokes.length=10mm..40mm``, ``seed=0..999``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotart.config.layers import parse_override
from plotart.errors import ConfigError
from plotart.sweep.vary import NUMBER, Axis, check_once, parse_axis, parted

OPTION = "--search"

#: Digits of a number that is found between two others: nobody plots a ten-thousandth of a pen's way.
DIGITS = 4

_SPAN = re.compile(rf"({NUMBER})\s*([a-z%]*)\.\.({NUMBER})\s*([a-z%]*)(:log)?")
_WHOLE = re.compile(r"[-+]?\d+")

#: What is chosen of a place: the number itself within a span, the position among choices.
Point = float | int


@dataclass(frozen=True)
class Choices:
    """Some values of a key, as texts that an override takes; `ordered` where those in between mean something."""

    key: str
    texts: tuple[str, ...]
    ordered: bool

    def text(self, point: Point) -> str:
        return self.texts[int(point)]

    @property
    def said(self) -> str:
        """All of it, as it could be given."""
        return ",".join(self.texts)

    @property
    def ends(self) -> tuple[Point, ...]:
        """What has to be allowed so that all is: each of them."""
        return tuple(range(len(self.texts)))

    @property
    def size(self) -> int | None:
        """How many values there are; None if nobody can count them."""
        return len(self.texts)


@dataclass(frozen=True)
class Span:
    """All numbers from `low` to `high`, both among them, whole ones alone where `whole`; `log` where a step from 1 to 2
    is as far as one from 10 to 20."""

    key: str
    low: float
    high: float
    unit: str
    whole: bool
    log: bool

    def text(self, point: Point) -> str:
        if self.whole:
            return f"{round(point)}{self.unit}"
        inside = point if point in self.ends else min(self.high, max(self.low, _rounded(point)))
        return f"{inside:.10g}{self.unit}"

    @property
    def said(self) -> str:
        return f"{self.text(self.low)}..{self.text(self.high)}{':log' if self.log else ''}"

    @property
    def ends(self) -> tuple[Point, ...]:
        return (self.low, self.high)

    @property
    def size(self) -> int | None:
        return int(self.high - self.low) + 1 if self.whole else None


Dimension = Choices | Span


@dataclass(frozen=True)
class Space:
    """The keys that a search chooses values for, and from which."""

    dimensions: tuple[Dimension, ...]

    def overrides(self, points: Mapping[str, Point]) -> list[str]:
        """What a config takes for the points, one for each key."""
        return [f"{one.key}={one.text(points[one.key])}" for one in self.dimensions]

    def values(self, points: Mapping[str, Point]) -> dict[str, Any]:
        """The values by key, as YAML reads them."""
        return {one.key: parse_override(f"{one.key}={one.text(points[one.key])}", OPTION)[1] for one in self.dimensions}

    @property
    def first(self) -> dict[str, Point]:
        return {one.key: one.ends[0] for one in self.dimensions}

    @property
    def corners(self) -> list[dict[str, Point]]:
        """What is looked at before a search begins: each end of each dimension, with the first ones of the others."""
        found = [self.first]
        found += [{**self.first, one.key: end} for one in self.dimensions for end in one.ends[1:]]
        return found

    @property
    def size(self) -> int | None:
        """How many drawings there can be; None if nobody can count them."""
        product = 1
        for one in self.dimensions:
            if one.size is None:
                return None
            product *= one.size
        return product


def parse_space(words: Sequence[str]) -> Space:
    """The dimensions of several --search. Raises ConfigError, also for a key that is given twice."""
    dimensions = tuple(map(_dimension, words))
    check_once([one.key for one in dimensions], OPTION)
    return Space(dimensions)


def _dimension(word: str) -> Dimension:
    key, values = parted(word, OPTION)
    found = _SPAN.fullmatch(values)
    if found is not None:
        return _span(key, word, found)
    axis = parse_axis(word, OPTION)
    return Choices(key, axis.texts, _is_ordered(axis))


def _span(key: str, word: str, found: re.Match[str]) -> Dimension:
    first, unit, last, last_unit, log = found.groups()
    low, high = float(first), float(last)
    label = f"{OPTION} {word}"
    if unit and unit != last_unit:
        raise ConfigError(f"{label}: found {unit} and {last_unit or 'no unit'}; allowed: one unit, as in 10mm..40mm")
    if low > high:
        raise ConfigError(f"{label}: found a range that runs backwards; allowed: as in 10mm..40mm")
    if log and low <= 0:
        raise ConfigError(f"{label}: found {first} as the low end; allowed with :log: above 0")
    whole = not last_unit and all(map(_WHOLE.fullmatch, (first, last)))
    if low == high:
        return Choices(key, (f"{first}{last_unit}",), ordered=True)
    return Span(key, low, high, last_unit, whole, log=bool(log))


def _is_ordered(axis: Axis) -> bool:
    values = axis.values
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    return numbers and list(values) == sorted(values)


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
