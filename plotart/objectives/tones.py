"""How a picture's tones are brought to those that pens can reach on the paper: what a config says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from plotart.objectives.term_config import Share
from plotart.schema.model import Model

if TYPE_CHECKING:
    from plotart.objectives.picture import Picture


class Tones(Model):
    """How a picture's tones are brought to those that the pens reach on the paper."""

    black: Share = Field(
        default=0.01, lt=0.5, description="Share of the picture, its darkest, that is as dark as the pens get."
    )
    white: Share = Field(default=0.01, lt=0.5, description="Share of the picture, its lightest, that is left bare.")
    contrast: float = Field(
        default=1.0,
        gt=0,
        le=5,
        description="Steepness of the middle tones; 1 is the picture's.",
        json_schema_extra={"unit": "factor"},
    )
    lift: float = Field(
        default=1.0,
        gt=0,
        le=5,
        description="Below 1 the middle tones are darker, above 1 lighter.",
        json_schema_extra={"unit": "factor"},
    )
    local: Share = Field(
        default=0.25, description="How much each part of the picture gets a contrast of its own: detail in shades."
    )

    def of(self, picture: Picture, reach: tuple[float, float]) -> Picture:
        """The picture with its lightness between the least and the greatest of `reach` (OKLab, 0 to 1), for white paper
        or black; hue and chroma stay."""
        from plotart.objectives.toning import toned

        return toned(picture, reach, **self.model_dump())
