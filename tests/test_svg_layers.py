"""Layers of SVGs, as vpype's own reader finds them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vpype
from svgelements import SVG

from plotart.export.svg_layers import SvgLayer, layers_by_group, layers_by_stroke

FOREIGN = sorted((Path(__file__).parent / "data" / "foreign").glob("*.svg"))
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'xmlns:plotart="urn:plotart:pens" width="100mm" height="80mm" viewBox="0 0 100 80"'
)
ARC = '<path d="M5 5A9 4 10 1 0 50 20A0 5 0 0 1 60 20"/>'
BODIES = {
    "nothing": "",
    "loose": '<line x1="1" y1="2" x2="3" y2="4" stroke="red"/><polyline points="1,1"/><path d="M1 1"/>',
    "every segment": '<path d="M1 1L9 9 9 9H20V3C1 2 3 4 5 6S9 9 20 30Q1 2 3 4T50 9ZL30 30M40 40h9z"/>' + ARC,
    "shapes": '<rect x="9" y="9" width="20" height="9" rx="3"/><circle cx="50" cy="40" r="9"/><ellipse rx="9" ry="3"/>'
    '<polygon points="1,1 9,1 9,9"/><polygon points="1,1 9,1 1,1"/><polyline points="1,1 1,1 2,2"/>',
    "transforms": '<g transform="rotate(30)"><circle cx="9" cy="9" r="5" transform="skewX(20)"/>'
    '<polyline points="1,1 9,9" transform="scale(2)"/></g>',
    "numbers": "".join(
        f'<g {attributes}><path d="M{n} 0L{n} 9"/></g>'
        for n, attributes in enumerate(
            (
                'inkscape:label="7 Red"',
                'id="layer3"',
                "",
                'inkscape:label="0"',
                'inkscape:label="Blue" id="g7"',
                'inkscape:label="%"',
            )
        )
    ),
    "nested": '<path d="M0 0L1 1"/><g id="g1"><g stroke="blue"><path d="M1 2L3 4"/></g><path d="M1 1L5 5"/></g>',
    "hidden": '<g visibility="hidden"><path d="M0 0L1 1"/></g><path d="M1 1L5 5" visibility="collapse"/>'
    '<path d="M2 2L5 5" display="none"/><path d="M3 3L5 5" visibility="visible"/>',
    "alike": '<g stroke="#123" stroke-width="1"><path d="M0 0L1 1"/><path d="M1 1L5 5"/></g>'
    '<g stroke="#123"><path d="M0 0L1 1" stroke-width="2"/><path d="M1 1L5 5" stroke="#456"/></g>',
    "colours": "".join(
        f'<path d="M{n} 0L{n} 9" stroke="{color}"/>'
        for n, color in enumerate(("none", "red", "#f00", "rgb(1,2,3)", "bogus", "#ff000080", "red", "currentColor"))
    ),
    "wells": '<g plotart:well="a"><path d="M0 0L1 1"/></g><g plotart:well="b"><path d="M0 0L1 1"/></g>',
    "used": '<defs><path id="a" d="M1 1L9 9"/></defs><g stroke="red"><use href="#a" x="3"/></g><use href="#a" y="9"/>',
    "words": '<text stroke="red">word</text><path d="M1 1L5 5" stroke="blue"/>',
}
TEXTS = {
    **{name: f"{HEAD}>{body}</svg>" for name, body in BODIES.items()},
    "the page's own": f'{HEAD} stroke="red" plotart:well="b">{BODIES["wells"]}</svg>',
    "px": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-5 0 50 40">{BODIES["every segment"]}</svg>',
    **{path.name: path.read_text(encoding="utf-8") for path in FOREIGN},
}


def told(layer: Any, name: str) -> object:
    """A property by what it says: vpype's colours are of a class of its own."""
    value = layer.property(name)
    return (value.red, value.green, value.blue, value.alpha) if name == "vp_color" and value else value


def assert_alike(found: Mapping[int, SvgLayer], document: vpype.Document) -> None:
    assert sorted(found) == sorted(document.layers)
    for number, layer in found.items():
        theirs = document.layers[number]
        for name in ("vp_name", "vp_color", "vp_pen_width", "svg_{urn:plotart:pens}well"):
            assert told(layer, name) == told(theirs, name), (number, name)
        assert len(layer) == len(theirs)
        assert all(map(np.array_equal, layer, theirs))


@pytest.mark.parametrize("quantization", [0.05, 3.0])
@pytest.mark.parametrize("name", TEXTS)
def test_groups_and_strokes_are_those_that_vpype_reads(name: str, quantization: float) -> None:
    text = TEXTS[name]
    svg = SVG.parse(io.StringIO(text))
    by_group = vpype.read_multilayer_svg(io.StringIO(text), quantization=quantization, crop=False)
    assert_alike(layers_by_group(svg, quantization), by_group)
    by_stroke = vpype.read_svg_by_attributes(io.StringIO(text), ["stroke"], quantization=quantization, crop=False)
    assert_alike(layers_by_stroke(svg, quantization), by_stroke)
