"""The CPU backend: Numba kernels with a hand-written backward pass, as one autograd function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from plotart.render import kernels
from plotart.render.cells import blocks_per_px, cell_height, cell_radius, cell_reach, cells_of_pixel, pixel_step
from plotart.render.compiling import compiling
from plotart.render.flatten import tolerance
from plotart.render.kernels import (
    Cubics,
    Entries,
    Floats,
    Grid,
    Inks,
    Ints,
    Pieces,
    StrokeGradients,
    TileGradients,
    Tiles,
)
from plotart.render.scene import Scene
from plotart.render.threads import in_parts, thread_count, workspace


def rasterize_cpu(scene: Scene) -> Tensor:
    """Scene in float32 on the CPU -> image [H, W, 3]."""
    if scene.points.device.type != "cpu" or scene.points.dtype != torch.float32:
        found = f"{scene.points.dtype} on {scene.points.device}"
        raise ValueError(f"the cpu backend takes float32 on the CPU, found {found}; use backend='reference'")
    leaves = scene.points, scene.stroke_width, scene.reflectance, scene.transmittance, scene.background
    return _Rasterize.apply(*leaves, scene)


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, points: Tensor, width: Tensor, reflectance: Tensor, transmittance: Tensor, paper: Tensor, scene: Scene
    ) -> Tensor:
        ctx.save_for_backward(points, width, reflectance, transmittance, paper)
        blur = np.float32(2 * scene.softness * blocks_per_px(scene.oversample))
        ctx.inks = inks = Inks(_array(reflectance), _array(transmittance), _array(paper), blur, scene.two_flux)
        with compiling(*kernels.FORWARD):
            ctx.tiled = tiled = TiledScene.of(scene, for_backward=any(ctx.needs_input_grad[:5]))
            image, ctx.used = tiled.forward(inks)
        return torch.from_numpy(image)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        _ = ctx.saved_tensors  # raises if one was changed in place since
        with compiling(*kernels.BACKWARD):
            gradients = ctx.tiled.backward(_array(upstream), ctx.used, ctx.inks)
        return *(torch.from_numpy(values) for values in gradients), None


@dataclass(frozen=True)
class TiledScene:
    """A scene cut into pieces (in blocks), and the pieces sorted into tiles."""

    scene: Scene
    grid: Grid
    cubics: Cubics
    entries: Entries
    tiles: Tiles

    @classmethod
    def of(cls, scene: Scene, *, for_backward: bool) -> TiledScene:
        """for_backward: whether `forward` notes the visits that `backward` needs."""
        scale = blocks_per_px(scene.oversample)
        xy, num_points, width = _array(scene.points), scene.num_points.numpy(), _array(scene.stroke_width)
        strokes, total = len(num_points), (len(xy) - len(num_points)) // 3
        softness = scene.softness * scale
        cubics = Cubics(*(np.empty(n, np.int64) for n in (total, total, total + 1, strokes + 1)))
        half, ink, thin = np.empty(strokes, np.float32), np.empty(strokes, np.float32), np.empty(strokes, np.bool_)
        sizes = scale, cell_reach(scene.oversample), softness, tolerance(scene.oversample)
        kernels.prepare(xy, num_points, width, *sizes, cubics, half, ink, thin)
        reach = half + np.float32(softness + cell_radius(scene.oversample))

        total, grid = int(cubics.offsets[-1]), _grid(scene)
        pieces = Pieces(
            line=np.empty((total, 4), np.float32),
            stroke=np.empty(total, np.int32),
            bounds=np.empty((total, 4), np.int32),
            reached=np.empty(total, np.int32),
        )
        ends = np.empty((strokes, 8), np.float32)
        per_tile = np.zeros((thread_count(), 2, grid.across * grid.down), np.int64)

        def cut(part: int, parts: int) -> None:
            span = _share(strokes, part, parts)
            kernels.cut_pieces(*span, xy, scale, reach, cubics, grid, pieces, ends, per_tile[part])

        in_parts(cut, len(per_tile))
        of_tiles = np.cumsum(per_tile.sum(axis=0), axis=1)
        first_entry, first_visit = np.concatenate([np.zeros((2, 1), np.int64), of_tiles], axis=1)
        free = first_entry[:-1] + np.cumsum(per_tile[:, 0], axis=0) - per_tile[:, 0]
        place = np.concatenate([[0], np.cumsum(pieces.reached)])
        entries = Entries(np.empty(place[-1], np.int32), place, np.empty(place[-1], np.int32))

        def fill(part: int, parts: int) -> None:
            span = (int(cubics.offsets[cubics.first[k]]) for k in _share(strokes, part, parts))
            kernels.fill_entries(*span, grid.across, pieces, free[part], entries)

        in_parts(fill, len(per_tile))
        visits = np.empty((first_visit[-1] if for_backward else 0, 2), np.int32)
        drawn = pieces.line, pieces.stroke, entries.piece, first_entry
        centres = kernels.cell_centres(float(grid.height))
        pixel = kernels.pixel_cells(grid.cells_across, grid.cells_down)
        shapes = half, reach, ink, thin, ends
        return cls(scene, grid, cubics, entries, Tiles(*shapes, *drawn, centres, pixel, visits, first_visit))

    def forward(self, inks: Inks) -> tuple[Floats, Ints]:
        """The image [H, W, 3], and what `backward` needs to know of each tile [T, 7]."""
        grid, (height, width) = self.grid, self.scene.size
        image, used = np.empty((height, width, 3), np.float32), np.empty((grid.across * grid.down, 7), np.int64)
        image.reshape(height, -1)[:] = np.tile(inks.paper, width)

        def forward(part: int, parts: int) -> None:
            kernels.forward_tiles(part, parts, grid, self.tiles, inks, _cells(), image, used)

        in_parts(forward, _tile_parts(len(used)))
        return image, used

    def backward(self, upstream: Floats, used: Ints, inks: Inks) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Gradients of points [P, 2] and widths [N] in px, of reflectance and transmittance [N, 3] and paper [3]."""
        entries, strokes, end = len(self.entries.piece), len(inks.reflectance), np.cumsum(used[:, 2])
        gradients = TileGradients(
            line=np.zeros((entries, 4), np.float32),
            stroke=np.empty((end[-1], 7), np.float32),
            paper=np.empty((len(used), 3)),
            first_row=end - used[:, 2],
            row=np.full(entries, -1, np.int32),
        )
        tiled = self.grid, self.tiles, inks
        size = kernels.SAVED_PLANES * int(used[:, 0].max())

        def backward(part: int, parts: int) -> None:
            saved = workspace("saved", size)
            kernels.backward_tiles(part, parts, *tiled, _cells(), saved, used, upstream, gradients)

        in_parts(backward, _tile_parts(len(used)))
        sums = StrokeGradients(
            points=np.zeros((len(self.scene.points), 2), np.float32),
            width=np.empty(strokes, np.float32),
            reflectance=np.empty((strokes, 3), np.float32),
            transmittance=np.empty((strokes, 3), np.float32),
        )
        scale = np.float32(blocks_per_px(self.scene.oversample))

        def add_up(part: int, parts: int) -> None:
            span = _share(strokes, part, parts)
            kernels.sum_gradients(*span, self.cubics, self.entries, scale, gradients, sums)

        in_parts(add_up, thread_count())
        paper = upstream.reshape(len(upstream), -1).sum(axis=0, dtype=np.float64).reshape(-1, 3).sum(axis=0)
        return *sums, (paper + gradients.paper.sum(axis=0)).astype(np.float32)


def _grid(scene: Scene) -> Grid:
    """Tiles whose borders are also borders between pixels."""
    across, down = cells_of_pixel(scene.oversample)
    columns, rows = -(-scene.size[1] * across // 4), -(-scene.size[0] * down // 4)
    steps = step_across, step_down = pixel_step(across), pixel_step(down)
    tile_columns, tile_rows = (
        kernels.TILE_WIDTH // step_across * step_across,
        kernels.TILE_HEIGHT // step_down * step_down,
    )
    tiles = -(-columns // tile_columns), -(-rows // tile_rows)
    height = np.float32(4 * cell_height(scene.oversample))
    return Grid(columns, rows, tile_columns, tile_rows, *tiles, across, down, *steps, height)


def _cells() -> Floats:
    """This thread's array for the cells of a tile."""
    return workspace("cells", kernels.TILE_PLANES * kernels.PLANE)


def _tile_parts(tiles: int) -> int:
    """More parts than threads, since tiles differ, of at least a few tiles; the image does not depend on it."""
    threads = thread_count()
    return min(4 * threads, max(threads, tiles // 4)) if threads > 1 else 1


def _share(total: int, part: int, parts: int) -> tuple[int, int]:
    """First and past-the-last of a part's equal share."""
    return total * part // parts, total * (part + 1) // parts


def _array(tensor: Tensor) -> Floats:
    return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)
