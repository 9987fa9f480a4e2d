"""A drawing as a vpype document, for vpype's writers: G-code, HPGL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plotart.export.drawing import Drawing
from plotart.geometry.units import MILLIMETRES

if TYPE_CHECKING:
    import vpype

#: vpype's unit, the CSS pixel.
PX_PER_MM = 1 / MILLIMETRES["px"]


def to_document(drawing: Drawing) -> vpype.Document:
    """The drawing in vpype's px (96 an inch), page size too: layers 1.. in plotting order, each with its pen's name,
    colour and nib (vp_name, vp_color, vp_pen_width)."""
    import vpype

    document = vpype.Document(page_size=(drawing.width * PX_PER_MM, drawing.height * PX_PER_MM))
    for number, layer in enumerate(drawing.layers, 1):
        lines = vpype.LineCollection((line[:, 0] + 1j * line[:, 1]) * PX_PER_MM for line in layer.lines)
        lines.set_property("vp_name", layer.name)
        lines.set_property("vp_color", vpype.Color(layer.color))
        lines.set_property("vp_pen_width", layer.width * PX_PER_MM)
        document.layers[number] = lines
    return document
