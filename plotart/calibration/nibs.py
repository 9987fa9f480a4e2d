"""How broad a pen's line is, from the light that its lines take away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plotart.calibration.chart import BROADEST, NIB_OFFSET, Box, line_count

Array = NDArray[np.float64]

#: The share of the paper above which lines of a hatch may have run together.
RUN_TOGETHER = 0.9


def coverage(light: Array, paper: Array, solid: Array) -> float:
    """The share of a hatch [rows, columns, 3] that ink covers, from linear light [3] of bare paper and of the solid.

    Light adds up, so that blur does not change it. Channels count by the square of what the ink takes from them.
    """
    taken = paper - solid
    return float(((paper - light.mean(axis=(0, 1))) * taken).sum() / (taken**2).sum())


def line_paper(places: Array, light: Array, field: Box, spacing: float, nib: float) -> Array:
    """Linear light [3] of the paper between single lines `spacing` apart, about the middle of a field: nearer to them
    than any other bare place. `light` [rows, columns, 3] at `places` [rows, columns, 2] mm."""
    x = places[0, :, 0] - (field.x + field.width / 2)
    # An even number of lines has a gap in the middle of the field, an odd one a line.
    shift = 0.0 if line_count(field.width, spacing, nib) % 2 else spacing / 2
    away = np.abs((x - shift + spacing / 2) % spacing - spacing / 2)
    bare = away > min(BROADEST * nib / 2 + 2 * NIB_OFFSET, 0.4 * spacing)
    return np.median(light[:, bare].reshape(-1, 3), axis=0)
