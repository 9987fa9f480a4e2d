"""The input of a backend, checked once at the seam."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Scene:
    """Strokes in px and the paper; shapes as in `plotart.render.rasterize`."""

    points: Tensor
    num_points: Tensor
    stroke_width: Tensor
    reflectance: Tensor
    transmittance: Tensor
    background: Tensor
    size: tuple[int, int]
    oversample: int
    softness: float = 0.0
    two_flux: bool = False

    def check(self) -> None:
        """Raises ValueError that names the argument, and the stroke where a value is not finite.

        Values on a GPU are not checked: every step would wait for it.
        """
        n = len(self.num_points)
        on_host = not self.num_points.is_cuda
        expected = {
            "points": (int(self.num_points.sum()) if on_host else len(self.points), 2),
            "stroke_width": (n,),
            "reflectance": (n, 3),
            "transmittance": (n, 3),
            "background": (3,),
        }
        for name, shape in expected.items():
            value: Tensor = getattr(self, name)
            if tuple(value.shape) != shape:
                raise ValueError(f"{name} has the shape {tuple(value.shape)}, not {shape} as num_points says")
            # One sum tells whether all are finite; the search for one that is not comes only then.
            sound = value.is_cuda or math.isfinite(value.detach().sum().item())
            if not sound and not bool(torch.isfinite(value).all()):
                row = int((~torch.isfinite(value.detach()).reshape(len(value), -1).all(dim=1)).nonzero()[0])
                place = self._place(name, row)
                raise ValueError(f"{name} is not finite at {place}: {value[row].tolist()}")
        if on_host and (bool(((self.num_points - 1) % 3 != 0).any()) or bool((self.num_points < 4).any())):
            raise ValueError("num_points must be 3 s + 1 with s >= 1 for every stroke")
        if n and not self.stroke_width.is_cuda and float(self.stroke_width.detach().min()) < 0:
            stroke = int((self.stroke_width < 0).nonzero()[0])
            raise ValueError(f"stroke_width of stroke {stroke} is negative: {float(self.stroke_width[stroke])}")
        if min(self.size) < 1 or self.oversample < 1:
            raise ValueError(f"size {self.size} and oversample {self.oversample} must be at least 1")
        if not 0 <= self.softness < math.inf:
            raise ValueError(f"softness is {self.softness}; it must be 0 or more px")

    def _place(self, name: str, row: int) -> str:
        if name == "background":
            return f"channel {row}"
        if name == "points":
            row = int(torch.searchsorted(torch.cumsum(self.num_points, 0), row, right=True))
        return f"stroke {row}"


class Backend(Protocol):
    """A renderer: Scene -> image [H, W, 3], differentiable."""

    def __call__(self, scene: Scene, /) -> Tensor: ...
