"""Squared distances between colours, on one scale for all metrics: from black to white it is 1."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.color.spaces import Metric, to_space

#: How far white is from black in each space: coordinates are divided by this.
SCALE: dict[Metric, float] = {"rgb": math.sqrt(3), "linear": math.sqrt(3), "lab": 100.0, "oklab2": 1.0}


def coordinates(srgb: Tensor, metric: Metric) -> Tensor:
    """[..., 3] sRGB in 0..1 -> [..., 3] in the space of the metric, scaled so that white is 1 away from black."""
    return to_space(srgb, metric) / SCALE[metric]


def squared_distances(
    colors: Tensor, points: Tensor, *, out: Tensor | None = None, spare: Tensor | None = None
) -> Tensor:
    """[K, N] between coordinates [K, 3] and [3, N]: sums of squared differences, which loses nothing to cancelling.

    out, spare  [K, N] to work in, as asking for memory takes longer than the work
    """
    total = torch.sub(colors[:, 0, None], points[0], out=out).square_()
    for axis in (1, 2):
        difference = torch.sub(colors[:, axis, None], points[axis], out=spare)
        total.addcmul_(difference, difference)
    return total
