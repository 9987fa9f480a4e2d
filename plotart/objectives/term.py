"""Terms of an objective. One sign convention: every term is a loss, lower is better.

Terms add like numbers and know their names:  ``objective = Excitation(...) + 0.1 * TotalVariation()``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor

from plotart.page import Page


@dataclass(frozen=True)
class Look:
    """What terms look at.

    image       [1, 3, H, W] sRGB in 0..1, the drawing as it is
    views       [B, 3, h, w] sRGB, the same in random views
    page        the sheet
    points      [P, 2] mm, num_points [N], widths [N] mm: the strokes; None on a canvas of pixels
    """

    image: Tensor
    views: Tensor
    page: Page
    points: Tensor | None = None
    num_points: Tensor | None = None
    widths: Tensor | None = None


class Term(ABC):
    """One part of an objective: a loss with a name."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the metrics call it."""

    @abstractmethod
    def __call__(self, look: Look) -> Tensor:
        """The loss, a scalar."""

    def __add__(self, other: Term) -> Sum:
        return Sum((*Sum.parts_of(self), *Sum.parts_of(other)))

    def __rmul__(self, factor: float) -> Sum:
        return Sum(tuple((factor * weight, term) for weight, term in Sum.parts_of(self)))

    def __str__(self) -> str:
        return self.name


class Sum(Term):
    """A weighted sum of terms."""

    def __init__(self, parts: tuple[tuple[float, Term], ...]) -> None:
        self.parts = parts

    @staticmethod
    def parts_of(term: Term) -> tuple[tuple[float, Term], ...]:
        return term.parts if isinstance(term, Sum) else ((1.0, term),)

    @property
    def name(self) -> str:
        return " + ".join(f"{weight:g} * {term}" if weight != 1 else str(term) for weight, term in self.parts)

    def losses(self, look: Look) -> dict[str, Tensor]:
        """Each term's weighted loss by name; a name that comes twice is numbered."""
        found: dict[str, Tensor] = {}
        for weight, term in self.parts:
            name, number = term.name, 2
            while name in found:
                name, number = f"{term.name} {number}", number + 1
            found[name] = weight * term(look)
        return found

    def __call__(self, look: Look) -> Tensor:
        total = look.views.new_zeros(())
        for loss in self.losses(look).values():
            total = total + loss
        return total
