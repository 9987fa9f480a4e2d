"""Excitation: how strongly a drawing drives a feature of a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from plotart.geometry.page import Page
from plotart.networks import describe
from plotart.objectives.term_config import Context, Factor, NetworkTerm, Share
from plotart.schema.problems import Problems, problem
from plotart.schema.values import File, Length, TextLine

if TYPE_CHECKING:
    from plotart.networks import Network
    from plotart.objectives.losses.excitation import Direction, Excitation
    from plotart.objectives.region import Region

Channel = Annotated[int, Field(ge=0, json_schema_extra={"unit": "number"})]

#: The colours of a class.
NATURAL = "natural"

#: How much of "nothing" is subtracted from classes where nothing else is said. With much more, drawings are tidy but of
#: nothing in particular: what makes a mess outweighs what makes a class.
OVER_NOTHING = 0.1


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
        from plotart.objectives.losses.excitation import Excitation

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
        from plotart.objectives.losses.excitation import Direction

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
        from plotart.objectives.losses.excitation import Direction

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
        from plotart.objectives.region import Region

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
