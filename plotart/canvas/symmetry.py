"""Symmetry by construction: strokes are drawn with their images in mirrors or turns about the middle of the sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from plotart.geometry.page import Page
from plotart.render.upload import upload


@dataclass(frozen=True)
class Symmetry:
    """A group of motions of the sheet about its middle: `moves` [G, 2, 2], the first of which changes nothing."""

    moves: Tensor
    page: Page

    @classmethod
    def none(cls, page: Page) -> Symmetry:
        return cls(torch.eye(2)[None], page)

    @classmethod
    def mirror(cls, page: Page, *, across: tuple[bool, bool] = (True, False)) -> Symmetry:
        """Left and right alike, top and bottom alike, or both, by `across`."""
        x = (1.0, -1.0) if across[0] else (1.0,)
        y = (1.0, -1.0) if across[1] else (1.0,)
        return cls(torch.stack([torch.diag(torch.tensor([a, b])) for b in y for a in x]), page)

    @classmethod
    def turns(cls, page: Page, fold: int, *, mirrored: bool = False) -> Symmetry:
        """`fold` turns by a `fold`th of a circle each, with (`mirrored`) each one's mirror image as in a snowflake."""
        angle = torch.arange(fold) * (2 * math.pi / fold)
        c, s = angle.cos(), angle.sin()
        moves = torch.stack([c, -s, s, c], dim=1).reshape(fold, 2, 2)
        if mirrored:
            moves = torch.cat([moves, moves @ torch.diag(torch.tensor([-1.0, 1.0]))])
        return cls(moves, page)

    def to(self, device: torch.device) -> Symmetry:
        return Symmetry(self.moves.to(device), self.page)

    def __len__(self) -> int:
        return len(self.moves)

    def copies(self, points: Tensor) -> Tensor:
        """points [P, 2] mm -> [G * P, 2]: all of them moved by the first move, then by the second, and so on."""
        if len(self) == 1:
            return points
        middle = upload(torch.tensor([self.page.width / 2, self.page.height / 2]), points)
        return (torch.einsum("gij,pj->gpi", self.moves.to(points), points - middle) + middle).reshape(-1, 2)

    def original(self, points: Tensor) -> Tensor:
        """[P] bool: of each of points [P, 2] mm and its copies exactly one, but for those on a mirror; all without
        copies."""
        # The copy that lies furthest in a direction that no move leaves as it is.
        far = torch.tensor([0.6, -0.8]).to(points)
        reach = (self.copies(points) - points.new_tensor([self.page.width / 2, self.page.height / 2])) @ far
        return reach.reshape(len(self), -1).argmax(dim=0) == 0

    def inside(self, points: Tensor, nib: float) -> Tensor:
        """points [P, 2] mm, those of which a copy would lie beyond the page's reach, with half a `nib` mm, drawn
        towards the sheet's middle until none does; without copies, to the nearest place inside."""
        left, top, right, bottom = self.page.reach
        nib = min(nib, right - left, bottom - top) / 2
        low = upload(torch.tensor([left + nib, top + nib]), points)
        high = upload(torch.tensor([right - nib, bottom - nib]), points)
        points = torch.minimum(torch.maximum(points, low), high)
        if len(self) == 1:
            return points
        middle = (low + high) / 2
        away = (self.copies(points) - middle).abs().reshape(len(self), -1, 2)
        fits = ((high - low) / 2 / away.clamp_min(1e-6)).amin(dim=(0, 2)).clamp_max(1.0)
        return middle + (points - middle) * fits[:, None]
