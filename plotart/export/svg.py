"""A vpype document as SVG for the plotter, all pens in one file or one file per pen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import numpy as np

from plotart.export.document import PX_PER_MM
from plotart.export.layers import DECIMALS, layer_label
from plotart.pens import PenSet

if TYPE_CHECKING:
    import vpype

# The text is written here and not by vpype.write_svg: that one writes the page in cm with a viewBox in px, a
# metadata block, a style attribute and polygons, and drops line caps; nothing but the points would be kept of it.


def plot_svg(document: vpype.Document) -> str:
    """The document as SVG text in mm: an Inkscape layer per pen, polylines only; equal input, equal bytes."""
    return _svg(document, sorted(document.layers))


def layer_svgs(document: vpype.Document, pens: PenSet) -> dict[str, str]:
    """SVG text by file name, ``plot_01_<slug>.svg``…: one for each layer, on the same page as `plot_svg`."""
    slugs = {pen.name: pen.slug[:60] for pen in pens}
    return {
        f"plot_{number:02d}_{slugs[str(document.layers[number].property('vp_name'))]}.svg": _svg(document, [number])
        for number in sorted(document.layers)
    }


def millimetres(value: float) -> str:
    """A length with no more decimals than it needs: ``148``, ``0.35``."""
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def coordinates(points: np.ndarray[Any, Any]) -> list[str]:
    """Each of the points [n, 2] in mm as ``x,y`` at a fixed number of decimals, never ``-0.000``."""
    return [f"{x:.{DECIMALS}f},{y:.{DECIMALS}f}" for x, y in points.round(DECIMALS) + 0.0]


def _svg(document: vpype.Document, numbers: Iterable[int]) -> str:
    assert document.page_size is not None
    width, height = (millimetres(side / PX_PER_MM) for side in document.page_size)
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    parts.append(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        f'version="1.1" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">\n'
    )
    for number in numbers:
        layer = document.layers[number]
        label = quoteattr(layer_label(number, str(layer.property("vp_name"))))
        color, nib = layer.property("vp_color"), layer.property("vp_pen_width")
        assert color is not None
        assert nib is not None
        parts.append(
            f'<g inkscape:groupmode="layer" inkscape:label={label} id="layer{number}" fill="none" '
            f'stroke="{color.as_rgb_hex()}" stroke-width="{millimetres(nib / PX_PER_MM)}" '
            'stroke-linecap="round" stroke-linejoin="round">\n'
        )
        parts.extend(f'<polyline points="{_polyline(line)}"/>\n' for line in layer)
        parts.append("</g>\n")
    parts.append("</svg>\n")
    return "".join(parts)


def _polyline(line: np.ndarray[Any, Any]) -> str:
    """The points of a line in px as an attribute in mm; points that rounding makes equal are written once."""
    texts = coordinates(np.column_stack([line.real, line.imag]) / PX_PER_MM)
    return " ".join(text for text, before in zip(texts, [None, *texts], strict=False) if text != before)
