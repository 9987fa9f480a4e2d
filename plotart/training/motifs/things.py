"""Motifs with an outline of their own: creatures, plants and things; each returns one figure inside the unit circle,
upright."""

from __future__ import annotations

import itertools

import numpy as np

from plotart.training.motifs.hues import Nature
from plotart.training.motifs.paths import (
    Drawing,
    Path,
    Points,
    arc,
    circle,
    line,
    mirrored,
    moved,
    of_part,
    polar,
    rectangle,
    ring,
    smooth,
    turn,
)

Rng = np.random.Generator
TAU = 2 * np.pi


def _curve(*points: tuple[float, float], part: int = 0) -> Path:
    return Path(smooth(np.array(points, dtype=float), 6), part=part)


def _blob(*points: tuple[float, float], part: int = 0) -> Path:
    return Path(smooth(np.array(points, dtype=float), 6, closed=True), closed=True, part=part)


def _vase(*points: tuple[float, float], part: int = 0) -> Path:
    """A right half, from top to bottom, smooth and mirrored."""
    return Path(mirrored(smooth(np.array(points, dtype=float), 6)), closed=True, part=part)


def _oval(center: tuple[float, float], rx: float, ry: float, angle: float = 0.0, part: int = 0) -> Path:
    points = turn(circle((0, 0), 1, 30).points * np.array([rx, ry]), angle) + np.array(center)
    return Path(points, closed=True, part=part)


def _both(drawing: Drawing) -> Drawing:
    """A drawing and its mirror image."""
    return drawing + _handed(drawing, -1.0)


def _handed(drawing: Drawing, hand: float) -> Drawing:
    """A drawing, or where `hand` is -1 its mirror image."""
    return [path._replace(points=path.points * np.array([hand, 1.0])) for path in drawing]


def _petal(length: float, width: float, sharp: float = 1.0, fullest: float = 1.0, part: int = 0) -> Path:
    """A petal from the origin upwards, `sharp` beyond 1 with a drawn-out tip; fullest above the middle beyond 1."""
    t = np.linspace(0, 1, 16)
    half = np.stack([width * np.abs(np.sin(np.pi * t**fullest)) ** sharp, -length * t], -1)
    return Path(mirrored(half[::-1]), closed=True, part=part)


def _limb(spine: Points, start: float, end: float, part: int = 0) -> Path:
    """An area about a curve, its half-width changing from `start` to `end`."""
    along = np.gradient(spine, axis=0)
    normal = along[:, ::-1] * np.array([-1, 1]) / np.hypot(*along.T)[:, None]
    half = normal * np.linspace(start, end, len(spine))[:, None]
    return Path(np.concatenate([spine + half, (spine - half)[::-1]]), closed=True, part=part)


def _water(y: float, width: float, part: int) -> Path:
    x = np.linspace(-width, width, 40)
    return Path(np.stack([x, y + 0.03 * np.sin(x * 14)], -1), part=part)


def owl(rng: Rng) -> Drawing:
    wide, eye, tuft = rng.uniform(0.55, 0.68), rng.uniform(0.22, 0.28), rng.uniform(0.86, 1.0)
    body = [(0, -0.72), (0.25, -0.76), (0.5, -tuft), (wide - 0.06, -0.5), (wide, 0.1), (0.42, 0.7), (0.15, 0.88)]
    drawing = [_vase(*body, (0, 0.9)), _vase((0, -0.12), (0.3, 0.0), (0.36, 0.35), (0.22, 0.72), (0, 0.8), part=1)]
    rows = int(rng.integers(3, 5))
    for row in range(rows):
        y, count = 0.08 + 0.56 * row / (rows - 1), (2, 3, 2, 1)[row + 4 - rows] + 1
        centers = (np.arange(count) - (count - 1) / 2) * 0.17
        drawing += [arc((x, y), 0.08, 0, np.pi, 8) for x in centers]
    wing = _blob((wide * 0.75, -0.15), (wide + 0.1, 0.1), (wide + 0.02, 0.5), (wide * 0.62, 0.8), (wide * 0.62, 0.3))
    feather = _curve((wide * 0.8, 0.1), (wide * 0.9, 0.3), (wide * 0.75, 0.6), part=1)
    side: Drawing = [wing, feather, circle((0.26, -0.42), eye, 30)._replace(part=2)]
    side += of_part(3, [circle((0.24, -0.42), eye * rng.uniform(0.4, 0.6), 20)])
    side += of_part(4, [line((0.08 * k, 0.84), (0.08 * k, 1.0)) for k in (1, 2, 3)])
    return [*drawing, *_both(side), ring((-0.09, -0.3), (0.09, -0.3), (0, -0.08))._replace(part=4)]


def jellyfish(rng: Rng) -> Drawing:
    lobes, height, wide = int(rng.integers(4, 8)), rng.uniform(0.7, 0.95), rng.uniform(0.65, 0.8)
    drawing: Drawing = []
    y = np.linspace(0, 1, 30)
    for x in np.linspace(-0.85, 0.85, int(rng.integers(5, 9))) * wide:
        swing = rng.uniform(0.03, 0.08) * np.sin(y * rng.uniform(7, 11) + rng.uniform(0, 6)) * (0.3 + y)
        drawing.append(Path(np.stack([x * (1 - 0.2 * y) + swing, -0.1 + rng.uniform(0.8, 1.05) * y], -1), part=1))
    for x in (-0.2, 0.05, 0.26):
        spine = np.stack([x + 0.07 * np.sin(y * 9 + x * 20), -0.1 + rng.uniform(0.6, 0.8) * y], -1)
        drawing.append(_limb(spine, 0.09, 0.01, part=2))
    dome = arc((0, 0), 1, np.pi, TAU, 26).points * np.array([wide, height])
    edge = np.linspace(wide, -wide, 1 + 8 * lobes)
    hem = np.stack([edge, 0.1 * np.abs(np.sin(np.linspace(0, lobes * np.pi, len(edge))))], -1)
    bell = moved([Path(np.concatenate([dome, hem]), closed=True)], to=(0, -0.05))
    t = np.linspace(0.35, np.pi / 2, 12)
    ribs = [Path(np.stack([x * np.sin(t), -0.08 - height * 0.92 * np.cos(t)], -1), part=2) for x in edge[8:-8:8]]
    return [*drawing, *bell, *ribs]


def octopus(rng: Rng) -> Drawing:
    head, drawing = rng.uniform(0.38, 0.46), list[Path]()
    t = np.linspace(0.2, -4.2, 8)
    for k in (3, 2, 1, 0):
        reach, low, curl = 0.1 + 0.22 * k, 0.85 - 0.2 * k + rng.normal(0, 0.04), rng.uniform(0.1, 0.14)
        hook = np.array([reach + 0.13, low - curl]) + polar(curl * np.linspace(1, 0.4, 8), np.pi / 2 + t)
        root = np.array([(0.05 + 0.09 * k, 0.0), (0.05 + 0.1 * k + 0.2 * reach, 0.4 - 0.1 * k)])
        spine = smooth(np.concatenate([root, hook]), 3)
        spots = [circle((x, y), 0.025, 8)._replace(part=1) for x, y in spine[6:13:3] if k > 1]
        drawing += _both([_limb(spine, 0.075, 0.02), *spots])
    bulb = [(0, -0.98), (head * 0.75, -0.88), (head, -0.55), (head * 0.72, -0.2), (0.38, 0.1), (0, 0.2)]
    eyes = [_oval((0.15, -0.22), 0.1, 0.12, part=2), circle((0.14, -0.2), 0.05, 12)._replace(part=3)]
    dots = [circle((x, y), r, 12)._replace(part=1) for x, y, r in ((-0.15, -0.7, 0.07), (0.1, -0.78, 0.05))]
    smile = arc((0, -0.08), 0.1, 0.4, np.pi - 0.4, 8)._replace(part=3)
    return moved([*drawing, _vase(*bulb), *_both(eyes), *dots, smile], scale=0.95)


def snail(rng: Rng) -> Drawing:
    r, turns, rise = rng.uniform(0.5, 0.6), rng.uniform(2.2, 3.5), rng.uniform(-0.4, -0.2)
    foot = [(0.98, 0.72), (0.4, 0.6), (-0.5, 0.6), (-0.62, 0.2), (-0.75, rise), (-0.92, rise + 0.05)]
    sole = [(-0.96, rise + 0.25), (-0.86, 0.35), (-0.8, 0.78)]
    drawing: Drawing = [Path(np.concatenate([smooth(np.array(foot), 5), smooth(np.array(sole), 5)]), closed=True)]
    for x, high in ((-0.76, 0.5), (-0.9, 0.42)):
        tip = (x - rng.uniform(0.0, 0.1), rise + 0.03 - high * 0.8)
        drawing += [line((x, rise), tip), circle(tip, 0.055, 12)]
    center = np.array([0.12, 0.6 - r])
    t = np.linspace(0, 1, 26 * 3)
    coil = center + polar(r * (0.06 + 0.94 * t), 0.9 + TAU * turns * (t - 1))
    drawing += [circle((center[0], center[1]), r)._replace(part=1), Path(coil, part=2)]
    for a in np.linspace(0, TAU, int(rng.integers(9, 16)), endpoint=False):
        drawing.append(Path(center + polar(r * np.array([1 - 0.8 / turns, 0.98]), np.array([a, a + 0.15])), part=2))
    mouth = _curve((-0.85, rise + 0.27), (-0.8, rise + 0.3), (-0.74, rise + 0.26), part=2)
    return moved([*drawing, mouth], scale=0.9)


def turtle(rng: Rng) -> Drawing:
    wide, long = rng.uniform(0.48, 0.58), rng.uniform(0.6, 0.66)
    front = [(0.3, -0.4), (0.62, -0.62), (0.88, -0.42), (0.92, -0.02), (0.72, -0.22), (0.38, -0.16)]
    back = [(0.3, 0.35), (0.55, 0.5), (0.66, 0.85), (0.45, 0.78), (0.22, 0.5)]
    head = _vase((0, -1), (0.15, -0.94), (0.17, -0.78), (0.11, -0.5), (0, -0.5))
    tail = ring((-0.08, 0.55), (0.08, 0.55), (0, 0.85))
    drawing = [*_both([_blob(*front), _blob(*back)]), head, tail, *_both([circle((0.09, -0.84), 0.03, 8)])]
    shell = np.array([wide, long])
    edge = circle((0, 0), 1, 40).points * shell
    drawing += [Path(edge, closed=True, part=1), Path(edge * 0.84, closed=True, part=2)]
    half, heights = rng.uniform(0.15, 0.2), np.linspace(-0.42, 0.42, 4) * rng.uniform(0.95, 1.05)
    for low, high in itertools.pairwise(heights):
        m = (low + high) / 2
        scute = [(-0.6 * half, low), (0.6 * half, low), (half, m), (0.6 * half, high), (-0.6 * half, high), (-half, m)]
        drawing.append(ring(*scute)._replace(part=1))
        x = 0.84 * wide * np.sqrt(1 - (m / long / 0.84) ** 2)
        drawing += _both([line((half, m), (x, m * 1.2))._replace(part=1)])
    angles = np.arange(18) * TAU / 18 + 0.1
    return drawing + [Path(polar(np.array([0.84, 1.0]), np.array([a, a])) * shell, part=2) for a in angles]


def beetle(rng: Rng) -> Drawing:
    wide, horn, kind = rng.uniform(0.4, 0.52), rng.uniform(0.15, 0.3), rng.integers(3)
    legs: Drawing = []
    for y, knee, foot in ((-0.25, -0.45, -0.72), (0.15, 0.08, 0.35), (0.45, 0.5, 0.9)):
        x = rng.uniform(0.74, 0.84)
        legs.append(_limb(np.array([(0.3, y), (x * 0.8, knee), (x, foot), (x + 0.08, foot)]), 0.045, 0.015))
    jaw = [_limb(smooth(np.array([(0.08, -0.72), (horn, -0.85), (0.06, -1.0)]), 6), 0.04, 0.01)]
    drawing = [*_both(legs), *_both(jaw), _oval((0, -0.65), 0.2, 0.15)]
    drawing.append(_vase((0, -0.58), (0.25, -0.56), (wide * 0.9, -0.25), (0, -0.2)))
    wing = [(0.01, -0.22), (wide * 0.85, -0.2), (wide, 0.2), (wide * 0.7, 0.7), (0.01, 0.95)]
    shard = Path(smooth(np.array(wing), 6), closed=True, part=1)
    if kind == 0:
        marks = [circle((wide * x, y), 0.1, 14)._replace(part=2) for x, y in ((0.45, 0.0), (0.6, 0.34), (0.3, 0.6))]
    elif kind == 1:
        marks = [_curve((wide * x, -0.14), (wide * x * 1.15, 0.2), (wide * x * 0.7, 0.72), part=2) for x in (0.3, 0.65)]
    else:
        marks = [
            _limb(np.array([(0.02, y), (wide * 0.5, y - 0.06), (wide * 0.8, y)]), 0.07, 0.04, 2) for y in (0.1, 0.45)
        ]
    return moved([*drawing, *_both([shard, *marks])], scale=0.85)


def dragonfly(rng: Rng) -> Drawing:
    length, wide, lift = rng.uniform(0.88, 0.97), rng.uniform(0.1, 0.14), rng.uniform(0.05, 0.2)
    drawing: Drawing = []
    for y, angle, size in ((-0.4, np.pi / 2 + 0.12, 0.85), (-0.5, np.pi / 2 - lift, 0.95)):
        wing = _petal(size, wide, 0.7, 1.5, part=1)
        veins = [line((0, -0.1), (wide * k, -0.88 * size))._replace(part=2) for k in (-0.45, 0.0, 0.45)]
        veins += [
            line((-h, -s * size), (h, -s * size))._replace(part=2) for s, h in ((0.5, wide * 0.8), (0.7, wide * 0.95))
        ]
        drawing += _both(moved([wing, *veins], angle=angle, to=(0.05, y)))
    tail = _limb(np.array([(0, -0.35), (0, 0.3), (0, length)]), 0.06, 0.035)
    rungs = [line((-0.055, y), (0.055, y))._replace(part=2) for y in np.linspace(-0.1, length - 0.15, 7)]
    body = [_vase((0, -0.72), (0.11, -0.62), (0.12, -0.45), (0, -0.22)), circle((0, -0.78), 0.1, 18)]
    return [*drawing, tail, *body, *rungs, *of_part(3, _both([_oval((0.09, -0.8), 0.08, 0.1, 0.4)]))]


def swan(rng: Rng) -> Drawing:
    lean, top, tail = rng.uniform(-0.08, 0.08), rng.uniform(-0.06, 0.06), rng.uniform(-0.12, 0.05)
    breast = [(-0.5, -0.22), (-0.68, 0.12), (-0.62, 0.42), (-0.35, 0.62), (0.4, 0.62), (0.75, 0.35), (0.95, tail)]
    back = [(0.4, 0.08), (-0.05, 0.16), (-0.3, 0.05), (-0.27, -0.22)]
    head = [
        (-0.16, -0.52),
        (-0.28, -0.84),
        (-0.54, -0.88),
        (-0.74, -0.7),
        (-0.68, -0.58),
        (-0.5, -0.66),
        (-0.36, -0.52),
    ]
    bill = ring((-0.72, -0.76), (-0.66, -0.56), (-0.98, -0.46))._replace(part=2)
    shift = np.array([lean, top])
    neck = (np.array(head) + shift).tolist()
    eye = circle((-0.58, -0.75), 0.03, 8)._replace(part=1)
    drawing = [_blob(*breast, *back, *neck), *moved([bill, eye], to=(lean, top))]
    drawing.append(_blob((-0.25, 0.2), (0.1, -0.12), (0.75, -0.22 + tail), (0.6, 0.2), (0.25, 0.42), (-0.1, 0.4)))
    for k in range(rng.integers(2, 5)):
        low = 0.3 - 0.09 * k
        drawing.append(_curve((-0.12 + 0.07 * k, low), (0.2, low - 0.06), (0.58, low - 0.25), part=1))
    return [*drawing, *(_water(0.68 + 0.11 * k, 0.72 - 0.15 * k, 3) for k in range(2))]


def pine(rng: Rng) -> Drawing:
    tiers, wide = int(rng.integers(3, 6)), rng.uniform(0.55, 0.72)
    drawing: Drawing = [rectangle(-0.09, 0.7, 0.18, 0.28)._replace(part=1)]
    step = 1.7 / (tiers + 0.6)
    for k in range(tiers):
        base, top = 0.75 - k * step, 0.75 - (k + 1.6) * step
        half = wide * (1 - 0.72 * k / tiers)
        teeth = int(rng.integers(4, 7))
        x = np.linspace(half, -half, 2 * teeth + 1)
        hem = np.stack([x, base - 0.22 * step * (x / half) ** 2 + 0.16 * step * (np.arange(len(x)) % 2 - 1)], -1)
        slope = smooth(np.array([(0, top), (half * 0.42, base - 0.65 * step), (half, base - 0.38 * step)]), 5)
        flank = slope * np.array([-1.0, 1.0])
        drawing.append(Path(np.concatenate([slope, hem, flank[::-1]]), closed=True))
        for u in (-0.5, 0.0, 0.5):
            tip, root = (u * half, base - 0.42 * step), (u * half * 0.55, base - 0.85 * step)
            drawing.append(line(root, tip)._replace(part=2))
    return drawing


def palm(rng: Rng) -> Drawing:
    hand, lean, count = rng.choice([-1.0, 1.0]), rng.uniform(0.1, 0.35), int(rng.integers(5, 8))
    spine = smooth(np.array([(-lean, 0.9), (-lean * 0.7, 0.4), (0.0, -0.05), (0.15, -0.35)]), 6)
    drawing: Drawing = [_oval((-lean, 0.93), 0.5, 0.06, part=3), _limb(spine, 0.11, 0.06)]
    drawing += [line((x - 0.08, y), (x, y + 0.05), (x + 0.08, y))._replace(part=3) for x, y in spine[2:-2:2]]
    for angle in sorted(np.linspace(-2.05, 2.05, count) + rng.normal(0, 0.08, count), key=abs):
        reach, drop = rng.uniform(0.62, 0.72), rng.uniform(0.2, 0.32)
        t = np.linspace(0, 1, 13)
        rib = np.stack([reach * t * np.sin(angle), -reach * t * np.cos(angle) * 0.75 + drop * t**2], -1)
        along = np.gradient(rib, axis=0)
        normal = along[:, ::-1] * np.array([-1, 1]) / np.hypot(*along.T)[:, None]
        width = (0.13 * np.sin(np.pi * (0.08 + 0.92 * t) ** 0.8) * (1 - 0.55 * (np.arange(13) % 2)))[:, None]
        outline = np.concatenate([rib + normal * width, (rib - normal * width)[::-1]])
        drawing += moved([Path(outline, closed=True, part=1)], to=(0.15, -0.38))
    nuts = [circle((x, y), 0.07, 12)._replace(part=2) for x, y in ((0.08, -0.32), (0.22, -0.32), (0.15, -0.25))]
    return moved(_handed([*drawing, *nuts[: rng.integers(2, 4)]], hand), scale=0.95)


def tulip(rng: Rng) -> Drawing:
    wide, top, flare = rng.uniform(0.36, 0.46), rng.uniform(-1.0, -0.9), rng.uniform(-0.04, 0.1)
    stem = _limb(smooth(np.array([(0, -0.2), (0.03, 0.4), (0, 1.0)]), 6), 0.035, 0.045, part=1)
    blades: Drawing = []
    for side in (-1, 1):
        out, high = side * rng.uniform(0.5, 0.62), rng.uniform(-0.1, 0.3)
        blade = [(0, 0.98), (side * 0.3, 0.7), (out, high), (side * 0.2, 0.35)]
        blades += [
            _blob(*blade, part=1),
            _curve((side * 0.05, 0.9), (side * 0.26, 0.55), (out * 0.88, high + 0.12), part=2),
        ]
    outer = [(0.0, -0.12), (wide * 0.8, -0.22), (wide, -0.5), (wide + flare, top + 0.1)]
    side_petal = Path(
        np.concatenate([smooth(np.array(outer), 6), smooth(np.array([outer[-1], (0.12, -0.62), (0, -0.3)]), 6)]),
        closed=True,
    )
    middle = moved([_petal(-top - 0.08, wide * 0.62, 0.75, 0.9)], to=(0, -0.1))
    back = [
        ring((-wide * 0.6, -0.5), (-wide * 0.45, top + 0.02), (0, -0.7), (wide * 0.45, top + 0.02), (wide * 0.6, -0.5))
    ]
    veins = [_curve((x, -0.25), (x * 1.5, -0.5), (x * 0.8, top + 0.25), part=2) for x in (-0.08, 0.0, 0.08)]
    return [stem, *blades, *back, *_both([side_petal]), *middle, *veins]


def rose(rng: Rng) -> Drawing:
    hand, phase = rng.choice([-1.0, 1.0]), rng.uniform(0, TAU)
    stem = _limb(smooth(np.array([(0, 0.2), (0.05, 0.6), (-0.02, 1.0)]), 6), 0.035, 0.04, part=1)
    drawing: Drawing = [stem]
    for side, y in ((-1, 0.85), (1, 0.7)):
        leaf = _petal(0.6, 0.17, 0.9, 0.9, part=1)
        veins = [line((0, -0.12), (0, -0.5)), *(line((s * 0.09, -0.36), (0, -0.25)) for s in (-1, 1))]
        angle = side * rng.uniform(0.8, 1.1)
        drawing += moved([leaf, *of_part(2, veins)], angle=angle, to=(0.0, y))
    u = np.linspace(0, 1, 12)
    bloom: Drawing = []
    for k, (radius, petals) in enumerate(((0.62, 5), (0.48, 5), (0.35, 4), (0.23, 3))):
        each = radius * (1.04 - 0.3 * u**2.2 - 0.14 * (1 - u) ** 6)
        angles = ((np.arange(petals)[:, None] + u) * TAU / petals).ravel() * hand + phase + k * rng.uniform(0.5, 0.9)
        layer = Path(polar(np.tile(each, petals), angles), closed=True)
        bloom += [layer, layer._replace(closed=False, part=2)]
    t = np.linspace(0.1, 1, 40)
    bloom.append(Path(polar(0.15 * t, hand * t * 11), part=2))
    return drawing + moved(bloom, to=(0.0, -0.32))


def lotus(rng: Rng) -> Drawing:
    length, width, count = rng.uniform(0.72, 0.82), rng.uniform(0.17, 0.22), int(rng.choice([5, 6, 7]))
    drawing = [_oval((0, 0.58), 0.95, 0.2, part=2)]
    for start, size, reach, n in ((0.38, 1.0, 1.4, count), (0.05, 1.0, 1.1, count - 2)):
        for a in sorted(np.linspace(-reach, reach, n), key=abs, reverse=True):
            petal = moved([_petal(length * size, width, 0.9, 1.2)], to=(0, -start))
            veins = [line((0, -start - 0.35 * length), (x, -start - 0.7 * length)) for x in (-width / 3, width / 3)]
            drawing += moved([*petal, *of_part(1, veins)], angle=a, scale=1 - 0.15 * abs(a), to=(0, 0.52))
    return [*drawing, *(_water(0.74 + 0.1 * k, 0.6 - 0.2 * k, 3) for k in range(2))]


def dandelion(rng: Rng) -> Drawing:
    rays, hairs, high = int(rng.integers(14, 20)), int(rng.integers(5, 8)), rng.uniform(0.12, 0.16)
    bend, head = rng.uniform(-0.2, 0.2), (0.0, -0.35)
    fan = polar(high, np.linspace(-1.1, 1.1, hairs) - np.pi / 2)
    tuft = Path(np.concatenate([np.stack([np.zeros((hairs, 2)), fan], 1).reshape(-1, 2), [(0.0, 0.0)]]))
    drawing = [_limb(smooth(np.array([(0, -0.35), (bend * 0.3, 0.3), (bend, 1.0)]), 6), 0.02, 0.03, part=1)]
    for k, a in enumerate(np.arange(rays) * TAU / rays + rng.uniform(0, 1)):
        reach = 0.32 if k % 2 else 0.5
        seed = [line((0, 0), (0, -reach)), *moved([tuft], to=(0, -reach), scale=1.0 if reach > 0.4 else 0.75)]
        drawing += moved(seed, angle=a, to=head)
    for k in range(rng.choice([0, 0, 3])):
        seed = [tuft, line((0, 0), (0, 0.18))]
        drawing += moved(seed, angle=rng.uniform(0.3, 0.9), to=(0.7 - 0.15 * k, rng.uniform(0.1, 0.25) - 0.3 * k + 0.3))
    return [*drawing, circle(head, 0.08, 16)._replace(part=1)]


def sunflower(rng: Rng) -> Drawing:
    count, core = int(rng.integers(12, 19)), rng.uniform(0.28, 0.36)
    stem = _limb(smooth(np.array([(0, 0.0), (0.05, 0.6), (0, 1.0)]), 6), 0.035, 0.045, part=2)
    drawing: Drawing = [stem]
    for side, y in ((-1, rng.uniform(0.8, 0.9)), (1, rng.uniform(0.65, 0.8))):
        leaf = [_petal(0.58, 0.16, 0.9, 0.85, part=2), line((0, 0), (0, -0.48))._replace(part=1)]
        drawing += moved(leaf, angle=side * rng.uniform(0.95, 1.2), to=(0, y))
    head: Drawing = []
    half = 0.52 * np.sin(np.pi / count)
    petal = moved(
        [_petal(0.7 - core, half, 0.8, 0.9), line((0, -0.05), (0, -0.2))._replace(part=1)], to=(0, -core * 0.97)
    )
    behind = [ring((-half * 0.6, -0.58), (0, -0.7), (half * 0.6, -0.58))]
    for shape, phase in ((behind, 0.5), (petal, 0.0)):
        head += [path for k in range(count) for path in moved(shape, angle=(k + phase) * TAU / count)]
    k = np.arange(1, 25)
    seeds = [circle((x, y), 0.022, 6) for x, y in polar(core * 0.9 * np.sqrt(k / 25), k * np.pi * (3 - np.sqrt(5)))]
    return drawing + moved([*head, circle((0, 0), core)._replace(part=1), *seeds], to=(0, -0.3))


def _stalk(rng: Rng, y: float) -> Drawing:
    """A stalk and a leaf, of parts 1 and 2, on a fruit whose top is at (0, y)."""
    side, lean = rng.choice([-1.0, 1.0]), rng.uniform(-0.1, 0.1)
    stalk = _limb(smooth(np.array([(0, y + 0.1), (lean * 0.4, y - 0.1), (lean, y - 0.28)]), 5), 0.03, 0.045, part=1)
    leaf = [_petal(0.5, 0.13, 0.9, part=2), line((0, 0), (0, -0.4))._replace(part=1)]
    return [stalk, *moved(leaf, angle=side * rng.uniform(0.8, 1.2), to=(lean * 0.4, y - 0.08))]


def apple(rng: Rng) -> Drawing:
    wide, low = rng.uniform(0.74, 0.85), rng.uniform(0.3, 0.42)
    half = [(0, -0.45), (0.25, -0.62), (wide * 0.8, -0.52), (wide, -0.05), (wide * 0.78, 0.6), (low, 0.88), (0, 0.78)]
    shine = [(-wide * 0.55, -0.38), (-wide * 0.76, -0.1), (-wide * 0.66, 0.28)]
    dimple = _curve((-0.22, -0.5), (0.0, -0.4), (0.22, -0.5), part=1)
    return [_vase(*half), _curve(*shine, part=1), dimple, *_stalk(rng, -0.5)]


def pear(rng: Rng) -> Drawing:
    neck, wide, low = rng.uniform(0.2, 0.27), rng.uniform(0.56, 0.68), rng.uniform(0.35, 0.5)
    half = [(0, -0.68), (neck, -0.58), (neck + 0.06, -0.25), (wide, low), (wide * 0.6, 0.9), (0, 0.92)]
    shine = _curve((-neck, -0.15), (-wide * 0.72, low - 0.05), (-wide * 0.6, low + 0.25), part=1)
    spots = rng.uniform(0, 1, (int(rng.integers(4, 9)), 2)) * np.array([0.4, 0.5]) + np.array([-0.05, 0.15])
    return [_vase(*half), shine, *of_part(1, [circle((x, y), 0.025, 8) for x, y in spots]), *_stalk(rng, -0.66)]


def acorn(rng: Rng) -> Drawing:
    wide, tip, brim = rng.uniform(0.46, 0.56), rng.uniform(0.85, 0.93), rng.uniform(0.1, 0.16)
    nut = _vase((0, -0.25), (wide, -0.2), (wide * 0.98, 0.2), (wide * 0.6, 0.65), (0.07, tip - 0.03), (0, tip + 0.05))
    shine = _curve((-wide * 0.7, 0.0), (-wide * 0.66, 0.25), (-wide * 0.42, 0.52), part=1)
    w = wide + brim
    cap = _vase((0, -0.75), (w * 0.6, -0.66), (w * 0.98, -0.3), (w * 0.9, -0.12), (0, -0.06), part=1)
    hatch: Drawing = []
    t = np.linspace(-1, 1, 10)
    for slope in (-1, 1):
        for u in np.linspace(-0.6, 0.6, int(rng.integers(4, 6))):
            x = w * np.clip(u + slope * 0.28 * t, -0.93, 0.93)
            depth = 0.27 * np.sqrt(1 - (x / w) ** 2)
            hatch.append(Path(np.stack([x, -0.4 + depth * t * 1.1 + 0.06 * t], -1)))
    stalk = _limb(smooth(np.array([(0, -0.7), (0.02, -0.85), (rng.uniform(-0.12, 0.12), -1.0)]), 4), 0.05, 0.06, part=1)
    return [nut, shine, stalk, cap, *hatch]


def balloon(rng: Rng) -> Drawing:
    gores, wide = int(rng.choice([5, 7, 9])), rng.uniform(0.64, 0.72)
    half = smooth(np.array([(0, -1.0), (0.4, -0.93), (wide, -0.45), (wide * 0.72, 0.1), (0.17, 0.5)]), 7)
    cuts = np.sin(np.linspace(-np.pi / 2, np.pi / 2, gores + 1))
    drawing: Drawing = []
    for k, (left, right) in enumerate(itertools.pairwise(cuts)):
        sides = [half * np.array([left, 1.0]), half[::-1] * np.array([right, 1.0])]
        drawing.append(Path(np.concatenate(sides), closed=True, part=k % 2))
    if rng.random() < 0.5:
        y, x = -0.45, np.linspace(-wide, wide, 2 * gores + 1)
        zigzag = np.stack([x, y + 0.1 * (np.arange(2 * gores + 1) % 2) + 0.1 * (1 - (x / wide) ** 2)], -1)
        drawing.append(Path(zigzag, part=2))
    drawing += of_part(2, [line((x, 0.5), (x * 0.8, 0.74)) for x in (-0.17, -0.06, 0.06, 0.17)])
    basket = ring((-0.15, 0.72), (0.15, 0.72), (0.12, 0.98), (-0.12, 0.98))._replace(part=2)
    return [*drawing, basket, *(line((-0.14, y), (0.14, y))._replace(part=1) for y in (0.8, 0.89))]


def lighthouse(rng: Rng) -> Drawing:
    foot, top, bands = rng.uniform(0.28, 0.36), rng.uniform(0.15, 0.2), int(rng.choice([4, 5, 6, 7]))
    heights = np.linspace(-0.45, 0.75, bands + 1)
    widths = np.linspace(top, foot, bands + 1)
    drawing: Drawing = []
    for k in range(bands):
        a, b, y, z = widths[k], widths[k + 1], heights[k], heights[k + 1]
        drawing.append(ring((-a, y), (a, y), (b, z), (-b, z))._replace(part=1 - k % 2))
    drawing += of_part(2, [rectangle(-0.13, -0.74, 0.26, 0.22)])
    drawing += of_part(
        3, [rectangle(-top - 0.08, -0.52, 2 * top + 0.16, 0.08), ring((-0.18, -0.74), (0, -0.95), (0.18, -0.74))]
    )
    drawing += of_part(
        3, [line((0, -0.74), (0, -0.52)), rectangle(-0.07, 0.53, 0.14, 0.22), circle((0, 0.1), 0.05, 12)]
    )
    if rng.random() < 0.7:
        beams = [line((0.2, -0.63 + 0.04 * k), (0.72, -0.63 + 0.14 * k)) for k in (-1, 0, 1)]
        drawing += of_part(2, _both(beams))
    rock = [(-0.75, 0.95), (-0.5, 0.78), (-0.25, 0.74), (0.2, 0.73), (0.5, 0.8), (0.72, 0.95)]
    drawing.append(Path(np.array(rock) + rng.normal(0, 0.02, (6, 2)), closed=True, part=3))
    return drawing


def _battlement(x: float, y: float, width: float, low: float, teeth: int) -> Path:
    """A wall with merlons on it."""
    step = width / (2 * teeth - 1)
    top = [(x + (k + d) * step, y - 0.08 * (1 - k % 2)) for k in range(2 * teeth - 1) for d in (0, 1)]
    return ring((x, low), *top, (x + width, low))


def castle(rng: Rng) -> Drawing:
    high, wall, keep = rng.uniform(-0.35, -0.15), rng.uniform(0.1, 0.25), rng.uniform(-0.6, -0.45)
    drawing: Drawing = [_battlement(-0.24, keep, 0.48, 0.5, 3), _battlement(-0.6, wall, 1.2, 0.85, 7)]
    pointed = rng.random() < 0.7
    side: Drawing = [_battlement(0.46, high, 0.36, 0.85, 3)]
    if pointed:
        side = [
            rectangle(0.48, high, 0.32, 0.85 - high),
            ring((0.4, high), (0.64, high - 0.48), (0.88, high))._replace(part=1),
        ]
    slit = [line((0.64, high + 0.15), (0.64, high + 0.35)), line((0.64, high + 0.55), (0.64, high + 0.7))]
    drawing += _both([*side, *of_part(2, slit)])
    pole = keep - 0.38
    drawing += of_part(
        1,
        [
            line((0, keep - 0.06), (0, pole)),
            ring((0, pole), (rng.choice([-1, 1]) * 0.28, pole + 0.09), (0, pole + 0.18)),
        ],
    )
    gate = arc((0, 0.55), 0.17, np.pi, TAU, 14).points
    drawing.append(Path(np.concatenate([[(-0.17, 0.85)], gate, [(0.17, 0.85)]]), closed=True, part=2))
    drawing += [line((x, 0.42), (x, 0.85)) for x in (-0.07, 0.07)] + [line((-0.17, 0.6), (0.17, 0.6))]
    drawing += of_part(2, _both([rectangle(0.07, keep + 0.18, 0.08, 0.17)]))
    stones = [(rng.uniform(-0.42, 0.3), y) for y in np.linspace(wall + 0.12, 0.35, 3)]
    return drawing + of_part(2, [line((x, y), (x + 0.12, y)) for x, y in stones])


def _annulus(center: tuple[float, float], outer: float, inner: float, start: float) -> Path:
    around = np.linspace(0, TAU, 30) + start
    points = np.concatenate([polar(outer, around), polar(inner, around[::-1])])
    return Path(points + np.array(center), closed=True)


def key(rng: Rng) -> Drawing:
    half, side, kind = rng.uniform(0.05, 0.07), rng.choice([-1.0, 1.0]), rng.integers(3)
    if kind == 0:
        r = rng.uniform(0.3, 0.38)
        bow = [_annulus((0, -1 + r), r, r * rng.uniform(0.5, 0.65), np.pi / 2)]
        neck = -1 + 2 * r
    elif kind == 1:
        lobes = ((-0.22, -0.48, 0.0), (0.22, -0.48, np.pi), (0, -0.79, np.pi / 2))
        bow = [_annulus((x, y), rng.uniform(0.18, 0.21), 0.11, a) for x, y, a in lobes]
        neck = -0.59
    else:
        oval = _annulus((0, 0), 0.36, 0.22, np.pi / 2)
        bow = [oval._replace(points=oval.points * np.array([1.1, 0.75]) + np.array([0, -0.72]))]
        neck = -0.46
    collar = [rectangle(-half - 0.05, y, 2 * half + 0.1, 0.07)._replace(part=1) for y in (neck + 0.12, 0.3)]
    reach = rng.uniform(0.28, 0.38)
    notch = rng.uniform(0.1, 0.2)
    bit = [
        (half, 0.45),
        (reach, 0.45),
        (reach, 0.57),
        (notch, 0.57),
        (notch, 0.65),
        (reach, 0.65),
        (reach, 0.83),
        (half, 0.83),
    ]
    outline = [(-half, neck), (half, neck), *bit, (half, 0.97), (-half, 0.97)]
    return _handed([ring(*outline), *bow, *collar], side)


def hourglass(rng: Rng) -> Drawing:
    wide, waist, level = rng.uniform(0.42, 0.5), rng.uniform(0.03, 0.06), rng.uniform(0.3, 0.6)
    y = np.linspace(-0.8, 0.8, 41)
    edge = waist + (wide - waist) * np.sin(np.pi / 2 * np.minimum(1, np.abs(y) / 0.62)) ** 1.4
    sides = np.stack([edge, y], -1)
    upper = sides[(y > -0.8 * level) & (y <= 0)] * np.array([0.88, 1.0])
    heap = [
        (x, 0.76 - 0.45 * (1.1 - level) * np.exp(-6 * (x / wide) ** 2) - 0.12)
        for x in np.linspace(-wide, wide, 20) * 0.88
    ]
    sand = [
        Path(mirrored(upper), closed=True),
        ring(*heap, (wide * 0.86, 0.78), (-wide * 0.86, 0.78)),
        line((0, 0), (0, 0.6)),
    ]
    drawing = [Path(mirrored(sides), closed=True, part=1), *of_part(2, sand)]
    post = rng.uniform(0.06, 0.1)
    drawing += _both([rectangle(wide + 0.06, -0.8, post, 1.6)])
    bar = wide + post + 0.14
    for y0 in (-0.96, 0.8):
        drawing += [rectangle(-bar, y0, 2 * bar, 0.16), line((-bar, y0 + 0.08), (bar, y0 + 0.08))._replace(part=2)]
    return drawing


def mandala(rng: Rng) -> Drawing:
    n = int(rng.choice([8, 8, 10, 12]))
    drawing: Drawing = []
    radii = np.array([1.0, 0.74, 0.52, 0.32]) * np.array([1.0, *rng.uniform(0.95, 1.05, 3)])
    kinds = rng.permutation(4)
    for k, radius in enumerate(radii):
        inner = radii[k + 1] if k < 3 else 0.13
        size, half, part = radius - inner, np.sin(np.pi / n) * radius, (k + 1) % 3
        base = (0, -inner * 0.96)
        if kinds[k] == 0:  # pointed petals, one in another
            tile = moved(
                [_petal(size, half * 0.75, 0.9, 0.8), _petal(size * 0.6, half * 0.4, 0.9, 0.8, part=1)], to=base
            )
        elif kinds[k] == 1:  # arches with a dot
            bow = arc((0, 0), 1, np.pi, TAU, 14).points * np.array([half * 0.92, size * 0.9])
            tile = moved([Path(bow, closed=True), circle((0, -0.35 * size), size * 0.2, 12)._replace(part=1)], to=base)
        elif kinds[k] == 2:  # beads
            tile = [circle((0, -(radius + inner) / 2), min(size * 0.42, half * 0.75), 18)]
        else:  # rays
            tile = [ring((-half * 0.7, -inner), (0, -radius * 0.97), (half * 0.7, -inner))]
        twist = np.pi / n * (k % 2)
        drawing.append(circle((0, 0), inner, 44)._replace(part=(part + 1) % 3))
        drawing += [
            p._replace(part=(p.part + part) % 3) for j in range(n) for p in moved(tile, angle=j * TAU / n + twist)
        ]
    order = sorted(drawing, key=lambda path: -float(np.hypot(*path.points.T).max()))
    return [*order, circle((0, 0), 0.06, 16)._replace(part=0)]


def planet(rng: Rng) -> Drawing:
    r, tilt, angle = rng.uniform(0.5, 0.58), rng.uniform(0.2, 0.34), rng.uniform(-0.5, 0.5)

    def before(a: float, reverse: bool = False) -> Points:
        """What shows of a ring of half-width `a` that passes behind the planet."""
        b = a * tilt
        hidden = np.arccos(np.sqrt((r**2 - b**2) / (a**2 - b**2)))
        t = np.linspace(-hidden, np.pi + hidden, 40)
        return polar(1.0, t[::-1] if reverse else t) * np.array([a, b])

    inner = r * rng.uniform(1.18, 1.3)
    drawing: Drawing = [circle((0, 0), r)]
    for y, thick in zip(
        np.array([-0.75, -0.42, -0.1, 0.7]) + rng.normal(0, 0.04, 4), rng.uniform(0.05, 0.1, 4), strict=True
    ):
        edges = []
        for v in (y - thick, y + thick):
            x = np.linspace(-1, 1, 16) * np.sqrt(1 - v**2)
            edges.append(np.stack([x, v + tilt * 0.5 * (1 - v**2 - x**2)], -1) * r)
        drawing.append(Path(np.concatenate([edges[0], edges[1][::-1]]), closed=True, part=1))
    hoop = Path(np.concatenate([before(0.98), before(inner, reverse=True)]), closed=True, part=2)
    drawing += [hoop, Path(before((0.98 + inner) / 2 + 0.02), part=1)]
    return moved(drawing, angle=angle)


THINGS = (
    owl, jellyfish, octopus, snail, turtle, beetle, dragonfly, swan, pine, palm, tulip, rose, lotus, dandelion,
    sunflower, apple, pear, acorn, balloon, lighthouse, castle, key, hourglass, mandala, planet,
)  # fmt: skip

NATURE: Nature = {
    "owl": (("brown", "grey"), ("yellow", "white"), ("yellow", "orange"), ("black",), ("orange",)),
    "jellyfish": (("pink", "violet", "blue"), ("violet", "blue", "pink"), ("white", "violet")),
    "octopus": (("red", "orange", "violet", "pink"), ("white", "yellow"), ("white",), ("black",)),
    "snail": (("yellow", "grey", "green"), ("brown", "orange"), ("black", "brown")),
    "turtle": (("green",), ("brown",), ("green", "yellow")),
    "beetle": (("black",), ("red", "green", "blue", "orange"), ("black", "yellow")),
    "dragonfly": (("blue", "green", "teal", "red"), ("teal", "blue", "white"), ("black",), ("green", "red")),
    "swan": (("white",), ("black", "grey"), ("orange",), ("blue", "teal")),
    "pine": (("green",), ("brown",), ("teal", "black", "white")),
    "palm": (("brown",), ("green",), ("brown", "orange"), ("black", "yellow")),
    "tulip": (("red", "yellow", "pink", "violet"), ("green",), ("black", "yellow")),
    "rose": (("red", "pink", "yellow"), ("green",), ("black", "brown")),
    "lotus": (("pink", "white"), ("violet", "red"), ("green",), ("blue", "teal")),
    "dandelion": (("white", "grey"), ("green",)),
    "sunflower": (("yellow", "orange"), ("brown", "black"), ("green",)),
    "apple": (("red", "green"), ("brown",), ("green",)),
    "pear": (("green", "yellow"), ("brown",), ("green",)),
    "acorn": (("orange", "green", "yellow"), ("brown",)),
    "balloon": (("red", "orange", "blue", "green"), ("yellow", "white", "violet"), ("brown",)),
    "lighthouse": (("white",), ("red", "blue", "black"), ("yellow",), ("grey", "black")),
    "castle": (("grey", "brown"), ("red", "blue"), ("black", "brown")),
    "key": (("yellow", "grey", "brown"), ("orange", "black")),
    "hourglass": (("brown", "black"), ("teal", "blue"), ("yellow", "orange")),
    "mandala": (("red", "orange", "yellow"), ("violet", "blue"), ("teal", "pink", "green")),
    "planet": (("orange", "blue", "red"), ("brown", "violet"), ("yellow", "teal")),
}
