"""What the loop needs of a canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from plotart.geometry.page import Page
from plotart.objectives import Features, Look, Views, Windows
from plotart.palette import Palette
from plotart.palette.match import Match


@dataclass(frozen=True)
class Frame:
    """The canvas drawn once.

    image   [1, 3, H, W] sRGB in 0..1; where windows were asked for, [B, 3, h, w]: those
    shares  [rows, K]: how much of each pen the strokes (or pixels) are
    points, num_points, widths: the strokes in mm, as in `Look`; None on a canvas of pixels
    shown   [N] bool: the strokes of which some window shows something; None without windows
    """

    image: Tensor
    shares: Tensor
    points: Tensor | None = None
    num_points: Tensor | None = None
    widths: Tensor | None = None
    shown: Tensor | None = None

    def look(self, views: Views, features: Features, page: Page) -> Look:
        return Look(
            self.image, views, features, page, self.points, self.num_points, self.widths,
            self.shares if self.points is not None else None,
        )  # fmt: skip


class Canvas(Protocol):
    page: Page

    #: Where learned colours were given to pens that are owned, how well they fit; after `harden`.
    matches: tuple[Match, ...]

    @property
    def paper(self) -> Tensor:
        """[3] sRGB: what a view shows outside the sheet."""
        ...

    @property
    def palette(self) -> Palette: ...

    def parameters(self) -> dict[str, Tensor]:
        """Leaves to optimise by name: points, logits, colors. After `harden`, without logits and colors."""
        ...

    def tensors(self) -> dict[str, Tensor]:
        """Everything that a checkpoint keeps, by name; the same names before and after `harden`."""
        ...

    def kept(self, count: int) -> Tensor:
        """[K] bool: where pens are to be chosen, those that would be left if all but `count` were closed now."""
        ...

    def narrow(self, count: int) -> None:
        """Where pens are to be chosen, close all but `count`."""
        ...

    def harden(self) -> None:
        """Give every stroke (or pixel) its pen, and every learned colour its value, for good."""
        ...

    def soft(
        self,
        temperature: float,
        *,
        softness: float = 0.0,
        noise: float = 0.0,
        random: torch.Generator | None = None,
        detail: float = 1.0,
        windows: Windows | None = None,
    ) -> Frame:
        """Every stroke a mix of pens, its edges blurred by `softness` mm to either side, in an image of the share
        `detail` of the full resolution; or those windows of it alone, at their own."""
        ...

    def hard(self, windows: Windows | None = None, *, detail: float = 1.0) -> Frame:
        """Every stroke drawn with its pen, in plotting order; otherwise as `soft`."""
        ...

    def unshown(self, shown: Tensor) -> dict[str, Tensor]:
        """The rows, int64, by parameter's name, of strokes that are not among `shown` [N] bool, nor is any copy."""
        ...

    def blank(self) -> Tensor:
        """[1, 3, H, W] sRGB: the bare paper."""
        ...

    def project(self) -> None:
        """Put what has strayed back to where it may be."""
        ...

    def recycle(self, temperature: float, random: torch.Generator) -> dict[str, Tensor]:
        """Place anew what can't be seen. Returns the rows that are new, int64, by parameter's name; maybe none."""
        ...
