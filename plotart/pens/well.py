"""A well: where a plotter fills a pen by itself, as a brush is dipped into a dish of ink."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from plotart.schema.model import Model
from plotart.schema.values import Length

#: mm: no well lies further from home, and nothing in it is wider.
FURTHEST, WIDEST = 2000.0, 200.0

FromHome = Annotated[Length, Field(ge=0, le=FURTHEST)]
Aside = Annotated[Length, Field(ge=-WIDEST, le=WIDEST)]


class Well(Model):
    """Where it stands, and how the pen is dipped into it: lowered, led to and fro, drawn over the rim, raised."""

    at: Annotated[tuple[FromHome, FromHome], Field(strict=False)] = Field(
        description="[right, down]: where it stands, from where the carriage has its home, along the machine's width "
        "and its height."
    )
    height: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="% of the lift's travel at which the pen is held in it; null = as it draws."
    )
    dwell: int = Field(default=500, ge=0, le=60_000, description="Milliseconds that the pen stays in it.")
    stir: Annotated[Length, Field(ge=0, le=WIDEST)] = Field(
        default=0.0, description="How far the pen is led to the right and back in it, three times."
    )
    wipe: Annotated[tuple[Aside, Aside], Field(strict=False)] | None = Field(
        default=None,
        description="[right, down]: how far the pen is drawn from there over the rim, held as it draws, before it is "
        "raised; null = not at all.",
    )
