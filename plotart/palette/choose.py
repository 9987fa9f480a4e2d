"""The best few of the pens that a person owns, for a picture and a paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal, get_args

import torch
from torch import Tensor

from plotart.color import RGB
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import from_space, to_space
from plotart.errors import PenError
from plotart.palette.gamut import bare_differences, mixed_differences, solid_differences
from plotart.pens import PenSet
from plotart.quantize.histogram import histogram
from plotart.quantize.kmeans import kmeans, nearest

Criterion = Literal["mixed", "nearest"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)

#: Colours that stand for a picture, and px of its long side: a hatch's lines blur over a hundredth of a sheet or so.
COLORS = 192
HATCHED = 128

#: Sets of pens up to which all are looked at.
EXHAUSTIVE = 3_000


@dataclass(frozen=True)
class Gain:
    """What a chosen pen (its place in the set) is worth: the error without it, less the error with it; and the share
    of the picture in which it takes part."""

    pen: int
    gain: float
    share: float


@dataclass(frozen=True)
class Choice:
    """`pens`: the chosen ones in plotting order, light to dark. Errors are mean CIEDE2000 over the picture: of the
    choice, of bare paper, and of all pens together; `gains` are in plotting order too."""

    pens: PenSet
    error: float
    bare: float
    all_pens: float
    gains: tuple[Gain, ...]


def picture_colors(light: Tensor) -> tuple[Tensor, Tensor]:
    """The colours [N, 3] (linear light) that stand for a picture [3, H, W] (linear light) at the scale of hatches, and
    how much of it each is [N]; at most COLORS."""
    height, width = light.shape[1:]
    scale = min(1.0, HATCHED / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    seen = torch.nn.functional.interpolate(light[None].float(), size, mode="area")[0]
    found = histogram(linear_to_srgb(seen))
    points = to_space(found.colors, "lab")
    if len(points) > COLORS:
        points = kmeans(points, found.counts, COLORS, random=torch.Generator().manual_seed(0))
        owner, _ = nearest(to_space(found.colors, "lab"), points)
        counts = torch.bincount(owner, found.counts, len(points))
    else:
        counts = found.counts
    return srgb_to_linear(from_space(points, "lab")), counts


def choose(
    colors: Tensor,
    weights: Tensor,
    pens: PenSet,
    count: int,
    *,
    paper: RGB = (1.0, 1.0, 1.0),
    criterion: Criterion = "mixed",
    must: Sequence[str] = (),
    forbid: Sequence[str] = (),
) -> Choice:
    """The `count` pens with which colours [N, 3] (linear light, as they are to look), weighted by [N], come out best.

    criterion  "mixed": nearest colour among the hatches that one or two of the pens make on the paper (linear light);
               "nearest": among solid areas of one pen
    must, forbid  names of pens that are taken, or left, in any case

    Raises PenError for names that no pen has, and for counts that can't be had.
    """
    pens = pens.light_to_dark()
    taken, allowed = _constraints(pens, count, must, forbid)
    table = (mixed_differences if criterion == "mixed" else solid_differences)(colors, pens, paper)
    problem = Selection(table, bare_differences(colors, paper), weights)
    places = sorted(problem.best(count, taken=taken, allowed=allowed))
    shares = problem.shares(places)
    gains = tuple(
        Gain(place, problem.error([p for p in places if p != place]) - problem.error(places), shares[k])
        for k, place in enumerate(places)
    )
    everything = problem.error(sorted({*allowed, *taken}))
    return Choice(pens.pick(places), problem.error(places), problem.error([]), everything, gains)


class Selection:
    """Which of M things to take when each colour is served by the best pair (or one) among those taken.

    table  [N, M, M] symmetric: how badly colour n is served by the pair i, j; on the diagonal, by i alone
    bare   [N]: by nothing
    """

    def __init__(self, table: Tensor, bare: Tensor, weights: Tensor) -> None:
        self._table, self._bare = table, bare
        self._weights = (weights / weights.sum()).to(table)

    def error(self, places: Sequence[int]) -> float:
        """Weighted mean over the colours, with those at `places` taken."""
        return float(self._served(places) @ self._weights)

    def shares(self, places: Sequence[int]) -> list[float]:
        """Share of the colours' weight in whose best pair each of `places` takes part."""
        own = self._table[:, places][:, :, places].reshape(len(self._table), -1)
        best, pair = own.min(dim=1)
        used = best < self._bare
        first, second = pair // len(places), pair % len(places)
        return [float(self._weights[used & ((first == k) | (second == k))].sum()) for k in range(len(places))]

    def best(self, count: int, *, taken: Sequence[int], allowed: Sequence[int]) -> list[int]:
        """`count` places, `taken` among them, the others out of `allowed`: all are tried where they are few; else the
        best of several descents by exchange, of one and of two, one of which starts from the greedy choice."""
        free, missing = [p for p in allowed if p not in taken], count - len(taken)
        if comb(len(free), missing) <= EXHAUSTIVE:
            every = ([*taken, *rest] for rest in combinations(free, missing))
            return min(every, key=self.error)
        starts = [self.greedy(count, taken=taken, allowed=free), self._shrunk(count, taken=taken, allowed=free)]
        found = [self._exchanged(start, taken=taken, allowed=free) for start in starts]
        return min(found, key=self.error)

    def greedy(self, count: int, *, taken: Sequence[int], allowed: Sequence[int]) -> list[int]:
        """One after another, each time the one that helps most."""
        places = list(taken)
        while len(places) < count:
            errors = self._with_one_more(places)
            places.append(min((p for p in allowed if p not in places), key=lambda p: float(errors[p])))
        return places

    def _shrunk(self, count: int, *, taken: Sequence[int], allowed: Sequence[int]) -> list[int]:
        """From a greedy choice of twice as many, one after another left out that is missed least."""
        places = self.greedy(min(2 * count, len(taken) + len(allowed)), taken=taken, allowed=allowed)
        while len(places) > count:
            free = [p for p in places if p not in taken]
            places.remove(min(free, key=lambda p: self.error([q for q in places if q != p])))
        return places

    def _exchanged(self, places: list[int], *, taken: Sequence[int], allowed: Sequence[int]) -> list[int]:
        """Ones, then twos, exchanged for others as long as that helps."""
        error = self.error(places)
        closed = torch.ones(self._table.shape[1], dtype=torch.bool)
        closed[list(allowed)] = False
        while True:
            shut = closed.clone()
            shut[places] = True
            found, better = places, error
            free = [p for p in places if p not in taken]
            for left in free:
                rest = [p for p in places if p != left]
                errors = self._with_one_more(rest).masked_fill(shut, torch.inf)
                if float(errors.min()) < better - 1e-7:
                    found, better = [*rest, int(errors.argmin())], float(errors.min())
            if found is places:
                for pair in combinations(free, 2):
                    rest = [p for p in places if p not in pair]
                    errors = self._with_two_more(rest)
                    errors = errors.masked_fill(shut[:, None] | shut[None, :], torch.inf)
                    if float(errors.min()) < better - 1e-7:
                        one, other = divmod(int(errors.argmin()), len(errors))
                        found, better = [*rest, one, other], float(errors.min())
            if found is places:
                return places
            places, error = found, better

    def _served(self, places: Sequence[int]) -> Tensor:
        """[N]"""
        if not places:
            return self._bare
        own = self._table[:, places][:, :, places]
        return torch.minimum(self._bare, own.flatten(1).amin(dim=1))

    def _reach(self, places: Sequence[int]) -> Tensor:
        """[N, M]: how each colour is served by `places` and one of M more."""
        own = torch.diagonal(self._table, dim1=1, dim2=2)
        served = torch.minimum(self._served(places)[:, None], own)
        return torch.minimum(served, self._table[:, places].amin(dim=1)) if places else served

    def _with_one_more(self, places: Sequence[int]) -> Tensor:
        """[M] errors."""
        return self._weights @ self._reach(places)

    def _with_two_more(self, places: Sequence[int]) -> Tensor:
        """[M, M] errors; on the diagonal, where both are one, infinite."""
        reach = self._reach(places)
        errors = torch.stack(
            [self._weights @ torch.minimum(torch.minimum(reach, reach[:, k, None]), self._table[:, k])
             for k in range(reach.shape[1])]
        )  # fmt: skip
        return errors.fill_diagonal_(torch.inf)


def _constraints(pens: PenSet, count: int, must: Sequence[str], forbid: Sequence[str]) -> tuple[list[int], list[int]]:
    """Places of the pens that are taken, and of those that may be. Raises PenError."""
    for name in (*must, *forbid):
        if name not in pens.names:
            raise PenError(f"must and forbid: no pen is called {name!r}: there are {', '.join(pens.names)}")
    if both := set(must) & set(forbid):
        raise PenError(f"must and forbid both name {', '.join(sorted(both))}")
    taken = [pens.names.index(name) for name in dict.fromkeys(must)]
    allowed = [place for place, name in enumerate(pens.names) if name not in forbid]
    if not max(1, len(taken)) <= count <= len(allowed):
        raise PenError(
            f"{count} pens can't be chosen: allowed are {max(1, len(taken))} to {len(allowed)}, "
            f"of {len(pens)} pens with {len(taken)} that must be taken and {len(pens) - len(allowed)} forbidden"
        )
    return taken, allowed
