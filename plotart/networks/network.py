"""What objectives need of a network, whoever made it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plotart.networks.description import Description


class Network(nn.Module, ABC):
    """A network whose layers can be looked at. Those who load one set its `description`, built up to the last layer
    that is needed."""

    description: Description

    @abstractmethod
    def features(self, image: Tensor, layers: Collection[str], *, leak: float = 0.0) -> dict[str, Tensor]:
        """What `layers` give for `image` in one pass, before their relus, by layer; nothing beyond them is run.

        image   [B, 3, H, W] sRGB in 0..1
        leak    slope of the relus below zero: with some, channels that see nothing yet still pass gradients on
        return  [B, channels(layer), h, w] of each layer

        Raises NetworkError if there is no such layer or if `image` is too small for it.
        """

    def forward(self, image: Tensor, layers: Collection[str], *, leak: float = 0.0) -> dict[str, Tensor]:
        """`features`, by calling the network: what `torch.nn.Module.compile` makes fast."""
        return self.features(image, layers, leak=leak)

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that are built, in order."""
        return self.description.layers

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the channels of "class"; empty if that layer is not built."""
        return self.description.classes

    @property
    def colors(self) -> tuple[str, ...]:
        """Names of the channels of "color"; empty if that layer is not built."""
        return self.description.colors

    def channels(self, layer: str) -> int:
        """How many channels `layer` has. Raises NetworkError."""
        return self.description.channels(layer)

    def activations(self, image: Tensor, layer: str, *, relu: bool = False) -> Tensor:
        """[B, channels(layer), h, w]: what `layer` gives for `image`, before its relu or (`relu`) after it; nothing
        beyond it is run. Raises NetworkError as `features`."""
        x = self.features(image, (layer,))[layer]
        return F.relu(x) if relu else x

    def logits(self, image: Tensor) -> Tensor:
        """[B, classes] of image [B, 3, H, W]: the mean of "class" over all positions. Raises NetworkError."""
        return self.activations(image, "class").mean(dim=(2, 3))

    def recognised(self, image: Tensor) -> list[str]:
        """What is seen in each of image [B, 3, H, W]: the likeliest class, or "nothing" where the network knows
        that and finds it likelier. Raises NetworkError."""
        heads = ["class", *(("nothing",) if "nothing" in self.layers else ())]
        found = self.features(image, heads)
        logits = torch.cat([found[head].mean(dim=(2, 3)) for head in heads], dim=1)
        names = (*self.classes, "nothing")
        return [names[best] for best in logits.argmax(dim=1).tolist()]
