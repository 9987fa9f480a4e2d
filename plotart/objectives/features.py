"""What networks see in a set of views: each network runs once, however many terms look through it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import NamedTuple

import torch
from torch import Tensor

from plotart.networks import Network
from plotart.networks.precision import EXACT, Precision


class Tap(NamedTuple):
    """A layer of a network that a term looks at."""

    network: Network
    layer: str


class Features:
    """The layers of networks for `images` [B, 3, h, w]; a network runs when it is first asked for.

    taps        all that will be asked for, so that one pass of each network serves every term
    precision   of each network; float32 if it isn't named
    leak        slope of relus below zero
    """

    def __init__(
        self,
        images: Tensor,
        taps: Iterable[Tap] = (),
        *,
        precision: Mapping[Network, Precision] | None = None,
        leak: float = 0.0,
    ) -> None:
        self._images, self._taps, self._leak = images, frozenset(taps), leak
        self._precision = precision or {}
        self._found: dict[Tap, Tensor] = {}

    def __call__(self, network: Network, layer: str) -> Tensor:
        """[B, channels, h', w'] float32: what `layer` gives, before its relu. Raises NetworkError."""
        tap = Tap(network, layer)
        if tap not in self._found:
            layers = {layer, *(other.layer for other in self._taps if other.network is network)}
            for name, values in self._run(network, layers).items():
                self._found[Tap(network, name)] = values.float()
        return self._found[tap]

    def of(self, images: Tensor) -> Features:
        """What the same networks see, in the same way, in other images."""
        return Features(images, self._taps, precision=self._precision, leak=self._leak)

    def _run(self, network: Network, layers: set[str]) -> dict[str, Tensor]:
        precision = self._precision.get(network, EXACT)
        images = precision.laid_out(self._images.to(next(network.parameters()).device))
        exact = precision.dtype == torch.float32
        with nullcontext() if exact else torch.autocast(images.device.type, precision.dtype):
            seen: dict[str, Tensor] = network(images, layers, leak=self._leak)
        return seen
