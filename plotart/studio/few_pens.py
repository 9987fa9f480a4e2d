"""A few pens of a set for a drawing that no picture chooses them for."""

from __future__ import annotations

from plotart.color import linear, parse_color
from plotart.pens import PenSet


def few_pens(pens: PenSet, count: int, paper: str) -> PenSet:
    """At most `count` pens, in the set's order: the one that stands out most from paper of that colour, then each time
    the one that is least like the paper and those. Of pens that are as unlike, broad ones come first: they draw bolder
    lines. Raises ColorError."""
    import torch

    from plotart.color.difference import differences
    from plotart.color.spaces import linear_to_lab
    from plotart.palette.match import on_paper

    light = linear(parse_color(paper))
    lab = linear_to_lab(torch.cat([torch.tensor([light], dtype=torch.float64), on_paper(pens, light)]))
    apart = differences(lab, lab)
    widths = torch.tensor([pen.width for pen in pens])
    broad = (widths / widths.max()).sqrt()
    taken: list[int] = []
    while len(taken) < min(count, len(pens)):
        nearest = apart[1:, [0, *(place + 1 for place in taken)]].min(dim=1).values
        worth = nearest * broad
        worth[taken] = -1.0
        taken.append(int(worth.argmax()))
    return PenSet([pens[place] for place in sorted(taken)])
