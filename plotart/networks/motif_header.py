"""What a motif.safetensors says of itself in its header: classes, colours, widths; no weight is read."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open

from plotart.errors import WeightsError
from plotart.networks.vgg_layers import Heads, Widths
from plotart.networks.weights_files import damaged

#: Under which key a file's metadata has the names of a head's channels, and heads of one channel.
_NAMES = {"class": "classes", "color": "colors"}
_ALONE = ("nothing", "neat")

#: Blocks of a motif network, and convolutions in a block, at most.
_MOST_BLOCKS = 9


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


def read_motif_header(path: Path) -> MotifHeader:
    """Classes, widths and normalisation of a motif.safetensors. Raises WeightsError."""
    try:
        with safe_open(path, framework="np") as file:
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


def _bad_header(path: Path, metadata: Mapping[str, str]) -> WeightsError:
    return WeightsError(
        f"{path} has the metadata {dict(metadata)}: expected classes (a JSON list of names), "
        "mean (a number) and deviation (a number above 0)"
    )
