"""The cells of a sweep: every combination of the varied values, each a config and a folder of its own."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotart.config import Config
from plotart.errors import ConfigError, InputError
from plotart.files.names import slug
from plotart.sweep.vary import Axis

#: Cells of one sweep, and letters of a value in a folder's name.
MOST_CELLS = 100_000
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Cell:
    """One run of a sweep.

    name    of its folder, as in seed-03_channel-5
    values  what is varied, by key
    """

    name: str
    values: dict[str, Any]
    config: Config


def grid(path: Path, axes: Sequence[Axis], overrides: Sequence[str] = ()) -> tuple[Cell, ...]:
    """The cells, the last axis fastest; their configs are those of ``plotart generate`` with the values as overrides.

    Raises ConfigError with what is wrong in any of them, each problem once.
    """
    if not axes:
        raise ConfigError("nothing is varied; give --vary at least once, as in --vary seed=0..15, or --search")
    if (count := math.prod(len(axis.texts) for axis in axes)) > MOST_CELLS:
        raise ConfigError(f"--vary: found {count:,} combinations; allowed: at most {MOST_CELLS:,}")
    for override in overrides:
        key = override.partition("=")[0].strip()
        if key in {axis.key for axis in axes}:
            raise ConfigError(f"{key}: found in -o and in --vary; allowed: in one of them")
    cells: list[Cell] = []
    problems: dict[str, None] = {}
    columns = [list(zip(axis.overrides(), axis.values, _words(axis, axes), strict=True)) for axis in axes]
    for row in itertools.product(*columns):
        try:
            config = Config.load(path, [*overrides, *(override for override, _, _ in row)])
        except ConfigError as error:
            problems |= dict.fromkeys(str(error).splitlines())
            continue
        values = {axis.key: value for axis, (_, value, _) in zip(axes, row, strict=True)}
        cells.append(Cell("_".join(word for _, _, word in row), values, config))
    if problems:
        raise ConfigError("\n".join(problems))
    return tuple(cells)


def check_parts(cells: Sequence[Cell]) -> None:
    """Build what the cells are made of, without drawing; those that differ by their seed alone count as one.

    Weights that have to be fetched are fetched here, once. Raises InputError for what does not exist.
    """
    from plotart.job.build import build

    seen = set()
    for cell in cells:
        seedless = cell.config.model_copy(update={"seed": 0})
        if (key := seedless.model_dump_json()) in seen:
            continue
        seen.add(key)
        try:
            build(seedless)
        except InputError as error:
            raise type(error)(f"{cell.name}: {error}") from None


def _words(axis: Axis, axes: Sequence[Axis]) -> list[str]:
    """``seed-03`` for each value: unlike each other, fit for a folder's name, and in the order of the numbers."""
    last = axis.key.split(".")[-1]
    shared = sum(other.key.split(".")[-1] == last for other in axes) > 1
    stem = _plain(axis.key if shared else last)
    values = axis.values
    whole = all(isinstance(value, int) and not isinstance(value, bool) and value >= 0 for value in values)
    width = max(len(str(value)) for value in values) if whole else 0
    words = [str(value).zfill(width) if whole else _word(value) for value in values]
    if len({word.casefold() for word in words}) < len(words):
        words = [f"{index}-{word}" for index, word in enumerate(words, 1)]
    return [f"{stem}-{word}" for word in words]


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _plain(text)[:_LONGEST_NAME].rstrip(".") or "value"


def _plain(text: str) -> str:
    return slug(text, keep=".+-", lower=False)
