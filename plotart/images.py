"""Pictures from files of any kind, as sRGB."""

from __future__ import annotations

import io
import os
import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageCms, ImageOps

from plotart.color import RGB
from plotart.errors import ImageError

if TYPE_CHECKING:
    from torch import Tensor

#: What Pillow opens here. Formats that start other programs (EPS) or hold no picture of their own are left out.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")

_DAMAGED = (OSError, ValueError, SyntaxError, struct.error, EOFError, IndexError, TypeError)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def open_rgba(path: Path | str, *, longest: int | None = None) -> Image.Image:
    """A picture as 8-bit sRGB with opacity, its first frame, turned as its EXIF data says; its long side is made at
    most `longest` px. Palettes, greys, 16 bits, CMYK and embedded colour profiles are converted.

    Raises ImageError, which names the file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                image.load()
                if longest is not None:
                    # Palettes and bit maps have no values between theirs.
                    image = image.convert("RGBA") if image.mode in ("P", "PA", "1") else image
                    image.thumbnail((longest, longest))
                return ImageOps.exif_transpose(_rgba(image))
    except (*_DAMAGED, *_BOMBS) as error:
        found = "is a folder" if os.path.isdir(path) else str(error).replace(str(path), "the file")
        raise ImageError(
            f"{path}: {found}; allowed is a picture ({', '.join(FORMATS)}) of at most {Image.MAX_IMAGE_PIXELS:,} px"
        ) from None


def read_image(path: Path | str, *, paper: RGB = (1.0, 1.0, 1.0), longest: int | None = None) -> Tensor:
    """[3, H, W] sRGB in 0..1: the picture, over paper of that colour (sRGB) where it is transparent.

    Raises ImageError.
    """
    import numpy as np
    import torch

    from plotart.light import linear_to_srgb, srgb_to_linear

    values = torch.from_numpy(np.asarray(open_rgba(path, longest=longest), dtype=np.uint8).copy()).permute(2, 0, 1)
    image, opacity = values[:3].float() / 255, values[3:].float() / 255
    if bool((opacity == 1).all()):
        return image
    below = srgb_to_linear(torch.tensor(paper))[:, None, None]
    return linear_to_srgb(srgb_to_linear(image) * opacity + below * (1 - opacity))


def _rgba(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGBA")
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            opacity = image.getchannel("A") if image.mode == "RGBA" else None
            plain = image.convert("RGB") if image.mode == "RGBA" else image
            converted = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            assert converted is not None
            result = converted.convert("RGBA")
            if opacity is not None:
                result.putalpha(opacity)
            return result
        except (ImageCms.PyCMSError, *_DAMAGED):
            pass  # a damaged profile: viewers show the values as they are, and so does this
    return image.convert("RGBA")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits, of 32 that hold 16, or of floats in 0..1 (or 0..255), which Pillow would cut off at 255."""
    import numpy as np

    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    floats_to_one = image.mode == "F" and values.max(initial=0) <= 1
    values = values * (255 if floats_to_one else 1) if image.mode == "F" else values / 257
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))
