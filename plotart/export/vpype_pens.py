"""The pens of a drawing for vpype's command `pens`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from plotart.export.drawing import Drawing
from plotart.export.format import Format
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile
from plotart.pens.formats import write_pens


class VpypePensFormat(Format):
    """The pens for vpype's command `pens`: pens.toml."""

    type: Literal["vpype-pens"] = Field(description="Which files these are.")

    def write(self, drawing: Drawing) -> dict[str, str]:
        """The pen configuration `plotart`, which numbers pens as plot.svg numbers its layers."""
        pens = []
        for layer in drawing.layers:
            name = f"{layer.name} (refill {layer.refill})" if layer.refill else layer.name
            pens.append(Pen(name, layer.color, layer.width))
        return {"pens.toml": write_pens(PenFile(PenSet(pens)), "vpype", "plotart")}
