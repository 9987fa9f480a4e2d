"""What the loop needs of a canvas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from plotart.canvas.drawn import Laid
from plotart.canvas.hands import Hands
from plotart.geometry.page import Page
from plotart.objectives import InkedStrokes, Views
from plotart.palette import Palette
from plotart.palette.match import Match


@dataclass(frozen=True)
class Frame:
    """The canvas drawn once, for some views.

    image    [1, 3, H, W] sRGB in 0..1; where the views are windows, [B, 3, h, w]: those
    shares   [rows, K]: how much of each pen the strokes (or pixels) are
    strokes  as they are drawn; None on a canvas of pixels
    idle     [rows] bool by parameter's name: what no window shows, so that it has to stay where it is
    laid     the lines as they were laid on the sheet; None on a canvas of pixels
    """

    image: Tensor
    shares: Tensor
    strokes: InkedStrokes | None = None
    idle: Mapping[str, Tensor] = field(default_factory=dict)
    laid: Laid | None = None


#: The sheet as it is.
STILL = Views.still()


class Canvas(Protocol):
    page: Page

    @property
    def device(self) -> torch.device:
        """Where it is drawn."""
        ...

    def resolution(self, detail: float = 1.0) -> int:
        """px of the long side of its image at the share `detail` of the full resolution."""
        ...

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

    @property
    def optional(self) -> frozenset[str]:
        """Names of tensors that a checkpoint may lack, one of an earlier version say: they are as they begin then."""
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
        views: Views = STILL,
        *,
        softness: float = 0.0,
        noise: float = 0.0,
        random: torch.Generator | None = None,
        detail: float = 1.0,
        gates: Tensor | None = None,
    ) -> Frame:
        """Every stroke a mix of pens, its edges blurred by `softness` mm to either side, in an image of the share
        `detail` of the full resolution; or in `views` that are windows, at their own. Of each of all strokes there is
        as much as its gate [N] says: 1 where no gates are given."""
        ...

    def hard(self, views: Views = STILL, *, detail: float = 1.0, gates: Tensor | None = None) -> Frame:
        """Every line drawn with its pen, in plotting order, as much of it as its units' stroke has; else as `soft`."""
        ...

    def laid(self, temperature: float) -> Laid | None:
        """The lines as they lie on the sheet now, without an image of them: soft at `temperature`, or with the
        pens that they have for good. None on a canvas of pixels."""
        ...

    def blank(self) -> Tensor:
        """[1, 3, H, W] sRGB: the bare paper, with the words and guests that lie on it."""
        ...

    def project(self) -> None:
        """Put what has strayed back to where it may be."""
        ...

    def refit(self) -> None:
        """The same on a page, or with nibs, that have changed: what hands hold moves too, if it has to."""
        ...

    def recycle(self, temperature: float, random: torch.Generator) -> dict[str, Tensor]:
        """Place anew what can't be seen. Returns the rows that are new, int64, by parameter's name; maybe none."""
        ...

    @property
    def hands(self) -> Hands:
        """What hands do to the strokes at present."""
        ...

    @property
    def held(self) -> Tensor:
        """[N] bool: the strokes that hands hold, with those that they are joined to. None of them may leave."""
        ...

    def touch(self, hands: Hands) -> None:
        """Bring the strokes to this state. Raises InputError for strokes that don't exist, or if none would be left."""
        ...

    @property
    def units(self) -> Tensor:
        """[n] int64: the strokes that can leave; once pens are fixed a stroke of each line. None on a canvas of
        pixels."""
        ...

    @property
    def most_lines(self) -> int:
        """How many lines there are where no stroke has left or is joined, with all copies."""
        ...

    @property
    def lines(self) -> int:
        """How many lines the strokes make that are there, with all copies."""
        ...

    def costs(self) -> Tensor:
        """[n] mm: what it takes to plot each of the units; to lift the pen counts as some mm of line."""
        ...

    def leave(self, strokes: Tensor) -> None:
        """The units of these strokes are drawn no more."""
        ...

    def join(self, reach: float) -> None:
        """Strokes of one pen whose ends meet within `reach` mm become one line."""
        ...

    def can_chain(self, lines: int) -> bool:
        """Whether there are more than so many `lines`, and `chain` could do something about it."""
        ...

    def chain(self, lines: int) -> None:
        """Strokes are joined, whatever the ways between them, until there are as many `lines`; those that hands hold
        stay lines of their own."""
        ...

    def restored(self) -> None:
        """What `tensors` keeps has been put back."""
        ...


@torch.no_grad()
def put_back(canvas: Canvas, tensors: Mapping[str, Tensor]) -> None:
    """What `tensors` have of the canvas, by name. Raises ValueError if they are of another one."""
    for name, value in canvas.tensors().items():
        stored = tensors.get(name)
        if stored is None and name in canvas.optional:
            continue
        if stored is None or stored.shape != value.shape:
            raise ValueError(f"the checkpoint has no {name} of the shape {tuple(value.shape)}")
        value.copy_(stored)
    canvas.restored()
