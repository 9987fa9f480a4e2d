"""The colours that pens mix on paper: hatches of one pen, and of two over each other, seen from where lines blur.

What a small area reflects is the mean of its parts in linear light (Neugebauer 1937); two hatches that cross at an
angle cover as if by chance (Demichel 1924): of shares a and b, (1 - a)(1 - b) stays bare and a b has both inks.
"""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor

from plotart.color import RGB
from plotart.color.difference import ciede2000, differences
from plotart.color.spaces import linear_to_lab
from plotart.pens import PenSet

#: Shares of the paper that a hatch covers: none, to a solid area.
LEVELS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)

#: Pens up to which every hatch of two is measured; of more pens, only this many for each colour, the nearest ones by
#: CIE 1994. Differences below 5 come out the same, those of 10 to 20 by 0.05 too large in the mean.
FEW_PENS = 24
SHORTLIST = 12


def hatches(pens: PenSet, first: int, second: int, paper: RGB) -> Tensor:
    """[levels², 3] linear light of every hatch of pen `first` under every hatch of pen `second`, on the paper."""
    bare, both = (torch.tensor(light, dtype=torch.float64) for light in (paper, pens.over(first, second, paper)))
    one, other = (torch.tensor(pens[k].light.over(paper), dtype=torch.float64) for k in (first, second))
    levels = torch.tensor(LEVELS, dtype=torch.float64)
    a, b = (share[..., None] for share in torch.meshgrid(levels, levels, indexing="ij"))
    mixed = (1 - a) * (1 - b) * bare + a * (1 - b) * one + (1 - a) * b * other + a * b * both
    return mixed.reshape(-1, 3)


def mixed_differences(colors: Tensor, pens: PenSet, paper: RGB) -> Tensor:
    """[N, pens, pens] CIEDE2000 of colours [N, 3] (linear light) to the nearest that two pens mix, on the diagonal one.

    Pens lie on the paper in the order of the set; the table is symmetric.
    """
    wanted = linear_to_lab(colors.double()).float()
    table = torch.empty(len(colors), len(pens), len(pens))
    for first in range(len(pens)):
        alone = hatches(pens, first, first, paper).reshape(len(LEVELS), len(LEVELS), 3)[:, 0]
        table[:, first, first] = differences(wanted, linear_to_lab(alone).float()).amin(dim=1)
        later = range(first + 1, len(pens))
        if later:
            mixes = torch.stack([hatches(pens, first, second, paper) for second in later])
            looked_at = mixes.shape[1] if len(pens) <= FEW_PENS else SHORTLIST
            nearest = _nearest(wanted, linear_to_lab(mixes).float(), looked_at)
            table[:, first, first + 1 :] = table[:, first + 1 :, first] = nearest
    return table


def _nearest(wanted: Tensor, mixes: Tensor, looked_at: int) -> Tensor:
    """[N, pairs] CIEDE2000 of Lab colours [N, 3] to the nearest of each pair's mixes [pairs, G, 3]."""
    if looked_at == mixes.shape[1]:
        return differences(wanted, mixes.flatten(0, 1)).unflatten(1, mixes.shape[:2]).amin(dim=2)
    chroma = wanted[:, 1:].norm(dim=1)[:, None, None]
    lightness = (wanted[:, None, None, 0] - mixes[..., 0]) ** 2
    across = (wanted[:, None, None, 1:] - mixes[..., 1:]).square().sum(dim=-1)
    along = (chroma - mixes[..., 1:].norm(dim=-1)) ** 2
    apart = lightness + along / (1 + 0.045 * chroma) ** 2 + (across - along).clamp_min(0) / (1 + 0.015 * chroma) ** 2
    places = apart.topk(looked_at, dim=2, largest=False).indices
    pairs = torch.arange(len(mixes))[None, :, None]
    return ciede2000(wanted[:, None, None], mixes[pairs, places]).amin(dim=2)


def solid_differences(colors: Tensor, pens: PenSet, paper: RGB) -> Tensor:
    """The same for solid areas alone: off the diagonal, where two pens would mix, infinite."""
    wanted = linear_to_lab(colors.double())
    solid = torch.tensor([pen.light.over(paper) for pen in pens], dtype=torch.float64)
    table = torch.full((len(colors), len(pens), len(pens)), torch.inf)
    places = torch.arange(len(pens))
    table[:, places, places] = differences(wanted, linear_to_lab(solid)).float()
    return table


def bare_differences(colors: Tensor, paper: RGB) -> Tensor:
    """[N] CIEDE2000 of colours [N, 3] (linear light) to the paper that is left bare."""
    wanted = linear_to_lab(colors.double())
    return differences(wanted, linear_to_lab(torch.tensor([paper], dtype=torch.float64)))[:, 0].float()


def nearest_mixes(colors: Tensor, pens: PenSet, paper: RGB) -> Tensor:
    """[N, 3] linear light: the nearest to colours [N, 3] (linear light) of what one or two of the pens mix."""
    pairs = list(combinations(range(len(pens)), 2)) or [(0, 0)]
    mixes = torch.cat([hatches(pens, first, second, paper) for first, second in pairs])
    wanted, found = linear_to_lab(colors.double()).float(), linear_to_lab(mixes).float()
    place = torch.cat([differences(part, found).argmin(dim=1) for part in wanted.split(512)])
    return mixes[place].to(colors)
