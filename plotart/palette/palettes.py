"""What the columns of a class matrix stand for: pens that are owned, or colours that are still to be found."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from plotart.color import RGB, to_hex
from plotart.light import srgb_to_linear
from plotart.pens import Ink, Pen, PenSet


@dataclass(frozen=True)
class Inks:
    """K pens as the renderer wants them: widths [K] mm; reflectance and transmittance [K, 3] in linear light."""

    widths: Tensor
    reflectance: Tensor
    transmittance: Tensor


class Palette(Protocol):
    """K pens, in plotting order."""

    def __len__(self) -> int: ...

    def parameters(self) -> dict[str, Tensor]:
        """Leaves to optimise by name; empty if nothing is learned."""
        ...

    def inks(self) -> Inks: ...

    def pens(self) -> PenSet:
        """The pens as they are now."""
        ...


class FixedPalette:
    """Pens as they lie in the drawer."""

    def __init__(self, pens: PenSet) -> None:
        self._pens = pens
        self._inks = Inks(pens.widths, pens.reflectance, pens.transmittance)

    def __len__(self) -> int:
        return len(self._pens)

    def parameters(self) -> dict[str, Tensor]:
        return {}

    def inks(self) -> Inks:
        return self._inks

    def pens(self) -> PenSet:
        return self._pens


#: How much white a learned transparent colour loses: its palest is a grey of 1 - this.
PALENESS = 0.4


class LearnedPalette:
    """`count` free colours, sigmoid-bounded, of one nib `width` in mm and one kind of ink.

    They start as hues around the circle, from light to dark, so that they differ from the first step on. Transparent
    colours are kept from paling away: an ink as light as the paper would be a pen that draws nothing.
    """

    def __init__(self, count: int, *, width: float, ink: Ink = "transparent", opacity: float = 1.0, hue: float = 0.0):
        self._width, self._ink, self._opacity = width, ink, opacity
        start = [
            colorsys.hls_to_rgb((hue + k / count) % 1, 0.65 - 0.4 * k / max(1, count - 1), 0.6) for k in range(count)
        ]
        self.colors = torch.logit(torch.tensor(start), eps=1e-3).requires_grad_()

    def __len__(self) -> int:
        return len(self.colors)

    def parameters(self) -> dict[str, Tensor]:
        return {"colors": self.colors}

    def inks(self) -> Inks:
        light = srgb_to_linear(self._srgb())
        widths = torch.full((len(self),), self._width)
        if self._ink == "opaque":
            covered = torch.full_like(light, 1 - self._opacity)
            return Inks(widths, self._opacity * light, covered)
        return Inks(widths, torch.zeros_like(light), 1 - self._opacity * (1 - light))

    def pens(self) -> PenSet:
        colors: list[RGB] = [(r, g, b) for r, g, b in self._srgb().detach().tolist()]
        return PenSet(
            [
                Pen(f"Colour {number}", to_hex(color), self._width, self._ink, self._opacity)
                for number, color in enumerate(colors, 1)
            ]
        )

    def _srgb(self) -> Tensor:
        """[K, 3]; where the ink is transparent, white becomes a mid grey and pure hues stay as they are."""
        bounded = torch.sigmoid(self.colors)
        if self._ink == "opaque":
            return bounded
        return bounded * (1 - PALENESS * bounded.amin(dim=1, keepdim=True))
