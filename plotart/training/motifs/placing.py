"""Motifs by name, placed and warped at random: drawings that fill the square [-1, 1]^2."""

from __future__ import annotations

import itertools

import numpy as np

from plotart.training.motifs.catalogue import FIGURES, SOURCES
from plotart.training.motifs.paths import Drawing, Path, Points, moved, turn


def draw_motif(name: str, rng: np.random.Generator) -> Drawing:
    """A random specimen of the motif `name`, placed and warped."""
    return list(itertools.chain.from_iterable(draw_figures(name, rng)))


def draw_figures(name: str, rng: np.random.Generator) -> list[Drawing]:
    """The same as a drawing for each figure that is in view; a pattern is one."""
    figures = [SOURCES[name](rng)]
    if name in FIGURES:
        figures = _placed(name, figures[0], rng)
        angle = rng.normal(0, 0.25) if rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    else:
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.6 else 0.0
    return _warped(figures, angle, rng)


def _placed(name: str, first: Drawing, rng: np.random.Generator) -> list[Drawing]:
    """One large figure, or several: in rows or scattered, each a new specimen."""
    count = int(rng.choice([1, 1, 2, 3, 5, 9, 12]))
    if count == 1:
        return [moved(first, scale=rng.uniform(0.5, 1.15), to=tuple(rng.uniform(-0.3, 0.3, 2)))]
    figures = []
    side = int(np.ceil(np.sqrt(count)))
    cell = 2.2 / side
    slots = rng.permutation(side * side)[:count]
    for slot in slots:
        spot = (np.array(divmod(int(slot), side)) + 0.5) * cell - 1.1 + rng.normal(0, 0.12 * cell, 2)
        specimen = SOURCES[name](rng)
        angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else rng.normal(0, 0.2)
        figures.append(moved(specimen, scale=cell * rng.uniform(0.3, 0.55), angle=angle, to=(spot[1], spot[0])))
    return figures


def _warped(figures: list[Drawing], angle: float, rng: np.random.Generator) -> list[Drawing]:
    stretch = np.diag(np.exp(rng.normal(0, 0.1, 2)))
    shear = np.array([[1.0, rng.normal(0, 0.08)], [0.0, 1.0]])
    shift = rng.uniform(-0.15, 0.15, 2)
    amplitude = rng.choice([0.0, rng.uniform(0.01, 0.07)])
    frequency, phase = rng.uniform(1, 4, 2), rng.uniform(0, 2 * np.pi, 2)

    paths = [path for figure in figures for path in figure]
    lines = [_dense(path) if amplitude else path.points for path in paths]
    p = turn(np.concatenate(lines), angle) @ stretch @ shear + shift
    p += amplitude * np.sin(p[:, ::-1] * frequency + phase)
    starts = np.cumsum([0, *(len(points) for points in lines[:-1])])
    low, high = np.minimum.reduceat(p, starts), np.maximum.reduceat(p, starts)
    in_view = np.all((low < 1) & (high > -1), axis=1).tolist()
    warped = (path._replace(points=points) for path, points in zip(paths, np.split(p, starts[1:]), strict=True))
    seen = zip(warped, in_view, strict=True)
    placed = [[path for path, shown in itertools.islice(seen, len(figure)) if shown] for figure in figures]
    return [figure for figure in placed if figure]


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
