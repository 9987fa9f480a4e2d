"""The sheet without the drawing: words and guests as their pens draw them, and the ground that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from plotart.canvas.pen_lines import pen_lines
from plotart.canvas.renderer import Renderer, inner_share
from plotart.color.light import linear_to_srgb
from plotart.export.drawing import Line
from plotart.export.fixed_pens import place_of
from plotart.geometry.cubics import along, cubics
from plotart.geometry.fixed import FixedLines
from plotart.geometry.page import Page
from plotart.geometry.strokes import point_rows
from plotart.objectives import Views
from plotart.palette import Palette
from plotart.palette.palettes import Inks
from plotart.pens import Pen, PenSet
from plotart.render.upload import upload

#: How finely the ground's edge is drawn: sub-pixels along a pixel's side, fewer where there would be more than so many.
FINE, MOST_FINE = 4, 8192

#: Points along a cubic by which it is told how much of a stroke lies on the ground.
POINTS = 12


@dataclass(frozen=True, eq=False)
class _Group:
    """Lines of one pen, and those of them that do not lie wholly on the ground that is kept clear."""

    group: FixedLines
    lines: Sequence[Line]
    crossed: Sequence[Line]


class Backdrop:
    """What is drawn is kept until the pens change; learned colours do so with every step."""

    def __init__(self, page: Page) -> None:
        import shapely

        self._page, self._ground = page, page.fixed.ground
        shapely.prepare(self._ground)
        self._groups = [_Group(group, group.lines, self._crossed(group.lines)) for group in page.fixed.groups]
        self._open: dict[int, Tensor] = {}
        self._bare: dict[int, tuple[PenSet, Tensor]] = {}

    def bare(self, renderer: Renderer, palette: Palette) -> Tensor:
        """[1, 3, H, W] sRGB, on the host: the sheet with no drawing on it."""
        pens, _ = _there(palette)
        known, image = self._bare.get(renderer.resolution, (None, torch.zeros(0)))
        if known != pens:
            layers = [(pens[place], group.lines) for place, group in self._by_place(pens)]
            plain = replace(self._page, cut=False)
            still = replace(renderer, backend="auto") if renderer.backend == "cuda" else renderer
            with torch.no_grad():
                image = still.image(*pen_lines(layers), plain)
            self._bare[renderer.resolution] = pens, image
        return image

    def behind(self, drawn: Tensor, renderer: Renderer, palette: Palette, views: Views) -> Tensor:
        """[B, 3, h, w] sRGB as `views` show the page: the drawing where it may be, and elsewhere the sheet without."""
        paper = linear_to_srgb(torch.tensor(self._page.paper))
        bare = views(upload(self.bare(renderer, palette), drawn), paper)
        return bare + (drawn - bare) * views(upload(self._may_draw(renderer.resolution), drawn))

    def amid(
        self, strokes: tuple[Tensor, Tensor, Inks], pen: Tensor, palette: Palette
    ) -> tuple[tuple[Tensor, Tensor, Inks], Tensor]:
        """Strokes in plotting order (points [P, 2] in mm, num_points [N], inks), `pen` [N] being their pens, with those
        lines among them that they may cross; and where the strokes are then, [N] places."""
        points, num_points, inks = strokes
        if not any(group.crossed for group in self._groups):
            return strokes, torch.arange(len(pen), device=pen.device)
        pens, columns = _there(palette)
        placed = self._by_place(pens)
        layers: list[tuple[Pen, Sequence[Line]]] = [(pens[place], group.crossed) for place, group in placed]
        others, counts, laid = pen_lines(layers)
        columns_of = [columns[place] for place, group in placed for _ in group.crossed]
        pen = torch.cat([pen, torch.tensor(columns_of, device=pen.device)])
        order = torch.argsort(pen, stable=True)
        counts = torch.cat([num_points, counts.to(num_points.device)])
        rows = point_rows(counts, order, len(points) + len(others))
        both = torch.cat([points, upload(others, points)])[rows]
        # By sorting and not by a mask: no step waits for a GPU to tell how many there are.
        places = torch.argsort((order >= len(num_points)).int(), stable=True)[: len(num_points)]
        return (both, counts[order], inks.with_others(laid.to(points.device))[order]), places

    def hides(self, points: Tensor, num_points: Tensor) -> Tensor:
        """[N] share of each stroke, points [P, 2] in mm, that lies on the ground that is kept clear."""
        import shapely

        curves, stroke = cubics(points.detach(), num_points)
        places = along(curves, POINTS).reshape(-1, 2).cpu().double().numpy()
        on_it = torch.from_numpy(shapely.contains_xy(self._ground, places)).to(points).reshape(-1, POINTS).mean(dim=1)
        sums = points.new_zeros(len(num_points)).index_add_(0, stroke, on_it)
        return sums / ((num_points - 1) // 3)

    def _by_place(self, pens: PenSet) -> list[tuple[int, _Group]]:
        """The groups with the places of their pens, in plotting order."""
        placed = [(place_of(group.group, pens, self._page), group) for group in self._groups]
        return sorted(placed, key=lambda pair: pair[0])

    def _crossed(self, lines: Sequence[Line]) -> list[Line]:
        import shapely

        paths = np.array([shapely.linestrings(line) for line in lines])
        return [line for line, clear in zip(lines, shapely.covers(self._ground, paths), strict=True) if not clear]

    def _may_draw(self, resolution: int) -> Tensor:
        """[1, 1, H, W]: the share of each pixel on which the drawing may be."""
        if resolution not in self._open:
            rows, columns, scale = self._page.pixels(resolution)
            share = _outside(self._ground, (rows, columns), scale)
            if self._page.cut:
                share = share * inner_share(self._page, resolution)
            self._open[resolution] = share[None, None]
        return self._open[resolution]


def may_draw(page: Page, resolution: int) -> Tensor:
    """[H, W]: the share of each pixel that lies inside the margins, and not on the ground that is kept clear."""
    inside = inner_share(page, resolution)
    if not page.fixed:
        return inside
    rows, columns, scale = page.pixels(resolution)
    return inside * _outside(page.fixed.ground, (rows, columns), scale)


def _there(palette: Palette) -> tuple[PenSet, list[int]]:
    """The pens that can be had now, and their columns."""
    pens = palette.pens()
    if palette.open is None:
        return pens, list(range(len(pens)))
    columns = palette.open.nonzero().flatten().tolist()
    return pens.pick(columns), columns


def _outside(ground: object, size: tuple[int, int], scale: float) -> Tensor:
    """[H, W]: the share of each pixel that lies outside polygons in mm, at `scale` px per mm."""
    import shapely

    rows, columns = size
    fine = max(1, min(FINE, MOST_FINE // max(size)))
    mask = Image.new("L", (columns * fine, rows * fine), 255)
    draw = ImageDraw.Draw(mask)
    # What lies in the hole of another polygon is smaller, and drawn after it. Pillow counts from pixels' middles.
    polygons = [part for part in shapely.get_parts(ground) if not part.is_empty]
    for polygon in sorted(polygons, key=lambda part: -float(part.area)):
        for ring, value in [(polygon.exterior, 0), *((hole, 255) for hole in polygon.interiors)]:
            corners = shapely.get_coordinates(ring) * (scale * fine) - 0.5
            draw.polygon([(x, y) for x, y in corners.tolist()], fill=value)
    values = torch.from_numpy(np.asarray(mask, dtype=np.float32) / 255)
    return values.reshape(rows, fine, columns, fine).mean(dim=(1, 3))
