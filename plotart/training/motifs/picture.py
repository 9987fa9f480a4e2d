"""A motif as a picture: random placing, warp, pens or paints, paper and noise.

Four manners: `pen` draws strokes on plain paper, in pieces of a few colours, as a plotter would; `white` and `black`
are thin ones of two to five colours on paper that is just that; `paint` fills shapes and draws broad outlines. A
network that has seen them all reads stroke drawings.
"""

from __future__ import annotations

import colorsys
import itertools
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from plotart.training.motifs.figures import FIGURES
from plotart.training.motifs.paths import Drawing, Path, Points, moved, turn
from plotart.training.motifs.patterns import PATTERNS

Manner = Literal["pen", "white", "black", "paint"]
Colour = tuple[int, int, int]

#: Share of each manner where none is asked for.
_SHARES: dict[Manner, float] = {"pen": 0.4, "white": 0.15, "black": 0.15, "paint": 0.3}

#: Supersampling of the drawing before the box filter: lines down to a third of a pixel.
OVERSAMPLE = 3

#: Standard deviation, in 8-bit steps, below which a picture counts as blank.
_LEAST_CONTRAST = 7.0

_SOURCES = {function.__name__: function for function in (*PATTERNS, *FIGURES)}
_FIGURES = {function.__name__ for function in FIGURES}

#: The names of all motifs, sorted: the classes of the `motif` network.
MOTIFS: tuple[str, ...] = tuple(sorted(_SOURCES))


def draw_motif(name: str, rng: np.random.Generator) -> Drawing:
    """A random specimen of the motif `name`, placed and warped, over the square [-1, 1]^2."""
    drawing = _SOURCES[name](rng)
    if name in _FIGURES:
        drawing = _placed(name, drawing, rng)
        angle = rng.normal(0, 0.25) if rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    else:
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.6 else 0.0
    return _warped(drawing, angle, rng)


def picture(name: str, rng: np.random.Generator, size: int = 96, manner: Manner | None = None) -> NDArray[np.uint8]:
    """A random picture [size, size, 3] uint8 (sRGB) of the motif `name`; the manner is random if None."""
    manner = manner or list(_SHARES)[rng.choice(len(_SHARES), p=list(_SHARES.values()))]
    pixels = _draw(name, rng, size, manner)
    while pixels.std(axis=(0, 1)).max() < _LEAST_CONTRAST:  # a figure out of view, a tiling painted in one colour
        pixels = _draw(name, rng, size, manner)
    return pixels


def _draw(name: str, rng: np.random.Generator, size: int, manner: Manner) -> NDArray[np.uint8]:
    drawing = draw_motif(name, rng)
    side = size * OVERSAMPLE
    paper, inks = _colours(rng, manner)
    image = Image.new("RGB", (side, side), paper)
    canvas = ImageDraw.Draw(image)
    drawing = [path._replace(points=(path.points + 1) * side / 2) for path in drawing]
    if manner == "paint":
        _paint(canvas, drawing, [paper, *inks], rng)
    else:
        broad = manner == "pen" and rng.random() < 0.2
        _pen(canvas, drawing, inks, rng.uniform(5, 9) if broad else rng.uniform(1, 5.5), side, rng)
    return np.asarray(image.reduce(OVERSAMPLE))


def _placed(name: str, first: Drawing, rng: np.random.Generator) -> Drawing:
    """One large figure, or several: in rows or scattered, each a new specimen."""
    count = int(rng.choice([1, 1, 2, 3, 5, 9, 12]))
    if count == 1:
        return moved(first, scale=rng.uniform(0.5, 1.15), to=tuple(rng.uniform(-0.3, 0.3, 2)))
    drawing: Drawing = []
    side = int(np.ceil(np.sqrt(count)))
    cell = 2.2 / side
    slots = rng.permutation(side * side)[:count]
    for slot in slots:
        spot = (np.array(divmod(int(slot), side)) + 0.5) * cell - 1.1 + rng.normal(0, 0.12 * cell, 2)
        specimen = _SOURCES[name](rng)
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else rng.normal(0, 0.2)
        drawing += moved(specimen, scale=cell * rng.uniform(0.3, 0.55), angle=angle, to=(spot[1], spot[0]))
    return drawing


def _warped(drawing: Drawing, angle: float, rng: np.random.Generator) -> Drawing:
    stretch = np.diag(np.exp(rng.normal(0, 0.1, 2)))
    shear = np.array([[1.0, rng.normal(0, 0.08)], [0.0, 1.0]])
    shift = rng.uniform(-0.15, 0.15, 2)
    amplitude = rng.choice([0.0, rng.uniform(0.01, 0.07)])
    frequency, phase = rng.uniform(1, 4, 2), rng.uniform(0, 2 * np.pi, 2)

    def warp(points: Points) -> Points:
        p = turn(points, angle) @ stretch @ shear + shift
        return p + amplitude * np.sin(p[:, ::-1] * frequency + phase)

    warped = [path._replace(points=warp(_dense(path) if amplitude else path.points)) for path in drawing]
    return [path for path in warped if _in_view(path.points)]


def _in_view(points: Points) -> bool:
    low, high = points.min(axis=0), points.max(axis=0)
    return bool((low < 1).all() and (high > -1).all())


def _dense(path: Path) -> Points:
    """Long straight pieces cut up, so that a warp bends them."""
    points = path.points
    if len(points) > 8:
        return points
    if path.closed:
        points = np.concatenate([points, points[:1]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    pieces = [a + (b - a) * t for a, b in itertools.pairwise(points)]
    return np.concatenate(pieces if path.closed else [*pieces, points[-1:]])


def _colours(rng: np.random.Generator, manner: Manner) -> tuple[Colour, list[Colour]]:
    def hsv(h: float, s: float, v: float) -> Colour:
        r, g, b = (int(255 * c) for c in colorsys.hsv_to_rgb(h % 1, s, v))
        return r, g, b

    dark_paper = manner == "black" or (manner != "white" and rng.random() < 0.25)
    hue = rng.random()
    if manner in ("white", "black"):
        paper = hsv(0, 0, float(manner == "white"))
    elif manner == "pen" or rng.random() < 0.5:
        if dark_paper:
            paper = hsv(hue, rng.uniform(0, 0.3), rng.uniform(0, 0.2))
        else:
            paper = hsv(hue, rng.uniform(0, 0.1), rng.uniform(0.88, 1))
    else:
        paper = hsv(hue, rng.uniform(0, 0.8), rng.uniform(0, 1))
    count = int(rng.integers(2 if manner in ("white", "black") else 1, 6))
    inks: list[Colour] = []
    for _ in range(200):
        if rng.random() < 0.3:
            ink = hsv(0, 0, rng.uniform(0.75, 1) if dark_paper else rng.uniform(0, 0.25))
        else:
            ink = hsv(rng.random(), rng.uniform(0.4, 1), rng.uniform(0.5, 1) if dark_paper else rng.uniform(0.15, 0.95))
        contrast = sum(abs(a - b) * w for a, b, w in zip(ink, paper, (0.3, 0.6, 0.1), strict=True))
        if contrast > (35 if manner == "paint" else 60):
            inks.append(ink)
        if len(inks) == count:
            break
    return paper, inks or [(0, 0, 0)]


def _pen(
    canvas: ImageDraw.ImageDraw, drawing: Drawing, inks: list[Colour], nib: float, side: int, rng: np.random.Generator
) -> None:
    """Strokes: each path whole or cut into pieces, pieces of several pens, some missing, some drawn twice."""
    width = max(1, round(nib))
    cut = rng.choice([0, int(rng.integers(20, 80))])
    missing = rng.choice([0.0, 0.0, rng.uniform(0, 0.2)])
    twice = rng.choice([1, 1, 1, 2])
    wobble = rng.choice([0.0, rng.uniform(0.3, 2.0)])
    jobs: list[Points] = []
    for path in drawing:
        points = np.concatenate([path.points, path.points[:1]]) if path.closed else path.points
        jobs += _pieces(points, cut * OVERSAMPLE) if cut else [points]
    for _ in range(rng.choice([0, 0, int(rng.integers(1, 14))])):  # strangers, which every drawing has
        start, size = rng.uniform(0, side, 2), rng.uniform(0.05, 0.3) * side
        jobs.append(start + np.cumsum(rng.normal(0, size / 4, (4, 2)), axis=0))
    for points in jobs:
        if rng.random() < missing:
            continue
        for _ in range(twice):
            drawn = points + rng.normal(0, wobble, 2) + (rng.normal(0, wobble * 0.4, points.shape) if wobble else 0)
            ink = inks[rng.integers(len(inks))]
            canvas.line([(x, y) for x, y in drawn.tolist()], fill=ink, width=width)


def _pieces(points: Points, length: float) -> list[Points]:
    """A polyline cut about every `length` pixels."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    if steps.sum() < length:
        return [points]
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(1, int(along[-1] / length))
    marks = np.linspace(0, along[-1], count * 12 + 1)
    dense = np.stack([np.interp(marks, along, points[:, k]) for k in (0, 1)], -1)
    return [dense[12 * k : 12 * k + 13] for k in range(count)]


def _paint(canvas: ImageDraw.ImageDraw, drawing: Drawing, colours: list[Colour], rng: np.random.Generator) -> None:
    """Filled shapes and broad lines; `colours` begin with the paper's, which outlines shapes of one ink."""
    paper, *inks = colours
    width = int(rng.integers(2, 11))
    alone = rng.random() < 0.5  # one ink for all, or one for each shape
    fill, outlined = rng.random() < 0.75, alone or rng.random() < 0.7  # of one ink, shapes within shapes need outlines
    outline = paper if alone or rng.random() < 0.5 else inks[-1]
    for path in drawing:
        ink = inks[0] if alone else inks[rng.integers(len(inks))]
        flat = [(x, y) for x, y in path.points.tolist()]
        if path.closed and fill:
            canvas.polygon(flat, fill=ink)
            if outlined:
                canvas.line([*flat, flat[0]], fill=outline, width=max(1, width // 2))
        else:
            canvas.line([*flat, flat[0]] if path.closed else flat, fill=ink, width=width)
