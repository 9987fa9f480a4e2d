"""Motifs of living and natural surfaces that cover the plane."""

from __future__ import annotations

import contourpy
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from plotart.training.motifs.hues import Nature
from plotart.training.motifs.paths import (
    REACH,
    Drawing,
    Path,
    Points,
    circle,
    lattice,
    line,
    moved,
    of_part,
    polar,
    smooth_field,
    turn,
)

Rng = np.random.Generator
Floats = NDArray[np.float64]

#: Half-width and resolution of the fields that are contoured.
_FIELD, _GRID = 1.75, 80


def _bent(rng: Rng, drawing: Drawing, amount: float) -> Drawing:
    """The drawing under a slow wave, which gives it a flow."""
    frequency, phase = rng.uniform(0.9, 2.2, 2), rng.uniform(0, 2 * np.pi, 2)
    return [p._replace(points=p.points + amount * np.sin(p.points[:, ::-1] * frequency + phase)) for p in drawing]


def _bow(a: Points, b: Points, c: Points, n: int = 7) -> Points:
    """Curves [..., n, 2] from a to c, drawn towards b, each [..., 2]."""
    a, b, c = a[..., None, :], b[..., None, :], c[..., None, :]
    t = np.linspace(0, 1, n)[:, None]
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)


def _ribbons(spines: Points, half: Floats) -> Drawing:
    """The outlines of strokes along the spines [m, n, 2] of half-widths [m, n] or [n]."""
    along = np.gradient(spines, axis=1)
    normal = along[..., ::-1] * np.array([-1.0, 1.0]) * (half / np.hypot(along[..., 0], along[..., 1]))[..., None]
    return [Path(ring, closed=True) for ring in np.concatenate([spines + normal, (spines - normal)[:, ::-1]], axis=1)]


def _rounded(corners: Points) -> Points:
    """Rings [..., 3 k, 2] that touch the sides of polygons [..., k, 2] at their middles."""
    before, after = (corners + _next(corners, -1)) / 2, (corners + _next(corners)) / 2
    curves = [(1 - t) ** 2 * before + 2 * t * (1 - t) * corners + t**2 * after for t in (0.0, 1 / 3, 2 / 3)]
    return np.asarray(np.stack(curves, axis=-2).reshape(*corners.shape[:-2], -1, 2))


def _next(corners: Points, step: int = 1) -> Points:
    return np.asarray(np.concatenate([corners[..., step:, :], corners[..., :step, :]], axis=-2))


def _shrunk(corners: Points, gap: float) -> Points:
    """A polygon drawn in by about `gap` on all sides."""
    away = corners - corners.mean(axis=0)
    distance = np.hypot(away[:, 0], away[:, 1])[:, None]
    return np.asarray(corners - away * np.minimum(gap / distance, 0.5))


def _with_middles(corners: Points) -> Points:
    return np.asarray(np.stack([corners, (corners + _next(corners)) / 2], 1).reshape(-1, 2))


def _seeds(rng: Rng, cell: float, height: float, jitter: float, squeeze: tuple[float, float] = (1.0, 1.0)) -> Points:
    """Jittered places that cover the reach once it is stretched by `squeeze`."""
    seeds = np.array([(x, y) for _, _, x, y in lattice(cell, height, offset=0.5)])
    seeds += rng.uniform(-jitter, jitter, seeds.shape) * np.array([cell, height])
    edge = REACH / np.array(squeeze) + 1.5 * np.array([cell, height])
    return np.asarray(seeds[(np.abs(seeds) < edge).all(axis=1)])


def _cells(seeds: Points) -> list[Points]:
    """The bounded Voronoi cells of some seeds."""
    diagram = Voronoi(seeds)
    cells = [diagram.vertices[region] for region in diagram.regions if region and -1 not in region]
    return [cell for cell in cells if np.abs(cell).max() < 2 * REACH]


def _visible(points: Points, mask: NDArray[np.bool_]) -> Drawing:
    """The runs of a polyline where the mask holds."""
    edges = np.flatnonzero(np.diff(mask)) + 1
    runs = zip(np.split(points, edges), np.split(mask, edges), strict=True)
    return [Path(run) for run, shown in runs if shown[0] and len(run) > 2]


def _reaction(rng: Rng, period: float, *, bias: float = 0.0, slant: float | None = None) -> Floats:
    """A pattern of one wavelength, by repeated sharpening and filtering; spots if biased, bands if slanted."""
    k = np.fft.fftfreq(_GRID, 2 * _FIELD / _GRID) * period
    kx, ky = np.meshgrid(k[: _GRID // 2 + 1], k)
    kx[:, -1] = abs(kx[:, -1])
    band = np.exp(-(((np.hypot(kx, ky) - 1) / 0.22) ** 2))
    if slant is not None:
        band *= np.exp(-(((ky - slant * kx) / 0.5) ** 2))
    field = rng.normal(0, 1, (_GRID, _GRID))
    for _ in range(9 if slant is None else 4):  # bands that settle have no forks
        field = np.fft.irfft2(band * np.fft.rfft2(np.tanh(2 * field - bias)), s=field.shape)
        field /= field.std()
    return field


def _islands(field: Floats, level: float) -> Drawing:
    """Closed outlines of where the field exceeds the level."""
    field[[0, -1]] = field[:, [0, -1]] = level - 1
    axis = np.linspace(-_FIELD, _FIELD, len(field))
    rings = map(np.asarray, contourpy.contour_generator(axis, axis, field).lines(level))
    return [Path(points[:-1], closed=True) for points in rings if len(points) > 8]


def fur(rng: Rng) -> Drawing:
    cell = rng.uniform(0.28, 0.44)
    length, lean = cell * rng.uniform(1.0, 1.7), rng.uniform(-0.4, 0.4)
    root = _seeds(rng, cell, cell * 0.75, 0.14)
    angle, long = lean + rng.normal(0, 0.2, len(root)), length * rng.uniform(0.8, 1.1, len(root))
    tip = root + np.stack([-np.sin(angle) * long, np.cos(angle) * long], -1)
    side, belly = np.array([cell * 0.36, 0.0]), np.array([0.0, length * 0.6])
    left, right = (_bow(root + s * side, root + s * side + belly, tip) for s in (-1, 1))
    locks = np.concatenate([left, right[:, -2::-1]], axis=1)
    middles = _bow(root, root + belly, tip)[:, :-2]
    return _bent(rng, [Path(points) for points in (*locks, *middles)], rng.uniform(0.1, 0.3))


def plumage(rng: Rng) -> Drawing:
    width, slim, barbs = rng.uniform(0.5, 0.85), rng.uniform(0.65, 0.95), int(rng.integers(2, 4))
    length, tip = width * slim, rng.uniform(0.75, 1.3)
    t = np.linspace(0, 1, 8)
    edge = np.stack([width / 2 * (1 - t**2) ** (tip / 2), length * t], -1)  # of the right half, down to the tip
    above = edge[::-1] * np.array([-1, 1]) + np.array([width / 2, -length])
    half = np.concatenate([above[::-1][1:], edge[1:]]) * 0.94
    feather = Path(np.concatenate([half, half[::-1] * np.array([-1, 1])]), closed=True)
    marks = [line((0.0, -0.55 * length), (0.0, 0.75 * length))]
    for s in np.linspace(0.0, 0.55, barbs):
        reach = width * 0.3 * (1 - s**2)
        marks.append(line((-reach, (s - 0.2) * length), (0.0, (s + 0.1) * length), (reach, (s - 0.2) * length)))
    whole = [feather, *of_part(1, marks)]
    drawing: Drawing = []
    for _, _, x, y in lattice(width, length, offset=0.5):
        drawing += moved(whole, to=(x, y))
    return _bent(rng, drawing, rng.uniform(0.0, 0.12))


def bark(rng: Rng) -> Drawing:
    width, aspect = rng.uniform(0.2, 0.4), rng.uniform(2.2, 3.6)
    stretch = np.array([1.0, aspect])
    y, x = np.linspace(-0.55, 0.55, 5), np.array([[-0.35], [0.3]])
    drawing: Drawing = []
    for cell in _cells(_seeds(rng, width, width, 0.38, (1.0, aspect))):
        corners = _with_middles(_with_middles(_shrunk(cell, 0.06 * width)))
        corners += rng.normal(0, 0.035 * width, corners.shape)
        drawing.append(Path(corners * stretch, closed=True))
        grain = np.stack([x + rng.normal(0, 0.07, (2, 5)), y * rng.uniform(0.6, 1, (2, 1))], -1)
        grain = (cell.mean(axis=0) + grain * np.ptp(cell, axis=0) / 2) * stretch
        drawing += [Path(furrow, part=1) for furrow in grain]
    return _bent(rng, drawing, rng.uniform(0.03, 0.12))


def zebra(rng: Rng) -> Drawing:
    field = _reaction(rng, rng.uniform(0.26, 0.5), slant=rng.uniform(-0.3, 0.3))
    return _bent(rng, _islands(field, rng.uniform(0.0, 0.35)), rng.uniform(0.1, 0.3))


def leopard(rng: Rng) -> Drawing:
    cell, thick = rng.uniform(0.42, 0.65), rng.uniform(0.06, 0.09)
    swell = thick * np.sqrt(np.sin(np.pi * np.linspace(0.02, 0.98, 7)))
    seeds = _seeds(rng, cell, cell * 0.9, 0.12)
    middle = polar(0.2 * cell, np.linspace(0, 2 * np.pi, 10, endpoint=False))
    blobs = []
    for seed in seeds:
        count, phase = int(rng.integers(2, 5)), rng.uniform(0, 2 * np.pi)
        angles = phase + 2 * np.pi / count * (np.arange(count)[:, None] + np.linspace(0, rng.uniform(0.65, 0.85), 7))
        radius = cell * rng.uniform(0.29, 0.36, (count, 1)) + rng.normal(0, 0.015 * cell, (count, 7))
        blobs.append(seed + np.stack([radius * np.cos(angles), radius * np.sin(angles)], -1))
    spines = np.concatenate(blobs)
    half = cell * swell * rng.uniform(0.8, 1.3, (len(spines), 1))
    return [Path(seed + middle, closed=True, part=1) for seed in seeds] + _ribbons(spines, half)


def giraffe(rng: Rng) -> Drawing:
    cell, gap = rng.uniform(0.35, 0.6), rng.uniform(0.05, 0.09)
    drawing: Drawing = []
    for corners in _cells(_seeds(rng, cell, cell, 0.32)):
        corners = _with_middles(_shrunk(corners, gap * cell))
        corners += rng.normal(0, 0.04 * cell, corners.shape)
        drawing.append(Path(_rounded(corners), closed=True))
    return drawing


def tiger(rng: Rng) -> Drawing:
    length, pitch = rng.uniform(0.8, 1.4), rng.uniform(0.17, 0.3)
    t = np.linspace(0, 1, 16)
    drawing: Drawing = []
    for _, _, x, y in lattice(length, pitch, offset=0.55):
        long, thick = length * rng.uniform(0.85, 1.15), pitch * rng.uniform(0.22, 0.34)
        wave = pitch * 0.25 * np.sin(2 * np.pi * (t * rng.uniform(0.7, 1.4) + rng.random()))
        spine = np.stack([x + (t - 0.5) * long + rng.normal(0, 0.08 * length), y + wave], -1)
        half = thick * np.sin(np.pi * t ** rng.uniform(0.6, 1.6)) ** 0.8
        drawing += _ribbons(spine[None], half)
        if rng.random() < 0.35:  # a prong beside the end
            side = pitch * 0.42 * rng.choice([-1.0, 1.0])
            prong = spine[6:] + np.stack([np.zeros(10), side * np.linspace(1, 1.15, 10)], -1)
            drawing += _ribbons(prong[None], thick * 0.45 * np.sin(np.pi * np.linspace(0, 1, 10)))
    return _bent(rng, drawing, rng.uniform(0.1, 0.25))


def snakeskin(rng: Rng) -> Drawing:
    width, tall = rng.uniform(0.24, 0.42), rng.uniform(1.25, 1.7)
    height, period = width * tall, int(rng.integers(2, 4))
    lozenge = np.array([[0, -0.5], [0.22, -0.25], [0.46, 0], [0.22, 0.25], [0, 0.5]]) * np.array([width, height]) * 0.94
    shape = np.concatenate([lozenge, lozenge[-2:0:-1] * np.array([-1.0, 1.0])])
    scale = _rounded(shape)
    drawing: Drawing = []
    for row, column, x, y in lattice(width, height / 2, offset=0.5):
        a, b = column + (row + row % 2) // 2, column - (row - row % 2) // 2  # along the two diagonals
        marked = a % (2 * period) < period and b % (2 * period) < period
        drawing.append(Path(scale + np.array([x, y]), closed=True, part=int(marked)))
        if marked:
            drawing.append(Path(scale * 0.55 + np.array([x, y]), closed=True, part=1))
    return _bent(rng, drawing, rng.uniform(0.0, 0.15))


def cracks(rng: Rng) -> Drawing:
    largest, gap = rng.uniform(0.42, 0.75), rng.uniform(0.012, 0.03)
    plates = [np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]) * REACH]
    drawing: Drawing = []
    while plates:
        plate = plates.pop()
        sides = _next(plate) - plate
        lengths = np.hypot(sides[:, 0], sides[:, 1])
        k = lengths.argmax()
        if lengths[k] > largest * rng.uniform(0.8, 1.5):  # a crack runs from the longest side, about square to it
            start, along = plate[k] + rng.uniform(0.35, 0.65) * sides[k], turn(sides[k], rng.normal(0, 0.25))
            plates += [_half(plate, start, along), _half(plate, start, -along)]
            continue
        corners = _with_middles(_with_middles(_shrunk(plate, gap)))
        corners += rng.normal(0, 0.012, corners.shape)
        drawing.append(Path(corners, closed=True))
        if rng.random() < 0.5:  # a crack that has only begun
            start = corners[rng.integers(len(corners))]
            inward = (plate.mean(axis=0) - start) * np.linspace(0, rng.uniform(0.4, 0.9), 5)[:, None]
            drawing.append(Path(start + inward + rng.normal(0, 0.012, (5, 2)), part=1))
    return drawing


def _half(polygon: Points, point: Points, normal: Points) -> Points:
    """The part of a convex polygon beyond the line through `point`."""
    beyond = (polygon - point) @ normal
    kept = []
    for a, b, p, q in zip(polygon, _next(polygon), beyond, np.append(beyond[1:], beyond[0]), strict=True):
        if p >= 0:
            kept.append(a)
        if p * q < 0:
            kept.append(a + (b - a) * p / (p - q))
    return np.array(kept)


def pebbles(rng: Rng) -> Drawing:
    cell = rng.uniform(0.26, 0.5)
    seeds = _seeds(rng, cell, cell, 0.17)
    seeds = seeds[rng.random(len(seeds)) < 0.87]  # the neighbours of a missing one are large
    light = polar(1.0, np.linspace(-2.9, -1.8, 5))
    drawing: Drawing = []
    for corners in _cells(seeds):
        stone = _rounded(_shrunk(corners, 0.05 * cell))
        low, high = stone.min(axis=0), stone.max(axis=0)
        shine = (low + high) / 2 + light * (high - low) * 0.32
        drawing += [Path(stone, closed=True), Path(shine, part=1)]
    return drawing


def cobbles(rng: Rng) -> Drawing:
    stone = rng.uniform(0.19, 0.28)
    count = int(rng.integers(5, 9))
    width = stone * count
    sag = width * rng.uniform(0.13, 0.2)
    columns = np.arange(-int(REACH / width) - 1, int(REACH / width) + 2)
    u: Floats = np.array([0.04, 0.5, 0.96, 0.96, 0.96, 0.5, 0.04, 0.04]) + np.arange(count)[:, None]
    v = np.array([0.04, 0.04, 0.04, 0.5, 0.96, 0.96, 0.96, 0.5]) * stone
    u = (2 * u / count - 1)[None, None]
    x = columns[:, None, None, None] * width + u * width / 2
    y = np.arange(-REACH, REACH + sag, stone)[:, None, None] + v - sag * (1 - u**2)
    stones: Points = np.stack(np.broadcast_arrays(x, y), -1).reshape(-1, 8, 2)
    stones = stones[np.abs(stones).max(axis=(1, 2)) < REACH + stone]
    stones += rng.normal(0, 0.035 * stone, stones.shape)
    return [Path(points, closed=True) for points in _rounded(stones)]


def labyrinth(rng: Rng) -> Drawing:
    return _islands(_reaction(rng, rng.uniform(0.26, 0.5)), 0.25)


def spots(rng: Rng) -> Drawing:
    return _islands(_reaction(rng, rng.uniform(0.26, 0.5), bias=1.2), rng.uniform(0.4, 0.9))


def agate(rng: Rng) -> Drawing:
    n = 64
    axis = np.linspace(-REACH, REACH, n)
    x, y = np.meshgrid(axis, axis)
    x, y = x + 0.06 * smooth_field(rng, n, 0.6), y + 0.06 * smooth_field(rng, n, 0.6)
    hearts = rng.uniform(-1.3, 1.3, (int(rng.integers(2, 7)), 2))
    field = np.min([np.hypot(x - a, y - b) * rng.uniform(0.8, 1.3) for a, b in hearts], axis=0)
    narrow, broad = rng.uniform(0.04, 0.07), rng.uniform(0.12, 0.22)
    levels = np.cumsum(np.where(rng.random(40) < 0.6, narrow, broad))[::-1]  # from outside, so that fills nest
    drawing: Drawing = []
    generator = contourpy.contour_generator(axis, axis, field)
    for level in levels[levels < field.max()]:
        for points in map(np.asarray, generator.lines(level)):
            closed = np.array_equal(points[0], points[-1])
            if len(points) > 6:
                drawing.append(Path(points[: -1 if closed else None], closed))
    return drawing


def marbling(rng: Rng) -> Drawing:
    tine, pitch = rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.16)
    x = np.arange(-REACH - tine, REACH + tine, tine / 12)
    beside = 1 - np.abs((np.arange(len(x)) / 6) % 2 - 1)  # 0 at a tine, 1 between two
    pull = rng.uniform(0.35, 0.6) * np.exp(-beside / rng.uniform(0.25, 0.4))
    gaps = pitch * rng.choice([0.6, 1.0, 1.7], int(2.9 * REACH / pitch), p=[0.5, 0.3, 0.2])
    rows = np.cumsum(gaps) - 1.3 * REACH
    drawing = _bent(rng, [Path(np.stack([x, y + pull], -1)) for y in rows], rng.uniform(0.0, 0.12))
    for _ in range(rng.integers(1, 4)):
        eye, size, twist = rng.uniform(-0.9, 0.9, 2), rng.uniform(0.25, 0.5), rng.choice([-1, 1]) * rng.uniform(1, 2.4)
        drawing = [Path(_swirled(path.points, eye, size, twist)) for path in drawing]
    return drawing


def _swirled(points: Points, eye: Points, size: float, twist: float) -> Points:
    away = points - eye
    angle = twist * np.exp(-np.sum(away**2, axis=1) / size**2)
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(eye + np.stack([c * away[:, 0] - s * away[:, 1], s * away[:, 0] + c * away[:, 1]], -1))


def water(rng: Rng) -> Drawing:
    cell, stretch = rng.uniform(0.24, 0.38), rng.uniform(1.5, 2.3)
    phase = rng.uniform(0, 2 * np.pi)
    drawing: Drawing = []
    for corners in _cells(_seeds(rng, cell, cell, 0.4, (stretch, 1.0))):
        glint = _rounded(_shrunk(corners, 0.04 * cell) * np.array([stretch, 1.0]))
        glint[:, 1] += 0.11 * cell * np.sin(glint[:, 0] * 2 * np.pi / (cell * 1.9) + phase + 2 * glint[:, 1])
        middle = glint.mean(axis=0)
        drawing += [Path(glint, closed=True), Path(middle + (glint - middle) * 0.55, closed=True, part=1)]
    return drawing


def ripples(rng: Rng) -> Drawing:
    drops = rng.uniform(-1.2, 1.2, (int(rng.integers(3, 8)), 2))
    pitch, lag = rng.uniform(0.07, 0.16), rng.uniform(0, 0.3, len(drops))
    drawing: Drawing = []
    for drop, late in zip(drops, lag, strict=True):
        for radius in np.arange(pitch / 2, 2.2, pitch) ** 1.1:
            points = drop + polar(radius, np.linspace(0, 2 * np.pi, max(16, int(50 * radius))))
            reach = np.hypot(*(points[:, None] - drops).transpose(2, 0, 1)) + lag
            own = (radius + late <= reach.min(axis=1) + 1e-9) & (np.abs(points).max(axis=1) < REACH)
            drawing += [circle((drop[0], drop[1]), radius, 30)] if own.all() else _visible(points, own)
    return drawing


def grass(rng: Rng) -> Drawing:
    pitch, wind = rng.uniform(0.38, 0.6), rng.uniform(-0.45, 0.45)
    step, tall = pitch * rng.uniform(0.26, 0.36), pitch * rng.uniform(1.3, 1.8)
    taper = step * rng.uniform(0.24, 0.34) * (1 - np.linspace(0, 1, 8)) ** 0.7
    x, y = np.meshgrid(np.arange(-REACH, REACH, step), np.arange(-REACH, REACH + tall, pitch))
    root = np.stack([x, y], -1).reshape(-1, 2) + rng.normal(0, 1, (x.size, 2)) * np.array([0.15 * step, 0.12 * pitch])
    height, lean = tall * rng.uniform(0.6, 1.1, x.size), wind + rng.normal(0, 0.22, x.size)
    tip = root + np.stack([lean * height, -height], -1)
    knee = root + np.stack([-0.05 * lean * height, -0.55 * height], -1)
    return _ribbons(_bow(root, knee, tip, 8), taper)


def foliage(rng: Rng) -> Drawing:
    cell, slim = rng.uniform(0.38, 0.62), rng.uniform(0.2, 0.3)
    wild, heading = rng.choice([0.4, 2.0]), rng.uniform(0, 2 * np.pi)
    t = np.linspace(0, 1, 11)
    half = slim * np.sin(np.pi * t**0.8) ** 1.1
    drawing: Drawing = []
    for seed in _seeds(rng, cell, cell * 0.75, 0.08):
        spine = np.stack([t - 0.5, rng.normal(0, 0.25) * t * (1 - t)], -1)
        leaf = [*_ribbons(spine[None], half), Path(np.concatenate([spine[:1] - [0.1, 0.0], spine[:-1]]), part=1)]
        if cell > 0.48:
            for k in (2, 4, 6):
                side = np.array([[0.13, 0.62 * half[k + 1]], [0.0, 0.0], [0.13, -0.62 * half[k + 1]]])
                leaf.append(Path(spine[k] + side, part=1))
        angle = heading + rng.normal(0, wild)
        drawing += moved(leaf, scale=cell * rng.uniform(0.95, 1.15), angle=angle, to=(seed[0], seed[1]))
    return drawing


def bamboo(rng: Rng) -> Drawing:
    mean, gap, leafy = rng.uniform(0.16, 0.34), rng.uniform(0.2, 0.7), rng.uniform(0.1, 0.5)
    t = np.linspace(0, 1, 9)
    drawing: Drawing = []
    leaves: Drawing = []
    x = -REACH
    while x < REACH:
        width, tilt = mean * rng.uniform(0.7, 1.3), rng.normal(0, 0.03)
        length = width * rng.uniform(2.2, 4)
        profile = width / 2 * (0.88 + 0.12 * (2 * t - 1) ** 4)
        for y in np.arange(-REACH - rng.random() * length, REACH, length):
            joint = x + tilt * y
            spine = np.stack([joint + tilt * t * length, y + (0.03 + 0.94 * t) * length], -1)
            drawing += _ribbons(spine[None], profile)
            for side in (-1, 1):
                if rng.random() < leafy / 2:
                    angle = np.pi / 2 - side * rng.uniform(0.5, 1.1)
                    blade = _bow(np.zeros(2), np.array([0.5, -0.12 * side]), np.array([1.0, 0.1 * side]), 9)
                    leaf = _ribbons(blade[None], 0.11 * np.sin(np.pi * t**0.7))
                    leaves += moved(leaf, scale=mean * 2.2, angle=angle, to=(joint + side * width / 2, y))
        x += width * 1.1 + gap * mean * rng.uniform(0.5, 1.5)
    return drawing + of_part(1, leaves)


def flames(rng: Rng) -> Drawing:
    width = rng.uniform(0.34, 0.6)
    height, sway = width * rng.uniform(1.7, 2.3), rng.uniform(0.12, 0.24)
    t = np.linspace(0, 1, 14)
    body = 0.46 * width * np.sin(np.pi * t**0.55) ** 0.9 * (1 - 0.5 * t)
    foot = np.array([(x, y) for _, _, x, y in lattice(width, height * 0.82, offset=0.5)])[:, None]
    tall, way = height * rng.uniform(0.85, 1.1, (len(foot), 1)), rng.choice([-1.0, 1.0], (len(foot), 1))
    swing = way * sway * width * np.sin(2 * np.pi * t) * (0.5 + t)
    tongues = foot + np.stack([swing, -tall * t], -1)
    cores = _ribbons(0.5 * (tongues + foot) - np.array([0.0, 0.06 * height]), body * 0.45)
    pairs = zip(_ribbons(tongues, body), of_part(1, cores), strict=True)
    return [path for pair in pairs for path in pair]


def dunes(rng: Rng) -> Drawing:
    step, high, pitch = rng.uniform(0.4, 0.7), rng.uniform(0.25, 0.45), rng.uniform(0.055, 0.09)
    drift = rng.uniform(0.5, 1.4) * rng.choice([-1, 1])
    x = np.linspace(-REACH, REACH, 64)
    drawing: Drawing = []
    front = np.full(len(x), 2 * REACH)
    for base in np.arange(REACH + high, -REACH - step, -step):
        rate, phase = rng.uniform(0.9, 1.7), rng.uniform(0, np.pi)
        top = base - high * (1 - np.abs(np.sin(x * rate + phase))) ** 1.3 + 0.03 * np.sin(3 * x + phase)
        drawing += _visible(np.stack([x, top], -1), top < front)
        for k in range(1, int((step + high) / pitch)):  # the lee side is in the shade, down from a winding ridge
            lee = np.sin(2 * ((x + drift * k * pitch + 0.1 * np.sin(9 * k * pitch)) * rate + phase)) > 0
            shade = top + k * pitch
            drawing += of_part(1, _visible(np.stack([x, shade], -1), lee & (shade < front)))
        front = np.minimum(front, top)
    return drawing


def strata(rng: Rng) -> Drawing:
    x = np.linspace(-REACH, REACH, 60)
    fold, period = rng.uniform(0.15, 0.45), rng.uniform(1.0, 2.2)
    sharp, phase = rng.uniform(0.6, 0.97), rng.uniform(0, 2 * np.pi)
    wave = fold * np.arcsin(sharp * np.sin(2 * np.pi * x / period + phase)) + rng.uniform(-0.3, 0.3) * x
    faults = np.sort(rng.uniform(-1.1, 1.1, rng.integers(0, 4)))
    throw = np.concatenate([[0.0], rng.uniform(0.12, 0.35, len(faults)) * rng.choice([-1, 1], len(faults))]).cumsum()
    block = np.searchsorted(faults, x)
    drawing: Drawing = [line((f, -REACH), (f, REACH)) for f in faults]

    def bed(y: float, shown: NDArray[np.bool_] | None = None) -> Drawing:
        points = np.stack([x, y + wave + throw[block]], -1)
        return [
            p
            for b in range(len(throw))
            for p in _visible(points, (block == b) if shown is None else shown & (block == b))
        ]

    y = -REACH - 1.0
    while y < REACH + 1.0:
        thick, filling = rng.uniform(0.08, 0.3), rng.integers(4)
        drawing += bed(y)
        if filling == 0:  # fine beds
            for inner in np.arange(y + 0.045, y + thick - 0.02, 0.045):
                drawing += of_part(1, bed(inner))
        elif filling == 1 and thick > 0.12:  # broken ones
            for k, inner in enumerate(np.arange(y + 0.06, y + thick - 0.03, 0.06)):
                drawing += of_part(1, bed(inner, (np.arange(len(x)) + 3 * k) % 6 < 3))
        y += thick
    return [path for path in drawing if np.abs(path.points[:, 1]).min() < REACH]


def rain(rng: Rng) -> Drawing:
    cell, slant, size = rng.uniform(0.2, 0.4), rng.uniform(-0.5, 0.5), rng.uniform(0.07, 0.13)
    t = np.linspace(0, 1, 9)
    drop = _ribbons(np.stack([0 * t, t * size * 1.6], -1)[None], size * t**1.1 * np.sqrt(1 - t))[0].points
    drawing: Drawing = []
    for seed in _seeds(rng, cell, cell * 1.5, 0.35):
        large, length = rng.uniform(0.7, 1.2), cell * rng.uniform(0.5, 1.3)
        drawing += [Path(seed + np.array([[0.0, -length], [0.0, 0.0]])), Path(seed + large * drop, closed=True)]
    return moved(drawing, angle=slant)


SKINS = (
    fur, plumage, bark, zebra, leopard, giraffe, tiger, snakeskin, cracks, pebbles, cobbles, labyrinth, spots,
    agate, marbling, water, ripples, grass, foliage, bamboo, flames, dunes, strata, rain,
)  # fmt: skip

NATURE: Nature = {
    "fur": (("brown", "black", "orange", "grey"),),
    "plumage": (("blue", "teal", "green", "brown"), ("white", "black", "yellow")),
    "bark": (("brown", "grey"), ("black", "brown")),
    "zebra": (("black",),),
    "leopard": (("black",), ("brown", "orange")),
    "giraffe": (("brown", "orange"),),
    "tiger": (("black",),),
    "snakeskin": (("green", "brown"), ("black", "red", "yellow")),
    "cracks": (("brown", "grey", "orange"), ("brown", "black")),
    "pebbles": (("grey", "brown"), ("white",)),
    "cobbles": (("grey", "black"),),
    "labyrinth": (("black", "red", "blue"),),
    "spots": (("black", "red", "brown"),),
    "agate": (("brown", "red", "violet", "teal"),),
    "marbling": (("blue", "red", "teal"),),
    "water": (("blue", "teal"), ("white", "teal")),
    "ripples": (("blue", "teal"),),
    "grass": (("green",),),
    "foliage": (("green", "teal"), ("yellow", "green")),
    "bamboo": (("green", "yellow"), ("green",)),
    "flames": (("red", "orange"), ("yellow", "orange")),
    "dunes": (("brown", "orange"), ("yellow", "orange")),
    "strata": (("brown", "red"), ("orange", "grey")),
    "rain": (("blue", "grey"),),
}
