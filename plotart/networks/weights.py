"""Weights files on this machine: the folder for them, and reading them with names and shapes checked."""

from __future__ import annotations

import itertools
import json
import math
import os
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import torch
from platformdirs import user_cache_path
from safetensors import safe_open
from torch import Tensor

from plotart.errors import WeightsError
from plotart.networks.digests import check_name
from plotart.networks.vgg import Heads, Widths, convolution_names

#: Called with the bytes that are done and the bytes in all.
Progress = Callable[[int, int], None]


#: Under which key a file's metadata has the names of a head's channels, and heads of one channel.
_NAMES = {"class": "classes", "color": "colors"}
_ALONE = ("nothing", "neat")

#: Blocks of a motif network, and convolutions in a block, at most.
_MOST_BLOCKS = 9

#: What only checkpoints of trainings and networks with batch normalisation have.
_CONVERTIBLE = frozenset({"model", "state_dict", "features.1.running_mean"})


@dataclass(frozen=True)
class MotifHeader:
    """What a motif.safetensors says of itself; `mean` and `std` are those of all three channels, the others as VGG has
    them."""

    heads: Heads
    natures: Heads
    widths: Widths
    colors: tuple[int, ...]
    mean: float
    std: float


def cache_folder() -> Path:
    """$PLOTART_CACHE, else plotart in $XDG_CACHE_HOME, else the system's place for what can be fetched again, as
    ~/.cache/plotart on Linux; it need not exist."""
    if own := os.environ.get("PLOTART_CACHE"):
        return Path(os.path.expanduser(own))
    if home := os.environ.get("XDG_CACHE_HOME"):
        return Path(os.path.expanduser(home), "plotart")
    return user_cache_path("plotart", appauthor=False)


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


def torchvision_names(widths: Widths, *, normalised: bool = False) -> dict[str, str]:
    """torchvision's name of each convolution: features.N, N counting convolutions, relus, poolings and, where each
    convolution is `normalised`, its batch normalisation alike."""
    numbers, number = [], 0
    for block in widths:
        for _ in block:
            numbers.append(number)
            number += 3 if normalised else 2
        number += 1
    return {name: f"features.{n}" for name, n in zip(convolution_names(widths), numbers, strict=True)}


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


def read_motif_header(path: Path) -> MotifHeader:
    """Classes, widths and normalisation of a motif.safetensors. Raises WeightsError."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensors = file.keys()
            shapes = {name: file.get_slice(name).get_shape() for name in tensors}
    except Exception as error:
        raise damaged(path, "safetensors file", error) from error
    try:
        names = {head: json.loads(metadata[key]) for head, key in _NAMES.items() if key in metadata}
        names |= {head: [head] for head in _ALONE if f"{head}.weight" in shapes}
        natures = json.loads(metadata.get("natures", "{}"))
        mean, std = float(metadata["mean"]), float(metadata["deviation"])
    except (KeyError, ValueError) as error:
        raise _bad_header(path, metadata) from error
    heads = {head: tuple(given) for head, given in names.items() if _are_names(given)}
    sound = heads.keys() == names.keys() and isinstance(natures, dict) and all(map(_are_names, natures.values()))
    if not (sound and "class" in heads and math.isfinite(mean) and math.isfinite(std) and std > 0):
        raise _bad_header(path, metadata)
    of_classes = {name: tuple(colors) for name, colors in natures.items()}
    return MotifHeader(heads, of_classes, _widths_of(path, shapes), _run_of(shapes, "color"), mean, std)


def _are_names(given: object) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(name, str) for name in given)


def _widths_of(path: Path, shapes: Mapping[str, list[int]]) -> Widths:
    """How many channels each convolution of the file has, block by block."""
    blocks: list[tuple[int, ...]] = []
    for block in range(1, _MOST_BLOCKS + 1):
        widths = _run_of(shapes, f"conv{block}_")
        if not widths:
            break
        blocks.append(widths)
    if not blocks:
        raise WeightsError(f"{path}: tensor conv1_1.weight is missing: this is no motif network")
    return tuple(blocks)


def _run_of(shapes: Mapping[str, list[int]], prefix: str) -> tuple[int, ...]:
    """The channels of the convolutions prefix1, prefix2, ... that there are."""
    layers = [f"{prefix}{k}.weight" for k in range(1, _MOST_BLOCKS + 1)]
    return tuple(shapes[name][0] for name in itertools.takewhile(shapes.__contains__, layers) if shapes[name])


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


def damaged(path: Path, kind: str, error: Exception) -> WeightsError:
    """What to raise for a file that a reader failed at with `error`."""
    # The first sentence alone: torch goes on to recommend loading without weights_only.
    reason = (str(error) or type(error).__name__).partition(". ")[0].partition("\n")[0]
    return WeightsError(f"{path} is damaged or not a {kind} ({reason}): replace it with a fresh copy")


def _bad_header(path: Path, metadata: Mapping[str, str]) -> WeightsError:
    return WeightsError(
        f"{path} has the metadata {dict(metadata)}: expected classes (a JSON list of names), "
        "mean (a number) and deviation (a number above 0)"
    )
