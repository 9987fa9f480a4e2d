"""Polylines as strokes that may move in some ways and not in others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotart.canvas.smooth_chain import chain, respaced
from plotart.canvas.stippling import Array

Whole = NDArray[np.int64]

#: Left, top, right, bottom in mm.
Box = tuple[float, float, float, float]

#: How far lines may go aside, in mm [k], at points [k, 2] mm.
Room = Callable[[Array], Array]


@dataclass(frozen=True)
class Lines:
    """Strokes, as `Strokes` has them, and their ways, as `Ways` has them: of one pen."""

    points: Array
    num_points: Whole
    rows: Whole
    way: Whole
    vectors: Array
    low: Array
    high: Array
    stroke: Whole


class Gathered:
    """Lines that grow stroke by stroke."""

    def __init__(self) -> None:
        self._points: list[Array] = []
        self._rows: list[Whole] = []
        self._way: list[Whole] = []
        self._vectors: list[Array] = []
        self._bounds: list[tuple[float, float]] = []
        self._stroke: list[int] = []
        self._count = 0

    def stroke(self, points: Array) -> None:
        """Control points [3 s + 1, 2] mm; the ways that follow are its."""
        self._points.append(points)
        self._count += len(points)

    def way(self, rows: Whole, vectors: Array, low: float, high: float) -> None:
        """One in which the rows [k] of the last stroke's points go along vectors [k, 2], from `low` to `high` mm."""
        self._rows.append(rows + self._count - len(self._points[-1]))
        self._way.append(np.full(len(rows), len(self._bounds)))
        self._vectors.append(vectors)
        self._bounds.append((low, high))
        self._stroke.append(len(self._points) - 1)

    def lines(self) -> Lines:
        bounds = np.array(self._bounds, dtype=float).reshape(-1, 2)

        def joined(parts: list[Array], empty: Array) -> Array:
            return np.concatenate([empty, *parts])

        none, nowhere = np.zeros(0, np.int64), np.zeros((0, 2))
        return Lines(
            joined(self._points, nowhere),
            np.array([len(points) for points in self._points], np.int64),
            joined(self._rows, none),  # type: ignore[arg-type]
            joined(self._way, none),  # type: ignore[arg-type]
            joined(self._vectors, nowhere),
            bounds[:, 0],
            bounds[:, 1],
            np.array(self._stroke, np.int64),
        )


def straight(pieces: Sequence[Array], *, room: Room, longer: float) -> Lines:
    """Each piece as a straight stroke from end to end: it may go aside as far as there is `room` at its middle, and
    each of its ends on by `longer` mm, or back by a third of its length."""
    found = Gathered()
    thirds = np.arange(4) / 3
    for piece in pieces:
        start, end = piece[0], piece[-1]
        length = float(np.hypot(*(end - start)))
        along = (end - start) / max(length, 1e-9)
        found.stroke(start + thirds[:, None] * (end - start))
        rows = np.arange(4)
        aside = float(room((start + end)[None] / 2)[0])
        found.way(rows, np.tile([-along[1], along[0]], (4, 1)), -aside, aside)
        found.way(rows, -(1 - thirds)[:, None] * along, -length / 3, longer)
        found.way(rows, thirds[:, None] * along, -length / 3, longer)
    return found.lines()


def supple(pieces: Sequence[Array], *, every: float, knots: float, room: Room, longer: float) -> Lines:
    """Each piece as a smooth stroke of control points about `every` mm apart: at knots about `knots` mm apart it may
    bend to either side as far as there is `room`, and its ends may go on by `longer` mm, or back by a third of its
    length, if it is open."""
    found = Gathered()
    for piece in pieces:
        length = float(np.hypot(*np.diff(piece, axis=0).T).sum())
        closed = len(piece) > 3 and bool((piece[0] == piece[-1]).all())
        control = chain(respaced(piece, 2 * max(1, round(length / (2 * every))) + 2))
        found.stroke(control)
        count = len(control)
        tangents = np.gradient(control, axis=0)
        tangents /= np.maximum(np.hypot(*tangents.T), 1e-9)[:, None]
        normals = np.column_stack([-tangents[:, 1], tangents[:, 0]])
        spots = np.linspace(0, count - 1, max(2, round(length / knots) + 1))
        asides = room(control[spots.round().astype(int)])
        for k, spot in enumerate(spots):
            shares = np.clip(1 - np.abs(np.arange(count) - spot) * (len(spots) - 1) / (count - 1), 0, 1)
            if closed and k in (0, len(spots) - 1):
                if k:
                    continue
                shares = np.maximum(shares, shares[::-1])
            rows = shares.nonzero()[0]
            found.way(rows, shares[rows, None] * normals[rows], -asides[k], asides[k])
        if not closed:
            near = np.linspace(1, 0, min(count, 4) + 1)[:-1, None]
            for rows, outward in (
                (np.arange(len(near)), -tangents[0]),
                (count - 1 - np.arange(len(near)), tangents[-1]),
            ):
                found.way(rows, near * outward, -min(length / 3, every), longer)
    return found.lines()


def loose(pieces: Sequence[Array], *, way: float, box: Box) -> Lines:
    """Each piece, an even number of points, as a smooth stroke, every point of which may go `way` mm anywhere within
    the box."""
    found = Gathered()
    for piece in pieces:
        control = chain(piece)
        found.stroke(control)
        inner = np.concatenate([[0], [k for k in range(1, len(control) - 1) if k % 3], [len(control) - 1]])
        low, high = _bounds(control, way, box)
        for row in inner:
            for axis in (0, 1):
                found.way(np.array([row]), np.eye(2)[axis : axis + 1], low[row, axis], high[row, axis])
    return found.lines()


def cornered(pieces: Sequence[Array], *, way: float, box: Box) -> Lines:
    """Each piece as straight cubics from corner to corner; a corner may go `way` mm anywhere within the box."""
    found = Gathered()
    for piece in pieces:
        count = len(piece)
        thirds = piece[:-1, None] + (np.arange(3) / 3)[None, :, None] * np.diff(piece, axis=0)[:, None]
        found.stroke(np.concatenate([thirds.reshape(-1, 2), piece[-1:]]))
        low, high = _bounds(piece, way, box)
        for corner in range(count):
            rows = np.arange(max(0, 3 * corner - 2), min(3 * count - 3, 3 * corner + 2) + 1)
            shares = 1 - np.abs(rows - 3 * corner) / 3
            for axis in (0, 1):
                found.way(rows, shares[:, None] * np.eye(2)[axis], low[corner, axis], high[corner, axis])
    return found.lines()


def _bounds(points: Array, way: float, box: Box) -> tuple[Array, Array]:
    """How far each of the points [n, 2] may go along either axis, back and forth, and not leave the box."""
    low, high = np.array(box[:2]) - points, np.array(box[2:]) - points
    return np.minimum(np.maximum(low, -way), 0), np.maximum(np.minimum(high, way), 0)
