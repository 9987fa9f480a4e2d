"""Style: draw as a model is drawn, whatever it shows."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from plotart.errors import NetworkError
from plotart.networks import Network
from plotart.objectives.features import Features, Tap
from plotart.objectives.gram import gram
from plotart.objectives.picture import Picture
from plotart.objectives.term import Goal, Look
from plotart.objectives.term_config import Context, Factor, Layers, NetworkTerm
from plotart.schema.values import File

_VGG = ("conv1_2", "conv2_2", "conv3_2", "conv4_2")
_LAYERS = {"motif": ("conv2_2", "conv3_2", "conv4_2", "conv5_2"), "vgg16": _VGG, "vgg19": _VGG}


class Style(Goal):
    """Mean over `layers` of the squared difference of Gram matrices, the views' all together and the model's, over the
    square of the model's: 0 for the model itself, about 1 where nothing is alike yet (Gatys, Ecker, Bethge 2015).

    image  [1, 3, h, w] sRGB in 0..1: the model, of any size; what is as large in it as in the views is alike

    Raises NetworkError for a layer that the network lacks, and when called if the model is too small for it.
    """

    def __init__(self, network: Network, layers: tuple[str, ...], image: Tensor) -> None:
        if not layers:
            raise NetworkError(f"no layers: allowed are some of {', '.join(network.layers)}")
        for layer in layers:
            network.channels(layer)
        self.network, self.layers, self._image = network, layers, image
        self._model: dict[str, Tensor] = {}

    @property
    def name(self) -> str:
        return f"{self.network.name} style"

    @property
    def taps(self) -> tuple[Tap, ...]:
        return tuple(Tap(self.network, layer) for layer in self.layers)

    def __call__(self, look: Look) -> Tensor:
        if not self._model:
            self._model = self._grams()
        losses = []
        for layer, model in self._model.items():
            found = gram(look.features(self.network, layer))
            losses.append((found - model).square().sum() / model.square().sum().clamp_min(1e-12))
        return torch.stack(losses).mean()

    @torch.no_grad()
    def _grams(self) -> dict[str, Tensor]:
        features = Features(self._image, self.taps)
        return {layer: gram(features(self.network, layer)) for layer in self.layers}


class StyleTerm(NetworkTerm):
    """Draw as a model is drawn: with its lines, textures and colours, whatever it shows."""

    goal = True

    type: Literal["style"] = Field(description="Which kind of term this is.")
    file: File = Field(description="The model, a picture: PNG, JPEG, WebP, TIFF ...")
    layers: Layers | None = Field(default=None, description="Layers that see the style; conv2_2 to conv5_2 of motif.")
    scale: Factor = Field(
        default=1.0, gt=0, le=8, description="How large the model is: at 1 its long side is as long as the sheet's."
    )
    weight: float = Field(default=1.0, gt=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return self.layers or self.usual(_LAYERS)

    def build(self, context: Context) -> Style:
        model = Picture.read(self.file).on(context.page)
        image = model.sized(max(1, round(context.long_side * self.scale)), context.page)
        return Style(context.network(self), self.looks_at, image)
