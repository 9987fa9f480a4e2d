"""Diversity: be unlike drawings that are already made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, Layers, NetworkTerm
from plotart.schema.values import File

if TYPE_CHECKING:
    from plotart.objectives.losses.diversity import Diversity

_VGG = ("conv3_2", "conv4_2")
_LAYERS = {"motif": ("conv4_2", "conv5_2"), "vgg16": _VGG, "vgg19": _VGG}


class DiversityTerm(NetworkTerm):
    """Make each drawing of a series another one: what it has in common with those before counts as a loss."""

    type: Literal["diversity"] = Field(description="Which kind of term this is.")
    others: Annotated[tuple[File, ...], Field(min_length=1)] = Field(
        strict=False, description="Drawings to be unlike: run folders, or pictures."
    )
    layers: Layers | None = Field(default=None, description="Layers that compare; conv4_2 and conv5_2 of motif.")
    weight: float = Field(default=3.0, ge=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return self.layers or self.usual(_LAYERS)

    def build(self, context: Context) -> Diversity:
        """A run's picture is its true.png if it drew pixels, else its preview.png."""
        from plotart.objectives.losses.diversity import Diversity
        from plotart.objectives.picture import Picture

        others = []
        for path in self.others:
            if path.is_dir():
                path = path / ("true.png" if (path / "true.png").is_file() else "preview.png")
            others.append(Picture.read(path).sized(context.long_side, context.page))
        return Diversity(context.network(self), self.looks_at, others)
