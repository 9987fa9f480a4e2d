"""What a plotter draws: polylines in millimetres, layer by layer, in plotting order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotart.color import to_hex
from plotart.pens import Pen

#: [n, 2] points of a polyline in mm, x to the right, y down.
Line = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layer:
    """What is drawn from one pen change to the next: a pen and its lines.

    `refill` counts from 0: a pen that has to be filled now and then has a layer for each filling. `moved`: mm to the
    right and down by which the lines lie aside of where they are meant to land, for a pen that lands elsewhere.
    """

    pen: Pen
    lines: list[Line]
    refill: int = 0
    moved: tuple[float, float] = (0.0, 0.0)

    @property
    def name(self) -> str:
        return self.pen.name

    @property
    def color(self) -> str:
        """The pen's, as #rrggbb."""
        return to_hex(self.pen.rgb)

    @property
    def width(self) -> float:
        """The pen's nib in mm."""
        return self.pen.width

    @property
    def title(self) -> str:
        """The pen's name, and which filling it is."""
        return f"{self.name} (refill {self.refill})" if self.refill else self.name

    @property
    def nib(self) -> tuple[str, str, float]:
        """What makes two layers one pen's, however it is handled in them: its name, colour and width."""
        return self.name, self.color, self.width


@dataclass(frozen=True, eq=False)
class Layered:
    """A page of `width` x `height` mm and its layers in plotting order; no layer is empty."""

    width: float
    height: float
    layers: tuple[Layer, ...]
