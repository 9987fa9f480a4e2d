"""Image networks whose layers, channels and classes can be drawn."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch

from plotart.errors import NetworkError
from plotart.networks.vgg import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    MOTIF_WIDTHS,
    VGG,
    VGG16_WIDTHS,
    VGG19_WIDTHS,
    Description,
    Pooling,
)
from plotart.networks.weights import (
    Progress,
    find_published,
    given_file,
    read_motif_header,
    read_tensors,
    shipped_motif,
    torchvision_names,
)

__all__ = ["NETWORKS", "VGG", "Description", "Pooling", "Progress", "describe", "load_network"]

NETWORKS: tuple[str, ...] = ("motif", "vgg16", "vgg19")

_TORCHVISION = {"vgg16": VGG16_WIDTHS, "vgg19": VGG19_WIDTHS}


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
              motif's come with plotart, the others' from the cache folder, torch.hub's folder or a download
    pooling   "max" as the networks were trained, or "average"
    up_to     the last layer that is needed; only the tensors up to it are read
    progress  called during a download with the bytes that are done and the bytes in all (0 if not known)

    Raises NetworkError for an unknown name, layer or pooling, WeightsError for a file that is missing or damaged.
    """
    _check(name)
    if name == "motif":
        return _load_motif(weights, pooling, up_to)
    widths = _TORCHVISION[name]
    with torch.device("meta"):
        network = VGG(name, widths, IMAGENET_MEAN, IMAGENET_STD, pooling=pooling, up_to=up_to)
    path = find_published(name, progress) if weights is None else given_file(weights)
    return _fill(network, path, torchvision_names(widths))


def describe(name: str) -> Description:
    """Layers, channels and classes of the network `name`; reads no weights. Raises NetworkError, WeightsError."""
    _check(name)
    if name != "motif":
        return Description.of(name, _TORCHVISION[name])
    with shipped_motif() as path:
        return Description.of(name, MOTIF_WIDTHS, read_motif_header(path).classes)


def _check(name: str) -> None:
    if name not in NETWORKS:
        raise NetworkError(f"{name!r} is not a network: allowed are {', '.join(NETWORKS)}")


def _load_motif(weights: Path | str | None, pooling: Pooling, up_to: str | None) -> VGG:
    source: AbstractContextManager[Path] = shipped_motif() if weights is None else nullcontext(given_file(weights))
    with source as path:
        header = read_motif_header(path)
        mean, std = (header.mean,) * 3, (header.std,) * 3
        with torch.device("meta"):
            network = VGG("motif", MOTIF_WIDTHS, mean, std, header.classes, pooling=pooling, up_to=up_to)
        return _fill(network, path, {layer: layer for layer in network.layers})


def _fill(network: VGG, path: Path, names: dict[str, str]) -> VGG:
    """Gives a network on the meta device its tensors; `names` are the file's names of its layers."""
    keys = {}
    for key in network.state_dict():
        layer, _, kind = key.rpartition(".")
        keys[key] = f"{names[layer]}.{kind}"
    shapes = {keys[key]: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    tensors = read_tensors(path, shapes)
    network.load_state_dict({key: tensors[theirs] for key, theirs in keys.items()}, assign=True)
    return network
