"""A network of two random convolutions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plotart.networks import Description, Network, Pooling


class Tiny(Network):
    def __init__(self, description: Description) -> None:
        super().__init__()
        self.description = description
        random = torch.Generator().manual_seed(0)
        self.near, self.far = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=random)

    def features(self, image: Tensor, layers: Collection[str], *, leak: float = 0.0) -> dict[str, Tensor]:
        found = {"near": self.near(image)}
        if "far" in layers:
            found["far"] = self.far(F.leaky_relu(found["near"], leak))
        return {layer: found[layer] for layer in layers}


def describe(name: str, *, weights: Path | str | None) -> Description:
    return Description(name, ("near", "far"), (4, 6))


def load(
    name: str,
    *,
    weights: Path | str | None,
    pooling: Pooling,
    up_to: str | None,
    progress: Callable[[int, int], None] | None,
) -> Tiny:
    whole = describe(name, weights=weights)
    return Tiny(whole if up_to is None else whole.up_to(up_to))
