"""A plot's SVG as an element of a web page, its layers ready to be shown and hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree

from plotart.errors import DrawingError
from plotart.export.safe_xml import check_svg

_SVG = "{http://www.w3.org/2000/svg}"
_INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"
_GEOMETRY = {"polyline": ("points",), "line": ("x1", "y1", "x2", "y2"), "path": ("d",)}
_STYLE = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin")


@dataclass(frozen=True)
class InlineDrawing:
    """`svg` is the element, `aspect` its page's width / height; `layers` are the names and colours of its groups,
    whose ids are layer-0, layer-1…"""

    svg: str
    aspect: float
    layers: tuple[tuple[str, str], ...]


def inline_drawing(svg: str, classes: Mapping[str, str]) -> InlineDrawing | None:
    """The lines of a plot.svg, and nothing else of it; None for what is not such a file.

    A run folder may come from anyone, and a script in its SVG would run in the page: so only layers, lines and
    the attributes that draw them are written anew. `classes` gives layers a class by their pen's name.
    """
    try:
        left, top, width, height = (float(number) for number in check_svg(svg.encode()).get("viewBox", "").split())
    except (DrawingError, ValueError):
        return None
    if not (width > 0 and height > 0):
        return None
    groups, layers = [], []
    for index, group in enumerate(ElementTree.fromstring(svg.encode()).iterfind(f"{_SVG}g")):
        label = group.get(f"{_INKSCAPE}label", f"Layer {index + 1}")
        name = re.sub(r"^\d+ ", "", label)
        layers.append((name, group.get("stroke", "#000000")))
        style = classes.get(name, "")
        lines = (_element(child, _GEOMETRY) for child in group.iter())
        groups.append(
            f'<g id="layer-{index}" class="{escape(style)}"{_attributes(group, _STYLE)}>\n{"".join(lines)}</g>\n'
        )
    view = f"{left:g} {top:g} {width:g} {height:g}"
    text = f'<svg class="drawing" viewBox="{view}" role="img">\n{"".join(groups)}</svg>'
    return InlineDrawing(text, width / height, tuple(layers))


def _element(element: ElementTree.Element, known: dict[str, tuple[str, ...]]) -> str:
    tag = element.tag.removeprefix(_SVG)
    return f"<{tag}{_attributes(element, known[tag])}/>\n" if tag in known else ""


def _attributes(element: ElementTree.Element, names: tuple[str, ...]) -> str:
    return "".join(f' {name}="{escape(element.attrib[name])}"' for name in names if name in element.attrib)
