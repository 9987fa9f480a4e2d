"""Overdraw: no more ink in a place than paper takes."""

from __future__ import annotations

from torch import Tensor

from plotart.geometry.page import Page
from plotart.objectives.density import density, drawable
from plotart.objectives.term import InkedStrokes, StrokeTerm
from plotart.render.upload import upload


class Overdraw(StrokeTerm):
    """Mean, over the area that may be drawn on, of the squares of the layers of ink above `pen` of one pen and above
    `paper` of all together: paper takes so much ink, then it warps, and wet lines bleed."""

    name = "overdraw"

    def __init__(self, pen: float = 1.5, paper: float = 2.5) -> None:
        self.pen, self.paper = pen, paper

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        layers = density(strokes, page)
        beyond = (layers - self.pen).clamp_min(0).square().sum(dim=0)
        beyond = beyond + (layers.sum(dim=0) - self.paper).clamp_min(0).square()
        return beyond.sum() / upload(drawable(page), beyond).sum()
