"""The published weights of VGG16 and VGG19: where they are on this machine, and fetching those that are needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from plotart.errors import WeightsError
from plotart.networks.ranges import BrokenOff, Shapes, fetch_tensors, stored_file, stored_tensors
from plotart.networks.vgg import VGG16_WIDTHS, VGG19_WIDTHS, Widths
from plotart.networks.weights import Progress, cache_folder, read_tensors, torchvision_names

#: Where torchvision's files can be had by hand.
DOWNLOADS = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class Published:
    """A network's published weights.

    widths  channels of the convolutions, block by block
    file    torchvision's file of all weights
    model   the same weights on Hugging Face: timm's model, whose convolutions have torchvision's names
    sha256  of the bytes of its tensors, where they are known; the cache's files record them
    """

    widths: Widths
    file: str
    model: str
    sha256: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the tensors are fetched from: at $HF_ENDPOINT, as Hugging Face's own tools do."""
        endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
        return f"{endpoint}/timm/{self.model}/resolve/main/model.safetensors"

    @property
    def folder(self) -> Path:
        """The part of the cache folder where fetched tensors are."""
        return cache_folder() / self.model


PUBLISHED = {
    "vgg16": Published(VGG16_WIDTHS, "vgg16-397923af.pth", "vgg16.tv_in1k"),
    "vgg19": Published(VGG19_WIDTHS, "vgg19-dcbb9e9d.pth", "vgg19.tv_in1k"),
}


def published_tensors(network: str, shapes: Shapes, progress: Progress | None = None) -> dict[str, Tensor]:
    """The tensors of `network` that `shapes` names, as float32; those that are not on this machine are fetched.

    Raises WeightsError.
    """
    source = PUBLISHED[network]
    if (path := published_file(network)) is not None:
        try:
            return read_tensors(path, shapes)
        except WeightsError as error:
            cure = f"{DOWNLOADS}{source.file} is the published one; without a file, what is needed is fetched"
            raise WeightsError(f"{error} ({cure})") from error
    try:
        return fetch_tensors(source.url, shapes, source.folder, hashes=source.sha256, progress=progress)
    except WeightsError as error:
        # Where nothing came there is nothing to go on from.
        again = "try again, which goes on from there, " if isinstance(error, BrokenOff) and error.kept else ""
        raise _failed(network, str(error), again) from error
    except OSError as error:
        raise _failed(network, f"{source.folder} can't be written to: {error.strerror or error}") from error


def published_file(network: str) -> Path | None:
    """torchvision's file of `network` in the cache folder or torch.hub's folder, if it is there."""
    for folder in (cache_folder(), Path(torch.hub.get_dir()) / "checkpoints"):
        path = folder / PUBLISHED[network].file
        if os.path.isfile(path):
            return path
    return None


def fetched_layers(network: str) -> tuple[list[str], int]:
    """The layers of `network`, from the first one on, whose tensors have been fetched, and the bytes of their files."""
    source = PUBLISHED[network]
    layers: list[str] = []
    size, incoming = 0, 3
    for (layer, name), width in zip(torchvision_names(source.widths).items(), chain(*source.widths), strict=True):
        shapes: Shapes = {f"{name}.weight": (width, incoming, 3, 3), f"{name}.bias": (width,)}
        if len(stored_tensors(source.folder, shapes, hashes=source.sha256)) < len(shapes):
            break
        layers.append(layer)
        size += sum(stored_file(source.folder, tensor).stat().st_size for tensor in shapes)
        incoming = width
    return layers, size


def _failed(network: str, reason: str, again: str = "") -> WeightsError:
    file = PUBLISHED[network].file
    return WeightsError(
        f"{network} needs its published weights, and fetching them failed ({reason}): {again}put the file "
        f"{DOWNLOADS}{file} into {cache_folder()}, or choose `network: motif`, which needs no download"
    )
