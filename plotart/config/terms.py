"""The terms of a config's objective."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from plotart.schema.model import Model
from plotart.schema.problems import Problems, problem
from plotart.schema.values import File, Length, Line

Channel = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Network = Literal["motif", "vgg16", "vgg19"]
Layers = Annotated[tuple[Line, ...], Field(strict=False, min_length=1)]


class NetworkTerm(Model):
    """What all terms say that look through a network."""

    type: str
    network: Network = Field(default="motif", description="The network that looks at the drawing.")
    weights: File | None = Field(default=None, description="The network's weights file, in place of the usual one.")
    pooling: Literal["max", "average"] = Field(default="max", description="The network's pooling.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The layers of the network that it needs."""
        raise NotImplementedError


class ExcitationTerm(NetworkTerm):
    """Excite a class, channels of a layer or a direction among them, anywhere or in one place."""

    type: Literal["excitation"] = Field(description="Which kind of term this is.")
    layer: Line | None = Field(default=None, description="A layer as in conv4_2; alone = all its channels.")
    channel: Channel | None = Field(default=None, description="One channel of the layer.")
    channels: Annotated[tuple[Channel, ...], Field(strict=False, min_length=1)] | None = Field(
        default=None, description="Several channels of the layer."
    )
    channel_weights: tuple[float, ...] | None = Field(
        default=None, strict=False, description="A factor for each of channels, below 0 too; their mean if not given."
    )
    class_: Line | None = Field(default=None, alias="class", description="A class of the network, in place of a layer.")
    direction: File | None = Field(
        default=None, description="A text file with one number for each channel of the layer: a direction among them."
    )
    cosine: float = Field(
        default=0.0,
        ge=0,
        le=8,
        description="Above 0 asks for little else in the layer than this target, not for much of it.",
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
        return ("class",) if self.class_ is not None else (self.layer or "",)

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


_VGG_STYLE = ("conv1_2", "conv2_2", "conv3_2", "conv4_2")
_STYLE_LAYERS: dict[Network, tuple[str, ...]] = {
    "motif": ("conv2_2", "conv3_2", "conv4_2", "conv5_2"),
    "vgg16": _VGG_STYLE,
    "vgg19": _VGG_STYLE,
}


class StyleTerm(NetworkTerm):
    """Draw as a model is drawn: with its lines, textures and colours, whatever it shows."""

    type: Literal["style"] = Field(description="Which kind of term this is.")
    file: File = Field(description="The model, a picture: PNG, JPEG, WebP, TIFF ...")
    layers: Layers | None = Field(default=None, description="Layers that see the style; conv2_2 to conv5_2 of motif.")
    scale: float = Field(
        default=1.0, gt=0, le=8, description="How large the model is: at 1 its long side is as long as the sheet's."
    )
    weight: float = Field(default=1.0, gt=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return self.layers or _STYLE_LAYERS[self.network]


_IMAGE_LAYERS: dict[Network, tuple[str, ...]] = {
    "motif": ("conv2_2", "conv3_2", "conv4_2"),
    "vgg16": ("conv2_2", "conv3_2", "conv4_2"),
    "vgg19": ("conv2_2", "conv3_2", "conv4_2"),
}


class ImageTerm(NetworkTerm):
    """Draw a photograph: its white is the paper, its tones are the density of lines."""

    type: Literal["image"] = Field(description="Which kind of term this is.")
    file: File = Field(description="The photograph or picture: PNG, JPEG, WebP, TIFF ...")
    fit: Literal["cover", "contain"] = Field(
        default="cover", description="Fill what is inside the margins, cutting off what is too much, or fit into it."
    )
    layers: Layers | None = Field(
        default=None, description="Layers that compare what is seen; conv2_2 to conv4_2 by default."
    )
    features: float = Field(default=0.3, ge=0, description="How much counts what the network sees; 0 needs none.")
    color: float = Field(default=3.0, ge=0, description="How much tone and colour count, as seen from afar.")
    edges: float = Field(default=0.3, ge=0, description="How much counts that lines lie where edges are.")
    weight: float = Field(default=1.0, gt=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return (self.layers or _IMAGE_LAYERS[self.network]) if self.features else ()

    @model_validator(mode="after")
    def _looks_for_something(self) -> ImageTerm:
        if not (self.features or self.color or self.edges):
            raise Problems(problem((), "features, color and edges of 0", "one of them above 0"))
        return self


_DIVERSITY_LAYERS: dict[Network, tuple[str, ...]] = {
    "motif": ("conv4_2", "conv5_2"),
    "vgg16": ("conv3_2", "conv4_2"),
    "vgg19": ("conv3_2", "conv4_2"),
}


class DiversityTerm(NetworkTerm):
    """Make each drawing of a series another one: what it has in common with those before counts as a loss."""

    type: Literal["diversity"] = Field(description="Which kind of term this is.")
    others: Annotated[tuple[File, ...], Field(min_length=1)] = Field(
        strict=False, description="Drawings to be unlike: run folders, or pictures."
    )
    layers: Layers | None = Field(default=None, description="Layers that compare; conv4_2 and conv5_2 of motif.")
    weight: float = Field(default=3.0, ge=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return self.layers or _DIVERSITY_LAYERS[self.network]


class TotalVariationTerm(Model):
    """Calm the image: its total variation counts as a loss."""

    type: Literal["total_variation"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")


class LengthTerm(Model):
    """Spare ink: the length of the strokes counts as a loss."""

    type: Literal["length"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")


class SmoothnessTerm(Model):
    """Draw with a steady hand: bends within a stroke count as a loss."""

    type: Literal["smoothness"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")


class InsideTerm(Model):
    """Keep in: what lies outside the margins counts as a loss."""

    type: Literal["inside"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")


class CurvatureTerm(Model):
    """Draw no bends that are too tight for the pen or the hand."""

    type: Literal["curvature"] = Field(description="Which kind of term this is.")
    radius: Length = Field(default=2.0, gt=0, description="Bends of this radius and wider cost nothing.")
    weight: float = Field(default=0.1, ge=0, description="Factor on the term.")


class OverdrawTerm(Model):
    """Spare the paper: where more layers of ink lie than it takes, they count as a loss."""

    type: Literal["overdraw"] = Field(description="Which kind of term this is.")
    pen: float = Field(default=1.5, gt=0, description="Layers of one pen's ink that cost nothing, over about 2 mm.")
    paper: float = Field(default=2.5, gt=0, description="Layers of all pens' ink that cost nothing, over about 2 mm.")
    weight: float = Field(default=1.0, ge=0, description="Factor on the term.")


class CoverageTerm(Model):
    """Cover a share of the paper with ink, no more and no less."""

    type: Literal["coverage"] = Field(description="Which kind of term this is.")
    share: Share = Field(description="The share of the area inside the margins that ink covers.")
    weight: float = Field(default=10.0, ge=0, description="Factor on the term.")


Term = Annotated[
    ExcitationTerm
    | StyleTerm
    | ImageTerm
    | DiversityTerm
    | TotalVariationTerm
    | LengthTerm
    | SmoothnessTerm
    | CurvatureTerm
    | InsideTerm
    | OverdrawTerm
    | CoverageTerm,
    Field(discriminator="type"),
]

#: Terms that a drawing can be made for; an objective has one of them at least.
GOALS = (ExcitationTerm, StyleTerm, ImageTerm)

#: Keys of terms that are paths of files, or lists of them.
PATH_KEYS = ("weights", "direction", "mask", "file", "others")
