"""A finished drawing as photographs would show it: views of a kind that no way of drawing is trained with."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def photographs(image: Tensor, count: int, random: torch.Generator) -> Tensor:
    """image [1, 3, H, W] sRGB -> [count, 3, H, W].

    Each shows a part of the drawing, 65 to 95 % of either side, mirrored or not, through a lens that bulges or pinches,
    a little out of focus every other time, in light that falls from one side. Nothing beyond the paper is seen.
    """

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, 1, 1, generator=random) * (high - low) + low

    height, width = image.shape[2:]
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    bulge = 1 + uniform(-0.12, 0.12) * ((x.square() + y.square()) / 2 - 1)
    share = uniform(0.65, 0.95) / bulge.amax(dim=(1, 2), keepdim=True)
    mirrored = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    left, up = (uniform(-1, 1) * (1 - share * bulge.amax(dim=(1, 2), keepdim=True)) for _ in range(2))
    grid = torch.stack([share * bulge * x * mirrored + left, share * bulge * y + up], dim=-1)
    views = F.grid_sample(image.expand(count, -1, -1, -1), grid, padding_mode="border", align_corners=True)
    blurred = F.avg_pool2d(views, 3, stride=1, padding=1, count_include_pad=False)
    views = torch.where(torch.arange(count)[:, None, None, None] % 2 == 1, blurred, views)
    angle = uniform(0, 2 * math.pi)
    light = 1 - 0.15 * (1 + (x * angle.cos() + y * angle.sin()) / math.sqrt(2)) / 2
    return (views * light[:, None]).clamp(0, 1)
