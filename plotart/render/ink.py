"""Inks as reflectance and transmittance: a layer turns the light `below` into R + T * below, per channel."""

from __future__ import annotations

import torch
from torch import Tensor


def opaque(rgb: Tensor, opacity: Tensor | float = 1.0) -> tuple[Tensor, Tensor]:
    """Covering paint: SVG's and diffvg's "over". rgb [N, 3], opacity [N] or one number -> R, T [N, 3]."""
    alpha = torch.as_tensor(opacity, dtype=rgb.dtype, device=rgb.device)
    alpha = alpha.reshape(-1, 1) if alpha.ndim else alpha
    return alpha * rgb, (1 - alpha) * torch.ones_like(rgb)


def transparent(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Filtering dye: `rgb` [N, 3] is its colour over white. -> R = 0, T = rgb, [N, 3]."""
    return torch.zeros_like(rgb), rgb
