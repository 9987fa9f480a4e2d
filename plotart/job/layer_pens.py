"""Which pens of a person's set draw the layers of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from plotart.color import linear, parse_color
from plotart.export.drawing import Drawing, Layer
from plotart.palette.match import likeness, match
from plotart.pens import Pen, PenSet

#: CIEDE2000 by which a pen may be less like a colour than the nearest one, and be taken for its nib all the same.
SAME = 0.5


def pens_for(layers: Sequence[Layer], pens: PenSet, *, paper: str = "white", apart: bool = False) -> list[Pen]:
    """Of each layer, the pen that looks most like its colour on the paper (CIEDE2000); of those that look the same, the
    one whose nib is nearest to the layer's.

    apart  no two colours get the same pen: those are taken for which the sum of the differences is least

    Raises PenError where there are more colours than pens to be kept apart, ColorError for the paper.
    """
    light = linear(parse_color(paper))
    colors = list(dict.fromkeys(layer.color for layer in layers))
    wanted = torch.tensor([parse_color(color) for color in colors])
    if apart:
        taken = dict(zip(colors, (pens[one.pen] for one in match(wanted, pens, paper=light)), strict=True))
        return [taken[layer.color] for layer in layers]
    table = dict(zip(colors, likeness(wanted, pens, paper=light).tolist(), strict=True))
    return [_nearest(layer, pens, table[layer.color]) for layer in layers]


def in_pens(drawing: Drawing, pens: PenSet, *, paper: str = "white", apart: bool = False) -> Drawing:
    """The drawing in pens of the set, as `pens_for` chooses them. Layers that get the same pen become one, where the
    first of them is in plotting order; fillings of one pen stay apart."""
    layers: dict[tuple[str, int], Layer] = {}
    for layer, pen in zip(drawing.layers, pens_for(drawing.layers, pens, paper=paper, apart=apart), strict=True):
        key = pen.name, layer.refill
        before = layers[key].lines if key in layers else []
        layers[key] = replace(layer, pen=pen, lines=[*before, *layer.lines])
    return replace(drawing, layers=tuple(layers.values()), painted=False)


def _nearest(layer: Layer, pens: PenSet, differences: Sequence[float]) -> Pen:
    least = min(differences)
    alike = [pen for pen, difference in zip(pens, differences, strict=True) if difference <= least + SAME]
    return min(alike, key=lambda pen: abs(pen.width - layer.width))
