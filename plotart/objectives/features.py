"""What networks see in sets of views: each runs once for all terms, and for all drawings that look at the same time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
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
        self._batch, self._place = _Batch((images,), self._taps, self._precision, leak), 0

    def __call__(self, network: Network, layer: str) -> Tensor:
        """[B, channels, h', w'] float32: what `layer` gives, before its relu. Raises NetworkError."""
        return self._batch(Tap(network, layer))[self._place]

    def of(self, images: Tensor) -> Features:
        """What the same networks see, in the same way, in other images."""
        return Features(images, self._taps, precision=self._precision, leak=self._leak)

    @staticmethod
    def together(some: Iterable[Features]) -> None:
        """From here on each network runs once for all of them that are of images of one size, by the same networks and
        in the same way. What they see is what each would see alone, up to rounding."""
        alike: dict[Hashable, list[Features]] = defaultdict(list)
        for one in some:
            alike[one._kind].append(one)
        for group in (group for group in alike.values() if len(group) > 1):
            taps = frozenset[Tap]().union(*(one._taps for one in group))
            batch = _Batch([one._images for one in group], taps, group[0]._precision, group[0]._leak)
            for place, one in enumerate(group):
                one._batch, one._place = batch, place

    @property
    def _kind(self) -> Hashable:
        networks = frozenset((tap.network, self._precision.get(tap.network, EXACT)) for tap in self._taps)
        images = self._images
        return images.shape[1:], images.dtype, images.device, images.requires_grad, self._leak, networks


class _Batch:
    """Images of one size, [B, 3, h, w] each, that networks look at in one pass."""

    def __init__(
        self,
        images: Sequence[Tensor],
        taps: frozenset[Tap],
        precision: Mapping[Network, Precision],
        leak: float,
    ) -> None:
        self._images, self._taps, self._precision, self._leak = images, taps, precision, leak
        self._found: dict[Tap, Sequence[Tensor]] = {}

    def __call__(self, tap: Tap) -> Sequence[Tensor]:
        """What the tap gives for each of the images."""
        if tap not in self._found:
            layers = {tap.layer, *(other.layer for other in self._taps if other.network is tap.network)}
            for name, values in self._run(tap.network, layers).items():
                self._found[Tap(tap.network, name)] = self._shares(values.float())
        return self._found[tap]

    def _run(self, network: Network, layers: set[str]) -> dict[str, Tensor]:
        images = torch.cat(tuple(self._images)) if len(self._images) > 1 else self._images[0]
        precision = self._precision.get(network, EXACT)
        images = precision.laid_out(images.to(next(network.parameters()).device))
        exact = precision.dtype == torch.float32
        with nullcontext() if exact else torch.autocast(images.device.type, precision.dtype):
            seen: dict[str, Tensor] = network(images, layers, leak=self._leak)
        return seen

    def _shares(self, values: Tensor) -> Sequence[Tensor]:
        # One split, whose gradient is one concatenation: a slice for each would have one of zeros around each.
        return values.split([len(images) for images in self._images]) if len(self._images) > 1 else (values,)
