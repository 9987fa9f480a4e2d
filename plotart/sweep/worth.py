"""What a small drawing is worth to who hangs it: whether it excites, fills its page, has a rhythm and clean lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from plotart.export.line_figures import LineFigures

Floats = NDArray[np.float64]

#: The page's cells, across and down, in each of which there should be some ink.
CELLS = 6

#: The share of a cell's area whose ink fills it, and the share from which on it counts as a blot.
FILLED, BLOT = 0.1, 0.65

#: How far a pixel's colour is from the paper's, 0 to 1 in its most different channel, where it is ink.
INK = 0.25

#: Of a layer's gains: the share that lies below what counts as all that can be gained there.
TOP = 0.9

#: Of all drawings: the share that has no rhythm to speak of, which still is a fifth of what that share has at the top.
REST, LEAST = 0.05, 0.2

#: What halves the cleanliness: so many crossings per 100 mm, such a share overlaid, so many lifts per metre.
CROSSINGS, OVERLAID, LIFTS = 6.0, 0.25, 40.0

#: How much each part counts, as powers that sum to 1.
#: A gain is a network's own affair, and counts least: among those that gain well, the eye decides.
POWERS = {"gain": 0.1, "coverage": 0.45, "rhythm": 0.25, "cleanliness": 0.2}


@dataclass(frozen=True)
class Worth:
    """The parts of a score, each 0 to 1, and 1 is best.

    gain         of what the layer's best drawings gain over bare paper
    coverage     of the page's cells that have ink, and are no blots
    rhythm       of parts of the page that have the same features as the other parts
    cleanliness  of lines that neither cross, nor lie on each other, nor are short
    """

    gain: float
    coverage: float
    rhythm: float
    cleanliness: float

    @property
    def score(self) -> float:
        """By `POWERS`."""
        return self.by(POWERS)

    def by(self, powers: Mapping[str, float]) -> float:
        """The parts' geometric mean, weighted by powers that sum to 1: what lacks one of them altogether is worth
        nothing."""
        return math.prod(getattr(self, part) ** power for part, power in powers.items())


def relative_gains(gains: Sequence[float], *, top: float = TOP) -> list[float]:
    """The gains of one layer's targets, 0 to 1, as shares of what is gained there at best: `top` of them gain less.

    Layers are on scales of their own, which this makes one. What excites no more than bare paper has 0.
    """
    positive = [gain for gain in gains if gain > 0]
    if not positive:
        return [0.0] * len(gains)
    most = float(np.quantile(positive, top))
    return [min(1.0, max(0.0, gain / most)) for gain in gains]


def relative_rhythms(found: Sequence[float]) -> list[float]:
    """How much parts of drawings are alike, 0.2 to 1, between the drawings' least and most (all but 5 % at either end):
    to a network all parts of all drawings are rather alike, and what counts is the difference."""
    if not found:
        return []
    low, high = (float(np.quantile(found, share)) for share in (REST, 1 - REST))
    if high - low < 1e-6:
        return [1.0] * len(found)
    return [LEAST + (1 - LEAST) * min(1.0, max(0.0, (one - low) / (high - low))) for one in found]


def coverage(ink: Floats) -> float:
    """0 to 1 for the share of ink [n, n] in each of a page's cells: the mean of min(1, ink / 0.1) over the cells, of
    which those with more than 65 % ink fall to nothing as they are full."""
    some = np.clip(ink / FILLED, 0, 1)
    light = np.clip((1 - ink) / (1 - BLOT), 0, 1)
    return float((some * light).mean())


def ink_in_cells(picture: Image.Image, margin: float, above: float | None = None) -> Floats:
    """[6, 6] shares of pixels with ink inside the margins of a picture of a drawing; `margin` is a share of its width,
    and `above` of its height, the same if None. The paper is what its corner shows."""
    pixels = np.asarray(picture.convert("RGB"), dtype=np.float64) / 255
    inked = np.abs(pixels - pixels[0, 0]).max(axis=2) > INK
    rows, columns = inked.shape
    down, across = round(rows * (margin if above is None else above)), round(columns * margin)
    inside = inked[down : rows - down, across : columns - across]
    parts = [np.array_split(band, CELLS, axis=1) for band in np.array_split(inside, CELLS, axis=0)]
    return np.array([[part.mean() for part in band] for band in parts])


def cleanliness(line: LineFigures) -> float:
    """0 to 1: the product of 1 / (1 + f / h) of crossings per 100 mm (h = 6), the overlaid share (0.25) and lifts per
    metre (40). Bare paper has 0."""
    figures = (line.crossings_per_100mm, CROSSINGS), (line.overlaid, OVERLAID), (line.lifts_per_m, LIFTS)
    return math.prod(0.0 if found is None else 1 / (1 + found / half) for found, half in figures)
