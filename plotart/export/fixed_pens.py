"""Which pens draw what lies on a sheet beside the drawing."""

from __future__ import annotations

from plotart.color import luminance, parse_color
from plotart.export.layered import Line
from plotart.geometry.fixed import FixedLines
from plotart.geometry.page import Page
from plotart.pens import PenSet


def fixed_lines(page: Page, pens: PenSet) -> dict[int, list[Line]]:
    """The lines [n, 2] in mm by the place of their pen among those that there are."""
    found: dict[int, list[Line]] = {}
    for group in page.fixed.groups:
        found.setdefault(place_of(group, pens, page), []).extend(group.lines)
    return found


def place_of(group: FixedLines, pens: PenSet, page: Page) -> int:
    """The place of the lines' pen among those that there are."""
    if group.pen in pens.names:
        return pens.names.index(group.pen)
    if group.color is not None:
        return _nearest(group.color, pens, page)
    paper = luminance(page.paper)
    return max(range(len(pens)), key=lambda place: abs(luminance(pens[place].light.over(page.paper)) - paper))


def _nearest(color: str, pens: PenSet, page: Page) -> int:
    """The pen that looks on the paper most as the colour does."""
    import torch

    from plotart.color.difference import differences
    from plotart.color.light import srgb_to_linear
    from plotart.color.spaces import linear_to_lab

    looks = torch.tensor([pen.light.over(page.paper) for pen in pens], dtype=torch.float64)
    wanted = srgb_to_linear(torch.tensor([parse_color(color)], dtype=torch.float64))
    return int(differences(linear_to_lab(wanted), linear_to_lab(looks))[0].argmin())
