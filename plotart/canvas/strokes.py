"""Strokes on paper, drawn by the differentiable renderer in the order in which they will be plotted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from plotart.canvas.canvas import Frame
from plotart.canvas.layout import random_strokes
from plotart.canvas.pen_choice import PenChoice
from plotart.canvas.symmetry import Symmetry
from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, joint_rows, point_rows
from plotart.objectives import Windows
from plotart.palette import ClassMatrix, Palette
from plotart.palette.palettes import Inks
from plotart.pens import PenSet
from plotart.render import rasterize, visible_ink

Light = Literal["linear", "srgb"]

#: A stroke is dead when less of its ink than this share can be seen.
DEAD = 0.02

#: White ink on white paper reflects all light for ever; a little is lost in truth, and keeps `two_flux` finite.
WHITEST, DARKEST = 1 - 1e-4, 1e-8


@dataclass(frozen=True)
class Renderer:
    """How a page becomes an image: `resolution` px along its long side; inks mix in `light`.

    two_flux: light goes to and fro between layers, as in `plotart.render.rasterize`.
    """

    resolution: int = 224
    oversample: int = 2
    light: Light = "linear"
    backend: str = "auto"
    two_flux: bool = False

    def coarser(self, detail: float) -> Renderer:
        """The same with the share `detail` of the resolution."""
        return self if detail == 1 else replace(self, resolution=max(1, round(self.resolution * detail)))

    def image(self, points: Tensor, num_points: Tensor, inks: Inks, page: Page, *, softness: float = 0.0) -> Tensor:
        """Strokes in mm, each with its own ink (widths [N] mm, R and T [N, 3]) -> [1, 3, H, W] sRGB in 0..1.

        `softness` mm is how far edges are blurred to either side; 0 is what will be plotted.
        """
        rows, columns, scale = page.pixels(self.resolution)
        laid = Inks(inks.widths * scale, inks.reflectance, inks.transmittance)
        return self._drawn(points * scale, num_points, laid, page, (rows, columns), softness * scale)

    def windows(
        self, points: Tensor, num_points: Tensor, inks: Inks, page: Page, windows: Windows, *, softness: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Strokes as in `image` -> those windows of the page [B, 3, h, w], each drawn at its own scale, and [N] bool:
        the strokes that come near enough to one to be drawn at all."""
        placed, scales = windows.place(points), windows.scales[:, None]
        shown = windows.show(placed, num_points, (inks.widths.detach() / 2 + softness) * scales + 2.0)
        images = []
        for place, scale, near in zip(placed, windows.scales.tolist(), shown, strict=True):
            order = near.nonzero().flatten()
            laid = Inks(inks.widths[order] * scale, inks.reflectance[order], inks.transmittance[order])
            own = place[point_rows(num_points, order)]
            images.append(self._drawn(own, num_points[order], laid, page, windows.size, softness * scale))
        return torch.cat(images), shown.any(dim=0)

    def _drawn(
        self, points: Tensor, num_points: Tensor, inks: Inks, page: Page, size: tuple[int, int], softness: float
    ) -> Tensor:
        """Strokes in px -> [1, 3, H, W] sRGB."""
        paper = torch.tensor(page.paper)
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

    def visible_ink(self, points: Tensor, num_points: Tensor, widths: Tensor, passes: Tensor, page: Page) -> Tensor:
        """[N] mm² of each stroke's ink that can be seen. `passes` [N]: the share of light that a stroke lets through;
        the rest as in `image`, edges exact."""
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


def _one_way(reflectance: Tensor, transmittance: Tensor) -> tuple[Tensor, Tensor]:
    """R and T [N, 3] for `two_flux`, under which light passes a layer twice and inks still look as they do on white:
    there  R + T² / (1 - R)  is to be what  R + T  was."""
    reflectance = reflectance.clamp_max(WHITEST)
    return reflectance, (transmittance * (1 - reflectance)).clamp_min(DARKEST).sqrt()


class StrokeCanvas(PenChoice):
    """Strokes whose points, pens and (with a learned palette) colours are optimised.

    smooth: the joint of two cubics is not free but the midpoint of its neighbours, so that a stroke has no kinks
    (its parametrisation is once continuously differentiable).
    length: mm of strokes that are placed anew.
    symmetry: each of `strokes` is drawn together with its copies, which take its pen; everything that is drawn or
    counted has them all, the copies after the strokes themselves.
    """

    def __init__(
        self,
        strokes: Strokes,
        palette: Palette,
        page: Page,
        renderer: Renderer,
        *,
        smooth: bool = True,
        length: float = 20.0,
        symmetry: Symmetry | None = None,
    ) -> None:
        super().__init__(ClassMatrix(strokes.logits.clone().requires_grad_(), palette.open), palette)
        self.page, self._renderer, self._length = page, renderer, length
        self._symmetry = symmetry if symmetry is not None else Symmetry.none(page)
        self._own_points = strokes.num_points
        self._num_points = strokes.num_points.repeat(len(self._symmetry))
        self._joints = joint_rows(strokes.num_points) if smooth else torch.zeros(0, dtype=torch.int64)
        self._points = strokes.points.clone().requires_grad_()
        self._parameters = {"points": self._points, "logits": self._matrix.logits, **palette.parameters()}
        if len(self._symmetry) > 1:
            self.project()  # a copy of what fits on the sheet need not

    @property
    def paper(self) -> Tensor:
        return linear_to_srgb(torch.tensor(self.page.paper))

    @property
    def strokes(self) -> Strokes:
        return Strokes(self._shape().detach(), self._num_points, self._copied(self._matrix.scores().detach()))

    def parameters(self) -> dict[str, Tensor]:
        return {"points": self._points} if self._fixed else self._parameters

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
        shares = self._copied(self._matrix.soft(temperature, noise=noise, random=random))
        inks = self._palette.inks()
        mixed = Inks(shares @ inks.widths, shares @ inks.reflectance, shares @ inks.transmittance)
        return self._drawn(mixed, shares, windows, softness, detail)

    def hard(self, windows: Windows | None = None, *, detail: float = 1.0) -> Frame:
        pen = self._copied(self._matrix.hard())
        inks = self._palette.inks()
        own = Inks(inks.widths[pen], inks.reflectance[pen], inks.transmittance[pen])
        return self._drawn(
            own, torch.nn.functional.one_hot(pen, len(self._palette)).to(self._points), windows, detail=detail
        )

    def blank(self) -> Tensor:
        rows, columns, _ = self.page.pixels(self._renderer.resolution)
        return self.paper[:, None, None].expand(1, 3, rows, columns)

    @torch.no_grad()
    def project(self) -> None:
        """Control points, and their copies, back inside the margins, by half the broadest nib: a curve stays in their
        hull."""
        nib = float(self._palette.inks().widths.max())
        self._points.copy_(self._symmetry.inside(self._points, nib))

    @torch.no_grad()
    def dead(self, temperature: float) -> Tensor:
        """[N] bool: strokes of which, with all copies, next to nothing can be seen, being off the page or covered by
        opaque ink.

        Nothing that is seen changes when they move a little, so that no slope ever brings them back. Transparent ink
        hides nothing here, however dark it is.
        """
        shares = self._copied(self._matrix.soft(temperature))
        order, rows = self._plotting_order()
        points, num_points = self._shape()[rows], self._num_points[order]
        widths = (shares @ self._palette.inks().widths)[order]
        passes = (shares @ _passes(self._palette.pens()))[order]

        def seen(passes: Tensor) -> Tensor:
            return self._renderer.visible_ink(points, num_points, widths, passes, self.page)

        # What is on the page counts as the stroke's own ink, unless that is less than a dot.
        own = torch.maximum(seen(torch.ones_like(passes)), math.pi / 4 * widths**2)
        dead = torch.zeros(len(order), dtype=torch.bool)
        dead[order] = seen(passes) < DEAD * own
        return dead.reshape(len(self._symmetry), -1).all(dim=0)

    @torch.no_grad()
    def recycle(self, temperature: float, random: torch.Generator) -> dict[str, Tensor]:
        """Dead strokes begin again, as strokes of a random layout do."""
        dead = self.dead(temperature).nonzero().flatten()
        for stroke in dead:
            segments = (int(self._own_points[stroke]) - 1) // 3
            new = random_strokes(1, segments, self._length, self.page, len(self._palette), random)
            self._points[point_rows(self._own_points, stroke[None])] = new.points
            self._matrix.logits[stroke] = new.logits[0]
        if len(self._symmetry) > 1:
            self.project()
        return {"points": point_rows(self._own_points, dead), "logits": dead}

    def unshown(self, shown: Tensor) -> dict[str, Tensor]:
        own = (~shown.reshape(len(self._symmetry), -1).any(dim=0)).nonzero().flatten()
        return {"points": point_rows(self._own_points, own), "logits": own}

    def _plotting_order(self) -> tuple[Tensor, Tensor]:
        """Strokes [N] in the order in which their likeliest pens are plotted, and the rows [P] of their points."""
        order = torch.argsort(self._copied(self._matrix.hard()), stable=True)
        return order, point_rows(self._num_points, order)

    def _drawn(
        self,
        inks: Inks,
        shares: Tensor,
        windows: Windows | None = None,
        softness: float = 0.0,
        detail: float = 1.0,
    ) -> Frame:
        """Strokes with an ink each, laid in plotting order."""
        order, rows = self._plotting_order()
        laid = Inks(inks.widths[order], inks.reflectance[order], inks.transmittance[order])
        points = self._shape()
        if windows is None:
            renderer = self._renderer.coarser(detail)
            image = renderer.image(points[rows], self._num_points[order], laid, self.page, softness=softness)
            return Frame(image, shares, points, self._num_points, inks.widths)
        images, drawn = self._renderer.windows(
            points[rows], self._num_points[order], laid, self.page, windows, softness=softness
        )
        shown = torch.empty_like(drawn)
        shown[order] = drawn
        return Frame(images, shares, points, self._num_points, inks.widths, shown)

    def _shape(self) -> Tensor:
        """[P, 2] mm: the control points that are drawn, copies and all."""
        between = (self._points[self._joints - 1] + self._points[self._joints + 1]) / 2
        return self._symmetry.copies(self._points.index_copy(0, self._joints, between))

    def _copied(self, rows: Tensor) -> Tensor:
        """What strokes have, [n, ...] -> [N, ...]: their copies have the same."""
        return rows.repeat(len(self._symmetry), *[1] * (rows.ndim - 1)) if len(self._symmetry) > 1 else rows


def _passes(pens: PenSet) -> Tensor:
    """[pens] share of the light that a layer of each pen's ink lets through; transparent ones hide nothing."""
    return torch.tensor([1 - pen.opacity if pen.ink == "opaque" else 1.0 for pen in pens])
