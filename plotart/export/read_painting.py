"""An SVG's paths as marks: what SVG paints, path by path, in document order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from plotart.export.layered import Line
from plotart.export.paint_scan import PaintScan
from plotart.export.painting import Cap, Join, Mark
from plotart.geometry.bezier import bezier_points
from plotart.geometry.units import MILLIMETRES

if TYPE_CHECKING:
    from svgelements import SVG, Path, Shape

#: mm that straight pieces stray from curves.
TOLERANCE = 0.02

#: Opacity below which nothing is seen.
NOTHING = 0.01

_CAPS: dict[str, Cap] = {"butt": "flat", "round": "round", "square": "square"}
_JOINS: dict[str, Join] = {"miter": "mitre", "round": "round", "bevel": "bevel"}


def read_marks(root: SVG, scan: PaintScan, tolerance: float = TOLERANCE) -> tuple[Mark, ...]:
    """The marks of an SVG as svgelements parses it, each path's fill before its stroke, without those that nobody sees;
    straight pieces are within `tolerance` mm of curves."""
    from svgelements import Group, Shape

    found: list[Mark] = []
    layer = 0
    for element in root:
        layer += isinstance(element, Group)
        inner = element.select() if isinstance(element, Group) else [element]
        for shape in inner:
            if isinstance(shape, Shape) and shape.values.get("visibility") not in ("hidden", "collapse"):
                found += _marks(shape, layer if isinstance(element, Group) else 0, scan, tolerance)
    return tuple(found)


def _marks(shape: Shape, layer: int, scan: PaintScan, tolerance: float) -> Iterator[Mark]:
    from svgelements import Path

    lines = tuple(_lines(abs(Path(shape)), tolerance))
    if not lines:
        return
    values, whole = shape.values, _number(shape.values.get("opacity"), 1.0)
    color, opacity = _paint(shape.fill, values.get("fill"), scan)
    if opacity * whole > NOTHING and any(len(line) > 2 for line in lines):
        rule = "evenodd" if values.get("fill-rule") == "evenodd" else "nonzero"
        implied = values.get("fill") == "black" and not scan.black
        yield Mark(lines, color, 0.0, opacity * whole, layer, rule=cast(Any, rule), implied=implied)
    color, opacity = _paint(shape.stroke, values.get("stroke"), scan)
    width = float(shape.implicit_stroke_width or 0.0) * MILLIMETRES["px"]
    if opacity * whole > NOTHING and width > 0:
        cap, join = (
            _CAPS.get(values.get("stroke-linecap", ""), "flat"),
            _JOINS.get(values.get("stroke-linejoin", ""), "mitre"),
        )
        yield Mark(lines, color, width, opacity * whole, layer, cap, join)


def _paint(color: Any, said: str | None, scan: PaintScan) -> tuple[str, float]:
    """#rrggbb and opacity; 0 where nothing is painted."""
    from svgelements import Color

    if said and said.strip().startswith("url("):
        mean = scan.gradients.get(said.strip()[4:].partition(")")[0].strip("'\"# "))
        color = Color(mean) if mean else None
    if color is None or color.value is None:
        return "#000000", 0.0
    return f"#{color.red:02x}{color.green:02x}{color.blue:02x}", float(color.opacity)


def _lines(path: Path, tolerance: float) -> Iterator[Line]:
    """The parts of a path in mm."""
    from svgelements import Close, CubicBezier, Move, QuadraticBezier

    path.approximate_arcs_with_cubics()
    pieces: list[Line] = []
    for segment in path:
        if isinstance(segment, Move) or not pieces:
            yield from _joined(pieces)
            pieces = [_point(segment.end)]
        elif isinstance(segment, (CubicBezier, QuadraticBezier)):
            control = np.concatenate([_point(corner) for corner in segment])
            if len(control) == 3:
                control = np.stack([control[0], *((control[::2] + 2 * control[1]) / 3), control[2]])
            pieces.append(bezier_points(control, tolerance)[1:])
        else:
            pieces.append(_point(segment.end))
            if isinstance(segment, Close):
                first = pieces[0]
                yield from _joined(pieces)
                pieces = [first]
    yield from _joined(pieces)


def _joined(pieces: list[Line]) -> Iterator[Line]:
    """A part of two points and more, no two of them that follow each other equal but in a dot."""
    if len(pieces) < 2:
        return
    line = np.concatenate(pieces)
    if not np.isfinite(line).all():
        return
    differs = np.concatenate([[True], (np.diff(line, axis=0) != 0).any(axis=1)])
    yield line[differs] if differs.sum() > 1 else line[:2]


def _point(corner: Any) -> Line:
    return np.array([[corner.x, corner.y]], float) * MILLIMETRES["px"]


def _number(text: Any, usual: float) -> float:
    """An opacity, as a number or in percent."""
    try:
        value = float(str(text).strip().removesuffix("%")) / (100 if str(text).strip().endswith("%") else 1)
    except ValueError:
        return usual
    return min(1.0, max(0.0, value))
