"""What a sweep varies: ``seed=0..15``, ``page.margin=5..20:4``, ``objective.0.class=star,spiral``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from plotart.config.layers import parse_override
from plotart.errors import ConfigError
from plotart.schema.problems import show

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({NUMBER})\.\.({NUMBER})(?::(\d+))?")
_WHOLE = re.compile(r"[-+]?\d+")
_ALLOWED = "allowed: 0..15 (whole numbers), 0.1..0.5:5 (so many values, evenly) or a list as in 3,5,8"

#: A range longer than this is a slip of the hand.
_LONGEST = 100_000


@dataclass(frozen=True)
class Axis:
    """A key of the config and the values that it takes, as texts that an override takes too."""

    key: str
    texts: tuple[str, ...]

    @property
    def values(self) -> tuple[Any, ...]:
        """The values as YAML reads the texts."""
        return tuple(_value(self.key, text) for text in self.texts)

    def overrides(self) -> list[str]:
        return [f"{self.key}={text}" for text in self.texts]


def parse_axes(words: Sequence[str]) -> tuple[Axis, ...]:
    """The axes of several --vary. Raises ConfigError, also for a key that is varied twice."""
    axes = tuple(map(parse_axis, words))
    check_once([axis.key for axis in axes], "--vary")
    return axes


def parse_axis(word: str, option: str = "--vary") -> Axis:
    """Of ``seed=0..3,7`` the key seed and the texts 0, 1, 2, 3, 7. Raises ConfigError."""
    key, values = parted(word, option)
    label = f"{option} {word}"
    texts = [text for part in _parts(values, label) for text in _texts(part, label)]
    read = [show(_value(key, text)) for text in texts]
    for index, value in enumerate(read):
        if value in read[:index]:
            raise ConfigError(f"{label}: found {texts[index]} twice; allowed: every value once")
    return Axis(key, tuple(texts))


def parted(word: str, option: str) -> tuple[str, str]:
    """The key and the values of KEY=VALUES. Raises ConfigError where one of them is missing."""
    key, equals, values = (part.strip() for part in word.partition("="))
    if not equals or not key or not values:
        missing = "values" if key else "key"
        raise ConfigError(f"{option} {word}: found no {missing}; allowed: KEY=VALUES, as in seed=0..15")
    return key, values


def check_once(keys: Sequence[str], option: str) -> None:
    """Raises ConfigError for a key that is given twice."""
    for key in keys:
        if keys.count(key) > 1:
            raise ConfigError(f"{option} {key}: found the key {keys.count(key)} times; allowed: once")


def _value(key: str, text: str) -> Any:
    return parse_override(f"{key}={text}", f"--vary {key}={text}")[1]


def _parts(values: str, label: str) -> Iterator[str]:
    """What stands between commas; not those within quotes or brackets."""
    depth, quote, begin = 0, "", 0
    for index, letter in enumerate(values):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        elif letter == "," and depth == 0:
            yield _given(values[begin:index], label)
            begin = index + 1
    yield _given(values[begin:], label)


def _given(part: str, label: str) -> str:
    if not part.strip():
        raise ConfigError(f"{label}: found nothing before or after a comma; {_ALLOWED}")
    return part.strip()


def _texts(part: str, label: str) -> list[str]:
    """The values of a range; of anything else, that alone."""
    found = _RANGE.fullmatch(part)
    if found is None:
        return [part]
    first, last, count = found.groups()
    whole = _WHOLE.fullmatch(first) is not None and _WHOLE.fullmatch(last) is not None
    if float(first) > float(last):
        raise ConfigError(f"{label}: found {part}, which runs backwards; {_ALLOWED}")
    if count is not None:
        return _evenly(first, last, int(count), part, label, whole=whole)
    if not whole:
        raise ConfigError(f"{label}: found {part}, which does not say how many values; {_ALLOWED}")
    if int(last) - int(first) >= _LONGEST:
        raise ConfigError(f"{label}: found {part}, more than {_LONGEST:,} values; allowed: fewer")
    return [str(number) for number in range(int(first), int(last) + 1)]


def _evenly(first: str, last: str, count: int, part: str, label: str, *, whole: bool) -> list[str]:
    if not 2 <= count <= _LONGEST:
        raise ConfigError(f"{label}: found {part}, {count} values; allowed: 2 to {_LONGEST:,}")
    low, step = float(first), (float(last) - float(first)) / (count - 1)
    numbers = [float(f"{low + step * index:.10g}") for index in range(count)]
    if whole and all(number.is_integer() for number in numbers):
        return [str(int(number)) for number in numbers]
    return [repr(number) for number in numbers]
