"""The CPU renderer's kernels, compiled by Numba: cubics to pieces, pieces to tiles, and both passes over the tiles.

The model is that of `plotart.render.reference`; all lengths here are in blocks. A tile is a rectangle of blocks. Its
cells lie in one array of float32: plane after plane (distance, offset, colours...), row of blocks after row, block
after block. All work is done on runs of neighbouring cells, in loops without branches, which the compiler vectorises:
that is where the speed comes from. Hence the odd shape of these loops: one array, so that nothing needs proof that
arrays don't overlap; unsigned indices, so that negative ones, which Python counts from the end, need no check; literals
in float32. Arrays are taken out of named tuples before loops, not in them: each access counts a reference.

Tiles are independent and sums are taken in a fixed order, so that threads change no bit of the result. All compiled
functions and the named tuples that they take are in this file, as Numba's cache on disk watches only a function's own
file.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plotart.render.cells import CELL_WIDTH
from plotart.render.flatten import FEWEST_PIECES, MOST_PIECES, joint_weights
from plotart.render.reference import AT_END, BEHIND, BLUNT, BLUNT_REACH, CLOSED, FLAT

#: Largest tile, in blocks.
TILE_WIDTH, TILE_HEIGHT = 24, 18

#: Cells of a block, of a tile's full row of blocks, and of a tile: the distance between two planes.
BLOCK_CELLS = 16
ROW_CELLS = BLOCK_CELLS * TILE_WIDTH
#: Not a multiple of 4 KiB: planes would then fight for the same places in the cache.
PLANE = ROW_CELLS * TILE_HEIGHT + 9 * BLOCK_CELLS

#: Planes of a tile: squared distance to the nearest point of the current stroke, the offset from there to the cell, the
#: piece that the point is on, coverage, and the colour so far.
SQUARED, OFFSET_X, OFFSET_Y, OWNER, COVERAGE = (k * PLANE for k in range(5))
RED, GREEN, BLUE = (k * PLANE for k in range(5, 8))
TILE_PLANES = 8
#: Those that on the way back hold the gradient of the nearest point.
BY_X, BY_Y = COVERAGE, OFFSET_Y

#: Planes of a tile's fragments, one number per cell and stroke, saved for the backward pass.
SAVED_COVERAGE, SAVED_RED, SAVED_GREEN, SAVED_BLUE, SAVED_X, SAVED_Y, SAVED_HALF, SAVED_OWNER = range(8)
SAVED_PLANES = 8

_F = np.float32
ZERO, HALF, ONE, TWO, EIGHTH = _F(0), _F(0.5), _F(1), _F(2), _F(0.125)
#: A squared distance, and an offset, larger than any that counts.
FAR, AWAY = _F(1e30), _F(1e6)
SMALLEST, TINY = _F(1e-12), _F(1e-20)
WIDTH32, FLAT32, LEAST_PASS = (_F(v) for v in (CELL_WIDTH, FLAT, CLOSED))
#: No direction makes the longer side of a cell's shadow shorter.
NARROW = _F(CELL_WIDTH / 2**0.5)
#: Pieces are moved this far off their axis, so that cells exactly on it know its direction.
ASIDE = _F(2e-5)
#: A piece that rises (or advances) by a smaller share of its length is level (upright).
LEVEL = _F(1e-4)
BLUNT32, BLUNT_REACH32, AT_END32, BEHIND32 = (_F(v) for v in (BLUNT, BLUNT_REACH, AT_END, BEHIND))
#: From the middle of a row to the centre of its outermost cells, in heights of a row.
MIDDLE = _F(3 / 8)

_U = np.uint64
#: Zero, but no literal: Numba compiles a function anew for each literal that it is given.
START = np.int64(0)
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
_options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# Inlined: otherwise the process that compiles would call one copy of a function, and a process that loads it from the
# cache another, with different rounding. Python calls none of these: a wrapper would hold, and compile, one more copy.
_inlined: dict[str, Any] = _options | {"cache": False, "forceinline": True, "no_cpython_wrapper": True}
_fast: dict[str, Any] = _inlined | {
    "fastmath": {"nnan", "ninf", "nsz", "contract", "arcp", "reassoc"},
}


class Grid(NamedTuple):
    """Columns and rows of blocks in the image and in a tile, tiles across and down, the cells of a pixel and the blocks
    after which a border between them is one between pixels again, across and down; height, that of a block."""

    columns: int
    rows: int
    tile_columns: int
    tile_rows: int
    across: int
    down: int
    cells_across: int
    cells_down: int
    step_across: int
    step_down: int
    height: np.float32


class Cubics(NamedTuple):
    """starts [S], counts [S], offsets [S + 1]: first control point, number of pieces and first piece of each cubic.
    first [N + 1]: first cubic of each stroke."""

    starts: Ints
    counts: Ints
    offsets: Ints
    first: Ints


class Inks(NamedTuple):
    """reflectance, transmittance [N, 3]; paper [3]; blur, twice the softness; whether light is traced by two fluxes."""

    reflectance: Floats
    transmittance: Floats
    paper: Floats
    blur: np.float32
    two_flux: bool


class Pieces(NamedTuple):
    """line [n, 4]: x0, y0, x1, y1; stroke [n]; and the tiles that a piece reaches: bounds [n, 4] (first and
    past-the-last across, the same down), reached [n], their number."""

    line: Floats
    stroke: Ints32
    bounds: Ints32
    reached: Ints32


class Entries(NamedTuple):
    """Pieces sorted into tiles: an entry is a piece in a tile. piece [E]: that of each, tile by tile, in order.
    place [n + 1], slot [E]: a piece i has the entries slot[place[i]] to slot[place[i + 1] - 1]."""

    piece: Ints32
    place: Ints
    slot: Ints32


class Tiles(NamedTuple):
    """What both passes over the tiles take.

    half, reach, ink    [N] half-widths, how far from its axis a stroke covers cells, factors on coverage
    thin                [N] whether a stroke's ends are smaller than a cell, and are drawn as square ones
    ends                [N, 8] first point and direction outwards there, last point and direction outwards
    line, stroke        of `Pieces`; piece: of `Entries`
    first_entry         [T + 1] first entry of each tile
    centres, pixel      of `cell_centres`, `pixel_cells`
    visits              [V, 2] entry, and row, first and last column in one number, of each visit of a piece to a run of
                        cells, a tile's from first_visit [T + 1] on; empty where there is no backward pass
    """

    half: Floats
    reach: Floats
    ink: Floats
    thin: NDArray[np.bool_]
    ends: Floats
    line: Floats
    stroke: Ints32
    piece: Ints32
    first_entry: Ints
    centres: Floats
    pixel: Ints
    visits: Ints32
    first_visit: Ints


class Tile(NamedTuple):
    """Its first column and row of blocks, and its width and height in blocks."""

    x: int
    y: int
    width: int
    height: int


class TileGradients(NamedTuple):
    """Gradients before they are summed over the tiles.

    line        [E, 4] x0, y0, x1, y1 of each entry
    stroke      [R, 7] reflectance, transmittance and half-width of each stroke in each tile
    paper       [T, 3] what a tile's ink changes
    first_row   [T] each tile's first row of `stroke`
    row         [E] the row of `stroke` for a stroke's first entry in a tile; -1 for the others
    """

    line: Floats
    stroke: Floats
    paper: NDArray[np.float64]
    first_row: Ints
    row: Ints32


class StrokeGradients(NamedTuple):
    """points [P, 2] and width [N], per px; reflectance, transmittance [N, 3]."""

    points: Floats
    width: Floats
    reflectance: Floats
    transmittance: Floats


@lru_cache(maxsize=2)
def cell_centres(height: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """[2 ROW_CELLS]: x of the cells in a row of blocks of this height, then their y within the row."""
    y, x = np.meshgrid((np.arange(4) + 0.5) * height / 4, (np.arange(4) + 0.5) * CELL_WIDTH, indexing="ij")
    columns = np.arange(TILE_WIDTH)[:, None] + x.ravel()
    return np.concatenate([columns.ravel(), np.tile(y.ravel(), TILE_WIDTH)]).astype(np.float32)


@lru_cache(maxsize=4)
def pixel_cells(across: int, down: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """[16 across * down]: where a pixel's cells lie, counted from the block that its first cell is in, for each of the
    sixteen places of that cell in the block."""
    v, u, x, y = np.ix_(np.arange(4), np.arange(4), np.arange(across), np.arange(down))
    row, column = v + y, u + x
    return ((row >> 2) * ROW_CELLS + (row & 3) * 4 + (column >> 2) * BLOCK_CELLS + (column & 3)).ravel()


_weights = njit(**_inlined)(joint_weights)


@njit(**_options)
def prepare(points, num_points, width, scale, reach, softness, tolerance, cubics, half, ink, thin):
    """Fill `cubics`, and half, ink and thin [N]; reach is that of a cell.

    Twins: `flatten.piece_counts`, `cells.end_ink`.
    """
    starts, counts, offsets, first_cubic = cubics
    c = j = 0
    offsets[0] = first_cubic[0] = 0
    w = reach + softness
    for k in range(len(num_points)):
        length = 0.0
        for _ in range((num_points[k] - 1) // 3):
            bend = sides = 0.0
            for q in range(3):
                sides += math.hypot(points[c + q + 1, 0] - points[c + q, 0], points[c + q + 1, 1] - points[c + q, 1])
            for q in range(2):
                x = points[c + q, 0] - 2.0 * points[c + q + 1, 0] + points[c + q + 2, 0]
                y = points[c + q, 1] - 2.0 * points[c + q + 1, 1] + points[c + q + 2, 1]
                bend = max(bend, math.hypot(x, y))
            chord = math.hypot(points[c + 3, 0] - points[c, 0], points[c + 3, 1] - points[c, 1])
            length += 0.5 * (sides + chord) * scale
            starts[j] = c
            fewest = min(max(math.ceil(sides * scale), 1.0), FEWEST_PIECES)
            counts[j] = int(min(max(math.ceil(math.sqrt(0.75 * bend * scale / tolerance)), fewest), MOST_PIECES))
            offsets[j + 1] = offsets[j] + counts[j]
            c += 3
            j += 1
        c += 1
        first_cubic[k + 1] = j
        h = 0.5 * scale * width[k]
        excess = w / 2 + h * h / (6 * w) - h / 2 if h < w else w * w / (6 * h)
        excess *= min(max(2.0 - h / w, 0.0), 1.0)
        true = 2 * length + math.pi * h
        half[k] = h
        thin[k] = softness == 0.0 and h < CELL_WIDTH
        ink[k] = true / (true + 2 * math.pi * excess) if excess > 0.0 and not thin[k] else 1.0


@njit(**_options)
def cut_pieces(first_stroke, last_stroke, points, scale, reach, cubics, grid, pieces, ends, per_tile):
    """Cut a range of strokes: fill their part of `pieces` and ends [N, 8], and count the entries of each tile, and the
    most visits that they make there [2, T]."""
    starts, counts, offsets, first_cubic = cubics
    line, stroke, bounds, reached = pieces
    columns, rows, tile_columns, tile_rows, across, _, _, _, _, _, height = grid
    for k in range(first_stroke, last_stroke):
        for j in range(first_cubic[k], first_cubic[k + 1]):
            c, n, first = starts[j], counts[j], offsets[j]
            x, y = _F(points[c, 0] * scale), _F(points[c, 1] * scale)
            for step in range(n):
                if step == n - 1:
                    nx, ny = _F(points[c + 3, 0] * scale), _F(points[c + 3, 1] * scale)
                else:
                    w0, w1, w2, w3 = _weights((step + 1) / n, n)
                    nx = w0 * points[c, 0] + w1 * points[c + 1, 0] + w2 * points[c + 2, 0] + w3 * points[c + 3, 0]
                    ny = w0 * points[c, 1] + w1 * points[c + 1, 1] + w2 * points[c + 2, 1] + w3 * points[c + 3, 1]
                    nx, ny = _F(nx * scale), _F(ny * scale)
                i = first + step
                line[i, 0], line[i, 1], line[i, 2], line[i, 3] = x, y, nx, ny
                stroke[i] = k
                left, right = min(x, nx) - reach[k], max(x, nx) + reach[k]
                top, bottom = (min(y, ny) - reach[k]) / height, (max(y, ny) + reach[k]) / height
                x, y = nx, ny
                reached[i] = 0
                if right <= 0 or bottom <= 0 or left >= columns or top >= rows:
                    continue
                first_x, first_y = int(max(left, ZERO)) // tile_columns, int(max(top, ZERO)) // tile_rows
                last_x = int(min(right, columns - 0.001)) // tile_columns + 1
                last_y = int(min(bottom, rows - 0.001)) // tile_rows + 1
                bounds[i, 0], bounds[i, 1], bounds[i, 2], bounds[i, 3] = first_x, last_x, first_y, last_y
                reached[i] = (last_x - first_x) * (last_y - first_y)
                visited = min(int(bottom - top) + 2, tile_rows)
                for v in range(first_y, last_y):
                    for u in range(first_x, last_x):
                        per_tile[0, v * across + u] += 1
                        per_tile[1, v * across + u] += visited
        for side in range(2):
            i = offsets[first_cubic[k]] if side == 0 else offsets[first_cubic[k + 1]] - 1
            ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
            length = math.sqrt(ex * ex + ey * ey) * (ONE if side == 1 else -ONE)
            ends[k, 4 * side], ends[k, 4 * side + 1] = line[i, 2 * side], line[i, 2 * side + 1]
            ends[k, 4 * side + 2] = ex / length if abs(length) > TINY else _F(2 * side - 1)
            ends[k, 4 * side + 3] = ey / length if abs(length) > TINY else ZERO


@njit(**_options)
def fill_entries(first, last, across, pieces, free, entries):
    """Fill the entries of a range of pieces; free [T] is the next free entry of each tile, and is moved on."""
    bounds, reached = pieces.bounds, pieces.reached
    piece, place, slot = entries
    for i in range(first, last):
        if reached[i] == 0:
            continue
        k = place[i]
        for v in range(bounds[i, 2], bounds[i, 3]):
            for u in range(bounds[i, 0], bounds[i, 1]):
                e = free[v * across + u]
                free[v * across + u] = e + 1
                piece[e] = i
                slot[k] = e
                k += 1


@njit(**_fast)
def _visit(start, n, base, x0, y0, ex, ey, ax, ay, owner, centres, cells):
    """Where a piece is nearer to the cells of a run than those before: its distance, offset and number."""
    for j in range(n):
        dx, dy = centres[_U(start + j)] - x0, centres[_U(start + j + ROW_CELLS)] - y0
        t = min(max(dx * ax + dy * ay, ZERO), ONE)
        qx, qy = dx - t * ex, dy - t * ey
        d = qx * qx + qy * qy
        k = base + start + j
        before = cells[_U(k + SQUARED)]
        nearer = d < before
        cells[_U(k + SQUARED)] = d if nearer else before
        cells[_U(k + OFFSET_X)] = qx if nearer else cells[_U(k + OFFSET_X)]
        cells[_U(k + OFFSET_Y)] = qy if nearer else cells[_U(k + OFFSET_Y)]
        cells[_U(k + OWNER)] = owner if nearer else cells[_U(k + OWNER)]


@njit(**_fast)
def _reset(base, n, cells):
    """Make a run of cells ready for the next (or first) stroke: nothing is near."""
    for j in range(n):
        cells[_U(base + j + SQUARED)] = FAR
        cells[_U(base + j + OFFSET_X)] = AWAY


@njit(**_fast)
def _edges(squared, x, y, h, blur, tall):
    """Coverage of a cell, `tall` blocks high, by a strip, from the offset of its nearest point; and the coverage that
    the near and the far edge bring as they move outwards, each divided by the distance. -> coverage, near, far,
    distance."""
    # All lengths are multiplied by d, which saves a division: only the direction's proportions matter.
    d = math.sqrt(max(squared, SMALLEST))
    across, down = abs(x) * WIDTH32, abs(y) * tall
    a, b = max(max(across, down), NARROW * d) + blur * d, max(min(across, down), FLAT32 * d)
    share, support = ONE / (a * b), HALF * (a + b)
    inside, far = (h - d) * d, (h + d) * d
    near = abs(inside)
    rest, rest_far = max(support - near, ZERO), max(support - far, ZERO)
    outer = HALF * rest * rest * share if rest < b else HALF - near * b * share
    outer_far = HALF * rest_far * rest_far * share if rest_far < b else HALF - far * b * share
    c = (ONE - outer if inside > ZERO else outer) - outer_far
    return c, min(rest, b) * share, min(rest_far, b) * share, d


@njit(**_fast)
def _coverage(base, n, h, blur, tall, ink, cells):
    """Coverage of a run of cells."""
    for j in range(n):
        k = base + j
        c, _, _, _ = _edges(cells[_U(k + SQUARED)], cells[_U(k + OFFSET_X)], cells[_U(k + OFFSET_Y)], h, blur, tall)
        cells[_U(k + COVERAGE)] = ink * c


@njit(**_fast)
def _coverage_saved(base, n, at, plane, h, blur, tall, ink, cells, saved):
    """As `_coverage`. Saves it to the fragments from `at` on, with the colour below, the owners, and its derivatives by
    the nearest point and the half-width."""
    for j in range(n):
        k, f = base + j, at + j
        x, y = cells[_U(k + OFFSET_X)], cells[_U(k + OFFSET_Y)]
        c, near, far, d = _edges(cells[_U(k + SQUARED)], x, y, h, blur, tall)
        c *= ink
        along = ink * (near - far)
        saved[_U(f)] = c
        saved[_U(f + SAVED_RED * plane)] = cells[_U(k + RED)]
        saved[_U(f + SAVED_GREEN * plane)] = cells[_U(k + GREEN)]
        saved[_U(f + SAVED_BLUE * plane)] = cells[_U(k + BLUE)]
        saved[_U(f + SAVED_X * plane)] = along * x
        saved[_U(f + SAVED_Y * plane)] = along * y
        saved[_U(f + SAVED_HALF * plane)] = ink * (near + far) * d
        saved[_U(f + SAVED_OWNER * plane)] = cells[_U(k + OWNER)]
        cells[_U(k + COVERAGE)] = c


@njit(**_fast)
def _inside(t, x, y, tall):
    """The share of a cell on the inner side of an edge with the normal (x, y), t inwards from the edge to the centre;
    and its derivative."""
    across, down = abs(x) * WIDTH32, abs(y) * tall
    a, b = max(max(across, down), NARROW), max(min(across, down), FLAT32)
    share, distance = ONE / (a * b), abs(t)
    rest = max(HALF * (a + b) - distance, ZERO)
    outer = HALF * rest * rest * share if rest < b else HALF - distance * b * share
    return ONE - outer if t > ZERO else outer, min(rest, b) * share


@njit(**_fast)
def _blunt(x, y, offset_x, offset_y, h, tall, ends):
    """Coverage of a cell centred at x, y by a thin stroke that ends square; its derivatives by the nearest point and by
    the half-width. ends: the two last points, each with the direction outwards."""
    x0, y0, ux, uy, x1, y1, vx, vy = ends
    dx, dy, ex, ey = x - x0, y - y0, x - x1, y - y1
    # From the nearest point to the ends.
    px, py, qx, qy = offset_x - dx, offset_y - dy, offset_x - ex, offset_y - ey
    from0, from1 = px * px + py * py, qx * qx + qy * qy
    # Where the nearest point is an end, only what lies across the stroke counts.
    wide0, wide1 = dy * ux - dx * uy + ASIDE, ey * vx - ex * vy + ASIDE
    at0, at1 = from0 < AT_END32, from1 < AT_END32
    offset_x = -wide0 * uy if at0 else (-wide1 * vy if at1 else offset_x)
    offset_y = wide0 * ux if at0 else (wide1 * vx if at1 else offset_y)
    squared = offset_x * offset_x + offset_y * offset_y
    c, near, far, d = _edges(squared, offset_x, offset_y, h, ZERO, tall)
    past = BLUNT32 * h
    part0, by0 = _inside(past - dx * ux - dy * uy, ux, uy, tall)
    part1, by1 = _inside(past - ex * vx - ey * vy, vx, vy, tall)
    close = (BLUNT_REACH32 + past) * (BLUNT_REACH32 + past)
    near0 = from0 < close and px * ux + py * uy > -BEHIND32
    near1 = from1 < close and qx * vx + qy * vy > -BEHIND32
    part = max((part0 if near0 else ONE) + (part1 if near1 else ONE) - ONE, ZERO)
    by0, by1 = c * by0 if near0 and part > ZERO else ZERO, c * by1 if near1 and part > ZERO else ZERO
    along = (near - far) * part
    by_x, by_y = along * offset_x + by0 * ux + by1 * vx, along * offset_y + by0 * uy + by1 * vy
    return c * part, by_x, by_y, (near + far) * d * part + BLUNT32 * (by0 + by1)


@njit(**_fast)
def _end(start, n, base, at, plane, h, tall, ends, centres, cells, saved):
    """Coverage of a run of cells near an end of a thin stroke, and its derivatives; `at` is the fragment of the row's
    first column."""
    for j in range(n):
        k, f, u = base + start + j, at + start + j, start + j
        x, y = cells[_U(k + OFFSET_X)], cells[_U(k + OFFSET_Y)]
        c, by_x, by_y, by_half = _blunt(centres[_U(u)], centres[_U(u + ROW_CELLS)], x, y, h, tall, ends)
        cells[_U(k + COVERAGE)] = c
        saved[_U(f)] = c
        saved[_U(f + SAVED_X * plane)] = by_x
        saved[_U(f + SAVED_Y * plane)] = by_y
        saved[_U(f + SAVED_HALF * plane)] = by_half


@njit(**_inlined)
def _ends(ends, h, reach, tall, tile, low, high, at, plane, centres, cells, saved):
    """The two ends of a thin stroke in a tile, where it reaches the columns low to high of each row. at
    [TILE_HEIGHT]: each row's first column among the fragments."""
    rise = _F(4) * tall
    x, y = _F(tile.x), rise * _F(tile.y)
    x0, y0, ux, uy, x1, y1, vx, vy = (
        ends[0] - x,
        ends[1] - y,
        ends[2],
        ends[3],
        ends[4] - x,
        ends[5] - y,
        ends[6],
        ends[7],
    )
    for side in range(2):
        left, top = (x0 if side == 0 else x1) - reach, (y0 if side == 0 else y1) - reach
        right, bottom = left + TWO * reach, top + TWO * reach
        if right <= ZERO or bottom <= ZERO or left >= tile.width or top >= rise * tile.height:
            continue
        first_row, last_row = int(max(top, ZERO) / rise + EIGHTH), int(bottom / rise + ONE - EIGHTH)
        for row in range(first_row, min(last_row, tile.height)):
            first, last = max(int(max(left, ZERO) + EIGHTH), low[row]), min(int(right + ONE - EIGHTH), high[row])
            if first >= last:
                continue
            start, n, base, down = BLOCK_CELLS * first, BLOCK_CELLS * (last - first), row * ROW_CELLS, rise * _F(row)
            here = x0, y0 - down, ux, uy, x1, y1 - down, vx, vy
            _end(start, n, base, at[row], plane, h, tall, here, centres, cells, saved)


@njit(**_fast)
def _composite(base, n, r0, r1, r2, t0, t1, t2, two_flux, cells):
    """Ink over a run of cells: reflectance r, transmittance t."""
    for j in range(n):
        k = base + j
        c = cells[_U(k + COVERAGE)]
        red, green, blue = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        p0, p1, p2 = t0, t1, t2
        if two_flux:
            p0 = t0 * t0 / max(ONE - r0 * red, LEAST_PASS)
            p1 = t1 * t1 / max(ONE - r1 * green, LEAST_PASS)
            p2 = t2 * t2 / max(ONE - r2 * blue, LEAST_PASS)
        cells[_U(k + RED)] = red + c * (r0 + (p0 - ONE) * red)
        cells[_U(k + GREEN)] = green + c * (r1 + (p1 - ONE) * green)
        cells[_U(k + BLUE)] = blue + c * (r2 + (p2 - ONE) * blue)


@njit(**_inlined)
def _past(ex, ey, line, j, reach):
    """How far past its joint with piece j the piece (ex, ey) may be nearest to cells: reach times tan(turn / 2)."""
    fx, fy = line[j, 2] - line[j, 0], line[j, 3] - line[j, 1]
    cosine, sine = ex * fx + ey * fy, abs(ex * fy - ey * fx)
    # tan(turn / 2) <= tan(turn) / 2, up to a right angle.
    return min(reach, reach * HALF * sine / max(cosine, TINY) + ASIDE) if cosine > ZERO else reach


@njit(**_inlined)
def _nearest(first_entry, last_entry, tiles, tile, rise, cells, low, high, visited):
    """Find each cell's nearest point on a stroke, given by its entries in the tile. -> the number of visits so far.

    Widens the range low..high of columns that are visited in each row. A piece visits the cells that meet two strips:
    along it, as wide as its reach; and across it, between its ends. Cells beyond are nearer to other pieces, or out of
    reach.
    """
    line, stroke, piece, centres, visits = tiles.line, tiles.stroke, tiles.piece, tiles.centres, tiles.visits
    k, total = stroke[piece[first_entry]], len(line)
    reach = tiles.reach[k]
    x, y, width, height = _F(tile.x), rise * _F(tile.y), tile.width, rise * _F(tile.height)
    per_block, middle_cell = ONE / rise, MIDDLE * rise
    for e in range(first_entry, last_entry):
        i = piece[e]
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        x0, y0 = line[i, 0] - x, line[i, 1] - y
        squared = ex * ex + ey * ey
        inverse = ONE / max(squared, SMALLEST)
        left, right = min(x0, x0 + ex) - reach, max(x0, x0 + ex) + reach
        top, bottom = min(y0, y0 + ey) - reach, max(y0, y0 + ey) + reach
        # Both strips at the middle of a row: slopes and edges, widened for cells above and below the middle.
        along, half_along, across, start, stop, aside = ZERO, FAR, ZERO, -FAR, FAR, ZERO
        if squared > SMALLEST:
            length = math.sqrt(squared)
            aside = ASIDE * length * inverse
            past0 = _past(ex, ey, line, i - 1, reach) if i > 0 and stroke[i - 1] == k else reach
            past1 = _past(ex, ey, line, i + 1, reach) if i + 1 < total and stroke[i + 1] == k else reach
            if abs(ey) > LEVEL * length:
                by_ey = ONE / ey
                along = ex * by_ey
                half_along = reach * length * abs(by_ey) + middle_cell * abs(along)
                past = (max(past0, past1) * abs(ey) + reach * abs(ex)) * length * inverse
                top, bottom = max(top, min(y0, y0 + ey) - past), min(bottom, max(y0, y0 + ey) + past)
            if abs(ex) > LEVEL * length:
                by_ex = ONE / ex
                across = -ey * by_ex
                p, q = -past0 * length * by_ex, (squared + past1 * length) * by_ex
                start, stop = min(p, q) - middle_cell * abs(across), max(p, q) + middle_cell * abs(across)
        for row in range(int(max(top, ZERO) * per_block + EIGHTH), int(min(bottom, height) * per_block + ONE - EIGHTH)):
            dy = rise * (_F(row) + HALF) - y0
            middle, shifted = x0 + along * dy, x0 + across * dy
            first = int(max(max(left, middle - half_along), max(shifted + start, ZERO)) + EIGHTH)
            last = int(min(min(right, middle + half_along), min(shifted + stop, _F(width))) + ONE - EIGHTH)
            last = min(last, width)
            if first >= last:
                continue
            _visit(
                BLOCK_CELLS * first, BLOCK_CELLS * (last - first), row * ROW_CELLS, x0 + ey * aside,
                y0 - ex * aside - rise * _F(row), ex, ey, ex * inverse, ey * inverse, _F(e - first_entry),
                centres, cells,
            )  # fmt: skip
            low[row], high[row] = min(low[row], first), max(high[row], last)
            if len(visits) > 0:
                visits[visited, 0], visits[visited, 1] = e, row << 16 | first << 8 | last
            visited += 1
    return visited


@njit(**_inlined)
def _nearest_again(visit, last_visit, first_entry, tiles, tile, rise, cells, low, high):
    """What `_nearest` did, from its visits."""
    line, piece, centres, visits = tiles.line, tiles.piece, tiles.centres, tiles.visits
    x, y = _F(tile.x), rise * _F(tile.y)
    while visit < last_visit:
        e = visits[visit, 0]
        i = piece[e]
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        squared = ex * ex + ey * ey
        inverse = ONE / max(squared, SMALLEST)
        aside = ASIDE * math.sqrt(squared) * inverse if squared > SMALLEST else ZERO
        x0, y0 = line[i, 0] - x + ey * aside, line[i, 1] - y - ex * aside
        while visit < last_visit and visits[visit, 0] == e:
            row, first, last = visits[visit, 1] >> 16, visits[visit, 1] >> 8 & 255, visits[visit, 1] & 255
            _visit(
                BLOCK_CELLS * first, BLOCK_CELLS * (last - first), row * ROW_CELLS, x0, y0 - rise * _F(row), ex,
                ey, ex * inverse, ey * inverse, _F(e - first_entry), centres, cells,
            )  # fmt: skip
            low[row], high[row] = min(low[row], first), max(high[row], last)
            visit += 1


@njit(**_inlined)
def _tile(number, grid):
    x, y = (number % grid.across) * grid.tile_columns, (number // grid.across) * grid.tile_rows
    return Tile(x, y, min(grid.tile_columns, grid.columns - x), min(grid.tile_rows, grid.rows - y))


@njit(**_options)
def forward_tiles(part, parts, grid, tiles, inks, cells, image, used):
    """Every parts-th tile from `part` on: its pixels of image [H, W, 3]; for the backward pass its visits, and used
    [T, 7]: fragments, end of the visits, strokes, and the first and past-the-last columns and rows of blocks with ink.
    cells [TILE_PLANES * PLANE] is a workspace without inf and NaN. Pixels without ink are left alone."""
    half, reach, ink, thin, ends, _, stroke, piece, first_entry, centres, pixel, visits, first_visit = tiles
    blur, tall = inks.blur, grid.height * _F(0.25)
    across, down = grid.step_across, grid.step_down
    red, green, blue = inks.paper[0], inks.paper[1], inks.paper[2]
    low, high = np.empty(TILE_HEIGHT, np.int64), np.empty(TILE_HEIGHT, np.int64)
    # What is saved of the ends of thin strokes, for nobody: all rows in one place.
    at, unread = np.empty(TILE_HEIGHT, np.int64), np.empty(SAVED_PLANES * ROW_CELLS, np.float32)
    plane = len(unread) // SAVED_PLANES
    for row in range(TILE_HEIGHT):
        low[row], high[row], at[row] = TILE_WIDTH, 0, 0
        _reset(row * ROW_CELLS, BLOCK_CELLS * grid.tile_columns, cells)
    _fill((START, grid.tile_columns, START, grid.tile_rows), red, green, blue, cells)
    for number in range(part, grid.across * grid.down, parts):
        tile = _tile(number, grid)
        e, end = first_entry[number], first_entry[number + 1]
        left, right, top, bottom = TILE_WIDTH, 0, TILE_HEIGHT, 0
        fragments, visited, strokes = START, first_visit[number] if len(visits) > 0 else START, START
        while e < end:
            k, next_e = stroke[piece[e]], e + 1
            while next_e < end and stroke[piece[next_e]] == k:
                next_e += 1
            visited = _nearest(e, next_e, tiles, tile, grid.height, cells, low, high, visited)
            for row in range(tile.height):
                if low[row] < high[row]:
                    base, n = row * ROW_CELLS + BLOCK_CELLS * low[row], BLOCK_CELLS * (high[row] - low[row])
                    fragments += n
                    _coverage(base, n, half[k], blur, tall, ink[k], cells)
            if thin[k]:
                _ends(ends[k], half[k], reach[k], tall, tile, low, high, at, plane, centres, cells, unread)
            for row in range(tile.height):
                if low[row] < high[row]:
                    base, n = row * ROW_CELLS + BLOCK_CELLS * low[row], BLOCK_CELLS * (high[row] - low[row])
                    _ink_run(base, n, k, inks, cells)
                    left, right = min(left, low[row]), max(right, high[row])
                    top, bottom = min(top, row), max(bottom, row + 1)
                    low[row], high[row] = TILE_WIDTH, 0
            e = next_e
            strokes += 1
        # Out to borders between pixels.
        left, right = left // across * across, min(-(-right // across) * across, tile.width)
        top, bottom = top // down * down, min(-(-bottom // down) * down, tile.height)
        used[number, 0], used[number, 1], used[number, 2] = fragments, visited, strokes
        used[number, 3], used[number, 4], used[number, 5], used[number, 6] = left, right, top, bottom
        inked = left, right, top, bottom
        _average(tile, inked, grid, pixel, cells, image)
        _fill(inked, red, green, blue, cells)


@njit(**_inlined)
def _ink_run(base, n, k, inks, cells):
    """Stroke k's ink over a run of cells, which are then ready for the next stroke."""
    reflectance, transmittance = inks.reflectance, inks.transmittance
    r0, r1, r2 = reflectance[k, 0], reflectance[k, 1], reflectance[k, 2]
    t0, t1, t2 = transmittance[k, 0], transmittance[k, 1], transmittance[k, 2]
    _composite(base, n, r0, r1, r2, t0, t1, t2, inks.two_flux, cells)
    _reset(base, n, cells)


@njit(**_fast)
def _fill(inked, red, green, blue, cells):
    """A part of a tile in one colour."""
    left, right, top, bottom = inked
    for row in range(top, bottom):
        for j in range(row * ROW_CELLS + BLOCK_CELLS * left, row * ROW_CELLS + BLOCK_CELLS * right):
            cells[_U(j + RED)] = red
            cells[_U(j + GREEN)] = green
            cells[_U(j + BLUE)] = blue


@njit(**_inlined)
def _pixels(tile, part, grid, image):
    """First and past-the-last column and row of the pixels in a part of a tile, whose borders are also theirs."""
    left, right, top, bottom = part
    across, down = grid.cells_across, grid.cells_down
    return (
        4 * (tile.x + left) // across,
        min((4 * (tile.x + right) + across - 1) // across, image.shape[1]),
        4 * (tile.y + top) // down,
        min((4 * (tile.y + bottom) + down - 1) // down, image.shape[0]),
    )


@njit(**_inlined)
def _average(tile, inked, grid, pixel, cells, image):
    """Pixels of the inked part of a tile: the means of their cells."""
    across, down, number = grid.cells_across, grid.cells_down, grid.cells_across * grid.cells_down
    left, right, top, bottom = _pixels(tile, inked, grid, image)
    share = ONE / _F(number)
    for py in range(top, bottom):
        v = py * down - 4 * tile.y
        for px in range(left, right):
            u = px * across - 4 * tile.x
            corner, first = (v >> 2) * ROW_CELLS + (u >> 2) * BLOCK_CELLS, ((v & 3) * 4 + (u & 3)) * number
            red = green = blue = ZERO
            for i in range(number):
                at = corner + pixel[_U(first + i)]
                red += cells[_U(at + RED)]
                green += cells[_U(at + GREEN)]
                blue += cells[_U(at + BLUE)]
            image[_U(py), _U(px), 0] = share * red
            image[_U(py), _U(px), 1] = share * green
            image[_U(py), _U(px), 2] = share * blue


@njit(**_inlined)
def _average_backward(tile, inked, grid, pixel, upstream, cells, by_paper):
    """Gradients of a tile's inked cells (in the planes of the colours) from its pixels', which by_paper [3] is less."""
    across, down, number = grid.cells_across, grid.cells_down, grid.cells_across * grid.cells_down
    left, right, top, bottom = _pixels(tile, inked, grid, upstream)
    share = ONE / _F(number)
    total0 = total1 = total2 = 0.0
    for py in range(top, bottom):
        v = py * down - 4 * tile.y
        for px in range(left, right):
            u = px * across - 4 * tile.x
            corner, first = (v >> 2) * ROW_CELLS + (u >> 2) * BLOCK_CELLS, ((v & 3) * 4 + (u & 3)) * number
            red, green, blue = upstream[_U(py), _U(px), 0], upstream[_U(py), _U(px), 1], upstream[_U(py), _U(px), 2]
            total0, total1, total2 = total0 - red, total1 - green, total2 - blue
            red, green, blue = share * red, share * green, share * blue
            for i in range(number):
                at = corner + pixel[_U(first + i)]
                cells[_U(at + RED)] = red
                cells[_U(at + GREEN)] = green
                cells[_U(at + BLUE)] = blue
    by_paper[0], by_paper[1], by_paper[2] = total0, total1, total2


@njit(**_fast)
def _sum_paper(inked, cells, by_paper):
    """Add the gradients that have come through the ink to the paper [3]."""
    left, right, top, bottom = inked
    total0 = total1 = total2 = 0.0
    for row in range(top, bottom):
        for j in range(row * ROW_CELLS + BLOCK_CELLS * left, row * ROW_CELLS + BLOCK_CELLS * right):
            total0 += cells[_U(j + RED)]
            total1 += cells[_U(j + GREEN)]
            total2 += cells[_U(j + BLUE)]
    by_paper[0] += total0
    by_paper[1] += total1
    by_paper[2] += total2


@njit(**_fast)
def _composite_backward(base, n, at, plane, r0, r1, r2, t0, t1, t2, two_flux, cells, saved, sums):
    """Gradients of r, t and the half-width are added to sums [7]; those of nearest points go to `cells`."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = ZERO
    for j in range(n):
        k, f = base + j, at + j
        c = saved[_U(f)]
        red, green, blue = (
            saved[_U(f + SAVED_RED * plane)],
            saved[_U(f + SAVED_GREEN * plane)],
            saved[_U(f + SAVED_BLUE * plane)],
        )
        g0, g1, g2 = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        # What passes of the colour below, and its derivatives: by that colour (with it), by r and by t.
        p0, p1, p2 = t0, t1, t2
        q0, q1, q2, u0, u1, u2, v0, v1, v2 = t0, t1, t2, ONE, ONE, ONE, red, green, blue
        if two_flux:
            # 1 - r * below of the light between two layers leaves, but never less than LEAST_PASS, which is a constant.
            l0, l1, l2 = ONE - r0 * red, ONE - r1 * green, ONE - r2 * blue
            free0, free1, free2 = l0 > LEAST_PASS, l1 > LEAST_PASS, l2 > LEAST_PASS
            i0, i1, i2 = ONE / max(l0, LEAST_PASS), ONE / max(l1, LEAST_PASS), ONE / max(l2, LEAST_PASS)
            p0, p1, p2 = t0 * t0 * i0, t1 * t1 * i1, t2 * t2 * i2
            q0, q1, q2 = p0 * i0 if free0 else p0, p1 * i1 if free1 else p1, p2 * i2 if free2 else p2
            u0 = ONE + (q0 * red * red if free0 else ZERO)
            u1 = ONE + (q1 * green * green if free1 else ZERO)
            u2 = ONE + (q2 * blue * blue if free2 else ZERO)
            v0, v1, v2 = TWO * t0 * i0 * red, TWO * t1 * i1 * green, TWO * t2 * i2 * blue
        by_c = g0 * (r0 + (p0 - ONE) * red) + g1 * (r1 + (p1 - ONE) * green) + g2 * (r2 + (p2 - ONE) * blue)
        cells[_U(k + RED)] = g0 * (ONE + c * (q0 - ONE))
        cells[_U(k + GREEN)] = g1 * (ONE + c * (q1 - ONE))
        cells[_U(k + BLUE)] = g2 * (ONE + c * (q2 - ONE))
        g0, g1, g2 = g0 * c, g1 * c, g2 * c
        s0, s1, s2 = s0 + g0 * u0, s1 + g1 * u1, s2 + g2 * u2
        s3, s4, s5 = s3 + g0 * v0, s4 + g1 * v1, s5 + g2 * v2
        s6 += by_c * saved[_U(f + SAVED_HALF * plane)]
        cells[_U(k + BY_X)] = by_c * saved[_U(f + SAVED_X * plane)]
        cells[_U(k + BY_Y)] = by_c * saved[_U(f + SAVED_Y * plane)]
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3
    sums[4] += s4
    sums[5] += s5
    sums[6] += s6


@njit(**_fast)
def _gather(start, n, base, owners, x0, y0, ax, ay, owner, centres, cells, saved):
    """Sums over a run's cells: the gradients of nearest points on one piece, and their part for its second end."""
    s0 = s1 = s2 = s3 = ZERO
    for j in range(n):
        k = base + start + j
        dx, dy = centres[_U(start + j)] - x0, centres[_U(start + j + ROW_CELLS)] - y0
        t = min(max(dx * ax + dy * ay, ZERO), ONE)
        mine = saved[_U(owners + j)] == owner
        px, py = cells[_U(k + BY_X)], cells[_U(k + BY_Y)]
        px, py = px if mine else ZERO, py if mine else ZERO
        s0, s1 = s0 + px, s1 + py
        s2, s3 = s2 + t * px, s3 + t * py
    return s0, s1, s2, s3


@njit(**_inlined)
def _gather_pieces(visit, last_visit, first_entry, tiles, tile, rise, at, cells, saved, by_line):
    """Gradients of a stroke's pieces in a tile, from its visits; at [TILE_HEIGHT]: where the owners of each row's first
    column are among the fragments."""
    line, piece, centres, visits = tiles.line, tiles.piece, tiles.centres, tiles.visits
    x, y = _F(tile.x), rise * _F(tile.y)
    while visit < last_visit:
        e = visits[visit, 0]
        i = piece[e]
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        inverse = ONE / max(ex * ex + ey * ey, SMALLEST)
        x0, y0 = line[i, 0] - x, line[i, 1] - y
        s0 = s1 = s2 = s3 = ZERO
        while visit < last_visit and visits[visit, 0] == e:
            row = visits[visit, 1] >> 16
            first, last = BLOCK_CELLS * (visits[visit, 1] >> 8 & 255), BLOCK_CELLS * (visits[visit, 1] & 255)
            g0, g1, g2, g3 = _gather(
                first, last - first, row * ROW_CELLS, at[row] + first, x0, y0 - rise * _F(row), ex * inverse,
                ey * inverse, _F(e - first_entry), centres, cells, saved,
            )  # fmt: skip
            s0, s1, s2, s3 = s0 + g0, s1 + g1, s2 + g2, s3 + g3
            visit += 1
        by_line[e, 0], by_line[e, 1], by_line[e, 2], by_line[e, 3] = s0 - s2, s1 - s3, s2, s3


@njit(**_options)
def backward_tiles(part, parts, grid, tiles, inks, cells, saved, used, upstream, gradients):
    """The backward pass through `forward_tiles`: fills `gradients` for every parts-th tile from `part` on.

    The tile is drawn again with everything saved, then its strokes are taken from the last to the first. That is faster
    than to have saved it in the forward pass, since a tile's fragments fit into the processor's cache. saved is a
    workspace for SAVED_PLANES times the fragments of any tile.
    """
    half, reach, ink, thin, ends, _, stroke, piece, first_entry, centres, pixel, visits, first_visit = tiles
    reflectance, transmittance, paper, blur, two_flux = inks
    tall = grid.height * _F(0.25)
    by_line, by_stroke, by_paper, first_row, row_of_entry = gradients
    low, high = np.empty(TILE_HEIGHT, np.int64), np.empty(TILE_HEIGHT, np.int64)
    # Where each row's fragments of a stroke would begin, had it all columns.
    first = np.empty(TILE_HEIGHT, np.int64)
    for row in range(TILE_HEIGHT):
        _reset(row * ROW_CELLS, BLOCK_CELLS * grid.tile_columns, cells)
    sums = np.empty(7, np.float32)
    for number in range(part, grid.across * grid.down, parts):
        tile = _tile(number, grid)
        plane, strokes = used[number, 0], used[number, 2]
        run = np.empty((strokes * TILE_HEIGHT, 3), np.int64)
        # Where each stroke's entries, visits and runs begin.
        begin = np.empty((strokes + 1, 3), np.int64)
        e, end = first_entry[number], first_entry[number + 1]
        inked = used[number, 3], used[number, 4], used[number, 5], used[number, 6]
        _fill(inked, paper[0], paper[1], paper[2], cells)
        at, visited, runs, m = START, first_visit[number], START, START
        while e < end:
            k, next_e = stroke[piece[e]], e + 1
            while next_e < end and stroke[piece[next_e]] == k:
                next_e += 1
            begin[m, 0], begin[m, 1], begin[m, 2] = e, visited, runs
            while visited < used[number, 1] and visits[visited, 0] < next_e:
                visited += 1
            for row in range(TILE_HEIGHT):
                low[row], high[row] = TILE_WIDTH, 0
            _nearest_again(begin[m, 1], visited, e, tiles, tile, grid.height, cells, low, high)
            for row in range(tile.height):
                if low[row] < high[row]:
                    base, n = row * ROW_CELLS + BLOCK_CELLS * low[row], BLOCK_CELLS * (high[row] - low[row])
                    _coverage_saved(base, n, at, plane, half[k], blur, tall, ink[k], cells, saved)
                    run[runs, 0], run[runs, 1], run[runs, 2] = base, n, at
                    first[row] = at - BLOCK_CELLS * low[row]
                    runs += 1
                    at += n
            if thin[k]:
                _ends(ends[k], half[k], reach[k], tall, tile, low, high, first, plane, centres, cells, saved)
            for i in range(begin[m, 2], runs):
                _ink_run(run[i, 0], run[i, 1], k, inks, cells)
            e = next_e
            m += 1
        begin[m, 0], begin[m, 1], begin[m, 2] = end, visited, runs
        if tile.x + tile.width == grid.columns or tile.y + tile.height == grid.rows:
            _fill(inked, ZERO, ZERO, ZERO, cells)
        _average_backward(tile, inked, grid, pixel, upstream, cells, by_paper[number])
        for m in range(strokes - 1, -1, -1):
            e, k = begin[m, 0], stroke[piece[begin[m, 0]]]
            r0, r1, r2 = reflectance[k, 0], reflectance[k, 1], reflectance[k, 2]
            t0, t1, t2 = transmittance[k, 0], transmittance[k, 1], transmittance[k, 2]
            for c in range(7):
                sums[c] = ZERO
            for i in range(begin[m, 2], begin[m + 1, 2]):
                base, n, at = run[i, 0], run[i, 1], run[i, 2]
                _composite_backward(base, n, at, plane, r0, r1, r2, t0, t1, t2, two_flux, cells, saved, sums)
                first[base // ROW_CELLS] = at + SAVED_OWNER * plane - base % ROW_CELLS
            for c in range(7):
                by_stroke[first_row[number] + m, c] = sums[c]
            row_of_entry[e] = first_row[number] + m
            _gather_pieces(begin[m, 1], begin[m + 1, 1], e, tiles, tile, grid.height, first, cells, saved, by_line)
        _sum_paper(inked, cells, by_paper[number])


@njit(**_options)
def sum_gradients(first_stroke, last_stroke, cubics, entries, scale, gradients, sums):
    """Sums of a range of strokes over their entries: `TileGradients` to `StrokeGradients`."""
    starts, counts, offsets, first_cubic = cubics
    _, place, slot = entries
    by_line, by_stroke, _, _, row_of_entry = gradients
    by_points, by_width, by_reflectance, by_transmittance = sums
    total = np.empty(7)
    for k in range(first_stroke, last_stroke):
        total[:] = 0.0
        for j in range(first_cubic[k], first_cubic[k + 1]):
            c, n = starts[j], counts[j]
            # What the piece before brings to the joint that it has with the next one.
            before_x = before_y = 0.0
            for step in range(n):
                i = offsets[j] + step
                x, y, next_x, next_y = before_x, before_y, 0.0, 0.0
                for m in range(place[i], place[i + 1]):
                    e = slot[m]
                    x, y = x + by_line[e, 0], y + by_line[e, 1]
                    next_x, next_y = next_x + by_line[e, 2], next_y + by_line[e, 3]
                    if row_of_entry[e] >= 0:
                        for q in range(7):
                            total[q] += by_stroke[row_of_entry[e], q]
                before_x, before_y = next_x, next_y
                if step == 0:
                    by_points[c, 0] += x * scale
                    by_points[c, 1] += y * scale
                else:
                    w = _weights(step / n, n)
                    for q in range(4):
                        by_points[c + q, 0] += w[q] * x * scale
                        by_points[c + q, 1] += w[q] * y * scale
            by_points[c + 3, 0] += before_x * scale
            by_points[c + 3, 1] += before_y * scale
        for q in range(3):
            by_reflectance[k, q], by_transmittance[k, q] = total[q], total[q + 3]
        by_width[k] = total[6] * scale * 0.5


#: In the order in which a first step compiles them.
FORWARD, BACKWARD = (prepare, cut_pieces, fill_entries, forward_tiles), (backward_tiles, sum_gradients)
KERNELS = FORWARD + BACKWARD


def compiled() -> tuple[int, int] | None:
    """How many kernels are ready, and of how many; None as long as the cache had them all."""
    if not any(kernel.stats.cache_misses for kernel in KERNELS):
        return None
    return sum(bool(kernel.signatures) for kernel in KERNELS), len(KERNELS)
