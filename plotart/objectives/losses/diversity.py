"""Diversity: be unlike drawings that are already made."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from plotart.errors import NetworkError
from plotart.networks import Network
from plotart.objectives.features import Features, Tap
from plotart.objectives.gram import gram
from plotart.objectives.term import Look, Term


class Diversity(Term):
    """Mean over `layers` and `others` of the cosine between centred Gram matrices, the views' all together and the
    other drawing's: 1 for more of the same, near 0 for what has nothing in common (Olah, Mordvintsev, Schubert 2017,
    "Feature Visualization"). In the mean over two drawings of different motifs it is 0.3 at motif's conv4_2.

    others  images [1, 3, h, w] sRGB in 0..1, each of a size of its own

    Raises NetworkError for a layer that the network lacks, and when called if an image is too small for it.
    """

    name = "diversity"

    def __init__(self, network: Network, layers: tuple[str, ...], others: Sequence[Tensor]) -> None:
        if not layers:
            raise NetworkError(f"no layers: allowed are some of {', '.join(network.layers)}")
        for layer in layers:
            network.channels(layer)
        self.network, self.layers, self._others = network, layers, tuple(others)
        self._made: dict[str, Tensor] = {}

    @property
    def taps(self) -> tuple[Tap, ...]:
        return tuple(Tap(self.network, layer) for layer in self.layers)

    def __call__(self, look: Look) -> Tensor:
        if not self._others:
            return look.image.new_zeros(())
        if not self._made:
            self._made = self._directions()
        losses = []
        for layer, others in self._made.items():
            losses.append((others @ _direction(look.features(self.network, layer))).mean())
        return torch.stack(losses).mean()

    @torch.no_grad()
    def _directions(self) -> dict[str, Tensor]:
        """[others, C * C] by layer."""
        made = [Features(image, self.taps) for image in self._others]
        return {
            layer: torch.stack([_direction(features(self.network, layer)) for features in made])
            for layer in self.layers
        }


def _direction(features: Tensor) -> Tensor:
    """[C * C] of unit length; of less where next to nothing is seen, as on bare paper."""
    matrix = gram(features, centered=True).flatten()
    return matrix / (matrix.square().sum() + 1e-12).sqrt()
