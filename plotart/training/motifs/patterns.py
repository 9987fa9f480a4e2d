"""Motifs that cover the plane: each takes a random generator and returns a drawing over the reach."""

from __future__ import annotations

import contourpy
import numpy as np
from scipy.spatial import Voronoi

from plotart.training.motifs.hues import Nature
from plotart.training.motifs.paths import (
    REACH,
    Drawing,
    Path,
    arc,
    circle,
    lattice,
    line,
    of_part,
    polygon,
    rectangle,
    ring,
    smooth,
    smooth_field,
    turn,
)

Rng = np.random.Generator


def _alternating(drawing: Drawing) -> Drawing:
    """Paths of part 0 and 1 in turn."""
    return [path._replace(part=k % 2) for k, path in enumerate(drawing)]


def stripes(rng: Rng) -> Drawing:
    period = rng.uniform(0.1, 0.45)
    if rng.random() < 0.6:
        return _alternating([line((x, -REACH), (x, REACH)) for x in np.arange(-REACH, REACH, period)])
    share = rng.uniform(0.3, 0.7)
    return _alternating([rectangle(x, -REACH, period * share, 2 * REACH) for x in np.arange(-REACH, REACH, period)])


def checks(rng: Rng) -> Drawing:
    cell = rng.uniform(0.14, 0.5)
    squares: Drawing = []
    for row, column, x, y in lattice(cell):
        if (row + column) % 2:
            squares.append(rectangle(x, y, cell, cell))
            if cell > 0.2:  # a drawn check is a hatched one
                squares += of_part(1, [line((x, y + k * cell / 4), (x + cell, y + k * cell / 4)) for k in (1, 2, 3)])
    return squares


def grid(rng: Rng) -> Drawing:
    cell, aspect = rng.uniform(0.13, 0.45), rng.uniform(0.8, 1.25)
    verticals = [line((x, -REACH), (x, REACH)) for x in np.arange(-REACH, REACH, cell)]
    return verticals + of_part(1, [line((-REACH, y), (REACH, y)) for y in np.arange(-REACH, REACH, cell * aspect)])


def dots(rng: Rng) -> Drawing:
    cell, share, offset = rng.uniform(0.15, 0.45), rng.uniform(0.12, 0.33), rng.choice([0.0, 0.5])
    return [circle((x, y), cell * share, 16)._replace(part=row % 2) for row, _, x, y in lattice(cell, offset=offset)]


def bricks(rng: Rng) -> Drawing:
    width, aspect, mortar = rng.uniform(0.25, 0.7), rng.uniform(0.35, 0.6), rng.choice([0.0, rng.uniform(0.03, 0.12)])
    height = width * aspect
    gap = mortar * height
    return [rectangle(x, y, width - gap, height - gap) for _, _, x, y in lattice(width, height, offset=0.5)]


def scales(rng: Rng) -> Drawing:
    cell, rings = rng.uniform(0.25, 0.6), rng.integers(1, 5)
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, cell * 0.5, offset=0.5):
        radii = cell / 2 * np.linspace(1, 0.25, rings) if rings > 1 else [cell / 2]
        drawing += _alternating([arc((x, y), radius, 0, np.pi, 14) for radius in radii])
    return drawing


def hexagons(rng: Rng) -> Drawing:
    cell, share = rng.uniform(0.2, 0.55), rng.uniform(0.75, 1.0)
    radius = cell / np.sqrt(3) * share
    return [polygon((x, y), radius, 6, np.pi / 6) for _, _, x, y in lattice(cell, cell * np.sqrt(3) / 2, offset=0.5)]


def triangles(rng: Rng) -> Drawing:
    cell, share = rng.uniform(0.25, 0.6), rng.uniform(0.7, 1.0)
    height = cell * np.sqrt(3) / 2
    radius = cell / np.sqrt(3) * share
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, height, offset=0.5):
        drawing.append(polygon((x, y), radius, 3, -np.pi / 2))
        if share > 0.95:
            continue
        drawing.append(polygon((x + cell / 2, y - height / 3 + 0.02), radius * 0.9, 3, np.pi / 2)._replace(part=1))
    return drawing


def diamonds(rng: Rng) -> Drawing:
    cell, aspect = rng.uniform(0.2, 0.5), rng.uniform(1.4, 2.2)
    w, h = cell / 2, cell * aspect / 2
    inner = rng.choice([0.0, 0.5])
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, h, offset=0.5):
        for k in (1.0, inner) if inner else (1.0,):
            drawing.append(
                ring((x, y - h * k), (x + w * k, y), (x, y + h * k), (x - w * k, y))._replace(part=int(k < 1))
            )
    return drawing


def zigzag(rng: Rng) -> Drawing:
    period, pitch = rng.uniform(0.15, 0.5), rng.uniform(0.12, 0.35)
    amplitude = period * rng.uniform(0.4, 0.9)
    x = np.arange(-REACH, REACH + period, period / 2)
    wave = np.where(np.arange(len(x)) % 2, amplitude / 2, -amplitude / 2)
    return _alternating([Path(np.stack([x, y + wave], -1)) for y in np.arange(-REACH, REACH, pitch)])


def waves(rng: Rng) -> Drawing:
    period, pitch, shift = rng.uniform(0.3, 0.9), rng.uniform(0.1, 0.3), rng.choice([0.0, rng.uniform(-0.5, 0.5)])
    amplitude = period * rng.uniform(0.12, 0.3)
    x = np.linspace(-REACH, REACH, 120)
    rows = enumerate(np.arange(-REACH, REACH, pitch))
    crests = [Path(np.stack([x, y + amplitude * np.sin(2 * np.pi * x / period + shift * k)], -1)) for k, y in rows]
    return _alternating(crests)


def crosshatch(rng: Rng) -> Drawing:
    drawing: Drawing = []
    for _ in range(rng.integers(5, 12)):
        center, size, pitch = rng.uniform(-1.1, 1.1, 2), rng.uniform(0.3, 0.8), rng.uniform(0.05, 0.12)
        angle, cross = rng.uniform(0, np.pi), rng.uniform(0.8, 1.57)
        for a in (angle, angle + cross):
            for offset in np.arange(-size, size, pitch):
                reach = size * rng.uniform(0.8, 1.05)
                drawing.append(Path(center + turn(np.array([[-reach, offset], [reach, offset]]), a)))
    return drawing


def plaid(rng: Rng) -> Drawing:
    sett = rng.uniform(0.5, 0.9)
    offsets = np.sort(rng.uniform(0, sett, rng.integers(3, 6)))
    widths = rng.uniform(0.0, 0.12, len(offsets))
    drawing: Drawing = []
    for start in np.arange(-REACH, REACH, sett):
        for part, (offset, width) in enumerate(zip(offsets, widths, strict=True)):
            c = start + offset
            if width < 0.04:
                drawing += of_part(part % 2, [line((c, -REACH), (c, REACH)), line((-REACH, c), (REACH, c))])
            else:
                n = max(2, int(width / 0.035))
                for d in np.linspace(0, width, n):
                    threads = [line((c + d, -REACH), (c + d, REACH)), line((-REACH, c + d), (REACH, c + d))]
                    drawing += of_part(part % 2, threads)
    return drawing


def herringbone(rng: Rng) -> Drawing:
    w, n = rng.uniform(0.09, 0.2), rng.integers(2, 5)
    drawing: Drawing = []
    reach = int(REACH / w) + n
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1, 2 * n):
            drawing.append(rectangle((i + j) * w, i * w, n * w, w))
            drawing.append(rectangle((i + j + n) * w, (i - n + 1) * w, w, n * w)._replace(part=1))
    return [p for p in drawing if np.abs(p.points).max() < REACH + 0.3]


def basketweave(rng: Rng) -> Drawing:
    cell, n = rng.uniform(0.25, 0.6), rng.integers(2, 5)
    drawing: Drawing = []
    for row, column, x, y in lattice(cell):
        for k in range(n):
            if (row + column) % 2:
                drawing.append(rectangle(x, y + k * cell / n, cell, cell / n)._replace(part=1))
            else:
                drawing.append(rectangle(x + k * cell / n, y, cell / n, cell))
    return drawing


def truchet(rng: Rng) -> Drawing:
    cell = rng.uniform(0.2, 0.5)
    radii = [0.5] if rng.random() < 0.6 else [1 / 3, 2 / 3]
    drawing: Drawing = []
    for _, _, x, y in lattice(cell):
        flip = rng.random() < 0.5
        corners = [(x, y, 0.0), (x + cell, y + cell, np.pi)]
        if flip:
            corners = [(x + cell, y, np.pi / 2), (x, y + cell, -np.pi / 2)]
        for cx, cy, start in corners:
            drawing += [arc((cx, cy), cell * r, start, start + np.pi / 2, 8) for r in radii]
    return drawing


def maze(rng: Rng) -> Drawing:
    n = int(rng.integers(7, 15))
    cell = 2 * REACH / n
    seen = np.zeros((n, n), dtype=bool)
    opened: set[tuple[int, int, int, int]] = set()
    stack = [(0, 0)]
    seen[0, 0] = True
    while stack:
        i, j = stack[-1]
        near = [(i + a, j + b) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0)) if 0 <= i + a < n and 0 <= j + b < n]
        near = [c for c in near if not seen[c]]
        if not near:
            stack.pop()
            continue
        k, m = near[rng.integers(len(near))]
        seen[k, m] = True
        opened |= {(i, j, k, m), (k, m, i, j)}
        stack.append((k, m))
    drawing: Drawing = []
    for i in range(n):
        for j in range(n):
            x, y = j * cell - REACH, i * cell - REACH
            if i + 1 < n and (i, j, i + 1, j) not in opened:
                drawing.append(line((x, y + cell), (x + cell, y + cell)))
            if j + 1 < n and (i, j, i, j + 1) not in opened:
                drawing.append(line((x + cell, y), (x + cell, y + cell)))
    return drawing


def voronoi(rng: Rng) -> Drawing:
    count = int(rng.integers(25, 110))
    seeds = rng.uniform(-REACH - 0.3, REACH + 0.3, (count, 2))
    cells = Voronoi(seeds)
    shrink = rng.choice([1.0, rng.uniform(0.75, 0.95)])
    drawing: Drawing = []
    for region in cells.regions:
        if region and -1 not in region:
            corners = cells.vertices[region]
            if np.abs(corners).max() < 3:
                middle = corners.mean(axis=0)
                drawing.append(Path(middle + (corners - middle) * shrink, closed=True, part=len(drawing) % 2))
    return drawing


def bubbles(rng: Rng) -> Drawing:
    placed: list[tuple[float, float, float]] = []
    largest = rng.uniform(0.25, 0.5)
    for attempt in range(300):
        radius = max(largest * (1 - attempt / 300) ** 1.5 * rng.uniform(0.6, 1), 0.04)
        x, y = rng.uniform(-1.3, 1.3, 2)
        if all((x - a) ** 2 + (y - b) ** 2 > (radius + r) ** 2 for a, b, r in placed):
            placed.append((x, y, radius))
    return _alternating([circle((x, y), r, 28) for x, y, r in placed])


def contours(rng: Rng) -> Drawing:
    field = smooth_field(rng, 90, rng.uniform(0.25, 0.55))
    return _levels(field, np.linspace(field.min(), field.max(), int(rng.integers(8, 20))))


def woodgrain(rng: Rng) -> Drawing:
    n = 110
    axis = np.linspace(-REACH, REACH, n)
    x, y = np.meshgrid(axis, axis)
    stretch = smooth_field(rng, n, 0.25) * rng.uniform(0.02, 0.06) + 0.05 * np.sin(2 * x + rng.uniform(0, 6))
    field = y + stretch
    for _ in range(rng.integers(1, 4)):
        cx, cy, size = rng.uniform(-0.9, 0.9), rng.uniform(-0.9, 0.9), rng.uniform(0.12, 0.3)
        d = ((x - cx) / (2.2 * size)) ** 2 + ((y - cy) / size) ** 2
        field = field + rng.choice([-1.0, 1.0]) * size * 1.8 * np.exp(-d)
    return _levels(field, np.arange(-2.2, 2.2, rng.uniform(0.06, 0.13)))


def _levels(field: np.ndarray, levels: np.ndarray) -> Drawing:
    axis = np.linspace(-REACH, REACH, len(field))
    generator = contourpy.contour_generator(axis, axis, field)
    return [Path(np.asarray(points)) for level in levels for points in generator.lines(level) if len(points) > 3]


def moire(rng: Rng) -> Drawing:
    pitch = rng.uniform(0.05, 0.09)
    if rng.random() < 0.5:
        offset = rng.uniform(0.15, 0.5)
        radii = np.arange(pitch, 1.9, pitch)
        return _alternating([circle((s * offset, 0.0), r, 48) for s in (-1, 1) for r in radii])
    drawing: Drawing = []
    for part, angle in enumerate((0.0, rng.uniform(0.08, 0.25))):
        for x in np.arange(-REACH, REACH, pitch):
            drawing.append(Path(turn(np.array([[x, -REACH], [x, REACH]]), angle), part=part))
    return drawing


def chainmail(rng: Rng) -> Drawing:
    cell, share = rng.uniform(0.25, 0.5), rng.uniform(0.6, 0.8)
    rows = lattice(cell, cell * 0.87, offset=0.5)
    return [circle((x, y), cell * share, 26)._replace(part=row % 2) for row, _, x, y in rows]


def stitches(rng: Rng) -> Drawing:
    cell, pitch, share = rng.uniform(0.2, 0.4), rng.uniform(0.1, 0.22), rng.uniform(0.4, 0.65)
    rows = lattice(cell, pitch, offset=0.5)
    return [line((x, y), (x + cell * share, y))._replace(part=row % 2) for row, _, x, y in rows]


def flow(rng: Rng) -> Drawing:
    n = 64
    angle = smooth_field(rng, n, rng.uniform(0.12, 0.3)) * rng.uniform(0.5, 1.1)
    starts = rng.uniform(-REACH, REACH, (rng.integers(120, 260), 2))
    steps, step = int(rng.integers(6, 22)), 0.035
    trails = [starts]
    for _ in range(steps):
        cell = np.clip((trails[-1] + REACH) / (2 * REACH) * (n - 1), 0, n - 1).astype(int)
        a = angle[cell[:, 1], cell[:, 0]]
        trails.append(trails[-1] + step * np.stack([np.cos(a), np.sin(a)], -1))
    return [Path(points) for points in np.stack(trails, axis=1)]


def scribble(rng: Rng) -> Drawing:
    drawing: Drawing = []
    for y in np.arange(-1.3, 1.4, rng.uniform(0.22, 0.5)):
        t = np.arange(0, rng.uniform(60, 100), 0.3)
        radius = rng.uniform(0.1, 0.2) * (1 + 0.4 * np.sin(t * rng.uniform(0.1, 0.3) + rng.uniform(0, 6)))
        x = np.linspace(-REACH, REACH, len(t)) + radius * np.cos(t)
        drawing.append(Path(np.stack([x, y + radius * np.sin(t)], -1)))
    return drawing


def crosses(rng: Rng) -> Drawing:
    cell, share, offset = rng.uniform(0.22, 0.5), rng.uniform(0.25, 0.42), rng.choice([0.0, 0.5])
    arm = cell * share
    t = arm * rng.uniform(0.2, 0.4) if rng.random() < 0.6 else 0.0
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, offset=offset):
        if t:
            shape = [(-t, -arm), (t, -arm), (t, -t), (arm, -t), (arm, t), (t, t)]
            shape += [(t, arm), (-t, arm), (-t, t), (-arm, t), (-arm, -t), (-t, -t)]
            drawing.append(ring(*((x + a, y + b) for a, b in shape)))
        else:
            drawing += [line((x - arm, y), (x + arm, y)), line((x, y - arm), (x, y + arm))]
    return drawing


def pinwheels(rng: Rng) -> Drawing:
    cell = rng.uniform(0.4, 0.8)
    h = cell / 2
    drawing: Drawing = []
    for _, _, x, y in lattice(cell):
        blade = np.array([[0.0, 0.0], [h, 0.0], [h, h]]) * 0.96
        for k in range(4):
            drawing.append(Path(np.array([x, y]) + turn(blade, k * np.pi / 2), closed=True, part=k % 2))
    return drawing


def meander(rng: Rng) -> Drawing:
    u = rng.uniform(0.06, 0.12)
    key = np.array(
        [(0, 5), (0, 0), (5, 0), (5, 4), (2, 4), (2, 2), (3, 2), (3, 3), (4, 3), (4, 1), (1, 1), (1, 5), (6, 5)]
    )
    count = int(2 * REACH / (6 * u)) + 1
    row = np.concatenate([key + np.array([6 * k, 0]) for k in range(count)]) * u
    pitch = u * rng.uniform(6.5, 8.5)
    return [Path(row + np.array([-REACH, y])) for y in np.arange(-REACH, REACH, pitch)]


def hilbert(rng: Rng) -> Drawing:
    order = int(rng.integers(3, 6))
    direction, x, y = 0, 0, 0
    points = [(0, 0)]
    rules = {"A": "+BF-AFA-FB+", "B": "-AF+BFB+FA-"}
    word = "A"
    for _ in range(order):
        word = "".join(rules.get(letter, letter) for letter in word)
    for letter in word:
        if letter == "F":
            x, y = x + (1, 0, -1, 0)[direction], y + (0, 1, 0, -1)[direction]
            points.append((x, y))
        elif letter in "+-":
            direction = (direction + (1 if letter == "+" else -1)) % 4
    curve = np.array(points, dtype=float)
    curve = (curve - curve.min(0)) / np.ptp(curve, axis=0)
    half = REACH if order > 3 else 1.1
    return [Path((2 * curve - 1) * half)]


def asanoha(rng: Rng) -> Drawing:
    cell = rng.uniform(0.4, 0.75)
    height = cell * np.sqrt(3) / 2
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, height, offset=0.5):
        for corners in (
            [(x, y), (x + cell, y), (x + cell / 2, y + height)],
            [(x, y), (x + cell, y), (x + cell / 2, y - height)],
        ):
            middle = (float(np.mean([c[0] for c in corners])), float(np.mean([c[1] for c in corners])))
            drawing += [line(corner, middle)._replace(part=1) for corner in corners]
            drawing.append(line(corners[0], corners[2]))
        drawing.append(line((x, y), (x + cell, y)))
    return drawing


def cubes(rng: Rng) -> Drawing:
    cell = rng.uniform(0.3, 0.65)
    r = cell / np.sqrt(3)
    corner = [(r * np.cos(a), r * np.sin(a)) for a in np.pi / 6 + np.arange(6) * np.pi / 3]
    drawing: Drawing = []
    for _, _, x, y in lattice(cell, cell * np.sqrt(3) / 2, offset=0.5):
        for face, k in enumerate((0, 2, 4)):
            a, b, c = corner[k], corner[(k + 1) % 6], corner[(k + 2) % 6]
            rhomb = ring((x, y), (x + a[0], y + a[1]), (x + b[0], y + b[1]), (x + c[0], y + c[1]))
            drawing.append(rhomb._replace(part=face))
    return drawing


def mondrian(rng: Rng) -> Drawing:
    boxes = [(-REACH, -REACH, 2 * REACH, 2 * REACH)]
    smallest = rng.uniform(0.2, 0.45)
    done: Drawing = []
    while boxes:
        x, y, w, h = boxes.pop()
        if max(w, h) < 2 * smallest or (max(w, h) < 1.0 and rng.random() < 0.15):
            done.append(rectangle(x, y, w, h)._replace(part=(0, 1, 0, 2, 0, 3)[len(done) % 6]))
            continue
        cut = rng.uniform(0.3, 0.7)
        if w > h:
            boxes += [(x, y, w * cut, h), (x + w * cut, y, w * (1 - cut), h)]
        else:
            boxes += [(x, y, w, h * cut), (x, y + h * cut, w, h * (1 - cut))]
    return done


def roots(rng: Rng) -> Drawing:
    """Long meandering threads that wander across the page, crossing each other."""
    drawing: Drawing = []
    for _ in range(rng.integers(8, 18)):
        start, heading = rng.uniform(-REACH, REACH, 2), rng.uniform(0, 2 * np.pi)
        knots = [start]
        for _ in range(14):
            heading += rng.normal(0, 0.6)
            knots.append(knots[-1] + 0.18 * np.array([np.cos(heading), np.sin(heading)]))
        drawing.append(Path(smooth(np.array(knots), 5)))
    return drawing


PATTERNS = (
    stripes, checks, grid, dots, bricks, scales, hexagons, triangles, diamonds, zigzag, waves, crosshatch,
    plaid, herringbone, basketweave, truchet, maze, voronoi, bubbles, contours, woodgrain, moire, chainmail,
    stitches, flow, scribble, crosses, pinwheels, meander, hilbert, asanoha, cubes, mondrian, roots,
)  # fmt: skip

NATURE: Nature = {
    "stripes": (("red", "blue", "black"), ("white", "yellow", "teal")),
    "checks": (("black", "red", "blue"), ("white", "yellow", "grey")),
    "grid": (("blue", "grey", "black"), ("blue", "red", "grey")),
    "dots": (("red", "blue", "pink"), ("white", "yellow", "black")),
    "bricks": (("red", "brown", "orange"),),
    "scales": (("teal", "green", "blue"), ("blue", "green", "yellow")),
    "hexagons": (("yellow", "orange"),),
    "triangles": (("orange", "teal", "red"), ("blue", "violet", "yellow")),
    "diamonds": (("red", "violet", "green"), ("yellow", "white", "black")),
    "zigzag": (("orange", "red", "violet"), ("teal", "blue", "yellow")),
    "waves": (("blue",), ("teal", "blue")),
    "crosshatch": (("black", "blue", "grey", "brown"),),
    "plaid": (("red",), ("green", "blue", "black")),
    "herringbone": (("brown", "grey"), ("orange", "brown", "black")),
    "basketweave": (("brown", "orange"), ("yellow", "brown")),
    "truchet": (("blue", "violet", "teal", "orange"),),
    "maze": (("green", "black", "blue"),),
    "voronoi": (("yellow", "orange", "teal"), ("brown", "green", "blue")),
    "bubbles": (("blue", "teal"), ("pink", "violet", "teal")),
    "contours": (("brown", "green", "orange"),),
    "woodgrain": (("brown",),),
    "moire": (("black", "red", "violet"), ("white", "blue", "teal")),
    "chainmail": (("grey",), ("black", "yellow")),
    "stitches": (("blue", "red"), ("white", "blue", "orange")),
    "flow": (("blue", "teal", "violet", "orange"),),
    "scribble": (("black", "blue", "red"),),
    "crosses": (("red", "white", "green"),),
    "pinwheels": (("red", "pink", "orange"), ("yellow", "blue", "teal")),
    "meander": (("blue", "brown", "black"),),
    "hilbert": (("violet", "teal", "black"),),
    "asanoha": (("blue", "red"), ("blue", "teal", "pink")),
    "cubes": (("yellow", "orange", "pink"), ("red", "teal", "brown"), ("blue", "violet", "black")),
    "mondrian": (("white",), ("red",), ("blue",), ("yellow", "black")),
    "roots": (("brown",),),
}
