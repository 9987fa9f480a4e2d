"""Polylines, the one material of which every motif is made.

Coordinates are dimensionless: a picture shows the square [-1, 1] x [-1, 1], y down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

#: Patterns cover this half-width, so that any rotation of the picture stays filled.
REACH = 1.6


class Path(NamedTuple):
    """A polyline: points [n, 2], whether it closes on itself, and which part of its motif it belongs to: parts have
    colours of their own (a stem and its petals), 0 is the main one."""

    points: Points
    closed: bool = False
    part: int = 0


Drawing = list[Path]


def line(*points: tuple[float, float]) -> Path:
    return Path(np.array(points, dtype=float))


def ring(*points: tuple[float, float]) -> Path:
    return Path(np.array(points, dtype=float), closed=True)


def polar(radius: NDArray[np.float64] | float, angle: NDArray[np.float64]) -> Points:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def arc(center: tuple[float, float], radius: float, start: float, end: float, n: int = 24) -> Path:
    return Path(np.array(center) + polar(radius, np.linspace(start, end, n)))


def circle(center: tuple[float, float], radius: float, n: int = 40) -> Path:
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return Path(np.array(center) + polar(radius, angles), closed=True)


def polygon(center: tuple[float, float], radius: float, sides: int, phase: float = 0.0) -> Path:
    angles = phase + np.linspace(0, 2 * np.pi, sides, endpoint=False)
    return Path(np.array(center) + polar(radius, angles), closed=True)


def rectangle(x: float, y: float, width: float, height: float) -> Path:
    return ring((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def turn(points: Points, angle: float) -> Points:
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[c, s], [-s, c]])


def moved(drawing: Drawing, *, scale: float = 1.0, angle: float = 0.0, to: tuple[float, float] = (0.0, 0.0)) -> Drawing:
    return [path._replace(points=turn(path.points, angle) * scale + np.array(to)) for path in drawing]


def of_part(part: int, drawing: Drawing) -> Drawing:
    """The same paths as a part of their motif."""
    return [path._replace(part=part) for path in drawing]


def lattice(
    cell: float, height: float | None = None, *, offset: float = 0.0
) -> Iterator[tuple[int, int, float, float]]:
    """Cells (row, column, x, y) covering the reach; odd rows shift by `offset` cells."""
    height = height or cell
    columns, rows = int(REACH / cell) + 1, int(REACH / height) + 1
    for row in range(-rows, rows + 1):
        for column in range(-columns, columns + 1):
            yield row, column, (column + offset * (row % 2)) * cell, row * height


def mirrored(points: Points) -> Points:
    """A right half (x >= 0, from top to bottom) and its mirror image as one ring."""
    return np.concatenate([points, points[::-1] * np.array([-1.0, 1.0])])


def smooth(points: Points, n: int, *, closed: bool = False) -> Points:
    """A Catmull-Rom curve through `points`, sampled at n places a piece."""
    p = (
        np.concatenate([points[-1:], points, points[:2]])
        if closed
        else np.concatenate([points[:1], points, points[-1:]])
    )
    t = np.linspace(0, 1, n, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True)
    ]
    return np.concatenate(pieces if closed else [*pieces, points[-1:]])


def smooth_field(rng: np.random.Generator, n: int, scale: float) -> NDArray[np.float64]:
    """A random field [n, n] over the reach: a sum of plane waves of about `scale` waves a unit."""
    axis = np.linspace(-REACH, REACH, n)
    x, y = np.meshgrid(axis, axis)
    field = np.zeros((n, n))
    for _ in range(8):
        fx, fy = rng.normal(0, scale, 2) * np.pi
        field += rng.uniform(0.5, 1) * np.sin(fx * x + fy * y + rng.uniform(0, 2 * np.pi))
    return field
