"""Directions that a picture's forms have."""

from __future__ import annotations

import math

import numpy as np

from plotart.canvas.stippling import Array


def along_forms(lightness: Array, px_per_mm: float, *, reach: float, resting: float) -> Array:
    """[H, W, 2] unit vectors along edges and creases, either way round (Kass and Witkin, 1987: the structure tensor).

    reach    mm over which directions are averaged
    resting  radians of what has none
    """
    from scipy.ndimage import gaussian_filter
    from skimage.feature import structure_tensor

    squares = structure_tensor(lightness, sigma=max(0.5, 0.4 * px_per_mm), mode="nearest", order="xy")
    xx, xy, yy = (gaussian_filter(each, reach * px_per_mm, mode="nearest") for each in squares)
    # Twice the angle of the gradient, as a vector; plain paper has a little of the resting direction's.
    little = 1e-2 * float(np.mean(xx + yy)) + 1e-12
    cosine = xx - yy - little * math.cos(2 * resting)
    sine = 2 * xy - little * math.sin(2 * resting)
    angle = 0.5 * np.arctan2(sine, cosine) + math.pi / 2
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)
