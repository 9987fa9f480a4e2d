"""What a network consists of: what can be said of it before any weight is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from plotart.errors import NetworkError

Pooling = Literal["max", "average"]

#: Called with the bytes that are done and the bytes in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Description:
    """What a network consists of, without its weights.

    layers  in order, as in conv1_1, conv1_2, ..., and its heads last
    widths  channels of each layer
    heads   of the layers whose channels have names, as "class" has, what they are
    natures of classes, the colours that they have by nature
    """

    name: str
    layers: tuple[str, ...]
    widths: tuple[int, ...]
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    natures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the channels of "class"; empty if there is no such layer."""
        return self.heads.get("class", ())

    @property
    def colors(self) -> tuple[str, ...]:
        """Names of the channels of "color", by the ink that they ask for; empty if there is no such layer."""
        return self.heads.get("color", ())

    def position(self, layer: str) -> int:
        """Where `layer` is in `layers`. Raises NetworkError."""
        if layer not in self.layers:
            raise NetworkError(f"{self.name} has no layer {layer!r}: allowed are {', '.join(self.layers)}")
        return self.layers.index(layer)

    def channels(self, layer: str) -> int:
        """How many channels `layer` has. Raises NetworkError."""
        return self.widths[self.position(layer)]

    def up_to(self, layer: str) -> Description:
        """The network that ends with `layer`. Raises NetworkError."""
        end = self.position(layer) + 1
        heads = {name: channels for name, channels in self.heads.items() if name in self.layers[:end]}
        return replace(self, layers=self.layers[:end], widths=self.widths[:end], heads=heads)
