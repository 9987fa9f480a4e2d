"""The paper of a picture, and which ink each line of it has."""

from __future__ import annotations

import colorsys
from typing import Literal, NamedTuple

import numpy as np

from plotart.training.motifs.hues import HUES, NATURE_SHARE
from plotart.training.motifs.paths import Drawing

Manner = Literal["pen", "white", "black", "paint"]
Colour = tuple[int, int, int]

#: How inks are given out in a tidy picture, and how often where a motif's nature does not decide.
_ORDERS = {"one": 0.3, "parts": 0.3, "figures": 0.25, "places": 0.15}


class Ink(NamedTuple):
    """A colour and its name in HUES."""

    colour: Colour
    hue: str


def paper_of(manner: Manner, rng: np.random.Generator) -> Colour:
    """White, black, plain or, for paint, any paper."""
    hue = rng.random()
    if manner in ("white", "black"):
        return _rgb(0, 0, float(manner == "white"))
    if manner == "paint" and rng.random() < 0.5:
        return _rgb(hue, rng.uniform(0, 0.8), rng.uniform(0, 1))
    if rng.random() < 0.25:
        return _rgb(hue, rng.uniform(0, 0.3), rng.uniform(0, 0.2))
    return _rgb(hue, rng.uniform(0, 0.1), rng.uniform(0.88, 1))


def ordered_inks(
    figures: list[Drawing],
    nature: tuple[tuple[str, ...], ...],
    paper: Colour,
    manner: Manner,
    rng: np.random.Generator,
) -> list[list[Ink]]:
    """An ink for each path of each figure, as a person would choose them: by nature, or one for all, for each part,
    for each figure or for each side of the page."""
    least = 35 if manner == "paint" else 60
    parts = 1 + max(path.part for figure in figures for path in figure)
    if rng.random() < NATURE_SHARE:
        choices = [nature[min(part, len(nature) - 1)] for part in range(parts)]
        own = [_ink(str(rng.choice(hues)), paper, least, rng) for hues in choices]
        return [[own[path.part] for path in figure] for figure in figures]
    inks = some_inks(int(rng.integers(2, 6)), paper, least, rng)
    order = rng.choice(list(_ORDERS), p=list(_ORDERS.values()))
    if order == "one":
        return [[inks[0] for _ in figure] for figure in figures]
    if order == "parts" and parts > 1:
        return [[inks[path.part % len(inks)] for path in figure] for figure in figures]
    if order == "figures" and len(figures) > 1:
        return [[inks[k % len(inks)] for _ in figure] for k, figure in enumerate(figures)]
    angle, count = rng.uniform(0, 2 * np.pi), int(rng.integers(2, 4))
    across = np.array([np.cos(angle), np.sin(angle)])

    def side(points: np.ndarray) -> int:
        return int(np.clip((points.mean(axis=0) @ across + 0.8) / 1.6 * count, 0, count - 1))

    return [[inks[side(path.points) % len(inks)] for path in figure] for figure in figures]


def some_inks(count: int, paper: Colour, least: float, rng: np.random.Generator) -> list[Ink]:
    """Inks of different hues that can be seen on the paper."""
    return [_ink(str(hue), paper, least, rng) for hue in rng.permutation(list(HUES))[:count]]


def _ink(hue: str, paper: Colour, least: float, rng: np.random.Generator) -> Ink:
    """An ink of that hue, or of another if it can't be seen on the paper."""
    for attempt in range(40):
        ink = _rgb(*(rng.uniform(*extent) for extent in HUES[hue]))
        if sum(abs(a - b) * w for a, b, w in zip(ink, paper, (0.3, 0.6, 0.1), strict=True)) > least:
            return Ink(ink, hue)
        if attempt >= 3:
            hue = str(rng.choice(list(HUES)))
    dark = sum(paper) > 380
    return Ink((0, 0, 0), "black") if dark else Ink((255, 255, 255), "white")


def _rgb(h: float, s: float, v: float) -> Colour:
    r, g, b = (int(255 * c) for c in colorsys.hsv_to_rgb(h % 1, s, v))
    return r, g, b
