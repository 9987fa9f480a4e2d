"""Excitation: how strongly a drawing drives channels of a network."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.errors import NetworkError
from plotart.networks import VGG
from plotart.objectives.term import Look, Term


class Excitation(Term):
    """Minus the mean activation of `channels` of `layer`, over channels, positions and views.

    The mean, not the sum: its scale does not change with the size of the image. By default the pre-activation is
    excited, since a channel that sees only paper can be dead behind its relu. `dtype` is the number type within the
    network while optimising; `activation` always computes in float32.

    Raises NetworkError for a layer or channel that the network lacks.
    """

    def __init__(
        self,
        network: VGG,
        layer: str,
        channels: tuple[int, ...] | None = None,
        *,
        relu: bool = False,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        available = network.channels(layer)
        for channel in channels or ():
            if not 0 <= channel < available:
                raise NetworkError(
                    f"{layer} of {network.name} has no channel {channel}: allowed are 0 to {available - 1}"
                )
        self.network, self.layer, self.channels, self.relu, self.dtype = network, layer, channels, relu, dtype

    @classmethod
    def of_class(cls, network: VGG, name: str, *, dtype: torch.dtype = torch.float32) -> Excitation:
        """The excitation of a class by its name. Raises NetworkError."""
        if name not in network.classes:
            allowed = ", ".join(network.classes) or f"none, as {network.name} is used without classes"
            raise NetworkError(f"{network.name} has no class {name!r}: allowed are {allowed}")
        return cls(network, "class", (network.classes.index(name),), dtype=dtype)

    @property
    def name(self) -> str:
        if self.channels is None:
            return f"{self.network.name} {self.layer}"
        if self.layer == "class" and len(self.channels) == 1:
            return f"{self.network.name} {self.network.classes[self.channels[0]]}"
        return f"{self.network.name} {self.layer}:{','.join(map(str, self.channels))}"

    def __call__(self, look: Look) -> Tensor:
        views = look.views.contiguous(memory_format=torch.channels_last)
        with torch.autocast(views.device.type, self.dtype, enabled=self.dtype != torch.float32):
            return -self._mean(views)

    @torch.no_grad()
    def activation(self, image: Tensor) -> float:
        """The mean activation in float32 of image [1, 3, H, W], sRGB in 0..1; higher is more excited."""
        device = next(self.network.parameters()).device
        return float(self._mean(image.to(device, torch.float32)))

    def _mean(self, images: Tensor) -> Tensor:
        activations = self.network.activations(images, self.layer, relu=self.relu)
        if self.channels is not None:
            activations = activations[:, list(self.channels)]
        return activations.float().mean()
