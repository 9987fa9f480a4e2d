"""How finely an eye sees a sheet from where it is looked at."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

#: Standard deviations that a blur reaches, and at how many of them its values are kept.
REACH, KEPT = 2.5, 1.0


def seen_from_afar(light: Tensor, sigma: float, scales: int) -> list[Tensor]:
    """light [B, C, h, w], linear -> as many pictures as there are scales: blurred by a Gaussian of `sigma` px, of twice
    as much, and so on, at about as few px as that leaves to be seen. Edges are held."""
    found = [_blurred(light, sigma)]
    while len(found) < scales:
        last = found[-1]
        found.append(
            F.avg_pool2d(last, 2, ceil_mode=True, count_include_pad=False) if min(last.shape[2:]) > 1 else last
        )
    return found


def _blurred(light: Tensor, sigma: float) -> Tensor:
    radius = max(1, round(REACH * sigma))
    at = torch.arange(-radius, radius + 1, device=light.device, dtype=light.dtype)
    weights = torch.exp(-0.5 * (at / max(sigma, 1e-3)) ** 2)
    weights = weights / weights.sum()
    stride, channels = max(1, round(KEPT * sigma)), light.shape[1]
    across = weights.expand(channels, 1, 1, -1)
    padded = F.pad(light, (radius, radius, radius, radius), mode="replicate")
    wide = F.conv2d(padded, across, stride=(1, stride), groups=channels)
    return F.conv2d(wide, across.transpose(2, 3), stride=(stride, 1), groups=channels)
