"""Colours as people write them, and in linear light (IEC 61966-2-1); plain numbers, no tensors."""

from __future__ import annotations

from PIL import ImageColor

from plotart.errors import ColorError

RGB = tuple[float, float, float]

#: Linear light to relative luminance (CIE Y).
LUMINANCE = (0.2126, 0.7152, 0.0722)

#: The luminance from which black and white stand out alike (WCAG's contrast).
DARK = 0.18


def parse_color(text: str) -> RGB:
    """sRGB in 0..1 from ``"#1b1b1b"``, ``"rgb(27, 27, 27)"`` or a CSS name. Raises ColorError."""
    try:
        red, green, blue = ImageColor.getrgb(text)[:3]
    except (ValueError, AttributeError, TypeError):
        red = green = blue = 256
    if max(red, green, blue) > 255:
        raise ColorError(f"{text!r} is not a colour: allowed are #rrggbb, rgb(r, g, b) with 0 to 255, and CSS names")
    return red / 255, green / 255, blue / 255


def to_hex(srgb: RGB) -> str:
    """``"#rrggbb"`` of an sRGB colour in 0..1."""
    return "#" + "".join(f"{round(min(max(float(c), 0.0), 1.0) * 255):02x}" for c in srgb)


def linear(color: RGB) -> RGB:
    """An sRGB colour in 0..1 in linear light."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return red, green, blue


def to_srgb(light: RGB) -> RGB:
    """Linear light in 0..1 as an sRGB colour."""
    red, green, blue = (c * 12.92 if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in light)
    return red, green, blue


def luminance(light: RGB) -> float:
    """Relative luminance (CIE Y, D65) in 0..1 of a colour in linear light."""
    return sum(weight * c for weight, c in zip(LUMINANCE, light, strict=True))


def is_dark(light: RGB) -> bool:
    """Whether paper of that colour, in linear light, is so dark that white stands out from it more than black does."""
    return luminance(light) < DARK
