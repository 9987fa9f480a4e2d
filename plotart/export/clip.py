"""Chains of cubic Béziers, cut: at the edges of a box, or anywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

#: The part of a page's size by which lines may lie beyond its edges, and are not cut.
EDGE = 1e-6


def clip_curve(control: Curve, box: Bounds) -> list[Curve]:
    """The parts of a chain [3 s + 1, 2] that lie in the box (left, top, right, bottom), exact, in order.

    A chain whose control points all lie in the box comes back as it is: the curve can't leave their hull.
    """
    low, high = np.array(box[:2]), np.array(box[2:])
    if bool(((control >= low) & (control <= high)).all()):
        return [control]
    parts: list[Curve] = []
    joined = False
    for start in range(0, len(control) - 1, 3):
        for piece in _split(control[start : start + 4], _crossings(control[start : start + 4], box)):
            middle = (piece[0] + 3 * piece[1] + 3 * piece[2] + piece[3]) / 8
            inside = bool(((middle >= low) & (middle <= high)).all())
            if inside and joined:
                parts[-1] = np.concatenate([parts[-1], piece[1:]])
            elif inside:
                parts.append(piece)
            joined = inside
    return parts


def part_of(control: Curve, start: float, end: float) -> Curve:
    """The part of a chain [3 s + 1, 2] between two places, ``start < end``; its cubic k goes from k to k + 1."""
    first, last = int(start), min(int(np.ceil(end)), (len(control) - 1) // 3)
    pieces = [control[3 * number : 3 * number + 4] for number in range(first, last)]
    # From the end on, so that the parameters of what is before it stay.
    if end < last:
        pieces[-1] = _split(pieces[-1], [end - (last - 1)])[0]
    if start > first:
        whole = min(end, first + 1) - first
        pieces[0] = _split(pieces[0], [(start - first) / whole])[-1]
    return np.concatenate([pieces[0], *[piece[1:] for piece in pieces[1:]]])


def _crossings(cubic: Curve, box: Bounds) -> list[float]:
    """The parameters in (0, 1), sorted, at which a cubic [4, 2] meets the lines through the box's edges."""
    found: set[float] = set()
    for axis in (0, 1):
        a, b, c, d = cubic[:, axis]
        for edge in (box[axis], box[axis + 2]):
            if min(a, b, c, d) <= edge <= max(a, b, c, d):
                roots = np.roots([d - 3 * c + 3 * b - a, 3 * (c - 2 * b + a), 3 * (b - a), a - edge])
                found.update(float(r.real) for r in roots if abs(r.imag) < 1e-9 and 0 < r.real < 1)
    return sorted(found)


def _split(cubic: Curve, parameters: list[float]) -> list[Curve]:
    """A cubic [4, 2] cut at sorted parameters, by de Casteljau's construction."""
    pieces: list[Curve] = []
    done = 0.0
    for parameter in parameters:
        t = (parameter - done) / (1 - done)
        first = cubic[:-1] + t * np.diff(cubic, axis=0)
        second = first[:-1] + t * np.diff(first, axis=0)
        cut = second[0] + t * (second[1] - second[0])
        pieces.append(np.array([cubic[0], first[0], second[0], cut]))
        cubic = np.array([cut, second[1], first[2], cubic[3]])
        done = parameter
    return [*pieces, cubic]
