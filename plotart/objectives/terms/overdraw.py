"""Overdraw: no more ink in a place than paper takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from torch import Tensor

from plotart.geometry.page import Page
from plotart.objectives.density import density, drawable
from plotart.objectives.term import InkedStrokes, StrokeTerm
from plotart.objectives.term_config import Context, TermConfig
from plotart.render.upload import upload

Inks = Annotated[float, Field(gt=0, json_schema_extra={"unit": "layers"})]


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


class OverdrawTerm(TermConfig):
    """Spare the paper: where more layers of ink lie than it takes, they count as a loss."""

    type: Literal["overdraw"] = Field(description="Which kind of term this is.")
    pen: Inks = Field(default=1.5, description="Layers of one pen's ink that cost nothing, over about 2 mm.")
    paper: Inks = Field(default=2.5, description="Layers of all pens' ink that cost nothing, over about 2 mm.")
    weight: float = Field(default=1.0, ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Overdraw:
        return Overdraw(self.pen, self.paper)
