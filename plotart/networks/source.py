"""Where networks come from, whoever made them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from plotart.networks.description import Description, Pooling, Progress

if TYPE_CHECKING:
    from plotart.networks.network import Network


class Source(Protocol):
    """Where networks come from: what stands behind a name of the door, often a module with these two functions."""

    def describe(self, name: str, *, weights: Path | str | None) -> Description:
        """Layers, channels and classes of the whole network `name`, without reading its weights."""

    def load(
        self,
        name: str,
        *,
        weights: Path | str | None,
        pooling: Pooling,
        up_to: str | None,
        progress: Progress | None,
    ) -> Network:
        """The network on the CPU in float32; arguments as those of `plotart.networks.load_network`."""
