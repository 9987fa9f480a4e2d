"""Which pens of a changed config take the places of those that a run was begun with."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from plotart.config import Config
from plotart.job.pens import build_pens


def columns_of(before: Config, now: Config) -> list[int] | None:
    """For each of the pens in plotting order the place, then, of the one that it was; None where none has moved.

    A pen is the one of the same name; those that are left are each other's in the order of the configs. A pen that gets
    another colour may be plotted earlier or later than before: what it draws stays its own.
    """
    same_kind = before.palette.mode == now.palette.mode != "learned"
    was, new = ([pen.name for pen in config.pens] for config in (before, now))
    if not same_kind or len(was) != len(new):
        return None
    left = [name for name in was if name not in new]
    was_called = {name: name if name in was else left.pop(0) for name in new}
    places = list(build_pens(before).names)
    columns = [places.index(was_called[name]) for name in build_pens(now).names]
    return columns if columns != list(range(len(columns))) else None


def with_columns(tensors: Mapping[str, Tensor], columns: list[int]) -> dict[str, Tensor]:
    """A checkpoint's tensors, what they have of each pen in these columns."""
    found, order = dict(tensors), torch.tensor(columns)
    for name, value in tensors.items():
        if name.rpartition(".")[0] in ("canvas", "adam.logits") and name.endswith(("logits", "exp_avg", "exp_avg_sq")):
            found[name] = value[..., order]
    if "canvas.open" in found:
        found["canvas.open"] = found["canvas.open"][order]
    return found
