"""Style: draw as a model is drawn, whatever it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, Factor, Layers, NetworkTerm
from plotart.schema.values import File

if TYPE_CHECKING:
    from plotart.objectives.losses.style import Style

_VGG = ("conv1_2", "conv2_2", "conv3_2", "conv4_2")
_LAYERS = {"motif": ("conv2_2", "conv3_2", "conv4_2", "conv5_2"), "vgg16": _VGG, "vgg19": _VGG}


class StyleTerm(NetworkTerm):
    """Draw as a model is drawn: with its lines, textures and colours, whatever it shows."""

    goal = True

    type: Literal["style"] = Field(description="Which kind of term this is.")
    file: File = Field(description="The model, a picture: PNG, JPEG, WebP, TIFF ...")
    layers: Layers | None = Field(default=None, description="Layers that see the style; conv2_2 to conv5_2 of motif.")
    scale: Factor = Field(
        default=1.0, gt=0, le=8, description="How large the model is: at 1 its long side is as long as the sheet's."
    )
    weight: float = Field(default=1.0, gt=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return self.layers or self.usual(_LAYERS)

    def build(self, context: Context) -> Style:
        from plotart.objectives.losses.style import Style
        from plotart.objectives.picture import Picture

        model = Picture.read(self.file).on(context.page)
        image = model.sized(max(1, round(context.long_side * self.scale)), context.page)
        return Style(context.network(self), self.looks_at, image)
