"""Weights files: finding them, downloading torchvision's published ones, and reading them with every shape checked."""

from __future__ import annotations

import hashlib
import json
import math
import os
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from importlib.resources import as_file, files
from pathlib import Path
from uuid import uuid4

import torch
from safetensors import safe_open
from torch import Tensor

from plotart.errors import WeightsError
from plotart.networks.vgg import Widths, convolution_names

#: Called with the bytes that are done and the bytes in all (0 if the server doesn't say).
Progress = Callable[[int, int], None]

#: torchvision's files by network; the digits at the end are the first of the file's SHA-256.
PUBLISHED = {"vgg16": "vgg16-397923af.pth", "vgg19": "vgg19-dcbb9e9d.pth"}
DOWNLOADS = "https://download.pytorch.org/models/"

_TIMEOUT_S = 30.0
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class MotifHeader:
    """The metadata of motif.safetensors; `mean` and `std` are those of all three channels."""

    classes: tuple[str, ...]
    mean: float
    std: float


def cache_folder() -> Path:
    """$PLOTART_CACHE, else plotart in $XDG_CACHE_HOME or ~/.cache; it need not exist."""
    if own := os.environ.get("PLOTART_CACHE"):
        return Path(os.path.expanduser(own))
    return Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache"), "plotart")


def find_published(network: str, progress: Progress | None = None) -> Path:
    """torchvision's weights of `network`: from the cache folder, torch.hub's folder, or downloaded into the cache.

    Raises WeightsError.
    """
    file = PUBLISHED[network]
    hub = Path(torch.hub.get_dir()) / "checkpoints"
    for folder in (cache_folder(), hub):
        if os.path.isfile(folder / file):
            return folder / file
    return _download(network, file, cache_folder(), progress)


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
    resource = files("plotart") / "data" / "motif.safetensors"
    if not resource.is_file():
        raise WeightsError(f"{resource} is missing: this copy of plotart is incomplete, install it again")
    with as_file(resource) as path:
        yield path


def torchvision_names(widths: Widths) -> dict[str, str]:
    """torchvision's name of each convolution: features.N, N counting convolutions, relus and poolings alike."""
    numbers, number = [], 0
    for block in widths:
        for _ in block:
            numbers.append(number)
            number += 2
        number += 1
    return {name: f"features.{n}" for name, n in zip(convolution_names(widths), numbers, strict=True)}


def read_tensors(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """The tensors that `shapes` names, as float32 in memory of their own; others in the file are ignored.

    Raises WeightsError if the file can't be read, or if a tensor is missing, of another shape or not finite.
    """
    reader = _read_safetensors if path.suffix == ".safetensors" else _read_pickle
    found = reader(path, shapes)
    return {name: _checked(path, name, found.get(name), shape) for name, shape in shapes.items()}


def read_motif_header(path: Path) -> MotifHeader:
    """Classes and normalisation from the metadata of a motif.safetensors. Raises WeightsError."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
    except Exception as error:
        raise _damaged(path, "safetensors file", error) from error
    try:
        classes = json.loads(metadata["classes"])
        mean, std = float(metadata["mean"]), float(metadata["deviation"])
    except (KeyError, ValueError) as error:
        raise _bad_header(path, metadata) from error
    names = isinstance(classes, list) and classes and all(isinstance(name, str) for name in classes)
    if not (names and math.isfinite(mean) and math.isfinite(std) and std > 0):
        raise _bad_header(path, metadata)
    return MotifHeader(tuple(classes), mean, std)


def _read_safetensors(path: Path, names: Mapping[str, object]) -> Mapping[str, object]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in names.keys() & set(file.keys())}
    except Exception as error:
        raise _damaged(path, "safetensors file", error) from error


def _read_pickle(path: Path, names: Mapping[str, object]) -> Mapping[str, object]:
    try:
        # Only zip files can be mapped; then the classifier's 400 MB and more stay on the disk.
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except Exception as error:  # damaged bytes make the unpickler raise nearly anything
        raise _damaged(path, "PyTorch state dict", error) from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"{path} holds a {type(state).__name__}: expected a state dict with {next(iter(names))}")
    return state


def _checked(path: Path, name: str, found: object, shape: tuple[int, ...]) -> Tensor:
    expected = f"expected shape {list(shape)}"
    if found is None:
        raise WeightsError(f"{path}: tensor {name} is missing, {expected}")
    if not isinstance(found, Tensor) or not found.is_floating_point():
        kind = found.dtype if isinstance(found, Tensor) else type(found).__name__
        raise WeightsError(f"{path}: {name} is of type {kind}, expected a tensor of floating point numbers, {expected}")
    if tuple(found.shape) != shape:
        raise WeightsError(f"{path}: tensor {name} has shape {list(found.shape)}, {expected}")
    # A copy: a mapped file may be changed or cut while the network is in use.
    tensor = found.to(torch.float32, copy=True, memory_format=torch.contiguous_format)
    if not bool(tensor.isfinite().all()):
        raise WeightsError(f"{path}: tensor {name} of shape {list(shape)} has values that are not finite")
    return tensor


def _download(network: str, file: str, folder: Path, progress: Progress | None) -> Path:
    url = DOWNLOADS + file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(url, folder / file, progress)
    except (OSError, HTTPException) as error:
        raise WeightsError(
            f"{network} needs the weights file {file}, and downloading it failed ({error or type(error).__name__}): "
            f"put the file from {url} into {folder}, or choose `network: motif`, which needs no download"
        ) from error
    return folder / file


def _fetch(url: str, target: Path, progress: Progress | None) -> None:
    """Writes what `url` gives to `target`, all of it or nothing. Raises OSError, HTTPException."""
    part = target.with_name(f"{target.name}.{uuid4().hex}.part")
    digest, done = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response, part.open("xb") as out:
            total = int(response.headers.get("Content-Length") or 0)
            while chunk := response.read(_CHUNK_BYTES):
                out.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)
        if done < total:
            raise OSError(f"it ended after {done} of {total} bytes")
        expected = target.stem.rpartition("-")[2]
        if not digest.hexdigest().startswith(expected):
            raise OSError(f"its SHA-256 starts with {digest.hexdigest()[: len(expected)]}, expected {expected}")
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _damaged(path: Path, kind: str, error: Exception) -> WeightsError:
    # The first sentence alone: torch goes on to recommend loading without weights_only.
    reason = (str(error) or type(error).__name__).partition(". ")[0].partition("\n")[0]
    return WeightsError(f"{path} is damaged or not a {kind} ({reason}): replace it with a fresh copy")


def _bad_header(path: Path, metadata: Mapping[str, str]) -> WeightsError:
    return WeightsError(
        f"{path} has the metadata {dict(metadata)}: expected classes (a JSON list of names), "
        "mean (a number) and deviation (a number above 0)"
    )
