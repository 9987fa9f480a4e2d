"""Level lines whose spacing is the tone: fronts of a wave that is slow where the picture is dark.

The time T at which a wave from a point arrives has |grad T| = 1 / speed (the eikonal equation). With a line drawn at
each unit of time and a speed of nib / tone mm, lines of the nib's width cover just the share that the tone wants. The
equation is solved by fast sweeping (Zhao, 2005).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from plotart.canvas.stippling import Array

#: The palest tone that slows a wave; where it is paler nothing is drawn.
PALEST = 0.03

#: Rounds of four sweeps; fronts bend, so that some more than one are needed.
ROUNDS = 6

_compiled = njit(cache=True, nogil=True, error_model="numpy")


def ripples(tone: Array, px_per_mm: float, *, nib: float, source: tuple[float, float]) -> list[Array]:
    """Lines, each [n, 2] mm from the raster's top left corner.

    tone    [H, W] share of the paper to be inked
    source  x, y in mm where waves begin
    """
    from contourpy import contour_generator

    rows, columns = tone.shape
    slowness = np.maximum(tone, PALEST) / (nib * px_per_mm)
    column = min(columns - 1, max(0, int(source[0] * px_per_mm)))
    row = min(rows - 1, max(0, int(source[1] * px_per_mm)))
    times = _arrivals(np.ascontiguousarray(slowness), row, column)
    levels = contour_generator(z=times)
    found = [line for level in np.arange(0.5, times.max(), 1.0) for line in levels.lines(level)]
    pieces: list[Array] = []
    for line in found:
        pieces.extend(_inked((np.asarray(line) + 0.5) / px_per_mm, tone, px_per_mm))
    return pieces


def _inked(line: Array, tone: Array, px_per_mm: float) -> list[Array]:
    """The parts of a line where there is tone."""
    rows, columns = tone.shape
    row = np.clip((line[:, 1] * px_per_mm).astype(int), 0, rows - 1)
    column = np.clip((line[:, 0] * px_per_mm).astype(int), 0, columns - 1)
    there = tone[row, column] > PALEST
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    return [line[first:last] for first, last in edges.reshape(-1, 2) if last - first > 2]


@_compiled  # type: ignore[untyped-decorator]
def _arrivals(slowness: Array, row: int, column: int) -> Array:
    """[H, W]: when a wave from that pixel arrives."""
    rows, columns = slowness.shape
    times = np.full((rows, columns), 1e18)
    times[row, column] = 0.0
    for _ in range(ROUNDS):
        for sweep in range(4):
            for a in range(rows):
                i = a if sweep % 2 == 0 else rows - 1 - a
                for b in range(columns):
                    j = b if sweep < 2 else columns - 1 - b
                    up = times[i - 1, j] if i > 0 else 1e18
                    down = times[i + 1, j] if i < rows - 1 else 1e18
                    left = times[i, j - 1] if j > 0 else 1e18
                    right = times[i, j + 1] if j < columns - 1 else 1e18
                    one, other, slow = min(up, down), min(left, right), slowness[i, j]
                    if abs(one - other) >= slow:
                        time = min(one, other) + slow
                    else:
                        time = (one + other + math.sqrt(2 * slow * slow - (one - other) ** 2)) / 2
                    if time < times[i, j]:
                        times[i, j] = time
    return times
