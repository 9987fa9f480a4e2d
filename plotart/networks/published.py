"""The published weights of VGG16 and VGG19: where they come from, and what of them is on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from plotart.networks.vgg_layers import VGG16_WIDTHS, VGG19_WIDTHS, Widths, torchvision_names
from plotart.networks.weights_files import cache_folder


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


def published_file(network: str) -> Path | None:
    """torchvision's file of `network` in the cache folder or torch.hub's folder, if it is there."""
    for folder in (cache_folder(), _hub_folder() / "checkpoints"):
        path = folder / PUBLISHED[network].file
        if os.path.isfile(path):
            return path
    return None


def fetched_layers(network: str) -> tuple[list[str], int]:
    """The layers of `network`, from the first one on, whose tensors have been fetched, and the bytes of their files."""
    source = PUBLISHED[network]
    if not source.folder.is_dir():
        return [], 0
    from plotart.networks.ranges import stored_file, stored_tensors

    layers: list[str] = []
    size, incoming = 0, 3
    for (layer, name), width in zip(torchvision_names(source.widths).items(), chain(*source.widths), strict=True):
        shapes = {f"{name}.weight": (width, incoming, 3, 3), f"{name}.bias": (width,)}
        if len(stored_tensors(source.folder, shapes, hashes=source.sha256)) < len(shapes):
            break
        layers.append(layer)
        size += sum(stored_file(source.folder, tensor).stat().st_size for tensor in shapes)
        incoming = width
    return layers, size


def _hub_folder() -> Path:
    """torch.hub's folder. Who only asks what is here need not load torch: until it is loaded, nobody can have set it to
    anything but what the environment says."""
    if (torch := sys.modules.get("torch")) is not None:
        return Path(torch.hub.get_dir())
    cache = os.getenv("XDG_CACHE_HOME", "~/.cache")
    return Path(os.path.expanduser(os.getenv("TORCH_HOME", os.path.join(cache, "torch"))), "hub")
