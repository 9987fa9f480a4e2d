"""Motifs of op-art, fields, fractals and dissections that cover the plane."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, Voronoi

from plotart.training.motifs.hues import Nature
from plotart.training.motifs.paths import (
    REACH,
    Drawing,
    Path,
    Points,
    arc,
    circle,
    lattice,
    moved,
    of_part,
    polar,
    polygon,
    rectangle,
)

Rng = np.random.Generator
Array = NDArray[np.float64]


def bulge(rng: Rng) -> Drawing:
    dotted = rng.random() < 0.4
    cell = rng.uniform(0.18, 0.3) if dotted else rng.uniform(0.15, 0.34)
    center, radius = rng.uniform(-0.35, 0.35, 2), rng.uniform(0.75, 1.15)

    def swollen(points: Points) -> Points:
        away = points - center
        distance = np.maximum(np.hypot(*away.T), 1e-9)[:, None]
        lens = radius * np.sin(np.pi / 2 * np.minimum(distance / radius, 1)) ** 0.85
        return center + away * np.where(distance < radius, lens / distance, 1)

    side = np.linspace(-0.5, 0.5, 5)[:-1]
    square = np.concatenate(
        [np.stack(s, -1) for s in ((side, side * 0 - 0.5), (side * 0 + 0.5, side), (-side, side * 0 + 0.5))]
        + [np.stack((side * 0 - 0.5, -side), -1)]
    )
    shape = polar(0.38, np.linspace(0, 2 * np.pi, 12, endpoint=False)) if dotted else square
    drawing: Drawing = []
    for row, column, x, y in lattice(cell):
        if dotted or (row + column) % 2:
            inside = np.hypot(x - center[0], y - center[1]) < radius
            drawing.append(Path(swollen(np.array([x, y]) + cell * shape), closed=True, part=int(inside)))
    return drawing


def tunnel(rng: Rng) -> Drawing:
    square = rng.random() < 0.4
    sectors = int(4 * rng.integers(2, 6)) if square else int(2 * rng.integers(4, 11))
    shrink, twist = rng.uniform(0.68, 0.82), 0.0 if square else rng.choice([0.0, rng.uniform(0.05, 0.25)])
    vanish, levels = rng.uniform(-0.45, 0.45, 2), int(np.log(0.06 / 2.6) / np.log(shrink))
    depth = 2.6 * shrink ** np.arange(levels)

    def rim(level: int, angles: Array) -> Points:
        # Corners of a square tunnel lie at odd multiples of pi / 4, which are edges between sectors.
        widening = 1 / np.maximum(np.abs(np.cos(angles)), np.abs(np.sin(angles))) if square else 1.0
        return vanish * (1 - depth[level] / 2.6) + polar(depth[level] * widening, angles + twist * level)

    edges = np.pi / 4 + np.linspace(0, 2 * np.pi, sectors + 1)
    drawing: Drawing = []
    for level in range(levels - 1):
        for k in range(sectors):
            if (level + k) % 2:
                angles = np.linspace(edges[k], edges[k + 1], 2 if square else 5)
                points = np.concatenate([rim(level, angles), rim(level + 1, angles[::-1])])
                drawing.append(Path(points, closed=True, part=level % 2))
    return drawing


def nested(rng: Rng) -> Drawing:
    cell, most = rng.uniform(0.4, 0.85), int(rng.integers(4, 8))
    lean, tilted = rng.uniform(0.3, 0.85), rng.random() < 0.3
    drawing: Drawing = []
    for _, _, x, y in lattice(cell):
        count = int(rng.integers(max(2, most - 3), most + 1))
        toward, turned = lean * rng.uniform(-0.5, 0.5, 2), rng.uniform(-0.06, 0.06) if tilted else 0.0
        for k in range(count):
            half = cell * 0.47 * (1 - k / (count + 0.3))
            slack = cell * 0.47 - half
            center = (x + slack * 2 * toward[0], y + slack * 2 * toward[1])
            drawing += of_part(k % 2, [polygon(center, half * np.sqrt(2), 4, np.pi / 4 + k * turned)])
    return drawing


def interference(rng: Rng) -> Drawing:
    sets, pitch, phase = int(rng.integers(2, 4)), rng.uniform(0.09, 0.17), rng.uniform(0, 2 * np.pi)
    drawing: Drawing = []
    for k in range(sets):
        x, y = polar(rng.uniform(0.7, 1.25), np.array([phase + 2 * np.pi * k / sets]))[0]
        for radius in np.arange(pitch, rng.uniform(1.5, 2.0), pitch):
            drawing += of_part(k, [arc((x, y), radius, phase, phase + 2 * np.pi, 24 + int(24 * radius))])
    return drawing


def currents(rng: Rng) -> Drawing:
    spacing, waves, phases = rng.uniform(0.07, 0.105), rng.normal(0, 1.3, (3, 2)), rng.uniform(0, 2 * np.pi, 3)
    bend, base = rng.uniform(0.7, 1.3), rng.uniform(0, 2 * np.pi)

    def heading(points: Points) -> Points:
        return polar(1.0, base + bend * np.sin(points @ waves.T + phases).sum(axis=-1))

    return _streamlines(rng, heading, spacing)


def _streamlines(rng: Rng, heading: Callable[[Points], Points], spacing: float) -> Drawing:
    """Long lines along a field of unit vectors, each ending where it would come nearer than `spacing` to another."""
    seeds, step, steps = rng.uniform(-1.5, 1.5, (int(min(8 / spacing**1.6, 320)), 2)), 0.05, 40
    halves = []
    for sign in (-step, step):
        points = [seeds]
        for _ in range(steps):
            middle = points[-1] + sign / 2 * heading(points[-1])
            points.append(points[-1] + sign * heading(middle))
        halves.append(np.stack(points, axis=1))
    lines = np.concatenate([halves[0][:, :0:-1], halves[1]], axis=1)
    cell = spacing * 0.6
    n = int(2 * REACH / cell) + 3
    cells = np.clip(((lines + REACH) / cell).astype(int) + 1, 0, n - 1)
    near = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)])
    taken = np.zeros((n, n), dtype=bool)
    taken[[0, -1]] = taken[:, [0, -1]] = True
    drawing: Drawing = []
    for points, at in zip(lines, cells, strict=True):
        if taken[at[steps, 0], at[steps, 1]]:
            continue
        blocked = np.flatnonzero(taken[at[:, 0], at[:, 1]])
        first, last = blocked[blocked <= steps], blocked[blocked > steps]
        start, end = (first[-1] + 1 if len(first) else 0), (last[0] if len(last) else len(points))
        if end - start > 7:
            marks = np.clip(at[start:end, None] + near, 0, n - 1)
            taken[marks[..., 0], marks[..., 1]] = True
            drawing.append(Path(points[start:end], part=len(drawing) % 2))
    return drawing


def vortices(rng: Rng) -> Drawing:
    pitch, spacing = rng.uniform(0.13, 0.22), rng.uniform(0.6, 0.95)
    x, y = np.meshgrid(*[np.linspace(-REACH, REACH, 130)] * 2)
    nearness, turns = np.zeros_like(x), np.zeros_like(x)
    for cx, cy in _scattered(rng, spacing):
        nearness += np.exp(-5 * np.hypot(x - cx, y - cy))
        turns += rng.choice([-1.0, 1.0]) * np.arctan2(y - cy, x - cx)
    # The zeros of a sine know no branch cut, so that spirals close round each vortex.
    return _levels(np.sin(-2 * np.pi / pitch * np.log(nearness) / 5 + turns), np.zeros(1))


def _levels(field: Array, levels: Array, part: int = 0) -> Drawing:
    axis = np.linspace(-REACH, REACH, len(field))
    generator = contourpy.contour_generator(axis, axis, field)
    drawing: Drawing = []
    for level in levels:
        for points in map(np.asarray, generator.lines(level)):
            if len(points) > 6:
                loop = bool((points[0] == points[-1]).all())
                drawing.append(Path(points[:-1] if loop else points, closed=loop, part=part))
    return drawing


def _scattered(rng: Rng, spacing: float | Callable[[Points], Array], candidates: int = 800) -> Points:
    """Blue noise over the reach: random points no two of which are nearer than `spacing`, which may vary."""
    points = rng.uniform(-REACH + 0.1, REACH - 0.1, (candidates, 2))
    apart = np.full(candidates, spacing) if isinstance(spacing, float) else np.asarray(spacing(points))
    z, square = points @ np.array([1, 1j]), apart**2
    kept = []
    while len(z):
        kept.append(z[0])
        away = z - z[0]
        free = away.real**2 + away.imag**2 > square
        z, square = z[free], square[free]
    return np.stack([np.real(kept), np.imag(kept)], axis=-1)


def magnet(rng: Rng) -> Drawing:
    charges = np.array([1.0, -1.0] if rng.random() < 0.6 else rng.permutation([1.0, -1.0, rng.choice([-1.0, 1.0])]))
    count, phase, size = int(rng.integers(18, 34)), rng.uniform(0, 2 * np.pi), rng.uniform(0.06, 0.13)
    spread = phase + np.linspace(0, 2 * np.pi, len(charges), endpoint=False)
    poles = polar(rng.uniform(0.4, 0.8), spread) + rng.uniform(-0.15, 0.15, (len(charges), 2))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False) + phase
    drawing: Drawing = []
    for pole, charge in zip(poles, charges, strict=True):
        track = [pole + polar(size, angles)]
        for _ in range(90):
            away = track[-1][:, None] - poles
            force = (charges[:, None] * away / (away**2).sum(axis=-1, keepdims=True)).sum(axis=1) * charge
            track.append(track[-1] + 0.045 * force / np.hypot(*force.T)[:, None])
        lines = np.stack(track, axis=1)
        opposite = poles[charges != charge]
        arrived = (np.hypot(*(lines[:, :, None] - opposite).transpose(3, 0, 1, 2)) < size).any(axis=-1)
        for points, there in zip(lines, arrived, strict=True):
            if charge > 0 or not there.any():  # a line between two poles is drawn from one of them
                drawing.append(Path(points[: int(there.argmax()) if there.any() else None], part=int(charge < 0)))
    pads = zip(poles, charges, strict=True)
    return [path for path in drawing if len(path.points) > 1] + [
        circle((x, y), size * 0.8, 20)._replace(part=int(charge < 0)) for (x, y), charge in pads
    ]


def deadleaves(rng: Rng) -> Drawing:
    gap, least = rng.uniform(0.012, 0.03), rng.uniform(0.11, 0.18)
    count = int(13 / least)
    radii = np.clip(least * rng.random(count) ** -0.45, 0, 0.5)
    middles = rng.uniform(-1.3, 1.3, (count, 2))
    visible = shapely.buffer(shapely.points(middles), radii, quad_segs=7)
    grown = shapely.buffer(shapely.points(middles), radii + gap, quad_segs=5)
    drawing: Drawing = []
    for k in range(count):  # the nearest leaf first, which cuts those that it hides
        if visible[k].is_empty:
            continue
        part = int(rng.integers(3))
        for piece in shapely.get_parts(visible[k]):
            if piece.area > 0.003 and not piece.interiors:
                drawing.append(Path(np.array(piece.exterior.coords[:-1]), closed=True, part=part))
        touched = np.hypot(*(middles - middles[k]).T) < radii + radii[k] + gap
        touched[: k + 1] = False
        visible[touched] = shapely.difference(visible[touched], grown[k])
    return drawing


def packing(rng: Rng) -> Drawing:
    ringed, pitch = rng.uniform(0.3, 0.8), rng.uniform(0.05, 0.09)
    drawing: Drawing = []
    for x, y, radius in _packed(rng, rng.uniform(0.3, 0.6), rng.uniform(0.035, 0.05), 260):
        drawing.append(circle((x, y), radius, 12 + int(40 * radius)))
        if rng.random() < ringed:
            inner = np.arange(radius - pitch, pitch / 3, -pitch)[:5]
            drawing += of_part(1, [circle((x, y), r, 10 + int(40 * r)) for r in inner])
    return drawing


def _packed(rng: Rng, largest: float, least: float, most: int) -> list[tuple[float, float, float]]:
    """Circles (x, y, radius) that do not touch, each as large as its neighbours leave room for."""
    points = rng.uniform(-1.4, 1.4, (1700, 2))
    room, gap = largest * rng.uniform(0.35, 1.0, len(points)), least * 0.35
    placed: list[tuple[float, float, float]] = []
    while len(points) and len(placed) < most:
        k = int(room[:12].argmax()) if len(placed) < 12 else 0
        (x, y), radius = points[k], float(room[k])
        placed.append((float(x), float(y), radius))
        room = np.minimum(room, np.hypot(*(points - points[k]).T) - radius - gap)
        free = room > least
        points, room = points[free], room[free]
    return placed


def gasket(rng: Rng) -> Drawing:
    size, least = rng.uniform(1.15, 1.6), rng.uniform(0.018, 0.026)
    circles = _apollonian(rng.uniform(0.36, 0.5), least / size)
    turned, spot = np.exp(1j * rng.uniform(0, 2 * np.pi)) * size, complex(*rng.uniform(-0.2, 0.2, 2))
    found = [(spot + turned * z, radius * size, depth) for z, radius, depth in circles]
    for z, radius, depth in found[1:]:  # wide circles hold gaskets of their own
        if radius > 0.28:
            turned = np.exp(1j * rng.uniform(0, 2 * np.pi)) * radius
            inner = [(z + turned * w, r * radius, depth + 1 + d) for w, r, d in circles[1:]]
            found += [entry for entry in inner if entry[1] > least]
    drawing: Drawing = []
    for z, radius, depth in found:
        if max(abs(z.real), abs(z.imag)) - radius < 1.4:
            drawing.append(circle((z.real, z.imag), radius, 10 + int(36 * radius))._replace(part=depth % 3))
    return drawing


def _apollonian(share: float, least: float) -> list[tuple[complex, float, int]]:
    """The gasket of two circles of radii `share` and 1 - `share` in the unit circle: (middle, radius, depth) each."""
    bends, middles = (-1.0, 1 / share, 1 / (1 - share)), (0j, complex(share - 1), complex(share))
    bend = sum(bends)  # Descartes' theorem: the bends of the three, which lie on a line, have no root term
    across = complex(sum(b * z for b, z in zip(bends, middles, strict=True)))
    pairs = sum(bends[i] * bends[j] * middles[i] * middles[j] for i, j in ((0, 1), (1, 2), (0, 2)))
    root = complex(2 * np.emath.sqrt(pairs.real))
    first = list(zip(bends, middles, strict=True))
    poles = [(bend, (across + sign * root) / bend) for sign in (-1, 1)]
    found = [(z, 1 / abs(b), k) for k, (b, z) in enumerate([*first, *poles])]
    todo = [([*first, pole], k, 1) for pole in poles for k in range(3)]
    while todo:
        four, k, depth = todo.pop()
        (old, old_middle), rest = four[k], [*four[:k], *four[k + 1 :]]
        bend = 2 * sum(b for b, _ in rest) - old
        if bend < 1 / least:
            middle = (2 * sum(b * z for b, z in rest) - old * old_middle) / bend
            found.append((middle, 1 / bend, depth))
            todo += [([*rest, (bend, middle)], i, depth + 1) for i in range(3)]
    return found


def sierpinski(rng: Rng) -> Drawing:
    carpet, share = rng.random() < 0.35, rng.uniform(0.86, 1.0)
    side = rng.uniform(1.5, 2.2) if carpet else rng.uniform(1.1, 1.9)
    height = side if carpet else side * np.sqrt(3) / 2
    tile = _carpet(share) if carpet else _triangle(share, 4 if side > 1.5 else 3)
    start = rng.uniform(-0.5, 0.5, 2)
    drawing: Drawing = []
    for _, _, x, y in lattice(side, height, offset=0.0 if carpet else 0.5):
        to = (x + start[0], y + start[1])
        drawing += moved(tile, scale=side, to=to)
        if not carpet:
            drawing += moved(tile, scale=side, angle=np.pi, to=(to[0] + side / 2, to[1]))
    return [path for path in drawing if np.abs(path.points).min(axis=0).max() < 1.3]


def _carpet(share: float) -> Drawing:
    """The holes of a unit Sierpinski carpet."""
    holes: Drawing = []
    for level in range(3):
        n = 3**level
        hole = share / n / 3
        for i, j in np.ndindex(n, n):
            if not any(i // 3**k % 3 == 1 and j // 3**k % 3 == 1 for k in range(level)):
                holes.append(
                    rectangle((i + 0.5) / n - hole / 2, (j + 0.5) / n - hole / 2, hole, hole)._replace(part=level)
                )
    return holes


def _triangle(share: float, levels: int) -> Drawing:
    """The holes of a Sierpinski triangle of unit side, whose middle at half its height is the origin."""
    holes: Drawing = []
    corners, half = [(-0.5, 0.0)], 0.5
    for level in range(levels):
        for a, b in corners:
            middle = (a + half, (b + half * 2 / 3) * np.sqrt(3) / 2 - np.sqrt(3) / 4)
            holes.append(polygon(middle, half / np.sqrt(3) * share, 3, -np.pi / 2)._replace(part=level % 3))
        corners = [(a + u * half, b + v * half) for a, b in corners for u, v in ((0, 0), (1, 0), (0.5, 1))]
        half /= 2
    return holes


def koch(rng: Rng) -> Drawing:
    flake = np.exp(-2j * np.pi * np.arange(4) / 3 + 0.5j * np.pi)
    order, tiled = 3, rng.random() < 0.6
    for _ in range(order):
        a, b = flake[:-1], flake[1:]
        third = (b - a) / 3
        peak = a + third + third * np.exp(1j * np.pi / 3)
        flake = np.append(np.stack([a, a + third, peak, b - third], -1).ravel(), flake[-1])
    outline = np.stack([flake.real, flake.imag], -1)[:-1]
    if not tiled:
        count, quarter = int(rng.integers(6, 11)), rng.choice([0.0, np.pi / 6])
        sizes = rng.uniform(1.7, 2.1) * rng.uniform(0.72, 0.82) ** np.arange(count)
        return [_flake(outline, (0.0, 0.0), size, quarter * (k % 2), k % 2) for k, size in enumerate(sizes)]
    size, rings = rng.uniform(0.4, 0.75), int(rng.integers(1, 3))
    coarse = outline[::4]  # the curve of one order less
    outline = coarse if size < 0.55 else outline
    drawing: Drawing = []
    for _, _, x, y in lattice(size * np.sqrt(3), size * 1.5, offset=0.5):
        for k in range(rings):
            drawing.append(_flake(outline, (x, y), size * 0.97 * 0.6**k, np.pi / 6, k))
        for side in (-1, 1):  # the flakes of a third the area that fill the gaps
            drawing.append(_flake(coarse, (x, y + side * size), size * 0.54, 0.0, 1))
    return drawing


def _flake(outline: Points, to: tuple[float, float], size: float, angle: float, part: int) -> Path:
    c, s = np.cos(angle), np.sin(angle)
    return Path(outline @ np.array([[c, s], [-s, c]]) * size + np.array(to), closed=True, part=part)


def dragon(rng: Rng) -> Drawing:
    cell, steps = rng.uniform(0.1, 0.22), np.ones(1, dtype=complex)
    for _ in range(10):
        steps = np.concatenate([steps, steps[::-1] * 1j])
    walk = np.concatenate([[0], np.cumsum(steps)])
    round_off = rng.uniform(0.2, 0.4)  # cut corners keep the curve from touching itself
    cut = np.stack([walk[:-1] + steps * round_off, walk[1:] - steps * round_off], -1).ravel()
    middle = complex(*rng.uniform(-6, 6, 2))
    drawing: Drawing = []
    for quarter in range(4):
        turned = (cut * 1j**quarter - middle) * cell
        outside = np.flatnonzero(np.maximum(np.abs(turned.real), np.abs(turned.imag)) > 1.45)
        for run in np.split(np.stack([turned.real, turned.imag], -1), outside):
            if len(run) > 4:
                drawing.append(Path(run[1:], part=quarter))
    return drawing


def julia(rng: Rng) -> Drawing:
    favourites = (-0.8 + 0.156j, -0.4 + 0.6j, 0.285 + 0.01j, -0.123 + 0.745j, -0.75 + 0.11j, 0.36 + 0.1j, -1 + 0j)
    c = favourites[rng.integers(len(favourites))] + complex(*rng.normal(0, 0.012, 2))
    axis = np.linspace(-REACH, REACH, 150) * rng.uniform(1.0, 1.45)
    z = axis[None, :] + 1j * axis[:, None] + complex(*rng.uniform(-0.2, 0.2, 2))
    last = int(rng.integers(11, 20))
    escape = np.full(z.shape, last + 1.0)
    for k in range(last):
        z = z * z + c
        size = z.real**2 + z.imag**2
        gone = (size > 64) & (escape > last)
        escape[gone] = k + 1 - np.log2(np.log(size[gone]) / np.log(64))
        z[size > 64] = 8.0
    drawing: Drawing = []
    for n, level in enumerate(np.geomspace(1.3, last, int(rng.integers(6, 9)))):
        drawing += [path for path in _levels(escape, np.array([level]), n % 2) if len(path.points) > 14]
    return drawing


def glass(rng: Rng) -> Drawing:
    seeds = _scattered(rng, rng.uniform(0.28, 0.55))
    lead, rings, pitch = rng.uniform(0.015, 0.04), int(rng.integers(2, 5)), rng.uniform(0.045, 0.075)
    rim = np.array([(s * 9.0, t * 9.0) for s in (-1, 0, 1) for t in (-1, 0, 1) if s or t])
    cells = Voronoi(np.concatenate([seeds, rim]))
    regions = [cells.vertices[cells.regions[region]] for region in cells.point_region[: len(seeds)]]
    box = shapely.box(-REACH, -REACH, REACH, REACH)
    panes = shapely.intersection([shapely.Polygon(corners) for corners in regions], box)
    drawing: Drawing = []
    for k in range(rings):
        for pane in shapely.buffer(panes, -lead - k * pitch, join_style="mitre"):
            if pane.area > 0.002:
                drawing.append(Path(np.array(pane.exterior.coords[:-1]), closed=True, part=k % 2))
    return drawing


def delaunay(rng: Rng) -> Drawing:
    linked = rng.random() < 0.4
    points = _scattered(rng, rng.uniform(0.26, 0.5) if linked else rng.uniform(0.25, 0.45))
    corners = Delaunay(points).simplices
    if linked:
        edges = {
            (min(a, b), max(a, b)) for t in corners.tolist() for a, b in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0]))
        }
        size = rng.uniform(0.025, 0.05)
        return [Path(points[list(edge)]) for edge in sorted(edges)] + [
            circle((x, y), size, 12)._replace(part=1) for x, y in points
        ]
    share, parts = rng.uniform(0.7, 0.95), rng.integers(0, 3, len(corners))
    middles = points[corners].mean(axis=1, keepdims=True)
    shrunk = middles + (points[corners] - middles) * share
    return [Path(corner, closed=True, part=int(part)) for corner, part in zip(shrunk, parts, strict=True)]


def stipple(rng: Rng) -> Drawing:
    dense, sparse, wave = rng.uniform(0.065, 0.085), rng.uniform(0.26, 0.36), rng.uniform(1.2, 2.4)
    center, toward, radial = rng.uniform(-0.7, 0.7, 2), polar(1.0, rng.uniform(0, 7, 1))[0], rng.random() < 0.5

    def spacing(points: Points) -> Array:
        depth = np.hypot(*(points - center).T) if radial else points @ toward
        return dense + (sparse - dense) * (0.5 - 0.5 * np.cos(wave * depth + np.pi * radial)) ** 1.3

    size = rng.uniform(0.018, 0.034)
    return [circle((x, y), size, 8) for x, y in _scattered(rng, spacing, 1800)[:440]]


def halftone(rng: Rng) -> Drawing:
    cell, offset, sides = rng.uniform(0.17, 0.28), rng.choice([0.0, 0.5]), int(rng.choice([4, 14, 14]))
    center, wave, phase = rng.uniform(-1, 1, 2), rng.uniform(2.2, 4.5), rng.uniform(0, 2 * np.pi)
    toward, radial = polar(1.0, rng.uniform(0, 7, 1))[0], rng.random() < 0.5
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, cell * (0.87 if offset else 1), offset=offset):
        away = np.array([x, y]) - center
        tone = 0.5 + 0.5 * np.sin(wave * (np.hypot(*away) if radial else away @ toward) + phase)
        drawing.append(polygon((x, y), cell * (0.06 + 0.42 * tone), sides)._replace(part=int(tone > 0.5)))
    return drawing


def ridges(rng: Rng) -> Drawing:
    pitch, height = rng.uniform(0.08, 0.2), rng.uniform(0.25, 0.6)
    x = np.linspace(-REACH, REACH, 130)
    focus = np.exp(-((x / rng.uniform(0.45, 0.7)) ** 4)) if rng.random() < 0.4 else np.ones(len(x))
    width, peaks = rng.uniform(0.06, 0.16), int(rng.integers(7, 15))
    front = np.full(len(x), np.inf)
    drawing: Drawing = []
    for y in np.arange(REACH, -REACH, -pitch):
        tops, spread = rng.uniform(-REACH, REACH, peaks), width * rng.uniform(0.6, 1.6, peaks)
        hills = rng.random((peaks, 1)) * np.exp(-(((x - tops[:, None]) / spread[:, None]) ** 2))
        horizon = y - height * focus * hills.max(axis=0)
        hidden = np.flatnonzero(horizon > front)
        for k, run in enumerate(np.split(np.stack([x, horizon], -1), hidden)):
            seen = run[1:] if k else run
            if len(seen) > 2:
                drawing.append(Path(seen))
        front = np.minimum(front, horizon)
    return drawing


def lissajous(rng: Rng) -> Drawing:
    cell, spirograph = rng.uniform(0.45, 0.8), rng.random() < 0.5
    t = np.linspace(0, 2 * np.pi, 101)
    drawing: Drawing = []
    for row, column, x, y in lattice(cell):
        if max(abs(x), abs(y)) > 1.45:
            continue
        if spirograph:
            lobes, depth = int(rng.integers(3, 9)), rng.uniform(0.3, 0.75)
            loop = (polar(1.0, t) + depth * polar(1.0, -(lobes - 1) * t)) / (1 + depth)
        else:
            a, b = ((1, 2), (2, 3), (3, 4), (3, 5), (1, 3), (2, 5), (4, 5))[rng.integers(7)]
            delay = rng.uniform(0.25, 0.75) * np.pi / b
            loop = np.stack([np.sin(a * t + delay), np.sin(b * t)], -1)
        points = np.array([x, y]) + 0.43 * cell * loop
        drawing.append(Path(points, part=(row + column) % 2))
    return drawing


def curls(rng: Rng) -> Drawing:
    pitch, drawing = rng.uniform(0.035, 0.06), []
    for x, y, radius in _packed(rng, rng.uniform(0.16, 0.34), 0.06, 170):
        turns, sense = radius / pitch, int(rng.integers(2))
        t = np.sqrt(np.linspace(0.02, 1, 8 + int(11 * turns)))
        spiral = polar(radius * t, (1 - 2 * sense) * 2 * np.pi * turns * t + rng.uniform(0, 2 * np.pi))
        drawing.append(Path(np.array([x, y]) + spiral, part=sense))
    return drawing


def circuit(rng: Rng) -> Drawing:
    n = int(rng.integers(15, 30))
    unit, pad = 2 * REACH / n, 2 * REACH / n * rng.uniform(0.28, 0.38)
    compass = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
    taken: set[tuple[int, int]] = set()  # nodes, doubled, and middles of the diagonals
    drawing: Drawing = []
    starts = (np.stack(np.divmod(rng.permutation((n + 1) ** 2)[:380], n + 1), -1) * 2).tolist()
    for (x, y), main, chances in zip(starts, rng.integers(0, 4, 380).tolist(), rng.random((380, 22)), strict=False):
        if (x, y) in taken:
            continue
        bend, track = 0, [(x, y)]
        for chance in chances[: 4 + int(chances[0] * 18)].tolist():
            bends = (0, 1, -1) if chance < 0.5 else (0, -1, 1)
            for option in (bend, *bends) if 0.12 < chance < 0.88 else (bends[1] if bend == 0 else 0, bend, *bends):
                if abs(option - bend) > 1:
                    continue
                dx, dy = compass[(2 * main + option) % 8]
                x, y = track[-1]
                ahead, between = (x + 2 * dx, y + 2 * dy), (x + dx, y + dy)
                free = ahead not in taken and between not in taken and ahead not in track
                if free and 0 <= ahead[0] <= 2 * n and 0 <= ahead[1] <= 2 * n:
                    track.append(ahead)
                    bend = option
                    break
            else:
                break
        if len(track) < 4:
            continue
        taken |= {*track, *(((a + c) // 2, (b + d) // 2) for (a, b), (c, d) in itertools.pairwise(track))}
        points = np.array(track) * unit / 2 - REACH
        straight = np.all(np.diff(points, 2, axis=0) ** 2 < 1e-9, axis=1)
        points = points[np.concatenate([[True], ~straight, [True]])]
        for end, inner in ((0, 1), (-1, -2)):
            away = points[inner] - points[end]
            drawing += of_part(1, [circle(tuple(points[end]), pad, 12)])
            points[end] += away / np.hypot(*away) * pad
        drawing.append(Path(points))
    return drawing


def quarters(rng: Rng) -> Drawing:
    cell, bands = rng.uniform(0.4, 0.85), int(rng.integers(2, 5))
    radii = np.linspace(1, 0, 2 * bands) * cell * 0.97
    quarter = np.linspace(0, np.pi / 2, 12)
    drawing: Drawing = []
    for row, column, x, y in lattice(cell):
        turned, middle = rng.integers(4) * np.pi / 2, np.array([x, y])
        corner = middle - np.sqrt(0.5) * cell * polar(1.0, np.array([turned + np.pi / 4]))[0]
        for outer, inner in zip(radii[::2], radii[1::2], strict=True):
            inside = polar(inner, turned + quarter[::-1]) if inner else np.zeros((1, 2))
            band = np.concatenate([polar(outer, turned + quarter), inside])
            drawing.append(Path(corner + band, closed=True, part=(row + column) % 2))
    return drawing


def sunbursts(rng: Rng) -> Drawing:
    cell, rays, core = rng.uniform(0.65, 1.1), int(rng.integers(4, 8)), rng.uniform(0.18, 0.4)
    halves = rng.random() < 0.5
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, cell / 2 if halves else cell, offset=0.5 if halves else 0.0):
        start, span, radius = (np.pi, np.pi, cell * 0.49) if halves else (rng.integers(4) * np.pi / 2, np.pi / 2, cell)
        if max(abs(x), abs(y)) > 1.3 + cell / 2:
            continue
        foot = np.array([x, y])
        if not halves:
            foot = foot - np.sqrt(0.5) * cell * polar(1.0, np.array([start + np.pi / 4]))[0]
        edges = start + span * np.linspace(0, 1, 2 * rays)
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            wedge = np.array([a, (a + b) / 2, b])
            inner = polar(radius * (core + 0.06), wedge[[2, 0]])
            drawing.append(Path(foot + np.concatenate([polar(radius * 0.98, wedge), inner]), closed=True))
        heart = polar(radius * core, start + np.linspace(0, span, 9))
        drawing.append(Path(foot + (heart if halves else np.concatenate([heart, [[0, 0]]])), closed=True, part=1))
    return drawing


def hyperbolic(rng: Rng) -> Drawing:
    p, q = ((3, 8), (5, 4), (6, 4), (4, 6), (3, 10), (3, 8))[rng.integers(6)]
    size, finest, share = rng.uniform(1.0, 1.4), rng.uniform(0.965, 0.98), rng.uniform(0.45, 0.7)
    corner = np.sqrt(np.cos(np.pi / p + np.pi / q) / np.cos(np.pi / p - np.pi / q))
    center = (corner**2 + 1) / (2 * corner * np.cos(np.pi / p))
    middle = center - np.sqrt(center**2 - 1)
    flips = [_half_turn(middle * np.exp(1j * np.pi / p * (2 * k + 1))) for k in range(p)]
    klein = 2 * corner / (1 + corner**2) * np.exp(2j * np.pi / p * np.arange(p + 1))
    t = np.linspace(0, 1, 5, endpoint=False)
    flat = (klein[:-1, None] * (1 - t) + klein[1:, None] * t).ravel()  # there geodesics are straight
    outline = flat / (1 + np.sqrt(1 - np.abs(flat) ** 2))
    shift = complex(*rng.uniform(-0.3, 0.3, 2))
    tiles = [(1 / np.sqrt(1 - abs(shift) ** 2) + 0j, shift / np.sqrt(1 - abs(shift) ** 2), 0)]
    seen = {_rounded(shift)}
    drawing: Drawing = []
    for a, b, odd in tiles:  # the isometry z -> (a z + b) / (b* z + a*); every second tile draws each edge once
        shape = outline * share if odd else outline
        z = size * (a * shape + b) / (b.conjugate() * shape + a.conjugate())
        drawing.append(Path(np.stack([z.real, z.imag], -1), closed=True, part=odd))
        for c, d in flips:
            beyond, aside = a * c + b * d.conjugate(), a * d + b * c.conjugate()
            place = aside / beyond.conjugate()
            if abs(place) < finest and _rounded(place) not in seen:
                seen.add(_rounded(place))
                tiles.append((beyond, aside, 1 - odd))
    return [*drawing, arc((0.0, 0.0), size, 0, 2 * np.pi, 80)]


def _half_turn(m: complex) -> tuple[complex, complex]:
    """The half turn of the Poincare disk about `m`, as the coefficients (a, b) of an isometry."""
    scale = 1 - abs(m) ** 2
    return 1j * (1 + abs(m) ** 2) / scale, -2j * m / scale


def _rounded(z: complex) -> tuple[int, int]:
    return round(z.real * 2000), round(z.imag * 2000)


FIELDS = (
    bulge, tunnel, nested, interference, currents, vortices, magnet, deadleaves, packing, gasket, sierpinski, koch,
    dragon, julia, glass, delaunay, stipple, halftone, ridges, lissajous, curls, circuit, quarters, sunbursts,
    hyperbolic,
)  # fmt: skip

NATURE: Nature = {
    "bulge": (("black", "blue"), ("red", "violet", "orange")),
    "tunnel": (("black", "blue"), ("red", "black", "violet")),
    "nested": (("black", "blue"), ("red", "orange")),
    "interference": (("blue", "black"), ("red", "pink"), ("yellow", "teal")),
    "currents": (("blue", "teal"), ("teal", "violet")),
    "vortices": (("blue", "violet"),),
    "magnet": (("red",), ("blue",)),
    "deadleaves": (("orange", "red"), ("brown", "yellow"), ("green", "teal")),
    "packing": (("black", "blue"), ("pink", "orange", "teal")),
    "gasket": (("black", "blue"), ("teal", "red"), ("orange", "violet")),
    "sierpinski": (("black", "violet"), ("red", "violet"), ("orange", "teal")),
    "koch": (("blue", "teal"), ("violet", "teal")),
    "dragon": (("red",), ("orange", "black"), ("green", "teal"), ("blue", "violet")),
    "julia": (("violet", "blue"), ("orange", "pink")),
    "glass": (("blue", "red", "green"), ("yellow", "orange", "violet")),
    "delaunay": (("blue", "teal"), ("orange", "red"), ("violet", "yellow")),
    "stipple": (("black", "blue", "brown"),),
    "halftone": (("blue", "teal"), ("red", "pink")),
    "ridges": (("black", "white", "blue"),),
    "lissajous": (("violet", "blue"), ("pink", "orange")),
    "curls": (("blue", "teal"), ("orange", "red")),
    "circuit": (("green", "teal"), ("orange", "brown")),
    "quarters": (("red", "orange"), ("blue", "black")),
    "sunbursts": (("orange", "red"), ("yellow",)),
    "hyperbolic": (("black", "blue"), ("red", "orange", "violet")),
}
