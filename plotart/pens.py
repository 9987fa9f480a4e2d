"""Pens as physical things: a nib in mm, and an ink that reflects and transmits light."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from plotart.color import RGB, linear, luminance, parse_color
from plotart.errors import PenError

Ink = Literal["transparent", "opaque"]


@dataclass(frozen=True)
class Pen:
    """A pen: `color` as it looks over white paper (any CSS colour), nib `width` in mm.

    A layer of its ink turns the linear light `below` into ``reflectance + transmittance * below``, per channel.
    Opaque ink covers what lies below by `opacity`; transparent ink filters it.
    """

    name: str
    color: str
    width: float
    ink: Ink = "transparent"
    opacity: float = 1.0

    @property
    def rgb(self) -> RGB:
        return parse_color(self.color)

    @property
    def reflectance(self) -> RGB:
        if self.ink == "transparent":
            return 0.0, 0.0, 0.0
        red, green, blue = (self.opacity * c for c in linear(self.rgb))
        return red, green, blue

    @property
    def transmittance(self) -> RGB:
        if self.ink == "opaque":
            return (1 - self.opacity,) * 3
        red, green, blue = (1 - self.opacity * (1 - c) for c in linear(self.rgb))
        return red, green, blue

    @property
    def slug(self) -> str:
        """The name as part of a file name."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or "pen"


class PenSet(Sequence[Pen]):
    """Some pens in the order in which they are plotted; names are unique. Raises PenError."""

    def __init__(self, pens: Sequence[Pen]) -> None:
        self._pens = tuple(pens)
        if not self._pens:
            raise PenError("no pens: give at least one, as in {name: Black, color: '#1b1b1b', width: 0.35mm}")
        names = [pen.name for pen in self._pens]
        for name in names:
            if names.count(name) > 1:
                raise PenError(f"two pens are called {name!r}: every pen needs a name of its own")

    def __len__(self) -> int:
        return len(self._pens)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._pens[index]

    def __iter__(self) -> Iterator[Pen]:
        return iter(self._pens)

    def light_to_dark(self) -> PenSet:
        """The same pens, lightest first: a dark ink soils the nib of a light one drawn across it."""
        return PenSet(sorted(self._pens, key=lambda pen: -luminance(pen.rgb)))

    @property
    def widths(self) -> Tensor:
        """[pens] nib widths in mm."""
        return torch.tensor([pen.width for pen in self._pens])

    @property
    def reflectance(self) -> Tensor:
        """[pens, 3] linear light."""
        return torch.tensor([pen.reflectance for pen in self._pens])

    @property
    def transmittance(self) -> Tensor:
        """[pens, 3] linear light."""
        return torch.tensor([pen.transmittance for pen in self._pens])
