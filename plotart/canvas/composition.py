"""Where on the page strokes begin: their centres, by composition.

even   all over, at distances that are much alike
focus  about one point, ever fewer away from it: a Gaussian
airy   in a few islands, with white between them: where a random field of one wavelength (a sum of waves that run all
       ways) is high

All are blue noise: as dense as that says, and no two by chance close together. A fourth, scatter, is random points.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from plotart.canvas.stippling import Array, Raster, stipple
from plotart.geometry.page import Page

#: The Gaussian's standard deviation, as a share of the page's short side.
SPREAD = 0.2

#: Waves that an airy page's field is the sum of, their length as a share of the page's short side (about the way from
#: an island to the next), and the share of what is inside the margins in which no stroke begins.
WAVES, WAVELENGTH, BARE = 24, 0.5, 0.55


def composed_centers(
    composition: str, count: int, page: Page, random: torch.Generator, *, focus: tuple[float, float] = (0.5, 0.45)
) -> Tensor:
    """[count, 2] mm inside the margins, for ``even``, ``focus`` or ``airy``.

    focus  x and y as shares of the page's width and height. Raises KeyError for another composition.
    """
    densities: dict[str, Callable[[Array], Array]] = {
        "even": lambda at: np.ones(at.shape[:2]),
        "focus": partial(_about, focus=np.array([focus[0] * page.width, focus[1] * page.height]), page=page),
        "airy": partial(_islands, page=page, random=random),
    }
    raster = Raster.fit_for(count, page.inner)
    points = stipple(densities[composition](raster.centers), raster, count, random)
    return torch.from_numpy(points).float()


def _about(at: Array, focus: Array, page: Page) -> Array:
    """The density [rows, columns] at `at` [rows, columns, 2] mm: 1 at the focus, never 0."""
    sigma = SPREAD * min(page.width, page.height)
    squared = ((at - focus) ** 2).sum(axis=-1)
    # Of a focus outside the margins, the nearest part of the page is the densest, however far.
    return np.exp((squared.min() - squared) / (2 * sigma**2)) + 1e-12


def _islands(at: Array, page: Page, random: torch.Generator) -> Array:
    """1 within islands, less toward their shores, 0 in the white between them."""
    angle, phase = 2 * math.pi * torch.rand(2, WAVES, generator=random, dtype=torch.float64).numpy()
    waves = 2 * math.pi / (WAVELENGTH * min(page.width, page.height)) * np.stack([np.cos(angle), np.sin(angle)])
    field = np.cos(at @ waves + phase).sum(axis=-1)
    shore = min(float(np.quantile(field, BARE)), float(field.max()) - 1e-9)
    # The field's standard deviation is sqrt(WAVES / 2).
    return np.clip((field - shore) / math.sqrt(WAVES / 2), 0, 1)
