"""Pictures seen askew: random perspectives and crops on the paper's colour, as CLIPDraw looks at drawings (Frans,
Soros, Witkowski 2021, "CLIPDraw: Exploring Text-to-Drawing Synthesis through Language-Image Encoders")."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.render.upload import upload

#: Share of half a side by which each corner may be drawn inward, either way.
_DISTORTION = 0.5
#: Least and greatest share of the askew picture's area that a crop has, and ratio of its sides.
_AREA, _RATIO = (0.7, 0.9), (3 / 4, 4 / 3)


def straight() -> Tensor:
    """[1, 3, 3]: one view, the square as it is; see `askew`."""
    return torch.eye(3)[None]


def askew(count: int, random: torch.Generator) -> Tensor:
    """[count, 3, 3]: how each view sees a square. Each takes a place (x, y, 1) in the view, -1 to 1 along either side,
    to that in the square, up to a factor.

    The square's corners are drawn inward, each by its own way; a part of that is cut out and stretched to a view.
    """

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=random, dtype=torch.float64) * (high - low) + low

    corners = torch.tensor([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=torch.float64).expand(count, 4, 2)
    perspective = _homography(corners * uniform(1 - _DISTORTION, 1, 4, 2), corners)
    area = uniform(*_AREA)
    ratio = torch.exp(uniform(*torch.tensor(_RATIO).log().tolist()))
    half = torch.stack([area * ratio, area / ratio], dim=1).sqrt().clamp_max(1)
    crop = torch.zeros(count, 3, 3, dtype=torch.float64)
    crop[:, 0, 0], crop[:, 1, 1], crop[:, 2, 2] = half[:, 0], half[:, 1], 1
    crop[:, :2, 2] = uniform(-1, 1, 2) * (1 - half)
    return (perspective @ crop).float()


def in_squares(images: Tensor, paper: Tensor, places: Tensor, side: int) -> Tensor:
    """images [B, 3, h, w] over paper [3], each amid a square of paper, -> [V, 3, side, side]: the views of `places`
    [V, 3, 3], by turns of one image and the next; differentiable in the images."""
    shrink = side / max(images.shape[2:])
    if shrink < 1:  # a view takes one value for each of its pixels, and thin lines must not fall between them
        size = [max(1, round(length * shrink)) for length in images.shape[2:]]
        images = F.interpolate(images, size=size, mode="area")
    height, width = images.shape[2:]
    along = (2 * torch.arange(side) + 1) / side - 1
    y, x = torch.meshgrid(along, along, indexing="ij")
    found = torch.stack([x, y, torch.ones_like(x)], dim=-1) @ places.transpose(1, 2)[:, None]
    grid = found[..., :2] / found[..., 2:] * (max(height, width) / torch.tensor([width, height]))
    around = upload(paper, images)[:, None, None]
    ink = (images - around).repeat(-(-len(places) // len(images)), 1, 1, 1)[: len(places)]
    return F.grid_sample(ink, upload(grid, images), padding_mode="zeros", align_corners=False) + around


def _homography(start: Tensor, end: Tensor) -> Tensor:
    """[B, 3, 3]: the perspectives that take four places [B, 4, 2] to four others."""
    rows = []
    for axis in (0, 1):
        plain = torch.cat([start, torch.ones_like(start[..., :1])], dim=2)
        none = torch.zeros_like(plain)
        scaled = -end[..., axis, None] * start
        rows.append(torch.cat([plain, none, scaled] if axis == 0 else [none, plain, scaled], dim=2))
    wanted = torch.cat([end[..., 0], end[..., 1]], dim=1)
    found = torch.linalg.solve(torch.cat(rows, dim=1), wanted)
    return torch.cat([found, torch.ones_like(found[:, :1])], dim=1).reshape(-1, 3, 3)
