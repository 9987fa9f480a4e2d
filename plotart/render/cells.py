"""The grid on which ink is laid: how many cells a pixel has, and the unit of length of the renderers.

Ink is laid cell by cell, so that strokes that meet within a pixel overlap only where they do. Four by four cells are a
block, whose width is the unit of length of all geometry in the renderers: sixteen numbers, which one instruction of a
processor handles at best.

Within a cell strokes are taken for independent, and how wrong that is depends on the longer side of the cell. So cells
are square, but for those of the fastest setting, of which a pixel has only two.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

#: Width of a cell, in blocks.
CELL_WIDTH = 0.25


def cells_of_pixel(oversample: int) -> tuple[int, int]:
    """Cells across and down."""
    if oversample == 1:
        return 2, 1
    along = (3 * oversample + 1) // 2
    # Many are a multiple of a block's four, so that tiles, which are whole blocks and pixels, need not be large.
    along = along if along <= 16 else -(-along // 4) * 4
    return along, along


def pixel_step(cells: int) -> int:
    """Blocks after which a border between them is one between pixels again, with so many cells along a pixel."""
    return cells if cells % 2 == 1 else cells // 2 if cells % 4 == 2 else cells // 4


def blocks_per_px(oversample: int) -> float:
    return cells_of_pixel(oversample)[0] * CELL_WIDTH


def cell_height(oversample: int) -> float:
    """In blocks."""
    across, down = cells_of_pixel(oversample)
    return CELL_WIDTH * across / down


def cell_radius(oversample: int) -> float:
    """Half the diagonal of a cell, in blocks: no edge farther from its centre touches it."""
    return math.hypot(CELL_WIDTH, cell_height(oversample)) / 2


def cell_reach(oversample: int) -> float:
    """Half-width of a uniform density with the variance of a cell's, averaged over all directions, in blocks."""
    return math.sqrt(1.5 * (CELL_WIDTH**2 + cell_height(oversample) ** 2) / 12)


def end_ink(length: Tensor, half: Tensor, w: float) -> Tensor:
    """[N] factors on the coverage that keep a stroke's ink at 2 h L + pi h² if it is blurred by w. All in blocks.

    Along a stroke a blurred edge loses on one side what it gains on the other. At the two round caps it gains: a
    profile of half-width h, blurred by a uniform density of half-width w and rotated about a point, has the area
    2 pi h E|u + v|  and not pi h². Nibs broader than the blur are left alone, since their caps are true discs.
    """
    excess = torch.where(half < w, w / 2 + half * half / (6 * w) - half / 2, w * w / (6 * half.clamp_min(w)))
    excess = excess * (2 - half / w).clamp(0, 1)
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
