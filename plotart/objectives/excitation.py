"""Excitation: how strongly a drawing drives a feature of a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.errors import NetworkError
from plotart.files.bounded import read_bytes
from plotart.networks import VGG
from plotart.objectives.features import Tap
from plotart.objectives.region import Region
from plotart.objectives.term import Goal, Look

#: Of a direction's file: far more than the numbers of any layer take.
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Direction:
    """A direction in a layer's space of channels, and what to call it.

    weights  [channels]: the activation along it is the sum of the channels' activations by these weights
    cosine   the activation is multiplied by this power of the cosine between the two, if that is positive, else by
             next to nothing: 0 for as much as possible of it, more for little else than it (Olah et al. 2018, "The
             Building Blocks of Interpretability")
    """

    weights: Tensor
    name: str
    cosine: float = 0.0

    @classmethod
    def channels(
        cls, network: VGG, layer: str, channels: tuple[int, ...], weights: tuple[float, ...] = ()
    ) -> Direction:
        """The mean of some channels, or their sum by `weights`. Raises NetworkError."""
        available = network.channels(layer)
        if weights and len(weights) != len(channels):
            raise NetworkError(f"{len(weights)} weights for {len(channels)} channels: allowed is one for each")
        along = torch.zeros(available)
        for k, channel in enumerate(channels):
            if not 0 <= channel < available:
                raise NetworkError(
                    f"{layer} of {network.name} has no channel {channel}: allowed are 0 to {available - 1}"
                )
            along[channel] += weights[k] if weights else 1 / len(channels)
        return cls(along, f"{layer}:{','.join(map(str, channels))}")

    @classmethod
    def of_class(cls, network: VGG, name: str) -> Direction:
        """A class by its name. Raises NetworkError."""
        if name not in network.classes:
            allowed = ", ".join(network.classes) or f"none, as {network.name} is used without classes"
            raise NetworkError(f"{network.name} has no class {name!r}: allowed are {allowed}")
        one = cls.channels(network, "class", (network.classes.index(name),))
        return cls(one.weights, name)

    @classmethod
    def every(cls, network: VGG, layer: str) -> Direction:
        """The mean of all channels of a layer. Raises NetworkError."""
        available = network.channels(layer)
        return cls(torch.full((available,), 1 / available), layer)

    @classmethod
    def read(cls, network: VGG, layer: str, path: Path) -> Direction:
        """One number for each channel from a text file, of unit length together. Raises NetworkError."""
        available = network.channels(layer)
        try:
            text = read_bytes(path, _MOST_BYTES).decode("utf-8")
            numbers = [float(word) for word in text.replace(",", " ").split()]
        except (OSError, ValueError) as error:
            raise NetworkError(f"{path}: {error}; allowed is a text file of {available} numbers") from None
        weights = torch.tensor(numbers)
        length = float(weights.norm())
        if len(weights) != available or not 0 < length < math.inf:
            raise NetworkError(
                f"{path} has {len(weights)} numbers, of length {length:g} together: allowed are {available} of "
                f"{layer}'s channels, finite and not all 0"
            )
        return cls(weights / length, f"{layer} along {path.name}")

    def along(self, features: Tensor) -> Tensor:
        """features [B, C, h, w] -> [B, h, w]: how much of this direction is in each place."""
        weights = self.weights.to(features)
        found = torch.einsum("bchw,c->bhw", features, weights)
        if not self.cosine:
            return found
        cosine = found / (features.norm(dim=1) * weights.norm()).clamp_min(1e-6)
        return found * cosine.clamp_min(0.1) ** self.cosine


class Excitation(Goal):
    """Minus the mean activation of a `direction` of `layer`'s channels, over positions and views.

    The mean, not the sum: its scale does not change with the size of the image. By default the pre-activation is
    excited, since a channel that sees only paper can be dead behind its relu.

    region    where on the sheet it counts; everywhere if None
    position  (x, y), as shares of a view's width and height: one neuron, the same in every view; then no `region`

    Raises NetworkError for a layer that the network lacks.
    """

    def __init__(
        self,
        network: VGG,
        layer: str,
        direction: Direction,
        *,
        relu: bool = False,
        region: Region | None = None,
        position: tuple[float, float] | None = None,
    ) -> None:
        if len(direction.weights) != network.channels(layer):
            raise NetworkError(f"{direction.name}: {layer} of {network.name} has {network.channels(layer)} channels")
        self.network, self.layer, self.direction, self.relu = network, layer, direction, relu
        self.region, self.position = region, position

    @classmethod
    def of_class(cls, network: VGG, name: str, *, region: Region | None = None) -> Excitation:
        """The excitation of a class by its name. Raises NetworkError."""
        return cls(network, "class", Direction.of_class(network, name), region=region)

    @classmethod
    def of_channels(cls, network: VGG, layer: str, *channels: int, relu: bool = False) -> Excitation:
        """The excitation of the mean of some channels. Raises NetworkError."""
        return cls(network, layer, Direction.channels(network, layer, channels), relu=relu)

    @property
    def name(self) -> str:
        where = f" in {self.region.name}" if self.region is not None else ""
        if self.position is not None:
            where = f" at {self.position[0]:g}, {self.position[1]:g}"
        return f"{self.network.name} {self.direction.name}{where}"

    @property
    def taps(self) -> tuple[Tap, ...]:
        return (Tap(self.network, self.layer),)

    def __call__(self, look: Look) -> Tensor:
        features = look.features(self.network, self.layer)
        found = self.direction.along(F.relu(features) if self.relu else features)
        if self.position is not None:
            x, y = self.position
            row, column = round(y * (found.shape[1] - 1)), round(x * (found.shape[2] - 1))
            return -found[:, row, column].mean()
        if self.region is None:
            return -found.mean()
        where = self.region.seen(look.views, look.sheet, (found.shape[1], found.shape[2])).to(found)
        return -(found * where).sum() / where.sum().clamp_min(1e-6)
