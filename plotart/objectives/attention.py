"""What matters most in a picture, found without anything learned: where a person would look first.

A place stands out by colours that the picture's border does not have (what runs off the edge is ground: Wei et al.,
"Geodesic saliency using background priors", 2012), by detail, and somewhat by lying near the middle.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from plotart.color.spaces import linear_to_oklab2
from plotart.quantize.kmeans import kmeans

#: px of the long side at which a picture is looked at.
SIDE = 96

#: Share of the sides that is the border; colours that it has, at most; the middle's spread, as a share of the sides.
BORDER, GROUNDS, MIDDLE = 0.04, 5, 0.38

#: What is sure to be subject, and to be ground: quantiles of what stands out.
SUBJECT, GROUND = 0.82, 0.40

Array = NDArray[np.float64]


def attention(light: Tensor) -> Tensor:
    """light [3, H, W], linear -> [H, W], 0 to 1: how much each place stands out. Even pictures have 1 all over."""
    small = _small(light)
    found = _standing_out(linear_to_oklab2(small.movedim(0, -1)).double().numpy())
    return _large(found, light)


def subject(light: Tensor) -> Tensor:
    """light [3, H, W], linear -> [H, W], 0 to 1: what is not background (random walks from what is sure to be the
    one or the other: Grady, 2006). 1 all over where nothing stands out."""
    from skimage.segmentation import random_walker

    small = linear_to_oklab2(_small(light).movedim(0, -1)).double().numpy()
    found = _standing_out(small)
    low, high = np.quantile(found, GROUND), np.quantile(found, SUBJECT)
    if high - low < 0.05:
        return torch.ones(light.shape[1:])
    sure = np.zeros(found.shape, int)
    sure[found >= high], sure[found <= low] = 1, 2
    inside = random_walker(small, sure, beta=400, channel_axis=-1, mode="bf", return_full_prob=True)[0]
    return _large(np.clip((inside - 0.35) / 0.3, 0, 1), light)


def _standing_out(lab: Array) -> Array:
    from scipy.ndimage import gaussian_filter

    rows, columns, _ = lab.shape
    rim = max(1, round(BORDER * min(rows, columns)))
    border = np.ones((rows, columns), bool)
    border[rim:-rim, rim:-rim] = False
    ground = torch.from_numpy(np.unique(lab[border].round(3), axis=0))
    count = min(GROUNDS, len(ground))
    grounds = kmeans(
        ground, torch.ones(len(ground), dtype=torch.float64), count, random=torch.Generator().manual_seed(0)
    )
    apart = torch.cdist(torch.from_numpy(lab.reshape(-1, 3)), grounds).amin(dim=1).reshape(rows, columns).numpy()
    detail = np.abs(lab[..., 0] - gaussian_filter(lab[..., 0], 2))
    y, x = np.mgrid[:rows, :columns]
    middle = np.exp(-(((y / rows - 0.48) / MIDDLE) ** 2 + ((x / columns - 0.5) / MIDDLE) ** 2) / 2)
    found = (gaussian_filter(apart, 1.5) + 2 * gaussian_filter(detail, 3)) * middle
    most = float(np.quantile(found, 0.98))
    return np.clip(found / most, 0, 1) if most > 0.02 else np.ones_like(found)


def _small(light: Tensor) -> Tensor:
    scale = min(1.0, SIDE / max(light.shape[1:]))
    size = [max(3, round(side * scale)) for side in light.shape[1:]]
    return F.interpolate(light[None], size, mode="bilinear", antialias=True)[0].clamp(0, 1)


def _large(found: Array, light: Tensor) -> Tensor:
    image = torch.from_numpy(np.ascontiguousarray(found)).float()[None, None]
    return F.interpolate(image, light.shape[1:], mode="bilinear", align_corners=False)[0, 0].clamp(0, 1)
