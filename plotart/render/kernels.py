"""The CPU renderer's kernels, compiled by Numba: cubics to pieces, pieces to tiles, and both passes over the tiles.

The model is that of `plotart.render.reference`; all lengths here are in blocks. A tile is a rectangle of blocks. Its
cells lie in one array of float32: plane after plane (distance, offset, colours...), row after row (two blocks high),
column after column (one block wide). All work is done on runs of neighbouring cells, in loops without branches, which
the compiler vectorises: that is where the speed comes from. Hence the odd shape of these loops: one array, so that
nothing needs proof that arrays don't overlap; unsigned indices, so that negative ones, which Python counts from the
end, need no check; literals in float32. Arrays are taken out of named tuples before loops, not in them: each access
counts a reference.

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

from plotart.render.cells import CELL_HEIGHT, CELL_REACH, CELL_WIDTH
from plotart.render.flatten import FEWEST_PIECES, MOST_PIECES, joint_weights
from plotart.render.reference import CLOSED, FLAT, NARROWEST

#: Largest tile, in blocks.
TILE_WIDTH, TILE_HEIGHT = 32, 16

#: A tile's rows are two blocks high, so that a column of a row has 16 cells: a vector register full, at best.
ROW_HEIGHT = 2
ROWS = TILE_HEIGHT // ROW_HEIGHT
COLUMN_CELLS = 8 * ROW_HEIGHT

#: Cells of a full row, and of a tile: the distance between two planes.
ROW_CELLS = COLUMN_CELLS * TILE_WIDTH
PLANE = ROW_CELLS * ROWS

#: Planes of a tile: squared distance to the nearest point of the current stroke, the offset from there to the cell, the
#: piece that the point is on, coverage, and the colour so far.
SQUARED, OFFSET_X, OFFSET_Y, OWNER, COVERAGE = (k * PLANE for k in range(5))
RED, GREEN, BLUE = (k * PLANE for k in range(5, 8))
TILE_PLANES = 8

#: Planes of a tile's fragments, one number per cell and stroke, saved for the backward pass.
SAVED_COVERAGE, SAVED_RED, SAVED_GREEN, SAVED_BLUE, SAVED_X, SAVED_Y, SAVED_OWNER = range(7)
SAVED_PLANES = 7

_F = np.float32
ZERO, HALF, ONE, TWO, EIGHTH = _F(0), _F(0.5), _F(1), _F(2), _F(0.125)
#: A squared distance, and an offset, larger than any that counts.
FAR, AWAY = _F(1e30), _F(1e6)
SMALLEST, TINY = _F(1e-12), _F(1e-20)
WIDE32, HIGH32, FLAT32, NARROW32, LEAST_PASS = (_F(v) for v in (CELL_WIDTH, CELL_HEIGHT, FLAT, NARROWEST, CLOSED))
#: Pieces are moved this far off their axis, so that cells exactly on it know its direction.
ASIDE = _F(2e-5)
#: That of cells beyond the image's border, which belong to no pixel.
NO_GRADIENT = np.zeros(3, np.float32)
#: A piece that rises (or advances) by a smaller share of its length is level (upright).
LEVEL = _F(1e-4)
#: From the middle of a row to the centre of its outermost cells.
MIDDLE = _F((ROW_HEIGHT - CELL_HEIGHT) / 2)

_U = np.uint64
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
_options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
# Inlined: otherwise the process that compiles would call one copy of a function, and a process that loads it from the
# cache another, with different rounding.
_inlined: dict[str, Any] = _options | {"forceinline": True}
_fast: dict[str, Any] = _inlined | {
    "fastmath": {"nnan", "ninf", "nsz", "contract", "arcp", "reassoc"},
}


class Grid(NamedTuple):
    """Columns and rows of blocks in the image and in a tile, tiles across and down, and the oversampling."""

    columns: int
    rows: int
    tile_columns: int
    tile_rows: int
    across: int
    down: int
    oversample: int


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
    line, stroke        of `Pieces`; piece: of `Entries`
    first_entry         [T + 1] first entry of each tile
    centres             of `cell_centres`
    visits              [V, 2] entry, and row, first and last column in one number, of each visit of a piece to a run of
                        cells, a tile's from ROWS times its first entry on; empty where there is no backward pass
    """

    half: Floats
    reach: Floats
    ink: Floats
    line: Floats
    stroke: Ints32
    piece: Ints32
    first_entry: Ints
    centres: Floats
    visits: Ints32


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
    paper       [T, 3]
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


@lru_cache(maxsize=1)
def cell_centres() -> np.ndarray[Any, np.dtype[np.float32]]:
    """[2 ROW_CELLS]: x of the cells in a row, then their y within the row."""
    y, x = np.meshgrid(
        (np.arange(2 * ROW_HEIGHT) + 0.5) * CELL_HEIGHT, (np.arange(4) + 0.5) * CELL_WIDTH, indexing="ij"
    )
    columns = np.arange(TILE_WIDTH)[:, None] + x.ravel()
    return np.concatenate([columns.ravel(), np.tile(y.ravel(), TILE_WIDTH)]).astype(np.float32)


_weights = njit(**_options)(joint_weights)


@njit(**_options)
def prepare(points, num_points, width, scale, softness, tolerance, cubics, half, ink):
    """Fill `cubics`, half [N] and ink [N]. Twins: `flatten.piece_counts`, `cells.end_ink`."""
    starts, counts, offsets, first_cubic = cubics
    c = j = 0
    offsets[0] = first_cubic[0] = 0
    w = CELL_REACH + softness
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
        excess *= min(max(2.0 - h / w, 0.0), 1.0) ** 2
        true = 2 * length + math.pi * h
        half[k] = h
        ink[k] = true / (true + 2 * math.pi * excess) if excess > 0.0 else 1.0


@njit(**_options)
def cut_pieces(first_stroke, last_stroke, points, scale, reach, cubics, grid, pieces, per_tile):
    """Cut a range of strokes: fill their part of `pieces`, and count the entries of each tile [T]."""
    starts, counts, offsets, first_cubic = cubics
    line, stroke, bounds, reached = pieces
    columns, rows, tile_columns, tile_rows, across, _, _ = grid
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
                top, bottom = min(y, ny) - reach[k], max(y, ny) + reach[k]
                x, y = nx, ny
                reached[i] = 0
                if right <= 0 or bottom <= 0 or left >= columns or top >= rows:
                    continue
                first_x, first_y = int(max(left, ZERO)) // tile_columns, int(max(top, ZERO)) // tile_rows
                last_x = int(min(right, columns - 0.001)) // tile_columns + 1
                last_y = int(min(bottom, rows - 0.001)) // tile_rows + 1
                bounds[i, 0], bounds[i, 1], bounds[i, 2], bounds[i, 3] = first_x, last_x, first_y, last_y
                reached[i] = (last_x - first_x) * (last_y - first_y)
                for v in range(first_y, last_y):
                    for u in range(first_x, last_x):
                        per_tile[v * across + u] += 1


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
def _coverage(base, n, h, blur, ink, cells):
    """Coverage of a run of cells."""
    for j in range(n):
        k = base + j
        # All lengths are multiplied by d, which saves a division: only the direction's proportions matter.
        d = math.sqrt(max(cells[_U(k + SQUARED)], SMALLEST))
        across, down = abs(cells[_U(k + OFFSET_X)]) * WIDE32, abs(cells[_U(k + OFFSET_Y)]) * HIGH32
        a, b = max(max(across, down), NARROW32 * d) + blur * d, max(min(across, down), FLAT32 * d)
        share, support = HALF / (a * b), HALF * (a + b)
        near, far = (h - d) * d, (h + d) * d
        rest = max(support - abs(near), ZERO)
        outer = rest * rest * share if rest < b else HALF - abs(near) * TWO * b * share
        c = ONE - outer if near > ZERO else outer
        rest = max(support - far, ZERO)
        outer = rest * rest * share if rest < b else HALF - far * TWO * b * share
        cells[_U(k + COVERAGE)] = ink * (c - outer)


@njit(**_fast)
def _reset(base, n, cells):
    """Make a run of cells ready for the next (or first) stroke: nothing is near."""
    for j in range(n):
        cells[_U(base + j + SQUARED)] = FAR
        cells[_U(base + j + OFFSET_X)] = AWAY


@njit(**_fast)
def _composite(base, n, r0, r1, r2, t0, t1, t2, cells):
    """Ink over a run of cells: reflectance r, transmittance t."""
    for j in range(n):
        k = base + j
        c = cells[_U(k + COVERAGE)]
        red, green, blue = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        cells[_U(k + RED)] = red + c * (r0 + (t0 - ONE) * red)
        cells[_U(k + GREEN)] = green + c * (r1 + (t1 - ONE) * green)
        cells[_U(k + BLUE)] = blue + c * (r2 + (t2 - ONE) * blue)


@njit(**_fast)
def _composite_two_flux(base, n, r0, r1, r2, t0, t1, t2, cells):
    for j in range(n):
        k = base + j
        c = cells[_U(k + COVERAGE)]
        red, green, blue = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        cells[_U(k + RED)] = red + c * (r0 + t0 * t0 * red / max(ONE - r0 * red, LEAST_PASS) - red)
        cells[_U(k + GREEN)] = green + c * (r1 + t1 * t1 * green / max(ONE - r1 * green, LEAST_PASS) - green)
        cells[_U(k + BLUE)] = blue + c * (r2 + t2 * t2 * blue / max(ONE - r2 * blue, LEAST_PASS) - blue)


@njit(**_fast)
def _save(base, n, at, plane, cells, saved):
    """Copy a run's coverage, the colour below, offsets and owners to the fragments from `at` on."""
    for j in range(n):
        saved[_U(at + j)] = cells[_U(base + j + COVERAGE)]
        saved[_U(at + j + SAVED_RED * plane)] = cells[_U(base + j + RED)]
        saved[_U(at + j + SAVED_GREEN * plane)] = cells[_U(base + j + GREEN)]
        saved[_U(at + j + SAVED_BLUE * plane)] = cells[_U(base + j + BLUE)]
        saved[_U(at + j + SAVED_X * plane)] = cells[_U(base + j + OFFSET_X)]
        saved[_U(at + j + SAVED_Y * plane)] = cells[_U(base + j + OFFSET_Y)]
        saved[_U(at + j + SAVED_OWNER * plane)] = cells[_U(base + j + OWNER)]


@njit(**_options)
def _past(ex, ey, line, j, reach):
    """How far past its joint with piece j the piece (ex, ey) may be nearest to cells: reach times tan(turn / 2)."""
    fx, fy = line[j, 2] - line[j, 0], line[j, 3] - line[j, 1]
    cosine, sine = ex * fx + ey * fy, abs(ex * fy - ey * fx)
    # tan(turn / 2) <= tan(turn) / 2, up to a right angle.
    return min(reach, reach * HALF * sine / max(cosine, TINY) + ASIDE) if cosine > ZERO else reach


@njit(**_inlined)
def _nearest(first_entry, last_entry, tiles, tile, cells, low, high, visited):
    """Find each cell's nearest point on a stroke, given by its entries in the tile. -> the number of visits so far.

    Widens the range low..high of columns that are visited in each row. A piece visits the cells that meet two strips:
    along it, as wide as its reach; and across it, between its ends. Cells beyond are nearer to other pieces, or out of
    reach.
    """
    line, stroke, piece, centres, visits = tiles.line, tiles.stroke, tiles.piece, tiles.centres, tiles.visits
    k, total = stroke[piece[first_entry]], len(line)
    reach = tiles.reach[k]
    x, y, width, height = _F(tile.x), _F(tile.y), tile.width, tile.height
    rows = (height + ROW_HEIGHT - 1) // ROW_HEIGHT
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
                half_along = reach * length * abs(by_ey) + MIDDLE * abs(along)
                past = (max(past0, past1) * abs(ey) + reach * abs(ex)) * length * inverse
                top, bottom = max(top, min(y0, y0 + ey) - past), min(bottom, max(y0, y0 + ey) + past)
            if abs(ex) > LEVEL * length:
                by_ex = ONE / ex
                across = -ey * by_ex
                p, q = -past0 * length * by_ex, (squared + past1 * length) * by_ex
                start, stop = min(p, q) - MIDDLE * abs(across), max(p, q) + MIDDLE * abs(across)
        for row in range(int(max(top, ZERO)) // ROW_HEIGHT, min(int(min(bottom, _F(height))) // ROW_HEIGHT + 1, rows)):
            dy = _F(ROW_HEIGHT * row) + ONE - y0
            middle, shifted = x0 + along * dy, x0 + across * dy
            first = int(max(max(left, middle - half_along), max(shifted + start, ZERO)) + EIGHTH)
            last = int(min(min(right, middle + half_along), min(shifted + stop, _F(width))) + ONE - EIGHTH)
            last = min(last, width)
            if first >= last:
                continue
            _visit(
                COLUMN_CELLS * first, COLUMN_CELLS * (last - first), row * ROW_CELLS, x0 + ey * aside,
                y0 - ex * aside - _F(ROW_HEIGHT * row), ex, ey, ex * inverse, ey * inverse, _F(e - first_entry),
                centres, cells,
            )  # fmt: skip
            low[row], high[row] = min(low[row], first), max(high[row], last)
            if len(visits) > 0:
                visits[visited, 0], visits[visited, 1] = e, row << 16 | first << 8 | last
            visited += 1
    return visited


@njit(**_inlined)
def _nearest_again(visit, last_visit, first_entry, tiles, tile, cells, low, high):
    """What `_nearest` did, from its visits."""
    line, piece, centres, visits = tiles.line, tiles.piece, tiles.centres, tiles.visits
    x, y = _F(tile.x), _F(tile.y)
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
                COLUMN_CELLS * first, COLUMN_CELLS * (last - first), row * ROW_CELLS, x0, y0 - _F(ROW_HEIGHT * row), ex,
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
    [T, 3]: fragments, end of the visits, strokes. cells [TILE_PLANES * PLANE] is a workspace without inf and NaN."""
    half, _, ink, _, stroke, piece, first_entry, _, visits = tiles
    paper, blur = inks.paper, inks.blur
    _reset(0, PLANE, cells)
    low, high = np.full(ROWS, TILE_WIDTH, np.int64), np.zeros(ROWS, np.int64)
    for number in range(part, grid.across * grid.down, parts):
        tile = _tile(number, grid)
        e, end = first_entry[number], first_entry[number + 1]
        inked = _inked(e, end, grid, tiles, tile)
        _fill(inked, paper, cells)
        fragments, visited, strokes = 0, ROWS * e if len(visits) > 0 else 0, 0
        while e < end:
            k, next_e = stroke[piece[e]], e + 1
            while next_e < end and stroke[piece[next_e]] == k:
                next_e += 1
            visited = _nearest(e, next_e, tiles, tile, cells, low, high, visited)
            for row in range((tile.height + ROW_HEIGHT - 1) // ROW_HEIGHT):
                if low[row] < high[row]:
                    base, n = row * ROW_CELLS + COLUMN_CELLS * low[row], COLUMN_CELLS * (high[row] - low[row])
                    fragments += n
                    _coverage(base, n, half[k], blur, ink[k], cells)
                    _ink_run(base, n, k, inks, cells)
                    _reset(base, n, cells)
                    low[row], high[row] = TILE_WIDTH, 0
            e = next_e
            strokes += 1
        used[number, 0], used[number, 1], used[number, 2] = fragments, visited, strokes
        _average(tile, inked, grid.oversample, cells, paper, image)


@njit(**_inlined)
def _ink_run(base, n, k, inks, cells):
    """Stroke k's ink over a run of cells."""
    reflectance, transmittance = inks.reflectance, inks.transmittance
    r0, r1, r2 = reflectance[k, 0], reflectance[k, 1], reflectance[k, 2]
    t0, t1, t2 = transmittance[k, 0], transmittance[k, 1], transmittance[k, 2]
    if inks.two_flux:
        _composite_two_flux(base, n, r0, r1, r2, t0, t1, t2, cells)
    else:
        _composite(base, n, r0, r1, r2, t0, t1, t2, cells)


@njit(**_inlined)
def _inked(first_entry, end, grid, tiles, tile):
    """The part of a tile that strokes may reach, up to borders between pixels: left, right, top, bottom, in blocks."""
    line, stroke, piece, reach, s = tiles.line, tiles.stroke, tiles.piece, tiles.reach, grid.oversample
    left = top = FAR
    right = bottom = -FAR
    for e in range(first_entry, end):
        i = piece[e]
        r = reach[stroke[i]]
        left, right = min(left, min(line[i, 0], line[i, 2]) - r), max(right, max(line[i, 0], line[i, 2]) + r)
        top, bottom = min(top, min(line[i, 1], line[i, 3]) - r), max(bottom, max(line[i, 1], line[i, 3]) + r)
    if first_entry == end:
        return 0, 0, 0, 0
    across = s // 2 if s % 2 == 0 else s
    down = across if across % ROW_HEIGHT == 0 else ROW_HEIGHT * across
    return (
        int(max(left - tile.x, ZERO)) // across * across,
        min((int(min(right - tile.x, _F(tile.width))) // across + 1) * across, tile.width),
        int(max(top - tile.y, ZERO)) // down * down,
        min((int(min(bottom - tile.y, _F(tile.height))) // down + 1) * down, tile.height),
    )


@njit(**_options)
def _fill(inked, color, cells):
    """A part of a tile in one colour [3]."""
    left, right, top, bottom = inked
    for row in range(top // ROW_HEIGHT, (bottom + ROW_HEIGHT - 1) // ROW_HEIGHT):
        first, last = row * ROW_CELLS + COLUMN_CELLS * left, row * ROW_CELLS + COLUMN_CELLS * right
        for c in range(3):
            cells[RED + c * PLANE + first : RED + c * PLANE + last] = color[c]


@njit(**_options)
def _pixels(tile, part, s, image):
    """First and past-the-last column and row of the pixels in a part of a tile."""
    x, y = tile.x, tile.y
    left, right, top, bottom = part
    last_column, last_row = (2 * (x + right) + s - 1) // s, (2 * (y + bottom) + s - 1) // s
    return 2 * (x + left) // s, min(last_column, image.shape[1]), 2 * (y + top) // s, min(last_row, image.shape[0])


@njit(**_inlined)
def _average(tile, inked, s, cells, paper, image):
    """Pixels of a tile: the means of their cells where it is inked, else the paper."""
    x, y, width, height = tile
    share = _F(1.0 / (2 * s * s))
    left, right, top, bottom = _pixels(tile, inked, s, image)
    first, last, first_row, last_row = _pixels(tile, (0, width, 0, height), s, image)
    for py in range(first_row, last_row):
        inside = top <= py < bottom
        for px in range(first, last):
            if not inside or px < left or px >= right:
                image[py, px, 0], image[py, px, 1], image[py, px, 2] = paper[0], paper[1], paper[2]
                continue
            red = green = blue = ZERO
            for cy in range(s):
                v = py * s + cy - 2 * y
                base = (v >> 2) * ROW_CELLS + (v & 3) * 4
                for cx in range(0, 2 * s, 2):
                    u = px * 2 * s + cx - 4 * x
                    at = base + (u >> 2) * COLUMN_CELLS + (u & 3)
                    red += cells[_U(at + RED)] + cells[_U(at + RED + 1)]
                    green += cells[_U(at + GREEN)] + cells[_U(at + GREEN + 1)]
                    blue += cells[_U(at + BLUE)] + cells[_U(at + BLUE + 1)]
            image[py, px, 0], image[py, px, 1], image[py, px, 2] = share * red, share * green, share * blue


@njit(**_inlined)
def _average_backward(tile, inked, s, upstream, cells, by_paper):
    """Gradients of a tile's cells (in the planes of the colours) from its pixels'; bare paper's are summed [3]."""
    x, y, width, height = tile
    share = _F(1.0 / (2 * s * s))
    left, right, top, bottom = _pixels(tile, inked, s, upstream)
    first, last, first_row, last_row = _pixels(tile, (0, width, 0, height), s, upstream)
    total0 = total1 = total2 = 0.0
    for py in range(first_row, last_row):
        inside = top <= py < bottom
        for px in range(first, last):
            red, green, blue = upstream[py, px, 0], upstream[py, px, 1], upstream[py, px, 2]
            if not inside or px < left or px >= right:
                total0, total1, total2 = total0 + red, total1 + green, total2 + blue
                continue
            red, green, blue = share * red, share * green, share * blue
            for cy in range(s):
                v = py * s + cy - 2 * y
                base = (v >> 2) * ROW_CELLS + (v & 3) * 4
                for cx in range(0, 2 * s, 2):
                    u = px * 2 * s + cx - 4 * x
                    at = base + (u >> 2) * COLUMN_CELLS + (u & 3)
                    cells[_U(at + RED)] = cells[_U(at + RED + 1)] = red
                    cells[_U(at + GREEN)] = cells[_U(at + GREEN + 1)] = green
                    cells[_U(at + BLUE)] = cells[_U(at + BLUE + 1)] = blue
    by_paper[0], by_paper[1], by_paper[2] = total0, total1, total2


@njit(**_options)
def _sum_paper(inked, cells, by_paper):
    """Add the gradients that have come through the ink to the paper [3]."""
    left, right, top, bottom = inked
    for row in range(top // ROW_HEIGHT, (bottom + ROW_HEIGHT - 1) // ROW_HEIGHT):
        for c in range(3):
            total = 0.0
            for j in range(row * ROW_CELLS + COLUMN_CELLS * left, row * ROW_CELLS + COLUMN_CELLS * right):
                total += cells[RED + c * PLANE + j]
            by_paper[c] += total


@njit(**_fast)
def _composite_backward(base, n, at, plane, r0, r1, r2, t0, t1, t2, cells, saved, sums):
    """Gradients of r and t are added to sums [6]; that of the coverage replaces the coverage."""
    s0 = s1 = s2 = s3 = s4 = s5 = ZERO
    for j in range(n):
        k, f = base + j, at + j
        c = saved[_U(f)]
        red, green, blue = (
            saved[_U(f + SAVED_RED * plane)],
            saved[_U(f + SAVED_GREEN * plane)],
            saved[_U(f + SAVED_BLUE * plane)],
        )
        g0, g1, g2 = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        saved[_U(f)] = g0 * (r0 + (t0 - ONE) * red) + g1 * (r1 + (t1 - ONE) * green) + g2 * (r2 + (t2 - ONE) * blue)
        cells[_U(k + RED)] = g0 * (ONE + c * (t0 - ONE))
        cells[_U(k + GREEN)] = g1 * (ONE + c * (t1 - ONE))
        cells[_U(k + BLUE)] = g2 * (ONE + c * (t2 - ONE))
        g0, g1, g2 = g0 * c, g1 * c, g2 * c
        s0, s1, s2 = s0 + g0, s1 + g1, s2 + g2
        s3, s4, s5 = s3 + g0 * red, s4 + g1 * green, s5 + g2 * blue
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3
    sums[4] += s4
    sums[5] += s5


@njit(**_fast)
def _composite_two_flux_backward(base, n, at, plane, r0, r1, r2, t0, t1, t2, cells, saved, sums):
    """As `_composite_backward`."""
    s0 = s1 = s2 = s3 = s4 = s5 = ZERO
    for j in range(n):
        k, f = base + j, at + j
        c = saved[_U(f)]
        red, green, blue = (
            saved[_U(f + SAVED_RED * plane)],
            saved[_U(f + SAVED_GREEN * plane)],
            saved[_U(f + SAVED_BLUE * plane)],
        )
        g0, g1, g2 = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        # 1 - r * below of the light between two layers leaves, but never less than LEAST_PASS, which is a constant.
        p0, p1, p2 = ONE - r0 * red, ONE - r1 * green, ONE - r2 * blue
        free0, free1, free2 = p0 > LEAST_PASS, p1 > LEAST_PASS, p2 > LEAST_PASS
        i0, i1, i2 = ONE / max(p0, LEAST_PASS), ONE / max(p1, LEAST_PASS), ONE / max(p2, LEAST_PASS)
        p0, p1, p2 = t0 * t0 * i0, t1 * t1 * i1, t2 * t2 * i2
        saved[_U(f)] = g0 * (r0 + p0 * red - red) + g1 * (r1 + p1 * green - green) + g2 * (r2 + p2 * blue - blue)
        q0, q1, q2 = p0 * i0 if free0 else p0, p1 * i1 if free1 else p1, p2 * i2 if free2 else p2
        cells[_U(k + RED)] = g0 * (ONE + c * (q0 - ONE))
        cells[_U(k + GREEN)] = g1 * (ONE + c * (q1 - ONE))
        cells[_U(k + BLUE)] = g2 * (ONE + c * (q2 - ONE))
        g0, g1, g2 = g0 * c, g1 * c, g2 * c
        s0 += g0 * (ONE + (q0 * red * red if free0 else ZERO))
        s1 += g1 * (ONE + (q1 * green * green if free1 else ZERO))
        s2 += g2 * (ONE + (q2 * blue * blue if free2 else ZERO))
        s3, s4, s5 = s3 + g0 * TWO * t0 * i0 * red, s4 + g1 * TWO * t1 * i1 * green, s5 + g2 * TWO * t2 * i2 * blue
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3
    sums[4] += s4
    sums[5] += s5


@njit(**_fast)
def _coverage_backward(n, at, plane, h, blur, ink, saved):
    """Gradients of the nearest points replace the offsets. -> that of the half-width."""
    by_half = ZERO
    for j in range(n):
        f = at + j
        qx, qy = saved[_U(f + SAVED_X * plane)], saved[_U(f + SAVED_Y * plane)]
        d = math.sqrt(max(qx * qx + qy * qy, SMALLEST))
        across, down = abs(qx) * WIDE32, abs(qy) * HIGH32
        a, b = max(max(across, down), NARROW32 * d) + blur * d, max(min(across, down), FLAT32 * d)
        gradient, support = saved[_U(f)] * ink / (a * b), HALF * (a + b)
        near = min(max(support - abs((h - d) * d), ZERO), b)
        far = min(max(support - (h + d) * d, ZERO), b)
        by_half += gradient * (near + far) * d
        along = gradient * (near - far)
        saved[_U(f + SAVED_X * plane)] = along * qx
        saved[_U(f + SAVED_Y * plane)] = along * qy
    return by_half


@njit(**_fast)
def _gather(start, n, at, plane, x0, y0, ax, ay, owner, centres, saved):
    """Sums over a run's cells: the gradients of nearest points on one piece, and their part for its second end."""
    s0 = s1 = s2 = s3 = ZERO
    for j in range(n):
        f = at + j
        dx, dy = centres[_U(start + j)] - x0, centres[_U(start + j + ROW_CELLS)] - y0
        t = min(max(dx * ax + dy * ay, ZERO), ONE)
        mine = saved[_U(f + SAVED_OWNER * plane)] == owner
        px, py = saved[_U(f + SAVED_X * plane)], saved[_U(f + SAVED_Y * plane)]
        px, py = px if mine else ZERO, py if mine else ZERO
        s0, s1 = s0 + px, s1 + py
        s2, s3 = s2 + t * px, s3 + t * py
    return s0, s1, s2, s3


@njit(**_inlined)
def _gather_pieces(visit, last_visit, first_entry, tiles, tile, at, plane, saved, by_line):
    """Gradients of a stroke's pieces in a tile, from its visits; at [ROWS]: the fragment of each row's first column."""
    line, piece, centres, visits = tiles.line, tiles.piece, tiles.centres, tiles.visits
    x, y = _F(tile.x), _F(tile.y)
    while visit < last_visit:
        e = visits[visit, 0]
        i = piece[e]
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        inverse = ONE / max(ex * ex + ey * ey, SMALLEST)
        x0, y0 = line[i, 0] - x, line[i, 1] - y
        s0 = s1 = s2 = s3 = ZERO
        while visit < last_visit and visits[visit, 0] == e:
            row = visits[visit, 1] >> 16
            first, last = COLUMN_CELLS * (visits[visit, 1] >> 8 & 255), COLUMN_CELLS * (visits[visit, 1] & 255)
            g0, g1, g2, g3 = _gather(
                first, last - first, at[row] + first, plane, x0, y0 - _F(ROW_HEIGHT * row), ex * inverse, ey * inverse,
                _F(e - first_entry), centres, saved,
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
    half, _, ink, _, stroke, piece, first_entry, _, visits = tiles
    reflectance, transmittance, paper, blur, two_flux = inks
    by_line, by_stroke, by_paper, first_row, row_of_entry = gradients
    _reset(0, PLANE, cells)
    low, high = np.full(ROWS, TILE_WIDTH, np.int64), np.zeros(ROWS, np.int64)
    sums = np.empty(7, np.float32)
    for number in range(part, grid.across * grid.down, parts):
        tile = _tile(number, grid)
        plane, strokes = used[number, 0], used[number, 2]
        run = np.empty((strokes * ROWS, 3), np.int64)
        # Where each stroke's entries, visits and runs begin.
        begin = np.empty((strokes + 1, 3), np.int64)
        e, end = first_entry[number], first_entry[number + 1]
        inked = _inked(e, end, grid, tiles, tile)
        _fill(inked, paper, cells)
        at, visited, runs, m = 0, ROWS * e, 0, 0
        while e < end:
            k, next_e = stroke[piece[e]], e + 1
            while next_e < end and stroke[piece[next_e]] == k:
                next_e += 1
            begin[m, 0], begin[m, 1], begin[m, 2] = e, visited, runs
            while visited < used[number, 1] and visits[visited, 0] < next_e:
                visited += 1
            _nearest_again(begin[m, 1], visited, e, tiles, tile, cells, low, high)
            for row in range((tile.height + ROW_HEIGHT - 1) // ROW_HEIGHT):
                if low[row] < high[row]:
                    base, n = row * ROW_CELLS + COLUMN_CELLS * low[row], COLUMN_CELLS * (high[row] - low[row])
                    _coverage(base, n, half[k], blur, ink[k], cells)
                    _save(base, n, at, plane, cells, saved)
                    _ink_run(base, n, k, inks, cells)
                    _reset(base, n, cells)
                    run[runs, 0], run[runs, 1], run[runs, 2] = base, n, at
                    runs += 1
                    at += n
                    low[row], high[row] = TILE_WIDTH, 0
            e = next_e
            m += 1
        begin[m, 0], begin[m, 1], begin[m, 2] = end, visited, runs
        _fill(inked, NO_GRADIENT, cells)
        _average_backward(tile, inked, grid.oversample, upstream, cells, by_paper[number])
        for m in range(strokes - 1, -1, -1):
            e, k = begin[m, 0], stroke[piece[begin[m, 0]]]
            r0, r1, r2 = reflectance[k, 0], reflectance[k, 1], reflectance[k, 2]
            t0, t1, t2 = transmittance[k, 0], transmittance[k, 1], transmittance[k, 2]
            sums[:] = ZERO
            for i in range(begin[m, 2], begin[m + 1, 2]):
                base, n, at = run[i, 0], run[i, 1], run[i, 2]
                if two_flux:
                    _composite_two_flux_backward(base, n, at, plane, r0, r1, r2, t0, t1, t2, cells, saved, sums)
                else:
                    _composite_backward(base, n, at, plane, r0, r1, r2, t0, t1, t2, cells, saved, sums)
                sums[6] += _coverage_backward(n, at, plane, half[k], blur, ink[k], saved)
                # Where the row's fragments would begin, had it all columns.
                low[base // ROW_CELLS] = at - base % ROW_CELLS
            for c in range(7):
                by_stroke[first_row[number] + m, c] = sums[c]
            row_of_entry[e] = first_row[number] + m
            _gather_pieces(begin[m, 1], begin[m + 1, 1], e, tiles, tile, low, plane, saved, by_line)
        low[:], high[:] = TILE_WIDTH, 0
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
            for step in range(n):
                i = offsets[j] + step
                x0 = y0 = x1 = y1 = 0.0
                for m in range(place[i], place[i + 1]):
                    e = slot[m]
                    x0, y0 = x0 + by_line[e, 0], y0 + by_line[e, 1]
                    x1, y1 = x1 + by_line[e, 2], y1 + by_line[e, 3]
                    if row_of_entry[e] >= 0:
                        for q in range(7):
                            total[q] += by_stroke[row_of_entry[e], q]
                if step == 0:
                    by_points[c, 0] += x0 * scale
                    by_points[c, 1] += y0 * scale
                else:
                    w = _weights(step / n, n)
                    for q in range(4):
                        by_points[c + q, 0] += w[q] * x0 * scale
                        by_points[c + q, 1] += w[q] * y0 * scale
                if step == n - 1:
                    by_points[c + 3, 0] += x1 * scale
                    by_points[c + 3, 1] += y1 * scale
                else:
                    w = _weights((step + 1) / n, n)
                    for q in range(4):
                        by_points[c + q, 0] += w[q] * x1 * scale
                        by_points[c + q, 1] += w[q] * y1 * scale
        for q in range(3):
            by_reflectance[k, q], by_transmittance[k, q] = total[q], total[q + 3]
        by_width[k] = total[6] * scale * 0.5
