"""A drawing as SVG for the plotter, all pens in one file or one file per pen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from plotart.export.labels import layer_label
from plotart.export.layered import Layer, Layered, Line
from plotart.export.layers import DECIMALS
from plotart.export.registration import registration_marks
from plotart.export.wells import well_attribute
from plotart.files.names import slug

# The text is written here and not by vpype.write_svg: that one writes the page in cm with a viewBox in px, a
# metadata block, a style attribute and polygons, and drops line caps; nothing but the points would be kept of it.


def plot_svg(drawing: Layered) -> str:
    """SVG text in mm: an Inkscape layer per layer, polylines only; equal input, equal bytes.

    Raises ValueError for points that aren't finite.
    """
    groups = (
        _group(number, layer, layer_label(number, layer.pen, layer.refill))
        for number, layer in enumerate(drawing.layers, 1)
    )
    return _svg(drawing, groups)


def layer_svgs(drawing: Layered, *, marks: bool = False) -> dict[str, str]:
    """SVG text by file name, ``plot_01_<slug>.svg``…, in plotting order: each layer alone, where `plot_svg` has it.

    `marks` puts registration marks into every file, drawn first, so that all files have one bounding box; they are the
    same but for what moves them with their layer.
    """
    digits = max(2, len(str(len(drawing.layers))))  # so that the names sort as they are plotted
    files = {}
    for number, layer in enumerate(drawing.layers, 1):
        label = layer_label(number, layer.pen, layer.refill, alone=True)
        added = registration_marks(drawing, layer.moved) if marks else []
        files[f"plot_{number:0{digits}d}_{slug(layer.name, 'pen')[:60]}.svg"] = _svg(
            drawing, [_group(number, layer, label, added)]
        )
    return files


def millimetres(value: float) -> str:
    """A length with no more decimals than it needs: ``148``, ``0.35``."""
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def coordinates(points: Line) -> list[str]:
    """Each of the points [n, 2] in mm as ``x,y`` at a fixed number of decimals, never ``-0.000``."""
    if not np.isfinite(points).all():
        raise ValueError("lines have points that are not finite")
    return [f"{x:.{DECIMALS}f},{y:.{DECIMALS}f}" for x, y in (points.round(DECIMALS) + 0.0).tolist()]


def _svg(drawing: Layered, groups: Iterable[str]) -> str:
    width, height = millimetres(drawing.width), millimetres(drawing.height)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        f'version="1.1" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">\n'
    )
    return "".join([head, *groups, "</svg>\n"])


def _group(number: int, layer: Layer, label: str, marks: Sequence[Line] = ()) -> str:
    from xml.sax.saxutils import quoteattr  # which loads what fetches from the web

    head = (
        f'<g inkscape:groupmode="layer" inkscape:label={quoteattr(label)} id="layer{number}" fill="none" '
        f'stroke="{layer.color}" stroke-width="{millimetres(layer.width)}" '
        f'stroke-linecap="round" stroke-linejoin="round"{well_attribute(layer.pen)}>\n'
    )
    lines = (f'<polyline points="{_points(line)}"/>\n' for line in [*marks, *layer.lines])
    return "".join([head, *lines, "</g>\n"])


def _points(line: Line) -> str:
    """Points that rounding makes equal are written once."""
    texts = coordinates(line)
    return " ".join(text for text, before in zip(texts, [None, *texts], strict=False) if text != before)
