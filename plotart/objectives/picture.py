"""Pictures from files, as a sheet of paper could show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.color import is_dark
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.errors import ImageError
from plotart.files.images import FINEST, open_rgba
from plotart.geometry.page import Page
from plotart.objectives.fit import Fit

#: By how much the ratio of a mask's sides may differ from the picture's.
SHAPE = 0.03


@dataclass(frozen=True)
class Picture:
    """light [1, 3, h, w] in linear light, 0 to 1, and opacity [1, 1, h, w]: where it is less than 1, paper shows."""

    light: Tensor
    opacity: Tensor

    @classmethod
    def read(cls, path: Path) -> Picture:
        """A picture from a file. Raises ImageError."""
        pixels = np.asarray(open_rgba(path, longest=FINEST), dtype=np.float32) / 255
        values = torch.from_numpy(pixels).permute(2, 0, 1)[None]
        return cls(srgb_to_linear(values[:, :3]), values[:, 3:])

    def mask(self, path: Path) -> Tensor:
        """[1, 1, h, w], 0 to 1: the lightness of a picture of the same shape. Raises ImageError."""
        mask = Picture.read(path)
        height, width = self.light.shape[2:]
        tall, wide = mask.light.shape[2:]
        if abs(tall * width / (wide * height) - 1) > SHAPE:
            raise ImageError(
                f"{path}: found a mask of {wide} x {tall} px; allowed is one of the picture's shape, {width} x {height}"
            )
        light = linear_to_srgb(mask.light * mask.opacity).mean(dim=1, keepdim=True)
        return F.interpolate(light, (height, width), mode="bilinear", antialias=True).clamp(0, 1)

    def on(self, page: Page) -> Picture:
        """Printed on this paper: its white becomes the paper's colour, as light is multiplied by it. On dark paper,
        where light ink is drawn, its black does instead, and its white stays."""
        paper = torch.tensor(page.paper)[:, None, None]
        return replace(self, light=paper + (1 - paper) * self.light if is_dark(page.paper) else paper * self.light)

    def sized(self, long_side: int, page: Page) -> Tensor:
        """[1, 3, h, w] sRGB in 0..1, its long side `long_side` px; paper where it is transparent."""
        height, width = self.light.shape[2:]
        scale = long_side / max(height, width)
        return linear_to_srgb(self._laid(page, max(1, round(height * scale)), max(1, round(width * scale))))

    def on_sheet(self, page: Page, long_side: int, fit: Fit) -> Tensor:
        """[1, 3, H, W] sRGB in 0..1: the sheet, its long side `long_side` px, with the picture amid the margins.

        It is as small as covers all that may be drawn on, and cut off there, or ("contain") as large as that contains.
        """
        rows, columns, scale = page.pixels(long_side)
        left, top, right, bottom = (round(side * scale) for side in page.inner)
        area = max(1, bottom - top), max(1, right - left)
        height, width = self.light.shape[2:]
        ratios = area[0] / height, area[1] / width
        ratio = max(ratios) if fit == "cover" else min(ratios)
        size = tuple(max(1, min(most, round(side * ratio))) for most, side in zip(area, (height, width), strict=True))
        seen = tuple(max(1, min(side, round(part / ratio))) for part, side in zip(size, (height, width), strict=True))
        whole = self._cut(*seen)._laid(page, *size)
        above, before = top + (area[0] - size[0]) // 2, left + (area[1] - size[1]) // 2
        sheet = torch.tensor(page.paper)[:, None, None].repeat(1, rows, columns)[None]
        sheet[:, :, above : above + size[0], before : before + size[1]] = whole
        return linear_to_srgb(sheet)

    def _cut(self, height: int, width: int) -> Picture:
        """The middle of it."""
        above, before = (self.light.shape[2] - height) // 2, (self.light.shape[3] - width) // 2
        part = (..., slice(above, above + height), slice(before, before + width))
        return Picture(self.light[part], self.opacity[part])

    def _laid(self, page: Page, rows: int, columns: int) -> Tensor:
        """[1, 3, rows, columns] in linear light: over the paper, resampled."""
        paper = torch.tensor(page.paper)[:, None, None]
        over = self.light * self.opacity + paper * (1 - self.opacity)
        return F.interpolate(over, (rows, columns), mode="bilinear", antialias=True).clamp(0, 1)
