"""Image networks whose layers, channels and classes can be drawn."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.errors import NetworkError
from plotart.networks.description import Description, Pooling, Progress
from plotart.networks.source import Source
from plotart.plugins import NETWORKS

if TYPE_CHECKING:
    from plotart.networks.network import Network
    from plotart.networks.vgg import VGG

__all__ = ["VGG", "Description", "Network", "Pooling", "Progress", "Source", "describe", "load_network"]

_HOME = {"Network": "plotart.networks.network", "VGG": "plotart.networks.vgg"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'plotart.networks' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def load_network(
    name: str,
    *,
    weights: Path | str | None = None,
    pooling: Pooling = "max",
    up_to: str | None = None,
    progress: Progress | None = None,
) -> Network:
    """The network `name` with its weights as float32 on the CPU, frozen.

    weights   a file to read them from: .safetensors, or for vgg16 and vgg19 torchvision's .pth too; if None,
              motif's come with plotart, vgg16's and vgg19's are in the cache folder or torch.hub's, or at Hugging Face
    pooling   "max" as the networks were trained, or "average"
    up_to     the last layer that is needed; only the tensors up to it are read or fetched
    progress  called while tensors are fetched with the bytes that are done and the bytes in all

    Raises NetworkError for an unknown name, layer or pooling, WeightsError for a file that is missing or damaged.
    """
    from plotart.networks.network import Network

    network = _source(name).load(name, weights=weights, pooling=pooling, up_to=up_to, progress=progress)
    if not isinstance(network, Network):
        raise NETWORKS.unusable(name, f"it loads a {type(network).__name__}, no plotart.networks.Network")
    return network.requires_grad_(False).eval()


def describe(name: str, *, weights: Path | str | None = None) -> Description:
    """Layers, channels and classes of the network `name`; reads no weights but the header of motif's, its own or those
    in the file `weights`. Raises NetworkError, WeightsError."""
    return _source(name).describe(name, weights=weights)


def _source(name: str) -> Source:
    if name not in NETWORKS.names:
        raise NetworkError(f"{name!r} is not a network: allowed are {', '.join(NETWORKS.names)}")
    source: Source = NETWORKS.load(name)
    return source
