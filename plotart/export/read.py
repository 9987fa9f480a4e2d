"""An SVG as the lines that a plotter would draw, layer by layer, in millimetres."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

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
from plotart.export.safe_xml import MAX_BYTES, check_svg
from plotart.export.svg_layers import Complex, SvgLayer, layers_by_group, layers_by_stroke
from plotart.files.bounded import TooLarge, read_bytes
from plotart.geometry.units import MILLIMETRES, to_mm

if TYPE_CHECKING:
    from svgelements import SVG

#: mm: length of the pieces that curves are cut into.
PIECE = 0.02

#: mm: what lies further out than this was not meant for paper.
ABSURD = 100_000.0

#: Pieces for the curves of a whole file; with more curve than these make up, the pieces get longer.
MAX_PIECES = 4_000_000


def read_drawing(path: Path | str, *, as_pens: bool = False) -> Drawing:
    """Reads any SVG, cut at the page's edges. Raises DrawingError, which names the file.

    Where each layer is of one colour and width, or each colour of a file without layers of one width, those are pens,
    as vpype reads them (plotart.export.svg_layers): labels such as ``!2+s50 Black 03`` tell name and handling
    (plotart.export.labels); layers whose label begins with ``%`` are left out, as no plotter draws them. Any other file
    is painted: a layer for each run of paths that look alike.

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
        svg = _Svg(data)
        drawing = _drawing(svg)
        if as_pens:
            return drawing, None
        scan = PaintScan(data)
        painting = _painting(svg, drawing, scan) if scan.differs else None
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
        svg = _Svg(data)
        return _painting(svg, _drawing(svg), PaintScan(data))
    except DrawingError as error:
        raise DrawingError(f"{path}: {error}") from None


def _bytes(path: Path | str) -> bytes:
    try:
        return read_bytes(path, MAX_BYTES)
    except TooLarge as error:
        raise DrawingError(f"{path}: {error}; allowed: up to as many") from None
    except (OSError, ValueError) as error:  # ValueError: a null in the name
        raise DrawingError(f"{path}: can't be read ({getattr(error, 'strerror', None) or error})") from None


class _Svg:
    """A file's bytes, found well and parsed once: `size`, width and height in mm where it says them, and its `root`.
    Raises DrawingError, without the file's name."""

    def __init__(self, data: bytes) -> None:
        from svgelements import SVG

        self.size = _size(check_svg(data))
        try:
            self.root = SVG.parse(io.BytesIO(data))
        except Exception as error:
            raise _unreadable("drawing", error) from None
        if self.root is None:
            raise DrawingError("no lines to draw: all of it is hidden (display: none)")

    @cached_property
    def curve_length(self) -> float:
        """An upper bound in mm of the length of all curves. Raises DrawingError for absurd ones."""
        return _curve_length(self.root)


def _painting(svg: _Svg, drawing: Drawing, scan: PaintScan) -> Painting:
    """What a file paints of which a drawing was read."""
    tolerance = max(TOLERANCE, svg.curve_length / MAX_PIECES)
    try:
        marks = read_marks(svg.root, scan, tolerance)
    except Exception as error:
        raise _unreadable("picture", error) from None
    return Painting(drawing.width, drawing.height, marks, scan.left_out)


def _drawing(svg: _Svg) -> Drawing:
    try:
        found = _layers(svg.root, max(PIECE, svg.curve_length / MAX_PIECES) / MILLIMETRES["px"])
        width, height = svg.size or (float(side) * MILLIMETRES["px"] for side in (svg.root.width, svg.root.height))
    except DrawingError:
        raise
    except Exception as error:
        raise _unreadable("drawing", error) from None

    if not (0 < width <= ABSURD and 0 < height <= ABSURD):
        raise DrawingError(f"a page of {width:g} x {height:g} mm")
    for line in (line for layer in found.values() for line in layer):
        _check_reach(np.abs(line).max() * MILLIMETRES["px"])
    if not found:
        raise DrawingError("no lines to draw: it has no paths or shapes (text must be turned into paths)")
    plotted = {number: layer for number, layer in sorted(found.items()) if not _is_note(layer)}
    if not plotted:
        raise DrawingError("no lines to draw: all its layers are notes, as their labels begin with %")
    # svgelements' millimetre is half a millionth too long: what lies on the page's edge must not be cut for it.
    right, bottom = (side / MILLIMETRES["px"] * (1 + EDGE) for side in (width, height))
    for layer in plotted.values():
        layer.lines = [part for line in layer.lines for part in _within(line, (-EDGE, -EDGE, right, bottom))]
    layers = document_layers({number: layer for number, layer in plotted.items() if len(layer)})
    if not layers:
        raise DrawingError(f"all its lines lie beyond its page of {width:g} x {height:g} mm")
    return Drawing(width, height, layers)


def _unreadable(what: str, error: Exception) -> DrawingError:
    return DrawingError(f"can't be read as a {what} ({type(error).__name__}: {error})")


def _layers(root: SVG, quantization: float) -> dict[int, SvgLayer]:
    """Curves in pieces of `quantization` px; of a file without layers, a layer per colour."""
    layers = layers_by_group(root, quantization)
    if len(layers) != 1 or next(iter(layers.values())).property("vp_color") is not None:
        return layers
    by_color = layers_by_stroke(root, quantization)
    if not 1 < len(by_color) <= MOST_COLORS:
        return layers
    for layer in by_color.values():
        color = layer.property("vp_color")
        layer.properties["vp_name"] = color.as_rgb_hex() if color is not None else "no colour"
    return by_color


def _within(line: Complex, box: tuple[float, float, float, float]) -> list[Complex]:
    """The parts of a line in the box (left, top, right, bottom) in px."""
    left, top, right, bottom = box
    if line.real.min() >= left and line.real.max() <= right and line.imag.min() >= top and line.imag.max() <= bottom:
        return [line]
    from vpype import crop

    parts: list[Complex] = crop(line, *box)
    return parts


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


def _is_note(layer: SvgLayer) -> bool:
    """Whether AxiDraw's software would take the layer as documentation, as of vpype's pen-up lines."""
    return str(layer.property("vp_name") or "").lstrip().startswith("%")


def _curve_length(root: SVG) -> float:
    """An upper bound in mm of the length of all curves. Raises DrawingError for absurd ones.

    Curves are cut into pieces of a given length: one that reaches to the moon must not get there.
    """
    from svgelements import Arc, CubicBezier, Path, Polygon, Polyline, QuadraticBezier, Shape, SimpleLine

    total = 0.0
    for element in root.elements():
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
