"""A family of lines side by side, drawn where a tone wants them: its spacing is the tone.

Lines lie as close as the darkest tone needs. From line to line each place along them collects what ink the tone asks
for, and where that comes to about a line's worth it is drawn, and paid for (sigma-delta modulation across the lines).
So an even tone has lines at even distances, and where a tone changes lines begin and end; rather seldom, as each end is
a lift of the pen.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from plotart.canvas.stippling import Array

#: mm between places along a line.
STEP = 0.5

#: mm: a piece that is shorter is none. The most that may be owed to a place, in lines' worths: where all is drawn and
#: more wanted, debts are forgotten.
SHORTEST, MOST_OWED = 2.0, 1.6

_compiled = njit(cache=True, nogil=True, error_model="numpy")


def ruled(
    tone: Array, px_per_mm: float, *, nib: float, pitch: float, angle: float, ends: float, bend: Array | None = None
) -> list[Array]:
    """Pieces of lines, each [n, 2] mm from the raster's top left corner.

    tone   [H, W] share of the paper to be inked
    pitch  mm from line to line where they are densest
    ends   mm: what an end of a piece costs, as a length along which a line's worth too much, or too little, is drawn
    angle  radians from the x axis, towards y
    bend   [H, W] mm by which lines are moved across their direction, if they are not straight
    """
    from scipy.ndimage import map_coordinates

    rows, columns = tone.shape
    width, height = columns / px_per_mm, rows / px_per_mm
    along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    half = math.hypot(width, height) / 2 + (0.0 if bend is None else float(np.abs(bend).max()))
    steps = np.arange(-half, half + STEP, STEP)
    lines = np.arange(-half, half + pitch, pitch)
    at = np.array([width, height]) / 2 + lines[:, None, None] * across + steps[None, :, None] * along

    def seen(values: Array, at: Array, mode: str) -> Array:
        places = (at * px_per_mm - 0.5).reshape(-1, 2).T[::-1]
        found: Array = map_coordinates(values, places, order=1, mode=mode)
        return found.reshape(at.shape[:2])

    apart = np.full(at.shape[:2], pitch)
    if bend is not None:
        moved = seen(bend, at, "nearest")
        at = at + moved[..., None] * across
        apart = np.maximum(apart + np.gradient(moved, axis=0), 0.0) / np.hypot(1, np.gradient(moved, STEP, axis=1))
    pieces = _drawn(seen(tone, at, "constant") * (apart / nib), ends / STEP, round(SHORTEST / STEP))
    return [at[line, first : last + 1] for line, first, last in pieces]


@_compiled  # type: ignore[untyped-decorator]
def _drawn(wanted: Array, end: float, shortest: int) -> Array:
    """wanted [lines, n]: ink per place, in lines' worths -> [pieces, 3]: line, first and last place of each.

    On each line those places are drawn for which the squares of what is owed, and of what was drawn too much, are
    least, together with `end` for each end of a piece (Viterbi's algorithm).
    """
    lines, count = wanted.shape
    owed = np.full(count, 0.25)
    turned = np.empty((count, 2), np.bool_)  # whether the best way to be off, or on, here came from the other
    on = np.zeros(count, np.bool_)
    pieces = np.empty((lines * (count // 2 + 1), 3), np.int64)
    found = 0
    for line in range(lines):
        bare, inked = 0.0, 1e9
        for i in range(count):
            owed[i] = min(owed[i] + wanted[line, i], MOST_OWED)
            turned[i, 0], turned[i, 1] = inked + end < bare, bare + end < inked
            bare, inked = min(bare, inked + end) + owed[i] ** 2, min(inked, bare + end) + (owed[i] - 1) ** 2
            if not wanted[line, i] > 0:
                inked = 1e9
        here = inked + end < bare
        for i in range(count - 1, -1, -1):
            on[i] = here
            if turned[i, 1 if here else 0]:
                here = not here
        first = -1
        for i in range(count + 1):
            if i < count and on[i]:
                owed[i] -= 1
                if first < 0:
                    first = i
            elif first >= 0:
                if i - first >= shortest:
                    pieces[found, 0], pieces[found, 1], pieces[found, 2] = line, first, i - 1
                    found += 1
                first = -1
    return pieces[:found].copy()
