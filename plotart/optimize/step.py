"""What a step of the loop saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from plotart.canvas.drawn import Drawn, Laid
from plotart.optimize.plan import Phase

#: A stroke counts as decided when its likeliest pen has this share.
DECIDED = 0.9


@dataclass(frozen=True, eq=False)
class Figures:
    """A step's numbers, where they were computed: a GPU is waited for when one of them is first read.

    loss, losses  scalars: the weighted terms by name and their sum; shares [rows, K]: how much of each pen strokes are
    """

    loss: Tensor
    losses: Mapping[str, Tensor]
    shares: Tensor

    @cached_property
    def numbers(self) -> list[float]:
        """The loss, the losses, the share of strokes that are decided, the mean of their likeliest pen's, all use."""
        top = self.shares.amax(dim=-1)
        scalars = [self.loss, *self.losses.values(), (top >= DECIDED).float().mean(), top.mean()]
        numbers = torch.stack([value.to(self.shares.device, torch.float32) for value in scalars])
        return [*numbers.tolist(), *self.shares.mean(dim=0).tolist()]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Figures):
            return NotImplemented
        return list(self.losses) == list(other.losses) and self.numbers == other.numbers

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Step:
    """What one step saw, before it moved anything.

    number counts from 1; losses are the weighted terms by name, and `goals` the names of those that the drawing is made
    for; `reached` is how well the step's views reach these, higher is better. `decided` is the share of strokes whose
    likeliest pen has at least 90 %, `top` the mean share of the likeliest pen, `use` the share of strokes by pen;
    softness is in mm.
    `recycled` strokes could not be seen after it, and were placed anew.

    `picture(detail)` draws the canvas as it is when that is called: [1, 3, H, W] sRGB, at `detail` times the full
    resolution. `drawn` are the lines that the step saw, as vectors, and `lines()` those that there are when that is
    called; None on a canvas of pixels. These three are the only parts that cost time.
    """

    number: int
    total: int
    phase: Phase
    temperature: float
    softness: float
    sharpness: float
    recycled: int
    figures: Figures = field(repr=False)
    picture: Callable[[float], Tensor] = field(repr=False, compare=False)
    laid: Laid | None = field(default=None, repr=False, compare=False)
    lines: Callable[[], Drawn | None] = field(default=lambda: None, repr=False, compare=False)
    goals: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def drawn(self) -> Drawn | None:
        return None if self.laid is None else self.laid.drawn()

    @property
    def loss(self) -> float:
        return self.figures.numbers[0]

    @property
    def losses(self) -> dict[str, float]:
        return dict(zip(self.figures.losses, self.figures.numbers[1:], strict=False))

    @property
    def reached(self) -> float:
        return -sum(self.losses[name] for name in self.goals)

    @property
    def decided(self) -> float:
        return self.figures.numbers[1 + len(self.figures.losses)]

    @property
    def top(self) -> float:
        return self.figures.numbers[2 + len(self.figures.losses)]

    @property
    def use(self) -> tuple[float, ...]:
        return tuple(self.figures.numbers[3 + len(self.figures.losses) :])
