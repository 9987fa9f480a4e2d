"""Lines side by side that swell with the form, closer where it is dark, crossed by others in the shadows."""

from __future__ import annotations

import math

import numpy as np

from plotart.canvas.looks.hatch import LONGER, crossed
from plotart.canvas.looks.lines import supple
from plotart.canvas.looks.look import Look, LookRequest, look_of
from plotart.canvas.stippling import Array

#: mm over which a form is one, how high light is above dark in mm, and how steep: lines lie closer by that.
FORM, HEIGHT, STEEPEST = 4.0, 9.0, 0.45

#: mm between control points, and between the knots at which a line may bend.
EVERY, KNOTS = 3.0, 6.0


def engraving(wanted: LookRequest) -> Look:
    """Lines side by side, bent as if the picture were a relief, crossed in the shadows."""
    height = _height(wanted)

    def bend(angle: float) -> Array:
        return _gentle(height, angle, wanted.px_per_mm)

    return look_of(
        [
            supple(crossed(wanted, pen, bend), every=EVERY, knots=KNOTS, room=wanted.room(pen), longer=LONGER)
            for pen in wanted.pens
        ]
    )


def _height(wanted: LookRequest) -> Array:
    """[H, W] mm: the picture as a relief."""
    from scipy.ndimage import gaussian_filter

    height = HEIGHT * gaussian_filter(wanted.lightness, FORM * wanted.px_per_mm, mode="nearest")
    return height - height.mean()


def _gentle(height: Array, angle: float, px_per_mm: float) -> Array:
    """The relief so low that across the lines it is nowhere steeper than STEEPEST."""
    down, across = np.gradient(height, 1 / px_per_mm)
    steep = np.abs(-math.sin(angle) * across + math.cos(angle) * down)
    return height * min(1.0, STEEPEST / max(float(np.quantile(steep, 0.999)), 1e-9))
