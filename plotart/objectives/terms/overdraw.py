"""Overdraw: no more ink in a place than paper takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, TermConfig

if TYPE_CHECKING:
    from plotart.objectives.losses.overdraw import Overdraw

Inks = Annotated[float, Field(gt=0, json_schema_extra={"unit": "layers"})]


class OverdrawTerm(TermConfig):
    """Spare the paper: where more layers of ink lie than it takes, they count as a loss."""

    type: Literal["overdraw"] = Field(description="Which kind of term this is.")
    pen: Inks = Field(default=1.5, description="Layers of one pen's ink that cost nothing, over about 2 mm.")
    paper: Inks = Field(default=2.5, description="Layers of all pens' ink that cost nothing, over about 2 mm.")
    weight: float = Field(default=1.0, ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Overdraw:
        from plotart.objectives.losses.overdraw import Overdraw

        return Overdraw(self.pen, self.paper)
