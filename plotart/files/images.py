"""Pictures from files of any kind, as sRGB."""

from __future__ import annotations

import io
import os
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageCms, ImageFile, ImageOps, JpegImagePlugin, UnidentifiedImageError

from plotart.color import RGB
from plotart.errors import ImageError

if TYPE_CHECKING:
    from torch import Tensor

#: What Pillow opens here. Formats that start other programs (EPS) or hold no picture of their own are left out.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")

#: Bytes that a picture may take while it is read: 208 Mpx of a JPEG in colour, 312 Mpx of other colour pictures.
MOST_BYTES = 1_250_000_000

#: Bytes a px of one of which every pixel counts: three floats, so that 104 Mpx are allowed.
WHOLE = 12

#: px of the long side of a picture whose colours or tones are wanted, and not its pixels.
FINEST = 2048

#: Rows that are worked on at once.
BAND = 64

#: Held while Pillow's own limit, of a number of pixels whatever they take, is set aside.
_LIMIT = threading.Lock()


def open_rgba(path: Path | str, *, longest: int | None = None) -> Image.Image:
    """A picture as 8-bit sRGB with opacity, its first frame, turned as its EXIF data says; its long side is made at
    most `longest` px, of a JPEG while it is decoded. Palettes, greys, 16 bits, CMYK and embedded colour profiles are
    converted.

    Raises ImageError, which names the file; for what would take more than MOST_BYTES too, with WHOLE bytes a px at
    least where there is no `longest`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tags and chunks that are odd, and passed over
            with _opened(path) as image:
                taken = max(_taken(image), WHOLE * image.width * image.height if longest is None else 0)
                if taken > MOST_BYTES:
                    raise ValueError(f"{image.width:,} x {image.height:,} px, which take {taken / 1e9:.3g} GB")
                if longest is not None:
                    if image.mode in ("P", "PA", "1"):  # which have no values between theirs
                        image = image.convert("RGBA")
                    elif image.mode.startswith(("I", "F")):  # of 16 bits, of which Pillow takes no means
                        image = _eight_bits(image)
                    image.thumbnail((longest, longest))
                return ImageOps.exif_transpose(_rgba(image))
    except Exception as error:  # damaged files make decoders raise nearly anything
        raise ImageError(
            f"{path}: {_found(path, error)}; allowed is a picture ({', '.join(FORMATS)}) that takes up to "
            f"{MOST_BYTES / 1e9:g} GB"
        ) from None


def png_bytes(picture: Image.Image, *, small: bool = False) -> bytes:
    """The picture as a PNG file; `small` takes longer."""
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=small)
    return data.getvalue()


def read_image(
    path: Path | str, *, paper: RGB = (1.0, 1.0, 1.0), longest: int | None = None, as_bytes: bool = False
) -> Tensor:
    """[3, H, W] sRGB in 0..1, or bytes: the picture, over paper of that colour (sRGB) where it is transparent.

    Raises ImageError.
    """
    import numpy as np
    import torch

    from plotart.color.light import linear_to_srgb, srgb_to_linear

    picture = open_rgba(path, longest=longest)
    image = torch.empty((3, picture.height, picture.width), dtype=torch.uint8 if as_bytes else torch.float32)
    below = srgb_to_linear(torch.tensor(paper))[:, None, None]
    # In bands, since a large picture's numbers between the first and the last would take more memory than both.
    for top, part in zip(range(0, picture.height, BAND), image.split(BAND, dim=1), strict=True):
        rows = np.array(picture.crop((0, top, picture.width, top + part.shape[1])))
        values = torch.from_numpy(rows).permute(2, 0, 1)
        opaque = int(values[3].min()) == 255
        if opaque and as_bytes:
            part.copy_(values[:3])
            continue
        srgb, opacity = values[:3] / 255, values[3:] / 255
        if not opaque:
            srgb = linear_to_srgb(srgb_to_linear(srgb) * opacity + below * (1 - opacity))
        part.copy_((srgb * 255).round() if as_bytes else srgb)
    return image


def _opened(path: Path | str) -> ImageFile.ImageFile:
    """Nothing is decoded yet."""
    with _LIMIT:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(path, formats=FORMATS)
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _taken(image: Image.Image) -> int:
    """Bytes that the whole picture takes in its decoder, before it is made smaller."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        each = 2 * len(image.getbands())  # the coefficients of one that comes in several scans
    elif image.format == "WEBP":
        each = 16  # two canvases for frames, what is handed over, and the picture
    elif image.mode in ("P", "PA", "1"):
        each = 5
    elif image.mode.startswith(("I", "F")):
        each = 9  # in four bytes, as floats, and in one
    else:
        each = 1 if image.mode == "L" else 4
    return image.width * image.height * each


def _found(path: Path | str, error: Exception) -> str:
    if os.path.isdir(path):
        return "is a folder"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, UnidentifiedImageError):
        return "no picture that is known here"
    return f"can't be read ({getattr(error, 'strerror', None) or error})"


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

    values = np.nan_to_num(np.array(image, dtype=np.float32), copy=False)
    if image.mode != "F":
        values /= 257
    elif values.max(initial=0) <= 1:
        values *= 255
    return Image.fromarray(values.round(out=values).clip(0, 255, out=values).astype(np.uint8))
