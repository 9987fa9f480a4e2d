"""How a run begins: anew, from a checkpoint, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import torch
from torch import Tensor

from plotart.canvas.hands import Hands, hands_of
from plotart.config import Config
from plotart.errors import CheckpointError, ConfigError, InputError, OutputError
from plotart.job.events import Note, OnEvent
from plotart.networks.precision import name_of, precision_for
from plotart.optimize.optimizer import canvas_tensors
from plotart.runs.checkpoints import Checkpoint, newest_checkpoint
from plotart.runs.record import cores
from plotart.runs.run import RunFolder
from plotart.schema.differences import differences

#: What to do with a run that is in the folder already.
Existing = Literal["refuse", "resume", "resume-changed", "overwrite"]


#: Keys by which strokes are laid, and those by which only looks are.
_LAYING = (
    "look",
    *(f"strokes.{key}" for key in ("init", "count", "coverage", "segments", "length", "svg", "composition")),
)
_LAYING_LOOKS = ("page.size", "page.orientation", "page.margin", "page.cut")


@dataclass(frozen=True)
class Beginning:
    """The config with nothing left open, the checkpoint to go on from, and whether all is done already.

    before  the config that the run was begun with; hands, anew  as `generate` is given them
    """

    config: Config
    saved: Checkpoint | None = None
    finished: bool = False
    before: Config | None = None
    hands: Hands | None = None
    anew: bool = False

    @property
    def on_canvas(self) -> dict[str, Tensor]:
        """What the checkpoint has of the canvas, by name."""
        return canvas_tensors(self.saved[0]) if self.saved is not None else {}

    @property
    def threads(self) -> int:
        """As many as the run was begun with, else one per core."""
        begun = self.saved[1].get("threads", "") if self.saved else ""
        return int(begun) if begun.isdecimal() else cores()


def begin(
    config: Config,
    folder: RunFolder,
    existing: Existing,
    device: torch.device,
    on_event: OnEvent | None = None,
    *,
    hands: Hands | None = None,
    anew: bool = False,
) -> Beginning:
    """Raises OutputError for a run that is in the way, ConfigError for one that was begun with another config,
    WeightsError for a surprise that can't be had, and InputError where there is no checkpoint for hands."""
    if existing not in get_args(Existing):
        raise InputError(f"existing: found {existing!r}; allowed are {', '.join(get_args(Existing))}")
    if anew and existing not in ("resume", "resume-changed"):
        raise InputError(f"anew: found it with existing={existing!r}; allowed are resume and resume-changed")
    if config.is_surprise:
        if on_event is not None:
            on_event(Note(f"surprise: {config.surprise.name}"))
        config = config.picked()
    saved, before = None, None
    if existing == "refuse":
        _check_free(folder)
    elif existing != "overwrite":
        config, before = _as_begun(config, folder.path, may_change=existing == "resume-changed")
        done = folder.finished and not anew and before in (None, config)
        if done and hands is None:
            return Beginning(config, finished=True)
        saved = newest_checkpoint(folder, None if on_event is None else lambda text: on_event(Note(text)))
        tensors = canvas_tensors(saved[0]) if saved is not None else {}
        if done and hands == hands_of(tensors):
            return Beginning(config, finished=True)
        if (saved is None and (done or anew)) or (anew and before is None):
            raise InputError(f"{folder.path}: found no checkpoint with strokes for hands; allowed: a run that has one")
        if before is not None and not anew:
            _check_layout(folder.path, before, config, tensors)
    if config.optimize.precision == "auto":
        config = _with_precision(config, name_of(precision_for(device)))
    config = config.dated(date.today().isoformat())
    return Beginning(config, saved, before=before, hands=hands, anew=anew)


def _check_layout(folder: Path, before: Config, now: Config, tensors: Mapping[str, Tensor]) -> None:
    """Raises CheckpointError if strokes lie as a checkpoint's `tensors` of the canvas say, and the config has come to
    want them laid otherwise."""
    if "layout.num_points" not in tensors:
        return
    keys = (*_LAYING, *_LAYING_LOOKS) if "layout.points" in tensors else _LAYING
    different = [text for text in _differences(before, now) if text.startswith(keys)]
    if different:
        raise CheckpointError(
            f"{folder / 'config.yaml'}: can't lay strokes otherwise that have begun: {'; '.join(different)}; "
            "allowed: --overwrite in place of --resume to begin anew"
        )


def _check_free(folder: RunFolder) -> None:
    """Raises OutputError if a run is there that would be lost."""
    found = "a finished run" if folder.finished else f"a run with a checkpoint after {folder.steps_saved} steps"
    if folder.finished or folder.steps_saved:
        raise OutputError(
            f"{folder.path}: holds {found}; allowed: --resume to go on with it, --overwrite to begin anew, "
            "or another folder with --out"
        )


def _as_begun(config: Config, folder: Path, *, may_change: bool) -> tuple[Config, Config | None]:
    """The config to go on with, and that of the run in the folder, if one is there.

    The number type and the date that the run was begun with are kept. Raises ConfigError for another config, unless it
    may be.
    """
    path = folder / "config.yaml"
    if not path.is_file():
        return config, None
    begun = Config.load(path)
    if config.optimize.precision == "auto":
        config = _with_precision(config, begun.optimize.precision)
    config = config.dated(begun.edition.date)
    different = _differences(begun, config)
    if different and not may_change:
        raise ConfigError(
            f"{path}: can't go on with another config: {'; '.join(different)}; "
            "allowed: the config that the run was begun with, --changed-config to go on with this one all the same, "
            "or --overwrite in place of --resume to begin anew"
        )
    return config, begun if different else config


def _with_precision(config: Config, name: str) -> Config:
    return config.model_copy(update={"optimize": config.optimize.model_copy(update={"precision": name})})


def _differences(before: Config, now: Config) -> list[str]:
    was, found = (config.model_dump(mode="json", by_alias=True) for config in (before, now))
    return [str(difference) for difference in differences(was, found)]
