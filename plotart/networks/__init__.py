"""Image networks whose layers, channels and classes can be drawn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from plotart.errors import NetworkError
from plotart.networks.published import PUBLISHED, published_tensors
from plotart.networks.ranges import Shapes
from plotart.networks.vgg import IMAGENET_MEAN, IMAGENET_STD, VGG, Description, Pooling
from plotart.networks.weights import (
    Progress,
    given_file,
    read_motif_header,
    read_tensors,
    shipped_motif,
    torchvision_names,
)

__all__ = ["NETWORKS", "VGG", "Description", "Pooling", "Progress", "describe", "load_network"]

NETWORKS: tuple[str, ...] = ("motif", "vgg16", "vgg19")

_Reader = Callable[[Shapes], dict[str, Tensor]]


def load_network(
    name: str,
    *,
    weights: Path | str | None = None,
    pooling: Pooling = "max",
    up_to: str | None = None,
    progress: Progress | None = None,
) -> VGG:
    """The network `name` with its weights as float32 on the CPU, frozen.

    weights   a file to read them from: .safetensors, or for vgg16 and vgg19 torchvision's .pth too; if None,
              motif's come with plotart, the others' from the cache folder, torch.hub's folder or Hugging Face
    pooling   "max" as the networks were trained, or "average"
    up_to     the last layer that is needed; only the tensors up to it are read or fetched
    progress  called while tensors are fetched with the bytes that are done and the bytes in all

    Raises NetworkError for an unknown name, layer or pooling, WeightsError for a file that is missing or damaged.
    """
    _check(name)
    if name == "motif":
        return _load_motif(weights, pooling, up_to)
    widths = PUBLISHED[name].widths
    with torch.device("meta"):
        network = VGG(name, widths, IMAGENET_MEAN, IMAGENET_STD, pooling=pooling, up_to=up_to)
    read: _Reader = (
        partial(published_tensors, name, progress=progress)
        if weights is None
        else partial(read_tensors, given_file(weights))
    )
    return _fill(network, read, torchvision_names(widths))


def describe(name: str, *, weights: Path | str | None = None) -> Description:
    """Layers, channels and classes of the network `name`; reads no weights but the header of motif's, its own or those
    in the file `weights`. Raises NetworkError, WeightsError."""
    _check(name)
    if name != "motif":
        return Description.of(name, PUBLISHED[name].widths)
    with _motif_file(weights) as path:
        header = read_motif_header(path)
        return Description.of(name, header.widths, header.classes)


def _check(name: str) -> None:
    if name not in NETWORKS:
        raise NetworkError(f"{name!r} is not a network: allowed are {', '.join(NETWORKS)}")


def _motif_file(weights: Path | str | None) -> AbstractContextManager[Path]:
    return shipped_motif() if weights is None else nullcontext(given_file(weights))


def _load_motif(weights: Path | str | None, pooling: Pooling, up_to: str | None) -> VGG:
    with _motif_file(weights) as path:
        header = read_motif_header(path)
        mean, std = (header.mean,) * 3, (header.std,) * 3
        with torch.device("meta"):
            network = VGG("motif", header.widths, mean, std, header.classes, pooling=pooling, up_to=up_to)
        return _fill(network, partial(read_tensors, path), {layer: layer for layer in network.layers})


def _fill(network: VGG, read: _Reader, names: dict[str, str]) -> VGG:
    """Gives a network on the meta device its tensors; `names` are the weights' names of its layers."""
    keys = {}
    for key in network.state_dict():
        layer, _, kind = key.rpartition(".")
        keys[key] = f"{names[layer]}.{kind}"
    shapes = {keys[key]: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    tensors = read(shapes)
    network.load_state_dict({key: tensors[theirs] for key, theirs in keys.items()}, assign=True)
    return network
