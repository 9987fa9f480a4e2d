"""Weights out of files, with names and shapes checked."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from plotart.errors import WeightsError
from plotart.networks.digests import check_name
from plotart.networks.weights_files import cache_folder, damaged

#: What only checkpoints of trainings and networks with batch normalisation have.
_CONVERTIBLE = frozenset({"model", "state_dict", "features.1.running_mean"})


def read_tensors(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """The tensors that `shapes` names, as float32 in memory of their own; others in the file are ignored.

    Raises WeightsError if the file can't be read, if it is not the one that its name promises, or if a tensor is
    missing, of another shape or not finite.
    """
    reader = _read_safetensors if path.suffix == ".safetensors" else _read_pickle
    found = reader(path, shapes)
    return {name: checked_tensor(path, name, found.get(name), shape) for name, shape in shapes.items()}


def checked_tensor(source: Path | str, name: str, found: object, shape: tuple[int, ...]) -> Tensor:
    """What `source` has as the tensor `name`, as float32 in memory of its own.

    Raises WeightsError if it is missing, no tensor, of another shape or not finite.
    """
    expected = f"expected shape {list(shape)}"
    if found is None:
        raise WeightsError(f"{source}: tensor {name} is missing, {expected}")
    if not isinstance(found, Tensor) or not found.is_floating_point():
        kind = found.dtype if isinstance(found, Tensor) else type(found).__name__
        raise WeightsError(
            f"{source}: {name} is of type {kind}, expected a tensor of floating point numbers, {expected}"
        )
    if tuple(found.shape) != shape:
        raise WeightsError(f"{source}: tensor {name} has shape {list(found.shape)}, {expected}")
    # A copy: a mapped file may be changed or cut while the network is in use.
    tensor = found.to(torch.float32, copy=True, memory_format=torch.contiguous_format)
    if not bool(tensor.isfinite().all()):
        raise WeightsError(f"{source}: tensor {name} of shape {list(shape)} has values that are not finite")
    return tensor


def _read_safetensors(path: Path, names: Mapping[str, object]) -> Mapping[str, object]:
    try:
        with safe_open(path, framework="pt") as file:
            found = set(file.keys())
            _check_plain(path, found)
            return {name: file.get_tensor(name) for name in names.keys() & found}
    except WeightsError:
        raise
    except Exception as error:
        raise damaged(path, "safetensors file", error) from error


def _read_pickle(path: Path, names: Mapping[str, object]) -> Mapping[str, object]:
    try:
        check_name(path, cache_folder())
        is_zip = zipfile.is_zipfile(path)
        if is_zip:
            with zipfile.ZipFile(path) as archive:
                check_stored(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickle protocols that torch would rather not read
            # Only zip files can be mapped; then the classifier's 400 MB and more stay on the disk.
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except WeightsError:
        raise
    except Exception as error:  # damaged bytes make the unpickler raise nearly anything
        cure = "of a training's checkpoint, `plotart networks convert` makes a file that is allowed here"
        raise WeightsError(f"{damaged(path, 'PyTorch state dict', error)}; {cure}") from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"{path} holds a {type(state).__name__}: expected a state dict with {next(iter(names))}")
    _check_plain(path, state.keys())
    return state


def _check_plain(path: Path, names: Collection[object]) -> None:
    """Raises WeightsError for weights that have to be converted first."""
    if not _CONVERTIBLE.isdisjoint(names):
        raise WeightsError(
            f"{path} is a training's checkpoint, or has batch normalisation: `plotart networks convert` makes a file "
            "of it that is allowed here"
        )


def check_stored(archive: zipfile.ZipFile) -> None:
    """Raises ValueError for an archive of compressed parts: torch writes none, and a few kB can be gigabytes."""
    if any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist()):
        raise ValueError("an archive with compressed parts")
