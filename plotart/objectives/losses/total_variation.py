"""Total variation: calm the image."""

from __future__ import annotations

from torch import Tensor

from plotart.objectives.term import Look, Term


class TotalVariation(Term):
    """Mean absolute difference of neighbouring pixels (Rudin, Osher, Fatemi 1992, anisotropic form); those of an image
    that is one pixel wide or high have no neighbours that way."""

    name = "total variation"

    def __call__(self, look: Look) -> Tensor:
        down, across = look.image.diff(dim=2), look.image.diff(dim=3)
        return down.abs().sum() / max(1, down.numel()) + across.abs().sum() / max(1, across.numel())
