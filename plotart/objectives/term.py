"""Terms of an objective. One sign convention: every term is a loss, lower is better.

Terms add like numbers and know their names:  ``objective = Excitation(...) + 0.1 * TotalVariation()``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.objectives.features import Features, Tap
from plotart.objectives.views import Views


@dataclass(frozen=True)
class InkedStrokes:
    """Strokes as they are drawn.

    points      [P, 2] control points in mm, num_points [N] of each stroke
    widths      [N] mm
    shares      [N, K]: how much of each pen the strokes are
    gates       [N]: how much of each stroke there is, 1 where nothing else is said; the gradient of a loss by it is
                what the stroke costs. What counts ink counts it by its gate
    """

    points: Tensor
    num_points: Tensor
    widths: Tensor
    shares: Tensor
    gates: Tensor | None = None

    def gated(self, values: Tensor) -> Tensor:
        """values [N, ...] of strokes, as far as each stroke is there."""
        return values if self.gates is None else values * self.gates.reshape(-1, *[1] * (values.ndim - 1))


@dataclass(frozen=True)
class Look:
    """What terms look at.

    image       [1, 3, H, W] sRGB in 0..1, the drawing as it is; or windows of it [B, 3, h, w], where views are Windows
    views       how the networks see it: anything that lies on the sheet can be seen through them
    features    what the networks see in `seen`
    page        the sheet
    strokes     what is drawn; None on a canvas of pixels
    random      what a term chooses by that looks at the drawing in ways of its own: the run's; None where figures are
                taken, which are the same each time
    """

    image: Tensor
    views: Views
    features: Features
    page: Page
    strokes: InkedStrokes | None = None
    random: torch.Generator | None = None

    @classmethod
    def plain(cls, image: Tensor, page: Page, taps: tuple[Tap, ...] = ()) -> Look:
        """An image alone, un-augmented, in float32: what figures are reported of."""
        return cls(image, Views.still(), Features(image, taps), page)

    @property
    def seen(self) -> Tensor:
        """[B, 3, h, w]: the drawing through the views."""
        return self.views.seen(self.image, linear_to_srgb(torch.tensor(self.page.paper)))

    @property
    def sheet(self) -> tuple[int, int]:
        """Rows and columns in px that a picture of the whole sheet needs to be seen as sharply as the drawing."""
        return self.views.sheet_size(self.image)


class Term(ABC):
    """One part of an objective: a loss with a name."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the metrics call it."""

    @property
    def taps(self) -> tuple[Tap, ...]:
        """The layers of networks that it looks at."""
        return ()

    @abstractmethod
    def __call__(self, look: Look) -> Tensor:
        """The loss, a scalar."""

    def __add__(self, other: Term) -> Sum:
        return Sum((*Sum.parts_of(self), *Sum.parts_of(other)))

    def __radd__(self, other: Term | int) -> Sum:
        """So that `sum(terms)` works, which starts with 0."""
        return Sum.of(self) if other == 0 else NotImplemented

    def __rmul__(self, factor: float) -> Sum:
        return Sum(tuple((factor * weight, term) for weight, term in Sum.parts_of(self)))

    def __str__(self) -> str:
        return self.name


class StrokeTerm(Term):
    """A term that looks at the strokes themselves; on a canvas of pixels it is zero."""

    def __call__(self, look: Look) -> Tensor:
        return look.image.new_zeros(()) if look.strokes is None else self.of_strokes(look.strokes, look.page)

    @abstractmethod
    def of_strokes(self, strokes: InkedStrokes, page: Page) -> Tensor:
        """The loss, a scalar."""


class Goal(Term):
    """A term that a drawing is made for, and not one that keeps it in bounds: runs report what becomes of it."""

    def reached(self, look: Look) -> float:
        """How well what is looked at reaches it: minus its loss, higher is better."""
        return -float(self(look))

    def activation(self, image: Tensor, page: Page, stills: Iterable[Views] | None = None) -> float:
        """How well image [1, 3, H, W] reaches it; see `Sum.activation`."""
        return Sum.of(self).activation(image, page, stills)


class Sum(Term):
    """A weighted sum of terms."""

    def __init__(self, parts: tuple[tuple[float, Term], ...]) -> None:
        self.parts = parts

    @classmethod
    def of(cls, term: Term) -> Sum:
        return cls(cls.parts_of(term))

    @staticmethod
    def parts_of(term: Term) -> tuple[tuple[float, Term], ...]:
        return term.parts if isinstance(term, Sum) else ((1.0, term),)

    @property
    def name(self) -> str:
        return " + ".join(f"{weight:g} * {term}" if weight != 1 else str(term) for weight, term in self.parts)

    @property
    def taps(self) -> tuple[Tap, ...]:
        return tuple(dict.fromkeys(tap for _, term in self.parts for tap in term.taps))

    @property
    def goals(self) -> tuple[tuple[float, Goal], ...]:
        """What a drawing is made for."""
        return tuple((weight, term) for weight, term in self.parts if isinstance(term, Goal))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the terms; a name that comes twice is numbered."""
        found: list[str] = []
        for _, term in self.parts:
            name, number = term.name, 2
            while name in found:
                name, number = f"{term.name} {number}", number + 1
            found.append(name)
        return tuple(found)

    @property
    def goal_names(self) -> tuple[str, ...]:
        """Those of the goals."""
        return tuple(name for name, (_, term) in zip(self.names, self.parts, strict=True) if isinstance(term, Goal))

    @torch.no_grad()
    def activation(self, image: Tensor, page: Page, stills: Iterable[Views] | None = None) -> float:
        """How well image [1, 3, H, W] reaches the goals, see `reached`; in float32.

        It is looked at as it is, or in `stills`, one by one, as the tiles of a large sheet: their mean counts.
        """
        paper, taps, found = linear_to_srgb(torch.tensor(page.paper)), Sum(self.goals).taps, []
        for still in stills if stills is not None else (Views.still(),):
            part = still(image, paper)
            found.append(self.reached(Look(part, still, Features(part, taps), page)))
        return sum(found) / len(found)

    def reached(self, look: Look) -> float:
        """How well what is looked at reaches the goals, by their weights."""
        return sum(weight * goal.reached(look) for weight, goal in self.goals)

    def losses(self, look: Look) -> dict[str, Tensor]:
        """Each term's weighted loss, by its name in `names`."""
        return {name: weight * term(look) for name, (weight, term) in zip(self.names, self.parts, strict=True)}

    def __call__(self, look: Look) -> Tensor:
        total = look.image.new_zeros(())
        for loss in self.losses(look).values():
            total = total + loss.to(total.device)
        return total
