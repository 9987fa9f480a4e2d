"""Lines that run along the forms of the picture, as hair does, closer where it is dark."""

from __future__ import annotations

import math

import numpy as np

from plotart.canvas.looks.directions import along_forms
from plotart.canvas.looks.engraving import EVERY, KNOTS
from plotart.canvas.looks.lines import supple
from plotart.canvas.looks.look import Look, LookRequest, look_of
from plotart.canvas.looks.streamlines import streamlines
from plotart.canvas.stippling import Array

#: mm over which directions are averaged.
REACH = 2.5

#: Tones that are too pale to be drawn.
PALEST = 0.03

#: Times that lines are laid out, each time at distances by which the last time's would have had the ink wanted.
ROUNDS = 3

#: Degrees by which the directions of each pen are turned against the next one's.
TURNED = 14.0

#: mm by which ends may go on.
LONGER = 3.0


def flow(wanted: LookRequest) -> Look:
    """Lines along the forms of the picture, as hair lies."""
    found = []
    for pen, tone in enumerate(wanted.tones):
        directions = along_forms(wanted.lightness, wanted.px_per_mm, reach=REACH, resting=wanted.direction(pen))
        # The last pen, the darkest, follows the forms; inks that ran side by side would never cover as if by chance.
        turns = len(wanted.nibs) - 1 - pen
        directions = _turned(directions, (-1) ** turns * turns * math.radians(TURNED))
        pieces = _inked(directions, tone, wanted, pen)
        found.append(supple(pieces, every=EVERY, knots=KNOTS, room=wanted.room(pen), longer=LONGER))
    return look_of(found)


def _inked(directions: Array, tone: Array, wanted: LookRequest, pen: int) -> list[Array]:
    nib, factor = wanted.nibs[pen], 0.85
    ink = tone.sum() / wanted.px_per_mm**2
    for _ in range(ROUNDS):
        distances = np.where(tone > PALEST, factor * nib / np.maximum(tone, PALEST), np.inf)
        pieces = streamlines(directions, distances, wanted.px_per_mm, wanted.random(pen))
        laid = nib * sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in pieces)
        factor *= float(np.clip(laid / max(ink, 1e-9), 0.6, 1.6))
    return pieces


def _turned(directions: Array, angle: float) -> Array:
    c, s = math.cos(angle), math.sin(angle)
    return directions @ np.array([[c, s], [-s, c]])
