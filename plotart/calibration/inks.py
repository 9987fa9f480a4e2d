"""What an ink does to light, from patches over several backgrounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotart.pens import Ink, Light, Pen

Array = NDArray[np.float64]

#: How much is taken for known of the transmittance before anything is measured, in units of light squared: a background
#: as dark as a tenth of the paper's light weighs a hundred times as much.
PRIOR = 0.008

#: The kind of an ink is thought to be another than its set says when the misfit becomes less than this part of it, and
#: by so much less: black inks are both, and nobody sees which.
CLEARLY, VISIBLY = 0.5, 2e-3


@dataclass(frozen=True)
class Backgrounds:
    """Readings of one pen: over bare paper, and over n others.

    paper, on_paper [3]; below, above [n, 3]: linear light of each background without and with the pen's ink on it.
    """

    paper: Array
    on_paper: Array
    below: Array
    above: Array


def fit_ink(seen: Backgrounds, pen: Pen) -> tuple[Light, float]:
    """Reflectance R and transmittance T per channel, of  R + T * below, and how well T is known, 0 to 1.

    The reading over paper is kept exactly: it is what most of a drawing shows, and the most certain. What is left is
    one number a channel, T, by least squares over all backgrounds, each of which counts by the square of how much
    darker than paper it is. R and T are at least 0 and R + T at most 1. What the pen was thought to be counts a
    little, and alone where there is no other background.
    """
    nominal = _split_as(pen, seen)
    darker = seen.paper - seen.below
    weight = (darker**2).sum(axis=0)
    drop = ((seen.on_paper - seen.above) * darker).sum(axis=0)
    passes = (drop + PRIOR * nominal) / (weight + PRIOR)
    # R = on_paper - T * paper >= 0, and R + T = on_paper + T * (1 - paper) <= 1.
    room = np.where(seen.paper < 1, (1 - seen.on_paper) / np.maximum(1 - seen.paper, 1e-9), 1.0)
    passes = passes.clip(0, np.minimum(1, np.minimum(seen.on_paper / seen.paper, room)))
    reflects = (seen.on_paper - passes * seen.paper).clip(0, 1)
    known = float((weight / (weight + PRIOR)).mean())
    return Light(_rgb(reflects), _rgb(passes)), known


def ink_kind(light: Light, seen: Backgrounds, nominal: Ink) -> tuple[Ink, float]:
    """Which of plotart's two kinds of ink comes nearer to the one measured, and its opacity.

    A transparent ink reflects nothing of its own, T being on_paper / paper; an opaque one has the same T in all
    channels. What the pen was thought to be stays unless the other fits clearly better.
    """
    passes, reach = np.array(light.transmittance), (seen.paper**2)
    even = float(passes.mean())
    misfit: dict[Ink, float] = {
        "transparent": float((reach * (passes - np.minimum(seen.on_paper / seen.paper, 1)) ** 2).sum()),
        "opaque": float((reach * (passes - even) ** 2).sum()),
    }
    other: Ink = "opaque" if nominal == "transparent" else "transparent"
    kind = other if misfit[other] < CLEARLY * misfit[nominal] - VISIBLY else nominal
    return kind, round(min(max(1 - even, 0.01), 1.0), 3) if kind == "opaque" else 1.0


def _split_as(pen: Pen, seen: Backgrounds) -> Array:
    """The transmittance [3] that the pen's kind of ink would have, looking on paper as it was read."""
    if pen.ink == "transparent":
        return np.minimum(seen.on_paper / seen.paper, 1)
    return np.full(3, 1 - pen.opacity)


def _rgb(values: Array) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
