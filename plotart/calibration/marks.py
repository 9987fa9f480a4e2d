"""Registration marks found in a picture: discs in rings, seen from any side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

#: px of the reduced picture's long side, in which marks are looked for.
LONG_SIDE = 2000

#: Widths of the surroundings with which a pixel is compared, as shares of the long side.
SURROUNDINGS = (0.04, 0.08, 0.02)

#: How much darker than its surroundings ink is, as a share of the picture's range.
DARKER = 0.06

#: A ring is 3 times as wide as its disc and has 5 times its area; blur, nibs and slant change that, so much at most.
WIDER, LARGER = (2.2, 4.2), (2.2, 11.0)


@dataclass(frozen=True)
class Spot:
    """What looks like a mark: its centre and the radius of its ring, in px of the whole picture."""

    x: float
    y: float
    radius: float


def find_spots(grey: Grey, *, dark: bool = True) -> list[Spot]:
    """What looks like a mark in a picture [H, W] of light in 0..1, those most like one first.

    dark: whether marks are darker than the paper. The best of several trials is taken, as how large the chart is in
    the picture is not known.
    """
    factor = max(1, -(-max(grey.shape) // LONG_SIDE))
    small = _reduced(grey if dark else 1 - grey, factor)
    trials = (_spots(small, factor, share) for share in SURROUNDINGS)
    return max(trials, key=len)


def refine(grey: Grey, spot: Spot, *, dark: bool = True) -> Spot:
    """The same mark with its centre as the middle of its ink, to a small part of a px.

    The light of the paper around is taken for a slope; nothing but paper may be there within 0.4 of its radius.
    """
    for _ in range(2):
        reach = 1.4 * spot.radius
        left, top = max(0, int(spot.x - reach)), max(0, int(spot.y - reach))
        part = grey[top : int(spot.y + reach) + 2, left : int(spot.x + reach) + 2]
        y, x = np.mgrid[: part.shape[0], : part.shape[1]] + 0.5
        x, y = x + left - spot.x, y + top - spot.y
        away = np.hypot(x, y) / spot.radius
        around = (away > 1.15) & (away < 1.38)
        plane = np.stack([np.ones_like(x), x, y], axis=-1)
        slope, *_ = np.linalg.lstsq(plane[around], part[around], rcond=None)
        ink = (plane @ slope - part) * (1 if dark else -1) * (away < 1.15)
        weight = ink.sum()
        if weight <= 0:
            break
        spot = Spot(spot.x + float((ink * x).sum() / weight), spot.y + float((ink * y).sum() / weight), spot.radius)
    return spot


def _reduced(grey: Grey, factor: int) -> Grey:
    rows, columns = grey.shape[0] // factor, grey.shape[1] // factor
    blocks = grey[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor)
    return blocks.mean(axis=(1, 3))


def _spots(small: Grey, factor: int, share: float) -> list[Spot]:
    """Pairs of dark areas of which one lies in the middle of the other."""
    from scipy import ndimage, spatial

    size = max(9, round(share * max(small.shape)))
    low, high = np.percentile(small, (1, 99))
    ink = small < ndimage.uniform_filter(small, size) - DARKER * (high - low)
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    if count < 2:
        return []
    areas = np.bincount(labels.ravel())[1:]
    slices = ndimage.find_objects(labels)
    sides = np.array([[part[0].stop - part[0].start, part[1].stop - part[1].start] for part in slices], dtype=float)
    middles = np.array([[part[0].stop + part[0].start, part[1].stop + part[1].start] for part in slices]) / 2
    spread = sides.max(axis=1)
    kept = np.flatnonzero((areas >= 6) & (sides.min(axis=1) > 0.4 * spread) & (spread < max(small.shape) / 8))
    if len(kept) < 2:
        return []
    near = spatial.cKDTree(middles[kept])
    found: list[tuple[float, Spot]] = []
    for outer in kept:
        for place in near.query_ball_point(middles[outer], 0.1 * spread[outer] + 0.5):
            inner = kept[place]
            wider = sides[outer] / sides[inner]
            larger = areas[outer] / areas[inner]
            if inner == outer or not (WIDER[0] < wider.min() and wider.max() < WIDER[1]):
                continue
            # Both are round: a disc fills pi / 4 of its box, a ring of these radii 5 / 9 of that.
            fill = areas[inner] / sides[inner].prod(), areas[outer] / sides[outer].prod()
            if not (LARGER[0] < larger < LARGER[1] and 0.55 < fill[0] < 0.95 and 0.2 < fill[1] < 0.7):
                continue
            off = float(np.abs(middles[outer] - middles[inner]).max() / spread[outer])
            y, x = middles[outer] * factor
            found.append((off, Spot(float(x), float(y), float(spread[outer]) * factor / 2)))
    return [spot for _, spot in sorted(found, key=lambda item: item[0])]
