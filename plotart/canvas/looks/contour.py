"""Level lines, like waves from what matters most, closer where it is dark."""

from __future__ import annotations

import math

from plotart.canvas.looks.lines import supple
from plotart.canvas.looks.look import TURN, Look, LookRequest, look_of
from plotart.canvas.looks.ripples import ripples

#: mm between control points, and between the knots at which a line may bend.
EVERY, KNOTS = 2.0, 5.0

#: Where waves of the second and later pens begin: so far from the focus, as a share of the page's short side.
AWAY = 0.6


def contour(wanted: LookRequest) -> Look:
    """Waves from what matters most, slow where it is dark, so that they lie close there."""
    found = []
    for pen, tone in enumerate(wanted.tones):
        pieces = ripples(tone, wanted.px_per_mm, nib=wanted.nibs[pen], source=_source(wanted, pen))
        found.append(supple(pieces, every=EVERY, knots=KNOTS, room=wanted.room(pen), longer=1.0))
    return look_of(found)


def _source(wanted: LookRequest, pen: int) -> tuple[float, float]:
    """Where a pen's waves begin: each elsewhere, or inks would lie on each other all over the page."""
    x, y = wanted.focus
    away = AWAY * min(wanted.page.width, wanted.page.height) * min(pen, 1)
    angle = math.radians(wanted.angle + pen * TURN * 2)
    return x + away * math.cos(angle), y + away * math.sin(angle)
