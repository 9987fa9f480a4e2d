"""Style: draw as a model is drawn, whatever it shows."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.errors import NetworkError
from plotart.networks import Network
from plotart.objectives.features import Features, Tap
from plotart.objectives.gram import gram
from plotart.objectives.term import Goal, Look


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
