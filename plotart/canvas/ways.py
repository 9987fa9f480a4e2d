"""Ways in which strokes of a look may move, so that it stays that look: a hatch a family of straight lines."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ways:
    """n ways; to go a length v along one moves each of its points by v times a vector.

    rows, way  [E] int64: the control point and the way of each pair of them
    vectors    [E, 2]: where the point goes in a unit of the way; the farthest of a way's is about 1 long, so that
               lengths are mm
    low, high  [n] mm: how far each way may be gone
    stroke     [n] int64: whose points move
    """

    rows: Tensor
    way: Tensor
    vectors: Tensor
    low: Tensor
    high: Tensor
    stroke: Tensor

    def __len__(self) -> int:
        return len(self.low)

    def to(self, device: torch.device) -> Ways:
        return Ways(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))

    def moved(self, points: Tensor, lengths: Tensor) -> Tensor:
        """points [P, 2] mm gone `lengths` [n] along the ways."""
        return points.index_add(0, self.rows, self.vectors * lengths[self.way, None])

    def bounded(self, lengths: Tensor) -> Tensor:
        """`lengths` [n], none farther than its way may be gone."""
        return torch.minimum(torch.maximum(lengths, self.low), self.high)
