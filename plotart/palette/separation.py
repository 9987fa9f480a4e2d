"""A picture as how much each pen inks: process colours, of the pens that one owns.

Lines of several pens, each family at its own angle, cover the paper as if by chance (Demichel, 1924), so that a small
area reflects what a layer of each pen in turn, of which there is but a share, lets through:

    light <- (1 - c) light + c (R + T light)

What four colours of print do with CMYK, the inks' own R and T do here with any pens: for a grid of colours, the shares
are sought that come closest in OKLab with little ink. Between the colours of the grid they are interpolated, so that
what is alike in the picture is alike in them.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.color import RGB
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import linear_to_oklab2
from plotart.pens import PenSet

#: Colours along each side of the grid in sRGB.
SIDE = 11

#: Steps of Adam, and its rate, on logits of the shares; where they begin.
STEPS, RATE, BEGIN = 160, 0.12, -2.5

#: What ink costs, beside the squared distance in OKLab: for each whole cover of the paper a little, so that of several
#: ways to a colour the one with less ink is taken; and more for what lies beyond one cover, as printers limit ink.
FRUGAL, LAVISH = 5e-4, 0.025


def separated(light: Tensor, pens: PenSet, paper: RGB, *, most: float) -> Tensor:
    """light [3, H, W], linear -> [pens, H, W]: the share of the paper, 0 to `most`, that each pen inks there."""
    table = _table(pens, paper, most)
    at = linear_to_srgb(light.clamp(0, 1)).permute(1, 2, 0)[None, None] * 2 - 1  # x runs along the table's last axis
    return F.grid_sample(table[None], at, align_corners=True, padding_mode="border")[0, :, 0].clamp(0, most)


def mixed(shares: Tensor, pens: PenSet, paper: RGB) -> Tensor:
    """[pens, ...] shares of the paper that are inked -> [3, ...] linear light, from where lines blur."""

    def along(light: RGB) -> Tensor:
        return torch.tensor(light).reshape(3, *[1] * (shares.ndim - 1))

    light = along(paper)
    for share, pen in zip(shares, pens, strict=True):
        light = light + share * (along(pen.light.reflectance) + (along(pen.light.transmittance) - 1) * light)
    return light


def reach(pens: PenSet, paper: RGB, *, most: float) -> tuple[float, float]:
    """The least and the greatest lightness (OKLab) of the paper under pens that each cover `most` of it."""
    reached = [_lightness(torch.tensor(paper))]
    for first in range(len(pens)):
        for chosen in ([first], range(len(pens))):
            part = pens.pick(sorted({first, *chosen}))
            reached.append(_lightness(mixed(torch.full((len(part),), most), part, paper)))
    return min(reached), max(reached)


def _table(pens: PenSet, paper: RGB, most: float) -> Tensor:
    """[pens, blue, green, red]: the shares for every colour of the grid."""
    side = torch.linspace(0, 1, SIDE)
    blue, green, red = torch.meshgrid(side, side, side, indexing="ij")
    wanted = linear_to_oklab2(srgb_to_linear(torch.stack([red, green, blue], dim=-1)))
    logits = torch.full((len(pens), *wanted.shape[:3]), BEGIN, requires_grad=True)
    adam = torch.optim.Adam([logits], lr=RATE)
    for _ in range(STEPS):
        shares = most * logits.sigmoid()
        found = linear_to_oklab2(mixed(shares, pens, paper).movedim(0, -1))
        covers = shares.sum(dim=0)
        loss = ((found - wanted).square().sum(dim=-1) + FRUGAL * covers + LAVISH * F.relu(covers - 1)).sum()
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
    return most * logits.detach().sigmoid()


def _lightness(light: Tensor) -> float:
    return float(linear_to_oklab2(light)[0])
