"""Coverage: a share of the paper under ink."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.geometry.page import Page
from plotart.objectives.density import density, drawable
from plotart.objectives.term import InkedStrokes, StrokeTerm
from plotart.render.upload import upload


class Coverage(StrokeTerm):
    """Square of the difference between the share of the area that may be drawn on that ink covers, and `share`.

    Layers of ink d cover 1 - exp(-d) of a cell, which is what lines laid at random would.
    """

    name = "coverage"

    def __init__(self, share: float) -> None:
        self.share = share

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        covered = 1 - torch.exp(-density(strokes, page).sum(dim=0))
        area = upload(drawable(page), covered)
        return ((covered * area).sum() / area.sum() - self.share).square()
