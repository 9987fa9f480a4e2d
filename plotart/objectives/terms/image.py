"""Likeness: draw this picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from plotart.geometry.page import Page
from plotart.objectives.fit import Fit
from plotart.objectives.term_config import Context, Factor, Layers, NetworkTerm, Share
from plotart.objectives.tones import Tones
from plotart.schema.problems import Problems, problem
from plotart.schema.values import File, Length

if TYPE_CHECKING:
    from torch import Tensor

    from plotart.objectives.losses.image import Likeness
    from plotart.objectives.picture import Picture

_LAYERS = dict.fromkeys(("motif", "vgg16", "vgg19"), ("conv2_2", "conv3_2", "conv4_2"))


class ImageTerm(NetworkTerm):
    """Draw a photograph: its white is the paper, its tones are the density of lines."""

    goal = True

    type: Literal["image"] = Field(description="Which kind of term this is.")
    file: File = Field(description="The photograph or picture: PNG, JPEG, WebP, TIFF ...")
    fit: Fit = Field(
        default="cover", description="Fill what is inside the margins, cutting off what is too much, or fit into it."
    )
    tones: Tones | None = Field(
        default=None, description="How its tones are brought to what the pens reach; null = they are drawn as they are."
    )
    mask: File | None = Field(
        default=None,
        description="A picture of the same shape: white where the picture counts, black where it does not.",
    )
    background: Literal["keep", "white"] = Field(
        default="keep", description="What is not the mask's, or without one not the subject, is drawn or left bare."
    )
    attention: Share = Field(
        default=0.0, description="How far what stands out less fades into the paper; 1 leaves little else."
    )
    sight: Annotated[Length, Field(gt=0)] | None = Field(
        default=None, description="How finely the sheet is seen: the blur by which tones are compared; null = coarsely."
    )
    layers: Layers | None = Field(
        default=None, description="Layers that compare what is seen; conv2_2 to conv4_2 by default."
    )
    features: Factor = Field(
        default=0.3,
        ge=0,
        description="How much counts what the network sees; 0 needs none.",
        json_schema_extra={"unit": "factor"},
    )
    color: Factor = Field(
        default=3.0,
        ge=0,
        description="How much tone and colour count, as seen from afar.",
        json_schema_extra={"unit": "factor"},
    )
    edges: Factor = Field(
        default=0.3,
        ge=0,
        description="How much counts that lines lie where edges are.",
        json_schema_extra={"unit": "factor"},
    )
    weight: float = Field(default=1.0, gt=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return (self.layers or self.usual(_LAYERS)) if self.features else ()

    def build(self, context: Context) -> Likeness:
        from plotart.objectives.losses.image import Likeness

        sheet = self.sheet(context.page, context.long_side, context.reach)
        network = context.network(self) if self.features else None
        weights = {"features": self.features, "color": self.color, "edges": self.edges}
        return Likeness(sheet, network, self.looks_at, **weights, sight=self.sight)

    def sheet(self, page: Page, long_side: int, reach: tuple[float, float]) -> Tensor:
        """[1, 3, H, W] sRGB: the sheet as it should look, its long side `long_side` px; `reach` as in `Context`. Raises
        ImageError."""
        from plotart.objectives.picture import Picture

        picture = Picture.read(self.file)
        weight = self._weight(picture)
        if self.tones is not None:
            picture = self.tones.of(picture, reach)
        if weight is not None:
            picture = replace(picture, opacity=picture.opacity * weight)
        return picture.on(page).on_sheet(page, long_side, self.fit)

    def mask_on_sheet(self, path: Path, page: Page, long_side: int) -> Tensor:
        """[H, W], 0 to 1: where the sheet has what is white in a mask of the picture. Raises ImageError."""
        from plotart.objectives.picture import Picture

        picture = Picture.read(self.file)
        white = Page(page.width, page.height, page.margin, "#000000")
        mask = picture.mask(path).expand(-1, 3, -1, -1)
        return replace(picture, light=mask).on_sheet(white, long_side, self.fit)[0, 0]

    def _weight(self, picture: Picture) -> Tensor | None:
        """[1, 1, h, w]: how much of the picture there is to be."""
        from plotart.objectives.attention import attention, subject

        weight = None
        if self.mask is not None:
            weight = picture.mask(self.mask)
        elif self.background == "white":
            weight = subject(picture.light[0])[None, None]
        if self.attention:
            fading = 1 - self.attention * (1 - attention(picture.light[0])[None, None])
            weight = fading if weight is None else weight * fading
        return weight

    @model_validator(mode="after")
    def _looks_for_something(self) -> ImageTerm:
        if not (self.features or self.color or self.edges):
            raise Problems(problem((), "features, color and edges of 0", "one of them above 0"))
        return self
