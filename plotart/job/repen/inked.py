"""Visible lanes to the lines of each pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from plotart.export.layered import Line
from plotart.export.polyline import length, part
from plotart.job.repen.seen import Seen
from plotart.job.repen.shades import Stretch, samples, stretches
from plotart.palette.recipes import PERIOD, Recipes


@dataclass(frozen=True, eq=False)
class Inked:
    """A line [n, 2] in mm, the place of its pen, and that of the mark that it is part of."""

    line: Line
    pen: int
    mark: int


def sample_points(lanes: Sequence[Seen]) -> tuple[Line, list[int]]:
    """[n, 2] mm where colours are looked at, lane after lane, and how many are of each."""
    points = [samples(lane.line) for lane in lanes]
    return np.concatenate(points), [len(own) for own in points]


def inked(lanes: Sequence[Seen], light: Tensor, counts: Sequence[int], recipes: Recipes) -> list[Inked]:
    """Every lane drawn by the pens that its stretches' recipes give it; `light` [n, 3] is what its samples are to
    look like."""
    cut = [stretches(own) for own in light.split(list(counts))]
    chosen = _chosen(lanes, cut, recipes)
    found: list[Inked] = []
    for lane, parts, pens, count in zip(lanes, cut, chosen, counts, strict=True):
        for pen in sorted({pen for own in pens for pen in own}):
            drawn = [pen in own for own in pens]
            found += [Inked(line, pen, lane.mark) for line in _spans(lane.line, parts, drawn, count)]
    return found


def _chosen(lanes: Sequence[Seen], cut: Sequence[Sequence[Stretch]], recipes: Recipes) -> list[list[tuple[int, ...]]]:
    """The pens of each stretch of each lane."""
    alike: dict[tuple[int, float], list[tuple[int, int]]] = {}
    for number, (lane, parts) in enumerate(zip(lanes, cut, strict=True)):
        key = min(lane.lanes, PERIOD), round(lane.pitch, 2)
        alike.setdefault(key, []).extend((number, place) for place in range(len(parts)))
    found: list[list[tuple[int, ...]]] = [[()] * len(parts) for parts in cut]
    for (count, pitch), places in alike.items():
        colors = torch.tensor([cut[number][place].light for number, place in places])
        for (number, place), recipe in zip(places, recipes.nearest(colors, count, pitch), strict=True):
            found[number][place] = recipe.lanes[lanes[number].place % count]
    return found


def _spans(line: Line, parts: Sequence[Stretch], drawn: Sequence[bool], count: int) -> Iterator[Line]:
    """The parts of a line of `count` samples where it is drawn."""
    if all(drawn):
        yield line
        return
    whole = length(line)
    start = None
    for stretch, here in zip((*parts, None), (*drawn, False), strict=True):
        begin = 0 if stretch is None else stretch.start
        if here and start is None:
            start = begin
        elif not here and start is not None:
            end = count if stretch is None else begin
            yield part(line, start / count * whole, end / count * whole)
            start = None
