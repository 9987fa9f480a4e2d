"""A way to begin: strokes along a spiral."""

from __future__ import annotations

import math

import torch

from plotart.geometry.strokes import StartRequest, Strokes


def spiral(wanted: StartRequest) -> Strokes:
    left, top, right, bottom = wanted.page.inner
    points = 3 * wanted.segments + 1
    turn = torch.linspace(1, 9, wanted.count * points) * math.pi
    radius = turn / turn.max() * min(right - left, bottom - top) / 2
    middle = torch.tensor([(left + right) / 2, (top + bottom) / 2])
    return Strokes(
        middle + radius[:, None] * torch.stack([turn.cos(), turn.sin()], dim=1),
        torch.full((wanted.count,), points),
        0.01 * torch.randn(wanted.count, wanted.pens, generator=wanted.random),
    )
