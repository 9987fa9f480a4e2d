"""Terms that look at the image alone."""

from __future__ import annotations

from torch import Tensor

from plotart.objectives.term import Look, Term


class TotalVariation(Term):
    """Mean absolute difference of neighbouring pixels (Rudin, Osher, Fatemi 1992, anisotropic form)."""

    name = "total variation"

    def __call__(self, look: Look) -> Tensor:
        image = look.image
        return image.diff(dim=2).abs().mean() + image.diff(dim=3).abs().mean()
