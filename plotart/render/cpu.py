"""The CPU backend: Numba kernels with a hand-written way back, as one autograd function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from plotart.render.cells import CELL_RADIUS
from plotart.render.flatten import tolerance
from plotart.render.scene import Scene
from plotart.render.threads import in_parts, room_to_work, thread_count

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


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
        ctx.tiles = tiles = Tiles.of(scene, keep=any(ctx.needs_input_grad[:5]))
        ctx.inks = inks = _array(reflectance), _array(transmittance), _array(paper)
        image, ctx.used = tiles.lay(*inks)
        return torch.from_numpy(image)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        _ = ctx.saved_tensors  # raises if one was changed in place since
        slopes = ctx.tiles.lift(_array(upstream), ctx.used, *ctx.inks)
        return *(torch.from_numpy(values) for values in slopes), None


@dataclass(frozen=True)
class Tiles:
    """A scene cut into pieces (in blocks), and the pieces dealt out to tiles.

    line [n, 4], stroke [n]: the pieces; first_entry [T + 1], pieces [E]: those of each tile, in order; entry [E]: each
    piece's slots in `pieces`, from place [n + 1] on. counts, offsets, starts [S]: pieces of each cubic, the first of
    them, its first control point; first_segment [N + 1]: the cubics of each stroke.
    """

    scene: Scene
    half: Floats
    reach: Floats
    ink: Floats
    line: Floats
    stroke: NDArray[np.int32]
    first_entry: Ints
    pieces: NDArray[np.int32]
    place: Ints
    entry: NDArray[np.int32]
    counts: Ints
    offsets: Ints
    starts: Ints
    first_segment: Ints
    visits: NDArray[np.int32]

    @classmethod
    def of(cls, scene: Scene, *, keep: bool) -> Tiles:
        """keep: for `lift`; else visits [V, 2], which `lay` fills, has no room."""
        from plotart.render import kernels

        scale = scene.oversample / 2
        xy, num_points, width = _array(scene.points), scene.num_points.numpy(), _array(scene.stroke_width)
        strokes, cubics = len(num_points), (len(xy) - len(num_points)) // 3
        softness = scene.softness * scale
        starts, counts, offsets = (np.empty(n, np.int64) for n in (cubics, cubics, cubics + 1))
        first_segment = np.empty(strokes + 1, np.int64)
        half, ink = np.empty(strokes, np.float32), np.empty(strokes, np.float32)
        cubics_of = starts, counts, offsets, first_segment
        kernels.prepare(xy, num_points, width, scale, softness, tolerance(scene.oversample), *cubics_of, half, ink)
        reach = half + np.float32(softness + CELL_RADIUS)

        total = int(offsets[-1])
        line, stroke = np.empty((total, 4), np.float32), np.empty(total, np.int32)
        rectangle, per_piece = np.empty((total, 4), np.int32), np.empty(total, np.int32)
        columns, rows, tile_columns, tile_rows = grid = cls._grid(scene)
        across = -(-columns // tile_columns)
        by_part = np.zeros((thread_count(), across * -(-rows // tile_rows)), np.int64)

        def cut(part: int, parts: int) -> None:
            cut_up = line, stroke, rectangle, by_part[part], per_piece
            kernels.cut_pieces(*_share(strokes, part, parts), xy, scale, reach, *cubics_of, *grid, *cut_up)

        in_parts(cut, len(by_part))
        first_entry = np.concatenate([[0], np.cumsum(by_part.sum(axis=0))])
        slots = first_entry[:-1] + np.cumsum(by_part, axis=0) - by_part
        place = np.concatenate([[0], np.cumsum(per_piece)])
        pieces, entry = np.empty(place[-1], np.int32), np.empty(place[-1], np.int32)

        def fill(part: int, parts: int) -> None:
            first, last = (int(offsets[first_segment[k]]) for k in _share(strokes, part, parts))
            kernels.fill_entries(first, last, across, rectangle, per_piece, slots[part], place, pieces, entry)

        in_parts(fill, len(by_part))
        visits = np.empty((kernels.ROWS * len(pieces) if keep else 0, 2), np.int32)
        entries = first_entry, pieces, place, entry
        return cls(scene, half, reach, ink, line, stroke, *entries, counts, offsets, starts, first_segment, visits)

    @staticmethod
    def _grid(scene: Scene) -> tuple[int, int, int, int]:
        """Columns and rows of blocks in the image, and in a tile, whose border is also one between pixels."""
        from plotart.render.kernels import TILE_HEIGHT, TILE_WIDTH

        s = scene.oversample
        step = s // 2 if s % 2 == 0 else s
        columns, rows = -(-scene.size[1] * s // 2), -(-scene.size[0] * s // 2)
        return columns, rows, TILE_WIDTH // step * step, TILE_HEIGHT // step * step

    def _common(self, reflectance: Floats, transmittance: Floats, paper: Floats) -> tuple[Any, ...]:
        from plotart.render.kernels import cell_centres

        scene = self.scene
        blur = np.float32(scene.softness * scene.oversample)
        inks = self.ink, blur, scene.two_flux, reflectance, transmittance, paper
        tiles = self.first_entry, self.pieces, cell_centres(), *self._grid(scene), scene.oversample, self.visits
        return self.line, self.stroke, self.half, self.reach, *inks, *tiles

    def lay(self, reflectance: Floats, transmittance: Floats, paper: Floats) -> tuple[Floats, Ints]:
        """The image [H, W, 3], and what `lift` needs to know of each tile [T, 3]."""
        from plotart.render import kernels

        image, used = np.empty((*self.scene.size, 3), np.float32), np.empty((len(self.first_entry) - 1, 3), np.int64)
        common = self._common(reflectance, transmittance, paper)

        def lay(part: int, parts: int) -> None:
            cells = room_to_work("cells", kernels.TILE_PLANES * kernels.PLANE)
            kernels.lay_tiles(part, parts, cells, *common, image, used)

        in_parts(lay, _tile_parts())
        return image, used

    def lift(
        self, upstream: Floats, used: Ints, reflectance: Floats, transmittance: Floats, paper: Floats
    ) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Slopes of the points [P, 2] and widths [N] in px, of reflectance and transmittance [N, 3] and paper [3]."""
        from plotart.render import kernels

        first_run = np.cumsum(used[:, 2]) - used[:, 2]
        run_of_entry, by_line = np.full(len(self.pieces), -1, np.int32), np.zeros((len(self.pieces), 4), np.float32)
        by_ink, by_paper = np.empty((used[:, 2].sum(), 7), np.float32), np.empty((len(used), 3))
        common = self._common(reflectance, transmittance, paper)
        slopes = first_run, run_of_entry, by_line, by_ink, by_paper
        room = kernels.KEPT_PLANES * int(used[:, 0].max())

        def lift(part: int, parts: int) -> None:
            cells = room_to_work("cells", kernels.TILE_PLANES * kernels.PLANE)
            kept = room_to_work("kept", room)
            kernels.lift_tiles(part, parts, cells, kept, *common, upstream, used, *slopes)

        in_parts(lift, _tile_parts())
        strokes, scale = len(self.half), np.float32(self.scene.oversample / 2)
        by_points, by_width = np.zeros((len(self.scene.points), 2), np.float32), np.empty(strokes, np.float32)
        inks = np.empty((strokes, 3), np.float32), np.empty((strokes, 3), np.float32)
        pieces = self.place, self.entry, self.counts, self.offsets, self.starts, self.first_segment

        def gather(part: int, parts: int) -> None:
            span = _share(strokes, part, parts)
            kernels.gather_slopes(*span, by_line, by_ink, run_of_entry, *pieces, scale, by_points, by_width, *inks)

        in_parts(gather, thread_count())
        return by_points, by_width, *inks, by_paper.sum(axis=0).astype(np.float32)


def _tile_parts() -> int:
    """More parts than threads, since tiles differ; the image does not depend on it."""
    return 4 * thread_count() if thread_count() > 1 else 1


def _share(total: int, part: int, parts: int) -> tuple[int, int]:
    """First and past-the-last of a part's equal share."""
    return total * part // parts, total * (part + 1) // parts


def _array(tensor: Tensor) -> Floats:
    return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)
