"""A drawing as a plotter sees it: polylines in millimetres, layer by layer, in plotting order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plotart.files.atomic import write_file
from plotart.pens import Handling

#: [n, 2] points of a polyline in mm, x to the right, y down.
Line = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layer:
    """What is drawn from one pen change to the next: a pen's `name`, `color` as #rrggbb, nib `width` in mm, lines.

    `refill` counts from 0: a pen that has to be filled now and then has a layer for each filling.
    """

    name: str
    color: str
    width: float
    lines: list[Line]
    handling: Handling = Handling()
    refill: int = 0


@dataclass(frozen=True, eq=False)
class Drawing:
    """A page of `width` x `height` mm and its layers in plotting order; no layer is empty."""

    width: float
    height: float
    layers: tuple[Layer, ...]

    def save(self, path: Path | str) -> Path:
        """Writes the text of plot.svg, whole or not at all, and its folder if need be. Raises OutputError."""
        from plotart.export.svg import plot_svg

        return write_file(Path(path), plot_svg(self))
