"""A picture of what is to be drawn, before there are lines."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Imagined:
    """A sheet pixel by pixel.

    ink     [H, W], 0 to 1: how much of each pixel is inked
    shares  [K, H, W]: how much of that ink is of each pen
    """

    ink: Tensor
    shares: Tensor
