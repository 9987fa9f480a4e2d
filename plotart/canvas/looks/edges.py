"""A line drawing: few long strokes where the picture has edges and dark features.

What is darker than its surroundings, smoothed along the flow of edges (Kang, Lee and Chui, "Coherent line drawing",
2007), is thinned to lines, which are traced.
"""

from __future__ import annotations

import numpy as np

from plotart.canvas.looks.directions import along_forms
from plotart.canvas.looks.lines import supple
from plotart.canvas.looks.look import Look, LookRequest, look_of
from plotart.canvas.looks.skeleton import traced
from plotart.canvas.stippling import Array

#: mm: how broad a feature is, over how much more its surroundings are averaged, and how far along the flow.
FEATURE, SURROUNDINGS, ALONG = 0.55, 1.6, 3.0

#: mm over which the flow's directions are averaged.
REACH = 1.0

#: By how much lightness must fall short of its surroundings', and where a line that began at that may still go on.
DARKER, GOES_ON = 0.016, 0.008

#: mm: shorter ones are no features. Between control points; between knots; a line may go aside; its ends may go on.
SHORTEST, EVERY, KNOTS, ASIDE, LONGER = 5.0, 2.5, 5.0, 0.6, 2.0


def edges(wanted: LookRequest) -> Look:
    """Few long strokes where the picture has edges and dark features."""
    from skimage.filters import apply_hysteresis_threshold
    from skimage.morphology import remove_small_objects, skeletonize

    there = wanted.tones.max(axis=0) > 0
    darker = _darker(wanted) * there
    mask = apply_hysteresis_threshold(darker, GOES_ON, DARKER)
    mask = remove_small_objects(mask, max_size=round(SHORTEST * FEATURE * wanted.px_per_mm**2))
    lines = [(line + 0.5) / wanted.px_per_mm for line in traced(skeletonize(mask))]
    lines = [line for line in lines if np.hypot(*np.diff(line, axis=0).T).sum() >= SHORTEST]
    pens = [_pen(line, wanted) for line in lines]
    return look_of(
        [
            supple(
                [line for line, own in zip(lines, pens, strict=True) if own == pen],
                every=EVERY,
                knots=KNOTS,
                room=lambda at: np.full(len(at), ASIDE),
                longer=LONGER,
            )
            for pen in range(len(wanted.tones))
        ]
    )


def _darker(wanted: LookRequest) -> Array:
    """[H, W]: by how much each place is darker than what is about it, smoothed along the flow."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    px, lightness = wanted.px_per_mm, wanted.lightness
    near = gaussian_filter(lightness, FEATURE * px, mode="nearest")
    found = gaussian_filter(lightness, FEATURE * SURROUNDINGS * px, mode="nearest") - near
    flow = along_forms(lightness, px, reach=REACH, resting=0.0)
    rows, columns = np.indices(lightness.shape).astype(float)
    steps = max(1, round(ALONG * px))
    total, weight = found.copy(), 1.0
    for sign in (1.0, -1.0):
        y, x = rows.copy(), columns.copy()
        heading = sign * flow
        for step in range(1, steps + 1):
            x, y = x + heading[..., 0], y + heading[..., 1]
            places = (
                np.clip(np.round(y).astype(int), 0, len(y) - 1),
                np.clip(np.round(x).astype(int), 0, y.shape[1] - 1),
            )
            turned = flow[places]
            heading = turned * np.sign((turned * heading).sum(axis=-1, keepdims=True) + 1e-9)
            share = np.exp(-0.5 * (step / (0.5 * steps)) ** 2)
            total += share * map_coordinates(found, [y, x], order=1, mode="nearest")
            weight += share
    return total / weight


def _pen(line: Array, wanted: LookRequest) -> int:
    """The pen that has most to ink along the line."""
    row, column = wanted.places(line)
    return int(wanted.tones[:, row, column].mean(axis=1).argmax())
