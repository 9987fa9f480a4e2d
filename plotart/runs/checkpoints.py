"""Checkpoints: what a run can go on from, the newest few of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from plotart.runs.run import RunFolder

#: Checkpoints that are kept; older ones are removed.
KEPT_CHECKPOINTS = 3

#: Is called with a sentence about something that is no error.
OnNote = Callable[[str], None]

#: Tensors by name, and texts.
Checkpoint = tuple[dict[str, Tensor], dict[str, str]]

#: The metadata of a checkpoint that tells whether the rest is as it was written.
_DIGEST = "sha256"


def save_checkpoint(folder: RunFolder, step: int, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """One more, after so many steps; the oldest of more than three is removed. Raises OutputError."""
    contiguous = {name: value.contiguous().cpu() for name, value in tensors.items()}
    signed = {**metadata, _DIGEST: _digest(contiguous, metadata)}
    new = folder.write(f"checkpoints/{step:08d}.safetensors", save(contiguous, signed))
    for old in folder.checkpoints[:-KEPT_CHECKPOINTS]:
        if old != new:  # a run that begins anew has fewer steps than what is there
            old.unlink(missing_ok=True)


def newest_checkpoint(folder: RunFolder, on_note: OnNote | None = None) -> Checkpoint | None:
    """Tensors and metadata of the newest checkpoint that is whole; `on_note` is called for those that are not."""
    for path in reversed(folder.checkpoints):
        try:
            with safe_open(path, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                metadata = dict(file.metadata() or {})
            if metadata.pop(_DIGEST, None) == _digest(tensors, metadata):
                return tensors, metadata
        except (SafetensorError, OSError):
            pass
        if on_note is not None:
            on_note(f"{path}: this checkpoint is damaged; going back to the one before it")
    return None


def _digest(tensors: dict[str, Tensor], metadata: dict[str, str]) -> str:
    """SHA-256 of a checkpoint's values and texts, in the order of their names."""
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()
