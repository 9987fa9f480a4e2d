"""What a run tells besides its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from torch import Tensor

from plotart.canvas.drawn import Drawn, Laid
from plotart.geometry.page import Page
from plotart.optimize import Phase
from plotart.pens import PenSet


@dataclass(frozen=True)
class Note:
    """Something worth knowing that is no error, in a sentence."""

    text: str


@dataclass(frozen=True)
class Download:
    """Weights are fetched: bytes done, and bytes in all (0: unknown)."""

    done: int
    total: int


@dataclass(frozen=True)
class Ready:
    """All that is to be drawn lies on the sheet, begun or gone on with, before the first step of this call; a callback
    may take its time, and may raise StopRun.

    done of total steps are done; `phase` is that of what is seen: polish as soon as the pens are fixed. `pens` are
    those of the canvas now. `picture(detail)` and `drawn` are as those of a Step.
    """

    done: int
    total: int
    phase: Phase
    pens: PenSet
    page: Page
    picture: Callable[[float], Tensor] = field(repr=False, compare=False)
    laid: Laid | None = field(repr=False, compare=False)

    @cached_property
    def drawn(self) -> Drawn | None:
        return None if self.laid is None else self.laid.drawn()


Event = Note | Download | Ready

OnEvent = Callable[[Event], None]
