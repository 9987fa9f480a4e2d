"""Files of weights on this machine: the folder for them, the one that comes with plotart, those that people name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.resources import as_file, files
from pathlib import Path

from plotart.errors import WeightsError
from plotart.files.own_folders import own_folder


def cache_folder() -> Path:
    """Where weights are kept that were fetched; it need not exist."""
    return own_folder("cache")


def given_file(weights: Path | str) -> Path:
    """The path of a weights file that a person named. Raises WeightsError if no file is there."""
    path = Path(os.path.expanduser(weights))
    if not os.path.isfile(path):
        found = "is a folder" if os.path.isdir(path) else "does not exist"
        raise WeightsError(f"{path} {found}: allowed is a weights file, .pth or .safetensors")
    return path


@contextmanager
def shipped_motif() -> Iterator[Path]:
    """The motif.safetensors that comes with plotart, as a file while the context lasts. Raises WeightsError."""
    resource = files("plotart") / "networks" / "data" / "motif.safetensors"
    if not resource.is_file():
        raise WeightsError(f"{resource} is missing: this copy of plotart is incomplete, install it again")
    with as_file(resource) as path:
        yield path


def motif_file(weights: Path | str | None) -> AbstractContextManager[Path]:
    """The file that a person named, or the one that comes with plotart. Raises WeightsError."""
    return shipped_motif() if weights is None else nullcontext(given_file(weights))


def damaged(path: Path, kind: str, error: Exception) -> WeightsError:
    """What to raise for a file that a reader failed at with `error`."""
    # The first sentence alone: torch goes on to recommend loading without weights_only.
    reason = (str(error) or type(error).__name__).partition(". ")[0].partition("\n")[0]
    return WeightsError(f"{path} is damaged or not a {kind} ({reason}): replace it with a fresh copy")
