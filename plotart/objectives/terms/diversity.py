"""Diversity: be unlike drawings that are already made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor

from plotart.errors import NetworkError
from plotart.networks import Network
from plotart.objectives.features import Features, Tap
from plotart.objectives.gram import gram
from plotart.objectives.picture import Picture
from plotart.objectives.term import Look, Term
from plotart.objectives.term_config import Context, Layers, NetworkTerm
from plotart.schema.values import File

_VGG = ("conv3_2", "conv4_2")
_LAYERS = {"motif": ("conv4_2", "conv5_2"), "vgg16": _VGG, "vgg19": _VGG}


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
        return self.layers or self.usual(_LAYERS)

    def build(self, context: Context) -> Diversity:
        """A run's picture is its true.png if it drew pixels, else its preview.png."""
        others = []
        for path in self.others:
            if path.is_dir():
                path = path / ("true.png" if (path / "true.png").is_file() else "preview.png")
            others.append(Picture.read(path).sized(context.long_side, context.page))
        return Diversity(context.network(self), self.looks_at, others)
