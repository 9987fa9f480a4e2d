"""Drawings as vpype documents, and vpype documents as drawings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from plotart.errors import DrawingError, PenError
from plotart.export.drawing import Drawing, Layer
from plotart.export.labels import layer_label, parse_label
from plotart.export.wells import PROPERTY, with_well
from plotart.geometry.units import MILLIMETRES
from plotart.pens import Pen, PenSet
from plotart.pens.pen import WIDEST

if TYPE_CHECKING:
    import vpype

#: vpype's unit, the CSS pixel.
PX_PER_MM = 1 / MILLIMETRES["px"]

#: mm: what layers that don't say so are drawn with.
DEFAULT_WIDTH = 0.3

#: What of a pen vpype has no property for, nor a label room; a layer's properties have it as plotart_ink and so on.
KEPT = ("ink", "opacity", "max_distance")


class PropertyLines(Protocol):
    """Lines as complex points in vpype's px, and what is known of them by vpype's names: a layer of vpype's, or one of
    plotart.export.svg_layers."""

    def __iter__(self) -> Iterator[NDArray[np.complex128]]: ...

    def property(self, name: str, /) -> Any: ...


def to_document(drawing: Drawing) -> vpype.Document:
    """The drawing in vpype's px (96 an inch), page size too: layers 1.. in plotting order, each with its pen's name,
    colour and nib (vp_name, vp_color, vp_pen_width)."""
    import vpype

    document = vpype.Document(page_size=(drawing.width * PX_PER_MM, drawing.height * PX_PER_MM))
    for number, layer in enumerate(drawing.layers, 1):
        lines = to_lines(layer)
        lines.set_property("vp_name", layer.name)
        lines.set_property("vp_color", vpype.Color(layer.color))
        lines.set_property("vp_pen_width", layer.width * PX_PER_MM)
        document.layers[number] = lines
    return document


def to_lines(layer: Layer) -> vpype.LineCollection:
    """A layer's lines in vpype's px, without properties."""
    import vpype

    return vpype.LineCollection((line[:, 0] + 1j * line[:, 1]) * PX_PER_MM for line in layer.lines)


def put_pen(lines: vpype.LineCollection, pen: Pen, number: int, refill: int = 0) -> None:
    """The layer `number` is drawn with the pen: its label is the layer's name, as in plot.svg, beside colour and nib.
    What else is known of the pen is in properties that begin with plotart_."""
    import vpype

    lines.set_property("vp_name", layer_label(number, pen, refill))
    lines.set_property("vp_color", vpype.Color(pen.color))
    lines.set_property("vp_pen_width", pen.width * PX_PER_MM)
    for key in KEPT:
        lines.set_property(f"plotart_{key}", getattr(pen, key))


def to_drawing(document: vpype.Document) -> Drawing:
    """What a plotter draws of the document: its layers in the order of their numbers, without those that are empty.

    Layers' names are read as labels (plotart.export.labels). Raises DrawingError where there is no page, or nothing to
    draw, and PenError for what no pen can have.
    """
    if document.page_size is None:
        raise DrawingError("there is no page; give it a size first, as by vpype's pagesize or layout")
    width, height = (float(side) * MILLIMETRES["px"] for side in document.page_size)
    layers = document_layers({number: lines for number, lines in sorted(document.layers.items()) if len(lines)})
    if not layers:
        raise DrawingError("there are no lines to draw")
    return Drawing(width, height, layers)


def document_layers(found: Mapping[int, PropertyLines]) -> tuple[Layer, ...]:
    """Layers by their numbers, in plotting order, as layers with the handling that their labels tell. Raises PenError.

    All refills of a pen are announced by a pause: whether the pen itself is, its first layer tells.
    """
    layers: list[Layer] = []
    pauses: dict[str, bool] = {}
    for number, lines in found.items():
        label = parse_label(_printable(str(lines.property("vp_name") or "")) or f"Layer {number}", first=not layers)
        pause = pauses.setdefault(label.name, label.pause)
        color: Any = lines.property("vp_color")
        width = float(lines.property("vp_pen_width") or 0.0) * MILLIMETRES["px"]
        pen = Pen(
            _printable(label.name) or f"Layer {number}",
            color.as_rgb_hex() if color is not None else "#000000",
            round(width, 4) if 0.001 < width < WIDEST else DEFAULT_WIDTH,
            speed=label.speed,
            height=label.height,
            delay=label.delay,
            pause=pause if label.refill else label.pause,
        )
        if (well := lines.property(PROPERTY)) is not None:
            pen = with_well(pen, str(well))
        pen = _with_kept(pen, lines, number)
        drawn = [np.column_stack([line.real, line.imag]) * MILLIMETRES["px"] for line in lines]
        layers.append(Layer(pen, drawn, label.refill))
    return tuple(layers)


def _with_kept(pen: Pen, lines: PropertyLines, number: int) -> Pen:
    """The pen with what properties say of it that begin with plotart_. Raises PenError for what no pen can have."""
    kept = {key: value for key in KEPT if (value := lines.property(f"plotart_{key}")) is not None}
    if not kept:
        return pen
    try:
        return PenSet.read([pen.model_dump(mode="json") | kept])[0]
    except PenError as error:
        raise PenError(f"layer {number}: plotart_{str(error).removeprefix('pens.0.')}") from None


def _printable(text: str) -> str:
    """The text with spaces for characters that can't be printed; "" where nothing is left to be read."""
    text = "".join(c if c.isprintable() else " " for c in text)
    return text if text.strip() else ""
