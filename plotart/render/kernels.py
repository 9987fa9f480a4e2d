"""The CPU renderer's arithmetic, compiled by Numba: pieces into tiles, ink on tiles, and the way back.

The model is that of `plotart.render.reference`; all lengths here are in blocks. A tile is a rectangle of blocks whose
cells lie in one array of float32, plane after plane (distance, its direction, colours...), row after row (two blocks
high), column after column (one block wide). Everything is done to runs of neighbouring cells by loops without branches,
which the compiler turns into vector instructions: that is where the speed comes from. Hence the odd shape of these
loops: one array (so that nothing needs proof that arrays don't overlap), unsigned indices (so that negative ones, which
Python counts from the end, need no check), literals in float32.

Tiles are independent and sums are taken in a fixed order: threads change no bit of the result. All compiled functions
lie in this file, as Numba's cache on disk watches only a function's own file.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit

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

#: Planes of a tile: squared distance to the nearest point of the stroke at hand, the way from it to the cell, the piece
#: it lies on, and what has been laid so far.
NEAR, WAY_X, WAY_Y, OWNER, COVER = (k * PLANE for k in range(5))
RED, GREEN, BLUE = (k * PLANE for k in range(5, 8))
TILE_PLANES = 8

#: Planes of a tile's fragments, one number per cell and stroke, kept for the way back.
KEPT_COVER, KEPT_RED, KEPT_GREEN, KEPT_BLUE, KEPT_X, KEPT_Y, KEPT_OWNER = range(7)
KEPT_PLANES = 7

_F = np.float32
ZERO, HALF, ONE, TWO, EIGHTH = _F(0), _F(0.5), _F(1), _F(2), _F(0.125)
#: A squared distance, and a way, longer than any that counts.
FAR, AWAY = _F(1e30), _F(1e6)
SMALLEST, TINY = _F(1e-12), _F(1e-20)
WIDE32, HIGH32, FLAT32, NARROW32, LEAST_PASS = (_F(v) for v in (CELL_WIDTH, CELL_HEIGHT, FLAT, NARROWEST, CLOSED))
#: A path's points are moved this far off its axis, so that cells exactly on it know the axis' direction.
ASIDE = _F(2e-5)
#: Cells that belong to no pixel, beyond the image's border, have none.
NO_SLOPE = np.zeros(3, np.float32)
#: A piece that rises (or advances) by a smaller share of its length is level (upright).
LEVEL = _F(1e-4)
#: From the middle of a row to the centre of its outermost cells.
MIDDLE = _F((ROW_HEIGHT - CELL_HEIGHT) / 2)

_U = np.uint64
_options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
# Inlined, or the process that compiles would call one copy of a function, and one that reads it from the cache another,
# with other roundings.
_fast: dict[str, Any] = _options | {
    "forceinline": True,
    "fastmath": {"nnan", "ninf", "nsz", "contract", "arcp", "reassoc"},
}


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
def prepare(points, num_points, width, scale, softness, tolerance, starts, counts, offsets, first_segment, half, ink):
    """First control point [S], pieces [S] and first piece [S + 1] of each cubic; first cubic [N + 1], half-width [N]
    and factor on the ink [N] of each stroke. Twins: `flatten.piece_counts`, `cells.end_ink`."""
    c = j = 0
    offsets[0] = first_segment[0] = 0
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
        first_segment[k + 1] = j
        h = 0.5 * scale * width[k]
        excess = w / 2 + h * h / (6 * w) - h / 2 if h < w else w * w / (6 * h)
        excess *= min(max(2.0 - h / w, 0.0), 1.0) ** 2
        true = 2 * length + math.pi * h
        half[k] = h
        ink[k] = true / (true + 2 * math.pi * excess) if excess > 0.0 else 1.0


@njit(**_options)
def cut_pieces(
    first_stroke, last_stroke, points, scale, reach, starts, counts, offsets, first_segment, columns, rows,
    tile_columns, tile_rows, line, stroke, rectangle, tiles, per_piece,
):  # fmt: skip
    """Cut a range of strokes: line [n, 4] (x0, y0, x1, y1 in blocks), stroke [n], and the tiles that they reach:
    rectangle [n, 4] (first and past-the-last across, the same down), per_piece [n]; those of each tile are added up."""
    across = (columns + tile_columns - 1) // tile_columns
    for k in range(first_stroke, last_stroke):
        for j in range(first_segment[k], first_segment[k + 1]):
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
                per_piece[i] = 0
                if right <= 0 or bottom <= 0 or left >= columns or top >= rows:
                    continue
                first_x, first_y = int(max(left, ZERO)) // tile_columns, int(max(top, ZERO)) // tile_rows
                last_x = int(min(right, columns - 0.001)) // tile_columns + 1
                last_y = int(min(bottom, rows - 0.001)) // tile_rows + 1
                rectangle[i, 0], rectangle[i, 1], rectangle[i, 2], rectangle[i, 3] = first_x, last_x, first_y, last_y
                per_piece[i] = (last_x - first_x) * (last_y - first_y)
                for v in range(first_y, last_y):
                    for u in range(first_x, last_x):
                        tiles[v * across + u] += 1


@njit(**_options)
def fill_entries(first, last, across, rectangle, per_piece, slots, place, pieces, entry):
    """pieces [E] of each tile, in order; entry [E]: where in `pieces` each piece is, from place [n + 1] on."""
    for i in range(first, last):
        if per_piece[i] == 0:
            continue
        k = place[i]
        for v in range(rectangle[i, 2], rectangle[i, 3]):
            for u in range(rectangle[i, 0], rectangle[i, 1]):
                slot = slots[v * across + u]
                slots[v * across + u] = slot + 1
                pieces[slot] = i
                entry[k] = slot
                k += 1


@njit(**_fast)
def _visit(start, n, base, x0, y0, ex, ey, ax, ay, who, centres, cells):
    """Cells of a run that are nearer to this piece than to those before take note of it."""
    for j in range(n):
        dx, dy = centres[_U(start + j)] - x0, centres[_U(start + j + ROW_CELLS)] - y0
        t = min(max(dx * ax + dy * ay, ZERO), ONE)
        qx, qy = dx - t * ex, dy - t * ey
        d = qx * qx + qy * qy
        k = base + start + j
        before = cells[_U(k + NEAR)]
        nearer = d < before
        cells[_U(k + NEAR)] = d if nearer else before
        cells[_U(k + WAY_X)] = qx if nearer else cells[_U(k + WAY_X)]
        cells[_U(k + WAY_Y)] = qy if nearer else cells[_U(k + WAY_Y)]
        cells[_U(k + OWNER)] = who if nearer else cells[_U(k + OWNER)]


@njit(**_fast)
def _cover(base, n, h, blur, ink, cells):
    """Coverage of a run of cells."""
    for j in range(n):
        k = base + j
        # All lengths times d, which saves a division: of the direction nothing but its proportions is needed.
        d = math.sqrt(max(cells[_U(k + NEAR)], SMALLEST))
        across, down = abs(cells[_U(k + WAY_X)]) * WIDE32, abs(cells[_U(k + WAY_Y)]) * HIGH32
        a, b = max(max(across, down), NARROW32 * d) + blur * d, max(min(across, down), FLAT32 * d)
        share, support = HALF / (a * b), HALF * (a + b)
        near, far = (h - d) * d, (h + d) * d
        rest = max(support - abs(near), ZERO)
        outer = rest * rest * share if rest < b else HALF - abs(near) * TWO * b * share
        c = ONE - outer if near > ZERO else outer
        rest = max(support - far, ZERO)
        outer = rest * rest * share if rest < b else HALF - far * TWO * b * share
        cells[_U(k + COVER)] = ink * (c - outer)


@njit(**_fast)
def _forget(base, n, cells):
    """Make a run of cells ready for the next stroke: nothing is near. Also at first."""
    for j in range(n):
        cells[_U(base + j + NEAR)] = FAR
        cells[_U(base + j + WAY_X)] = AWAY


@njit(**_fast)
def _lay(base, n, r0, r1, r2, t0, t1, t2, cells):
    """Ink on a run of cells."""
    for j in range(n):
        k = base + j
        c = cells[_U(k + COVER)]
        red, green, blue = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        cells[_U(k + RED)] = red + c * (r0 + (t0 - ONE) * red)
        cells[_U(k + GREEN)] = green + c * (r1 + (t1 - ONE) * green)
        cells[_U(k + BLUE)] = blue + c * (r2 + (t2 - ONE) * blue)


@njit(**_fast)
def _lay_two_flux(base, n, r0, r1, r2, t0, t1, t2, cells):
    for j in range(n):
        k = base + j
        c = cells[_U(k + COVER)]
        red, green, blue = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        cells[_U(k + RED)] = red + c * (r0 + t0 * t0 * red / max(ONE - r0 * red, LEAST_PASS) - red)
        cells[_U(k + GREEN)] = green + c * (r1 + t1 * t1 * green / max(ONE - r1 * green, LEAST_PASS) - green)
        cells[_U(k + BLUE)] = blue + c * (r2 + t2 * t2 * blue / max(ONE - r2 * blue, LEAST_PASS) - blue)


@njit(**_fast)
def _keep(base, n, at, room, cells, kept):
    """Copy a run's coverage, what lies below, ways and owners to the fragments from `at` on."""
    for j in range(n):
        kept[_U(at + j)] = cells[_U(base + j + COVER)]
        kept[_U(at + j + KEPT_RED * room)] = cells[_U(base + j + RED)]
        kept[_U(at + j + KEPT_GREEN * room)] = cells[_U(base + j + GREEN)]
        kept[_U(at + j + KEPT_BLUE * room)] = cells[_U(base + j + BLUE)]
        kept[_U(at + j + KEPT_X * room)] = cells[_U(base + j + WAY_X)]
        kept[_U(at + j + KEPT_Y * room)] = cells[_U(base + j + WAY_Y)]
        kept[_U(at + j + KEPT_OWNER * room)] = cells[_U(base + j + OWNER)]


@njit(**_options)
def _past(ex, ey, line, j, reach):
    """How far past its joint with piece j cells may be nearest to the piece (ex, ey): reach times tan(turn / 2)."""
    fx, fy = line[j, 2] - line[j, 0], line[j, 3] - line[j, 1]
    cosine, sine = ex * fx + ey * fy, abs(ex * fy - ey * fx)
    # tan(turn / 2) <= tan(turn) / 2, up to a right angle.
    return min(reach, reach * HALF * sine / max(cosine, TINY) + ASIDE) if cosine > ZERO else reach


@njit(**_options)
def _touch(
    slot, last_slot, line, pieces, stroke, reach, width, height, x, y, centres, cells, low, high, visits, visited
):
    """Show a stroke's pieces to the cells of a tile at x, y; its columns low..high of each row are touched.

    A piece is shown to what meets two strips: along it, as wide as its reach; and across it, between its ends. Cells
    beyond are nearer to other pieces, or out of reach. visits [V, 2] keeps the entry and row, first, last of each show,
    if it has room for any.
    """
    k, total = stroke[pieces[slot]], len(line)
    rows = (height + ROW_HEIGHT - 1) // ROW_HEIGHT
    for e in range(slot, last_slot):
        i = pieces[e]
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        x0, y0 = line[i, 0] - x, line[i, 1] - y
        squared = ex * ex + ey * ey
        inverse = ONE / max(squared, SMALLEST)
        left, right = min(x0, x0 + ex) - reach, max(x0, x0 + ex) + reach
        top, bottom = min(y0, y0 + ey) - reach, max(y0, y0 + ey) + reach
        # Both strips at the middle of a row: slopes and borders, widened for cells above and below the middle.
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
                y0 - ex * aside - _F(ROW_HEIGHT * row), ex, ey, ex * inverse, ey * inverse, _F(e - slot), centres,
                cells,
            )  # fmt: skip
            low[row], high[row] = min(low[row], first), max(high[row], last)
            if len(visits) > 0:
                visits[visited, 0], visits[visited, 1] = e, row << 16 | first << 8 | last
            visited += 1
    return visited


@njit(**_options)
def _touch_again(visit, last_visit, slot, line, pieces, x, y, centres, cells, low, high, visits):
    """What `_touch` did, from its visits."""
    while visit < last_visit:
        e = visits[visit, 0]
        i = pieces[e]
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        squared = ex * ex + ey * ey
        inverse = ONE / max(squared, SMALLEST)
        aside = ASIDE * math.sqrt(squared) * inverse if squared > SMALLEST else ZERO
        x0, y0 = line[i, 0] - x + ey * aside, line[i, 1] - y - ex * aside
        while visit < last_visit and visits[visit, 0] == e:
            row, first, last = visits[visit, 1] >> 16, visits[visit, 1] >> 8 & 255, visits[visit, 1] & 255
            _visit(
                COLUMN_CELLS * first, COLUMN_CELLS * (last - first), row * ROW_CELLS, x0, y0 - _F(ROW_HEIGHT * row), ex,
                ey, ex * inverse, ey * inverse, _F(e - slot), centres, cells,
            )  # fmt: skip
            low[row], high[row] = min(low[row], first), max(high[row], last)
            visit += 1


@njit(**_options)
def lay_tiles(
    part, parts, cells, line, stroke, half, reach, ink, blur, two_flux, reflectance, transmittance, background,
    first_entry, pieces, centres, columns, rows, tile_columns, tile_rows, oversample, visits, image, used,
):  # fmt: skip
    """Every parts-th tile from `part` on: its pixels of image [H, W, 3], and for the way back used [T, 3] (fragments,
    visits and strokes of the tile) and visits [V, 2], where a tile's first entry says (ROWS for each is enough).
    cells [TILE_PLANES * PLANE] is room to work in, free of infinities and NaN.
    """
    across = (columns + tile_columns - 1) // tile_columns
    down = (rows + tile_rows - 1) // tile_rows
    _forget(0, PLANE, cells)
    low, high = np.full(ROWS, TILE_WIDTH, np.int64), np.zeros(ROWS, np.int64)
    for tile in range(part, across * down, parts):
        x, y = (tile % across) * tile_columns, (tile // across) * tile_rows
        wide, tall = min(tile_columns, columns - x), min(tile_rows, rows - y)
        slot, end = first_entry[tile], first_entry[tile + 1]
        inked = _inked(slot, end, line, pieces, stroke, reach, x, y, wide, tall, oversample)
        _lay_paper(inked, background, cells)
        fragments, visited, strokes = 0, ROWS * slot if len(visits) > 0 else 0, 0
        while slot < end:
            k, last_slot = stroke[pieces[slot]], slot + 1
            while last_slot < end and stroke[pieces[last_slot]] == k:
                last_slot += 1
            visited = _touch(
                slot, last_slot, line, pieces, stroke, reach[k], wide, tall, _F(x), _F(y), centres, cells, low, high,
                visits, visited,
            )  # fmt: skip
            for row in range((tall + ROW_HEIGHT - 1) // ROW_HEIGHT):
                if low[row] < high[row]:
                    base, n = row * ROW_CELLS + COLUMN_CELLS * low[row], COLUMN_CELLS * (high[row] - low[row])
                    fragments += n
                    _cover(base, n, half[k], blur, ink[k], cells)
                    _ink_run(base, n, k, two_flux, reflectance, transmittance, cells)
                    _forget(base, n, cells)
                    low[row], high[row] = TILE_WIDTH, 0
            slot = last_slot
            strokes += 1
        used[tile, 0], used[tile, 1], used[tile, 2] = fragments, visited, strokes
        _average(x, y, wide, tall, inked, oversample, cells, background, image)


@njit(**_options)
def _ink_run(base, n, k, two_flux, reflectance, transmittance, cells):
    r0, r1, r2 = reflectance[k, 0], reflectance[k, 1], reflectance[k, 2]
    t0, t1, t2 = transmittance[k, 0], transmittance[k, 1], transmittance[k, 2]
    if two_flux:
        _lay_two_flux(base, n, r0, r1, r2, t0, t1, t2, cells)
    else:
        _lay(base, n, r0, r1, r2, t0, t1, t2, cells)


@njit(**_options)
def _inked(slot, end, line, pieces, stroke, reach, x, y, wide, tall, s):
    """The part of a tile that strokes may reach, up to borders between pixels: left, right, top, bottom, in blocks."""
    left = top = FAR
    right = bottom = -FAR
    for e in range(slot, end):
        i = pieces[e]
        r = reach[stroke[i]]
        left, right = min(left, min(line[i, 0], line[i, 2]) - r), max(right, max(line[i, 0], line[i, 2]) + r)
        top, bottom = min(top, min(line[i, 1], line[i, 3]) - r), max(bottom, max(line[i, 1], line[i, 3]) + r)
    if slot == end:
        return 0, 0, 0, 0
    across = s // 2 if s % 2 == 0 else s
    down = across if across % ROW_HEIGHT == 0 else ROW_HEIGHT * across
    return (
        int(max(left - x, ZERO)) // across * across,
        min((int(min(right - x, _F(wide))) // across + 1) * across, wide),
        int(max(top - y, ZERO)) // down * down,
        min((int(min(bottom - y, _F(tall))) // down + 1) * down, tall),
    )


@njit(**_options)
def _lay_paper(inked, background, cells):
    left, right, top, bottom = inked
    for row in range(top // ROW_HEIGHT, (bottom + ROW_HEIGHT - 1) // ROW_HEIGHT):
        first, last = row * ROW_CELLS + COLUMN_CELLS * left, row * ROW_CELLS + COLUMN_CELLS * right
        for c in range(3):
            cells[RED + c * PLANE + first : RED + c * PLANE + last] = background[c]


@njit(**_options)
def _pixels(x, y, part, s, image):
    """First and past-the-last column and row of the pixels in a part of a tile."""
    left, right, top, bottom = part
    last_column, last_row = (2 * (x + right) + s - 1) // s, (2 * (y + bottom) + s - 1) // s
    return 2 * (x + left) // s, min(last_column, image.shape[1]), 2 * (y + top) // s, min(last_row, image.shape[0])


@njit(**_options)
def _average(x, y, wide, tall, inked, s, cells, background, image):
    """Pixels of a tile: the means of their cells where it is inked, else the paper."""
    share = _F(1.0 / (2 * s * s))
    left, right, top, bottom = _pixels(x, y, inked, s, image)
    first, last, first_row, last_row = _pixels(x, y, (0, wide, 0, tall), s, image)
    for py in range(first_row, last_row):
        inside = top <= py < bottom
        for px in range(first, last):
            if not inside or px < left or px >= right:
                image[py, px, 0], image[py, px, 1], image[py, px, 2] = background[0], background[1], background[2]
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


@njit(**_options)
def _spread(x, y, wide, tall, inked, s, upstream, cells, by_paper):
    """Slopes of a tile's cells (in the planes of the colours) from those of its pixels; bare paper's are summed [3]."""
    share = _F(1.0 / (2 * s * s))
    left, right, top, bottom = _pixels(x, y, inked, s, upstream)
    first, last, first_row, last_row = _pixels(x, y, (0, wide, 0, tall), s, upstream)
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
    """Add what has come down to the paper through the ink [3]."""
    left, right, top, bottom = inked
    for row in range(top // ROW_HEIGHT, (bottom + ROW_HEIGHT - 1) // ROW_HEIGHT):
        for c in range(3):
            total = 0.0
            for j in range(row * ROW_CELLS + COLUMN_CELLS * left, row * ROW_CELLS + COLUMN_CELLS * right):
                total += cells[RED + c * PLANE + j]
            by_paper[c] += total


@njit(**_fast)
def _lift(base, n, at, room, r0, r1, r2, t0, t1, t2, cells, kept, sums):
    """The way back through `_lay`. Slopes of the ink are added to sums [6]; that of the coverage replaces it."""
    s0 = s1 = s2 = s3 = s4 = s5 = ZERO
    for j in range(n):
        k, f = base + j, at + j
        c = kept[_U(f)]
        red, green, blue = (
            kept[_U(f + KEPT_RED * room)],
            kept[_U(f + KEPT_GREEN * room)],
            kept[_U(f + KEPT_BLUE * room)],
        )
        g0, g1, g2 = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        kept[_U(f)] = g0 * (r0 + (t0 - ONE) * red) + g1 * (r1 + (t1 - ONE) * green) + g2 * (r2 + (t2 - ONE) * blue)
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
def _lift_two_flux(base, n, at, room, r0, r1, r2, t0, t1, t2, cells, kept, sums):
    """The way back through `_lay_two_flux`."""
    s0 = s1 = s2 = s3 = s4 = s5 = ZERO
    for j in range(n):
        k, f = base + j, at + j
        c = kept[_U(f)]
        red, green, blue = (
            kept[_U(f + KEPT_RED * room)],
            kept[_U(f + KEPT_GREEN * room)],
            kept[_U(f + KEPT_BLUE * room)],
        )
        g0, g1, g2 = cells[_U(k + RED)], cells[_U(k + GREEN)], cells[_U(k + BLUE)]
        # Of the light between two layers 1 - r * below leaves, but no less than LEAST_PASS: that is then a constant.
        p0, p1, p2 = ONE - r0 * red, ONE - r1 * green, ONE - r2 * blue
        free0, free1, free2 = p0 > LEAST_PASS, p1 > LEAST_PASS, p2 > LEAST_PASS
        i0, i1, i2 = ONE / max(p0, LEAST_PASS), ONE / max(p1, LEAST_PASS), ONE / max(p2, LEAST_PASS)
        p0, p1, p2 = t0 * t0 * i0, t1 * t1 * i1, t2 * t2 * i2
        kept[_U(f)] = g0 * (r0 + p0 * red - red) + g1 * (r1 + p1 * green - green) + g2 * (r2 + p2 * blue - blue)
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
def _push(n, at, room, h, blur, ink, kept):
    """From slopes of the coverage to the push on the nearest point, in place of the way. -> the half-width's slope."""
    by_half = ZERO
    for j in range(n):
        f = at + j
        qx, qy = kept[_U(f + KEPT_X * room)], kept[_U(f + KEPT_Y * room)]
        d = math.sqrt(max(qx * qx + qy * qy, SMALLEST))
        across, down = abs(qx) * WIDE32, abs(qy) * HIGH32
        a, b = max(max(across, down), NARROW32 * d) + blur * d, max(min(across, down), FLAT32 * d)
        slope, support = kept[_U(f)] * ink / (a * b), HALF * (a + b)
        near = min(max(support - abs((h - d) * d), ZERO), b)
        far = min(max(support - (h + d) * d, ZERO), b)
        by_half += slope * (near + far) * d
        push = slope * (near - far)
        kept[_U(f + KEPT_X * room)] = push * qx
        kept[_U(f + KEPT_Y * room)] = push * qy
    return by_half


@njit(**_fast)
def _gather(start, n, at, room, x0, y0, ax, ay, who, centres, kept):
    """Pushes of a run's cells on the piece that owns them, and the part of them on its second end."""
    s0 = s1 = s2 = s3 = ZERO
    for j in range(n):
        f = at + j
        dx, dy = centres[_U(start + j)] - x0, centres[_U(start + j + ROW_CELLS)] - y0
        t = min(max(dx * ax + dy * ay, ZERO), ONE)
        mine = kept[_U(f + KEPT_OWNER * room)] == who
        px, py = kept[_U(f + KEPT_X * room)], kept[_U(f + KEPT_Y * room)]
        px, py = px if mine else ZERO, py if mine else ZERO
        s0, s1 = s0 + px, s1 + py
        s2, s3 = s2 + t * px, s3 + t * py
    return s0, s1, s2, s3


@njit(**_options)
def _gather_pieces(visit, last_visit, slot, line, pieces, x, y, at, room, centres, kept, visits, by_line):
    """Slopes of a stroke's pieces in a tile, from its visits; at [ROWS]: the fragment of each row's first column."""
    while visit < last_visit:
        e = visits[visit, 0]
        i = pieces[e]
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        inverse = ONE / max(ex * ex + ey * ey, SMALLEST)
        x0, y0 = line[i, 0] - x, line[i, 1] - y
        s0 = s1 = s2 = s3 = ZERO
        while visit < last_visit and visits[visit, 0] == e:
            row = visits[visit, 1] >> 16
            first, last = COLUMN_CELLS * (visits[visit, 1] >> 8 & 255), COLUMN_CELLS * (visits[visit, 1] & 255)
            g0, g1, g2, g3 = _gather(
                first, last - first, at[row] + first, room, x0, y0 - _F(ROW_HEIGHT * row), ex * inverse, ey * inverse,
                _F(e - slot), centres, kept,
            )  # fmt: skip
            s0, s1, s2, s3 = s0 + g0, s1 + g1, s2 + g2, s3 + g3
            visit += 1
        by_line[e, 0], by_line[e, 1], by_line[e, 2], by_line[e, 3] = s0 - s2, s1 - s3, s2, s3


@njit(**_options)
def lift_tiles(
    part, parts, cells, kept, line, stroke, half, reach, ink, blur, two_flux, reflectance, transmittance, background,
    first_entry, pieces, centres, columns, rows, tile_columns, tile_rows, oversample, visits, upstream, used, first_run,
    run_of_entry, by_line, by_ink, by_paper,
):  # fmt: skip
    """The way back through `lay_tiles`: slopes of x0, y0, x1, y1 per entry [E, 4], of the paper [T, 3], and of R, T, h
    for each stroke in each tile [R, 7]: run_of_entry [E] says which are those of an entry's stroke, once; else -1.

    The tile is laid again, with everything kept, and then lifted from the last stroke to the first: this is faster
    than to have kept it, since a tile's fragments fit into the processor's cache. kept is room for those of any tile.
    """
    across = (columns + tile_columns - 1) // tile_columns
    down = (rows + tile_rows - 1) // tile_rows
    _forget(0, PLANE, cells)
    low, high = np.full(ROWS, TILE_WIDTH, np.int64), np.zeros(ROWS, np.int64)
    sums = np.empty(7, np.float32)
    for tile in range(part, across * down, parts):
        x, y = (tile % across) * tile_columns, (tile // across) * tile_rows
        wide, tall = min(tile_columns, columns - x), min(tile_rows, rows - y)
        room, strokes = used[tile, 0], used[tile, 2]
        run = np.empty((strokes * ROWS, 3), np.int64)
        # Where each stroke's entries, visits and runs begin.
        begin = np.empty((strokes + 1, 3), np.int64)
        slot, end = first_entry[tile], first_entry[tile + 1]
        inked = _inked(slot, end, line, pieces, stroke, reach, x, y, wide, tall, oversample)
        _lay_paper(inked, background, cells)
        at, visited, runs, m = 0, ROWS * slot, 0, 0
        while slot < end:
            k, last_slot = stroke[pieces[slot]], slot + 1
            while last_slot < end and stroke[pieces[last_slot]] == k:
                last_slot += 1
            begin[m, 0], begin[m, 1], begin[m, 2] = slot, visited, runs
            while visited < used[tile, 1] and visits[visited, 0] < last_slot:
                visited += 1
            _touch_again(begin[m, 1], visited, slot, line, pieces, _F(x), _F(y), centres, cells, low, high, visits)
            for row in range((tall + ROW_HEIGHT - 1) // ROW_HEIGHT):
                if low[row] < high[row]:
                    base, n = row * ROW_CELLS + COLUMN_CELLS * low[row], COLUMN_CELLS * (high[row] - low[row])
                    _cover(base, n, half[k], blur, ink[k], cells)
                    _keep(base, n, at, room, cells, kept)
                    _ink_run(base, n, k, two_flux, reflectance, transmittance, cells)
                    _forget(base, n, cells)
                    run[runs, 0], run[runs, 1], run[runs, 2] = base, n, at
                    runs += 1
                    at += n
                    low[row], high[row] = TILE_WIDTH, 0
            slot = last_slot
            m += 1
        begin[m, 0], begin[m, 1], begin[m, 2] = end, visited, runs
        _lay_paper(inked, NO_SLOPE, cells)
        _spread(x, y, wide, tall, inked, oversample, upstream, cells, by_paper[tile])
        for stroke_here in range(strokes - 1, -1, -1):
            slot, k = begin[stroke_here, 0], stroke[pieces[begin[stroke_here, 0]]]
            r0, r1, r2 = reflectance[k, 0], reflectance[k, 1], reflectance[k, 2]
            t0, t1, t2 = transmittance[k, 0], transmittance[k, 1], transmittance[k, 2]
            sums[:] = ZERO
            for i in range(begin[stroke_here, 2], begin[stroke_here + 1, 2]):
                base, n, at = run[i, 0], run[i, 1], run[i, 2]
                if two_flux:
                    _lift_two_flux(base, n, at, room, r0, r1, r2, t0, t1, t2, cells, kept, sums)
                else:
                    _lift(base, n, at, room, r0, r1, r2, t0, t1, t2, cells, kept, sums)
                sums[6] += _push(n, at, room, half[k], blur, ink[k], kept)
                # Where the row's fragments would begin, had it all columns.
                low[base // ROW_CELLS] = at - base % ROW_CELLS
            for c in range(7):
                by_ink[first_run[tile] + stroke_here, c] = sums[c]
            run_of_entry[slot] = first_run[tile] + stroke_here
            _gather_pieces(
                begin[stroke_here, 1], begin[stroke_here + 1, 1], slot, line, pieces, _F(x), _F(y), low, room, centres,
                kept, visits, by_line,
            )  # fmt: skip
        low[:], high[:] = TILE_WIDTH, 0
        _sum_paper(inked, cells, by_paper[tile])


@njit(**_options)
def gather_slopes(
    first_stroke, last_stroke, by_line, by_ink, run_of_entry, place, entry, counts, offsets, starts, segment_of_stroke,
    scale, by_points, by_width, by_reflectance, by_transmittance,
):  # fmt: skip
    """Slopes of a range of strokes: control points [P, 2], widths [N], inks [N, 3], summed over their entries."""
    total = np.empty(7)
    for k in range(first_stroke, last_stroke):
        total[:] = 0.0
        for j in range(segment_of_stroke[k], segment_of_stroke[k + 1]):
            c, n = starts[j], counts[j]
            for step in range(n):
                i = offsets[j] + step
                x0 = y0 = x1 = y1 = 0.0
                for m in range(place[i], place[i + 1]):
                    e = entry[m]
                    x0, y0 = x0 + by_line[e, 0], y0 + by_line[e, 1]
                    x1, y1 = x1 + by_line[e, 2], y1 + by_line[e, 3]
                    if run_of_entry[e] >= 0:
                        for q in range(7):
                            total[q] += by_ink[run_of_entry[e], q]
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
