"""Colours as people write them, sRGB and linear light, spaces, differences."""

from plotart.color.rgb import RGB, linear, luminance, parse_color, to_hex, to_srgb

__all__ = ["RGB", "linear", "luminance", "parse_color", "to_hex", "to_srgb"]
