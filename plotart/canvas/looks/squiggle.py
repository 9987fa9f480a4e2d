"""Rows of waves, taller and shorter where it is dark."""

from __future__ import annotations

import math

import numpy as np

from plotart.canvas.looks.lines import Gathered, Lines
from plotart.canvas.looks.look import Look, LookRequest, look_of
from plotart.canvas.smooth_chain import chain
from plotart.canvas.stippling import Array

#: Nibs from row to row, if nothing else is said.
ROWS = 6.0

#: The most of a row's height that waves take, and the share of a cubic's control points that a half wave reaches.
TALLEST, PEAK = 0.96, 0.75

#: The paler tones that are not drawn, and mm of the longest half wave.
PALEST, LONGEST = 0.06, 4.0


def squiggle(wanted: LookRequest) -> Look:
    """Rows of waves, tall and short where it is dark."""
    return look_of([_rows(wanted, pen) for pen in wanted.pens])


def _rows(wanted: LookRequest, pen: int) -> Lines:
    from scipy.ndimage import map_coordinates

    tone, nib, px_per_mm = wanted.tones[pen], wanted.nibs[pen], wanted.px_per_mm
    rows, columns = tone.shape
    width, height = columns / px_per_mm, rows / px_per_mm
    pitch = wanted.spacing or ROWS * nib
    angle = wanted.direction(pen)
    along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    half = math.hypot(width, height) / 2
    steps = np.arange(-half, half, 0.25)
    found = Gathered()
    for row in np.arange(-half, half + pitch, pitch):
        begin = np.array([width, height]) / 2 + row * across
        at = (begin + steps[:, None] * along) * px_per_mm - 0.5
        seen = map_coordinates(tone, at.T[::-1], order=1, mode="constant")
        there = seen > PALEST
        edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int))).reshape(-1, 2)
        for first, last in edges:
            if last - first > 8:
                _wave(found, begin, along, across, steps[first:last], seen[first:last], pitch, nib)
    return found.lines()


def _wave(
    found: Gathered, begin: Array, along: Array, across: Array, steps: Array, tone: Array, pitch: float, nib: float
) -> None:
    """One wave over the steps [n] mm along a row, whose line is as long as the tone [n] wants."""
    tallest = TALLEST * (pitch - nib) / 2
    joints, heights, at = [float(steps[0])], list[float](), float(steps[0])
    while at < steps[-1]:
        here = float(np.interp(at, steps, tone))
        longer = max(1.0, here * pitch / nib)  # mm of line to a mm of row
        height = tallest * min(1.0, math.sqrt(max(0.0, longer - 1) / 2))
        wave = min(LONGEST, 2 * height / max(math.sqrt(longer**2 - 1), 1e-6)) if height > 0.05 else LONGEST
        at = min(at + max(wave, 0.6 * nib), float(steps[-1]))
        joints.append(at)
        heights.append(height)
    signs = (-1.0) ** np.arange(len(heights))
    starts, lengths = np.array(joints[:-1]), np.diff(joints)
    places = np.stack([starts + lengths / 4, starts + 3 * lengths / 4], axis=1).ravel()
    sides = np.repeat(signs * np.array(heights) / PEAK, 2)
    line = np.concatenate([[joints[0]], places, [joints[-1]]]), np.concatenate([[0.0], sides, [0.0]])
    control = chain(np.stack(line, axis=1))
    found.stroke(begin + control[:, :1] * along + control[:, 1:] * across)
    for wave, height in enumerate(heights):
        rows = np.array([3 * wave + 1, 3 * wave + 2])
        found.way(rows, np.tile(signs[wave] * across, (2, 1)), -height / PEAK, max(0.0, tallest - height) / PEAK + 0.2)
