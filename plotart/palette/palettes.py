"""What the columns of a class matrix stand for: pens to draw with, pens to choose from, or colours to be found."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from plotart.color import RGB, to_hex
from plotart.color.difference import differences
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import linear_to_lab
from plotart.palette.match import Match, match, on_paper
from plotart.pens import Ink, Pen, PenSet


@dataclass(frozen=True)
class Inks:
    """K pens as the renderer wants them: widths [K] mm; reflectance and transmittance [K, 3] in linear light."""

    widths: Tensor
    reflectance: Tensor
    transmittance: Tensor

    def __getitem__(self, rows: Tensor) -> Inks:
        """Those of `rows`, in that order."""
        return Inks(self.widths[rows], self.reflectance[rows], self.transmittance[rows])

    def mix(self, shares: Tensor) -> Inks:
        """[N, K] shares of the pens -> N inks between them."""
        return Inks(shares @ self.widths, shares @ self.reflectance, shares @ self.transmittance)

    def gated(self, gates: Tensor) -> Inks:
        """With so much of each [N]: 0 leaves what lies below as it is, 1 is the ink."""
        share = gates[:, None]
        return Inks(self.widths, share * self.reflectance, 1 - share * (1 - self.transmittance))

    def with_others(self, others: Inks) -> Inks:
        """These, and then the others."""
        pairs = zip(
            (self.widths, self.reflectance, self.transmittance),
            (others.widths, others.reflectance, others.transmittance),
            strict=True,
        )
        return Inks(*(torch.cat(pair) for pair in pairs))

    def detached(self) -> Inks:
        return Inks(self.widths.detach(), self.reflectance.detach(), self.transmittance.detach())

    def to(self, device: torch.device) -> Inks:
        return Inks(self.widths.to(device), self.reflectance.to(device), self.transmittance.to(device))

    def scaled(self, factor: float) -> Inks:
        """With other units: `factor` is px per mm, say."""
        return replace(self, widths=self.widths * factor)


@dataclass(frozen=True)
class Settled:
    """The pens for good, in plotting order: pen k is what column ``columns[k]`` stood for.

    matches: where colours were found and then given to pens, how well they fit.
    """

    palette: FixedPalette
    columns: Tensor
    matches: tuple[Match, ...] = ()


class Palette(Protocol):
    """K pens, in plotting order."""

    @property
    def device(self) -> torch.device:
        """Where its inks are."""
        ...

    @property
    def broadest(self) -> float:
        """mm of the broadest nib."""
        ...

    @property
    def open(self) -> Tensor | None:
        """[K] bool: the pens that can still be had; None = all, always."""
        ...

    def __len__(self) -> int: ...

    def parameters(self) -> dict[str, Tensor]:
        """Leaves to optimise by name; empty if nothing is learned."""
        ...

    def choice(self) -> dict[str, Tensor]:
        """Where pens are to be chosen, what a checkpoint has to keep of that; empty elsewhere."""
        ...

    def inks(self) -> Inks: ...

    def pens(self) -> PenSet:
        """The pens as they are now."""
        ...

    def kept(self, use: Tensor, count: int) -> Tensor:
        """[K] bool: the pens that are left when all but `count` are closed, given how much each is used [K]."""
        ...

    def narrow(self, use: Tensor, count: int) -> None:
        """Close all others, where pens are to be chosen."""
        ...

    def settled(self, use: Tensor) -> Settled:
        """What is left when the pens are fixed; `use` [K] is how much each is used."""
        ...


class FixedPalette:
    """Pens as they lie in the drawer."""

    open = None

    def __init__(self, pens: PenSet, *, device: torch.device | str = "cpu") -> None:
        self._pens, self.device = pens, torch.device(device)
        self._inks = Inks(pens.widths, pens.reflectance, pens.transmittance).to(self.device)
        self.broadest = float(pens.widths.max())

    def __len__(self) -> int:
        return len(self._pens)

    def parameters(self) -> dict[str, Tensor]:
        return {}

    def choice(self) -> dict[str, Tensor]:
        return {}

    def inks(self) -> Inks:
        return self._inks

    def pens(self) -> PenSet:
        return self._pens

    def kept(self, use: Tensor, count: int) -> Tensor:
        return torch.ones(len(self), dtype=torch.bool, device=self.device)

    def narrow(self, use: Tensor, count: int) -> None:
        """There is nothing to choose."""

    def settled(self, use: Tensor) -> Settled:
        return Settled(self, torch.arange(len(self), device=self.device))


#: Use that a pen is taken to have at least, so that of unused ones those go first that others can stand in for.
_TRACE = 1e-4


class ChoosingPalette(FixedPalette):
    """Pens of which `count` are to be left in the end, those of the names `must` in any case.

    A pen is missed the more, the more it is used and the more the next one that is left differs from it on the paper
    (linear light, CIEDE2000); what it drew counts as that one's use from then on.
    """

    def __init__(
        self,
        pens: PenSet,
        count: int,
        *,
        must: Sequence[str] = (),
        paper: RGB = (1.0, 1.0, 1.0),
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__(pens, device=device)
        self._count, self._left = count, torch.tensor(len(pens))  # on the host, which need not ask then
        self._must = torch.tensor([pen.name in must for pen in pens], device=device)
        lab = linear_to_lab(on_paper(pens, paper))
        self._apart = differences(lab, lab).float().fill_diagonal_(torch.inf).to(device)
        self._open = torch.ones(len(pens), dtype=torch.bool, device=device)

    @property
    def open(self) -> Tensor:  # type: ignore[override]
        return self._open

    def choice(self) -> dict[str, Tensor]:
        return {"open": self._open, "left": self._left}

    def kept(self, use: Tensor, count: int) -> Tensor:
        use, kept = use.clone(), self._open.clone()
        # By indices that stay where the inks are: no step waits for a GPU to tell which pen goes.
        for _ in range(int(self._left) - max(count, self._count)):
            nearest = self._apart.masked_fill(~kept, torch.inf).min(dim=1)
            missed = (use + _TRACE) * nearest.values
            least = missed.masked_fill(~kept | self._must, torch.inf).argmin(dim=0, keepdim=True)
            use.index_add_(0, nearest.indices.index_select(0, least), use.index_select(0, least))
            kept.index_fill_(0, least, False)
        return kept

    def narrow(self, use: Tensor, count: int) -> None:
        self._open.copy_(self.kept(use, count))
        self._left.clamp_max_(max(count, self._count))

    def settled(self, use: Tensor) -> Settled:
        self.narrow(use, self._count)
        places = self._open.nonzero().flatten()
        return Settled(FixedPalette(self.pens().pick(places.tolist()), device=self.device), places)


#: How much white a learned transparent colour loses: its palest is a grey of 1 - this.
PALENESS = 0.4


class LearnedPalette:
    """`count` free colours, sigmoid-bounded, of one nib `width` in mm and one kind of ink.

    owned: pens in plotting order, to which the colours are matched in the end, as they look on paper of the linear
    light `paper`.

    They start as hues around the circle, from light to dark, so that they differ from the first step on. Transparent
    colours are kept from paling away: an ink as light as the paper would be a pen that draws nothing.
    """

    open = None

    def __init__(
        self,
        count: int,
        *,
        width: float,
        ink: Ink = "transparent",
        opacity: float = 1.0,
        hue: float = 0.0,
        owned: PenSet | None = None,
        paper: RGB = (1.0, 1.0, 1.0),
        device: torch.device | str = "cpu",
    ) -> None:
        self.broadest, self.device = float(torch.tensor(width)), torch.device(device)
        self._width, self._ink, self._opacity = width, ink, opacity
        self._owned, self._paper = owned, paper
        start = [
            colorsys.hls_to_rgb((hue + k / count) % 1, 0.65 - 0.4 * k / max(1, count - 1), 0.6) for k in range(count)
        ]
        self.colors = torch.logit(torch.tensor(start), eps=1e-3).to(device).requires_grad_()

    def __len__(self) -> int:
        return len(self.colors)

    def parameters(self) -> dict[str, Tensor]:
        return {"colors": self.colors}

    def choice(self) -> dict[str, Tensor]:
        return {}

    def inks(self) -> Inks:
        light = srgb_to_linear(self._srgb())
        widths = light.new_full((len(self),), self._width)
        if self._ink == "opaque":
            covered = torch.full_like(light, 1 - self._opacity)
            return Inks(widths, self._opacity * light, covered)
        return Inks(widths, torch.zeros_like(light), 1 - self._opacity * (1 - light))

    def pens(self) -> PenSet:
        colors: list[RGB] = [(r, g, b) for r, g, b in self._srgb().detach().tolist()]
        return PenSet(
            [
                Pen(f"Colour {number}", to_hex(color), self._width, self._ink, self._opacity)
                for number, color in enumerate(colors, 1)
            ]
        )

    def kept(self, use: Tensor, count: int) -> Tensor:
        return torch.ones(len(self), dtype=torch.bool, device=self.device)

    def narrow(self, use: Tensor, count: int) -> None:
        """There is nothing to choose."""

    def settled(self, use: Tensor) -> Settled:
        found = self.pens()
        if self._owned is None:
            return Settled(FixedPalette(found, device=self.device), torch.arange(len(self), device=self.device))
        matches = match(linear_to_srgb(on_paper(found, self._paper)), self._owned, paper=self._paper)
        columns = sorted(range(len(matches)), key=lambda column: matches[column].pen)
        pens = self._owned.pick([matches[column].pen for column in columns])
        palette, places = FixedPalette(pens, device=self.device), torch.tensor(columns, device=self.device)
        return Settled(palette, places, tuple(matches[column] for column in columns))

    def _srgb(self) -> Tensor:
        """[K, 3]; where the ink is transparent, white becomes a mid grey and pure hues stay as they are."""
        bounded = torch.sigmoid(self.colors)
        if self._ink == "opaque":
            return bounded
        return bounded * (1 - PALENESS * bounded.amin(dim=1, keepdim=True))
