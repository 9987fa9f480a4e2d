"""Lines one pixel wide as the paths through them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from plotart.canvas.stippling import Array

#: px that the heading of a path is taken over where it has to choose a way on.
MEMORY = 6

_AROUND = [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1)]

Pixel = tuple[int, int]


def traced(skeleton: NDArray[np.bool_]) -> list[Array]:
    """Paths [n, 2] px (x, y) that go through every pixel of the skeleton [H, W] once; straight on at crossings."""
    left = {(int(row), int(column)) for row, column in zip(*skeleton.nonzero(), strict=True)}
    ends = sorted(pixel for pixel in left if len(_neighbours(pixel, left)) == 1)
    found = []
    for begin in [*ends, *sorted(left)]:
        if begin not in left:
            continue
        path = _walk([begin], left)
        path = _walk(path[::-1], left)
        if len(path) > 1:
            found.append(np.array(path, dtype=float)[:, ::-1])
    return found


def _walk(path: list[Pixel], left: set[Pixel]) -> list[Pixel]:
    """The path, gone on from its last pixel as far as there are pixels left, which it takes away."""
    left.difference_update(path)
    while near := _neighbours(path[-1], left):
        before = path[max(0, len(path) - MEMORY)]
        heading = path[-1][0] - before[0], path[-1][1] - before[1]

        def ahead(pixel: Pixel, here: Pixel = path[-1], heading: Pixel = heading) -> float:
            step = pixel[0] - here[0], pixel[1] - here[1]
            return (step[0] * heading[0] + step[1] * heading[1]) / math.hypot(*step)

        path.append(max(near, key=ahead))
        left.discard(path[-1])
    return path


def _neighbours(pixel: Pixel, left: set[Pixel]) -> list[Pixel]:
    near = ((pixel[0] + down, pixel[1] + right) for down, right in _AROUND)
    return [each for each in near if each in left]
