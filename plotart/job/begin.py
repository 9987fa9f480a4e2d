"""How a run begins: anew, from a checkpoint, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import torch

from plotart.config import Config
from plotart.errors import ConfigError, InputError, OutputError
from plotart.job.events import Note, OnEvent
from plotart.networks.precision import name_of, precision_for
from plotart.runs.record import cores
from plotart.runs.run import Checkpoint, RunFolder
from plotart.schema.problems import show

#: What to do with a run that is in the folder already.
Existing = Literal["refuse", "resume", "resume-changed", "overwrite"]


@dataclass(frozen=True)
class Beginning:
    """The config with nothing left open, the checkpoint to go on from, and whether all is done already."""

    config: Config
    saved: Checkpoint | None = None
    finished: bool = False

    @property
    def threads(self) -> int:
        """As many as the run was begun with, else one per core."""
        begun = self.saved[1].get("threads", "") if self.saved else ""
        return int(begun) if begun.isdecimal() else cores()


def begin(
    config: Config, folder: RunFolder, existing: Existing, device: torch.device, on_event: OnEvent | None = None
) -> Beginning:
    """Raises OutputError for a run that is in the way, ConfigError for one that was begun with another config, and
    WeightsError for a surprise that can't be had."""
    if existing not in get_args(Existing):
        raise InputError(f"existing: found {existing!r}; allowed are {', '.join(get_args(Existing))}")
    if config.is_surprise:
        if on_event is not None:
            on_event(Note(f"surprise: {config.surprise.name}"))
        config = config.picked()
    saved, changed = None, False
    if existing == "refuse":
        _check_free(folder)
    elif existing != "overwrite":
        config, changed = _as_begun(config, folder.path, may_change=existing == "resume-changed")
        if folder.finished and not changed:
            return Beginning(config, finished=True)
        saved = folder.newest_checkpoint(None if on_event is None else lambda text: on_event(Note(text)))
    if config.optimize.precision == "auto":
        config = _with_precision(config, name_of(precision_for(device)))
    config = config.dated(date.today().isoformat())
    return Beginning(config, saved)


def _check_free(folder: RunFolder) -> None:
    """Raises OutputError if a run is there that would be lost."""
    found = "a finished run" if folder.finished else f"a run with a checkpoint after {folder.steps_saved} steps"
    if folder.finished or folder.steps_saved:
        raise OutputError(
            f"{folder.path}: holds {found}; allowed: --resume to go on with it, --overwrite to begin anew, "
            "or another folder with --out"
        )


def _as_begun(config: Config, folder: Path, *, may_change: bool) -> tuple[Config, bool]:
    """The config to go on with, and whether it is another one than that of the run in the folder, if one is there.

    The number type and the date that the run was begun with are kept. Raises ConfigError for another config, unless it
    may be.
    """
    path = folder / "config.yaml"
    if not path.is_file():
        return config, False
    begun = Config.load(path)
    if config.optimize.precision == "auto":
        config = _with_precision(config, begun.optimize.precision)
    config = config.dated(begun.edition.date)
    before, now = (c.model_dump(mode="json", by_alias=True) for c in (begun, config))
    different = list(_differences(before, now))
    if different and not may_change:
        raise ConfigError(
            f"{path}: can't go on with another config: {'; '.join(different)}; "
            "allowed: the config that the run was begun with, --changed-config to go on with this one all the same, "
            "or --overwrite in place of --resume to begin anew"
        )
    return config, bool(different)


def _with_precision(config: Config, name: str) -> Config:
    return config.model_copy(update={"optimize": config.optimize.model_copy(update={"precision": name})})


def _differences(before: Any, now: Any, key: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() == now.keys():
        for name in before:
            yield from _differences(before[name], now[name], f"{key}.{name}" if key else name)
    elif before != now:
        yield f"{key} was {show(before)} and is {show(now)}"
