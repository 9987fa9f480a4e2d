"""Strokes to begin with."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.canvas.composition import composed_centers
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest, Strokes


def random_start(wanted: StartRequest) -> Strokes:
    """Bent strokes whose centres are placed by the composition that is wanted."""
    if wanted.composition == "scatter":
        return random_strokes(wanted.count, wanted.segments, wanted.length, wanted.page, wanted.pens, wanted.random)
    centers = composed_centers(wanted.composition, wanted.count, wanted.page, wanted.random, focus=wanted.focus)
    return _bent(centers, wanted.segments, wanted.length, wanted.page, wanted.pens, wanted.random)


def grid_start(wanted: StartRequest) -> Strokes:
    return grid_strokes(wanted.count, wanted.segments, wanted.length, wanted.page, wanted.pens, wanted.random)


def random_strokes(count: int, segments: int, length: float, page: Page, pens: int, random: torch.Generator) -> Strokes:
    """`count` gently bent strokes of about `length` mm, anywhere inside the margins."""
    left, top, right, bottom = page.inner
    centers = torch.rand(count, 2, generator=random) * torch.tensor([right - left, bottom - top])
    return _bent(centers + torch.tensor([left, top]), segments, length, page, pens, random)


def grid_strokes(count: int, segments: int, length: float, page: Page, pens: int, random: torch.Generator) -> Strokes:
    """`count` gently bent strokes of about `length` mm, their centres on a grid inside the margins."""
    left, top, right, bottom = page.inner
    width, height = right - left, bottom - top
    columns = max(1, round(math.sqrt(count * width / height)))
    rows = math.ceil(count / columns)
    index = torch.arange(count)
    row, column = index // columns, index % columns
    x = left + (column + 0.5) * (width / columns)
    y = top + (row + 0.5) * (height / rows)
    return _bent(torch.stack([x, y], dim=1), segments, length, page, pens, random)


def _bent(centers: Tensor, segments: int, length: float, page: Page, pens: int, random: torch.Generator) -> Strokes:
    """Strokes about their centres [N, 2]: equal steps along a heading that turns at random."""
    count, steps = len(centers), 3 * segments
    heading = torch.rand(count, 1, generator=random) * 2 * math.pi
    heading = heading + (torch.randn(count, steps, generator=random) * (1.2 / math.sqrt(steps))).cumsum(dim=1)
    moves = torch.stack([heading.cos(), heading.sin()], dim=-1) * (length / steps)
    points = torch.cat([torch.zeros(count, 1, 2), moves.cumsum(dim=1)], dim=1)
    points = points - points.mean(dim=1, keepdim=True) + centers[:, None]
    left, top, right, bottom = page.inner
    low, high = torch.tensor([left, top]), torch.tensor([right, bottom])
    return Strokes(
        points=torch.minimum(torch.maximum(points, low), high).reshape(-1, 2),
        num_points=torch.full((count,), steps + 1, dtype=torch.int64),
        logits=0.01 * torch.randn(count, pens, generator=random),
    )
