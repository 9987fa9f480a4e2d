"""A picture and a plot side by side, as they look from where lines blur."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.color import to_srgb
from plotart.color.difference import ciede2000
from plotart.color.light import srgb_to_linear
from plotart.color.spaces import linear_to_lab
from plotart.export.painting import Painting
from plotart.geometry.page import Page

#: mm: the standard deviation of the blur in which lines mix.
BLUR = 1.0

#: Looks within a px, along each side.
WITHIN = 2


def picture_of(painting: Painting, page: Page, resolution: int) -> Tensor:
    """[1, 3, H, W] sRGB: the picture on the page's paper, `resolution` px along the long side."""
    rows, columns, scale = page.pixels(resolution)
    x, y = ((np.arange(count * WITHIN) + 0.5) / (WITHIN * scale) for count in (columns, rows))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    colors = torch.from_numpy(painting.colors_at(points, to_srgb(page.paper))).float()
    fine = colors.reshape(rows * WITHIN, columns * WITHIN, 3).permute(2, 0, 1)[None]
    return F.avg_pool2d(fine, WITHIN)


def blurred(image: Tensor, px_per_mm: float, blur: float = BLUR) -> Tensor:
    """[1, 3, H, W] sRGB -> linear light, blurred by a Gaussian of `blur` mm; edges go on as they are."""
    sigma = blur * px_per_mm
    reach = math.ceil(3 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    weights = (weights / weights.sum()).to(image)
    light = F.pad(srgb_to_linear(image), (reach,) * 4, mode="replicate")
    down = F.conv2d(light, weights[None, None, :, None].expand(3, 1, -1, 1), groups=3)
    return F.conv2d(down, weights[None, None, None, :].expand(3, 1, 1, -1), groups=3)


def color_error(image: Tensor, wanted: Tensor, px_per_mm: float, blur: float = BLUR) -> float:
    """The mean CIEDE2000 between two pictures [1, 3, H, W] (sRGB), blurred."""
    lab = [linear_to_lab(blurred(each, px_per_mm, blur)[0].permute(1, 2, 0)) for each in (image, wanted)]
    return float(ciede2000(*lab).mean())
