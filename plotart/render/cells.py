"""The grid on which ink is laid: every pixel is 2 s cells wide and s cells high, s the `oversample`.

Ink is laid cell by cell, so that strokes that meet within a pixel overlap only where they do. Four by two cells are a
block: the unit of length of all geometry in the renderers, and the eight numbers that one instruction of a processor
handles. A block is 2 / s px wide and high, so that the same arithmetic serves every s.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

#: Width and height of a cell, in blocks.
CELL_WIDTH, CELL_HEIGHT = 0.25, 0.5

#: Half-width of a uniform density with the variance of a cell's, averaged over all directions, in blocks.
CELL_REACH = math.sqrt(1.5 * (CELL_WIDTH**2 + CELL_HEIGHT**2) / 12)

#: Half the diagonal of a cell: no edge farther from its centre touches it.
CELL_RADIUS = math.hypot(CELL_WIDTH, CELL_HEIGHT) / 2


def end_ink(length: Tensor, half: Tensor, softness: float) -> Tensor:
    """[N] factors on the coverage that keep a stroke's ink at 2 h L + pi h², whatever the blur. All in blocks.

    Along a stroke a blurred edge loses on one side what it gains on the other. At the two round caps it gains: a
    profile of half-width h, blurred by a uniform density of half-width w and rotated about a point, has the area
    2 pi h E|u + v|  and not pi h². Nibs broader than the blur are left alone, since their caps are true discs.
    """
    w = CELL_REACH + softness
    excess = torch.where(half < w, w / 2 + half * half / (6 * w) - half / 2, w * w / (6 * half.clamp_min(w)))
    excess = excess * (2 - half / w).clamp(0, 1) ** 2
    true = 2 * length + math.pi * half
    return true / (true + 2 * math.pi * excess)


def polyline_length(points: Tensor, num_points: Tensor) -> Tensor:
    """[N] approximate lengths: the mean of each cubic's chord and control polygon."""
    steps = (points[1:] - points[:-1]).norm(dim=1)
    rows = torch.arange(len(points), device=points.device)
    stroke = torch.repeat_interleave(torch.arange(len(num_points), device=points.device), num_points)
    within = rows - (torch.cumsum(num_points, 0) - num_points)[stroke]
    inside = (within[1:] > 0).to(points)
    length = torch.zeros(len(num_points), dtype=points.dtype, device=points.device)
    length = length.index_add(0, stroke[1:], steps * inside / 2)
    chords = (within % 3 == 0) & (within > 0)
    ends = chords.nonzero()[:, 0]
    return length.index_add(0, stroke[ends], (points[ends] - points[ends - 3]).norm(dim=1) / 2)
