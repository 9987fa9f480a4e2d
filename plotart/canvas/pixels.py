"""Every pixel chooses one of N colours: AdMoR's quantised neuron excitation, without strokes."""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.canvas.canvas import Frame
from plotart.canvas.pen_choice import PenChoice
from plotart.canvas.strokes import Light
from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.objectives import Windows
from plotart.palette import ClassMatrix, Palette


class PixelCanvas(PenChoice):
    """A class matrix [H, W, K] over a palette, whose inks are taken over white paper."""

    def __init__(
        self, palette: Palette, page: Page, *, resolution: int, light: Light = "linear", random: torch.Generator
    ) -> None:
        self.page, self._light = page, light
        rows, columns, _ = page.pixels(resolution)
        logits = 0.01 * torch.randn(rows, columns, len(palette), generator=random)
        super().__init__(ClassMatrix(logits.requires_grad_(), palette.open), palette)
        self._parameters = {"logits": logits, **palette.parameters()}

    @property
    def paper(self) -> Tensor:
        return linear_to_srgb(torch.tensor(self.page.paper))

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
        *,
        softness: float = 0.0,
        noise: float = 0.0,
        random: torch.Generator | None = None,
        detail: float = 1.0,
        windows: Windows | None = None,
    ) -> Frame:
        """Pixels have no edges that `softness` could blur, one resolution, and no windows."""
        assert windows is None
        shares = self._matrix.soft(temperature, noise=noise, random=random)
        colors = self._colors()
        image = shares @ (colors if self._light == "linear" else linear_to_srgb(colors))
        return self._framed(linear_to_srgb(image) if self._light == "linear" else image, shares)

    def hard(self, windows: Windows | None = None, *, detail: float = 1.0) -> Frame:
        assert windows is None
        pen = self._matrix.hard()
        shares = torch.nn.functional.one_hot(pen, len(self._palette)).float()
        return self._framed(linear_to_srgb(self._colors())[pen], shares)

    def unshown(self, shown: Tensor) -> dict[str, Tensor]:
        """Every pixel can be seen."""
        return {}

    def blank(self) -> Tensor:
        rows, columns = self._matrix.logits.shape[:2]
        return self.paper[:, None, None].expand(1, 3, rows, columns)

    def project(self) -> None:
        """Pixels can't stray."""

    def recycle(self, temperature: float, random: torch.Generator) -> dict[str, Tensor]:
        """Every pixel can be seen."""
        return {}

    def _colors(self) -> Tensor:
        """[K, 3] linear light over white."""
        inks = self._palette.inks()
        return inks.reflectance + inks.transmittance

    def _framed(self, image: Tensor, shares: Tensor) -> Frame:
        return Frame(image.permute(2, 0, 1)[None], shares.reshape(-1, shares.shape[-1]))
