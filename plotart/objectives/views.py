"""Random views of a drawing: a network that must recognise all of them can't be fooled by one pixel pattern."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class RandomViews:
    """`count` views, each shifted (share of the image, either way), scaled and turned (degrees, either way).

    What comes in at the edges is the paper. `size` is the views' long side in px; None keeps the image's.
    """

    count: int = 2
    shift: float = 0.1
    scale: tuple[float, float] = (0.8, 1.2)
    rotate: float = 20.0
    size: int | None = None

    def choose(self, size: Sequence[int], random: torch.Generator) -> Views:
        """Random views of images of `size` (H, W) px."""
        height, width = size
        factor = 1.0 if self.size is None else self.size / max(height, width)
        rows, columns = max(1, round(height * factor)), max(1, round(width * factor))

        def uniform(low: float, high: float) -> Tensor:
            return torch.rand(self.count, generator=random) * (high - low) + low

        angle = uniform(-self.rotate, self.rotate) * (math.pi / 180)
        zoom = torch.exp(uniform(math.log(self.scale[0]), math.log(self.scale[1])))
        shift_x, shift_y = uniform(-2 * self.shift, 2 * self.shift), uniform(-2 * self.shift, 2 * self.shift)
        cosine, sine, aspect = torch.cos(angle) / zoom, torch.sin(angle) / zoom, height / width
        # affine_grid's coordinates run from -1 to 1 along either side: a turn has to know the sides' ratio.
        matrix = torch.stack([cosine, -sine * aspect, shift_x, sine / aspect, cosine, shift_y], dim=1).reshape(-1, 2, 3)
        return Views(F.affine_grid(matrix, [self.count, 3, rows, columns], align_corners=False))

    def __call__(self, image: Tensor, paper: Tensor, random: torch.Generator) -> Tensor:
        """image [1, 3, H, W] over paper [3] -> [count, 3, h, w] in random views."""
        return self.choose(image.shape[2:], random)(image, paper)


class Views:
    """Some views of the sheet: what lies on it can be seen through them, the drawing as well as a mask or a model.

    grid  [B, h, w, 2]: where each pixel of a view looks, -1 to 1 along either side of the sheet; None looks straight
    """

    def __init__(self, grid: Tensor | None) -> None:
        self._grid = grid

    @classmethod
    def still(cls) -> Views:
        """One view: the sheet as it is."""
        return cls(None)

    def __call__(self, image: Tensor, paper: Tensor | None = None) -> Tensor:
        """image [1, C, H, W] -> [B, C, h, w], differentiable; outside the sheet is `paper` [C], or 0."""
        if self._grid is None:
            return image
        around = image.new_zeros(image.shape[1]) if paper is None else paper.to(image)
        ink = (image - around[:, None, None]).expand(len(self._grid), -1, -1, -1)
        grid = self._grid.to(image)
        return F.grid_sample(ink, grid, padding_mode="zeros", align_corners=False) + around[:, None, None]
