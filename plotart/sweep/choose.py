"""Which of many drawings are good, and unlike each other."""

from __future__ import annotations

import numpy as np

from plotart.sweep.worth import Floats

#: Drawings this much alike are one.
SAME = 0.98


def choose(scores: Floats, alike: Floats, count: int) -> list[int]:
    """At most `count` of n drawings, one after another (maximal marginal relevance): the next is the one with the
    highest score [n] x (1 - its likeness to the nearest that is chosen); `alike` [n, n] is 1 for the same picture.
    None of a score of 0 is chosen, and none twice."""
    chosen: list[int] = []
    nearest = np.zeros(len(scores))
    while len(chosen) < count:
        value = np.where(nearest < SAME, scores * (1 - nearest), 0.0)
        value[chosen] = 0.0
        best = int(value.argmax())
        if value[best] <= 0:
            break
        chosen.append(best)
        nearest = np.maximum(nearest, alike[best])
    return chosen
