"""Where two configs, or other plain data, differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plotart.schema.problems import show

#: In place of a value where a mapping has no such key.
MISSING = object()


@dataclass(frozen=True)
class Difference:
    """At a dotted key, as in objective.0.weight; as text, "seed was 1 and is 2"."""

    key: str
    before: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.key} was {_said(self.before)} and is {_said(self.now)}"


def differences(before: Any, now: Any, key: str = "") -> Iterator[Difference]:
    """Mappings are compared key by key, and lists of as many mappings entry by entry; other values as a whole, and
    1 is not true."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in {**before, **now}:
            yield from differences(before.get(name, MISSING), now.get(name, MISSING), f"{key}.{name}" if key else name)
    elif _are_mappings(before) and _are_mappings(now) and len(before) == len(now):
        for index, pair in enumerate(zip(before, now, strict=True)):
            yield from differences(*pair, f"{key}.{index}")
    elif before != now or type(before) is not type(now):
        yield Difference(key, before, now)


def _are_mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _said(value: Any) -> str:
    return "not there" if value is MISSING else show(value)
