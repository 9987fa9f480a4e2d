"""An exporter: a text with a row for each line."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from plotart.export.drawing import Drawing
from plotart.export.format import Format


class LinesFormat(Format):
    """Lines as text."""

    type: Literal["lines"] = Field(description="Which files these are.")
    name: str = Field(default="lines", description="The file, without its .txt.")

    def write(self, drawing: Drawing) -> dict[str, str]:
        rows = [
            f"{layer.name}: {' '.join(f'{x:.2f},{y:.2f}' for x, y in line)}\n"
            for layer in drawing.layers
            for line in layer.lines
        ]
        return {f"{self.name}.txt": "".join(rows)}

    def note(self, drawing: Drawing) -> str:
        return f"lines of {len(drawing.layers)} pens"
