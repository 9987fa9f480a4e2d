"""An SVG's layers in px, as vpype's reader finds them, of a file that svgelements has parsed once.

The same rules, lines and properties as `vpype.read_multilayer_svg` and `vpype.read_svg_by_attributes`
(tests/test_svg_layers.py). vpype itself brings SciPy and svgwrite along, which take longer to load than most drawings
take to read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plotart.export.wells import NAMESPACE, PROPERTY

if TYPE_CHECKING:
    from svgelements import SVG, Shape

#: [n] points of a line in px, as x + yi.
Complex = NDArray[np.complex128]

Properties = dict[str, Any]

#: A shape, and the segments that it draws.
Drawn = tuple[Any, Iterable[Any]]

_LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"
_WELL = f"{{{NAMESPACE}}}well"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Rgba:
    """A stroke's colour in 0..255; black where it has none."""

    red: int
    green: int
    blue: int
    alpha: int

    @classmethod
    def of(cls, color: Any) -> Rgba:
        if color is None or color.value is None:
            return cls(0, 0, 0, 255)
        return cls(color.red, color.green, color.blue, color.alpha)

    def as_rgb_hex(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


@dataclass(eq=False)
class SvgLayer:
    """Lines in px, and those properties that all paths of the layer have alike: vp_name, vp_color, vp_pen_width, and
    the well of a pen."""

    lines: list[Complex] = field(default_factory=list)
    properties: Properties = field(default_factory=dict)

    def __iter__(self) -> Iterator[Complex]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def property(self, name: str) -> Any:
        return self.properties.get(name)


def layers_by_group(svg: SVG, quantization: float) -> dict[int, SvgLayer]:
    """Groups right under <svg> by the number in their label, or in their id, or else their place; what is in no group
    is on layer 1. Curves are cut into pieces of `quantization` px; none is empty."""
    from svgelements import Group

    found: dict[int, SvgLayer] = {}
    loose = _layer(_drawn(svg), svg, quantization)
    if loose.lines:
        found[1] = loose
    for place, group in enumerate((element for element in svg if isinstance(element, Group)), 1):
        layer = _layer(_drawn(group.select()), svg, quantization)
        if not layer.lines:
            continue
        label = group.values.get(_LABEL)
        number = _layer_number(label, group.values.get("id"), place)
        if number in found:
            layer.lines[:0] = found[number].lines
            layer.properties = _alike(found[number].properties, layer.properties)
        if label is not None:
            layer.properties["vp_name"] = label
        found[number] = layer
    return found


def layers_by_stroke(svg: SVG, quantization: float) -> dict[int, SvgLayer]:
    """What is stroked alike, wherever it is, on one layer, from 1, in the order in which strokes first come."""
    strokes: dict[Any, list[Drawn]] = {}
    for shape, segments in _drawn(svg.select()):
        strokes.setdefault(shape.values.get("stroke"), []).append((shape, segments))
    layers = (_layer(drawn, svg, quantization) for drawn in strokes.values())
    return dict(enumerate((layer for layer in layers if layer.lines), 1))


def _drawn(elements: Iterable[Any]) -> Iterator[Drawn]:
    """What is not hidden and draws something, and what it draws."""
    for element in elements:
        if element.values.get("visibility") not in ("hidden", "collapse"):
            segments = _segments(element)
            if segments is not None:
                yield element, segments


def _layer(drawn: Iterable[Drawn], svg: SVG, quantization: float) -> SvgLayer:
    layer, properties = SvgLayer(), None
    for shape, segments in drawn:
        own = _properties(shape, svg)
        properties = own if properties is None else _alike(properties, own)
        layer.lines += (line for line in _lines(segments, quantization) if len(line) > 1)
    layer.properties = properties or {}
    return layer


def _layer_number(label: str | None, name: str | None, place: int) -> int:
    digits = _NUMBER.search(label or "") or _NUMBER.search(name or "")
    return max(int(digits.group()), 1) if digits else place


def _properties(shape: Shape, svg: SVG) -> Properties:
    properties = {"vp_color": Rgba.of(shape.stroke), "vp_pen_width": shape.stroke_width}
    well = shape.values.get(_WELL)
    # svgelements hands down what <svg> has, which is no layer's own.
    if well is not None and well != svg.values.get(_WELL):
        properties[PROPERTY] = well
    return properties


def _alike(one: Properties, other: Properties) -> Properties:
    return dict(one.items() & other.items())


def _segments(element: Any) -> Iterable[Any] | None:
    """What a path or a shape draws; None for what draws nothing."""
    from svgelements import Close, Move, Path, Polygon, Polyline, Shape

    if isinstance(element, (Polyline, Polygon)):  # by far the quickest as they are
        closing = [Close(element.points[-1], element.points[0])] if isinstance(element, Polygon) else []
        return [Move(element.points[0]), element, *closing]
    if not isinstance(element, Shape):
        return None
    path = element if isinstance(element, Path) else Path(element)
    if path is not element:
        path.reify()  # where the shape could not take in its transform, the path can
    return path if len(path) else None


def _lines(segments: Iterable[Any], quantization: float) -> Iterator[Complex]:
    """The parts of a path, from one move to the next; what goes on from where it is has no point twice for it."""
    from svgelements import Move

    parts: list[Complex] = []
    for segment in segments:
        if isinstance(segment, Move):
            if parts:
                yield np.concatenate(parts)
            parts = [np.array([complex(segment.end)])]
            continue
        points = _points(segment, quantization)
        if parts and parts[-1][-1] == points[0]:
            points = points[1:]
        if len(points):
            parts.append(points)
    if parts:
        yield np.concatenate(parts)


def _points(segment: Any, quantization: float) -> Complex:
    """A segment's points, from its start on: of a curve those of pieces of about `quantization` px."""
    from svgelements import Arc, Close, Line, Polygon, Polyline

    if isinstance(segment, (Polyline, Polygon)):
        return _complex(np.array(segment.points, dtype=float))
    if isinstance(segment, (Line, Close)) or (isinstance(segment, Arc) and 0 in (segment.rx, segment.ry)):
        start, end = complex(segment.start), complex(segment.end)
        return np.array([start, end] if end != start else [start])
    steps = max(2, math.ceil(segment.length() / quantization))
    return _complex(segment.npoint(np.linspace(0, 1, steps)))


def _complex(points: NDArray[np.float64]) -> Complex:
    return points.view(complex).reshape(len(points))
