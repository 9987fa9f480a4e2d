"""How networks see a run's drawing."""

from __future__ import annotations

from plotart.config import Config
from plotart.geometry.page import Page
from plotart.objectives import Chooser, RandomViews, RandomWindows, Views, Windows


def build_views(config: Config, page: Page) -> tuple[Chooser, tuple[Views, ...]]:
    """How the networks see each step, and in what figures are taken."""
    augment, side = config.augment, config.render.crop
    if side is None:
        views = RandomViews(augment.views, augment.shift, augment.scale, augment.rotate, augment.size)
        return views, (Views.still(),)
    windows = RandomWindows(augment.views, side, augment.scale, augment.rotate)
    return windows, tuple(Windows.tiling(page, config.render.resolution, side))
