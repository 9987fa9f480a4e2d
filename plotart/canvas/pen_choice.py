"""Which pens the rows of a class matrix can have, and have in the end: what all canvases do alike."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.palette import ClassMatrix, Palette
from plotart.palette.match import Match


class PenChoice:
    """A class matrix over a palette, soft until `harden`."""

    def __init__(self, matrix: ClassMatrix, palette: Palette) -> None:
        self._matrix, self._palette, self._fixed = matrix, palette, False
        self._kept = palette.choice()
        self.matches: tuple[Match, ...] = ()

    @property
    def palette(self) -> Palette:
        return self._palette

    @torch.no_grad()
    def kept(self, count: int) -> Tensor:
        return self._palette.kept(self._use(), count)

    @torch.no_grad()
    def narrow(self, count: int) -> None:
        self._palette.narrow(self._use(), count)

    @torch.no_grad()
    def harden(self) -> None:
        """Give every row its pen, and every learned colour its value or its pen, for good."""
        settled = self._palette.settled(self._use())
        self._matrix.settle(settled.columns)
        self._palette, self.matches, self._fixed = settled.palette, settled.matches, True

    def _use(self) -> Tensor:
        """[K] share of the rows that each pen would have now."""
        rows = self._matrix.hard().flatten()
        return rows.new_zeros(len(self._palette)).index_add_(0, rows, torch.ones_like(rows)) / len(rows)
