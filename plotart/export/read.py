"""An SVG as the lines that a plotter would draw, layer by layer, in millimetres."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plotart.errors import DrawingError, UnitError
from plotart.export.clip import EDGE
from plotart.export.document import document_layers
from plotart.export.drawing import Drawing
from plotart.export.outlined import outlined_drawing
from plotart.export.paint_scan import PaintScan
from plotart.export.painted import MOST_COLORS, made_of_pens, painted_drawing
from plotart.export.painting import Painting
from plotart.export.read_painting import TOLERANCE, read_marks
from plotart.export.safe_xml import MAX_BYTES, check_svg, element_names
from plotart.files.bounded import TooLarge, read_bytes
from plotart.geometry.units import MILLIMETRES, to_mm

if TYPE_CHECKING:
    import vpype

#: mm: length of the pieces that curves are cut into.
PIECE = 0.02

#: mm: what lies further out than this was not meant for paper.
ABSURD = 100_000.0

#: Elements that make no curve.
STRAIGHT = {"svg", "g", "line", "polyline", "polygon"}

#: Pieces for the curves of a whole file; with more curve than these make up, the pieces get longer.
MAX_PIECES = 4_000_000


def read_drawing(path: Path | str, *, as_pens: bool = False) -> Drawing:
    """Reads any SVG, cut at the page's edges. Raises DrawingError, which names the file.

    Where each layer is of one colour and width, or each colour of a file without layers of one width, those are pens,
    read through vpype: labels such as ``!2+s50 Black 03`` tell name and handling (plotart.export.labels); layers whose
    label begins with ``%`` are left out, as no plotter draws them. Any other file is painted: a layer for each run of
    paths that look alike.

    as_pens  layers are pens, whatever they look like, as plotters' software has it: one with no colour, or with
             several, is black; one with no width, with several, or an absurd one, has a nib of 0.3 mm
    """
    drawing, painting = _read_either(path, as_pens=as_pens)
    return drawing if painting is None else painted_drawing(painting)


def read_plot(path: Path | str) -> Drawing:
    """Reads any SVG as a plotter draws it that fills nothing, cut at the page's edges: pens where `read_drawing` finds
    pens, and of any other file a layer for each colour and width (plotart.export.outlined). Raises DrawingError, which
    names the file."""
    drawing, painting = _read_either(path)
    if painting is None:
        return drawing
    outlined = outlined_drawing(painting)
    if not outlined.layers:
        raise DrawingError(f"{path}: no lines to draw: all that it shows lies beyond its page, or is white")
    return outlined


def _read_either(path: Path | str, *, as_pens: bool = False) -> tuple[Drawing, Painting | None]:
    """The file as layers that are pens, and what it paints where they are none."""
    data = _bytes(path)
    try:
        drawing = _drawing(data)
        if as_pens:
            return drawing, None
        scan = PaintScan(data)
        painting = _painting(data, drawing, scan) if scan.differs else None
        if painting is not None and not (made_of_pens(painting.marks) and _keeps_colors(drawing, painting)):
            return drawing, painting
        return replace(drawing, left_out=scan.left_out), None
    except DrawingError as error:
        raise DrawingError(f"{path}: {error}") from None


def _keeps_colors(drawing: Drawing, painting: Painting) -> bool:
    """Whether every stroke has its colour: paths that nobody sees make vpype lose that of their layer."""
    return {mark.color for mark in painting.marks if not mark.is_fill} <= {layer.color for layer in drawing.layers}


def read_painting(path: Path | str) -> Painting:
    """Reads any SVG as what it paints, path by path. Raises DrawingError, which names the file."""
    data = _bytes(path)
    try:
        return _painting(data, _drawing(data), PaintScan(data))
    except DrawingError as error:
        raise DrawingError(f"{path}: {error}") from None


def _bytes(path: Path | str) -> bytes:
    try:
        return read_bytes(path, MAX_BYTES)
    except TooLarge as error:
        raise DrawingError(f"{path}: {error}; allowed: up to as many") from None
    except (OSError, ValueError) as error:  # ValueError: a null in the name
        raise DrawingError(f"{path}: can't be read ({getattr(error, 'strerror', None) or error})") from None


def _painting(data: bytes, drawing: Drawing, scan: PaintScan) -> Painting:
    """What a file paints of which a drawing was read."""
    tolerance = max(TOLERANCE, _curve_length(data) / MAX_PIECES)
    try:
        marks = read_marks(data, scan, tolerance)
    except Exception as error:
        raise DrawingError(f"can't be read as a picture ({type(error).__name__}: {error})") from None
    return Painting(drawing.width, drawing.height, marks, scan.left_out)


def _drawing(data: bytes) -> Drawing:
    size = _size(check_svg(data))
    try:
        # Measuring takes half as long as reading, and files of our own have nothing to measure.
        pieces = 0.0 if element_names(data) <= STRAIGHT else _curve_length(data) / MAX_PIECES
        document = _read(data, max(PIECE, pieces) / MILLIMETRES["px"])
        width, height = size or (float(side) * MILLIMETRES["px"] for side in document.page_size or (0, 0))
    except DrawingError:
        raise
    except Exception as error:
        raise DrawingError(f"can't be read as a drawing ({type(error).__name__}: {error})") from None

    if not (0 < width <= ABSURD and 0 < height <= ABSURD):
        raise DrawingError(f"a page of {width:g} x {height:g} mm")
    for line in (line for layer in document.layers.values() for line in layer):
        _check_reach(np.abs(line).max() * MILLIMETRES["px"])
    if document.is_empty():
        raise DrawingError("no lines to draw: it has no paths or shapes (text must be turned into paths)")
    # svgelements' millimetre is half a millionth too long: what lies on the page's edge must not be cut for it.
    document.crop(-EDGE, -EDGE, width / MILLIMETRES["px"] * (1 + EDGE), height / MILLIMETRES["px"] * (1 + EDGE))
    plotted = {number: document.layers[number] for number in sorted(document.layers)}
    plotted = {number: lines for number, lines in plotted.items() if not _is_note(lines)}
    if not plotted:
        raise DrawingError("no lines to draw: all its layers are notes, as their labels begin with %")
    layers = document_layers({number: lines for number, lines in plotted.items() if len(lines)})
    if not layers:
        raise DrawingError(f"all its lines lie beyond its page of {width:g} x {height:g} mm")
    return Drawing(width, height, layers)


def _read(data: bytes, quantization: float) -> vpype.Document:
    """A vpype document, curves in pieces of `quantization` px; of a file without layers, a layer per colour."""
    import vpype

    document = vpype.read_multilayer_svg(io.BytesIO(data), quantization=quantization, crop=False)
    if len(document.layers) != 1 or next(iter(document.layers.values())).property("vp_color") is not None:
        return document
    by_color = vpype.read_svg_by_attributes(io.BytesIO(data), ["stroke"], quantization=quantization, crop=False)
    if not 1 < len(by_color.layers) <= MOST_COLORS:
        return document
    for lines in by_color.layers.values():
        color: Any = lines.property("vp_color")
        lines.set_property("vp_name", color.as_rgb_hex() if color is not None else "no colour")
    return by_color


def _size(attributes: dict[str, str]) -> tuple[float, float] | None:
    """Width and height in mm that <svg> has; None where its viewBox tells, in px. Raises DrawingError."""
    sides = [attributes.get(side, "").strip() for side in ("width", "height")]
    if all(sides) and "%" not in "".join(sides):
        try:  # a bare number is px in SVG
            width, height = (to_mm(side if side[-1].isalpha() else f"{side}px") for side in sides)
            return width, height
        except UnitError as error:
            raise DrawingError(f"its size: {error}") from None
    if "viewBox" not in attributes:
        raise DrawingError("has no size: <svg> needs a width and a height, as in width='148mm' height='210mm'")
    return None


def _is_note(lines: vpype.LineCollection) -> bool:
    """Whether AxiDraw's software would take the layer as documentation, as of vpype's pen-up lines."""
    return str(lines.property("vp_name") or "").lstrip().startswith("%")


def _curve_length(data: bytes) -> float:
    """An upper bound in mm of the length of all curves. Raises DrawingError for absurd ones.

    vpype cuts curves into pieces of a given length as it reads: one that reaches to the moon must not get there.
    """
    from svgelements import SVG, Arc, CubicBezier, Path, Polygon, Polyline, QuadraticBezier, Shape, SimpleLine

    total = 0.0
    for element in SVG.parse(io.BytesIO(data)).elements():
        if not isinstance(element, Shape) or isinstance(element, (Polygon, Polyline, SimpleLine)):
            continue
        for segment in element if isinstance(element, Path) else element.segments():
            if isinstance(segment, Arc):
                length = abs(segment.sweep) * max(segment.rx, segment.ry)
                reach = [segment.start, segment.center, segment.end]
            elif isinstance(segment, (CubicBezier, QuadraticBezier)):
                reach = list(segment)
                length = sum(abs(complex(b) - complex(a)) for a, b in pairwise(reach))
            else:
                continue
            _check_reach(max(length, *(abs(complex(point)) for point in reach)) * MILLIMETRES["px"])
            total += length * MILLIMETRES["px"]
    return total


def _check_reach(distance: float) -> None:
    if not math.isfinite(distance) or distance > ABSURD:
        raise DrawingError(f"coordinates reach further than {ABSURD / 1000:g} m from the page")
