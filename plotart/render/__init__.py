"""Strokes to images, differentiably. See `rasterize`."""

from plotart.render.ink import opaque, transparent
from plotart.render.rasterize import BACKENDS, rasterize
from plotart.render.visible import visible_ink

__all__ = ["BACKENDS", "opaque", "rasterize", "transparent", "visible_ink"]
