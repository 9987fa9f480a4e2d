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


@njit(cache=True, error_model="numpy", inline="always")
def half_plane(t, a, b):  # type: ignore[no-untyped-def]
    """F(t): the area of the unit square on the inner side of an edge."""
    rest = 0.5 * (a + b) - abs(t)
    if rest >= b:  # abs(t) <= (a - b) / 2
        return 0.5 + t / a
    if rest <= 0.0:
        return 1.0 if t > 0.0 else 0.0
    corner = rest * rest / (2.0 * a * b)
    return 1.0 - corner if t > 0.0 else corner


@njit(cache=True, error_model="numpy", inline="always")
def half_plane_slopes(t, a, b):  # type: ignore[no-untyped-def]
    """dF/dt, dF/da, dF/db."""
    rest = 0.5 * (a + b) - abs(t)
    if rest >= b:
        return 1.0 / a, -t / (a * a), 0.0
    if rest <= 0.0:
        return 0.0, 0.0, 0.0
    share = rest / (a * b)
    by_a, by_b = 0.5 * share * (1.0 - rest / a), 0.5 * share * (1.0 - rest / b)
    if t > 0.0:
        return share, -by_a, -by_b
    return share, by_a, by_b


@njit(cache=True, error_model="numpy", inline="always")
def kernel(x, y):  # type: ignore[no-untyped-def]
    """a, b of an edge along the unit vector (x, y), and their derivatives by its angle."""
    size_x, size_y = abs(x), abs(y)
    sign = 1.0 if x * y >= 0.0 else -1.0
    if size_x >= size_y:
        a, b, da, db = size_x, size_y, -sign * size_y, sign * size_x
    else:
        a, b, da, db = size_y, size_x, sign * size_x, -sign * size_y
    if b < 1e-6:
        b, db = 1e-6, 0.0
    return a, b, da, db


@njit(cache=True, error_model="numpy", inline="always")
def blend_of(h):  # type: ignore[no-untyped-def]
    """Share of the round end, and its derivative by the half-width."""
    s = (h - THIN) / (WIDE - THIN)
    if s <= 0.0:
        return 0.0, 0.0
    if s >= 1.0:
        return 1.0, 0.0
    return s * s * (3.0 - 2.0 * s), 6.0 * s * (1.0 - s) / (WIDE - THIN)


@njit(cache=True, error_model="numpy", inline="always")
def frame(x, y, x0, y0, x1, y1, ends):  # type: ignore[no-untyped-def]
    """The pixel in the piece's frame: axis (ux, uy), across, before, beyond, 1 / length (0 when frozen)."""
    ex, ey = x1 - x0, y1 - y0
    length = math.sqrt(max(ex * ex + ey * ey, 1e-12))
    if length < (SHORTEST if ends else SHORTEST_INNER):
        ux, uy, inverse = 1.0, 0.0, 0.0
        across = y - 0.5 * (y0 + y1)
    else:
        inverse = 1.0 / length
        ux, uy = ex * inverse, ey * inverse
        across = ux * (y - y0) - uy * (x - x0)
    before = -(ux * (x - x0) + uy * (y - y0))
    beyond = ux * (x - x1) + uy * (y - y1)
    return ux, uy, across, before, beyond, inverse


@njit(cache=True, error_model="numpy", inline="always")
def coverage(x, y, x0, y0, x1, y1, h, ends):  # type: ignore[no-untyped-def]
    """The covered share of the pixel centred at (x, y)."""
    ux, uy, across, before, beyond, _ = frame(x, y, x0, y0, x1, y1, ends)
    a, b, _, _ = kernel(ux, uy)
    outside = before > 0.0 or beyond > 0.0
    at_end = (before > 0.0 and ends & BEGINS) or (beyond > 0.0 and ends & ENDS)
    blend, _ = blend_of(h)
    distance = 1.0
    vx = vy = 1.0
    if outside:
        if beyond > before:
            vx, vy = x - x1, y - y1
        else:
            vx, vy = x - x0, y - y0
        distance = math.sqrt(max(vx * vx + vy * vy, 1e-12))
    ra, rb = a, b
    if outside and distance >= SHORTEST:
        ra, rb, _, _ = kernel(vx / distance, vy / distance)
    value = 0.0
    if blend < 1.0:
        if outside and not at_end:
            thin = half_plane(h - distance, ra, rb) + half_plane(h + distance, ra, rb) - 1.0
        else:
            thin = half_plane(h - across, a, b) + half_plane(h + across, a, b) - 1.0
        cut = 0.25 * math.pi * h
        if ends & BEGINS:
            thin *= half_plane(cut - before, a, b)
        if ends & ENDS:
            thin *= half_plane(cut - beyond, a, b)
        value = (1.0 - blend) * thin
    if blend > 0.0:
        d = distance if outside else across
        value += blend * (half_plane(h - d, ra, rb) + half_plane(h + d, ra, rb) - 1.0)
    return value


@njit(cache=True, error_model="numpy", inline="always")
def coverage_slopes(x, y, x0, y0, x1, y1, h, ends):  # type: ignore[no-untyped-def]
    """Derivatives of `coverage` by x0, y0, x1, y1 and h."""
    ux, uy, across, before, beyond, inverse = frame(x, y, x0, y0, x1, y1, ends)
    a, b, da, db = kernel(ux, uy)
    outside = before > 0.0 or beyond > 0.0
    at_end = (before > 0.0 and ends & BEGINS) or (beyond > 0.0 and ends & ENDS)
    blend, blend_slope = blend_of(h)
    distance = 1.0
    vx = vy = 1.0
    at_second = beyond > before
    if outside:
        if at_second:
            vx, vy = x - x1, y - y1
        else:
            vx, vy = x - x0, y - y0
        distance = math.sqrt(max(vx * vx + vy * vy, 1e-12))
    moving = outside and distance > 1e-6  # at the corner itself the distance has no slope
    ra, rb, rda, rdb = a, b, da, db
    round_edge = outside and distance >= SHORTEST
    if round_edge:
        ra, rb, rda, rdb = kernel(vx / distance, vy / distance)
    by_h = by_across = by_distance = by_angle = by_before = by_beyond = by_radial_angle = 0.0

    if blend < 1.0:
        joint = outside and not at_end
        d, sa, sb, sda, sdb = (distance, ra, rb, rda, rdb) if joint else (across, a, b, da, db)
        near, far = h - d, h + d
        strip = half_plane(near, sa, sb) + half_plane(far, sa, sb) - 1.0
        near_t, near_a, near_b = half_plane_slopes(near, sa, sb)
        far_t, far_a, far_b = half_plane_slopes(far, sa, sb)
        cut = 0.25 * math.pi * h
        cut0 = cut1 = 1.0
        cut0_t = cut0_angle = cut1_t = cut1_angle = 0.0
        if ends & BEGINS:
            cut0 = half_plane(cut - before, a, b)
            cut0_t, fa, fb = half_plane_slopes(cut - before, a, b)
            cut0_angle = fa * da + fb * db
        if ends & ENDS:
            cut1 = half_plane(cut - beyond, a, b)
            cut1_t, fa, fb = half_plane_slopes(cut - beyond, a, b)
            cut1_angle = fa * da + fb * db
        both, w = cut0 * cut1, 1.0 - blend
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
        by_angle += w * strip * (cut0_angle * cut1 + cut0 * cut1_angle)
        by_before -= w * strip * cut1 * cut0_t
        by_beyond -= w * strip * cut0 * cut1_t
        by_h += w * (both * (near_t + far_t) + strip * 0.25 * math.pi * (cut0_t * cut1 + cut0 * cut1_t))
        by_h -= blend_slope * strip * both
    if blend > 0.0:
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
        by_h += blend_slope * (half_plane(near, ra, rb) + half_plane(far, ra, rb) - 1.0)

    # across, before and beyond as functions of the ends: the axis turns by n . (d1 - d0) / length.
    nx, ny = -uy, ux
    gx0 = gy0 = gx1 = gy1 = 0.0
    if inverse > 0.0:
        t = -before * inverse
        by_angle += across * (by_beyond - by_before)
        turn = by_angle * inverse
        gx0 += -nx * by_across * (1.0 - t) - nx * turn
        gy0 += -ny * by_across * (1.0 - t) - ny * turn
        gx1 += -nx * by_across * t + nx * turn
        gy1 += -ny * by_across * t + ny * turn
    else:
        gy0 -= 0.5 * by_across
        gy1 -= 0.5 * by_across
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
    line, stroke, ends, margin, half, reflectance, transmittance, background, starts, pieces, room, keep,
    width, height, band, oversample,
):  # fmt: skip
    """The image [height / s, width / s, 3] float32, and, if kept, the fragments for the way back.

    A fragment is a pixel of the band (int32), the entry of the nearest piece (int32), and what lay below [3].
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
        canvas = np.empty((rows * width, 3), np.float32)
        for c in range(3):
            canvas[:, c] = background[c]
        best = np.full(rows * width, np.float32(np.inf), np.float32)
        nearest = np.empty(rows * width, np.int32)
        touched = np.empty(rows * width, np.int32)
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
                    y = np.float32(top + r + 0.5)
                    first, last = row_span(y - y0, x0, span, width)
                    for column in range(first, last):
                        x = np.float32(column + 0.5)
                        t = ((x - x0) * ex + (y - y0) * ey) * inverse
                        if t <= 0:
                            fx, fy = x0, y0
                        elif t >= 1:
                            fx, fy = x1, y1
                        else:
                            fx, fy = x0 + t * ex, y0 + t * ey
                        d = (x - fx) * (x - fx) + (y - fy) * (y - fy)
                        p = r * width + column
                        if d < best[p]:
                            if best[p] == np.inf:
                                touched[n] = p
                                n += 1
                            best[p] = d
                            nearest[p] = slot
                slot += 1
            for m in range(n):
                p = touched[m]
                best[p] = np.inf
                e = nearest[p]
                i = pieces[e]
                x, y = np.float32(p % width + 0.5), np.float32(top + p // width + 0.5)
                c = np.float32(coverage(x, y, line[i, 0], line[i, 1], line[i, 2], line[i, 3], h, ends[i]))
                if c <= 0:
                    continue
                if keep:
                    pixel[write] = p
                    source[write] = e
                    for q in range(3):
                        lower[write, q] = canvas[p, q]
                    write += 1
                for q in range(3):
                    below = canvas[p, q]
                    canvas[p, q] = below * (1 - c) + c * (reflectance[k, q] + transmittance[k, q] * below)
        used[b] = write
        share = np.float32(1.0 / (s * s))
        for r in range(rows):
            line_of_image = image[(top + r) // s]
            p = r * width
            for column in range(width // s):
                for _ in range(s):
                    for q in range(3):
                        line_of_image[column, q] += share * canvas[p, q]
                    p += 1
    return image, pixel, source, lower, used


@njit(cache=True, error_model="numpy", parallel=True)
def lift_ink(  # type: ignore[no-untyped-def]
    upstream, line, stroke, ends, half, reflectance, transmittance, starts, pieces, room,
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
        slope = np.empty((rows * width, 3), np.float32)
        for r in range(rows):
            line_of_image = upstream[(top + r) // s]
            p = r * width
            for column in range(width // s):
                for _ in range(s):
                    for q in range(3):
                        slope[p, q] = share * line_of_image[column, q]
                    p += 1
        for f in range(used[b] - 1, room[b] - 1, -1):
            p, e = pixel[f], source[f]
            i = pieces[e]
            k = stroke[i]
            h = half[k]
            x, y = np.float32(p % width + 0.5), np.float32(top + p // width + 0.5)
            x0, y0, x1, y1 = line[i, 0], line[i, 1], line[i, 2], line[i, 3]
            c = np.float32(coverage(x, y, x0, y0, x1, y1, h, ends[i]))
            by_c = np.float32(0.0)
            for q in range(3):
                g, below = slope[p, q], lower[f, q]
                by_c += g * (reflectance[k, q] + (transmittance[k, q] - 1) * below)
                ink[e, q] += g * c
                ink[e, q + 3] += g * c * below
                slope[p, q] = g * (1 - c + c * transmittance[k, q])
            gx0, gy0, gx1, gy1, gh = coverage_slopes(x, y, x0, y0, x1, y1, h, ends[i])
            geometry[e, 0] += by_c * gx0
            geometry[e, 1] += by_c * gy0
            geometry[e, 2] += by_c * gx1
            geometry[e, 3] += by_c * gy1
            geometry[e, 4] += by_c * gh
        for q in range(3):
            total = 0.0
            for p in range(rows * width):
                total += slope[p, q]
            paper[b, q] = total
    return geometry, ink, paper
