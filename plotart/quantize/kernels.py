"""Nearest colours and dither, compiled by Numba: a run of pixels at a time, so that threads can share an image.

Pixels lie in one flat array: channel c of pixel i is at ``i * step + c * plane``, which serves [3, H, W] and [H, W, 3]
alike. Distances are squared, in the space that a `Space` leads to, in float32.

The search goes over a block of pixels that stays in a core's cache, four colours at a time, by loops without branches,
which the compiler turns into vector instructions. So do the roots: they are guessed from a float's bits and refined by
Householder's and Halley's methods, as no power is compiled to vectors. Multiplications and additions may be fused,
nothing else is reordered. All compiled functions lie in this file, as Numba's cache on disk watches only a function's
own file; numbers from elsewhere come as arguments.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Space(NamedTuple):
    """The way from sRGB to coordinates: linear light, a matrix, bent cube roots, another matrix.

    linear   whether sRGB is made linear; if not, first, low, slope and offset play no part
    rooted   whether cube roots are taken; if not, first, low, slope and offset play no part
    first    [3, 3]; below `low`, a root is  slope * value + offset;  second [3, 3]; shift is added to the first axis
    """

    linear: bool
    rooted: bool
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    low: np.float32
    slope: np.float32
    offset: np.float32
    shift: np.float32


class Colors(NamedTuple):
    """What is chosen from: coordinates [K, 3], what is added to the squared distance [K], the index to return [K]."""

    places: NDArray[np.float32]
    costs: NDArray[np.float32]
    labels: NDArray[np.int32]


#: Pixels that are worked on at once: a dozen arrays of them fit into a core's first cache.
BLOCK = 512
#: Levels of a channel in a cell of `CELLS` per channel, 512 colours to each cell: as many as a block has pixels.
LEVELS, CELLS = 8, 32
#: By how much a colour may be further away than another all over a block and is still looked at: far above rounding.
MARGIN = np.float32(1e-5)

#: Coordinates in integers, whose order is found faster: none is as far from 0 as 1000.
FINE = np.float32(1 << 20)

_F = np.float32
_I = np.int32
_U = np.uint64
ZERO, ONE, TWO, THREE, FAR = _F(0), _F(1), _F(2), _F(3), _F(np.inf)
THIRD, FIFTH, TWO_NINTHS = _F(1 / 3), _F(1 / 5), _F(2 / 9)
#: A float's bits times 1/n, plus a constant, are roughly those of its n-th root.
INVERSE_CUBE_BITS, FIFTH_BITS = _F(1_419_967_360), _F(851_949_756)
#: sRGB (IEC 61966-2-1), as in plotart.color.light: Numba compiles no torch.
KNEE, KNEE_LIGHT, SLOPE, INVERSE_SLOPE = _F(0.04045), _F(0.0031308), _F(12.92), _F(1 / 12.92)
OFFSET, STRETCH, INVERSE_STRETCH = _F(0.055), _F(1.055), _F(1 / 1.055)

_options: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract"},
    "forceinline": True,
}
_compiled = njit(**_options)


@_compiled
def _cube_root(x: Any) -> Any:
    """Of a positive float32."""
    y = _I(INVERSE_CUBE_BITS - _F(_F(x).view(_I)) * THIRD).view(_F)
    rest = ONE - x * y * y * y
    y = y * (ONE + rest * (THIRD + rest * TWO_NINTHS))
    rest = ONE - x * y * y * y
    y = y * (ONE + rest * (THIRD + rest * TWO_NINTHS))
    return x * y * y


@_compiled
def _fifth_root(x: Any) -> Any:
    """Of a positive float32."""
    y = _I(_F(_F(x).view(_I)) * FIFTH + FIFTH_BITS).view(_F)
    power = y * y * y * y * y
    y = y * (TWO * power + THREE * x) / (THREE * power + TWO * x)
    power = y * y * y * y * y
    return y * (TWO * power + THREE * x) / (THREE * power + TWO * x)


@_compiled
def _to_linear(value: Any) -> Any:
    base = (max(value, KNEE) + OFFSET) * INVERSE_STRETCH
    root = _fifth_root(base)
    return value * INVERSE_SLOPE if value <= KNEE else base * base * root * root


@_compiled
def _to_srgb(light: Any) -> Any:
    """The power 1/2.4 is the fifth power of the twelfth root."""
    root = np.sqrt(np.sqrt(_cube_root(max(light, KNEE_LIGHT))))
    return light * SLOPE if light <= KNEE_LIGHT else STRETCH * (root * root * root * root * root) - OFFSET


@_compiled
def _bent(value: Any, low: Any, slope: Any, offset: Any) -> Any:
    root = _cube_root(max(value, low))
    return root if value > low else value * slope + offset


@_compiled
def _coordinates(x: Any, y: Any, z: Any, count: Any, space: Any) -> None:
    """Values of a block, linear light (or sRGB, for a space of sRGB), to coordinates, in place."""
    a, b, c, d, e, f, g, h, i = space.first.flat
    low, slope, offset = space.low, space.slope, space.offset
    if space.rooted:
        for j in range(count):
            red, green, blue = x[j], y[j], z[j]
            x[j] = _bent(a * red + b * green + c * blue, low, slope, offset)
            y[j] = _bent(d * red + e * green + f * blue, low, slope, offset)
            z[j] = _bent(g * red + h * green + i * blue, low, slope, offset)
    a, b, c, d, e, f, g, h, i = space.second.flat
    shift = space.shift
    for j in range(count):
        red, green, blue = x[j], y[j], z[j]
        x[j] = a * red + b * green + c * blue + shift
        y[j] = d * red + e * green + f * blue
        z[j] = g * red + h * green + i * blue


@_compiled
def _load(pixels: Any, step: Any, plane: Any, table: Any, linear: Any, at: Any, x: Any, y: Any, z: Any) -> None:
    """len(x) pixels from pixel `at`: bytes by the table, floats (no table) clipped to 0..1; linear where asked for."""
    count = len(x)
    first = _U(at) * _U(step)
    if table.size > 0:
        for j in range(count):
            x[j] = table[_U(pixels[first])]
            y[j] = table[_U(pixels[first + _U(plane)])]
            z[j] = table[_U(pixels[first + _U(2 * plane)])]
            first += _U(step)
        return
    for j in range(count):
        x[j] = min(max(_F(pixels[first]), ZERO), ONE)
        y[j] = min(max(_F(pixels[first + _U(plane)]), ZERO), ONE)
        z[j] = min(max(_F(pixels[first + _U(2 * plane)]), ZERO), ONE)
        first += _U(step)
    if linear:
        for j in range(count):
            x[j] = _to_linear(x[j])
            y[j] = _to_linear(y[j])
            z[j] = _to_linear(z[j])


@_compiled
def _bounds(values: Any) -> Any:
    """Below and above all numbers, by a millionth at most: in integers, of which the least is found in vectors."""
    low = high = _I(values[0] * FINE)
    for j in range(len(values)):
        value = _I(values[j] * FINE)
        low = value if value < low else low
        high = value if value > high else high
    return _F(low - ONE) / FINE, _F(high + ONE) / FINE


@_compiled
def _contenders(x: Any, y: Any, z: Any, colors: Any, kept: Any) -> Any:
    """Which colours may be nearest to a pixel of the block, into `kept`; returns how many.

    The difference of two squared distances is affine in the pixel, so that over the box around the pixels it is least
    in a corner. A colour that is further away all over the box than the one nearest to the box's middle is out.
    """
    (x0, x1), (y0, y1), (z0, z1) = _bounds(x), _bounds(y), _bounds(z)
    places, costs = colors.places, colors.costs
    mx, my, mz = (x0 + x1) * _F(0.5), (y0 + y1) * _F(0.5), (z0 + z1) * _F(0.5)
    hx, hy, hz = x1 - x0, y1 - y0, z1 - z0
    middle, least = 0, FAR
    for k in range(len(places)):
        distance = (mx - places[k, 0]) ** 2 + (my - places[k, 1]) ** 2 + (mz - places[k, 2]) ** 2 + costs[k]
        if distance < least:
            middle, least = k, distance
    count = 0
    for k in range(len(places)):
        distance = (mx - places[k, 0]) ** 2 + (my - places[k, 1]) ** 2 + (mz - places[k, 2]) ** 2 + costs[k]
        reach = (
            abs(places[k, 0] - places[middle, 0]) * hx
            + abs(places[k, 1] - places[middle, 1]) * hy
            + abs(places[k, 2] - places[middle, 2]) * hz
        )
        if distance - least <= reach * (ONE + MARGIN) + MARGIN * (ONE + least + abs(costs[k])):
            kept[count] = k
            count += 1
    return count


@_compiled
def _search(x: Any, y: Any, z: Any, colors: Any, kept: Any, contenders: Any, best: Any, chosen: Any) -> None:
    """The label of each pixel's nearest colour, the first of equals, among the kept ones, into `chosen`."""
    places, costs, labels = colors.places, colors.costs, colors.labels
    for j in range(len(x)):
        best[j] = FAR
        chosen[j] = labels[kept[0]]
    for first in range(0, contenders, 4):
        # Past the end, the last one again: an equal distance changes nothing.
        k0, k1 = kept[first], kept[min(first + 1, contenders - 1)]
        k2, k3 = kept[min(first + 2, contenders - 1)], kept[min(first + 3, contenders - 1)]
        a0, b0, c0, d0, i0 = places[k0, 0], places[k0, 1], places[k0, 2], costs[k0], labels[k0]
        a1, b1, c1, d1, i1 = places[k1, 0], places[k1, 1], places[k1, 2], costs[k1], labels[k1]
        a2, b2, c2, d2, i2 = places[k2, 0], places[k2, 1], places[k2, 2], costs[k2], labels[k2]
        a3, b3, c3, d3, i3 = places[k3, 0], places[k3, 1], places[k3, 2], costs[k3], labels[k3]
        for j in range(len(x)):
            u, v, w, least, index = x[j], y[j], z[j], best[j], chosen[j]
            distance = d0 + (u - a0) * (u - a0) + (v - b0) * (v - b0) + (w - c0) * (w - c0)
            index, least = (i0 if distance < least else index), (distance if distance < least else least)
            distance = d1 + (u - a1) * (u - a1) + (v - b1) * (v - b1) + (w - c1) * (w - c1)
            index, least = (i1 if distance < least else index), (distance if distance < least else least)
            distance = d2 + (u - a2) * (u - a2) + (v - b2) * (v - b2) + (w - c2) * (w - c2)
            index, least = (i2 if distance < least else index), (distance if distance < least else least)
            distance = d3 + (u - a3) * (u - a3) + (v - b3) * (v - b3) + (w - c3) * (w - c3)
            index, least = (i3 if distance < least else index), (distance if distance < least else least)
            best[j], chosen[j] = least, index


@_compiled
def nearest_run(
    pixels: Any, step: Any, plane: Any, table: Any, space: Any, colors: Any, out: Any, start: Any, stop: Any
) -> None:
    """The labels of the nearest colours to pixels start..stop, into out[start:stop]."""
    x, y, z, best = np.empty(BLOCK, _F), np.empty(BLOCK, _F), np.empty(BLOCK, _F), np.empty(BLOCK, _F)
    chosen, kept = np.empty(BLOCK, _I), np.empty(len(colors.places), _I)
    for at in range(start, stop, BLOCK):
        count = min(BLOCK, stop - at)
        u, v, w = x[:count], y[:count], z[:count]
        _load(pixels, step, plane, table, space.linear, at, u, v, w)
        _coordinates(u, v, w, count, space)
        contenders = _contenders(u, v, w, colors, kept)
        _search(u, v, w, colors, kept, contenders, best, chosen)
        for j in range(count):
            out[at + j] = chosen[j]


@_compiled
def _fill_cell(cell: Any, table: Any, space: Any, colors: Any, known: Any, x: Any, y: Any, z: Any) -> None:
    """One more than the label of every colour in a cell, into `known`."""
    reds, greens, blues = (cell >> 10) * LEVELS, (cell >> 5 & 31) * LEVELS, (cell & 31) * LEVELS
    for red in range(LEVELS):
        for green in range(LEVELS):
            for blue in range(LEVELS):
                j = _U((red * LEVELS + green) * LEVELS + blue)
                x[j] = table[_U(reds + red)]
                y[j] = table[_U(greens + green)]
                z[j] = table[_U(blues + blue)]
    _coordinates(x, y, z, BLOCK, space)
    kept = np.empty(len(colors.places), _I)
    contenders = _contenders(x, y, z, colors, kept)
    if contenders == 1:
        label = colors.labels[kept[0]] + 1
        for j in range(BLOCK):
            known[_U(cell * BLOCK + j)] = label
        return
    best, chosen = np.empty(BLOCK, _F), np.empty(BLOCK, _I)
    _search(x, y, z, colors, kept, contenders, best, chosen)
    for j in range(BLOCK):
        known[_U(cell * BLOCK + j)] = chosen[j] + 1


@_compiled
def nearest_by_cell_run(
    pixels: Any, step: Any, plane: Any, table: Any, space: Any, colors: Any, known: Any, out: Any, start: Any, stop: Any
) -> None:
    """`nearest_run` for bytes, by a table of all colours that is filled cell by cell as pixels ask for it.

    known [CELLS³ BLOCK] is 0 where nothing is known, else one more than the label. Threads share it: those that
    fill a cell at the same time write the same.
    """
    x, y, z = np.empty(BLOCK, _F), np.empty(BLOCK, _F), np.empty(BLOCK, _F)
    # Where a byte's upper five and lower three bits go in a colour's place in the table, by channel.
    spread = np.empty((3, 256), np.uint32)
    for value in range(256):
        spread[0, value] = (value >> 3) << 19 | (value & 7) << 6
        spread[1, value] = (value >> 3) << 14 | (value & 7) << 3
        spread[2, value] = (value >> 3) << 9 | (value & 7)
    reds, greens, blues = spread
    at = _U(start) * _U(step)
    for i in range(start, stop):
        key = reds[_U(pixels[at])] | greens[_U(pixels[at + _U(plane)])] | blues[_U(pixels[at + _U(2 * plane)])]
        at += _U(step)
        found = known[_U(key)]
        if found == 0:
            _fill_cell(_I(key >> np.uint32(9)), table, space, colors, known, x, y, z)
            found = known[_U(key)]
        out[_U(i)] = found - 1


@_compiled
def _nearest_to_light(red: Any, green: Any, blue: Any, space: Any, colors: Any) -> Any:
    """The place in the palette of the colour nearest to linear light, clipped to 0..1."""
    x, y, z = (min(max(red, ZERO), ONE), min(max(green, ZERO), ONE), min(max(blue, ZERO), ONE))
    if not space.linear:
        x, y, z = _to_srgb(x), _to_srgb(y), _to_srgb(z)
    first, second, low, slope, offset = space.first, space.second, space.low, space.slope, space.offset
    if space.rooted:
        x, y, z = (
            _bent(first[0, 0] * x + first[0, 1] * y + first[0, 2] * z, low, slope, offset),
            _bent(first[1, 0] * x + first[1, 1] * y + first[1, 2] * z, low, slope, offset),
            _bent(first[2, 0] * x + first[2, 1] * y + first[2, 2] * z, low, slope, offset),
        )
    u = second[0, 0] * x + second[0, 1] * y + second[0, 2] * z + space.shift
    v = second[1, 0] * x + second[1, 1] * y + second[1, 2] * z
    w = second[2, 0] * x + second[2, 1] * y + second[2, 2] * z
    places, costs = colors.places, colors.costs
    least, chosen = FAR, 0
    for k in range(len(places)):
        a, b, c = u - places[k, 0], v - places[k, 1], w - places[k, 2]
        distance = costs[k] + a * a + b * b + c * c
        if distance < least:
            least, chosen = distance, k
    return chosen


@_compiled
def _mapped(x: Any, y: Any, z: Any, onto: Any) -> None:
    """Linear light of a block times the matrix onto[:, :3], plus onto[:, 3], in place."""
    a, b, c, p, d, e, f, q, g, h, i, r = onto.flat
    for j in range(len(x)):
        red, green, blue = x[j], y[j], z[j]
        x[j] = a * red + b * green + c * blue + p
        y[j] = d * red + e * green + f * blue + q
        z[j] = g * red + h * green + i * blue + r


@_compiled
def diffuse(
    pixels: Any,
    step: Any,
    plane: Any,
    table: Any,
    space: Any,
    colors: Any,
    light: Any,
    onto: Any,
    reach: Any,
    width: Any,
    out: Any,
) -> None:
    """Floyd and Steinberg's error diffusion of linear light, rows to and fro, of a whole image `width` wide.

    light [K, 3] of the colours; onto [3, 4] maps a pixel's light to what the colours can mix; what is asked for is kept
    within -reach..1 + reach.
    """
    x, y, z = np.empty(width, _F), np.empty(width, _F), np.empty(width, _F)
    here, below = np.zeros((width + 2, 3), _F), np.zeros((width + 2, 3), _F)
    seven, three, five, one = _F(7 / 16), _F(3 / 16), _F(5 / 16), _F(1 / 16)
    for row in range(len(out) // width):
        _load(pixels, step, plane, table, True, row * width, x, y, z)
        _mapped(x, y, z, onto)
        way = 1 if row % 2 == 0 else -1
        below[:] = ZERO
        for walked in range(width):
            j = walked if way == 1 else width - 1 - walked
            red = min(max(x[j] + here[j + 1, 0], -reach), ONE + reach)
            green = min(max(y[j] + here[j + 1, 1], -reach), ONE + reach)
            blue = min(max(z[j] + here[j + 1, 2], -reach), ONE + reach)
            k = _nearest_to_light(red, green, blue, space, colors)
            out[row * width + j] = colors.labels[k]
            for c, error in enumerate((red - light[k, 0], green - light[k, 1], blue - light[k, 2])):
                here[j + 1 + way, c] += seven * error
                below[j + 1 - way, c] += three * error
                below[j + 1, c] += five * error
                below[j + 1 + way, c] += one * error
        here, below = below, here


@_compiled
def ordered_run(
    pixels: Any,
    step: Any,
    plane: Any,
    table: Any,
    space: Any,
    colors: Any,
    light: Any,
    onto: Any,
    order: Any,
    thresholds: Any,
    picks: Any,
    width: Any,
    out: Any,
    start: Any,
    stop: Any,
) -> None:
    """Ordered dither of pixels start..stop: `picks` colours whose mean light is the pixel's, of which a threshold
    takes one. They are found as in `diffuse`, each making up for the error of those before, and are ranked by `order`,
    [K] places of the palette from dark to light."""
    x, y, z = np.empty(BLOCK, _F), np.empty(BLOCK, _F), np.empty(BLOCK, _F)
    times = np.zeros(len(order), _I)
    rows, columns = thresholds.shape
    for at in range(start, stop, BLOCK):
        count = min(BLOCK, stop - at)
        _load(pixels, step, plane, table, True, at, x[:count], y[:count], z[:count])
        _mapped(x[:count], y[:count], z[:count], onto)
        for j in range(count):
            red, green, blue = x[j], y[j], z[j]
            times[:] = 0
            for _ in range(picks):
                k = _nearest_to_light(red, green, blue, space, colors)
                times[k] += 1
                red += x[j] - light[k, 0]
                green += y[j] - light[k, 1]
                blue += z[j] - light[k, 2]
            row, column = (at + j) // width, (at + j) % width
            left = _I(thresholds[row % rows, column % columns] * picks)
            chosen = order[0]
            for k in order:
                chosen = k
                left -= times[k]
                if left < 0:
                    break
            out[at + j] = colors.labels[chosen]
