"""Palettes by Pillow's own methods, for comparison and for those who want what other programs do."""

from __future__ import annotations

import torch
from PIL import Image, features
from torch import Tensor

from plotart.errors import InputError

PILLOW_METHODS = {
    "median-cut": Image.Quantize.MEDIANCUT,
    "maximum-coverage": Image.Quantize.MAXCOVERAGE,
    "octree": Image.Quantize.FASTOCTREE,
    "libimagequant": Image.Quantize.LIBIMAGEQUANT,
}

#: What an image with a palette holds.
_MOST = 256


def pillow_palette(image: Tensor, n: int, method: str) -> Tensor:
    """[k, 3] sRGB in 0..1, k at most n: the colours that Pillow's picture uses of the n that it may.

    image: [3, H, W], uint8 or floats in 0..1. Raises InputError for more than 256 colours, and for libimagequant where
    Pillow was built without it.
    """
    if n > _MOST:
        raise InputError(f"{method}: {n} colours were asked for; Pillow's methods find at most {_MOST}")
    if method == "libimagequant" and not features.check_feature("libimagequant"):
        others = ", ".join(name for name in PILLOW_METHODS if name != method)
        raise InputError(
            f"libimagequant: this Pillow was built without it; there are {others} and plotart's own methods"
        )
    eights = image if image.dtype == torch.uint8 else (image.clamp(0, 1) * 255).round().to(torch.uint8)
    picture = Image.fromarray(eights.detach().cpu().permute(1, 2, 0).contiguous().numpy(), "RGB")
    reduced = picture.quantize(n, method=PILLOW_METHODS[method])
    palette = torch.tensor(reduced.getpalette("RGB")).reshape(-1, 3)
    used = torch.tensor(reduced.histogram()[: len(palette)]) > 0
    return palette[used].float() / 255
