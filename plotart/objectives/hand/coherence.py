"""Coherence: what lies together is drawn in one pen."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.geometry.cubics import along, cubics
from plotart.geometry.page import Page
from plotart.objectives.term import InkedStrokes, StrokeTerm
from plotart.render.upload import upload


class Coherence(StrokeTerm):
    """Mean over pairs of the strokes' cubics, weighted by exp(-d² / 2 distance²) of the mm between their middles, of
    1 - shares . shares': a motif has its colour, and not confetti. Moves pens alone, no strokes.

    Pens are summed up in cells of half the distance and blurred from there, so that the cost is linear in the ink.
    """

    name = "coherence"

    def __init__(self, distance: float) -> None:
        self.distance = distance

    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        if strokes.shares.shape[1] == 1:
            return strokes.points.new_zeros(())
        curves, stroke = cubics(strokes.points.detach(), strokes.num_points)
        shares = strokes.shares[stroke]
        rows, columns = (max(1, round(2 * side / self.distance)) + 1 for side in (page.height, page.width))
        size = upload(torch.tensor([(columns - 1) / page.width, (rows - 1) / page.height]), curves)
        place = along(curves, 1)[:, 0] * size
        # Each cubic counts in the four cells next to it.
        low = torch.minimum(place.floor().clamp_min(0), upload(torch.tensor([columns - 2.0, rows - 2.0]), curves))
        high = (place - low).clamp(0, 1)
        corners = torch.stack([(1 - high).prod(1), high[:, 0] * (1 - high[:, 1])], dim=1)
        corners = torch.cat([corners, torch.stack([(1 - high[:, 0]) * high[:, 1], high.prod(1)], dim=1)], dim=1)
        first = (low[:, 1] * columns + low[:, 0]).long()
        cells = first[:, None] + torch.tensor([0, 1, columns, columns + 1], device=first.device)
        seen = torch.cat([shares, torch.ones_like(shares[:, :1])], dim=1)
        field = seen.new_zeros(rows * columns, seen.shape[1])
        field = field.index_add(0, cells.flatten(), (corners[..., None] * seen[:, None]).flatten(0, 1))
        field = field.reshape(rows, columns, -1)
        down, across = _blur(rows, page.height, self.distance), _blur(columns, page.width, self.distance)
        field = torch.einsum("ij,jkc,lk->ilc", upload(down, field), field, upload(across, field)).flatten(0, 1)
        around = (corners[..., None] * field[cells]).sum(dim=1)
        alike = (shares * around[:, :-1]).sum()
        return 1 - alike / around[:, -1].sum().clamp_min(1e-6)


def _blur(count: int, length: float, distance: float) -> Tensor:
    """[count, count]: exp(-d² / 2 distance²) between places spread over `length` mm."""
    places = torch.linspace(0, length, count)
    return torch.exp(-(places[:, None] - places).square() / (2 * distance**2))
