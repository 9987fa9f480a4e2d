"""Geometry of the CPU renderer, compiled by Numba: strokes into pieces, pieces into bands of rows, slopes back.

Bands are independent of each other. Every write of a band goes to its own memory and sums are taken in a fixed order,
so that the result does not depend on the number of threads. Nothing loops over strokes times pixels.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from plotart.render.reference import HALF_DIAGONAL

#: Flags of a piece: where it begins its stroke, where it ends it.
BEGINS, ENDS = 1, 2

#: Rows of the (not oversampled) image in a band.
BAND_ROWS = 16


@njit(cache=True, error_model="numpy", parallel=True)
def cut_pieces(points, scale, starts, counts, stroke_of_segment):  # type: ignore[no-untyped-def]
    """Pieces [n, 4] (x0, y0, x1, y1), their segment [n], parameters [n, 2], ends [n] and margins [n, 2]."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    offsets[1:] = np.cumsum(counts)
    total = offsets[-1]
    line = np.empty((total, 4), np.float32)
    segment = np.empty(total, np.int32)
    parameter = np.empty((total, 2), np.float32)
    ends = np.zeros(total, np.uint8)
    margin = np.empty((total, 2), np.float32)
    for j in prange(len(counts)):
        c, n, first = starts[j], counts[j], offsets[j]
        x, y = np.float32(points[c, 0] * scale), np.float32(points[c, 1] * scale)
        for k in range(n):
            t = (k + 1) / n
            if k == n - 1:
                nx, ny = np.float32(points[c + 3, 0] * scale), np.float32(points[c + 3, 1] * scale)
            else:
                b0, b1, b2, b3 = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t * t * t
                nx = b0 * points[c, 0] + b1 * points[c + 1, 0] + b2 * points[c + 2, 0] + b3 * points[c + 3, 0]
                ny = b0 * points[c, 1] + b1 * points[c + 1, 1] + b2 * points[c + 2, 1] + b3 * points[c + 3, 1]
                nx, ny = np.float32(nx * scale), np.float32(ny * scale)
            i = first + k
            line[i, 0], line[i, 1], line[i, 2], line[i, 3] = x, y, nx, ny
            segment[i] = j
            parameter[i, 0], parameter[i, 1] = k / n, t
            x, y = nx, ny
        if j == 0 or stroke_of_segment[j - 1] != stroke_of_segment[j]:
            ends[first] |= BEGINS
        if j == len(counts) - 1 or stroke_of_segment[j + 1] != stroke_of_segment[j]:
            ends[first + n - 1] |= ENDS
    for i in prange(total):
        margin[i, 0] = 1.0 if ends[i] & BEGINS else _wedge(line, i - 1, i)
        margin[i, 1] = 1.0 if ends[i] & ENDS else _wedge(line, i, i + 1)
    return line, segment, parameter, ends, margin


@njit(cache=True, error_model="numpy")
def _wedge(line, i, j):  # type: ignore[no-untyped-def]
    """How far past a joint, in reaches, pixels may be nearest to one of its two pieces: tan(half the turn)."""
    ax, ay = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
    bx, by = line[j, 2] - line[j, 0], line[j, 3] - line[j, 1]
    size = math.sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
    if size < 1e-6:
        return 1.0
    cosine = (ax * bx + ay * by) / size
    if cosine <= 0.0:
        return 1.0
    return min(math.sqrt(max(1.0 - cosine, 0.0) / (1.0 + cosine)) + 0.05, 1.0)


@njit(cache=True, error_model="numpy")
def bin_pieces(line, stroke, half, width, height, band):  # type: ignore[no-untyped-def]
    """Pieces of each band of `band` rows: starts [bands + 1], pieces [entries]; and where each piece's entries are.

    Within a band pieces stay in order. place [n + 1] gives each piece's slots in `entry`, the positions in `pieces`.
    """
    bands = (height + band - 1) // band
    total = len(line)
    first = np.empty(total, np.int32)
    count = np.empty(total, np.int32)
    starts = np.zeros(bands + 1, np.int64)
    for i in range(total):
        reach = half[stroke[i]] + HALF_DIAGONAL
        low, high = min(line[i, 1], line[i, 3]) - reach, max(line[i, 1], line[i, 3]) + reach
        left, right = min(line[i, 0], line[i, 2]) - reach, max(line[i, 0], line[i, 2]) + reach
        count[i] = 0
        if high <= 0 or low >= height or right <= 0 or left >= width:
            continue
        first[i] = int(max(low, 0.0)) // band
        count[i] = min(int(min(high, height - 1.0)) // band, bands - 1) - first[i] + 1
        for k in range(count[i]):
            starts[first[i] + k + 1] += 1
    starts = np.cumsum(starts)
    place = np.zeros(total + 1, np.int64)
    place[1:] = np.cumsum(count)
    pieces = np.empty(place[-1], np.int32)
    entry = np.empty(place[-1], np.int64)
    fill = starts[:-1].copy()
    for i in range(total):
        for k in range(count[i]):
            slot = fill[first[i] + k]
            pieces[slot] = i
            entry[place[i] + k] = slot
            fill[first[i] + k] += 1
    return starts, pieces, place, entry


@njit(cache=True, error_model="numpy", inline="always")
def span_of_piece(x0, y0, x1, y1, reach, margin0, margin1):  # type: ignore[no-untyped-def]
    """What `row_span` needs of a piece: two strips, each a slope and the offsets of its sides at the row of y0.

    Across: |distance to the line| <= reach.  Along: between the ends, and a margin past them.
    """
    low, high = min(x0, x1) - reach - np.float32(0.51), max(x0, x1) + reach - np.float32(0.49)
    big = np.float32(1e9)
    across, side, along, start, stop = np.float32(0), big, np.float32(0), -big, big
    ex, ey = x1 - x0, y1 - y0
    length = math.sqrt(ex * ex + ey * ey)
    if length > 1e-3:
        ux, uy = ex / length, ey / length
        if abs(uy) > 1e-4:
            across, side = ux / uy, reach / abs(uy)
        if abs(ux) > 1e-4:
            p, q = -max(margin0 * reach, 0.3) / ux, (length + max(margin1 * reach, 0.3)) / ux
            along, start, stop = -uy / ux, min(p, q), max(p, q)
    return low, high, across, side, along, start, stop


@njit(cache=True, error_model="numpy", inline="always")
def row_span(dy, x0, span, width):  # type: ignore[no-untyped-def]
    """First and past-the-last pixel, in the row at y0 + dy, that may be nearest to the piece and within its reach."""
    low, high, across, side, along, start, stop = span
    middle, shifted = x0 + across * dy, x0 + along * dy
    low = max(low, middle - side - np.float32(0.51), shifted + start - np.float32(0.51), np.float32(0.0))
    high = min(high, middle + side - np.float32(0.49), shifted + stop - np.float32(0.49), np.float32(width - 1))
    return int(math.ceil(low)), int(math.floor(high)) + 1


@njit(cache=True, error_model="numpy", inline="always")
def row_range(y0, y1, reach, top, rows):  # type: ignore[no-untyped-def]
    low, high = min(y0, y1) - reach - top, max(y0, y1) + reach - top
    return int(max(math.ceil(low - 0.51), 0.0)), int(min(math.floor(high - 0.49) + 1.0, float(rows)))


@njit(cache=True, error_model="numpy", parallel=True)
def count_fragments(line, stroke, margin, half, starts, pieces, width, height, band):  # type: ignore[no-untyped-def]
    """[bands + 1] offsets: room for every (pixel, stroke) pair of a band, an upper bound."""
    bands = len(starts) - 1
    room = np.zeros(bands + 1, np.int64)
    for b in prange(bands):
        top = b * band
        rows = min(band, height - top)
        n = 0
        for slot in range(starts[b], starts[b + 1]):
            i = pieces[slot]
            x0, y0, x1, y1 = line[i, 0], line[i, 1], line[i, 2], line[i, 3]
            reach = half[stroke[i]] + np.float32(HALF_DIAGONAL)
            row, end = row_range(y0, y1, reach, top, rows)
            span = span_of_piece(x0, y0, x1, y1, reach, margin[i, 0], margin[i, 1])
            for r in range(row, end):
                first, last = row_span(np.float32(top + r + 0.5) - y0, x0, span, width)
                n += max(last - first, 0)
        room[b + 1] = n
    return np.cumsum(room)


@njit(cache=True, error_model="numpy", parallel=True)
def gather_slopes(  # type: ignore[no-untyped-def]
    geometry, ink, place, entry, segment, parameter, starts, stroke_pieces, points, scale, strokes
):
    """Slopes of the control points [P, 2], half-widths [N] and inks [N, 6]: sums over each stroke's entries."""
    by_points = np.zeros((points, 2), np.float32)
    by_half = np.zeros(strokes, np.float32)
    by_ink = np.zeros((strokes, 6), np.float32)
    for k in prange(strokes):
        total_half = 0.0
        total_ink = np.zeros(6)
        for i in range(stroke_pieces[k], stroke_pieces[k + 1]):
            c = starts[segment[i]]
            for slot in range(place[i], place[i + 1]):
                e = entry[slot]
                total_half += geometry[e, 4]
                for q in range(6):
                    total_ink[q] += ink[e, q]
                for side in range(2):
                    t = parameter[i, side]
                    gx, gy = geometry[e, 2 * side] * scale, geometry[e, 2 * side + 1] * scale
                    b0, b1, b2, b3 = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t * t * t
                    by_points[c, 0] += b0 * gx
                    by_points[c, 1] += b0 * gy
                    by_points[c + 1, 0] += b1 * gx
                    by_points[c + 1, 1] += b1 * gy
                    by_points[c + 2, 0] += b2 * gx
                    by_points[c + 2, 1] += b2 * gy
                    by_points[c + 3, 0] += b3 * gx
                    by_points[c + 3, 1] += b3 * gy
        by_half[k] = total_half
        for q in range(6):
            by_ink[k, q] = total_ink[q]
    return by_points, by_half, by_ink
