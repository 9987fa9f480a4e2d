"""A renderer: plotart's reference."""

from __future__ import annotations

from torch import Tensor

from plotart.render import Scene
from plotart.render.reference import rasterize_reference


def rasterize_plain(scene: Scene) -> Tensor:
    return rasterize_reference(scene)
