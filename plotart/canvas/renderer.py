"""How a page becomes an image: strokes in mm with an ink each, at some resolution, through `plotart.render`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.geometry.strokes import point_rows
from plotart.objectives import Views, Windows
from plotart.palette.palettes import Inks
from plotart.render import rasterize, visible_ink
from plotart.render.upload import upload

Mixing = Literal["linear", "srgb"]

#: White ink on white paper reflects all light for ever; a little is lost in truth, and keeps `two_flux` finite.
WHITEST, DARKEST = 1 - 1e-4, 1e-8


@dataclass(frozen=True)
class Renderer:
    """`resolution` px along the page's long side; inks mix in `light`.

    two_flux: light goes to and fro between layers, as in `plotart.render.rasterize`.
    """

    resolution: int = 224
    oversample: int = 2
    light: Mixing = "linear"
    backend: str = "auto"
    two_flux: bool = False

    def coarser(self, detail: float) -> Renderer:
        """The same with the share `detail` of the resolution."""
        return self if detail == 1 else replace(self, resolution=max(1, round(self.resolution * detail)))

    def image(self, points: Tensor, num_points: Tensor, inks: Inks, page: Page, *, softness: float = 0.0) -> Tensor:
        """Strokes in mm, each with an ink of its own -> [1, 3, H, W] sRGB in 0..1.

        `softness` mm is how far edges are blurred to either side; 0 is what will be plotted.
        """
        rows, columns, scale = page.pixels(self.resolution)
        drawn = self._drawn(points * scale, num_points, inks.scaled(scale), page, (rows, columns), softness * scale)
        return self._cut(drawn, page, Views.still())

    def windows(
        self, points: Tensor, num_points: Tensor, inks: Inks, page: Page, windows: Windows, *, softness: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Strokes as in `image` -> those windows of the page [B, 3, h, w], each drawn at its own scale, and [N] bool:
        the strokes that come near enough to one to be drawn at all."""
        placed, scales = windows.place(points), upload(windows.scales, points)[:, None]
        shown = windows.show(placed, num_points, (inks.widths.detach() / 2 + softness) * scales + 2.0)
        images = []
        for place, scale, near in zip(placed, windows.scales.tolist(), shown, strict=True):
            # How many are near is for a GPU alone to know: it draws all, rather than have the host wait for it.
            if near.device.type != "cpu":
                own, part, count = place, inks.scaled(scale), num_points
            else:
                order = near.nonzero().flatten()
                own, part, count = place[point_rows(num_points, order)], inks[order].scaled(scale), num_points[order]
            images.append(self._drawn(own, count, part, page, windows.size, softness * scale))
        return self._cut(torch.cat(images), page, windows), shown.any(dim=0)

    def visible_ink(self, points: Tensor, num_points: Tensor, widths: Tensor, passes: Tensor, page: Page) -> Tensor:
        """[N] mm² of each stroke's ink that can be seen. `passes` [N]: the share of light that a stroke lets through;
        the rest as in `image`, edges exact."""
        if page.cut:  # what lies beyond the margins is as good as off the sheet
            left, top, right, bottom = page.inner
            share = max(right - left, bottom - top) / max(page.width, page.height)
            within = Page(right - left, bottom - top, 0.0)
            points = points - upload(torch.tensor([left, top]), points)
            return self.coarser(share).visible_ink(points, num_points, widths, passes, within)
        rows, columns, scale = page.pixels(self.resolution)
        seen = visible_ink(
            points * scale,
            num_points,
            widths * scale,
            passes[:, None].expand(-1, 3),
            size=(rows, columns),
            oversample=self.oversample,
            backend=self.backend,
        )
        return seen / scale**2

    def _cut(self, drawn: Tensor, page: Page, views: Views) -> Tensor:
        """[B, 3, h, w] sRGB as `views` show the page: bare paper beyond the margins, if lines are cut there."""
        if not page.cut:
            return drawn
        inner = inner_share(page, self.resolution)
        paper = upload(linear_to_srgb(torch.tensor(page.paper)), drawn)[:, None, None]
        return paper + (drawn - paper) * views(upload(inner, drawn)[None, None])

    def _drawn(
        self, points: Tensor, num_points: Tensor, inks: Inks, page: Page, size: tuple[int, int], softness: float
    ) -> Tensor:
        """Strokes in px -> [1, 3, H, W] sRGB."""
        paper = upload(torch.tensor(page.paper), points)
        reflectance, transmittance = inks.reflectance, inks.transmittance
        if self.light == "srgb":
            # The ink over black and over white, as they look; mixing goes on between these values.
            over_black, over_white = linear_to_srgb(reflectance), linear_to_srgb(reflectance + transmittance)
            reflectance, transmittance = over_black, over_white - over_black
            paper = linear_to_srgb(paper)
        if self.two_flux:
            reflectance, transmittance = _one_way(reflectance, transmittance)
        image = rasterize(
            points,
            num_points,
            inks.widths,
            reflectance,
            transmittance,
            size=size,
            background=paper,
            oversample=self.oversample,
            softness=softness,
            two_flux=self.two_flux,
            backend=self.backend,
        )
        if self.light == "linear":
            image = linear_to_srgb(image)
        return image.permute(2, 0, 1)[None]


def inner_share(page: Page, resolution: int) -> Tensor:
    """[H, W]: the share of each pixel that lies inside the margins."""
    rows, columns, scale = page.pixels(resolution)
    left, top, right, bottom = page.inner

    def covered(count: int, low: float, high: float) -> Tensor:
        at = (torch.arange(count) + 0.5) / scale
        return (torch.minimum(at - low, high - at) * scale + 0.5).clamp(0, 1)

    return covered(rows, top, bottom)[:, None] * covered(columns, left, right)


def _one_way(reflectance: Tensor, transmittance: Tensor) -> tuple[Tensor, Tensor]:
    """R and T [N, 3] for `two_flux`, under which light passes a layer twice and inks still look as they do on white:
    there  R + T² / (1 - R)  is to be what  R + T  was."""
    reflectance = reflectance.clamp_max(WHITEST)
    return reflectance, (transmittance * (1 - reflectance)).clamp_min(DARKEST).sqrt()
