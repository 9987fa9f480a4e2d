"""Length: spare ink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.objectives.term_config import Context, TermConfig

if TYPE_CHECKING:
    from plotart.objectives.losses.length import Length


class LengthTerm(TermConfig):
    """Spare ink: the length of the strokes counts as a loss."""

    type: Literal["length"] = Field(description="Which kind of term this is.")
    weight: float = Field(ge=0, description="Factor on the term.")

    def build(self, context: Context) -> Length:
        from plotart.objectives.losses.length import Length

        return Length()
