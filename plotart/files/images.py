"""Pictures from files of any kind, as sRGB."""

from __future__ import annotations

import io
import os
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

#: px of a picture that is opened only to be made smaller (Pillow's own limit), and of one of which every pixel counts.
LARGEST = 89_478_485
LARGEST_WHOLE = 20_000_000

#: Rows that are worked on at once.
BAND = 64


def open_rgba(path: Path | str, *, longest: int | None = None) -> Image.Image:
    """A picture as 8-bit sRGB with opacity, its first frame, turned as its EXIF data says; its long side is made at
    most `longest` px. Palettes, greys, 16 bits, CMYK and embedded colour profiles are converted.

    Raises ImageError, which names the file; for more than LARGEST px too, or LARGEST_WHOLE without `longest`.
    """
    most = LARGEST_WHOLE if longest is None else LARGEST
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tags and chunks that are odd, and passed over
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > most:
                    raise ValueError(f"a picture of {image.width:,} x {image.height:,} px")
                image.load()
                if longest is not None:
                    # Palettes and bit maps have no values between theirs.
                    image = image.convert("RGBA") if image.mode in ("P", "PA", "1") else image
                    image.thumbnail((longest, longest))
                return ImageOps.exif_transpose(_rgba(image))
    except Exception as error:  # damaged files make decoders raise nearly anything
        found = "is a folder" if os.path.isdir(path) else str(error).replace(str(path), "the file")
        raise ImageError(
            f"{path}: {found}; allowed is a picture ({', '.join(FORMATS)}) of at most {most:,} px"
        ) from None


def png_bytes(picture: Image.Image, *, small: bool = False) -> bytes:
    """The picture as a PNG file; `small` takes longer."""
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=small)
    return data.getvalue()


def read_image(path: Path | str, *, paper: RGB = (1.0, 1.0, 1.0), longest: int | None = None) -> Tensor:
    """[3, H, W] sRGB in 0..1: the picture, over paper of that colour (sRGB) where it is transparent.

    Raises ImageError.
    """
    import numpy as np
    import torch

    from plotart.color.light import linear_to_srgb, srgb_to_linear

    values = torch.from_numpy(np.asarray(open_rgba(path, longest=longest), dtype=np.uint8).copy()).permute(2, 0, 1)
    image = torch.empty((3, *values.shape[1:]))
    below = srgb_to_linear(torch.tensor(paper))[:, None, None]
    # In bands, since a large picture's numbers between the first and the last would take more memory than both.
    for part, band in zip(image.split(BAND, dim=1), values.split(BAND, dim=1), strict=True):
        torch.div(band[:3], 255, out=part)
        opacity = band[3:].float() / 255
        if bool((opacity < 1).any()):
            part.copy_(linear_to_srgb(srgb_to_linear(part) * opacity + below * (1 - opacity)))
    return image


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
        except Exception:
            pass  # a damaged profile: viewers show the values as they are, and so does this
    return image.convert("RGBA")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits, of 32 that hold 16, or of floats in 0..1 (or 0..255), which Pillow would cut off at 255."""
    import numpy as np

    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    floats_to_one = image.mode == "F" and values.max(initial=0) <= 1
    values = values * (255 if floats_to_one else 1) if image.mode == "F" else values / 257
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))
