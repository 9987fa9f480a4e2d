"""Colours to the pens that come nearest to them on the paper, each pen at most once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from plotart.color import RGB
from plotart.color.difference import differences
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import linear_to_lab
from plotart.errors import PenError
from plotart.pens import Pen, PenSet

#: CIEDE2000 below which two pens are hardly two colours once they lie on paper as thin lines.
ALIKE = 3.0


@dataclass(frozen=True)
class Match:
    """A wanted colour (sRGB), the place of its pen in the set, how that looks on the paper (sRGB), and CIEDE2000."""

    wanted: RGB
    pen: int
    look: RGB
    difference: float


def match(colors: Tensor, pens: PenSet, *, paper: RGB = (1.0, 1.0, 1.0)) -> list[Match]:
    """The pens for colours [N, 3] (sRGB as they are to look on the paper, whose linear light is `paper`), in order.

    No pen is taken twice; the sum of the differences is least (Jonker and Volgenant's assignment, as scipy has it).
    Raises PenError when there are more colours than pens.
    """
    from scipy.optimize import linear_sum_assignment

    if len(colors) > len(pens):
        raise PenError(f"{len(colors)} colours can't be matched to {len(pens)} pens, as each pen is taken once")
    looks = on_paper(pens, paper)
    table = likeness(colors, pens, paper=paper)
    rows, columns = linear_sum_assignment(table.numpy())
    seen = linear_to_srgb(looks)
    return [
        Match(_rgb(colors[row]), int(column), _rgb(seen[column]), float(table[row, column]))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def likeness(colors: Tensor, pens: PenSet, *, paper: RGB = (1.0, 1.0, 1.0)) -> Tensor:
    """[N, pens] CIEDE2000 between colours [N, 3] (sRGB) and the pens as they look on the paper (linear light)."""
    lab = linear_to_lab(srgb_to_linear(colors.double()))
    return differences(lab, linear_to_lab(on_paper(pens, paper)))


def on_paper(pens: PenSet, paper: RGB) -> Tensor:
    """[pens, 3] float64: linear light of a full layer of each pen on the paper (linear light)."""
    return torch.tensor([pen.light.over(paper) for pen in pens], dtype=torch.float64)


def too_close(pens: PenSet, *, paper: RGB = (1.0, 1.0, 1.0), alike: float = ALIKE) -> list[tuple[Pen, Pen, float]]:
    """Pairs of pens that look alike on the paper, less than `alike` CIEDE2000 apart, the closest first."""
    lab = linear_to_lab(on_paper(pens, paper))
    table = differences(lab, lab)
    found = [
        (pens[i], pens[j], float(table[i, j]))
        for i in range(len(pens))
        for j in range(i + 1, len(pens))
        if table[i, j] < alike
    ]
    return sorted(found, key=lambda pair: pair[2])


def _rgb(values: Tensor) -> RGB:
    red, green, blue = values.tolist()
    return red, green, blue
