"""How much of each stroke's ink can be seen."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.render.rasterize import rasterize


def visible_ink(
    points: Tensor,
    num_points: Tensor,
    stroke_width: Tensor,
    transmittance: Tensor,
    *,
    size: tuple[int, int],
    oversample: int = 2,
    backend: str = "auto",
) -> Tensor:
    """[N] px² of each stroke's ink that can be seen: its coverage, times what the strokes above let through.

    points [P, 2] in px, num_points [N], stroke_width [N] px, transmittance [N, 3]: as in `rasterize`, in plotting
    order; the mean over the three channels. Ink off the image is not seen.

    A stroke adds  c * reflectance  to a pixel, and each stroke j above it leaves  1 - c_j + c_j * transmittance_j  of
    that. So the visible ink is the gradient of the image's sum with respect to the reflectance, which the renderer
    computes anyway. The colours of ink and paper don't matter. (With `two_flux` they would; it is not used here.)
    """
    with torch.enable_grad():
        reflectance = torch.zeros_like(transmittance).requires_grad_()
        image = rasterize(
            points.detach(),
            num_points,
            stroke_width.detach(),
            reflectance,
            transmittance.detach(),
            size=size,
            oversample=oversample,
            backend=backend,
        )
        (gradient,) = torch.autograd.grad(image.sum(), reflectance)
    return gradient.mean(dim=1)
