"""How lines that lie side by side get a colour: which of them each pen draws, seen from where they blur."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

import torch
from torch import Tensor

from plotart.color import RGB
from plotart.color.difference import ciede2000, differences
from plotart.color.spaces import linear_to_lab
from plotart.pens import PenSet

#: Lines after which a pattern of pens comes again.
PERIOD = 6

#: CIEDE2000 that a recipe has to gain for a second pen, and for inking every line twice.
SECOND_PEN, TWICE = 0.5, 2.0

#: CIEDE2000 by which two pens differ that are worth laying over each other.
UNLIKE = 10.0

#: How much broader than its lane a nib may be; beyond, CIEDE2000 for each time that it is as broad again.
BROADER, TOO_BROAD = 1.3, 15.0

#: What pitches are rounded to, as a share of the broadest nib: each takes a table of its own.
ROUGHLY = 0.08

#: The nearest recipes by Lab distance, for which CIEDE2000 is taken.
SHORTLIST = 64

#: Colours that are compared with all recipes at once.
BATCH = 256


@dataclass(frozen=True)
class Recipe:
    """The pens of each lane, in plotting order, over and over; none where it is left bare. `light` is the mean of all,
    linear light."""

    lanes: tuple[tuple[int, ...], ...]
    light: RGB


@dataclass(frozen=True, eq=False)
class _Table:
    """All recipes for so many lanes: pairs of pens by splits of the lanes.

    light   [pairs * splits, 3] linear light
    lab     [pairs * splits, 3]
    costs   [pairs * splits] CIEDE2000 that speak against each; infinite where there is no such recipe
    splits  lanes of the first pen, of the second, of both over each other, and bare ones
    """

    light: Tensor
    lab: Tensor
    costs: Tensor
    splits: list[tuple[int, int, int, int]]


class Recipes:
    """All that one or two of the pens make of lanes on a paper of this linear light.

    What a small area reflects is the mean of its parts (Neugebauer 1937), as in plotart.palette.gamut; lanes lie side
    by side, so that no two inks meet by chance, and inks that are transparent may be laid over each other.
    """

    def __init__(self, pens: PenSet, paper: RGB) -> None:
        self._pens, self._paper = pens, paper
        self._pairs = list(combinations_with_replacement(range(len(pens)), 2))
        self._table = cache(self._of)
        lab = linear_to_lab(torch.tensor([pen.light.over(paper) for pen in pens], dtype=torch.float64))
        self._unlike = (differences(lab, lab) >= UNLIKE).tolist()

    def nearest(self, colors: Tensor, lanes: int, pitch: float) -> list[Recipe]:
        """The best recipe for each of the colours [N, 3] (linear light), in `lanes` lanes `pitch` mm broad."""
        step = ROUGHLY * max(pen.width for pen in self._pens)
        table = self._table(min(lanes, PERIOD), max(1, round(pitch / step)) * step)
        places = torch.cat([self._places(part, table) for part in linear_to_lab(colors.double()).split(BATCH)])
        return [self._recipe(place, table) for place in places.tolist()]

    @staticmethod
    def _places(wanted: Tensor, table: _Table) -> Tensor:
        """[N] the best recipes for Lab colours [N, 3]."""
        rough = torch.cdist(wanted, table.lab) + table.costs
        near = rough.topk(min(SHORTLIST, len(table.lab)), largest=False).indices
        apart = ciede2000(wanted[:, None], table.lab[near]) + table.costs[near]
        return near.gather(1, apart.argmin(dim=1, keepdim=True))[:, 0]

    def _recipe(self, place: int, table: _Table) -> Recipe:
        (a, b), split = self._pairs[place // len(table.splits)], table.splits[place % len(table.splits)]
        red, green, blue = table.light[place].tolist()
        return Recipe(_spread(((a,), (b,), (a, b), ()), split), (red, green, blue))

    def _of(self, lanes: int, pitch: float) -> _Table:
        numbers = range(lanes + 1)
        splits = [(i, j, k, lanes - i - j - k) for i in numbers for j in numbers for k in numbers if i + j + k <= lanes]
        covers = [min(1.0, pen.width / pitch) for pen in self._pens]
        parts = torch.tensor([self._parts(a, b, covers) for a, b in self._pairs], dtype=torch.float64)
        shares = torch.tensor(splits, dtype=torch.float64) / lanes
        light = torch.einsum("sk,pkc->psc", shares, parts)
        costs = torch.stack([self._costs(a, b, pitch, shares) for a, b in self._pairs])
        return _Table(light.reshape(-1, 3), linear_to_lab(light.reshape(-1, 3)), costs.reshape(-1), splits)

    def _parts(self, a: int, b: int, covers: list[float]) -> list[list[float]]:
        """[4, 3] the mean linear light of a lane of the first pen, of the second, of both, and of a bare one; the
        narrower nib's line lies within the broader's."""
        one, other = (self._pens[pen].light.over(self._paper) for pen in (a, b))
        both, broad = self._pens.over(a, b, self._paper), one if covers[a] > covers[b] else other
        low, high = sorted((covers[a], covers[b]))

        def lane(*shares: tuple[float, RGB]) -> list[float]:
            left = 1 - sum(share for share, _ in shares)
            mixed = (*shares, (left, self._paper))
            return [sum(share * light[channel] for share, light in mixed) for channel in range(3)]

        return [lane((covers[a], one)), lane((covers[b], other)), lane((low, both), (high - low, broad)), lane()]

    def _costs(self, a: int, b: int, pitch: float, shares: Tensor) -> Tensor:
        """[splits]; a pair of one pen with itself is that pen alone."""
        first, second, twice, _ = shares.unbind(dim=1)
        two = (first + twice > 0) & (second + twice > 0)
        costs = SECOND_PEN * two + TWICE * twice
        for pen, used in ((a, first + twice > 0), (b, second + twice > 0)):
            broad = max(0.0, self._pens[pen].width / (BROADER * pitch) - 1)
            costs = costs + TOO_BROAD * broad * used
        over = self._pens[a].ink == self._pens[b].ink == "transparent" and self._unlike[a][b]
        impossible = second + twice > 0 if a == b else (twice > 0) & (not over)
        return costs.masked_fill(impossible, torch.inf)


def _spread(kinds: tuple[tuple[int, ...], ...], split: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """So many lanes of each kind, each as evenly as can be: who lacks most comes next."""
    lanes, lack = sum(split), [0.0] * len(kinds)
    order = []
    for _ in range(lanes):
        lack = [owed + count / lanes for owed, count in zip(lack, split, strict=True)]
        chosen = max(range(len(kinds)), key=lambda kind: lack[kind])
        lack[chosen] -= 1
        order.append(kinds[chosen])
    return tuple(order)
