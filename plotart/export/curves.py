"""The drawing as true Bézier curves, for further work in a vector editor."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from plotart.color import to_hex
from plotart.export.clip import Curve
from plotart.export.labels import layer_label
from plotart.export.layers import sheet_layers
from plotart.export.svg import coordinates, millimetres
from plotart.geometry.page import Page
from plotart.pens import PenSet

if TYPE_CHECKING:
    from plotart.geometry.strokes import Strokes


def curves_svg(strokes: Strokes, pens: PenSet, page: Page, *, register: bool = False) -> str:
    """SVG text in mm: a layer per pen as in `plot_svg`, every stroke one path of cubic Béziers, in the order given,
    and after them the lines that are fixed on the page; with `register`, each moved against its pen's offset.

    Equal input gives equal bytes. Raises ValueError for points that aren't finite.
    """
    import svgwrite
    from svgwrite.extensions import Inkscape

    width, height = millimetres(page.width), millimetres(page.height)
    # debug=False: svgwrite's validator knows no Inkscape attributes, and takes long.
    drawing = svgwrite.Drawing(size=(f"{width}mm", f"{height}mm"), viewBox=f"0 0 {width} {height}", debug=False)
    inkscape = Inkscape(drawing)
    for number, (pen, curves, fixed) in enumerate(sheet_layers(strokes, pens, page), 1):
        group = inkscape.layer(
            label=layer_label(number, pen),
            id=f"layer{number}",
            fill="none",
            stroke=to_hex(pen.rgb),
            stroke_width=millimetres(pen.width),
            stroke_linecap="round",
            stroke_linejoin="round",
        )
        lands = pen.lands if register else (0.0, 0.0)
        for curve in curves:
            group.add(drawing.path(d=_path_data(curve - lands)))
        for line in fixed:
            group.add(drawing.path(d=f"M{' L'.join(coordinates(line - lands))}"))
        drawing.add(group)
    text = io.StringIO()
    drawing.write(text, pretty=True)
    return text.getvalue()


def _path_data(control: Curve) -> str:
    first, *others = coordinates(control)
    return f"M{first} C{' '.join(others)}"
