"""How lines that lie side by side get a colour: which of them each pen draws, seen from where they blur."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

import torch
from torch import Tensor

from plotart.color import RGB
from plotart.color.difference import ciede2000, differences
from plotart.color.spaces import linear_to_lab
from plotart.pens import PenSet

#: Lines after which a pattern of pens comes again.
PERIOD = 6

#: CIEDE2000 that a recipe has to gain for a second pen, and for inking every line twice.
SECOND_PEN, TWICE = 0.5, 1.0

#: How much broader than its lane a nib may be; beyond, CIEDE2000 for each time that it is as broad again.
BROADER, TOO_BROAD = 1.3, 15.0

#: What pitches are rounded to, as a share of the broadest nib: each takes a table of its own.
ROUGHLY = 0.08

#: The nearest recipes by Lab distance, for which CIEDE2000 is taken where there are many.
SHORTLIST = 64


@dataclass(frozen=True)
class Recipe:
    """Of so many lanes how many are drawn by which pens, in plotting order; none of them where they are left bare.

    light  the mean of all, linear light
    cost   what speaks against it besides its colour
    """

    counts: tuple[tuple[tuple[int, ...], int], ...]
    light: RGB
    cost: float = 0.0

    @cached_property
    def lanes(self) -> tuple[tuple[int, ...], ...]:
        """The pens of each lane, over and over: each kind as evenly as can be, who lacks most comes next."""
        total = sum(count for _, count in self.counts)
        lack = dict.fromkeys(dict(self.counts), 0.0)
        order = []
        for _ in range(total):
            for kind, count in self.counts:
                lack[kind] += count / total
            chosen = max(lack, key=lambda kind: lack[kind])
            lack[chosen] -= 1
            order.append(chosen)
        return tuple(order)


class Recipes:
    """All that one or two of the pens make of lanes on a paper of this linear light.

    What a small area reflects is the mean of its parts (Neugebauer 1937), as in plotart.palette.gamut; lanes lie side
    by side, so that no two inks meet by chance, and inks that are transparent may be laid over each other.
    """

    def __init__(self, pens: PenSet, paper: RGB) -> None:
        self._pens, self._paper = pens, torch.tensor(paper, dtype=torch.float64)
        self._alone = torch.tensor([pen.light.over(paper) for pen in pens], dtype=torch.float64)
        self._over = {
            (a, b): torch.tensor(pens.over(a, b, paper), dtype=torch.float64)
            for a, b in combinations(range(len(pens)), 2)
            if pens[a].ink == pens[b].ink == "transparent"
        }
        self._table = cache(self._of)

    def nearest(self, colors: Tensor, lanes: int, pitch: float) -> list[Recipe]:
        """The best recipe for each of the colours [N, 3] (linear light), in `lanes` lanes `pitch` mm broad."""
        broadest = max(pen.width for pen in self._pens)
        recipes, lab, costs = self._table(min(lanes, PERIOD), round(pitch / broadest / ROUGHLY) * ROUGHLY * broadest)
        wanted = linear_to_lab(colors.double())
        if len(recipes) > 2 * SHORTLIST:
            places = torch.cdist(wanted, lab).topk(SHORTLIST, largest=False).indices
            apart = ciede2000(wanted[:, None], lab[places])
            best = places.gather(1, (apart + costs[places]).argmin(dim=1, keepdim=True))[:, 0]
        else:
            best = (differences(wanted, lab) + costs).argmin(dim=1)
        return [recipes[place] for place in best.tolist()]

    def _of(self, lanes: int, pitch: float) -> tuple[list[Recipe], Tensor, Tensor]:
        """Recipes for so many lanes, their Lab colours [R, 3] and costs [R]."""
        covers = [min(1.0, pen.width / pitch) for pen in self._pens]
        broad = [TOO_BROAD * max(0.0, pen.width / (BROADER * pitch) - 1) for pen in self._pens]
        recipes = [Recipe((((), lanes),), self._rgb(self._paper))]
        for pen in range(len(self._pens)):
            lane = self._lane((pen,), covers)
            for count in range(1, lanes + 1):
                light = (count * lane + (lanes - count) * self._paper) / lanes
                recipes.append(Recipe((((pen,), count), ((), lanes - count)), self._rgb(light), broad[pen]))
        for a, b in combinations(range(len(self._pens)), 2):
            recipes += self._pairs(a, b, lanes, covers, SECOND_PEN + max(broad[a], broad[b]))
        lab = linear_to_lab(torch.tensor([recipe.light for recipe in recipes], dtype=torch.float64))
        return recipes, lab, torch.tensor([recipe.cost for recipe in recipes], dtype=torch.float64)

    def _pairs(self, a: int, b: int, lanes: int, covers: list[float], cost: float) -> Iterator[Recipe]:
        one, other = self._lane((a,), covers), self._lane((b,), covers)
        both = self._lane((a, b), covers) if (a, b) in self._over else None
        for twice in range(lanes + 1 if both is not None else 1):
            for first in range(lanes - twice + 1):
                for second in range(lanes - twice - first + 1):
                    if not twice and not (first and second):
                        continue
                    bare = lanes - first - second - twice
                    light = first * one + second * other + bare * self._paper
                    light = (light + twice * both if both is not None else light) / lanes
                    counts = (((a,), first), ((b,), second), ((a, b), twice), ((), bare))
                    yield Recipe(counts, self._rgb(light), cost + TWICE * twice / lanes)

    def _lane(self, pens: tuple[int, ...], covers: list[float]) -> Tensor:
        """[3] the mean linear light of a lane that these pens draw, the narrower nib's line within the broader's."""
        if len(pens) == 1:
            (pen,) = pens
            return covers[pen] * self._alone[pen] + (1 - covers[pen]) * self._paper
        narrow, broad = sorted(pens, key=lambda pen: covers[pen])
        rest = covers[broad] - covers[narrow]
        mixed = covers[narrow] * self._over[pens[0], pens[1]] + rest * self._alone[broad]
        return mixed + (1 - covers[broad]) * self._paper

    @staticmethod
    def _rgb(light: Tensor) -> RGB:
        red, green, blue = light.tolist()
        return red, green, blue
