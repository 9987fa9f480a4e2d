"""Tones of a picture, brought to those that pens can reach on the paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from plotart.color.light import srgb_to_linear
from plotart.color.spaces import from_space, linear_to_oklab2
from plotart.objectives.picture import Picture

#: Side of the tiles of the local contrast, as a share of the picture's short side, and its limit of contrast.
TILE, LIMIT = 1 / 6, 0.012

#: px of a side, and a range of lightness, below which a picture has no contrasts of its own.
SMALLEST, FLAT = 16, 0.05

#: The px that are looked at for the darkest and the lightest.
SAMPLE = 200_000


def toned(
    picture: Picture,
    reach: tuple[float, float],
    *,
    black: float,
    white: float,
    contrast: float,
    lift: float,
    local: float,
) -> Picture:
    """The picture with its lightness between the least and the greatest of `reach` (OKLab, 0 to 1), for white paper
    or black; hue and chroma stay. The other numbers are those of `plotart.objectives.tones.Tones`."""
    lab = linear_to_oklab2(picture.light[0].movedim(0, -1))
    lightness = _local(lab[..., 0].clamp(0, 1), local)
    low, high = _ends(lightness, picture.opacity[0, 0], black, white)
    share = ((lightness - low) / max(high - low, 1e-3)).clamp(0, 1) ** (1 / lift)
    share = _steeper(share, contrast)
    found = torch.cat([(reach[0] + share * (reach[1] - reach[0]))[..., None], lab[..., 1:]], dim=-1)
    return replace(picture, light=srgb_to_linear(from_space(found, "oklab2")).movedim(-1, 0)[None])


def _ends(lightness: Tensor, opacity: Tensor, black: float, white: float) -> tuple[float, float]:
    """The picture's own black and white; all of a picture in one tone is as light as it was."""
    seen = lightness[opacity > 0.5]
    seen = seen[:: max(1, len(seen) // SAMPLE)]
    if not len(seen):
        return 0.0, 1.0
    low, high = (float(seen.quantile(share)) for share in (black, 1 - white))
    return (low, high) if high - low > FLAT else (0.0, 1.0)


def _local(lightness: Tensor, local: float) -> Tensor:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld, 1994), as much of it as is wanted."""
    if not local or min(lightness.shape) < SMALLEST or float(lightness.max() - lightness.min()) < FLAT:
        return lightness
    from skimage.exposure import equalize_adapthist

    side = max(4, round(TILE * min(lightness.shape)))
    equal = equalize_adapthist(lightness.double().numpy(), kernel_size=side, clip_limit=LIMIT)
    return lightness + local * (torch.from_numpy(np.asarray(equal)).to(lightness) - lightness)


def _steeper(share: Tensor, contrast: float) -> Tensor:
    """An S through 0, 1/2 and 1, as steep as `contrast` in the middle (Schlick's gain)."""
    low = 0.5 * (2 * share.clamp_max(0.5)) ** contrast
    return torch.where(share < 0.5, low, 1 - 0.5 * (2 * (1 - share).clamp_max(0.5)) ** contrast)
