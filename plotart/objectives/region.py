"""Regions: the part of the sheet in which a term counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from plotart.errors import DrawingError
from plotart.files.images import open_rgba
from plotart.geometry.page import Page
from plotart.objectives.views import Views

#: Rows and columns at most in which a region is kept: features are coarser still.
_FINEST = 512


@dataclass(frozen=True)
class Region:
    """mask [1, 1, H, W], 0 to 1 over the whole sheet, and what to call it."""

    mask: Tensor
    name: str

    @classmethod
    def box(cls, box: tuple[float, float, float, float], page: Page) -> Region:
        """The rectangle (left, top, right, bottom) mm. Raises DrawingError if none of it is on the sheet."""
        left, top, right, bottom = box
        if not (left < right and top < bottom and left < page.width and top < page.height and right > 0 and bottom > 0):
            raise DrawingError(
                f"the region {list(box)} holds nothing: allowed is [left, top, right, bottom] "
                f"on a sheet of {page.width:g} x {page.height:g} mm"
            )
        rows, columns, scale = page.pixels(_FINEST)
        x, y = (torch.arange(columns) + 0.5) / scale, (torch.arange(rows) + 0.5) / scale
        inside = ((y >= top) & (y <= bottom))[:, None] & ((x >= left) & (x <= right))[None]
        return cls(inside.float()[None, None], f"[{', '.join(f'{side:g}' for side in box)}]")

    @classmethod
    def read(cls, path: Path) -> Region:
        """From a picture that is stretched over the sheet: white where it counts. Raises ImageError, DrawingError."""
        image = open_rgba(path, longest=_FINEST)
        black = Image.new("RGBA", image.size, "black")
        grey = Image.alpha_composite(black, image).convert("L")
        pixels = np.asarray(grey, dtype=np.float32) / 255
        if not pixels.any():
            raise DrawingError(f"{path} is black all over: white is where the term counts")
        return cls(torch.from_numpy(pixels)[None, None], path.name)

    def outside(self) -> Region:
        """Everywhere else."""
        return Region(1 - self.mask, f"all but {self.name}")

    def seen(self, views: Views, size: Sequence[int], cells: tuple[int, int]) -> Tensor:
        """[B, h, w]: how much of each of `cells` (h, w) of a layer lies in it, as seen through `views` of images of
        `size` (H, W) px."""
        mask = F.interpolate(self.mask, size=tuple(size), mode="area")
        return F.adaptive_avg_pool2d(views(mask), cells)[:, 0]
