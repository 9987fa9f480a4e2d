"""Where strokes end, and which way they point there."""

from __future__ import annotations

import torch
from torch import Tensor

#: mm: closer than this, the points of an end give no direction.
_SHORTEST = 1e-3


def end_rows(num_points: Tensor) -> tuple[Tensor, Tensor]:
    """The rows [2 N] of the points array at which strokes end, and of the control points next to those.

    End 2 i is where stroke i begins, end 2 i + 1 where it stops.
    """
    last = torch.cumsum(num_points, 0) - 1
    first = last - num_points + 1
    return torch.stack([first, last], dim=1).flatten(), torch.stack([first + 1, last - 1], dim=1).flatten()


def ends(points: Tensor, num_points: Tensor) -> tuple[Tensor, Tensor]:
    """points [P, 2] of strokes with num_points [N] each -> their ends [2 N, 2], and the unit tangents [2 N, 2] there,
    outwards; zero where a stroke's last two points are one."""
    rows, inner = end_rows(num_points)
    away = points[rows] - points[inner]
    return points[rows], away / away.square().sum(dim=1, keepdim=True).clamp_min(_SHORTEST**2).sqrt()
