"""Strokes to images, differentiably. See `rasterize`."""

from plotart.render.ink import opaque, transparent
from plotart.render.rasterize import BACKENDS, rasterize

__all__ = ["BACKENDS", "opaque", "rasterize", "transparent"]
