"""Every pixel chooses one of N colours: AdMoR's quantised neuron excitation, without strokes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from plotart.canvas.canvas import STILL, Frame
from plotart.canvas.hands import Hands
from plotart.canvas.pen_choice import PenChoice
from plotart.canvas.renderer import Mixing
from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.objectives import Views, Windows
from plotart.palette import ClassMatrix, Palette


class PixelCanvas(PenChoice):
    """A class matrix [H, W, K] over a palette, whose inks are taken over white paper."""

    optional = frozenset[str]()

    def __init__(
        self, palette: Palette, page: Page, *, resolution: int, light: Mixing = "linear", random: torch.Generator
    ) -> None:
        self.page, self._light, self._resolution = page, light, resolution
        rows, columns, _ = page.pixels(resolution)
        logits = 0.01 * torch.randn(rows, columns, len(palette), generator=random)
        logits = logits.to(palette.device)
        super().__init__(ClassMatrix(logits.requires_grad_(), palette.open), palette)
        self._parameters = {"logits": logits, **palette.parameters()}
        self._paper = linear_to_srgb(torch.tensor(page.paper)).to(logits.device)

    @property
    def device(self) -> torch.device:
        return self._matrix.logits.device

    def resolution(self, detail: float = 1.0) -> int:
        """Pixels have one, whatever the detail."""
        return self._resolution

    @property
    def paper(self) -> Tensor:
        return self._paper

    @property
    def index(self) -> Tensor:
        """[H, W] int64: the colour of each pixel."""
        return self._matrix.hard()

    def parameters(self) -> dict[str, Tensor]:
        return {} if self._fixed else self._parameters

    def tensors(self) -> dict[str, Tensor]:
        return {**self._parameters, **self._kept}

    def soft(
        self,
        temperature: float,
        views: Views = STILL,
        *,
        softness: float = 0.0,
        noise: float = 0.0,
        random: torch.Generator | None = None,
        detail: float = 1.0,
        gates: Tensor | None = None,
    ) -> Frame:
        """Pixels have no edges that `softness` could blur, one resolution, and no windows."""
        shares = self._matrix.soft(temperature, noise=noise, random=random)
        colors = self._colors()
        image = shares @ (colors if self._light == "linear" else linear_to_srgb(colors))
        return self._framed(linear_to_srgb(image) if self._light == "linear" else image, shares, views)

    def hard(self, views: Views = STILL, *, detail: float = 1.0, gates: Tensor | None = None) -> Frame:
        pen = self._matrix.hard()
        shares = torch.nn.functional.one_hot(pen, len(self._palette)).float()
        return self._framed(linear_to_srgb(self._colors())[pen], shares, views)

    def laid(self, temperature: float) -> None:
        """Pixels are no lines."""

    def blank(self) -> Tensor:
        rows, columns = self._matrix.logits.shape[:2]
        return self.paper[:, None, None].expand(1, 3, rows, columns)

    def project(self) -> None:
        """Pixels can't stray."""

    def refit(self) -> None:
        """Pixels can't stray."""

    def recycle(self, temperature: float, random: torch.Generator) -> dict[str, Tensor]:
        """Every pixel can be seen."""
        return {}

    @property
    def hands(self) -> Hands:
        return Hands()

    @property
    def held(self) -> Tensor:
        return torch.zeros(0, dtype=torch.bool, device=self.device)

    def touch(self, hands: Hands) -> None:
        """Raises InputError for any stroke, as pixels are none."""
        hands.check(0)

    @property
    def units(self) -> Tensor:
        return torch.zeros(0, dtype=torch.int64, device=self.device)

    @property
    def most_lines(self) -> int:
        return 0

    @property
    def lines(self) -> int:
        return 0

    def costs(self) -> Tensor:
        return torch.zeros(0, device=self.device)

    def leave(self, strokes: Tensor) -> None:
        """Pixels stay."""

    def join(self, reach: float) -> None:
        """Pixels have no ends."""

    def can_chain(self, lines: int) -> bool:
        return False

    def chain(self, lines: int) -> None:
        """Pixels have no ends."""

    def restored(self) -> None:
        """Nothing follows from what is kept."""

    def _colors(self) -> Tensor:
        """[K, 3] linear light over white."""
        inks = self._palette.inks()
        return inks.reflectance + inks.transmittance

    def _framed(self, image: Tensor, shares: Tensor, views: Views) -> Frame:
        image, _ = views.render(_WholeImage(image.permute(2, 0, 1)[None]))
        return Frame(image, shares.reshape(-1, shares.shape[-1]))


@dataclass(frozen=True)
class _WholeImage:
    image: Tensor

    def whole(self) -> tuple[Tensor, None]:
        return self.image, None

    def windows(self, windows: Windows) -> tuple[Tensor, None]:
        raise ValueError("a canvas of pixels is not drawn in windows")
