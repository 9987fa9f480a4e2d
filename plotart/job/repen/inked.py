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


@dataclass(frozen=True, eq=False)
class Cut:
    """Lanes cut into stretches of about one colour.

    counts  samples of each lane
    owner   [n] the stretch that each sample is of, counted over all lanes
    """

    lanes: Sequence[Seen]
    parts: Sequence[Sequence[Stretch]]
    counts: Sequence[int]
    owner: Tensor

    @classmethod
    def of(cls, lanes: Sequence[Seen], light: Tensor, counts: Sequence[int]) -> Cut:
        """By the colours [n, 3] (linear light) of their samples."""
        parts = [stretches(own) for own in light.split(list(counts))]
        sizes = torch.tensor([stretch.end - stretch.start for own in parts for stretch in own])
        return cls(lanes, parts, counts, torch.repeat_interleave(torch.arange(len(sizes)), sizes))

    def mean(self, light: Tensor) -> Tensor:
        """[stretches, 3] of what samples [n, 3] have."""
        sizes = torch.bincount(self.owner)
        total = torch.zeros(len(sizes), 3, dtype=light.dtype).index_add(0, self.owner, light)
        return total / sizes[:, None]

    def inked(self, light: Tensor, recipes: Recipes) -> list[Inked]:
        """Every lane drawn by the pens of its stretches' recipes; `light` [stretches, 3] is how those are to look."""
        chosen = _chosen(self.lanes, self.parts, light, recipes)
        found: list[Inked] = []
        for lane, parts, pens, count in zip(self.lanes, self.parts, chosen, self.counts, strict=True):
            for pen in sorted({pen for own in pens for pen in own}):
                drawn = [pen in own for own in pens]
                found += [Inked(line, pen, lane.mark) for line in _spans(lane.line, parts, drawn, count)]
        return found


def _chosen(
    lanes: Sequence[Seen], cut: Sequence[Sequence[Stretch]], light: Tensor, recipes: Recipes
) -> list[list[tuple[int, ...]]]:
    """The pens of each stretch of each lane."""
    alike: dict[tuple[int, float], list[tuple[int, int, int]]] = {}
    number = 0
    for at, (lane, parts) in enumerate(zip(lanes, cut, strict=True)):
        places = alike.setdefault((min(lane.lanes, PERIOD), round(lane.pitch, 1)), [])
        for place in range(len(parts)):
            places.append((number, at, place))
            number += 1
    found: list[list[tuple[int, ...]]] = [[()] * len(parts) for parts in cut]
    for (count, pitch), places in alike.items():
        colors = light[[number for number, _, _ in places]]
        for (_, at, place), recipe in zip(places, recipes.nearest(colors, count, pitch), strict=True):
            found[at][place] = recipe.lanes[lanes[at].place % count]
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
