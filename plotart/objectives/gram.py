"""Gram matrices: which channels of a layer occur together, wherever that may be."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def gram(features: Tensor, *, centered: bool = False) -> Tensor:
    """features [B, C, h, w], before their relu -> [C, C]: the channels' products behind it, summed over positions of
    all views, over channels x positions, so that neither the image's size nor the layer's sets the scale (Gatys,
    Ecker, Bethge 2015, "A Neural Algorithm of Artistic Style").

    centered: of what the channels have above their means, which bare paper and drawings have in common.
    """
    found = F.relu(features).transpose(0, 1).flatten(1)
    if centered:
        found = found - found.mean(dim=1, keepdim=True)
    return found @ found.T / found.numel()
