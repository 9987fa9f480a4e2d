"""K-means and K-medians on weighted colours: seeding, Lloyd's iteration, and swaps that lead out of poor minima.

Points are in one space, in which distances are taken. Sums are taken in float64 and in a fixed order, so that a seed
gives one result, whatever the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

#: How good centres [n, 3] are, given each point's nearest one [B] and the squared distance [B] to it: lower is better.
Judge = Callable[[Tensor, Tensor, Tensor], float]

#: Distances at a time: many enough for all threads of torch, few enough for the cache that these share.
_BLOCK = 1 << 20


def kmeans(
    points: Tensor, weights: Tensor, n: int, *, random: torch.Generator, power: int = 2, judge: Judge | None = None
) -> Tensor:
    """Centres [n, 3] of points [B, 3] with weights [B] in float64; n at most B.

    power 2 is K-means, the least mean squared distance; 1 is K-medians, the least mean distance. Greedy k-means++,
    Lloyd's iteration, then swaps: a centre that is hardly missed goes to where the error is large, and stays there if
    `judge` (by default that mean) likes what comes of it.
    """
    centres = lloyd(points, weights, seed_centres(points, weights, n, random=random), most=30, rest=1e-3)
    if power == 1:
        centres = lloyd(points, weights, centres, power=1, most=8, rest=1e-3)

    def mean(_: Tensor, __: Tensor, squared: Tensor) -> float:
        return weighted_sum(weights, squared if power == 2 else squared.sqrt())

    worth = judge or mean
    owner, squared = nearest(points, centres)
    best, vain = worth(centres, owner, squared), 0
    while n > 1 and vain < patience(n) and best > 0:
        moved = swapped(points, weights, centres, owner, squared, random=random)[0]
        moved = lloyd(points, weights, moved, power=power, most=6, rest=1e-3)
        at = nearest(points, moved)
        found = worth(moved, *at)
        if found < best * (1 - 1e-4):
            centres, (owner, squared), best, vain = moved, at, found, 0
        else:
            vain += 1
    return lloyd(points, weights, centres, power=power)


def seed_centres(points: Tensor, weights: Tensor, n: int, *, random: torch.Generator) -> Tensor:
    """n of the points, [n, 3], all different: each the best of a few that are drawn by weight times squared distance
    to the nearest of those there are (Arthur, Vassilvitskii 2007: k-means++, in its greedy form)."""
    tries = 2 + int(math.log(n))
    first = int(_draw(weights, 1, random))
    chosen, lengths = [first], points.square().sum(dim=1)
    squared = (points - points[first]).square().sum(dim=1)
    for _ in range(n - 1):
        tried = _draw(weights * squared, tries, random)
        nearer = torch.minimum(squared, torch.addmm(lengths, points[tried], points.T, alpha=-2) + lengths[tried, None])
        best = int(tried[int((nearer * weights).numpy().sum(axis=1).argmin())])
        chosen.append(best)
        # Exactly this time: the distance of a point to itself has to be 0.
        squared = torch.minimum(squared, (points - points[best]).square().sum(dim=1))
    return points[chosen]


def lloyd(
    points: Tensor, weights: Tensor, centres: Tensor, *, power: int = 2, most: int = 50, rest: float = 1e-4
) -> Tensor:
    """Lloyd's iteration: every centre goes to the mean of the points that are nearest to it (power 2), or a step
    towards their geometric median (power 1; Weiszfeld 1937). It ends when the error falls by less than the share
    `rest` of it, or after `most` times. A centre without points goes to where the error is largest."""
    before = math.inf
    for _ in range(most):
        owner, squared = nearest(points, centres)
        if power == 2:
            pull, error = weights, weighted_sum(weights, squared)
        else:
            away = squared.sqrt().double()
            error = weighted_sum(weights, away)
            pull = weights / away.clamp_min(0.01 * error / float(weights.sum()) + 1e-12)
        if error >= before * (1 - rest):
            break
        before = error
        total = torch.bincount(owner, pull, len(centres))
        sums = [torch.bincount(owner, pull * channel, len(centres)) for channel in points.double().unbind(1)]
        centres = (torch.stack(sums, dim=1) / total[:, None]).to(points)
        empty = (total == 0).nonzero()[:, 0]
        if len(empty):
            centres[empty] = points[(weights * squared).topk(len(empty)).indices]
    return centres


def nearest(points: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """The index [B] of the nearest centre, and the squared distance [B] to it."""
    # |point|^2 is left out of what is compared; lengths are taken from the middle, so that little cancels.
    middle = centres.mean(dim=0)
    others = centres - middle
    lengths = others.square().sum(dim=1)
    parts = [
        torch.addmm(lengths, part - middle, others.T, alpha=-2).min(dim=1).indices
        for part in points.split(max(1, _BLOCK // len(centres)))
    ]
    owner = torch.cat(parts)
    return owner, (points - centres[owner]).square().sum(dim=1)


def mean_squared(points: Tensor, weights: Tensor, centres: Tensor) -> float:
    """The weighted mean of squared distances to the nearest centre."""
    return weighted_sum(weights, nearest(points, centres)[1]) / float(weights.sum())


def patience(n: int) -> int:
    """After how many swaps in vain a search ends; one of many centres gains little, and costs much."""
    return max(4, min(12, 800 // n))


def weighted_sum(weights: Tensor, values: Tensor) -> float:
    """Of values [B] with weights [B] in float64; by NumPy, which adds in the same order on any number of threads."""
    return float((weights * values).numpy().sum())


def swapped(
    points: Tensor, weights: Tensor, centres: Tensor, owner: Tensor, squared: Tensor, *, random: torch.Generator
) -> tuple[Tensor, int]:
    """The centres with the one that is missed least moved to a point, drawn by its error; and which one that is.

    A step of local search (after Lattanzi, Sohler 2019: A better k-means++ algorithm via local search, who try all
    centres in place of the one). `owner` and `squared` are those of `nearest`.
    """
    drawn = int(_draw(weights * squared, 1, random))
    second = _second(points, centres, owner)
    missed = torch.bincount(owner, weights * (second.sqrt() - squared.sqrt()).double(), len(centres))
    missed[owner[drawn]] = math.inf
    slot = int(missed.argmin())
    moved = centres.clone()
    moved[slot] = points[drawn]
    return moved, slot


def relieved(points: Tensor, weights: Tensor, centres: Tensor) -> tuple[Tensor, int] | None:
    """The centres with the one that is missed least moved to where one has the largest error, to help it there; and
    which one moved. None where it is missed by half of that error or more, about what its help saves."""
    owner, squared = nearest(points, centres)
    errors = torch.bincount(owner, weights * squared, len(centres))
    worst = int(errors.argmax())
    missed = torch.bincount(owner, weights * (_second(points, centres, owner) - squared), len(centres))
    missed[worst] = math.inf
    slot = int(missed.argmin())
    if missed[slot] >= errors[worst] / 2:
        return None
    moved = centres.clone()
    moved[slot] = points[(weights * squared * (owner == worst)).argmax()]
    return moved, slot


def _second(points: Tensor, centres: Tensor, owner: Tensor) -> Tensor:
    """The squared distance [B] to the nearest centre but the owner."""
    lengths = centres.square().sum(dim=1)
    others = torch.addmm(lengths, points, centres.T, alpha=-2).scatter_(1, owner[:, None], math.inf).min(dim=1).indices
    return (points - centres[others]).square().sum(dim=1)


def _draw(weights: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Indices [count], drawn by weight."""
    sums = weights.cumsum(0)
    at = torch.rand(count, generator=random, dtype=torch.float64) * sums[-1]
    return torch.searchsorted(sums, at, right=True).clamp_max(len(weights) - 1)
