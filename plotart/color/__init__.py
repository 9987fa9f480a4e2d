"""Colours as people write them, sRGB and linear light, spaces, differences."""

from plotart.color.rgb import LUMINANCE, RGB, is_dark, linear, luminance, parse_color, to_hex, to_srgb

__all__ = ["LUMINANCE", "RGB", "is_dark", "linear", "luminance", "parse_color", "to_hex", "to_srgb"]
