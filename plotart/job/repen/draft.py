"""A picture as lines of pens."""

from __future__ import annotations

import torch

from plotart.color import to_srgb
from plotart.color.light import srgb_to_linear
from plotart.export.painting import Painting
from plotart.geometry.page import Page
from plotart.job.repen.inked import Cut, Inked, sample_points
from plotart.job.repen.seen import seen_lanes
from plotart.palette.recipes import Recipes
from plotart.pens import PenSet


def draft(painting: Painting, pens: PenSet, page: Page) -> list[Inked]:
    """The picture in the pens, on the page that it fits: lanes of what is seen, and of each stretch of about one colour
    the recipe that comes closest on the paper."""
    lanes = seen_lanes(painting, pens)
    if not lanes:
        return []
    points, counts = sample_points(lanes)
    light = srgb_to_linear(torch.from_numpy(painting.colors_at(points, to_srgb(page.paper))))
    cut = Cut.of(lanes, light, counts)
    return cut.inked(cut.mean(light), Recipes(pens, page.paper))
