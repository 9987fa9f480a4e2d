"""A drawing as a plotter sees it, and on its way to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plotart.export.layered import Layer, Layered, Line
from plotart.export.svg import plot_svg
from plotart.files.atomic import write_file

__all__ = ["Drawing", "Layer", "Line"]


@dataclass(frozen=True, eq=False)
class Drawing(Layered):
    """A page of `width` x `height` mm and its layers in plotting order; no layer is empty.

    painted   its layers are no pens but paint: each covers what lies below, by its pen's opacity, as SVG has it
    left_out  what of the file it was read from is not in it, in words
    """

    painted: bool = False
    left_out: tuple[str, ...] = ()

    def save(self, path: Path | str) -> Path:
        """Writes the text of plot.svg, whole or not at all, and its folder if need be. Raises OutputError."""
        return write_file(Path(path), plot_svg(self))
