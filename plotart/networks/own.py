"""plotart's own networks: `motif`, which comes with it, and VGG16 and VGG19 with their published weights."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from plotart.networks.network import Description, Pooling
from plotart.networks.published import PUBLISHED, published_tensors
from plotart.networks.ranges import Shapes
from plotart.networks.vgg import IMAGENET_MEAN, IMAGENET_STD, VGG, vgg_description
from plotart.networks.weights import (
    Progress,
    given_file,
    read_motif_header,
    read_tensors,
    shipped_motif,
    torchvision_names,
)

_Reader = Callable[[Shapes], dict[str, Tensor]]


def load(
    name: str, *, weights: Path | str | None, pooling: Pooling, up_to: str | None, progress: Progress | None
) -> VGG:
    """As plotart.networks.load_network. Raises NetworkError, WeightsError."""
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


def describe(name: str, *, weights: Path | str | None) -> Description:
    """As plotart.networks.describe. Raises NetworkError, WeightsError."""
    if name != "motif":
        return vgg_description(name, PUBLISHED[name].widths)
    with _motif_file(weights) as path:
        header = read_motif_header(path)
        return vgg_description(name, header.widths, header.heads, header.natures)


def _motif_file(weights: Path | str | None) -> AbstractContextManager[Path]:
    return shipped_motif() if weights is None else nullcontext(given_file(weights))


def _load_motif(weights: Path | str | None, pooling: Pooling, up_to: str | None) -> VGG:
    with _motif_file(weights) as path:
        header = read_motif_header(path)
        mean, std = (header.mean,) * 3, (header.std,) * 3
        with torch.device("meta"):
            network = VGG(
                "motif",
                header.widths,
                mean,
                std,
                header.heads,
                natures=header.natures,
                colors=header.colors,
                pooling=pooling,
                up_to=up_to,
            )
        return _fill(network, partial(read_tensors, path), {part: part for part, _ in network.named_children()})


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
