"""Strokes on paper, drawn by the differentiable renderer in the order in which they will be plotted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from plotart.canvas.canvas import Frame
from plotart.light import linear_to_srgb
from plotart.page import Page
from plotart.palette import ClassMatrix, FixedPalette, Palette
from plotart.palette.palettes import Inks
from plotart.render import rasterize
from plotart.strokes import Strokes, joint_rows, point_rows

Light = Literal["linear", "srgb"]


@dataclass(frozen=True)
class Renderer:
    """How a page becomes an image: `resolution` px along its long side; inks mix in `light`."""

    resolution: int = 224
    oversample: int = 2
    light: Light = "linear"
    backend: str = "auto"

    def image(self, points: Tensor, num_points: Tensor, inks: Inks, page: Page) -> Tensor:
        """Strokes in mm, each with its own ink (widths [N] mm, R and T [N, 3]) -> [1, 3, H, W] sRGB in 0..1."""
        rows, columns, scale = page.pixels(self.resolution)
        paper = torch.tensor(page.paper)
        reflectance, transmittance = inks.reflectance, inks.transmittance
        if self.light == "srgb":
            # The ink over black and over white, as they look; mixing goes on between these values.
            over_black, over_white = linear_to_srgb(reflectance), linear_to_srgb(reflectance + transmittance)
            reflectance, transmittance = over_black, over_white - over_black
            paper = linear_to_srgb(paper)
        image = rasterize(
            points * scale,
            num_points,
            inks.widths * scale,
            reflectance,
            transmittance,
            size=(rows, columns),
            background=paper,
            oversample=self.oversample,
            backend=self.backend,
        )
        if self.light == "linear":
            image = linear_to_srgb(image)
        return image.permute(2, 0, 1)[None]


class StrokeCanvas:
    """Strokes whose points, pens and (with a learned palette) colours are optimised.

    smooth: the joint of two cubics is not free but the midpoint of its neighbours, so that a stroke has no kinks
    (its parametrisation is once continuously differentiable).
    """

    def __init__(
        self, strokes: Strokes, palette: Palette, page: Page, renderer: Renderer, *, smooth: bool = True
    ) -> None:
        self.page, self._palette, self._renderer = page, palette, renderer
        self._num_points = strokes.num_points
        self._joints = joint_rows(strokes.num_points) if smooth else torch.zeros(0, dtype=torch.int64)
        self._points = strokes.points.clone().requires_grad_()
        self._matrix = ClassMatrix(strokes.logits.clone().requires_grad_())
        self._tensors = {"points": self._points, "logits": self._matrix.logits, **palette.parameters()}
        self._fixed = False

    @property
    def paper(self) -> Tensor:
        return linear_to_srgb(torch.tensor(self.page.paper))

    @property
    def strokes(self) -> Strokes:
        return Strokes(self._shape().detach(), self._num_points, self._matrix.logits.detach())

    @property
    def palette(self) -> Palette:
        return self._palette

    def parameters(self) -> dict[str, Tensor]:
        return {"points": self._points} if self._fixed else self._tensors

    def tensors(self) -> dict[str, Tensor]:
        return self._tensors

    def harden(self) -> None:
        """Give every stroke its pen for good, and every learned colour its value: what is left are the points."""
        self._palette = FixedPalette(self._palette.pens())
        self._fixed = True

    def soft(self, temperature: float, *, noise: float = 0.0, random: torch.Generator | None = None) -> Frame:
        shares = self._matrix.soft(temperature, noise=noise, random=random)
        inks = self._palette.inks()
        mixed = Inks(shares @ inks.widths, shares @ inks.reflectance, shares @ inks.transmittance)
        return self._drawn(mixed, shares)

    def hard(self) -> Frame:
        pen = self._matrix.hard()
        inks = self._palette.inks()
        own = Inks(inks.widths[pen], inks.reflectance[pen], inks.transmittance[pen])
        return self._drawn(own, torch.nn.functional.one_hot(pen, len(self._palette)).to(self._points))

    def blank(self) -> Tensor:
        rows, columns, _ = self.page.pixels(self._renderer.resolution)
        return self.paper[:, None, None].expand(1, 3, rows, columns)

    @torch.no_grad()
    def project(self) -> None:
        """Control points back inside the margins, by half the broadest nib: a curve stays in their hull."""
        left, top, right, bottom = self.page.inner
        nib = min(float(self._palette.inks().widths.max()), right - left, bottom - top) / 2
        low, high = torch.tensor([left + nib, top + nib]), torch.tensor([right - nib, bottom - nib])
        self._points.copy_(torch.minimum(torch.maximum(self._points, low), high))

    def _drawn(self, inks: Inks, shares: Tensor) -> Frame:
        """Strokes with an ink each, laid in the order in which their likeliest pens are plotted."""
        order = torch.argsort(self._matrix.hard(), stable=True)
        rows = point_rows(self._num_points, order)
        laid = Inks(inks.widths[order], inks.reflectance[order], inks.transmittance[order])
        points = self._shape()
        image = self._renderer.image(points[rows], self._num_points[order], laid, self.page)
        return Frame(image, shares, points, self._num_points, inks.widths)

    def _shape(self) -> Tensor:
        """[P, 2] mm: the control points that are drawn."""
        between = (self._points[self._joints - 1] + self._points[self._joints + 1]) / 2
        return self._points.index_copy(0, self._joints, between)
