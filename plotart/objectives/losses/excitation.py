"""Excitation: how strongly a drawing drives a feature of a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.errors import NetworkError
from plotart.files.bounded import read_bytes
from plotart.networks import Network
from plotart.objectives.color_groups import COLOR_GROUPS
from plotart.objectives.features import Tap
from plotart.objectives.region import Region
from plotart.objectives.term import Goal, Look
from plotart.render.upload import upload

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
        cls, network: Network, layer: str, channels: tuple[int, ...], weights: tuple[float, ...] = ()
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
    def of_class(cls, network: Network, name: str) -> Direction:
        """A class by its name. Raises NetworkError."""
        if name not in network.classes:
            allowed = ", ".join(network.classes) or f"none, as {network.name} is used without classes"
            raise NetworkError(f"{network.name} has no class {name!r}: allowed are {allowed}")
        one = cls.channels(network, "class", (network.classes.index(name),))
        return cls(one.weights, name)

    @classmethod
    def of_colors(cls, network: Network, names: Sequence[str]) -> Direction:
        """Ink of these colours and no others, each as much as the next. Raises NetworkError."""
        colors = [color for name in names for color in COLOR_GROUPS.get(name, (name,))]
        for color in colors:
            if color not in network.colors:
                groups = [group for group, of in COLOR_GROUPS.items() if set(of) <= set(network.colors)]
                allowed = ", ".join((*network.colors, *groups)) or f"none, as {network.name} knows no colors"
                raise NetworkError(f"{network.name} has no color {color!r}: allowed are {allowed}")
        along = cls.channels(network, "color", tuple(map(network.colors.index, colors)))
        return cls(along.weights, " and ".join(names))

    @classmethod
    def of_nature(cls, network: Network, name: str) -> Direction:
        """The colours that a class has by nature. Raises NetworkError."""
        if name not in network.description.natures:
            raise NetworkError(f"{network.name} knows no colors by nature for {name!r}: allowed are names of colors")
        return cls.of_colors(network, network.description.natures[name])

    @classmethod
    def every(cls, network: Network, layer: str) -> Direction:
        """The mean of all channels of a layer. Raises NetworkError."""
        available = network.channels(layer)
        return cls(torch.full((available,), 1 / available), layer)

    @classmethod
    def read(cls, network: Network, layer: str, path: Path) -> Direction:
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
        weights = upload(self.weights, features)
        found = torch.einsum("bchw,c->bhw", features, weights)
        if not self.cosine:
            return found
        cosine = found / (features.norm(dim=1) * weights.norm()).clamp_min(1e-6)
        return found * cosine.clamp_min(0.1) ** self.cosine


class Excitation(Goal):
    """Minus the mean activation of a `direction` of `layer`'s channels, over positions and views.

    The mean, not the sum: its scale does not change with the size of the image. By default the pre-activation is
    excited, since a channel that sees only paper can be dead behind its relu.

    color         a direction among the colours of ink that the network tells, which is excited as well
    over_nothing  how much of what the network's "nothing" has is subtracted
    region        where on the sheet it counts; everywhere if None
    position      (x, y), as shares of a view's width and height: one neuron, the same in every view; then no `region`

    Raises NetworkError for a layer that the network lacks.
    """

    def __init__(
        self,
        network: Network,
        layer: str,
        direction: Direction,
        *,
        relu: bool = False,
        color: Direction | None = None,
        over_nothing: float = 0.0,
        region: Region | None = None,
        position: tuple[float, float] | None = None,
    ) -> None:
        if len(direction.weights) != network.channels(layer):
            raise NetworkError(f"{direction.name}: {layer} of {network.name} has {network.channels(layer)} channels")
        self.network, self.layer, self.direction, self.relu = network, layer, direction, relu
        self.color, self.over_nothing = color, over_nothing
        self.region, self.position = region, position

    @classmethod
    def of_class(cls, network: Network, name: str, *, region: Region | None = None) -> Excitation:
        """The excitation of a class by its name. Raises NetworkError."""
        return cls(network, "class", Direction.of_class(network, name), region=region)

    @classmethod
    def of_channels(cls, network: Network, layer: str, *channels: int, relu: bool = False) -> Excitation:
        """The excitation of the mean of some channels. Raises NetworkError."""
        return cls(network, layer, Direction.channels(network, layer, channels), relu=relu)

    @property
    def name(self) -> str:
        where = f" in {self.region.name}" if self.region is not None else ""
        if self.position is not None:
            where = f" at {self.position[0]:g}, {self.position[1]:g}"
        hue = f" in {self.color.name}" if self.color is not None else ""
        return f"{self.network.name} {self.direction.name}{hue}{where}"

    @property
    def taps(self) -> tuple[Tap, ...]:
        wanted = {self.layer: True, "color": self.color is not None, "nothing": self.over_nothing != 0}
        return tuple(Tap(self.network, layer) for layer, needed in wanted.items() if needed)

    def __call__(self, look: Look) -> Tensor:
        features = look.features(self.network, self.layer)
        loss = self._where_it_counts(self.direction.along(F.relu(features) if self.relu else features), look)
        if self.color is not None:
            loss = loss + self._where_it_counts(self.color.along(look.features(self.network, "color")), look)
        if self.over_nothing:
            nothing = look.features(self.network, "nothing")[:, 0]
            loss = loss - self.over_nothing * self._where_it_counts(nothing, look)
        return loss

    def _where_it_counts(self, found: Tensor, look: Look) -> Tensor:
        """Minus the mean of found [B, h, w] there."""
        if self.position is not None:
            x, y = self.position
            row, column = round(y * (found.shape[1] - 1)), round(x * (found.shape[2] - 1))
            return -found[:, row, column].mean()
        if self.region is None:
            return -found.mean()
        cells = found.shape[1], found.shape[2]
        where = upload(self.region.seen(look.views, look.sheet, cells), found)
        return -(found * where).sum() / where.sum().clamp_min(1e-6)
