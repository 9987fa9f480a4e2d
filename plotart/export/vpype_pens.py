"""The pens of a drawing for vpype's command `pens`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from plotart.export.drawing import Drawing
from plotart.export.format import Format
from plotart.pens import PenSet
from plotart.pens.catalogue import PenFile
from plotart.pens.formats import write_pens


class VpypePensFormat(Format):
    """The pens for vpype's command `pens`: pens.toml."""

    type: Literal["vpype-pens"] = Field(description="Which files these are.")

    def write(self, drawing: Drawing) -> dict[str, str]:
        """The pen configuration `plotart`, which numbers pens as plot.svg numbers its layers."""
        pens = PenSet([layer.pen.but(name=layer.title) for layer in drawing.layers])
        return {"pens.toml": write_pens(PenFile(pens), "vpype", "plotart")}
