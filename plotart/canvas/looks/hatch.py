"""Straight lines side by side, a direction for each pen: `hatch`; crossed by others where it is dark: `crosshatch`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from plotart.canvas.looks.lines import straight
from plotart.canvas.looks.look import Look, LookRequest, look_of
from plotart.canvas.looks.ruled import ruled
from plotart.canvas.stippling import Array

#: mm by which the ends of a line may go on.
LONGER = 4.0

#: Degrees between the two families of one pen.
CROSSING = 65.0


def hatch(wanted: LookRequest) -> Look:
    """Straight lines side by side, a direction for each pen; their spacing is the tone."""
    return look_of([straight(_hatched(wanted, pen), room=wanted.room(pen), longer=LONGER) for pen in wanted.pens])


def crosshatch(wanted: LookRequest) -> Look:
    """Straight lines side by side, crossed by others where it is dark."""
    return look_of([straight(crossed(wanted, pen), room=wanted.room(pen), longer=LONGER) for pen in wanted.pens])


def crossed(wanted: LookRequest, pen: int, bend: Callable[[float], Array] | None = None) -> list[Array]:
    """The pieces of a pen's two families; `bend` gives what `ruled` bends those in a direction (radians) by."""
    first, second, pitch = _two_tones(wanted.tones[pen], wanted.nibs[pen], wanted.spacing)
    pieces = []
    for family, share in ((0, first), (1, second)):
        angle = wanted.direction(pen) + family * math.radians(CROSSING)
        pieces += ruled(
            share,
            wanted.px_per_mm,
            nib=wanted.nibs[pen],
            pitch=pitch,
            angle=angle,
            ends=wanted.ends,
            bend=bend(angle) if bend is not None else None,
        )
    return pieces


def _two_tones(tone: Array, nib: float, spacing: float | None) -> tuple[Array, Array, float]:
    """The tones of two families that make `tone` [H, W] where they lie on each other, and the distance of the lines
    where they are densest: the first has the lights, the second joins it where it is as dense as it gets."""
    darkest = max(float(tone.max()), 0.05)
    most = 1 - math.sqrt(1 - darkest) if spacing is None else min(nib / spacing, 0.95)
    first = np.minimum(tone, most)
    return first, np.clip((tone - first) / (1 - first), 0, most), nib / most


def _hatched(wanted: LookRequest, pen: int) -> list[Array]:
    nib, pitch, angle = wanted.nibs[pen], wanted.pitch(pen), wanted.direction(pen)
    return ruled(wanted.tones[pen], wanted.px_per_mm, nib=nib, pitch=pitch, angle=angle, ends=wanted.ends)
