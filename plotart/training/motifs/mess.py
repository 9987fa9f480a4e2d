"""What makes a picture a mess: lines that are missing, doubled, shaky, out of place or strange, and pictures of
nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from plotart.training.motifs.paths import Points, smooth


class Mess(NamedTuple):
    """How a drawing is spoilt.

    missing    share of the pieces that are left out
    astray     share of the pieces that lie elsewhere, turned
    strangers  lines that belong to nothing
    twice      how often each line is drawn
    wobble     px by which lines shake
    confetti   whether each piece has an ink of its own
    patches    whether pieces have the ink of the patch of the page that they lie in
    """

    missing: float = 0.0
    astray: float = 0.0
    strangers: int = 0
    twice: int = 1
    wobble: float = 0.0
    confetti: bool = False
    patches: bool = False


TIDY = Mess()

#: Not a mess at all in its lines, which have any inks.
MOTLEY = (Mess(confetti=True), Mess(patches=True))


def mess_of(degree: float, rng: np.random.Generator) -> Mess:
    """A mess of a degree 0..1 (a motif that can still be made out, or half a motif and a tangle)."""
    kinds = rng.random(4) < 0.6
    if not kinds.any():
        kinds[rng.integers(4)] = True
    return Mess(
        missing=0.6 * degree * kinds[0],
        astray=0.7 * degree * kinds[1],
        strangers=int(rng.uniform(4, 60) * degree * kinds[2]),
        twice=1 + int(rng.integers(1, 3)) * int(kinds[3]),
        wobble=rng.uniform(0.5, 3.0) * kinds[3],
        confetti=rng.random() < 0.7,
    )


def nothing(side: float, rng: np.random.Generator) -> list[Points]:
    """Lines in px over a square of that side that mean nothing: of every density, scattered or in clumps."""
    count = int(np.exp(rng.uniform(np.log(4), np.log(260))))
    kind = _KINDS[rng.integers(len(_KINDS))]
    clumps = rng.uniform(0, side, (int(rng.integers(1, 7)), 2))
    spread = rng.uniform(0.05, 0.35) * side
    clumped = rng.random() < 0.5
    length = rng.uniform(0.05, 0.5) * side
    lines = []
    for _ in range(count):
        start = rng.uniform(-0.1 * side, 1.1 * side, 2)
        if clumped:
            start = clumps[rng.integers(len(clumps))] + rng.normal(0, spread, 2)
        lines.append(start + kind(length * rng.uniform(0.3, 1.2), rng))
    return lines


def stranger(side: float, rng: np.random.Generator) -> Points:
    """A line anywhere in a square of that side."""
    return rng.uniform(0, side, 2) + _KINDS[rng.integers(len(_KINDS))](rng.uniform(0.08, 0.45) * side, rng)


def _straight(length: float, rng: np.random.Generator) -> Points:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([[0.0, 0.0], [length * np.cos(angle), length * np.sin(angle)]])


def _wandering(length: float, rng: np.random.Generator) -> Points:
    turns = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, rng.uniform(0.2, 1.2), 8))
    return smooth(np.cumsum(length / 8 * np.stack([np.cos(turns), np.sin(turns)], -1), axis=0), 4)


def _bent(length: float, rng: np.random.Generator) -> Points:
    """A cubic Bézier path, as strokes are before anything is optimised."""
    p = np.cumsum(rng.normal(0, length / 3, (4, 2)), axis=0)
    t = np.linspace(0, 1, 16)[:, None]
    return (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]


def _jagged(length: float, rng: np.random.Generator) -> Points:
    return np.cumsum(rng.normal(0, length / 4, (int(rng.integers(3, 9)), 2)), axis=0)


def _knotted(length: float, rng: np.random.Generator) -> Points:
    return smooth(rng.normal(0, length / 3, (int(rng.integers(5, 12)), 2)), 6)


_KINDS: tuple[Callable[[float, np.random.Generator], Points], ...] = (_straight, _wandering, _bent, _jagged, _knotted)
