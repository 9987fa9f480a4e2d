"""Excitation: how strongly a drawing drives a feature of a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import torch
import torch.nn.functional as F
from pydantic import Field, model_validator
from torch import Tensor

from plotart.errors import NetworkError
from plotart.files.bounded import read_bytes
from plotart.geometry.page import Page
from plotart.networks import Network, describe
from plotart.objectives.features import Tap
from plotart.objectives.region import Region
from plotart.objectives.term import Goal, Look
from plotart.objectives.term_config import Context, Factor, NetworkTerm, Share
from plotart.render.upload import upload
from plotart.schema.problems import Problems, problem
from plotart.schema.values import File, Length, TextLine

Channel = Annotated[int, Field(ge=0, json_schema_extra={"unit": "number"})]

#: Colours that go by one name.
COLOR_GROUPS = {
    "warm": ("red", "orange", "yellow", "pink", "brown"),
    "cool": ("green", "teal", "blue", "violet"),
}

#: The colours of a class.
NATURAL = "natural"

#: How much of "nothing" is subtracted from classes where nothing else is said. With much more, drawings are tidy but of
#: nothing in particular: what makes a mess outweighs what makes a class.
OVER_NOTHING = 0.1

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


class ExcitationTerm(NetworkTerm):
    """Excite a class, channels of a layer or a direction among them, anywhere or in one place."""

    goal = True

    type: Literal["excitation"] = Field(description="Which kind of term this is.")
    layer: TextLine | None = Field(default=None, description="A layer as in conv4_2; alone = all its channels.")
    channel: Channel | None = Field(default=None, description="One channel of the layer.")
    channels: Annotated[tuple[Channel, ...], Field(strict=False, min_length=1)] | None = Field(
        default=None, description="Several channels of the layer."
    )
    channel_weights: tuple[Factor, ...] | None = Field(
        default=None, strict=False, description="A factor for each of channels, below 0 too; their mean if not given."
    )
    class_: TextLine | None = Field(
        default=None, alias="class", description="A class of the network, in place of a layer."
    )
    direction: File | None = Field(
        default=None, description="A text file with one number for each channel of the layer: a direction among them."
    )
    color: TextLine | Annotated[tuple[TextLine, ...], Field(strict=False, min_length=1)] | None = Field(
        default=None,
        description="A colour of ink that is wanted as well, or several; `warm` and `cool` are some each, `natural` "
        "those of the class.",
    )
    over_nothing: Factor | None = Field(
        default=None,
        description="How much of what a network sees as nothing is subtracted: 0.1 for a class of one that knows it.",
    )
    cosine: float = Field(
        default=0.0,
        ge=0,
        le=8,
        description="Above 0 asks for little else in the layer than this target, not for much of it.",
        json_schema_extra={"unit": "power"},
    )
    position: tuple[Share, Share] | None = Field(
        default=None, strict=False, description="One neuron: [across, down] as shares of the view, [0.5, 0.5] amid it."
    )
    region: tuple[Length, Length, Length, Length] | None = Field(
        default=None, strict=False, description="[left, top, right, bottom] of the part of the sheet where it counts."
    )
    mask: File | None = Field(
        default=None, description="An image that is stretched over the sheet, white where the term counts."
    )
    outside: bool = Field(default=False, description="With region or mask: it counts everywhere else.")
    relu: bool = Field(
        default=False, description="Look behind the ReLU, where a channel can be dead, and not before it."
    )
    weight: float = Field(default=1.0, description="Factor on the term; below 0 it is calmed and not excited.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        layer = "class" if self.class_ is not None else self.layer or ""
        wanted = {layer: True, "color": self.color is not None, "nothing": self._over_nothing != 0}
        return tuple(name for name, needed in wanted.items() if needed)

    def build(self, context: Context) -> Excitation:
        network, region = context.network(self), self._region(context.page)
        layer = self.looks_at[0]
        direction = replace(self._direction(network, layer), cosine=self.cosine)
        return Excitation(
            network,
            layer,
            direction,
            relu=self.relu,
            color=self._color(network),
            over_nothing=self._over_nothing,
            region=region,
            position=self.position,
        )

    def _color(self, network: Network) -> Direction | None:
        if self.color is None:
            return None
        if self.color == NATURAL and self.class_ is not None:
            return Direction.of_nature(network, self.class_)
        return Direction.of_colors(network, (self.color,) if isinstance(self.color, str) else self.color)

    @property
    def _over_nothing(self) -> float:
        if self.over_nothing is not None:
            return self.over_nothing
        knows = self.class_ is not None and "nothing" in describe(self.network, weights=self.weights).layers
        return OVER_NOTHING if knows else 0.0

    def _direction(self, network: Network, layer: str) -> Direction:
        if self.class_ is not None:
            return Direction.of_class(network, self.class_)
        if self.direction is not None:
            return Direction.read(network, layer, self.direction)
        if self.channels is not None:
            return Direction.channels(network, layer, self.channels, self.channel_weights or ())
        if self.channel is not None:
            return Direction.channels(network, layer, (self.channel,))
        return Direction.every(network, layer)

    def _region(self, page: Page) -> Region | None:
        if self.region is None and self.mask is None:
            return None
        region = Region.box(self.region, page) if self.region is not None else Region.read(self.mask or Path())
        return region.outside() if self.outside else region

    @model_validator(mode="after")
    def _names_one_target(self) -> ExcitationTerm:
        given: dict[str, object] = {"class": self.class_, "layer": self.layer}
        given |= {"channel": self.channel, "channels": self.channels, "direction": self.direction}
        named = [key for key, value in given.items() if value is not None]
        choices = (["class"], ["layer"], ["layer", "channel"], ["layer", "channels"], ["layer", "direction"])
        if named not in choices:
            allowed = "class, or layer (all its channels), or layer with channel, channels or direction"
            raise Problems(problem((), " and ".join(named) or "no target", allowed))
        if self.channel_weights is not None and len(self.channel_weights) != len(self.channels or ()):
            found = f"{len(self.channel_weights)} for {len(self.channels or ())} channels"
            raise Problems(problem(("channel_weights",), found, "one for each of channels"))
        return self

    @model_validator(mode="after")
    def _is_in_one_place(self) -> ExcitationTerm:
        given = {"position": self.position, "region": self.region, "mask": self.mask}
        named = [key for key, value in given.items() if value is not None]
        if len(named) > 1:
            raise Problems(problem((), " and ".join(named), "one of position, region and mask"))
        if self.outside and named not in (["region"], ["mask"]):
            raise Problems(problem(("outside",), "true without region or mask", "a region or mask to be outside of"))
        return self
