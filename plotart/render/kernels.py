"""Ink on pixels, compiled by Numba: coverage of a pixel by a piece, strokes laid in order, and the way back.

The model and its letters are those of `plotart.render.reference`, which says what they mean. Values here are in px of
the oversampled image. All of it lies in one file because Numba's cache on disk watches only a function's own file.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from plotart.render.bands import BEGINS, ENDS, row_range, row_span, span_of_piece
from plotart.render.reference import HALF_DIAGONAL, SHORTEST, SHORTEST_INNER, THIN, WIDE

# Numba takes a literal for float64 and then computes in float64: these keep the inner functions in float32.
ZERO, HALF, ONE, TWO, THREE, SIX = (np.float32(value) for value in (0, 0.5, 1, 2, 3, 6))
TINY, SMALLEST, CUT = np.float32(1e-6), np.float32(1e-12), np.float32(math.pi / 4)
THIN32, WIDE32 = np.float32(THIN), np.float32(WIDE)


@njit(cache=True, error_model="numpy", inline="always")
def half_plane(t, a, b):  # type: ignore[no-untyped-def]
    """F(t): the area of the unit square on the inner side of an edge."""
    rest = HALF * (a + b) - abs(t)
    if rest >= b:  # abs(t) <= (a - b) / 2
        return HALF + t / a
    if rest <= ZERO:
        return ONE if t > ZERO else ZERO
    corner = rest * rest / (TWO * a * b)
    return ONE - corner if t > ZERO else corner


@njit(cache=True, error_model="numpy", inline="always")
def half_plane_slopes(t, a, b):  # type: ignore[no-untyped-def]
    """dF/dt, dF/da, dF/db."""
    rest = HALF * (a + b) - abs(t)
    if rest >= b:
        return ONE / a, -t / (a * a), ZERO
    if rest <= ZERO:
        return ZERO, ZERO, ZERO
    share = rest / (a * b)
    by_a, by_b = HALF * share * (ONE - rest / a), HALF * share * (ONE - rest / b)
    if t > ZERO:
        return share, -by_a, -by_b
    return share, by_a, by_b


@njit(cache=True, error_model="numpy", inline="always")
def kernel(x, y):  # type: ignore[no-untyped-def]
    """a, b of an edge along the unit vector (x, y), and their derivatives by its angle."""
    size_x, size_y = abs(x), abs(y)
    sign = ONE if x * y >= ZERO else -ONE
    if size_x >= size_y:
        a, b, da, db = size_x, size_y, -sign * size_y, sign * size_x
    else:
        a, b, da, db = size_y, size_x, sign * size_x, -sign * size_y
    if b < TINY:
        b, db = TINY, ZERO
    return a, b, da, db


@njit(cache=True, error_model="numpy", inline="always")
def blend_of(h):  # type: ignore[no-untyped-def]
    """Share of the round end, and its derivative by the half-width."""
    s = (h - THIN32) / (WIDE32 - THIN32)
    if s <= ZERO:
        return ZERO, ZERO
    if s >= ONE:
        return ONE, ZERO
    return s * s * (THREE - TWO * s), SIX * s * (ONE - s) / (WIDE32 - THIN32)


@njit(cache=True, error_model="numpy", parallel=True)
def frames_of(line, ends):  # type: ignore[no-untyped-def]
    """[n, 7] float32 of each piece: axis ux, uy; 1 / length (0 when it is frozen); a, b of its edge, their slopes."""
    frames = np.empty((len(line), 7), np.float32)
    for i in prange(len(line)):
        ex, ey = line[i, 2] - line[i, 0], line[i, 3] - line[i, 1]
        length = math.sqrt(ex * ex + ey * ey)
        ux, uy, inverse = ONE, ZERO, ZERO
        if length > TINY:
            ux, uy = ex / length, ey / length
        if length >= (SHORTEST if ends[i] else SHORTEST_INNER):
            inverse = ONE / length
        a, b, da, db = kernel(ux, uy)
        frames[i, 0], frames[i, 1], frames[i, 2] = ux, uy, inverse
        frames[i, 3], frames[i, 4], frames[i, 5], frames[i, 6] = a, b, da, db
    return frames


@njit(cache=True, error_model="numpy", inline="always")
def place(x, y, x0, y0, x1, y1, frame):  # type: ignore[no-untyped-def]
    """The pixel in the piece's frame: how far across the axis, before the start and beyond the end."""
    ux, uy = frame[0], frame[1]
    before = -(ux * (x - x0) + uy * (y - y0))
    beyond = ux * (x - x1) + uy * (y - y1)
    across = ux * (y - y0) - uy * (x - x0)
    return across, before, beyond


@njit(cache=True, error_model="numpy", inline="always")
def coverage(x, y, x0, y0, x1, y1, frame, h, ends, blend):  # type: ignore[no-untyped-def]
    """The covered share of the pixel centred at (x, y)."""
    across, before, beyond = place(x, y, x0, y0, x1, y1, frame)
    a, b = frame[3], frame[4]
    outside = before > ZERO or beyond > ZERO
    at_end = (before > ZERO and ends & BEGINS) or (beyond > ZERO and ends & ENDS)
    distance = ONE
    vx = vy = ONE
    if outside:
        if beyond > before:
            vx, vy = x - x1, y - y1
        else:
            vx, vy = x - x0, y - y0
        distance = math.sqrt(max(vx * vx + vy * vy, SMALLEST))
    ra, rb = a, b
    if outside and distance >= SHORTEST:
        ra, rb, _, _ = kernel(vx / distance, vy / distance)
    value = ZERO
    if blend < ONE:
        if outside and not at_end:
            thin = half_plane(h - distance, ra, rb) + half_plane(h + distance, ra, rb) - ONE
        else:
            thin = half_plane(h - across, a, b) + half_plane(h + across, a, b) - ONE
        cut, between = CUT * h, ONE
        if ends & BEGINS:
            between = half_plane(cut - before, a, b)
        if ends & ENDS:
            between += half_plane(cut - beyond, a, b) - ONE
        value = (ONE - blend) * thin * between
    if blend > ZERO:
        d = distance if outside else across
        value += blend * (half_plane(h - d, ra, rb) + half_plane(h + d, ra, rb) - ONE)
    return value


@njit(cache=True, error_model="numpy", inline="always")
def coverage_slopes(x, y, x0, y0, x1, y1, frame, h, ends, blend, blend_slope):  # type: ignore[no-untyped-def]
    """Derivatives of `coverage` by x0, y0, x1, y1 and h."""
    across, before, beyond = place(x, y, x0, y0, x1, y1, frame)
    ux, uy, inverse, a, b, da, db = frame[0], frame[1], frame[2], frame[3], frame[4], frame[5], frame[6]
    outside = before > ZERO or beyond > ZERO
    at_end = (before > ZERO and ends & BEGINS) or (beyond > ZERO and ends & ENDS)
    distance = ONE
    vx = vy = ONE
    at_second = beyond > before
    if outside:
        if at_second:
            vx, vy = x - x1, y - y1
        else:
            vx, vy = x - x0, y - y0
        distance = math.sqrt(max(vx * vx + vy * vy, SMALLEST))
    moving = outside and distance > TINY  # at the corner itself the distance has no slope
    ra, rb, rda, rdb = a, b, da, db
    round_edge = outside and distance >= SHORTEST
    if round_edge:
        ra, rb, rda, rdb = kernel(vx / distance, vy / distance)
    by_h = by_across = by_distance = by_angle = by_before = by_beyond = by_radial_angle = ZERO

    if blend < ONE:
        joint = outside and not at_end
        d, sa, sb, sda, sdb = (distance, ra, rb, rda, rdb) if joint else (across, a, b, da, db)
        near, far = h - d, h + d
        strip = half_plane(near, sa, sb) + half_plane(far, sa, sb) - ONE
        near_t, near_a, near_b = half_plane_slopes(near, sa, sb)
        far_t, far_a, far_b = half_plane_slopes(far, sa, sb)
        cut = CUT * h
        cut0 = cut1 = ONE
        cut0_t = cut0_angle = cut1_t = cut1_angle = ZERO
        if ends & BEGINS:
            cut0 = half_plane(cut - before, a, b)
            cut0_t, fa, fb = half_plane_slopes(cut - before, a, b)
            cut0_angle = fa * da + fb * db
        if ends & ENDS:
            cut1 = half_plane(cut - beyond, a, b)
            cut1_t, fa, fb = half_plane_slopes(cut - beyond, a, b)
            cut1_angle = fa * da + fb * db
        both, w = cut0 + cut1 - ONE, ONE - blend
        by_d = w * both * (far_t - near_t)
        turning = w * both * ((near_a + far_a) * sda + (near_b + far_b) * sdb)
        if joint:
            by_distance += by_d
        else:
            by_across += by_d
        if joint and round_edge:
            by_radial_angle += turning
        else:
            by_angle += turning
        by_angle += w * strip * (cut0_angle + cut1_angle)
        by_before -= w * strip * cut0_t
        by_beyond -= w * strip * cut1_t
        by_h += w * (both * (near_t + far_t) + strip * CUT * (cut0_t + cut1_t))
        by_h -= blend_slope * strip * both
    if blend > ZERO:
        d = distance if outside else across
        near, far = h - d, h + d
        near_t, near_a, near_b = half_plane_slopes(near, ra, rb)
        far_t, far_a, far_b = half_plane_slopes(far, ra, rb)
        turning = blend * ((near_a + far_a) * rda + (near_b + far_b) * rdb)
        if outside:
            by_distance += blend * (far_t - near_t)
        else:
            by_across += blend * (far_t - near_t)
        if round_edge:
            by_radial_angle += turning
        else:
            by_angle += turning
        by_h += blend * (near_t + far_t)
        by_h += blend_slope * (half_plane(near, ra, rb) + half_plane(far, ra, rb) - ONE)

    # across, before and beyond as functions of the ends: the axis turns by n . (d1 - d0) / length.
    nx, ny = -uy, ux
    gx0 = gy0 = gx1 = gy1 = ZERO
    if inverse > ZERO:
        t = -before * inverse
        by_angle += across * (by_beyond - by_before)
        turn = by_angle * inverse
        gx0 += -nx * by_across * (ONE - t) - nx * turn
        gy0 += -ny * by_across * (ONE - t) - ny * turn
        gx1 += -nx * by_across * t + nx * turn
        gy1 += -ny * by_across * t + ny * turn
    else:
        gx0 -= HALF * nx * by_across
        gy0 -= HALF * ny * by_across
        gx1 -= HALF * nx * by_across
        gy1 -= HALF * ny * by_across
    gx0 += ux * by_before
    gy0 += uy * by_before
    gx1 -= ux * by_beyond
    gy1 -= uy * by_beyond
    if moving:
        # The distance shrinks as its corner nears; the radial angle turns by -perp . d / distance.
        dx, dy = vx / distance, vy / distance
        gx = -dx * by_distance + dy * by_radial_angle / distance
        gy = -dy * by_distance - dx * by_radial_angle / distance
        if at_second:
            gx1 += gx
            gy1 += gy
        else:
            gx0 += gx
            gy0 += gy
    return gx0, gy0, gx1, gy1, by_h


@njit(cache=True, error_model="numpy", parallel=True)
def lay_ink(  # type: ignore[no-untyped-def]
    line, frames, stroke, ends, margin, half, reflectance, transmittance, background, starts, pieces, room, keep,
    width, height, band, oversample,
):  # fmt: skip
    """The image [height / s, width / s, 3] float32, and, if kept, the fragments for the way back.

    A fragment is a pixel of the band (int32: row << 16 | column), the entry of the nearest piece (int32; less than 0,
    -1 - entry, where the pixel is wholly covered) and what lay below [3].
    """
    bands = len(starts) - 1
    s = oversample
    image = np.zeros((height // s, width // s, 3), np.float32)
    size = room[-1] if keep else 0
    pixel = np.empty(size, np.int32)
    source = np.empty(size, np.int32)
    lower = np.empty((size, 3), np.float32)
    used = np.zeros(bands, np.int64)
    for b in prange(bands):
        top = b * band
        rows = min(band, height - top)
        canvas = np.empty((rows, width, 3), np.float32)
        for c in range(3):
            canvas[:, :, c] = background[c]
        best = np.full((rows, width), np.float32(np.inf), np.float32)
        nearest = np.full((rows, width), np.int32(-1), np.int32)
        touched = np.empty(rows * width + 1, np.int32)
        slot, end_slot, write = starts[b], starts[b + 1], room[b]
        while slot < end_slot:
            k = stroke[pieces[slot]]
            h = half[k]
            reach = h + np.float32(HALF_DIAGONAL)
            n = 0
            while slot < end_slot and stroke[pieces[slot]] == k:
                i = pieces[slot]
                x0, y0, x1, y1 = line[i, 0], line[i, 1], line[i, 2], line[i, 3]
                ex, ey = x1 - x0, y1 - y0
                inverse = np.float32(1.0) / max(ex * ex + ey * ey, np.float32(1e-12))
                row, end_row = row_range(y0, y1, reach, top, rows)
                span = span_of_piece(x0, y0, x1, y1, reach, margin[i, 0], margin[i, 1])
                for r in range(row, end_row):
                    dy = np.float32(top + r + 0.5) - y0
                    first, last = row_span(dy, x0, span, width)
                    for column in range(first, last):
                        dx = np.float32(column + 0.5) - x0
                        t = (dx * ex + dy * ey) * inverse
                        t = min(max(t, np.float32(0.0)), np.float32(1.0))
                        qx, qy = dx - t * ex, dy - t * ey
                        d = qx * qx + qy * qy
                        # Without branches: which way they would go is anybody's guess.
                        before, known = best[r, column], nearest[r, column]
                        touched[n] = (r << 16) | column
                        n += np.int64(known < 0)
                        best[r, column] = min(d, before)
                        nearest[r, column] = slot if d < before else known
                slot += 1
            blend, _ = blend_of(h)
            # A broad nib covers the pixels near its path wholly, and does not touch those out of reach.
            full = (h - np.float32(HALF_DIAGONAL)) ** 2 if blend == 1.0 else np.float32(-1.0)
            for m in range(n):
                p = touched[m]
                r, column = p >> 16, p & 0xFFFF
                e, d = nearest[r, column], best[r, column]
                best[r, column] = np.float32(np.inf)
                nearest[r, column] = -1
                c, flagged = np.float32(1.0), -1 - e
                if d > full:
                    i = pieces[e]
                    x, y = np.float32(column + 0.5), np.float32(top + r + 0.5)
                    x0, y0, x1, y1 = line[i, 0], line[i, 1], line[i, 2], line[i, 3]
                    c, flagged = np.float32(coverage(x, y, x0, y0, x1, y1, frames[i], h, ends[i], blend)), e
                    if c <= 0.0:
                        continue
                if keep:
                    pixel[write] = p
                    source[write] = flagged
                    for q in range(3):
                        lower[write, q] = canvas[r, column, q]
                    write += 1
                for q in range(3):
                    below = canvas[r, column, q]
                    canvas[r, column, q] = below * (1 - c) + c * (reflectance[k, q] + transmittance[k, q] * below)
        used[b] = write
        share = np.float32(1.0 / (s * s))
        for r in range(rows):
            line_of_image = image[(top + r) // s]
            for column in range(width // s):
                for step in range(s):
                    for q in range(3):
                        line_of_image[column, q] += share * canvas[r, column * s + step, q]
    return image, pixel, source, lower, used


@njit(cache=True, error_model="numpy", parallel=True)
def lift_ink(  # type: ignore[no-untyped-def]
    upstream, line, frames, stroke, ends, half, reflectance, transmittance, starts, pieces, room,
    pixel, source, lower, used, width, height, band, oversample,
):  # fmt: skip
    """The way back through `lay_ink`: per entry the slopes of x0, y0, x1, y1, h [entries, 5] and ink [entries, 6].

    Fragments are taken last to first; the paper's slope comes per band [bands, 3].
    """
    bands = len(starts) - 1
    s = oversample
    geometry = np.zeros((len(pieces), 5), np.float32)
    ink = np.zeros((len(pieces), 6), np.float32)
    paper = np.zeros((bands, 3), np.float64)
    share = np.float32(1.0 / (s * s))
    for b in prange(bands):
        top = b * band
        rows = min(band, height - top)
        slope = np.empty((rows, width, 3), np.float32)
        for r in range(rows):
            line_of_image = upstream[(top + r) // s]
            for column in range(width // s):
                for step in range(s):
                    for q in range(3):
                        slope[r, column * s + step, q] = share * line_of_image[column, q]
        for f in range(used[b] - 1, room[b] - 1, -1):
            r, column, e = pixel[f] >> 16, pixel[f] & 0xFFFF, source[f]
            if e < 0:
                e = -1 - e
                k = stroke[pieces[e]]
                for q in range(3):
                    g = slope[r, column, q]
                    ink[e, q] += g
                    ink[e, q + 3] += g * lower[f, q]
                    slope[r, column, q] = g * transmittance[k, q]
                continue
            i = pieces[e]
            k = stroke[i]
            h = half[k]
            blend, blend_slope = blend_of(h)
            x, y = np.float32(column + 0.5), np.float32(top + r + 0.5)
            x0, y0, x1, y1 = line[i, 0], line[i, 1], line[i, 2], line[i, 3]
            c = np.float32(coverage(x, y, x0, y0, x1, y1, frames[i], h, ends[i], blend))
            by_c = np.float32(0.0)
            for q in range(3):
                g, below = slope[r, column, q], lower[f, q]
                by_c += g * (reflectance[k, q] + (transmittance[k, q] - 1) * below)
                ink[e, q] += g * c
                ink[e, q + 3] += g * c * below
                slope[r, column, q] = g * (1 - c + c * transmittance[k, q])
            gx0, gy0, gx1, gy1, gh = coverage_slopes(x, y, x0, y0, x1, y1, frames[i], h, ends[i], blend, blend_slope)
            geometry[e, 0] += by_c * gx0
            geometry[e, 1] += by_c * gy0
            geometry[e, 2] += by_c * gx1
            geometry[e, 3] += by_c * gy1
            geometry[e, 4] += by_c * gh
        for q in range(3):
            total = 0.0
            for r in range(rows):
                for column in range(width):
                    total += slope[r, column, q]
            paper[b, q] = total
    return geometry, ink, paper
