"""Strokes on paper, drawn by the differentiable renderer in the order in which they will be plotted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from plotart.canvas.canvas import STILL, Frame
from plotart.canvas.layout import random_strokes
from plotart.canvas.pen_choice import PenChoice
from plotart.canvas.renderer import Renderer
from plotart.canvas.symmetry import Symmetry
from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, joint_rows, point_rows
from plotart.objectives import InkedStrokes, Views, Windows
from plotart.palette import ClassMatrix, Palette
from plotart.palette.palettes import Inks
from plotart.pens import PenSet

#: A stroke is dead when less of its ink than this share can be seen.
DEAD = 0.02


@dataclass(frozen=True)
class _Sheet:
    """Strokes in plotting order, for views to have rendered what they need of them."""

    renderer: Renderer
    laid: tuple[Tensor, Tensor, Inks, Page]
    softness: float

    def whole(self) -> tuple[Tensor, None]:
        return self.renderer.image(*self.laid, softness=self.softness), None

    def windows(self, windows: Windows) -> tuple[Tensor, Tensor]:
        return self.renderer.windows(*self.laid, windows, softness=self.softness)


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
        self._symmetry = (symmetry if symmetry is not None else Symmetry.none(page)).to(strokes.points.device)
        self._paper = linear_to_srgb(torch.tensor(page.paper)).to(strokes.points.device)
        self._own_points = strokes.num_points
        self._num_points = strokes.num_points.repeat(len(self._symmetry))
        self._joints = joint_rows(strokes.num_points) if smooth else strokes.num_points[:0]
        self._points = strokes.points.clone().requires_grad_()
        self._parameters = {"points": self._points, "logits": self._matrix.logits, **palette.parameters()}
        if len(self._symmetry) > 1:
            self.project()  # a copy of what fits on the sheet need not

    @property
    def device(self) -> torch.device:
        return self._points.device

    def resolution(self, detail: float = 1.0) -> int:
        return self._renderer.coarser(detail).resolution

    @property
    def paper(self) -> Tensor:
        return self._paper

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
        views: Views = STILL,
        *,
        softness: float = 0.0,
        noise: float = 0.0,
        random: torch.Generator | None = None,
        detail: float = 1.0,
    ) -> Frame:
        shares = self._copied(self._matrix.soft(temperature, noise=noise, random=random))
        return self._drawn(self._palette.inks().mix(shares), shares, views, detail, softness)

    def hard(self, views: Views = STILL, *, detail: float = 1.0) -> Frame:
        pen = self._copied(self._matrix.hard())
        shares = torch.nn.functional.one_hot(pen, len(self._palette)).to(self._points)
        return self._drawn(self._palette.inks()[pen], shares, views, detail)

    def blank(self) -> Tensor:
        rows, columns, _ = self.page.pixels(self._renderer.resolution)
        return self.paper[:, None, None].expand(1, 3, rows, columns)

    @torch.no_grad()
    def project(self) -> None:
        """Control points, and their copies, back inside the margins, by half the broadest nib: a curve stays in their
        hull."""
        self._points.copy_(self._symmetry.inside(self._points, self._palette.broadest))

    @torch.no_grad()
    def dead(self, temperature: float) -> Tensor:
        """[N] bool: strokes of which, with all copies, next to nothing can be seen, being off the page or covered by
        opaque ink.

        Nothing that is seen changes when they move a little, so that no gradient ever brings them back. Transparent ink
        hides nothing here, however dark it is.
        """
        shares = self._copied(self._matrix.soft(temperature))
        order, rows = self._plotting_order()
        points, num_points = self._shape()[rows], self._num_points[order]
        widths = (shares @ self._palette.inks().widths)[order]
        passes = (shares @ _passes(self._palette.pens()).to(shares))[order]

        def seen(passes: Tensor) -> Tensor:
            return self._renderer.visible_ink(points, num_points, widths, passes, self.page)

        # What is on the page counts as the stroke's own ink, unless that is less than a dot.
        own = torch.maximum(seen(torch.ones_like(passes)), math.pi / 4 * widths**2)
        dead = torch.zeros(len(order), dtype=torch.bool, device=order.device)
        dead[order] = seen(passes) < DEAD * own
        return dead.reshape(len(self._symmetry), -1).all(dim=0)

    @torch.no_grad()
    def recycle(self, temperature: float, random: torch.Generator) -> dict[str, Tensor]:
        """Dead strokes begin again, as strokes of a random layout do."""
        dead = self.dead(temperature).nonzero().flatten()
        for stroke in dead:
            segments = (int(self._own_points[stroke]) - 1) // 3
            new = random_strokes(1, segments, self._length, self.page, len(self._palette), random).to(self.device)
            self._points[point_rows(self._own_points, stroke[None])] = new.points
            self._matrix.logits[stroke] = new.logits[0]
        if len(self._symmetry) > 1:
            self.project()
        return {"points": point_rows(self._own_points, dead), "logits": dead}

    def _plotting_order(self) -> tuple[Tensor, Tensor]:
        """Strokes [N] in the order in which their likeliest pens are plotted, and the rows [P] of their points."""
        order = torch.argsort(self._copied(self._matrix.hard()), stable=True)
        return order, point_rows(self._num_points, order, len(self._points) * len(self._symmetry))

    def _drawn(self, inks: Inks, shares: Tensor, views: Views, detail: float, softness: float = 0.0) -> Frame:
        """Strokes with an ink each, laid in plotting order."""
        order, rows = self._plotting_order()
        points = self._shape()
        laid = points[rows], self._num_points[order], inks[order], self.page
        image, shown = views.render(_Sheet(self._renderer.coarser(detail), laid, softness))
        idle = {} if shown is None else self._idle(torch.empty_like(shown).index_copy(0, order, shown))
        return Frame(image, shares, InkedStrokes(points, self._num_points, inks.widths, shares), idle)

    def _idle(self, shown: Tensor) -> dict[str, Tensor]:
        """The rows of points and of logits, bool, of strokes that are not among `shown` [N], nor is any copy."""
        own = ~shown.reshape(len(self._symmetry), -1).any(dim=0)
        return {"points": own.repeat_interleave(self._own_points, output_size=len(self._points)), "logits": own}

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
