"""plotart's own networks with their weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from plotart.networks.description import Pooling, Progress
from plotart.networks.motif_header import read_motif_header
from plotart.networks.published import PUBLISHED
from plotart.networks.published_tensors import published_tensors
from plotart.networks.ranges import Shapes
from plotart.networks.vgg import IMAGENET_MEAN, IMAGENET_STD, VGG
from plotart.networks.vgg_layers import torchvision_names
from plotart.networks.weights import read_tensors
from plotart.networks.weights_files import given_file, motif_file

_Reader = Callable[[Shapes], dict[str, Tensor]]


def load_published(
    name: str, weights: Path | str | None, pooling: Pooling, up_to: str | None, progress: Progress | None
) -> VGG:
    """VGG16 or VGG19 with its published weights, or those of a file. Raises NetworkError, WeightsError."""
    widths = PUBLISHED[name].widths
    with torch.device("meta"):
        network = VGG(name, widths, IMAGENET_MEAN, IMAGENET_STD, pooling=pooling, up_to=up_to)
    read: _Reader = (
        partial(published_tensors, name, progress=progress)
        if weights is None
        else partial(read_tensors, given_file(weights))
    )
    return _fill(network, read, torchvision_names(widths))


def load_motif(weights: Path | str | None, pooling: Pooling, up_to: str | None) -> VGG:
    """The network that comes with plotart, or that of a file. Raises NetworkError, WeightsError."""
    with motif_file(weights) as path:
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
