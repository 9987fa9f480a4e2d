"""The CUDA renderer's kernels, compiled by Triton: cubics to pieces, pieces to tiles, and both passes over the tiles.

The model is that of `plotart.render.reference`; all lengths are in blocks (see `plotart.render.cells`). How the kernels
work together, and what they cost, is described in `plotart.render.cuda`. Each tile is one program. Its cells are the
lanes of the program's vectors, pixel after pixel, with each pixel's cells padded to a power of two.

Multiplications and additions are fused where the code says so (`tl.fma`) and nowhere else, as the launches request.
So the backward pass divides by exactly what the forward pass has multiplied by.
"""

# Constants that kernels are compiled for are in upper case, as is customary with Triton.
# ruff: noqa: N803, N806

from __future__ import annotations

import math

import triton  # type: ignore[import-not-found, import-untyped]
import triton.language as tl  # type: ignore[import-not-found, import-untyped]

from plotart.render.cells import CELL_WIDTH
from plotart.render.flatten import FEWEST_PIECES, MOST_PIECES
from plotart.render.reference import AT_END, BEHIND, BLUNT, BLUNT_REACH, CLOSED, FLAT, NARROWEST

#: Columns of a stroke's record: half-width, factor on the ink, reflectance, transmittance; first point and direction
#: outwards there, last point and direction outwards.
STROKE_COLUMNS = tl.constexpr(16)

#: Columns of an entry's record: the piece's nearest point to the tile's centre, relative to the centre; the vector from
#: the piece's start to its end; the inverse of its squared length; and the point's parameter in 0..1 along the piece.
ENTRY_COLUMNS = tl.constexpr(8)

#: Columns of an entry's gradients: the piece's ends x0, y0, x1, y1; then, with a stroke's last entry in a tile, the
#: stroke's reflectance, transmittance and half-width there.
GRADIENT_COLUMNS = tl.constexpr(12)

#: Columns of a cubic's gradients: its four control points, then as above.
CUBIC_COLUMNS = tl.constexpr(16)

#: A stroke that lets through less than this is opaque.
OPAQUE = tl.constexpr(1e-15)

#: Products of transmittances are scaled up by a power of two when they get small, and the scalings are counted. Until
#: the count is back at zero, the product counts as zero: it is a billionth at most.
SMALL, RAISE, LARGE, LOWER = (tl.constexpr(2.0**k) for k in (-60, 60, 30, -60))

#: Squared distance under which a cell lies on the axis, and its root.
ON_AXIS = tl.constexpr(1e-10)
ASIDE = tl.constexpr(1e-5)

_FAR = tl.constexpr(3e38)
_PI = tl.constexpr(math.pi)
_WIDTH = tl.constexpr(CELL_WIDTH)
_AT_END, _BEHIND = tl.constexpr(AT_END), tl.constexpr(BEHIND)
_BLUNT, _BLUNT_REACH = tl.constexpr(BLUNT), tl.constexpr(BLUNT_REACH)
_FLAT, _NARROWEST, _CLOSED = tl.constexpr(FLAT), tl.constexpr(NARROWEST), tl.constexpr(CLOSED)
_FEWEST, _MOST = tl.constexpr(FEWEST_PIECES), tl.constexpr(MOST_PIECES)

#: Marks what is launched. A kernel is not compiled again for numbers that differ from scene to scene.
_kernel = triton.jit(do_not_specialize=["cubics", "pieces", "capacity", "steps", "across", "down", "height", "width"])


@triton.jit
def _clamp(value, low, high):  # type: ignore[no-untyped-def]
    """NaN becomes `low`."""
    return tl.where(value > low, tl.minimum(value, high), low)


@triton.jit
def _weights(step, n):  # type: ignore[no-untyped-def]
    """Weights of a cubic's control points in its joint at a step of n. Twin: `flatten.joint_weights`."""
    t, r = step / n, 0.5 / (n * n)
    q = 1 - t
    w1, w2 = 3 * q * q * t + r * (2 * q - t), 3 * q * t * t + r * (2 * t - q)
    return q * q * q - r * q, w1, w2, t * t * t - r * t


@triton.jit
def _find(starts, wanted, length, steps):  # type: ignore[no-untyped-def]
    """Binary search: the last of the first `length` ascending `starts` that is at most the wanted value."""
    low = wanted * 0
    high = low + length
    for _ in range(steps):
        middle = (low + high) // 2
        before = tl.load(starts + middle) <= wanted
        low = tl.where(before, middle, low)
        high = tl.where(before, high, middle)
    return low


@triton.jit
def _controls(points, first, scale, here):  # type: ignore[no-untyped-def]
    """x and y of a cubic's four control points in blocks."""
    at = points + 2 * first
    x0, y0 = tl.load(at, mask=here, other=0.0) * scale, tl.load(at + 1, mask=here, other=0.0) * scale
    x1, y1 = tl.load(at + 2, mask=here, other=0.0) * scale, tl.load(at + 3, mask=here, other=0.0) * scale
    x2, y2 = tl.load(at + 4, mask=here, other=0.0) * scale, tl.load(at + 5, mask=here, other=0.0) * scale
    x3, y3 = tl.load(at + 6, mask=here, other=0.0) * scale, tl.load(at + 7, mask=here, other=0.0) * scale
    return x0, y0, x1, y1, x2, y2, x3, y3


@triton.jit
def _length(x, y):  # type: ignore[no-untyped-def]
    return tl.sqrt(x * x + y * y)


@_kernel
def measure_cubics(points, first_control, extra, length, cubics, scale, TOLERANCE: tl.constexpr, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]
    """Per cubic [S]: the pieces that it needs beyond the first, and its length. Twins: `flatten.piece_counts`,
    `cells.polyline_length`."""
    j = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    here = j < cubics
    x0, y0, x1, y1, x2, y2, x3, y3 = _controls(points, tl.load(first_control + j, mask=here, other=0), scale, here)
    sides = _length(x1 - x0, y1 - y0) + _length(x2 - x1, y2 - y1) + _length(x3 - x2, y3 - y2)
    tl.store(length + j, 0.5 * (sides + _length(x3 - x0, y3 - y0)), mask=here)
    # In double precision, as in the twin: where a bound is a whole number, rounding would decide.
    x0, y0, x1, y1 = x0.to(tl.float64), y0.to(tl.float64), x1.to(tl.float64), y1.to(tl.float64)
    x2, y2, x3, y3 = x2.to(tl.float64), y2.to(tl.float64), x3.to(tl.float64), y3.to(tl.float64)
    sides = _length(x1 - x0, y1 - y0) + _length(x2 - x1, y2 - y1) + _length(x3 - x2, y3 - y2)
    first, second = _length(x0 - 2 * x1 + x2, y0 - 2 * y1 + y2), _length(x1 - 2 * x2 + x3, y1 - 2 * y2 + y3)
    wanted = tl.ceil(tl.sqrt(0.75 * tl.maximum(first, second) / TOLERANCE))
    wanted = _clamp(wanted, _clamp(tl.ceil(sides), 1.0, _FEWEST), _MOST)
    tl.store(extra + j, (wanted - 1).to(tl.int32), mask=here)


@_kernel
def prepare_strokes(  # type: ignore[no-untyped-def]
    first_cubic, wanted, length, stroke_width, reflectance, transmittance, offset, record, cubics, capacity, scale,
    softness, reach, BLOCK: tl.constexpr,
):  # fmt: skip
    """Per stroke, its record [N, 16] but for its ends; per cubic, its first piece: offset [S + 1]. reach is that of a
    cell. Twin of the ink: `cells.end_ink`.

    If all cubics together need more pieces than the capacity, each gets its share of it.
    """
    k = tl.program_id(0)
    first, last = tl.load(first_cubic + k), tl.load(first_cubic + k + 1)
    total_wanted = tl.load(wanted + cubics - 1)
    spare = total_wanted * 0 + capacity - cubics
    total = tl.zeros([BLOCK], tl.float32)
    if k == 0:
        tl.store(offset, 0)
    for start in range(first, last, BLOCK):
        j = start + tl.arange(0, BLOCK)
        here = j < last
        total += tl.load(length + j, mask=here, other=0.0)
        extras = tl.load(wanted + j, mask=here, other=0)
        extras = tl.where(total_wanted > spare, extras * spare // tl.maximum(total_wanted, 1), extras)
        tl.store(offset + j + 1, j + 1 + extras.to(tl.int32), mask=here)
    half = tl.load(stroke_width + k) * (0.5 * scale)
    w = reach + softness
    thin = 0.5 * w + half * half / (6 * w) - 0.5 * half
    excess = tl.where(half < w, thin, w * w / (6 * tl.maximum(half, w)))
    blend = _clamp(2 - half / w, 0.0, 1.0)
    true = 2 * tl.sum(total, axis=0) + _PI * half
    at = record + k * STROKE_COLUMNS
    # No error can be raised here: a stroke of invalid width is thin, and its ink is NaN, which shows.
    sound = (half >= 0) & (half - half == 0)
    thin = (softness == 0) & (half < _WIDTH)
    ink = tl.where(thin, 1.0, true / (true + 2 * _PI * excess * blend))
    tl.store(at, tl.where(sound, half, 0.0))
    tl.store(at + 1, tl.where(sound, ink, float("nan")))
    for channel in tl.static_range(3):
        tl.store(at + 2 + channel, tl.load(reflectance + 3 * k + channel))
        tl.store(at + 5 + channel, tl.load(transmittance + 3 * k + channel))


@triton.jit
def _reach_of(x0, y0, x1, y1, half, margin):  # type: ignore[no-untyped-def]
    """How far from a piece tiles may hold its ink, rounding included; margin: softness and radius of a cell."""
    size = tl.maximum(tl.maximum(tl.abs(x0), tl.abs(y0)), tl.maximum(tl.abs(x1), tl.abs(y1)))
    return half + margin + 1e-3 + 1e-6 * tl.minimum(size, 1e7)


@triton.jit
def _rows(y0, y1, reach, down, TILE_HEIGHT: tl.constexpr):  # type: ignore[no-untyped-def]
    """First row of tiles that a piece reaches, and their number. NaN is in the first, so that it shows."""
    top, bottom = (tl.minimum(y0, y1) - reach) / TILE_HEIGHT, (tl.maximum(y0, y1) + reach) / TILE_HEIGHT
    first = tl.floor(_clamp(top, 0.0, down - 1.0)).to(tl.int32)
    last = tl.floor(_clamp(bottom, 0.0, down - 1.0)).to(tl.int32)
    return first, tl.where((bottom < 0) | (top >= down), 0, last - first + 1)


@triton.jit
def _columns(x0, y0, x1, y1, reach, row, across, TILE_WIDTH: tl.constexpr, TILE_HEIGHT: tl.constexpr):  # type: ignore[no-untyped-def]
    """First column of tiles that a piece reaches in a row of tiles, and their number. Only the part of the piece within
    reach of the row counts."""
    low = row * TILE_HEIGHT - reach
    high = low + TILE_HEIGHT + 2 * reach
    ex, ey = x1 - x0, y1 - y0
    level = tl.abs(ey) < 1e-6
    inverse = 1 / tl.where(level, 1.0, ey)
    enter, leave = tl.where(level, 0.0, (low - y0) * inverse), tl.where(level, 1.0, (high - y0) * inverse)
    enter, leave = x0 + _clamp(enter, 0.0, 1.0) * ex, x0 + _clamp(leave, 0.0, 1.0) * ex
    left, right = (tl.minimum(enter, leave) - reach) / TILE_WIDTH, (tl.maximum(enter, leave) + reach) / TILE_WIDTH
    first = tl.floor(_clamp(left, 0.0, across - 1.0)).to(tl.int32)
    last = tl.floor(_clamp(right, 0.0, across - 1.0)).to(tl.int32)
    return first, tl.where((right < 0) | (left >= across), 0, last - first + 1)


@triton.jit
def _store_end(at, x, y, way_x, way_y, right, here):  # type: ignore[no-untyped-def]
    """A stroke's end and the direction outwards; a stroke without length lies level."""
    length = _length(way_x, way_y)
    some = length > 1e-20
    inverse = 1 / tl.where(some, length, 1.0)
    tl.store(at, x, mask=here)
    tl.store(at + 1, y, mask=here)
    tl.store(at + 2, tl.where(some, way_x * inverse, right), mask=here)
    tl.store(at + 3, tl.where(some, way_y * inverse, 0.0), mask=here)


@_kernel
def cut_pieces(  # type: ignore[no-untyped-def]
    points, first_control, stroke_of_cubic, first_cubic, offset, record, line, stroke, reached, place, cubics, steps,
    capacity, scale, margin, across, down, TILE_WIDTH: tl.constexpr, TILE_HEIGHT: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Per piece: line [n, 4] (x0, y0, x1, y1), stroke [n] and the number of tiles that it reaches [n]; the ends of the
    strokes in their records."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    here = i < tl.load(offset + cubics)
    j = _find(offset, i, cubics, steps)
    begin = tl.load(offset + j)
    step, n = i - begin, tl.load(offset + j + 1) - begin
    first = tl.load(first_control + j)
    px0, py0, px1, py1, px2, py2, px3, py3 = _controls(points, first, scale, here)
    w0, w1, w2, w3 = _weights(step, n)
    x0, y0 = w0 * px0 + w1 * px1 + w2 * px2 + w3 * px3, w0 * py0 + w1 * py1 + w2 * py2 + w3 * py3
    w0, w1, w2, w3 = _weights(step + 1, n)
    x1, y1 = w0 * px0 + w1 * px1 + w2 * px2 + w3 * px3, w0 * py0 + w1 * py1 + w2 * py2 + w3 * py3
    # The ends of a cubic are its control points, to the last bit: neighbouring pieces must meet.
    x0, y0 = tl.where(step == 0, px0, x0), tl.where(step == 0, py0, y0)
    x1, y1 = tl.where(step + 1 == n, px3, x1), tl.where(step + 1 == n, py3, y1)
    k = tl.load(stroke_of_cubic + j)
    tl.store(line + 4 * i, x0, mask=here)
    tl.store(line + 4 * i + 1, y0, mask=here)
    tl.store(line + 4 * i + 2, x1, mask=here)
    tl.store(line + 4 * i + 3, y1, mask=here)
    tl.store(stroke + i, k, mask=here)

    at = record + k * STROKE_COLUMNS
    _store_end(at + 8, x0, y0, x0 - x1, y0 - y1, -1.0, here & (i == tl.load(offset + tl.load(first_cubic + k))))
    last = here & (i == tl.load(offset + tl.load(first_cubic + k + 1)) - 1)
    _store_end(at + 12, x1, y1, x1 - x0, y1 - y0, 1.0, last)
    reach = _reach_of(x0, y0, x1, y1, tl.load(at), margin)
    row, rows = _rows(y0, y1, reach, down, TILE_HEIGHT)
    rows = tl.where(here, rows, 0)
    number = rows * 0
    for step_down in range(tl.max(rows, axis=0)):
        _, columns = _columns(x0, y0, x1, y1, reach, row + step_down, across, TILE_WIDTH, TILE_HEIGHT)
        number += tl.where(step_down < rows, columns, 0)
    tl.store(reached + i, number, mask=i < capacity)
    if tl.program_id(0) == 0:
        tl.store(place, 0)


@_kernel
def deal_entries(  # type: ignore[no-untyped-def]
    place, wanted, line, stroke, record, need, key, piece, pieces, cubics, steps, capacity, margin, across, down,
    TILE_WIDTH: tl.constexpr, TILE_HEIGHT: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Per entry, piece by piece: its tile, as `key` [E], and its piece [E]. Unused entries get a tile past the last.

    need [2]: the most pieces and entries that were ever needed, this time included.
    """
    k = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    total = tl.load(place + pieces)
    if tl.program_id(0) == 0:
        tl.store(need, tl.maximum(tl.load(need), tl.load(wanted + cubics - 1) + cubics))
        tl.store(need + 1, tl.maximum(tl.load(need + 1), total))
    here = k < total
    tile = tl.full([BLOCK], 0, tl.int32) + across * down
    i = k * 0
    if tl.program_id(0).to(tl.int64) * BLOCK < total:
        i = _find(place, k, pieces, steps)
        x0, y0 = tl.load(line + 4 * i, mask=here, other=0.0), tl.load(line + 4 * i + 1, mask=here, other=0.0)
        x1, y1 = tl.load(line + 4 * i + 2, mask=here, other=0.0), tl.load(line + 4 * i + 3, mask=here, other=0.0)
        half = tl.load(record + tl.load(stroke + i, mask=here, other=0) * STROKE_COLUMNS)
        reach = _reach_of(x0, y0, x1, y1, half, margin)
        row, rows = _rows(y0, y1, reach, down, TILE_HEIGHT)
        left = (k - tl.load(place + i)).to(tl.int32)
        rows = tl.where(here, rows, 0)
        # The same walk over rows as when the tiles were counted, until the remainder is a column.
        for step_down in range(tl.max(rows, axis=0)):
            column, columns = _columns(x0, y0, x1, y1, reach, row + step_down, across, TILE_WIDTH, TILE_HEIGHT)
            columns = tl.where(step_down < rows, columns, 0)
            found = (left >= 0) & (left < columns)
            tile = tl.where(found, (row + step_down) * across + column + left, tile)
            left -= columns
    tl.store(key + k, tile, mask=k < capacity)
    tl.store(piece + k, i.to(tl.int32), mask=k < capacity)


@_kernel
def collect_entries(  # type: ignore[no-untyped-def]
    key, order, piece, line, stroke, entry, stroke_of_entry, home, capacity, across, down,
    TILE_WIDTH: tl.constexpr, TILE_HEIGHT: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Per entry, tile by tile: its record [E, 8], its stroke [E], and home [E], its index before the sort.

    A cell's offset from a piece is measured from a point near the tile: coordinates may be large, offsets never are.
    """
    e = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tile = tl.load(key + e, mask=e < capacity, other=across * down)
    here = tile < across * down
    before = tl.load(order + e, mask=here, other=0)
    i = tl.load(piece + before, mask=here, other=0)
    x, y = (tile % across + 0.5) * TILE_WIDTH, (tile // across + 0.5) * TILE_HEIGHT
    x0, y0 = tl.load(line + 4 * i, mask=here, other=0.0), tl.load(line + 4 * i + 1, mask=here, other=0.0)
    x1, y1 = tl.load(line + 4 * i + 2, mask=here, other=0.0), tl.load(line + 4 * i + 3, mask=here, other=0.0)
    ex, ey = x1 - x0, y1 - y0
    x0, y0, x1, y1 = x0 - x, y0 - y, x1 - x, y1 - y
    inverse = 1 / tl.maximum(ex * ex + ey * ey, 1e-12)
    share = _clamp(-(x0 * ex + y0 * ey) * inverse, 0.0, 1.0)
    # From the nearer end, so that at the ends it is the end.
    at = entry + e.to(tl.int64) * ENTRY_COLUMNS
    tl.store(at, tl.where(share < 0.5, x0 + share * ex, x1 - (1 - share) * ex), mask=here)
    tl.store(at + 1, tl.where(share < 0.5, y0 + share * ey, y1 - (1 - share) * ey), mask=here)
    tl.store(at + 2, ex, mask=here)
    tl.store(at + 3, ey, mask=here)
    tl.store(at + 4, inverse, mask=here)
    tl.store(at + 5, share, mask=here)
    tl.store(stroke_of_entry + e, tl.load(stroke + i, mask=here, other=0), mask=here)
    tl.store(home + e, before.to(tl.int32), mask=here)


@triton.jit
def _cells(COLUMNS: tl.constexpr, ROWS: tl.constexpr, ACROSS: tl.constexpr, DOWN: tl.constexpr, LANES: tl.constexpr):  # type: ignore[no-untyped-def]
    """Per lane: column and row of the pixel in the tile, x and y of the cell's centre relative to the tile's, whether
    the lane has a cell."""
    lane = tl.arange(0, LANES)
    pixel, cell = lane // (ACROSS * DOWN), lane % (ACROSS * DOWN)
    column, row = pixel % COLUMNS, pixel // COLUMNS
    x = (column - COLUMNS / 2) * (ACROSS * _WIDTH) + (cell % ACROSS + 0.5) * _WIDTH
    y = (row - ROWS / 2) * (ACROSS * _WIDTH) + (cell // ACROSS + 0.5) * (_WIDTH * ACROSS / DOWN)
    return column, row, x, y, pixel < COLUMNS * ROWS


@triton.jit
def _load_entry(entry, e):  # type: ignore[no-untyped-def]
    at = entry + e.to(tl.int64) * ENTRY_COLUMNS
    return tl.load(at), tl.load(at + 1), tl.load(at + 2), tl.load(at + 3), tl.load(at + 4), tl.load(at + 5)


@triton.jit
def _parameter(x, y, ex, ey, inverse, share):  # type: ignore[no-untyped-def]
    """The parameter along the piece of its nearest point to x, y; both are relative to the entry's own point."""
    return _clamp(tl.fma(x, ex * inverse, y * (ey * inverse)), -share, 1 - share)


@triton.jit
def _visit(x, y, e, ax, ay, ex, ey, inverse, share, near, offset_x, offset_y, owner):  # type: ignore[no-untyped-def]
    """Where a piece is nearer to the cells than those before: its squared distance, offset and entry."""
    dx, dy = x - ax, y - ay
    t = _parameter(dx, dy, ex, ey, inverse, share)
    qx, qy = tl.fma(-t, ex, dx), tl.fma(-t, ey, dy)
    squared = tl.fma(qx, qx, qy * qy)
    # On the axis itself the edges run along it.
    aside = tl.sqrt(inverse) * ASIDE
    on_axis = squared < ON_AXIS
    qx, qy = tl.where(on_axis, -ey * aside, qx), tl.where(on_axis, ex * aside, qy)
    nearer = squared < near
    near = tl.where(nearer, squared, near)
    offset_x, offset_y = tl.where(nearer, qx, offset_x), tl.where(nearer, qy, offset_y)
    return near, offset_x, offset_y, tl.where(nearer, e, owner)


@triton.jit
def _load_stroke(record, k):  # type: ignore[no-untyped-def]
    at = record + k * STROKE_COLUMNS
    half, ink, r0, r1, r2 = tl.load(at), tl.load(at + 1), tl.load(at + 2), tl.load(at + 3), tl.load(at + 4)
    return half, ink, r0, r1, r2, tl.load(at + 5), tl.load(at + 6), tl.load(at + 7)


@triton.jit
def _nearest(x, y, stroke_of_entry, entry, e, end, k, ax, ay, ex, ey, inverse, share):  # type: ignore[no-untyped-def]
    """Of the stroke k, whose entries begin at e: squared distance and offset of its nearest point, and that point's
    entry. Then the next stroke's first entry, its stroke and its record.

    The next entry is loaded during the work on the current one, since waiting for memory takes longer than the work.
    """
    nothing = tl.zeros_like(x)
    near, offset_x, offset_y, owner = nothing + _FAR, nothing, nothing, nothing.to(tl.int32)
    next_k = k
    while (e < end) & (next_k == k):
        ahead = tl.minimum(e + 1, end - 1)
        next_k = tl.load(stroke_of_entry + ahead)
        bx, by, fx, fy, next_inverse, next_share = _load_entry(entry, ahead)
        near, offset_x, offset_y, owner = _visit(
            x, y, e, ax, ay, ex, ey, inverse, share, near, offset_x, offset_y, owner
        )
        ax, ay, ex, ey, inverse, share = bx, by, fx, fy, next_inverse, next_share
        e += 1
    return near, offset_x, offset_y, owner, e, next_k, ax, ay, ex, ey, inverse, share


@triton.jit
def _shadow(nx, ny, tall):  # type: ignore[no-untyped-def]
    """The sides of the trapezoid that the shadow of a cell, `tall` blocks high, along (nx, ny) is: longer, shorter."""
    across, down = tl.abs(nx) * _WIDTH, tl.abs(ny) * tall
    return tl.maximum(tl.maximum(across, down), _NARROWEST), tl.maximum(tl.minimum(across, down), _FLAT)


@triton.jit
def _edge(near, offset_x, offset_y, blur, tall):  # type: ignore[no-untyped-def]
    """Distance to the axis, its direction, and the trapezoid of the cell's shadow: half its base, the shorter side, and
    the inverse of the product of both sides."""
    squared = tl.maximum(near, ON_AXIS)
    inverse = tl.rsqrt(squared)
    nx, ny = offset_x * inverse, offset_y * inverse
    a, b = _shadow(nx, ny, tall)
    a += blur
    return squared * inverse, nx, ny, 0.5 * (a + b), b, 1 / (a * b)


@triton.jit
def _outside(distance, support, b, share):  # type: ignore[no-untyped-def]
    """Share of the cell beyond an edge at this distance >= 0 from its centre."""
    rest = tl.maximum(support - distance, 0.0)
    return tl.where(rest < b, 0.5 * rest * rest * share, 0.5 - distance * b * share)


@triton.jit
def _coverage(distance, half, support, b, share):  # type: ignore[no-untyped-def]
    near = _outside(tl.abs(half - distance), support, b, share)
    return tl.where(half > distance, 1 - near, near) - _outside(half + distance, support, b, share)


@triton.jit
def _load_ends(record, k, tile, across, TILE_WIDTH: tl.constexpr, TILE_HEIGHT: tl.constexpr):  # type: ignore[no-untyped-def]
    """A stroke's ends, relative to the tile's centre, and their directions."""
    at = record + k * STROKE_COLUMNS + 8
    x, y = (tile % across + 0.5) * TILE_WIDTH, (tile // across + 0.5) * TILE_HEIGHT
    x0, y0, x1, y1 = tl.load(at) - x, tl.load(at + 1) - y, tl.load(at + 4) - x, tl.load(at + 5) - y
    return x0, y0, tl.load(at + 2), tl.load(at + 3), x1, y1, tl.load(at + 6), tl.load(at + 7)


@triton.jit
def _end(x, y, offset_x, offset_y, half, tall, end_x, end_y, ux, uy):  # type: ignore[no-untyped-def]
    """Of cells and a square end: whether their nearest point is the end, how far they lie across the stroke, their
    share inside the end, and its derivative."""
    dx, dy = x - end_x, y - end_y
    px, py = offset_x - dx, offset_y - dy
    squared = px * px + py * py
    past = half * _BLUNT
    close = (squared < (past + _BLUNT_REACH) * (past + _BLUNT_REACH)) & (px * ux + py * uy > -_BEHIND)
    a, b = _shadow(ux, uy, tall)
    inside = past - dx * ux - dy * uy
    outer = _outside(tl.abs(inside), 0.5 * (a + b), b, 1 / (a * b))
    seen = tl.where(inside > 0, 1 - outer, outer)
    slope = _clamp(0.5 * (a + b) - tl.abs(inside), 0.0, b) / (a * b)
    return squared < _AT_END, dy * ux - dx * uy, tl.where(close, seen, 1.0), tl.where(close, slope, 0.0)


@triton.jit
def _ends(x, y, near, offset_x, offset_y, half, blur, tall, x0, y0, ux, uy, x1, y1, vx, vy):  # type: ignore[no-untyped-def]
    """Where a thin stroke ends square: squared distance and offset, of which only what lies across the stroke counts
    where the nearest point is an end; the share of cells inside both ends, and its derivatives by the ends."""
    at0, wide0, part0, slope0 = _end(x, y, offset_x, offset_y, half, tall, x0, y0, ux, uy)
    at1, wide1, part1, slope1 = _end(x, y, offset_x, offset_y, half, tall, x1, y1, vx, vy)
    thin = (blur == 0) & (half < _WIDTH)
    part = tl.where(thin, tl.maximum(part0 + part1 - 1, 0.0), 1.0)
    slope0, slope1 = tl.where(thin & (part > 0), slope0, 0.0), tl.where(thin & (part > 0), slope1, 0.0)
    offset_x = tl.where(thin & at0, -wide0 * uy, tl.where(thin & at1, -wide1 * vy, offset_x))
    offset_y = tl.where(thin & at0, wide0 * ux, tl.where(thin & at1, wide1 * vx, offset_y))
    near = tl.where(thin & (at0 | at1), offset_x * offset_x + offset_y * offset_y, near)
    # On the axis itself the edges run along it.
    on_axis = near < ON_AXIS
    offset_x = tl.where(on_axis & thin & at0, -uy * ASIDE, tl.where(on_axis & thin & at1, -vy * ASIDE, offset_x))
    offset_y = tl.where(on_axis & thin & at0, ux * ASIDE, tl.where(on_axis & thin & at1, vx * ASIDE, offset_y))
    return near, offset_x, offset_y, part, slope0, slope1


@triton.jit
def _full_ink(below, r, t, TWO_FLUX: tl.constexpr):  # type: ignore[no-untyped-def]
    """Full ink over what lies below; and its derivatives by `below`, r and t."""
    if TWO_FLUX:
        leaves = 1 - r * below
        passed = t / tl.maximum(leaves, _CLOSED)
        seen = passed * below
        # Where it is clamped, what leaves does not depend on what lies below.
        by_below = tl.where(leaves < _CLOSED, t * passed, passed * passed)
        return tl.fma(t, seen, r), by_below, tl.where(leaves < _CLOSED, 1.0, 1 + seen * seen), 2 * seen
    else:
        return tl.fma(below, t, r), t, 1.0, below


@triton.jit
def _composite(below, c, r, t, through, hidden, TWO_FLUX: tl.constexpr, GRADIENTS: tl.constexpr):  # type: ignore[no-untyped-def]
    """Ink on one channel. With gradients, also `through`, the product of what all strokes so far let through, without
    the opaque ones; those, and the times that the product was scaled up, are counted in `hidden`."""
    laid, passed, _, _ = _full_ink(below, r, t, TWO_FLUX)
    if GRADIENTS:
        factor = tl.fma(c, passed, 1 - c)
        opaque = tl.abs(factor) < OPAQUE
        through = through * tl.where(opaque, 1.0, factor)
        small = tl.abs(through) < SMALL
        through = tl.where(small, through * RAISE, through)
        hidden += (opaque | small).to(tl.int32)
    return tl.fma(below, 1 - c, c * laid), through, hidden


@_kernel
def forward_tiles(  # type: ignore[no-untyped-def]
    first_entry, entry, stroke_of_entry, record, paper, image, saved_through, saved_hidden, height, width, across, blur,
    COLUMNS: tl.constexpr, ROWS: tl.constexpr, ACROSS: tl.constexpr, DOWN: tl.constexpr, LANES: tl.constexpr,
    PIXELS: tl.constexpr, TWO_FLUX: tl.constexpr, GRADIENTS: tl.constexpr,
):  # fmt: skip
    """A tile's pixels of image [H, W, 3]; with gradients, also what the backward pass starts from [T, 3, lanes]."""
    tile = tl.program_id(0)
    TALL: tl.constexpr = _WIDTH * ACROSS / DOWN
    PX: tl.constexpr = _WIDTH * ACROSS
    _, _, x, y, exists = _cells(COLUMNS, ROWS, ACROSS, DOWN, LANES)
    nothing = tl.zeros([LANES], tl.float32)
    none = tl.zeros([LANES], tl.int32)
    red, green, blue = nothing + tl.load(paper), nothing + tl.load(paper + 1), nothing + tl.load(paper + 2)
    through_r, through_g, through_b = nothing + 1, nothing + 1, nothing + 1
    hidden_r, hidden_g, hidden_b = none, none, none

    begin, end = tl.load(first_entry + tile), tl.load(first_entry + tile + 1)
    e = begin
    k = tl.load(stroke_of_entry + e, mask=e < end, other=0)
    ax, ay, ex, ey, inverse, at_share = _load_entry(entry, tl.minimum(e, tl.maximum(end - 1, 0)))
    while e < end:
        half, ink, r0, r1, r2, t0, t1, t2 = _load_stroke(record, k)
        x0, y0, ux, uy, x1, y1, vx, vy = _load_ends(record, k, tile, across, COLUMNS * PX, ROWS * PX)
        near, offset_x, offset_y, _owner, e, k, ax, ay, ex, ey, inverse, at_share = _nearest(
            x, y, stroke_of_entry, entry, e, end, k, ax, ay, ex, ey, inverse, at_share
        )
        near, offset_x, offset_y, part, _slope0, _slope1 = _ends(
            x, y, near, offset_x, offset_y, half, blur, TALL, x0, y0, ux, uy, x1, y1, vx, vy
        )
        distance, _nx, _ny, support, b, share = _edge(near, offset_x, offset_y, blur, TALL)
        c = ink * part * _coverage(distance, half, support, b, share)
        red, through_r, hidden_r = _composite(red, c, r0, t0, through_r, hidden_r, TWO_FLUX, GRADIENTS)
        green, through_g, hidden_g = _composite(green, c, r1, t1, through_g, hidden_g, TWO_FLUX, GRADIENTS)
        blue, through_b, hidden_b = _composite(blue, c, r2, t2, through_b, hidden_b, TWO_FLUX, GRADIENTS)

    if GRADIENTS and begin < end:
        saved = tile.to(tl.int64) * (3 * LANES) + tl.arange(0, LANES)
        tl.store(saved_through + saved, through_r)
        tl.store(saved_through + saved + LANES, through_g)
        tl.store(saved_through + saved + 2 * LANES, through_b)
        tl.store(saved_hidden + saved, hidden_r)
        tl.store(saved_hidden + saved + LANES, hidden_g)
        tl.store(saved_hidden + saved + 2 * LANES, hidden_b)

    pixel = tl.arange(0, PIXELS)
    row = tile // across * ROWS + pixel // COLUMNS
    column = tile % across * COLUMNS + pixel % COLUMNS
    inside = (row < height) & (column < width) & (pixel < COLUMNS * ROWS)
    at = image + (row.to(tl.int64) * width + column) * 3
    tl.store(at, _mean(red, exists, ACROSS * DOWN, LANES, PIXELS), mask=inside)
    tl.store(at + 1, _mean(green, exists, ACROSS * DOWN, LANES, PIXELS), mask=inside)
    tl.store(at + 2, _mean(blue, exists, ACROSS * DOWN, LANES, PIXELS), mask=inside)


@triton.jit
def _mean(cells, exists, OF_PIXEL: tl.constexpr, LANES: tl.constexpr, PIXELS: tl.constexpr):  # type: ignore[no-untyped-def]
    """Pixels as the means of their cells."""
    pixel = tl.arange(0, LANES) // OF_PIXEL
    mine = (pixel[None, :] == tl.arange(0, PIXELS)[:, None]) & exists[None, :]
    return tl.sum(tl.where(mine, cells[None, :], 0.0), axis=1) * (1 / OF_PIXEL)


@triton.jit
def _composite_backward(below, c, r, t, upstream, through, hidden, TWO_FLUX: tl.constexpr):  # type: ignore[no-untyped-def]
    """One channel's next stroke: the colour with it, what those above it let through; gradients of c, r and t."""
    laid, passed, by_r, by_t = _full_ink(below, r, t, TWO_FLUX)
    factor = tl.fma(c, passed, 1 - c)
    opaque = tl.abs(factor) < OPAQUE
    through = through / tl.where(opaque, 1.0, factor)
    large = (tl.abs(through) > LARGE) & (hidden > 0)
    through = tl.where(large, through * LOWER, through)
    hidden -= (opaque | large).to(tl.int32)
    gradient = tl.where(hidden > 0, 0.0, upstream * through)
    below, change = tl.fma(below, 1 - c, c * laid), laid - below
    return below, through, hidden, gradient * change, gradient * c * by_r, gradient * c * by_t


@_kernel
def backward_tiles(  # type: ignore[no-untyped-def]
    first_entry, entry, stroke_of_entry, home, record, paper, upstream, saved_through, saved_hidden, by_entry, by_paper,
    height, width, across, blur,
    COLUMNS: tl.constexpr, ROWS: tl.constexpr, ACROSS: tl.constexpr, DOWN: tl.constexpr, LANES: tl.constexpr,
    TWO_FLUX: tl.constexpr,
):  # fmt: skip
    """The backward pass through `forward_tiles`, from the first stroke to the last: gradients per entry [E, 12] and of
    the paper [T, 3]."""
    tile = tl.program_id(0)
    TALL: tl.constexpr = _WIDTH * ACROSS / DOWN
    PX: tl.constexpr = _WIDTH * ACROSS
    column, row, x, y, exists = _cells(COLUMNS, ROWS, ACROSS, DOWN, LANES)
    begin, end = tl.load(first_entry + tile), tl.load(first_entry + tile + 1)

    row, column = tile // across * ROWS + row, tile % across * COLUMNS + column
    inside = exists & (row < height) & (column < width)
    pixel = upstream + (row.to(tl.int64) * width + column) * 3
    of_pixel: tl.constexpr = 1 / (ACROSS * DOWN)
    up_r = tl.load(pixel, mask=inside, other=0.0) * of_pixel
    up_g = tl.load(pixel + 1, mask=inside, other=0.0) * of_pixel
    up_b = tl.load(pixel + 2, mask=inside, other=0.0) * of_pixel
    nothing = tl.zeros([LANES], tl.float32)
    none = tl.zeros([LANES], tl.int32)
    through_r, through_g, through_b = nothing + 1, nothing + 1, nothing + 1
    hidden_r, hidden_g, hidden_b = none, none, none
    if begin < end:
        saved = tile.to(tl.int64) * (3 * LANES) + tl.arange(0, LANES)
        through_r = tl.load(saved_through + saved)
        through_g = tl.load(saved_through + saved + LANES)
        through_b = tl.load(saved_through + saved + 2 * LANES)
        hidden_r = tl.load(saved_hidden + saved)
        hidden_g = tl.load(saved_hidden + saved + LANES)
        hidden_b = tl.load(saved_hidden + saved + 2 * LANES)
    tl.store(by_paper + 3 * tile, tl.sum(tl.where(hidden_r > 0, 0.0, up_r * through_r), axis=0))
    tl.store(by_paper + 3 * tile + 1, tl.sum(tl.where(hidden_g > 0, 0.0, up_g * through_g), axis=0))
    tl.store(by_paper + 3 * tile + 2, tl.sum(tl.where(hidden_b > 0, 0.0, up_b * through_b), axis=0))

    red, green, blue = nothing + tl.load(paper), nothing + tl.load(paper + 1), nothing + tl.load(paper + 2)
    e = begin
    k = tl.load(stroke_of_entry + e, mask=e < end, other=0)
    ax, ay, ex, ey, inverse, at_share = _load_entry(entry, tl.minimum(e, tl.maximum(end - 1, 0)))
    while e < end:
        half, ink, r0, r1, r2, t0, t1, t2 = _load_stroke(record, k)
        x0, y0, ux, uy, x1, y1, vx, vy = _load_ends(record, k, tile, across, COLUMNS * PX, ROWS * PX)
        first = e
        near, offset_x, offset_y, owner, e, k, ax, ay, ex, ey, inverse, at_share = _nearest(
            x, y, stroke_of_entry, entry, e, end, k, ax, ay, ex, ey, inverse, at_share
        )
        near, offset_x, offset_y, part, slope0, slope1 = _ends(
            x, y, near, offset_x, offset_y, half, blur, TALL, x0, y0, ux, uy, x1, y1, vx, vy
        )
        distance, nx, ny, support, b, share = _edge(near, offset_x, offset_y, blur, TALL)
        strip = ink * _coverage(distance, half, support, b, share)
        c = strip * part

        # A stroke's sums are stored with the last of its entries in the tile.
        to = by_entry + tl.load(home + e - 1).to(tl.int64) * GRADIENT_COLUMNS + 4
        red, through_r, hidden_r, by_c, by_r, by_t = _composite_backward(
            red, c, r0, t0, up_r, through_r, hidden_r, TWO_FLUX
        )
        tl.store(to, tl.sum(by_r, axis=0))
        tl.store(to + 3, tl.sum(by_t, axis=0))
        green, through_g, hidden_g, by_green, by_r, by_t = _composite_backward(
            green, c, r1, t1, up_g, through_g, hidden_g, TWO_FLUX
        )
        tl.store(to + 1, tl.sum(by_r, axis=0))
        tl.store(to + 4, tl.sum(by_t, axis=0))
        blue, through_b, hidden_b, by_blue, by_r, by_t = _composite_backward(
            blue, c, r2, t2, up_b, through_b, hidden_b, TWO_FLUX
        )
        tl.store(to + 2, tl.sum(by_r, axis=0))
        tl.store(to + 5, tl.sum(by_t, axis=0))

        # How much ink each of the stroke's edges brings as it moves over the cell.
        by_c += by_green + by_blue
        slope0, slope1 = by_c * strip * slope0, by_c * strip * slope1
        by_c *= ink * share * part
        near_edge = _clamp(support - tl.abs(half - distance), 0.0, b)
        far_edge = _clamp(support - (half + distance), 0.0, b)
        tl.store(to + 6, tl.sum(by_c * (near_edge + far_edge) + (slope0 + slope1) * _BLUNT, axis=0))
        along = tl.where(near < ON_AXIS, 0.0, by_c * (near_edge - far_edge))
        along_x, along_y = along * nx + slope0 * ux + slope1 * vx, along * ny + slope0 * uy + slope1 * vy
        while first < e:
            mx, my, gx, gy, over, own_share = _load_entry(entry, first)
            t = own_share + _parameter(x - mx, y - my, gx, gy, over, own_share)
            px, py = tl.where(owner == first, along_x, 0.0), tl.where(owner == first, along_y, 0.0)
            end_x, end_y = tl.sum(t * px, axis=0), tl.sum(t * py, axis=0)
            to = by_entry + tl.load(home + first).to(tl.int64) * GRADIENT_COLUMNS
            tl.store(to, tl.sum(px, axis=0) - end_x)
            tl.store(to + 1, tl.sum(py, axis=0) - end_y)
            tl.store(to + 2, end_x)
            tl.store(to + 3, end_y)
            first += 1


@_kernel
def gather_cubics(by_entry, piece, place, offset, by_cubic, capacity, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]
    """Per cubic: gradients [S, 16] of its control points in blocks and of the inks, summed over its entries."""
    j = tl.program_id(0)
    begin, end = tl.load(offset + j), tl.load(offset + j + 1)
    n = end - begin
    lane, column = tl.arange(0, BLOCK), tl.arange(0, CUBIC_COLUMNS)
    sums = tl.zeros([BLOCK, CUBIC_COLUMNS], tl.float32)
    last_entry = tl.minimum(tl.load(place + end), capacity)
    for start in range(tl.minimum(tl.load(place + begin), capacity), last_entry, BLOCK):
        e = start + lane
        here = e < last_entry
        step = tl.load(piece + e, mask=here, other=0) - begin
        at = by_entry + e.to(tl.int64) * GRADIENT_COLUMNS
        # Columns 0 to 7 are x and y of four control points; the others are copied.
        is_point, is_y = column < 8, column % 2
        source = tl.where(is_point, is_y, column - 4)
        known = here[:, None] & (column < 15)[None, :]
        start_gradient = tl.load(at[:, None] + source[None, :], mask=known, other=0.0)
        end_gradient = tl.load(at[:, None] + (is_y + 2)[None, :], mask=here[:, None] & is_point[None, :], other=0.0)
        start_weight = _weight_of(step, n, column // 2)
        end_weight = _weight_of(step + 1, n, column // 2)
        by_point = start_weight * start_gradient + end_weight * end_gradient
        sums += tl.where(is_point[None, :], by_point, start_gradient)
    tl.store(by_cubic + j.to(tl.int64) * CUBIC_COLUMNS + column, tl.sum(sums, axis=0))


@triton.jit
def _weight_of(step, n, control):  # type: ignore[no-untyped-def]
    """[len(step), len(control)] weights of control points in the joint at a step of n."""
    w0, w1, w2, w3 = _weights(step, n)
    w0 = tl.where(step == 0, 1.0, tl.where(step == n, 0.0, w0))
    w1 = tl.where((step == 0) | (step == n), 0.0, w1)
    w2 = tl.where((step == 0) | (step == n), 0.0, w2)
    w3 = tl.where(step == n, 1.0, tl.where(step == 0, 0.0, w3))
    inner = tl.where(control[None, :] == 1, w1[:, None], w2[:, None])
    outer = tl.where(control[None, :] == 0, w0[:, None], w3[:, None])
    return tl.where((control == 0)[None, :] | (control >= 3)[None, :], outer, inner)


@_kernel
def gather_strokes(  # type: ignore[no-untyped-def]
    by_cubic, first_cubic, first_control, by_points, by_width, by_reflectance, by_transmittance, scale,
    BLOCK: tl.constexpr,
):  # fmt: skip
    """Per stroke: gradients of its control points [P, 2] and width [N] in px, of its inks [N, 3]."""
    k = tl.program_id(0)
    first, last = tl.load(first_cubic + k), tl.load(first_cubic + k + 1)
    lane, column = tl.arange(0, BLOCK), tl.arange(0, CUBIC_COLUMNS)
    sums = tl.zeros([BLOCK, CUBIC_COLUMNS], tl.float32)
    for start in range(first, last, BLOCK):
        j = start + lane
        here = (j < last)[:, None]
        at = by_cubic + j.to(tl.int64)[:, None] * CUBIC_COLUMNS + column[None, :]
        own = tl.load(at, mask=here, other=0.0)
        sums += own
        # A cubic begins where the one before it ends.
        met = here & (j > first)[:, None] & (column < 2)[None, :]
        before = tl.load(at - CUBIC_COLUMNS + 6, mask=met, other=0.0)
        to = by_points + tl.load(first_control + j, mask=j < last, other=0).to(tl.int64)[:, None] * 2 + column[None, :]
        ends = (column < 6)[None, :] | ((j == last - 1)[:, None] & (column < 8)[None, :])
        tl.store(to, (own + before) * scale, mask=here & ends)
    total = tl.sum(sums, axis=0)
    tl.store(by_reflectance + 3 * k + column - 8, total, mask=(column >= 8) & (column < 11))
    tl.store(by_transmittance + 3 * k + column - 11, total, mask=(column >= 11) & (column < 14))
    tl.store(by_width + k + column - 14, total * (0.5 * scale), mask=column == 14)


#: Whether Triton's interpreter runs the kernels; it takes tensors on the CPU.
INTERPRETED = not isinstance(forward_tiles, triton.JITFunction)
