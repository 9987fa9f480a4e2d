"""Motifs with an outline of their own: each returns one figure inside the unit circle, upright."""

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
    polygon,
    rectangle,
    ring,
    smooth,
    turn,
)

Rng = np.random.Generator
TAU = 2 * np.pi


def rings(rng: Rng) -> Drawing:
    radii = np.linspace(1, rng.uniform(0.08, 0.25), int(rng.integers(3, 9)))
    return [circle((0, 0), r)._replace(part=k % 2) for k, r in enumerate(radii)]


def rays(rng: Rng) -> Drawing:
    n, inner = int(rng.integers(9, 32)), rng.uniform(0.0, 0.3)
    short = rng.choice([1.0, rng.uniform(0.5, 0.8)])
    angles = np.arange(n) * TAU / n
    ends = np.where(np.arange(n) % 2, short, 1.0)
    return [Path(polar(np.array([inner, end]), np.array([a, a]))) for a, end in zip(angles, ends, strict=True)]


def spiral(rng: Rng) -> Drawing:
    turns, power, hand = rng.uniform(2, 5.5), rng.uniform(0.7, 1.5), rng.choice([-1, 1])
    t = np.linspace(0.02, 1, int(26 * turns))
    arms = rng.choice([1, 1, 2])
    return [Path(polar(t**power, hand * TAU * turns * t / arms + k * TAU / arms)) for k in range(arms)]


def star(rng: Rng) -> Drawing:
    n = int(rng.integers(5, 9))
    depth = rng.uniform(0.35, 0.55)

    def outline(scale: float) -> Path:
        radius = np.where(np.arange(2 * n) % 2, depth, 1.0) * scale
        return Path(polar(radius, np.arange(2 * n) * np.pi / n - np.pi / 2), closed=True, part=int(scale == 0.7))

    if n % 2 and rng.random() < 0.3:  # the pentagram, drawn in one line
        step = n // 2
        return [Path(polar(1.0, np.arange(n) * step * TAU / n - np.pi / 2), closed=True)]
    return [outline(s) for s in ([1.0] if rng.random() < 0.5 else [1.0, 0.7, 0.4])]


def flower(rng: Rng) -> Drawing:
    n, width, core = int(rng.integers(5, 10)), rng.uniform(0.7, 1.05), rng.uniform(0.15, 0.28)
    t = np.linspace(0, np.pi, 14)
    half = np.pi / n * width * 0.75
    petal = np.stack([core + (1 - core) * (1 - np.cos(t)) / 2, half * np.sin(t) * 0.75], -1)
    shape = np.concatenate([petal, petal[::-1] * np.array([1, -1])])
    petals = [Path(turn(shape, k * TAU / n), closed=True) for k in range(n)]
    return [*petals, circle((0, 0), core, 20)._replace(part=1)]


def phyllotaxis(rng: Rng) -> Drawing:
    n = int(rng.integers(60, 170))
    k = np.arange(1, n)
    centers = polar(np.sqrt(k / n), k * np.pi * (3 - np.sqrt(5)))
    size = rng.uniform(0.5, 0.85) / np.sqrt(n)
    grow = rng.choice([0.0, 0.5])
    return [circle((x, y), size * (1 - grow + grow * 2 * np.hypot(x, y)), 10) for x, y in centers]


def guilloche(rng: Rng) -> Drawing:
    n, depth, loops = int(rng.integers(7, 19)), rng.uniform(0.3, 0.6), int(rng.integers(2, 6))
    while np.gcd(n, loops) > 1:
        n += 1
    t = np.linspace(0, TAU * loops, 60 * loops)
    return [Path(polar((1 - depth / 2) + depth / 2 * np.cos(n * t / loops), t))]


def polygons(rng: Rng) -> Drawing:
    sides, shrink, twist = int(rng.integers(3, 7)), rng.uniform(0.72, 0.88), rng.uniform(0.05, 0.25)
    return [polygon((0, 0), shrink**k, sides, k * twist)._replace(part=k % 2) for k in range(int(rng.integers(6, 14)))]


def eye(rng: Rng) -> Drawing:
    height, iris = rng.uniform(0.4, 0.6), rng.uniform(0.3, 0.42)
    x = np.linspace(-1, 1, 30)
    lid = height * (1 - x**2) ** rng.uniform(0.8, 1.2)
    outline = np.concatenate([np.stack([x, -lid], -1), np.stack([x, lid], -1)[::-1]])
    drawing = [Path(outline, closed=True), circle((0, 0), iris)._replace(part=1)]
    drawing.append(circle((0, 0), iris * rng.uniform(0.3, 0.5), 20)._replace(part=2))
    if rng.random() < 0.5:
        drawing += [line((a * 0.8, -0.55), (a, -0.85))._replace(part=2) for a in np.linspace(-0.8, 0.8, 7)]
    if rng.random() < 0.4:
        drawing += [
            Path(polar(np.array([0.5, 0.95]) * iris, np.array([a, a])), part=2) for a in np.arange(12) * TAU / 12
        ]
    return drawing


def leaf(rng: Rng) -> Drawing:
    width, veins = rng.uniform(0.35, 0.6), int(rng.integers(4, 9))
    t = np.linspace(0, 1, 24)
    half = np.stack([width * np.sin(np.pi * t ** rng.uniform(0.7, 1.0)) ** 1.1, 2 * t - 1], -1)
    drawing = [Path(mirrored(half), closed=True), line((0, -1), (0, 1.15))._replace(part=1)]
    for s in np.linspace(0.2, 0.85, veins):
        reach = 0.85 * width * np.sin(np.pi * max(s - 0.12, 0.02))
        for side in (-1, 1):
            drawing.append(line((0, 2 * s - 1), (side * reach, 2 * s - 1 - 0.3))._replace(part=1))
    return drawing


def heart(rng: Rng) -> Drawing:
    t = np.linspace(0, TAU, 40, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    shape = np.stack([x, y], -1) / 17
    return [
        Path(shape * s, closed=True, part=int(s == 0.7)) for s in ([1.0] if rng.random() < 0.5 else [1.0, 0.7, 0.4])
    ]


def tree(rng: Rng) -> Drawing:
    spread, shrink, depth = rng.uniform(0.35, 0.6), rng.uniform(0.68, 0.78), int(rng.integers(5, 7))
    drawing: Drawing = []

    def grow(base: Points, heading: float, length: float, level: int) -> None:
        tip = base + length * np.array([np.cos(heading), np.sin(heading)])
        drawing.append(Path(np.stack([base, tip]), part=int(level < 2)))
        if level:
            for side in (-1, 1):
                grow(tip, heading + side * spread + rng.normal(0, 0.08), length * shrink, level - 1)

    grow(np.array([0.0, 1.0]), -np.pi / 2, 0.6, depth - 1)
    return drawing


def fern(rng: Rng) -> Drawing:
    n, bend = int(rng.integers(10, 18)), rng.uniform(-0.5, 0.5)
    t = np.linspace(0, 1, 20)
    stem = np.stack([bend * t**2, 1 - 2 * t], -1)
    drawing = [Path(stem, part=1)]
    for s in np.linspace(0.08, 0.95, n):
        base = np.array([bend * s**2, 1 - 2 * s])
        reach = 0.75 * (1 - s) ** 0.8 + 0.06
        for side in (-1, 1):
            k = np.linspace(0, 1, 6)
            drawing.append(Path(base + reach * np.stack([side * k, -0.6 * k + 0.45 * k**2], -1)))
    return drawing


def gear(rng: Rng) -> Drawing:
    n, depth = int(rng.integers(8, 17)), rng.uniform(0.14, 0.24)
    phase = np.array([0.0, 0.16, 0.34, 0.5])
    angles = ((np.arange(n)[:, None] + phase) * TAU / n).ravel()
    radii = np.tile([1 - depth, 1.0, 1.0, 1 - depth], n)
    return [Path(polar(radii, angles), closed=True), circle((0, 0), rng.uniform(0.2, 0.45), 30)._replace(part=1)]


def butterfly(rng: Rng) -> Drawing:
    upper = np.array([(0.05, -0.1), (0.35, -0.75), (0.9, -0.85), (0.95, -0.35), (0.5, 0.05)])
    lower = np.array([(0.5, 0.05), (0.8, 0.3), (0.65, 0.8), (0.3, 0.7), (0.05, 0.15)])
    wing = smooth(np.concatenate([upper, lower[1:]]) + rng.normal(0, 0.03, (9, 2)), 5)
    drawing: Drawing = []
    for side in (-1, 1):
        mirror = np.array([side, 1.0])
        drawing.append(Path(wing * mirror, closed=True))
        drawing += of_part(2, [circle((side * 0.6, -0.5), 0.16, 14), circle((side * 0.45, 0.42), 0.12, 14)])
        drawing.append(Path(smooth(np.array([(0.0, -0.3), (0.1, -0.65), (0.28, -0.9)]), 5) * mirror, part=1))
    t = np.linspace(0, TAU, 16, endpoint=False)
    return [*drawing, Path(np.stack([0.06 * np.cos(t), 0.42 * np.sin(t)], -1), closed=True, part=1)]


def fish(rng: Rng) -> Drawing:
    height = rng.uniform(0.35, 0.5)
    x = np.linspace(-1, 0.55, 20)
    belly = height * np.sin(np.pi * (x + 1) / 1.65) ** 0.8
    body = np.concatenate([np.stack([x, -belly], -1), np.stack([x, belly], -1)[::-1]])
    tail = ring((0.5, 0.0), (1.0, -0.4), (0.86, 0.0), (1.0, 0.4))
    drawing = [Path(body, closed=True), tail._replace(part=1), circle((-0.66, -0.1), 0.07, 12)._replace(part=2)]
    drawing.append(arc((-0.75, 0.0), 0.4, -0.8, 0.8, 10)._replace(part=1))
    for k in range(rng.integers(0, 4)):
        drawing.append(arc((-0.45 + 0.22 * k, 0.0), 0.28, -0.8, 0.8, 8)._replace(part=1))
    return drawing


def shell(rng: Rng) -> Drawing:
    opening, ribs, bands = rng.uniform(1.9, 2.7), int(rng.integers(7, 14)), int(rng.integers(2, 7))
    start, end = -np.pi / 2 - opening / 2, -np.pi / 2 + opening / 2
    drawing = [Path(polar(np.array([0.0, 1.7]), np.array([a, a]))) for a in np.linspace(start, end, ribs)]
    drawing += [arc((0, 0), r, start, end)._replace(part=1) for r in np.linspace(1.7, 0.5, bands)]
    return moved(drawing, scale=0.9, to=(0.0, 0.75))


def arrow(rng: Rng) -> Drawing:
    head, shaft, half = rng.uniform(0.4, 0.7), rng.uniform(0.1, 0.22), rng.uniform(0.4, 0.6)
    neck = -1 + head
    outline = [(0, -1), (half, neck), (shaft, neck), (shaft, 1), (-shaft, 1), (-shaft, neck), (-half, neck)]
    if rng.random() < 0.6:
        return [ring(*outline)]
    return [line((0, 1), (0, -1)), line((-half, neck), (0, -1), (half, neck))]


def feather(rng: Rng) -> Drawing:
    n, width = int(rng.integers(22, 40)), rng.uniform(0.25, 0.4)
    drawing = [Path(np.stack([0.1 * np.sin(np.linspace(0, 2, 12)), np.linspace(1.2, -1, 12)], -1), part=1)]
    for s in np.linspace(0.12, 1, n):
        reach = width * np.sin(np.pi * (0.15 + 0.8 * s)) ** 0.7
        x, y = 0.1 * np.sin(2 * s), 1.2 - 2.2 * s
        drawing += [line((x, y), (x + side * reach, y - 0.32)) for side in (-1, 1)]
    return drawing


def snowflake(rng: Rng) -> Drawing:
    twigs = np.sort(rng.uniform(0.3, 0.85, int(rng.integers(2, 4))))
    lengths = rng.uniform(0.15, 0.35, len(twigs))
    arm: Drawing = [line((0, 0), (0, -1))]
    for place, length in zip(twigs, lengths, strict=True):
        arm += [line((0, -place), (side * length * 0.87, -place - length * 0.5)) for side in (-1, 1)]
    return [path for k in range(6) for path in moved(arm, angle=k * np.pi / 3)]


def web(rng: Rng) -> Drawing:
    n, turns, sag = int(rng.integers(7, 13)), int(rng.integers(4, 8)), rng.uniform(0.78, 0.92)
    angles = np.arange(n) * TAU / n
    drawing = [Path(polar(np.array([0.0, 1.0]), np.array([a, a]))) for a in angles]
    for r in np.linspace(0.2, 0.92, turns):
        for a in angles:
            half = np.pi / n
            drawing.append(
                Path(polar(np.array([r, r * sag * np.cos(half) * 1.05, r]), np.array([a, a + half, a + 2 * half])))
            )
    return drawing


def knot(rng: Rng) -> Drawing:
    p, q = [(2, 3), (3, 2), (2, 5), (3, 4), (3, 5)][rng.integers(5)]
    t = np.linspace(0, TAU, 120)
    shape = (
        polar(0.65 + 0.35 * np.cos(q * t), p * t)
        if rng.random() < 0.5
        else np.stack([np.sin(p * t), np.sin(q * t + 0.5)], -1)
    )
    gap = rng.uniform(0.06, 0.12)
    return [Path(shape * s) for s in ([1.0] if rng.random() < 0.5 else [1.0, 1.0 - gap])]


def crescent(rng: Rng) -> Drawing:
    shift = rng.uniform(0.3, 0.6)
    horn = np.arccos(shift / 2)
    outer = polar(1.0, np.linspace(horn, TAU - horn, 36))
    inner = polar(1.0, np.linspace(np.pi + horn, np.pi - horn, 28)) + np.array([shift, 0])
    return [Path(np.concatenate([outer, inner]), closed=True)]


def lightning(rng: Rng) -> Drawing:
    w = rng.uniform(0.18, 0.32)
    bolt = [(-0.1 + w, -1), (-0.45, 0.12), (-0.05, 0.12), (-0.3, 1), (0.5, -0.18), (0.08, -0.18), (0.45, -1)]
    return [ring(*bolt)]


def vortex(rng: Rng) -> Drawing:
    n, swirl, inner = int(rng.integers(8, 22)), rng.choice([-1, 1]) * rng.uniform(0.8, 2.2), rng.uniform(0.05, 0.25)
    r = np.linspace(inner, 1, 14)
    return [Path(polar(r, k * TAU / n + swirl * np.log(r / inner + 0.5))) for k in range(n)]


def mushroom(rng: Rng) -> Drawing:
    cap = arc((0, -0.05), 0.9, np.pi, TAU, 26).points * np.array([1.0, rng.uniform(0.8, 1.05)])
    stem = smooth(np.array([(-0.22, -0.05), (-0.18, 0.5), (-0.3, 1.0), (0.3, 1.0), (0.18, 0.5), (0.22, -0.05)]), 4)
    spots = [circle((x, y), r, 14) for x, y, r in ((-0.4, -0.35, 0.14), (0.1, -0.6, 0.16), (0.48, -0.3, 0.12))]
    return [Path(cap, closed=True), Path(stem, part=1), *of_part(2, spots)]


def bird(rng: Rng) -> Drawing:
    body = np.array(
        [(-1.0, -0.25), (-0.72, -0.5), (-0.4, -0.35), (0.2, -0.2), (1.0, -0.15), (0.3, 0.35), (-0.3, 0.4), (-0.75, 0.0)]
    )
    wing = np.array([(-0.3, -0.1), (0.05, -0.85), (0.6, -1.0), (0.35, -0.3), (0.15, 0.1)])
    drawing = [Path(smooth(body + rng.normal(0, 0.02, body.shape), 5, closed=True), closed=True)]
    drawing += [
        Path(smooth(wing, 5, closed=True), closed=True, part=1),
        circle((-0.7, -0.28), 0.06, 10)._replace(part=2),
    ]
    return drawing


def anchor(rng: Rng) -> Drawing:
    reach, eye_ = rng.uniform(0.6, 0.8), rng.uniform(0.13, 0.2)
    arms = arc((0, 0.25), reach, 0.15, np.pi - 0.15, 24)
    drawing = [circle((0, -1 + eye_), eye_, 16), line((0, -1 + 2 * eye_), (0, 0.25 + reach)), arms]
    drawing.append(line((-0.45, -0.42), (0.45, -0.42)))
    for end, side in ((arms.points[0], 1), (arms.points[-1], -1)):
        x, y = end
        drawing.append(ring((x - side * 0.2, y + 0.06), (x + side * 0.06, y - 0.28), (x + side * 0.12, y + 0.16)))
    return drawing


def cactus(rng: Rng) -> Drawing:
    width, left, right = rng.uniform(0.18, 0.26), rng.uniform(-0.1, 0.4), rng.uniform(-0.2, 0.3)

    def limb(side: int, base: float) -> Path:
        out, thick = side * 0.62, width * 0.6
        inner = [(side * width, base - thick), (out - side * thick, base - thick), (out - side * thick, base - 0.5)]
        outer = [(out + side * thick, base - 0.5), (out + side * thick, base + thick), (side * width, base + thick)]
        tip = arc((out, base - 0.5), thick, np.pi, TAU, 8).points[:: side or 1]
        return Path(np.concatenate([np.array(inner), tip, np.array(outer)]))

    top = arc((0, -1 + width), width, np.pi, TAU, 14).points
    trunk = Path(np.concatenate([np.array([(-width, 1.0)]), top, np.array([(width, 1.0)])]), closed=True)
    ribs = [line((x, -0.85 + abs(x)), (x, 0.95))._replace(part=1) for x in (-width / 2.5, width / 2.5)]
    return [trunk, limb(-1, left), limb(1, right), *(ribs if rng.random() < 0.6 else [])]


def cat(rng: Rng) -> Drawing:
    """A face with ears and whiskers."""
    ear, wide = rng.uniform(0.45, 0.6), rng.uniform(0.75, 0.85)
    drawing = [Path(circle((0, 0.15), 0.78, 40).points * np.array([wide / 0.78, 1.0]), closed=True)]
    for side in (-1, 1):
        drawing.append(ring((side * 0.78 * wide, -0.3), (side * 0.72, -0.4 - ear), (side * 0.18, -0.6)))
        drawing.append(circle((side * 0.3, 0.0), rng.uniform(0.08, 0.13), 14)._replace(part=1))
        drawing += of_part(2, [line((side * 0.22, 0.42 + 0.06 * k), (side * 1.0, 0.3 + 0.17 * k)) for k in range(3)])
    drawing.append(ring((-0.1, 0.28), (0.1, 0.28), (0.0, 0.4))._replace(part=3))
    drawing += of_part(2, [arc((side * 0.14, 0.46), 0.14, 0.1, np.pi - 0.1, 10) for side in (-1, 1)])
    return drawing


def clouds(rng: Rng) -> Drawing:
    """One cloud; every bump an arc over the last."""
    bumps = int(rng.integers(4, 7))
    x = np.linspace(-0.78, 0.78, bumps)
    radius = (0.2 + 0.24 * np.cos(x * 1.3) ** 2) * rng.uniform(0.85, 1.15, bumps)
    lift = -0.3 * np.cos(x * 1.6) + 0.1
    tops = [arc((a, b), r, np.pi * 0.95, TAU * 1.02, 12).points for a, b, r in zip(x, lift, radius, strict=True)]
    drawing = [Path(np.concatenate([*tops, np.array([(0.95, 0.35), (-0.95, 0.35)])]), closed=True)]
    for k in range(rng.choice([0, 0, 5])):
        drawing.append(line((-0.7 + 0.35 * k, 0.5), (-0.8 + 0.35 * k, 0.9))._replace(part=1))
    return drawing


def crown(rng: Rng) -> Drawing:
    points, low = int(rng.choice([3, 5, 5, 7])), rng.uniform(-0.2, 0.1)
    tips = np.linspace(-1, 1, points)
    zigzag = [(-0.85, 0.6)]
    for k, tip in enumerate(tips):
        zigzag.append((tip, -0.55 - 0.25 * (1 - abs(tip))))
        if k < points - 1:
            zigzag.append(((tip + tips[k + 1]) / 2, low))
    band = rng.uniform(0.12, 0.2)
    base = ring((-0.85, 0.6), (0.85, 0.6), (0.85, 0.6 + band), (-0.85, 0.6 + band))._replace(part=1)
    drawing = [ring(*zigzag, (0.85, 0.6)), base]
    drawing += [circle((tip, -0.63 - 0.25 * (1 - abs(tip))), 0.08, 10)._replace(part=1) for tip in tips]
    return drawing


def face(rng: Rng) -> Drawing:
    long, mood = rng.uniform(1.0, 1.25), rng.choice([-1, 1, 1])
    drawing = [Path(circle((0, 0), 0.8, 40).points * np.array([1.0, long]), closed=True)]
    for side in (-1, 1):
        drawing.append(circle((side * 0.32, -0.22), rng.uniform(0.09, 0.15), 14)._replace(part=1))
        drawing.append(arc((side * 0.32, -0.28), 0.24, np.pi * 1.2, np.pi * 1.8, 8)._replace(part=2))
    drawing.append(line((0.0, -0.15), (rng.choice([-1, 1]) * 0.12, 0.2), (0.0, 0.22))._replace(part=2))
    start = (0.15, 0.85) if mood > 0 else (1.15, 1.85)
    mouth = arc((0, 0.42 if mood > 0 else 0.75), 0.36, np.pi * start[0], np.pi * start[1], 14)
    return [*drawing, mouth._replace(part=3)]


def house(rng: Rng) -> Drawing:
    eaves, ridge = rng.uniform(-0.3, 0.0), rng.uniform(-1.0, -0.8)
    drawing = [
        rectangle(-0.75, eaves, 1.5, 1 - eaves),
        ring((-0.95, eaves), (0, ridge), (0.95, eaves))._replace(part=1),
    ]
    door = rng.uniform(-0.5, 0.2)
    drawing.append(rectangle(door, 0.4, 0.3, 0.6)._replace(part=2))
    for x in (-0.55, 0.25):
        if rng.random() < 0.8:
            drawing.append(rectangle(x, eaves + 0.15, 0.3, 0.28)._replace(part=3))
            drawing.append(line((x + 0.15, eaves + 0.15), (x + 0.15, eaves + 0.43))._replace(part=2))
    if rng.random() < 0.6:
        drawing.append(
            ring((0.4, eaves - 0.2), (0.4, ridge + 0.05), (0.62, ridge + 0.05), (0.62, eaves - 0.1))._replace(part=2)
        )
    return drawing


def mountains(rng: Rng) -> Drawing:
    """Two or three peaks, one behind the other, each with a cap of snow."""
    drawing: Drawing = []
    for x in np.linspace(-0.5, 0.5, int(rng.integers(2, 4))) + rng.normal(0, 0.06):
        height, half = rng.uniform(0.9, 1.6), rng.uniform(0.45, 0.65)
        top = 0.7 - height
        drawing.append(ring((x - half, 0.7), (x, top), (x + half, 0.7)))
        snow = rng.uniform(0.25, 0.4)
        edge = [
            (x + half * snow * u, top + height * snow * (1 + 0.25 * (k % 2)))
            for k, u in enumerate((-1, -0.4, 0.1, 0.5))
        ]
        drawing.append(line(*edge, (x + half * snow, top + height * snow))._replace(part=1))
    if rng.random() < 0.5:
        drawing.append(circle((rng.uniform(-0.8, 0.8), -0.85), 0.15, 18)._replace(part=2))
    return drawing


def sailboat(rng: Rng) -> Drawing:
    mast, lean = rng.uniform(-0.15, 0.1), rng.uniform(0.7, 0.95)
    hull = ring((-0.9, 0.5), (0.95, 0.5), (0.6, 0.85), (-0.65, 0.85))
    sails = [ring((mast + 0.06, -1.0), (mast + 0.06, 0.35), (mast + lean, 0.35))]
    sails.append(ring((mast - 0.06, -0.8), (mast - 0.06, 0.35), (mast - 0.65, 0.35)))
    drawing = [hull, line((mast, 0.5), (mast, -1.05)), *of_part(1, sails)]
    if rng.random() < 0.5:
        x = np.linspace(-1, 1, 30)
        drawing.append(Path(np.stack([x, 0.97 + 0.05 * np.sin(9 * x)], -1), part=2))
    return drawing


def umbrella(rng: Rng) -> Drawing:
    panels, height = int(rng.integers(3, 7)), rng.uniform(0.8, 1.0)
    dome = arc((0, 0), 1.0, np.pi, TAU, 30).points * np.array([1.0, height])
    x = np.linspace(1, -1, panels + 1)
    scallops = [
        arc(((a + b) / 2, 0), (a - b) / 2, TAU, np.pi, 8).points * np.array([1.0, 0.5])
        for a, b in itertools.pairwise(x)
    ]
    drawing = [Path(np.concatenate([dome, *scallops]), closed=True)]
    for rib in x[1:-1]:
        t = np.linspace(0, 1, 10)
        drawing.append(Path(np.stack([rib * np.sin(t * np.pi / 2), -height * np.cos(t * np.pi / 2)], -1), part=1))
    side = rng.choice([-1, 1])
    handle = arc((side * 0.15, 0.85), 0.15, np.pi if side > 0 else 0.0, 0.0 if side > 0 else np.pi, 10).points
    below = handle * np.array([1.0, -1.0]) + np.array([0.0, 1.7])
    return [*drawing, *of_part(1, [line((0, -height - 0.12), (0, 0.85)), Path(below)])]


FIGURES = (
    rings, rays, spiral, star, flower, phyllotaxis, guilloche, polygons, eye, leaf, heart, tree, fern, gear,
    butterfly, fish, shell, arrow, feather, snowflake, web, knot, crescent, lightning, vortex, mushroom, bird,
    anchor, cactus, cat, clouds, crown, face, house, mountains, sailboat, umbrella,
)  # fmt: skip

NATURE: Nature = {
    "rings": (("red", "blue", "black"), ("white", "yellow")),
    "rays": (("yellow", "orange", "red"),),
    "spiral": (("red", "violet", "black"),),
    "star": (("yellow", "red"), ("orange", "white", "blue")),
    "flower": (("pink", "red", "violet", "white", "blue"), ("yellow", "orange")),
    "phyllotaxis": (("yellow", "orange", "green"),),
    "guilloche": (("green", "blue", "violet"),),
    "polygons": (("red", "blue", "teal"), ("yellow", "white", "orange")),
    "eye": (("white",), ("blue", "green", "brown"), ("black",)),
    "leaf": (("green",), ("green", "brown", "yellow")),
    "heart": (("red", "pink"), ("white", "violet")),
    "tree": (("brown",), ("green",)),
    "fern": (("green",), ("brown", "green")),
    "gear": (("grey", "brown"), ("black", "orange")),
    "butterfly": (("orange", "blue", "yellow", "violet"), ("black", "brown"), ("white", "red", "teal")),
    "fish": (("orange", "blue", "teal"), ("red", "yellow", "blue"), ("black",)),
    "shell": (("orange", "pink"), ("brown", "red")),
    "arrow": (("red", "black", "blue"),),
    "feather": (("blue", "grey", "green", "brown"), ("black", "brown")),
    "snowflake": (("blue", "teal", "white"),),
    "web": (("grey", "black", "white"),),
    "knot": (("green", "brown", "blue"),),
    "crescent": (("yellow",),),
    "lightning": (("yellow",),),
    "vortex": (("blue", "teal", "violet"),),
    "mushroom": (("red", "brown"), ("white", "grey"), ("white",)),
    "bird": (("blue", "red", "brown", "black"), ("blue", "grey", "orange"), ("black", "white")),
    "anchor": (("blue", "black", "grey"),),
    "cactus": (("green",), ("yellow", "teal")),
    "cat": (("orange", "grey", "black", "brown"), ("green", "yellow"), ("white", "grey"), ("pink",)),
    "clouds": (("white", "grey", "blue"), ("blue",)),
    "crown": (("yellow",), ("red", "blue", "violet")),
    "face": (("orange", "pink", "brown"), ("blue", "black", "green"), ("black", "brown"), ("red",)),
    "house": (("white", "yellow", "grey"), ("red", "brown"), ("brown",), ("blue", "yellow")),
    "mountains": (("grey", "brown", "blue", "violet"), ("white",), ("yellow", "orange")),
    "sailboat": (("brown", "red"), ("white", "yellow"), ("blue", "teal")),
    "umbrella": (("red", "blue", "violet"), ("black", "brown")),
}
