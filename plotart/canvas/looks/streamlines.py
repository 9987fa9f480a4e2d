"""Lines along a field of directions, as far apart as a field of distances says (Jobard and Lefer, "Creating
evenly-spaced streamlines of arbitrary density", 1997).

A line grows both ways from a seed until it comes nearer to another one than a share of the distance wanted there, or
leaves what is to be drawn. Seeds for more lines lie at that distance on either side of each line; where none is left,
others are tried all over the page, so that parts apart from each other all get their lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plotart.canvas.stippling import Array

#: mm of a step along a line.
STEP = 0.4

#: The share of the distance wanted at which a line ends.
END_AT = 0.62

#: mm: a line that is shorter is none.
SHORTEST = 3.0

#: mm: lines further apart than this are as good as none: there is nothing to draw.
FARTHEST = 12.0

#: Seeds tried beyond those beside lines, for each of the cells of the raster.
SPARE = 0.02

#: Most points of all lines together.
MOST_POINTS = 4_000_000

_options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_compiled = njit(**_options)
# Python calls none of these. Here and there numbers go into arrays one by one: of pairs Numba compiles the words of
# errors too.
_part = njit(**_options | {"cache": False, "no_cpython_wrapper": True})


def streamlines(
    directions: Array,
    distances: Array,
    px_per_mm: float,
    random: np.random.Generator,
) -> list[Array]:
    """Lines, each [n, 2] mm from the raster's top left corner.

    directions  [H, W, 2] unit vectors, either way round; that of a pixel's centre
    distances   [H, W] mm from line to line; inf, or more than FARTHEST, where nothing is to be drawn
    """
    wanted = np.where(distances > FARTHEST, np.inf, distances)
    darkest = np.argsort(wanted, axis=None, kind="stable")[: int(SPARE * wanted.size) + 1]
    spare = np.concatenate([darkest[:1], random.permutation(wanted.size)[: int(SPARE * wanted.size) + 1]])
    seeds = (np.stack(np.divmod(spare, distances.shape[1])[::-1], axis=1) + 0.5) / px_per_mm
    points, starts = _grown(directions, wanted, px_per_mm, seeds)
    return [line for line in np.split(points, starts[1:]) if _length(line) >= SHORTEST] if len(starts) else []


def _length(line: Array) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


@_compiled  # type: ignore[untyped-decorator]
def _grown(directions: Array, distances: Array, px_per_mm: float, spare: Array) -> tuple[Array, NDArray[np.int64]]:
    """All points [P, 2] mm, line after line, and where each line starts."""
    rows, columns = distances.shape
    width, height = columns / px_per_mm, rows / px_per_mm
    cell = 1.0
    across, down = int(width / cell) + 1, int(height / cell) + 1
    head = np.full(across * down, -1, np.int64)  # of each cell's list of points
    after = np.full(MOST_POINTS, -1, np.int64)
    points = np.empty((MOST_POINTS, 2))
    starts = np.empty(MOST_POINTS // 4, np.int64)
    count, lines = 0, 0
    queue = np.empty((MOST_POINTS, 2))
    first, last = 0, 0
    tried = 0
    way = np.empty((200_000, 2))
    while count < MOST_POINTS - 200_000:
        if first < last:
            x, y = queue[first, 0], queue[first, 1]
            first += 1
        elif tried < len(spare):
            x, y = spare[tried, 0], spare[tried, 1]
            tried += 1
        else:
            break
        wanted = _at(distances, x, y, px_per_mm)
        if not wanted < np.inf or _near(points, head, after, x, y, wanted * 0.98, across, down, cell):
            continue
        forth = _walk(
            directions,
            distances,
            px_per_mm,
            x,
            y,
            1.0,
            points,
            head,
            after,
            across,
            down,
            cell,
            way,
            0,
        )
        for i in range(forth // 2):  # so far from the seed on: turned round, so that the other way follows
            for axis in range(2):
                way[i, axis], way[forth - 1 - i, axis] = way[forth - 1 - i, axis], way[i, axis]
        way[forth, 0], way[forth, 1] = x, y
        total = _walk(
            directions,
            distances,
            px_per_mm,
            x,
            y,
            -1.0,
            points,
            head,
            after,
            across,
            down,
            cell,
            way,
            forth + 1,
        )
        if total < 3:
            continue
        starts[lines] = count
        lines += 1
        for i in range(total):
            px, py = way[i, 0], way[i, 1]
            points[count, 0], points[count, 1] = px, py
            place = int(py / cell) * across + int(px / cell)
            after[count] = head[place]
            head[place] = count
            count += 1
        for i in range(0, total, 2):
            px, py = way[i, 0], way[i, 1]
            row, column = int(py * px_per_mm), int(px * px_per_mm)
            distance = distances[row, column]
            if not distance < np.inf:
                continue
            dx, dy = directions[row, column, 0], directions[row, column, 1]
            for side in (-1.0, 1.0):
                sx, sy = px - side * dy * distance, py + side * dx * distance
                if 0 <= sx < width and 0 <= sy < height and last < len(queue):
                    queue[last, 0], queue[last, 1] = sx, sy
                    last += 1
    return points[:count].copy(), starts[:lines].copy()


@_part  # type: ignore[untyped-decorator]
def _walk(
    directions: Array,
    distances: Array,
    px_per_mm: float,
    x: float,
    y: float,
    sign: float,
    points: Array,
    head: NDArray[np.int64],
    after: NDArray[np.int64],
    across: int,
    down: int,
    cell: float,
    way: Array,
    count: int,
) -> int:
    """Steps from (x, y), written into `way` from `count` on; how many there are then. A line may not meet itself."""
    rows, columns = distances.shape
    width, height = columns / px_per_mm, rows / px_per_mm
    row, column = int(y * px_per_mm), int(x * px_per_mm)
    dx, dy = sign * directions[row, column, 0], sign * directions[row, column, 1]
    begin = count
    while count < len(way) - 1:
        mx, my = x + STEP / 2 * dx, y + STEP / 2 * dy  # the midpoint rule
        if not (0 <= mx < width and 0 <= my < height):
            break
        row, column = int(my * px_per_mm), int(mx * px_per_mm)
        nx, ny = directions[row, column, 0], directions[row, column, 1]
        if nx * dx + ny * dy < 0:
            nx, ny = -nx, -ny
        if nx * dx + ny * dy < 0.5:  # no line turns that sharply
            break
        dx, dy = nx, ny
        x, y = x + STEP * dx, y + STEP * dy
        if not (0 <= x < width and 0 <= y < height):
            break
        wanted = _at(distances, x, y, px_per_mm)
        if not wanted < np.inf or _near(points, head, after, x, y, wanted * END_AT, across, down, cell):
            break
        if _meets(way, begin, count, x, y, wanted * END_AT):
            break
        way[count, 0], way[count, 1] = x, y
        count += 1
    return count


@_part  # type: ignore[untyped-decorator]
def _at(values: Array, x: float, y: float, px_per_mm: float) -> float:
    rows, columns = values.shape
    row, column = int(y * px_per_mm), int(x * px_per_mm)
    if not (0 <= row < rows and 0 <= column < columns):
        return np.inf
    return values[row, column]  # type: ignore[no-any-return]


@_part  # type: ignore[untyped-decorator]
def _near(
    points: Array,
    head: NDArray[np.int64],
    after: NDArray[np.int64],
    x: float,
    y: float,
    radius: float,
    across: int,
    down: int,
    cell: float,
) -> bool:
    """Whether any of the points lies within the radius."""
    for row in range(max(0, int((y - radius) / cell)), min(down - 1, int((y + radius) / cell)) + 1):
        for column in range(max(0, int((x - radius) / cell)), min(across - 1, int((x + radius) / cell)) + 1):
            place = head[row * across + column]
            while place >= 0:
                if (points[place, 0] - x) ** 2 + (points[place, 1] - y) ** 2 < radius * radius:
                    return True
                place = after[place]
    return False


@_part  # type: ignore[untyped-decorator]
def _meets(way: Array, begin: int, count: int, x: float, y: float, radius: float) -> bool:
    """Whether the way so far comes back to itself."""
    recent = int(2 * radius / STEP) + 4
    for place in range(begin, count - recent):
        if (way[place, 0] - x) ** 2 + (way[place, 1] - y) ** 2 < radius * radius:
            return True
    return False
