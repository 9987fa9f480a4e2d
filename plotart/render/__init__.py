"""Strokes to images, differentiably. See `rasterize`."""

from plotart.render.ink import opaque, transparent
from plotart.render.rasterize import missing, rasterize, register_backend
from plotart.render.scene import Backend, Scene
from plotart.render.visible import visible_ink

__all__ = [
    "Backend",
    "Scene",
    "missing",
    "opaque",
    "rasterize",
    "register_backend",
    "transparent",
    "visible_ink",
]
