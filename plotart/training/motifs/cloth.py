"""Motifs that are woven, laid or wrought and cover the plane."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from plotart.training.motifs.hues import Nature
from plotart.training.motifs.paths import (
    REACH,
    Drawing,
    Path,
    Points,
    arc,
    circle,
    lattice,
    line,
    mirrored,
    moved,
    of_part,
    polar,
    rectangle,
    ring,
    smooth,
)

Rng = np.random.Generator


def _in_reach(drawing: Drawing) -> Drawing:
    boxes = [(*path.points.min(axis=0).tolist(), *path.points.max(axis=0).tolist()) for path in drawing]
    return [p for p, (a, b, c, d) in zip(drawing, boxes, strict=True) if max(a, b) < REACH and min(c, d) > -REACH]


def _tiled(tile: Drawing, width: float, height: float | None = None, *, offset: float = 0.0) -> Drawing:
    drawing: Drawing = []
    for path in tile:
        low, high = path.points.min(axis=0), path.points.max(axis=0)
        (left, top), (right, bottom) = low.tolist(), high.tolist()
        for _, _, x, y in lattice(width, height, offset=offset):
            if max(left + x, top + y) < REACH and min(right + x, bottom + y) > -REACH:
                drawing.append(path._replace(points=path.points + np.array([x, y])))
    return drawing


def _ribbon(points: Points, width: float) -> Path:
    """The outline of a band along a curve."""
    along = np.gradient(points, axis=0)
    side = along[:, ::-1] * np.array([-1, 1]) * (width / 2 / np.hypot(*along.T))[:, None]
    return Path(np.concatenate([points + side, (points - side)[::-1]]), closed=True)


def _shrunk(points: Points, share: float) -> Path:
    """A tile with a joint around it, so that neighbours share no edge."""
    middle = points.mean(axis=0)
    return Path(middle + (points - middle) * share, closed=True)


def _slats(
    basis: Points, across: NDArray[np.floating], start: NDArray[np.floating], width: float, length: float
) -> Drawing:
    """Straight bands in oblique coordinates: they run at `across`, and end parallel to what they dive under."""
    corners = [(-width / 2, 0), (width / 2, 0), (width / 2, length), (-width / 2, length)]
    middles = np.stack([across, start], -1)
    return _in_reach([Path(points, closed=True) for points in (middles[:, None] + np.array(corners)) @ basis])


def _oblique(angle: float, other: float) -> NDArray[np.float64]:
    """Rows by which (distance along normal `angle`, along normal `other`) become (x, y)."""
    normals = np.array([[np.cos(angle), np.sin(angle)], [np.cos(other), np.sin(other)]])
    return np.asarray(np.linalg.inv(normals).T)


def knit(rng: Rng) -> Drawing:
    w = rng.uniform(0.24, 0.55)
    h, steep, gap = w * rng.uniform(0.55, 0.8), w * rng.uniform(0.5, 0.8), w * rng.uniform(0.06, 0.14)
    x = np.linspace(0, 1, 8)
    limb = -steep * np.sin(x * np.pi / 2) ** 1.3
    thick = (h - gap) * (1 - 0.4 * x**6)
    outer, inner = np.stack([x * w * 0.46, limb + thick], -1), np.stack([x * w * 0.46, limb], -1)
    return _tiled([Path(mirrored(np.concatenate([inner, outer[::-1]])), closed=True)], w, h)


def lace(rng: Rng) -> Drawing:
    cell, n = rng.uniform(0.75, 1.2), int(rng.choice([6, 8, 10]))
    r, depth = cell / 2, rng.uniform(0.15, 0.3)
    a = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    scallop = np.abs(np.sin(n * a / 2))
    tile = [
        Path(polar(r * (0.84 + 0.15 * scallop), a), closed=True),
        Path(polar(r * (0.36 + depth * np.cos(n * a)), a), closed=True),
        circle((0, 0), r * 0.1, 16),
        Path(np.array([r, r]) + polar(r * (0.26 + 0.12 * np.abs(np.sin(2 * a))), a), closed=True)._replace(part=1),
        circle((r, r), r * 0.14, 16)._replace(part=1),
    ]
    b = (np.arange(n) + 0.5) * 2 * np.pi / n
    tile += [circle((x, y), r * 0.09, 10) for x, y in polar(r * 0.72, b).tolist()]
    return _tiled(tile, cell)


def houndstooth(rng: Rng) -> Drawing:
    u = rng.uniform(0.05, 0.17)
    tooth = np.array([(0, -1), (1, 0), (2, 0), (2, 1), (3, 2), (1, 2), (2, 3), (2, 4), (-2, 0), (-1, 0), (0, 1)])
    return _tiled([Path(tooth * u, closed=True)], 4 * u)


def argyle(rng: Rng) -> Drawing:
    w = rng.uniform(0.38, 0.8)
    h, dashes, inner = w * rng.uniform(1.2, 1.8), int(rng.integers(3, 5)), rng.uniform(0.8, 0.9)
    diamond = np.array([(0, -h / 2), (w / 2, 0), (0, h / 2), (-w / 2, 0)])
    tile = [Path(diamond, closed=True), Path(diamond * inner, closed=True)]
    for k in range(dashes):
        a, b = (k + 0.2) / dashes - 0.5, (k + 0.8) / dashes - 0.5
        tile += of_part(1, [line((s * a * w, a * h), (s * b * w, b * h)) for s in (-1, 1)])
    return _tiled(tile, w, h)


def kagome(rng: Rng) -> Drawing:
    d = rng.uniform(0.3, 0.55)
    width, gap = d * rng.uniform(0.2, 0.36), d * 0.04
    shift = (0.0, 0.5, 0.0)
    reach = np.arange(-int(1.9 / d) - 1, int(1.9 / d) + 2)
    m, j = (grid.ravel() for grid in np.meshgrid(reach, reach))
    drawing: Drawing = []
    for k in range(3):
        under = (k + 2) % 3  # each direction dives under the one and goes over the other
        basis, start = _oblique(k * np.pi / 3, under * np.pi / 3), (j + shift[under]) * d + width / 2 + gap
        drawing += _slats(basis, (m + shift[k]) * d, start, width, d - width - 2 * gap)
    return drawing


def sashiko(rng: Rng) -> Drawing:
    s = rng.uniform(0.32, 0.62)
    r = s / np.sqrt(2) * rng.uniform(1, 1.06)
    reach = 0.94 * s / 2
    half = np.arcsin(reach / r)
    bow = arc((0, r * np.cos(half)), r, -np.pi / 2 - half, -np.pi / 2 + half, 10).points
    lens = [Path(np.concatenate([bow, -bow[1:-1]]), closed=True)]
    tile = moved(lens, to=(0, s / 2)) + moved(lens, angle=np.pi / 2, to=(s / 2, 0))
    if rng.random() < 0.6:
        k = s * rng.uniform(0.06, 0.12)
        tile.append(ring((0, -k), (k, 0), (0, k), (-k, 0))._replace(part=1))
    return _tiled(tile, s)


def ogee(rng: Rng) -> Drawing:
    w = rng.uniform(0.35, 0.75)
    h, inner = w * rng.uniform(0.6, 1.0), rng.uniform(0.55, 0.72)
    y = np.linspace(-1, 1, 17)
    onion = Path(mirrored(np.stack([w / 4 * (1 + np.cos(np.pi * y)), h * y], -1)), closed=True)
    tile = moved([onion], scale=0.94) + of_part(1, moved([onion], scale=inner))
    if rng.random() < 0.6:
        tile += moved([onion], scale=inner * 0.45)
    return _tiled(tile, w, h, offset=0.5)


def quatrefoil(rng: Rng) -> Drawing:
    cell, spread = rng.uniform(0.34, 0.75), rng.uniform(0, 0.4)
    lobe = 1 / (1 + np.cos(spread) + np.sin(spread))
    d = 1 - lobe
    foil = arc((d, 0), lobe, -np.pi / 2 - spread, np.pi / 2 + spread, 10).points
    if rng.random() < 0.4:  # barbed
        foil = np.concatenate([foil, [[0.62, 0.62]]])
    whole = [Path(np.concatenate([moved([Path(foil)], angle=k * np.pi / 2)[0].points for k in range(4)]), closed=True)]
    r, offset = cell / 2, float(rng.choice([0.0, 0.5]))
    tile = moved(whole, scale=r * 0.96) + of_part(1, moved(whole, scale=r * rng.uniform(0.5, 0.72)))
    if rng.random() < 0.5:
        tile.append(circle((0, 0), r * 0.18, 16))
    return _tiled(tile, cell, offset=offset)


def trellis(rng: Rng) -> Drawing:
    d, lean = rng.uniform(0.3, 0.6), rng.uniform(0.6, 0.95)
    width, gap = d * rng.uniform(0.2, 0.36), d * 0.05
    reach = np.arange(-int(2.3 / d) - 1, int(2.3 / d) + 2)
    m, j = (grid.ravel() for grid in np.meshgrid(reach, reach))
    drawing: Drawing = []
    for k, angles in enumerate([(lean, np.pi - lean), (np.pi - lean, lean)]):
        basis, odd = _oblique(*angles), (m + j + k) % 2 == 1
        drawing += _slats(basis, m[odd] * d, j[odd] * d + width / 2 + gap, width, 2 * d - width - 2 * gap)
    nails = [circle((x, y), width * 0.16, 10) for x, y in (np.stack([m, j], -1) * d @ basis).tolist()]
    return drawing + of_part(1, _in_reach(nails))


def greekkey(rng: Rng) -> Drawing:
    side, u = int(rng.choice([3, 5])), rng.uniform(0.055, 0.09)
    corners = [(0, 0)]
    for a in range(side // 2 + 1):
        b = side - a
        corners += [(b, a), (b, b), (a + 1, b), (a + 1, a + 1)]
    half = np.array(corners[:-2], dtype=float)
    key = np.concatenate([half[:0:-1] * np.array([-1, 1]), half]) * u
    width, height = (2 * side + 1) * u, (side + 3) * u
    band = [rectangle(-REACH, y + (side + 1) * u, 2 * REACH, u) for y in np.arange(-20, 20) * height]
    return _tiled([Path(key)], width, height) + of_part(1, _in_reach(band))


def interlace(rng: Rng) -> Drawing:
    """Celtic plaitwork: strands run diagonally through the nodes of a grid, where they cross or, by a mirror, turn."""
    u = rng.uniform(0.2, 0.32)
    n, width = 2 * int(REACH / u / 2 + 1), u * rng.uniform(0.35, 0.6)
    period = int(rng.choice([4, 6, 8]))
    mirror = rng.choice(3, (period, period), p=[0.7, 0.15, 0.15])
    mirror[0, 1] = rng.integers(1, 3)  # without any it would be a trellis

    def mirror_at(x: int, y: int) -> int:
        """0: none, 1: upright, which turns dx, 2: level, which turns dy."""
        if abs(x) == n or abs(y) == n:
            return 1 if abs(x) == n else 2
        return int(mirror[min(x % period, -x % period), min(y % period, -y % period)])

    seen: set[tuple[int, int, int, int]] = set()
    drawing: Drawing = []
    nodes = [(x, y) for x in range(-n, n + 1) for y in range(-n, n + 1) if (x + y) % 2]
    for (x, y), dx, dy in itertools.product(nodes, (1,), (-1, 1)):
        if abs(y) == n or x == -n:
            continue
        spots: list[tuple[float, float]] = []
        dives: list[int] = []
        while (x, y, dx, dy) not in seen:
            seen.add((x, y, dx, dy))
            kind = mirror_at(x, y)
            spots.append((x - 0.3 * dx * (kind == 1), y - 0.3 * dy * (kind == 2)))
            if kind == 0 and (dx * dy > 0) == bool(x % 2):
                dives.append(len(spots) - 1)
            dx, dy = (-dx if kind == 1 else dx), (-dy if kind == 2 else dy)
            seen.add((x, y, -dx, -dy))
            x, y = x + dx, y + dy
        if not spots:
            continue
        curve = smooth(np.array(spots) * u, 8, closed=True)
        curve = np.concatenate([curve, curve])
        for start, end in itertools.pairwise([*dives, dives[0] + len(spots)] if dives else []):
            drawing.append(_ribbon(curve[8 * start + 2 : 8 * end - 1], width))
        if not dives:
            drawing += [Path(curve[: len(curve) // 2], closed=True)]
    return drawing


def girih(rng: Rng) -> Drawing:
    """Stars by Hankin's rule: from the middle of each edge of a tiling two rays start, at the same angle in all."""
    cell, lean = rng.uniform(0.45, 0.95), rng.uniform(0.95, 1.2)
    twelve = rng.random() < 0.4
    sides = 12 if twelve else 8

    def star(n: int, apothem: float, phase: float, to: tuple[float, float] = (0.0, 0.0)) -> Path:
        t = np.tan(np.pi / n)
        run = apothem * t / (np.cos(lean) + t * np.sin(lean))
        valley = run * np.cos(lean) / np.sin(np.pi / n)
        a = phase + np.arange(2 * n) * np.pi / n
        return Path(np.array(to) + polar(np.where(np.arange(2 * n) % 2, valley, apothem), a), closed=True)

    r = cell / 2
    edge = cell * np.tan(np.pi / sides)
    tile = [star(sides, r, 0), star(sides, r * rng.uniform(0.4, 0.55), np.pi / sides)]
    if twelve:
        height, down = cell * np.sqrt(3) / 2, cell / np.sqrt(3)
        third = edge / 2 / np.sqrt(3)
        tile += of_part(1, [star(3, third, np.pi / 6 * s, (0.0, down * (-s))) for s in (-1, 1)])
        return _tiled(tile, cell, height, offset=0.5)
    tile.append(star(4, edge / 2, np.pi / 4, (r, r))._replace(part=1))
    return _tiled(tile, cell)


def penrose(rng: Rng) -> Drawing:
    """De Bruijn's pentagrid: each crossing of two lines, of five families, is a rhomb."""
    edge, shift = rng.uniform(0.22, 0.42), rng.uniform(0, 1, 5)
    shift[4] = -shift[:4].sum()
    axes = polar(1.0, np.arange(5) * 2 * np.pi / 5)
    lines = np.arange(-int(2 / edge) - 1, int(2 / edge) + 2)
    m, n = (grid.ravel() for grid in np.meshgrid(lines, lines))
    drawing: Drawing = []
    for j, k in itertools.combinations(range(5), 2):
        places = np.linalg.solve(axes[[j, k]], np.stack([m - shift[j], n - shift[k]])).T
        index = np.ceil(places @ axes.T + shift)
        index[:, j], index[:, k] = m, n
        corner = index @ axes * edge
        a, b = axes[j] * edge, axes[k] * edge
        thin = int(k - j in (2, 3))
        for p in corner[np.abs(corner).max(axis=1) < REACH + 0.1]:
            drawing.append(_shrunk(np.array([p, p + a, p + a + b, p + b]), 0.9)._replace(part=thin))
    return drawing


def cairo(rng: Rng) -> Drawing:
    cell, b, joint = rng.uniform(0.28, 0.55), rng.uniform(0.22, 0.31), rng.uniform(0.86, 0.95)
    # The pentagon across the left edge of a cell with an upright bar, the bar beyond the edge being level.
    pentagon = np.array([(-0.5, -0.5), (0, -b), (0, b), (-0.5, 0.5), (-1 + b, 0)]) * cell
    four = [moved([_shrunk(pentagon, joint)], angle=k * np.pi / 2)[0] for k in (0, 2)]
    level = moved([_shrunk(pentagon, joint)], angle=np.pi / 2) + moved([_shrunk(pentagon, joint)], angle=-np.pi / 2)
    drawing: Drawing = []
    for row, column, x, y in lattice(cell):
        drawing += moved(level if (row + column) % 2 else four, to=(x, y))
    return _in_reach(drawing)


def parquet(rng: Rng) -> Drawing:
    blocks = rng.random() < 0.6
    width = rng.uniform(0.42, 0.7) if blocks else rng.uniform(0.26, 0.42)
    length = width if blocks else width * rng.uniform(2.5, 4)
    lines = int(rng.integers(4, 7)) if blocks else 3

    def board() -> Drawing:
        x = np.linspace(-0.47, 0.47, 12)
        knot, size = rng.uniform(-0.3, 0.3), rng.choice([0.0, rng.uniform(0.12, 0.3)])
        bulge = size * np.exp(-(((x - knot) / 0.16) ** 2))
        grain = [0.37 * v + bulge * np.sign(v) * (1 - abs(v)) for v in np.linspace(-1, 1, lines)]
        wave = 0.03 * np.sin(4 * x + rng.uniform(0, 6))
        scale = np.array([length, width])
        drawing = [_shrunk(rectangle(-length / 2, -width / 2, length, width).points, 0.96)]
        return drawing + of_part(1, [Path(np.stack([x, y + wave], -1) * scale) for y in grain])

    boards = [board() for _ in range(4)]
    turned = [moved(drawing, angle=np.pi / 2) for drawing in boards]
    shifts = rng.uniform(0, 1, 99) * (not blocks) * length
    drawing: Drawing = []
    for row, column, x, y in lattice(length, width):
        kinds, spot = turned if blocks and (row + column) % 2 else boards, np.array([x + shifts[row], y])
        if np.abs(spot).max() < REACH + length / 2:
            drawing += [path._replace(points=path.points + spot) for path in kinds[rng.integers(4)]]
    return drawing


def shingles(rng: Rng) -> Drawing:
    h, aspect = rng.uniform(0.24, 0.45), rng.uniform(0.55, 0.9)
    ragged, point = rng.uniform(0.1, 0.3), rng.choice([0.0, rng.uniform(0.25, 0.55)])
    gap = 0.06 * h
    drawing: Drawing = []
    above = np.array([[-3, -REACH - h], [3, -REACH - h]])
    for y in np.arange(-REACH, REACH + h, h):
        widths = h * aspect * rng.uniform(0.65, 1.35, int(2 * REACH / (h * aspect * 0.9)) + 2)
        lefts = -REACH - 0.3 + np.cumsum(widths) - widths[0] * rng.random()
        eaves: list[tuple[float, float]] = []
        for x, w in zip(lefts, widths[1:], strict=False):
            end, tip = y + h * ragged * rng.uniform(-1, 1) * (0.3 if point else 1.0), y + h * point
            foot = [(x, end), (x + w / 2, tip), (x + w, end)] if point else [(x, end), (x + w, end)]
            a, b = x + gap / 2, x + w - gap / 2
            inner = above[(above[:, 0] > a) & (above[:, 0] < b)]
            ends = np.interp([a, b], *above.T)
            top = np.concatenate([[(a, ends[0])], inner, [(b, ends[1])]]) + np.array([0, gap])
            bottom = np.array(foot)
            bottom[[0, -1], 0] = a, b
            drawing.append(Path(np.concatenate([top, bottom[::-1]]), closed=True))
            eaves += foot
        above = np.array(eaves)
    return drawing


def fans(rng: Rng) -> Drawing:
    r, ribs, start = rng.uniform(0.28, 0.48), int(rng.integers(4, 8)), rng.uniform(0.1, 0.4)

    def rib(t: float) -> Points:
        """From the foot to the rim, at t of the way from the upright one to the edge, which is a neighbour's rim."""
        if abs(t) < 1e-3:
            return np.stack([np.zeros(11), np.linspace(1, -1, 11)], -1)
        sweep = 2 * np.arctan(t)
        return np.array([1 / t, 1.0]) - polar(1 / t, np.linspace(0, 1, 11) * sweep)

    leaves = np.array([rib(t) for t in np.linspace(-1, 1, 21)])
    shape = np.concatenate([leaves[0], leaves[1:-1, -1], leaves[-1, ::-1]])
    first = int(start * 10)
    last = int(rng.choice([7, 8, 10]))
    tile = [Path(shape * 0.95, closed=True)]
    tile += of_part(1, [Path(rib(t)[first:last] * 0.95) for t in np.linspace(-1, 1, ribs + 2)[1:-1]])
    if last < 10:
        tile.append(Path(leaves[1:-1, last] * 0.95)._replace(part=1))
    return _tiled(moved(tile, scale=r), 2 * r, r, offset=0.5)


def netting(rng: Rng) -> Drawing:
    w = rng.uniform(0.3, 0.55)
    h, slack = w * rng.uniform(0.45, 0.7), rng.uniform(0.15, 0.4)
    swag, span, phase = rng.uniform(0.1, 0.3), rng.uniform(1.6, 2.6), rng.uniform(-1, 1)

    def hung(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
        return np.stack([x, y - swag * np.abs(np.sin(np.pi * (x / span + phase))) ** 1.5 + swag / 2], -1)

    rows = int((REACH + swag) / h) + 1
    t = np.linspace(-rows, rows, 10 * rows + 1)
    u = t - np.floor(t)
    y = (t + slack * 4 * u * (1 - u)) * h
    columns = int(REACH / w) + rows // 2 + 2
    threads = [Path(hung(c * w + s * t * w / 2, y)) for c in range(-columns, columns + 1) for s in (-1, 1)]
    k = w * 0.09
    knot = polar(k, np.arange(6) * np.pi / 3)
    spots = [hung(np.array(x), np.array(z)) for _, _, x, z in lattice(w, h, offset=0.5)]
    return _in_reach(threads) + of_part(1, _in_reach([Path(spot + knot, closed=True) for spot in spots]))


def braids(rng: Rng) -> Drawing:
    """Plaits of three strands: x = sin t, z = sin 2t; what shows of a strand is half its period, between two dives."""
    column = rng.uniform(0.5, 0.9)
    a = column * rng.uniform(0.31, 0.36)
    pitch = a * rng.uniform(0.5, 0.75)
    width = a * rng.uniform(0.5, 0.62)
    t = np.linspace(5 * np.pi / 6 + 0.62, 11 * np.pi / 6 - 0.62, 12)
    spine = np.stack([a * np.sin(t), (t - 4 * np.pi / 3) * pitch], -1)
    lobe = [_ribbon(spine, width)]
    if rng.random() < 0.6:
        lobe.append(Path(spine[1:-1], part=1))
    step = pitch * np.pi / 3
    flipped = [path._replace(points=path.points * np.array([-1, 1]) + np.array([0, step])) for path in lobe]
    return _tiled(lobe + flipped, column, 2 * step)


def wicker(rng: Rng) -> Drawing:
    c, h = rng.uniform(0.22, 0.45), rng.uniform(0.12, 0.22)
    stake, every = c * rng.uniform(0.16, 0.28), int(rng.integers(4, 8))
    x = np.linspace(-1, 1, 13) * (c - stake * 0.7)
    swell = h * (0.2 + 0.26 * np.cos(x / c * np.pi / 2) ** 0.7)
    bow = -h * 0.1 * np.cos(x / c * np.pi)
    rod = [
        Path(np.concatenate([np.stack([x, bow - swell], -1), np.stack([x, bow + swell], -1)[::-1]]), closed=True),
        rectangle(c - stake / 2, -h * 0.48, stake, h * 0.96)._replace(part=1),
    ]
    count = round(c / h * 1.2)
    y, lobe = np.linspace(-1, 1, 9), c / count
    strand = np.stack([lobe * 0.6 * np.sin(y * np.pi / 2), -h * 0.42 * y], -1)
    twist = [_ribbon(strand + np.array([k * lobe, 0]), lobe * 0.6) for k in range(count)]
    drawing: Drawing = []
    for row, column, left, top in lattice(c, h):
        if row % every == 0:
            drawing += moved(twist, to=(left, top))
        elif (row + column) % 2:
            drawing += moved(rod, to=(left, top))
    return _in_reach(drawing)


def paisley(rng: Rng) -> Drawing:
    w = rng.uniform(0.38, 0.8)
    h, alternate = w * rng.uniform(0.82, 0.94), rng.random() < 0.5
    outline = [(0.34, -0.5), (0.18, -0.36), (0.2, -0.14), (0.35, 0.08), (0.35, 0.32), (0.12, 0.5)]
    outline += [(-0.18, 0.44), (-0.36, 0.16), (-0.32, -0.2), (-0.12, -0.48), (0.14, -0.57)]
    drop = [Path(smooth(np.array(outline) * np.array([0.9, 1]), 4, closed=True), closed=True)]
    inner = rng.uniform(0.55, 0.7)
    figure = drop + of_part(1, [*moved(drop, scale=inner, to=(0, 0.06)), circle((0.01, 0.16), 0.1, 14)])
    figure = moved(figure, scale=w * rng.uniform(0.82, 0.92))
    flipped = [path._replace(points=path.points * np.array([-1, 1])) for path in figure]
    drawing: Drawing = []
    for row, _, x, y in lattice(w, h, offset=0.5):
        drawing += moved(flipped if alternate and row % 2 else figure, to=(x, y))
    return _in_reach(drawing)


def scrolls(rng: Rng) -> Drawing:
    p = rng.uniform(0.6, 1.1)
    rise, turns, pitch = p * rng.uniform(0.27, 0.31), rng.uniform(1.3, 1.9), p * rng.uniform(0.66, 0.73)
    t = np.linspace(0, 1, 36)
    volute = np.array([p / 4, 0.02 * p]) + polar(p / 4 * (1 - 0.8 * t**0.8), np.pi + t * turns * 2 * np.pi)
    leaf = np.array([(0, 0), (0.08, 0.08), (0.2, 0.1), (0.3, 0.03), (0.36, -0.06), (0.24, -0.02), (0.12, -0.02)])
    blade = [Path(smooth(leaf * p * 0.62, 4, closed=True), closed=True)]
    figure = [Path(volute), *of_part(1, [circle((float(volute[-1, 0]), float(volute[-1, 1])), p * 0.045, 14)])]
    root = volute[int(0.75 / turns * 35)]
    figure += of_part(1, moved(blade, scale=0.6, angle=2.4, to=(float(root[0]), float(root[1]))))
    lower = [path._replace(points=path.points * np.array([1, -1]) + np.array([p / 2, 0])) for path in figure]
    x = np.linspace(-REACH, REACH, 90)
    drawing = _tiled(figure + lower, p, pitch)
    for y in np.arange(-20, 21) * pitch:
        drawing.append(Path(np.stack([x, y - rise * np.sin(2 * np.pi * x / p)], -1)))
    return _in_reach(drawing)


CLOTH = (
    knit, lace, houndstooth, argyle, kagome, sashiko, ogee, quatrefoil, trellis, greekkey, interlace, girih,
    penrose, cairo, parquet, shingles, fans, netting, braids, wicker, paisley, scrolls,
)  # fmt: skip

NATURE: Nature = {
    "knit": (("red", "white", "blue", "grey"),),
    "lace": (("white", "black"), ("white", "black")),
    "houndstooth": (("black",),),
    "argyle": (("green", "red", "blue", "brown"), ("white", "black", "yellow")),
    "kagome": (("brown", "yellow"),),
    "sashiko": (("white", "blue"), ("white", "red")),
    "ogee": (("teal", "green", "red"), ("yellow", "orange")),
    "quatrefoil": (("teal", "blue"), ("yellow", "white")),
    "trellis": (("brown", "white", "green"), ("black", "grey")),
    "greekkey": (("black", "blue", "brown"), ("orange", "black")),
    "interlace": (("green", "yellow", "brown"),),
    "girih": (("blue", "teal"), ("yellow", "white")),
    "penrose": (("blue", "violet"), ("yellow", "orange")),
    "cairo": (("orange", "brown", "grey"),),
    "parquet": (("brown", "orange"), ("brown", "black")),
    "shingles": (("grey", "brown"),),
    "fans": (("teal", "black", "green"), ("yellow", "white")),
    "netting": (("grey", "teal", "brown"), ("brown", "black")),
    "braids": (("yellow", "brown", "black"), ("brown", "black")),
    "wicker": (("brown", "yellow"), ("brown",)),
    "paisley": (("red", "violet", "orange"), ("yellow", "teal", "pink")),
    "scrolls": (("green", "brown"), ("green", "red", "yellow")),
}
