"""Layers of pens that have to be filled or dipped on the way, by a person or at a well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from plotart.export.drawing import Layer, Line
from plotart.export.polyline import length, part

#: The share of a filling that is not used, so that the sum of a filling's lines, as floats add up, is never beyond it.
SPARE = 1e-9


def split_refills(layer: Layer) -> list[Layer]:
    """The layer as layers 0, 1, ... of its pen, none of which draws more than `max_distance` mm.

    Lines keep their order and direction. One that no longer fits is left for the next filling; one that is longer
    than a filling begins a new one and is cut where it ends. A pen with a well is dipped by the plotter between two
    lines (`plotart.plotter.dips`): its layer is not split, and only what is longer than a filling is cut.
    """
    filling = layer.pen.max_distance
    if filling is None:
        return [layer]
    if layer.pen.well is not None:
        lines = [line for lines in _fillings(layer.lines, filling * (1 - SPARE)) for line in lines]
        return [replace(layer, lines=lines)]
    return [
        replace(layer, lines=lines, refill=refill)
        for refill, lines in enumerate(_fillings(layer.lines, filling * (1 - SPARE)))
    ]


def _fillings(lines: Sequence[Line], filling: float) -> Iterator[list[Line]]:
    drawn: list[Line] = []
    used = 0.0
    for line in lines:
        needed = length(line)
        if drawn and used + needed > filling:
            yield drawn
            drawn, used = [], 0.0
        start = 0.0
        while needed - start > filling:
            yield [part(line, start, start + filling)]
            start += filling
        drawn.append(part(line, start, needed) if start else line)
        used += needed - start
    if drawn:
        yield drawn
