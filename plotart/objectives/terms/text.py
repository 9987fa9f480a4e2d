"""Words: what a drawing is to show, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, Factor, TermConfig
from plotart.schema.values import File, Length, OneProblem, TextLine

if TYPE_CHECKING:
    from plotart.objectives.losses.text import Words

Prompt = Annotated[TextLine, Field(min_length=1)]
Prompts = Annotated[Prompt | Annotated[tuple[Prompt, ...], Field(strict=False, min_length=1)], OneProblem()]


class TextTerm(TermConfig):
    """Draw what words say, as CLIP reads them: needs `pip install 'plotart[text]'`, and 605 MB of weights."""

    goal = True

    type: Literal["text"] = Field(description="Which kind of term this is.")
    prompt: Prompts = Field(description="What to draw, in English; several prompts count the same.")
    avoid: Prompts | None = Field(default=None, description="What not to draw.")
    avoid_weight: Factor = Field(
        default=0.3, ge=0, description="How much avoid counts.", json_schema_extra={"unit": "factor"}
    )
    views: int = Field(
        default=4,
        ge=1,
        le=64,
        description="In how many random views CLIP looks at each step.",
        json_schema_extra={"unit": "count"},
    )
    region: tuple[Length, Length, Length, Length] | None = Field(
        default=None, strict=False, description="[left, top, right, bottom] of the part of the sheet that it looks at."
    )
    weights: File | None = Field(
        default=None, description="A weights file of open_clip's ViT-B-32, in place of the published one."
    )
    weight: float = Field(default=1.0, gt=0, description="Factor on the term.")

    def build(self, context: Context) -> Words:
        """Raises MissingError, WeightsError, NetworkError, DrawingError."""
        from plotart.networks.clip import Clip, load_clip
        from plotart.objectives.losses.text import Words
        from plotart.objectives.region import Region

        if self.region is not None:
            Region.box(self.region, context.page)  # raises DrawingError if none of it is on the sheet
        clip: Clip = context.once(("clip", self.weights), lambda: load_clip(self.weights))
        clip.image.to(context.device)
        prompts, avoid = _all(self.prompt), _all(self.avoid)
        return Words(clip, prompts, avoid, avoid_weight=self.avoid_weight, views=self.views, box=self.region)


def _all(prompts: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (prompts,) if isinstance(prompts, str) else prompts or ()
