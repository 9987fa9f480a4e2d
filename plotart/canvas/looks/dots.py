"""Dots, denser where it is dark: `stipple`; one line through them all: `tour`; the same, rounded and moved apart:
`scribble`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch

from plotart.canvas.looks.directions import along_forms
from plotart.canvas.looks.lines import Box, Gathered, Lines, cornered, loose
from plotart.canvas.looks.look import TURN, Look, LookRequest, look_of
from plotart.canvas.stippling import Array, Raster, stipple
from plotart.canvas.wandering import LENGTH, apart
from plotart.geometry.tour import order_of_points

#: mm: a dash that is all round but for this is a dot; and the most dots of all pens: with more of them each is longer.
DOT, MOST_DOTS = 0.15, 14_000

#: The most points of all pens' tours, and of all scribbles, whose points are moved apart: it takes a while.
MOST_POINTS, MOST_SCRIBBLED = 24_000, 14_000

#: Tones that are too pale to be drawn.
PALEST = 0.02

#: mm over which the directions of dashes are averaged.
REACH = 2.0

#: How far each step takes a point of a scribble to the middle of its neighbours.
ROUNDING = 0.3

#: How far dots, and points of lines, may go, in mm.
DOTS_WAY, WAY = 1.0, 1.2


def stipple_look(wanted: LookRequest) -> Look:
    """Dots, or short dashes along the forms."""
    return look_of([_dots(wanted, pen) for pen in wanted.pens])


def tour(wanted: LookRequest) -> Look:
    """One line of straight pieces through dots, as a travelling salesman goes."""
    return look_of(
        [
            cornered([path.line for path in _paths(wanted, pen, MOST_POINTS)], way=WAY, box=_box(wanted, pen))
            for pen in wanted.pens
        ]
    )


def scribble(wanted: LookRequest) -> Look:
    """One wandering line for each pen, dense where it is dark."""
    found = []
    for pen in wanted.pens:
        lines = [
            # As dense as the tone, which is the root of the points' density: see wandering.py.
            apart(path.line[None, : len(path.line) // 2 * 2], path.density**1.5, path.raster, rounding=ROUNDING)[0]
            for path in _paths(wanted, pen, MOST_SCRIBBLED)
        ]
        box = _box(wanted, pen)
        found.append(loose([np.clip(line, box[:2], box[2:]) for line in lines], way=WAY, box=box))
    return look_of(found)


class _Path(NamedTuple):
    """A short way [n, 2] through points that are as dense as `density` on the raster."""

    line: Array
    density: Array
    raster: Raster


def _dots(wanted: LookRequest, pen: int) -> Lines:
    tone, nib = _inside(wanted, pen), wanted.nibs[pen]
    area = tone.sum() / wanted.px_per_mm**2
    # Dots that lie as if by chance cover 1 - exp(-their areas): evenly spread ones less so; half of both.
    area *= 1 + 0.5 * float((tone**2).sum() / max(tone.sum(), 1e-9))
    most = max(1, MOST_DOTS // len(wanted.tones))
    round_end = math.pi / 4 * nib**2
    length = max(DOT, (area / most - round_end) / nib)
    count = round(area / (round_end + length * nib))
    found = Gathered()
    if count:
        centers, _, _ = _stippled(wanted, pen, tone, count)
        angles = _along_forms(wanted, pen, centers)
        rows, share = np.arange(4), (np.arange(4) / 3 - 0.5)[:, None]
        for center, angle in zip(centers, angles, strict=True):
            heading = length * np.array([math.cos(angle), math.sin(angle)])
            found.stroke(center + share * heading)
            for axis in np.eye(2):
                found.way(rows, np.tile(axis, (4, 1)), -DOTS_WAY, DOTS_WAY)
    return found.lines()


def _paths(wanted: LookRequest, pen: int, most: int) -> list[_Path]:
    """A path as long as the ink wants, or as `most` points of all pens' make it; none without tone."""
    tone = _inside(wanted, pen)
    # A path through points of density d has LENGTH * sqrt(d) of line to the area: d = (tone / (LENGTH * nib))^2.
    density = (tone / (LENGTH * wanted.nibs[pen])) ** 2
    count = round(min(density.sum() / wanted.px_per_mm**2, most / len(wanted.tones)))
    if count < 4:
        return []
    points, coarse, raster = _stippled(wanted, pen, density, count)
    return [_Path(points[order_of_points(points)], coarse, raster)]


def _stippled(wanted: LookRequest, pen: int, density: Array, count: int) -> tuple[Array, Array, Raster]:
    """`count` points [n, 2] mm as dense as the density [H, W], and that on a raster as fine as they need."""
    from scipy.ndimage import map_coordinates

    rows, columns = density.shape
    raster = Raster.fit_for(count, (0.0, 0.0, columns / wanted.px_per_mm, rows / wanted.px_per_mm))
    places = (raster.centers * wanted.px_per_mm - 0.5).reshape(-1, 2).T[::-1]
    coarse = map_coordinates(density, places, order=1, mode="nearest").reshape(raster.rows, raster.columns)
    coarse = coarse if coarse.any() else np.ones_like(coarse)
    return stipple(coarse, raster, count, _generator(wanted, pen)), coarse, raster


def _box(wanted: LookRequest, pen: int) -> Box:
    """What is inside the margins, by half a nib: what is never lifted may not be cut there."""
    half = wanted.nibs[pen] / 2
    left, top, right, bottom = wanted.page.inner
    return left + half, top + half, right - half, bottom - half


def _inside(wanted: LookRequest, pen: int) -> Array:
    """[H, W]: the pen's tone where that is no paler than may be drawn, within the box."""
    left, top, right, bottom = (round(side * wanted.px_per_mm) for side in _box(wanted, pen))
    tone = wanted.tones[pen]
    found = np.zeros_like(tone)
    part = slice(top, bottom), slice(left, right)
    found[part] = np.where(tone[part] > PALEST, tone[part], 0.0)
    return found


def _along_forms(wanted: LookRequest, pen: int, centers: Array) -> Array:
    """[n] radians of the picture's forms at centers [n, 2] mm, each pen's turned a little."""
    flow = along_forms(wanted.lightness, wanted.px_per_mm, reach=REACH, resting=wanted.direction(pen))
    x, y = flow[wanted.places(centers)].T
    return np.asarray(np.arctan2(y, x) + pen * math.radians(TURN) / 4)


def _generator(wanted: LookRequest, pen: int) -> torch.Generator:
    return torch.Generator().manual_seed(int(wanted.random(pen).integers(2**62)))
