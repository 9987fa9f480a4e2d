"""Dots, denser where it is dark: `stipple`; one line through them all: `tour`; the same, rounded and moved apart:
`scribble`."""

from __future__ import annotations

import math

import numpy as np
import torch

from plotart.canvas.looks.directions import along_forms
from plotart.canvas.looks.lines import Gathered, Lines, cornered, loose
from plotart.canvas.looks.look import TURN, Look, LookRequest, look_of
from plotart.canvas.stippling import Array, Raster, stipple
from plotart.canvas.wandering import LENGTH, apart
from plotart.geometry.tour import order_of_points

#: mm: a dash that is all round but for this is a dot; and the most dots of all pens: with more of them each is longer.
DOT, MOST_DOTS = 0.15, 14_000

#: The most points of all pens' tours, whose order takes a while.
MOST_POINTS = 30_000

#: Tones that are too pale to be drawn.
PALEST = 0.02

#: mm over which the directions of dashes are averaged.
REACH = 2.0

#: How far dots, and points of lines, may go, in mm.
DOTS_WAY, WAY = 1.0, 1.2


def stipple_look(wanted: LookRequest) -> Look:
    return look_of([_dots(wanted, pen) for pen in range(len(wanted.tones))])


def tour(wanted: LookRequest) -> Look:
    return look_of([cornered(_tour(wanted, pen), way=WAY) for pen in range(len(wanted.tones))])


def scribble(wanted: LookRequest) -> Look:
    found = []
    for pen, tone in enumerate(wanted.tones):
        raster = _raster(wanted, tone)
        lines = [line[: len(line) // 2 * 2] for line in _tour(wanted, pen)]
        density = np.where(tone > PALEST, tone, 0.0) ** 3  # see wandering.py
        rounded = [apart(line[None], density, raster, rounding=0.3)[0] for line in lines if len(line) >= 4]
        found.append(loose(rounded, way=WAY))
    return look_of(found)


def _dots(wanted: LookRequest, pen: int) -> Lines:
    tone, nib = wanted.tones[pen], wanted.nibs[pen]
    tone = np.where(tone > PALEST, tone, 0.0)
    area = tone.sum() / wanted.px_per_mm**2
    # Dots that lie as if by chance cover 1 - exp(-their areas): evenly spread ones less so; half of both.
    area *= 1 + 0.5 * float((tone**2).sum() / max(tone.sum(), 1e-9))
    most = max(1, MOST_DOTS // len(wanted.tones))
    round_end = math.pi / 4 * nib**2
    length = max(DOT, (area / most - round_end) / nib)
    count = round(area / (round_end + length * nib))
    found = Gathered()
    if count:
        centers = stipple(tone, _raster(wanted, tone), count, _generator(wanted, pen))
        angles = _along_forms(wanted, pen, centers)
        rows, share = np.arange(4), (np.arange(4) / 3 - 0.5)[:, None]
        for center, angle in zip(centers, angles, strict=True):
            heading = length * np.array([math.cos(angle), math.sin(angle)])
            found.stroke(center + share * heading)
            for axis in np.eye(2):
                found.way(rows, np.tile(axis, (4, 1)), -DOTS_WAY, DOTS_WAY)
    return found.lines()


def _tour(wanted: LookRequest, pen: int) -> list[Array]:
    """A short way [n, 2] through points so dense that it is as long as the ink wants; none without tone."""
    tone = np.where(wanted.tones[pen] > PALEST, wanted.tones[pen], 0.0)
    # A path through points of density d has LENGTH * sqrt(d) of line to the area: d = (tone / (LENGTH * nib))^2.
    density = (tone / (LENGTH * wanted.nibs[pen])) ** 2
    count = round(min(density.sum() / wanted.px_per_mm**2, MOST_POINTS / len(wanted.tones)))
    if count < 4:
        return []
    points = stipple(density, _raster(wanted, tone), count, _generator(wanted, pen))
    return [points[order_of_points(points)]]


def _raster(wanted: LookRequest, tone: Array) -> Raster:
    return Raster((0.0, 0.0, tone.shape[1] / wanted.px_per_mm, tone.shape[0] / wanted.px_per_mm), *tone.shape)


def _along_forms(wanted: LookRequest, pen: int, centers: Array) -> Array:
    """[n] radians of the picture's forms at centers [n, 2] mm, each pen's turned a little."""
    flow = along_forms(wanted.lightness, wanted.px_per_mm, reach=REACH, resting=wanted.direction(pen))
    rows, columns = wanted.lightness.shape
    row = np.clip((centers[:, 1] * wanted.px_per_mm).astype(int), 0, rows - 1)
    column = np.clip((centers[:, 0] * wanted.px_per_mm).astype(int), 0, columns - 1)
    x, y = flow[row, column].T
    return np.asarray(np.arctan2(y, x) + pen * math.radians(TURN) / 4)


def _generator(wanted: LookRequest, pen: int) -> torch.Generator:
    return torch.Generator().manual_seed(int(wanted.random(pen).integers(2**62)))
