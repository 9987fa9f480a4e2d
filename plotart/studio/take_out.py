"""Taking a key out of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plotart.errors import ConfigError


def take_out(data: Any, keys: list[str]) -> Any:
    """`data` without what is at `keys`; of a list, without that entry. Nothing changes where nothing is. Raises
    ConfigError for a place that a list can't have."""
    key, *rest = keys
    if isinstance(data, Mapping):
        if key not in data:
            return dict(data)
        if rest:
            return {**data, key: take_out(data[key], rest)}
        return {name: value for name, value in data.items() if name != key}
    if isinstance(data, (list, tuple)):
        if not key.isdecimal() or int(key) >= len(data):
            raise ConfigError(f"{'.'.join(keys)}: found the index {key}; allowed: 0 to {len(data) - 1}")
        index = int(key)
        return [*data[:index], *([take_out(data[index], rest)] if rest else []), *data[index + 1 :]]
    return data
