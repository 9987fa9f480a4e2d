"""The CUDA backend: Triton kernels with a hand-written backward pass, as one autograd function.

How it works. Cubics are cut into pieces by Wang's bound, on the device. Pieces are assigned to the tiles that they
reach, as entries. One stable sort of the entries by tile keeps the strokes' order within each. Each tile is a program:
108 cells (4 x 3 px where oversample is 2) on the 128 lanes of one warp, which goes through the tile's entries stroke by
stroke. Sums over a tile thus need no barrier, and thin strokes leave few lanes idle.

The backward pass needs, at each stroke, what lies below it and what the strokes above let through. The first is found
by drawing the tile again from the first stroke on. The second is a product with one factor per stroke. The forward pass
saves the product over all strokes, for each cell; as the tile is drawn again, each stroke's factor is divided out.
Factors of zero are counted rather than multiplied, and so are the powers of two by which the product is scaled up
before it gets too small: there is never a division by zero, and the result is as accurate as the factors. Both passes
go from first to last. Nothing is saved per stroke and cell, only 24 bytes per lane: 256 per pixel at oversample 2.

Gradients are written per entry, in the order before the sort, where each piece's entries are contiguous, and summed in
that order: no atomics, and the same bits each time.

What it costs. Work is linear in the entries: in the pieces, and the tiles that each reaches. A step launches nine
kernels, and calls torch for a sort, two prefix sums, a search, a sum, zeros and a copy; no size depends on values.

No step waits for the device. The capacity for pieces and entries is what earlier steps needed, and half as much again.
The device counts what is needed, and the counts are copied to the host asynchronously. Hence

- the first call of a kind (structure of strokes, size, oversample, device) waits, and so does every call without
  gradients, as it makes an image to be looked at: if capacity was short, it is drawn again. `host_syncs` counts the
  waits;
- a step with gradients that needs more than the capacity lacks ink. That takes a jump of 15 % or more since the step
  before, and capacity is never below `LEAST_CAPACITY`. The step's own backward pass or the next call warns of it with a
  RuntimeWarning, as soon as the counts have arrived, and from then on there is capacity. Where pieces are short,
  nothing is missing: curves are cut more coarsely.

A step that was drawn before can be captured into a CUDA graph. Its capacity is then fixed; the next call outside of the
graph checks whether that was enough.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.utils.weak import WeakTensorKeyDictionary

from plotart.errors import MissingError
from plotart.render.cells import CELL_WIDTH, blocks_per_px, cell_radius, cell_reach, cells_of_pixel
from plotart.render.flatten import MOST_PIECES, segment_starts, tolerance
from plotart.render.scene import Scene

#: How often this module has waited for the device.
host_syncs = 0

#: Least capacity for pieces and for entries on a GPU, unless so many are impossible; it costs microseconds there.
LEAST_CAPACITY = 1 << 16, 1 << 18

#: Capacity is AMPLE times what was needed, and is raised again once it is less than CLOSE times that.
AMPLE, CLOSE = 1.5, 1.15

#: Kinds of scenes whose plans are kept.
MOST_PLANS = 16

#: Cells of a tile, lanes of its program; and those of one warp, where registers suffice for the backward pass.
LANES = LANES_OF_WARP = 128

#: The kernels themselves say what is fused.
EXACT = {"enable_fp_fusion": False}

#: Elements per program of the other kernels.
BLOCK, GATHER_BLOCK = 128, 32


def rasterize_cuda(scene: Scene) -> Tensor:
    """Scene in float32 on a GPU -> image [H, W, 3]. Under Triton's interpreter also on the CPU."""
    leaves = scene.points, scene.stroke_width, scene.reflectance, scene.transmittance, scene.background
    _check(leaves)
    if not len(scene.num_points):
        return scene.background.expand(*scene.size, 3)
    gradients = torch.is_grad_enabled() and any(leaf.requires_grad for leaf in leaves)
    return _Rasterize.apply(*leaves, scene, gradients)


def _check(leaves: tuple[Tensor, ...]) -> None:
    device = leaves[0].device
    for leaf in leaves:
        if leaf.dtype != torch.float32 or leaf.device != device:
            found = f"{leaf.dtype} on {leaf.device}"
            raise ValueError(f"the cuda backend takes float32 on one device, found {found} beside {device}")
    if device.type != "cuda" and not (device.type == "cpu" and _kernels().INTERPRETED):
        raise ValueError(f"the cuda backend takes tensors on a GPU, found {device}; use backend='reference'")


def _kernels() -> ModuleType:
    """The module of kernels; Triton is loaded with it."""
    try:
        from plotart.render import triton_kernels
    except ModuleNotFoundError as error:
        if error.name != "triton":
            raise
        raise MissingError(
            "the cuda backend needs Triton, which is not installed: pip install 'plotart[cuda]'"
        ) from error
    return triton_kernels


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,
        points: Tensor,
        width: Tensor,
        reflectance: Tensor,
        transmittance: Tensor,
        paper: Tensor,
        scene: Scene,
        gradients: bool,
    ) -> Tensor:
        ctx.save_for_backward(points, width, reflectance, transmittance, paper)
        with torch.cuda.device_of(points):
            plan = ScenePlan.of(scene)
            ctx.tiles = tiles = _complete(scene, plan, gradients)
            image, ctx.saved = tiles.forward(gradients)
        return image

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        _ = ctx.saved_tensors  # raises if one was changed in place since
        with torch.cuda.device_of(upstream):
            ctx.tiles.plan.capacity.look()
            return *ctx.tiles.backward(upstream.contiguous(), *ctx.saved), None, None


def _complete(scene: Scene, plan: ScenePlan, gradients: bool) -> Tiles:
    """The scene's tiles; with all their entries, unless this is a step, which has no time to make sure of that."""
    if gradients and plan.tried:
        plan.capacity.look()
        return Tiles.of(scene, plan)
    if plan.tried:
        plan.capacity.wait()
        plan.capacity.look()
    tiles = Tiles.of(scene, plan)
    plan.capacity.wait()
    while plan.capacity.grow():
        tiles = Tiles.of(scene, plan)
        plan.capacity.wait()
    plan.tried = True
    return tiles


@dataclass(frozen=True)
class Grid:
    """An image's tiles. size: px down and across; cells: those of a pixel, across and down; columns, rows: px of a
    tile; across, down: tiles of the image."""

    size: tuple[int, int]
    cells: tuple[int, int]
    columns: int
    rows: int

    @classmethod
    def of(cls, size: tuple[int, int], oversample: int) -> Grid:
        cells = cells_of_pixel(oversample)
        pixels = max(LANES // (cells[0] * cells[1]), 1)
        rows = int(pixels**0.5)
        return cls(size, cells, pixels // rows, rows)

    @property
    def across(self) -> int:
        return -(-self.size[1] // self.columns)

    @property
    def down(self) -> int:
        return -(-self.size[0] // self.rows)

    @property
    def tiles(self) -> int:
        return self.across * self.down

    @property
    def lanes(self) -> int:
        return _power_of_two(self.columns * self.rows * self.cells[0] * self.cells[1])

    @property
    def tiling(self) -> dict[str, Any]:
        """Arguments about tiles of the kernels for pieces and entries; width and height are in blocks."""
        px = self.cells[0] * CELL_WIDTH
        width, height = self.columns * px, self.rows * px
        sides = {"across": self.across, "down": self.down, "TILE_WIDTH": width, "TILE_HEIGHT": height}
        return {**sides, "BLOCK": BLOCK, **EXACT}

    @property
    def constants(self) -> dict[str, int]:
        """What the kernels of tiles are compiled for, and with how many warps."""
        warps = max(1, self.lanes // LANES_OF_WARP)
        sides = {"COLUMNS": self.columns, "ROWS": self.rows}
        return {**sides, "ACROSS": self.cells[0], "DOWN": self.cells[1], "LANES": self.lanes, "num_warps": warps}


class Capacity:
    """How many pieces and entries there is memory for, learnt from what the device counts.

    Copies of the counts arrive on the host at any time, and are read whenever: they only grow.
    """

    def __init__(self, pieces: int, entries: int, device: torch.device) -> None:
        self.pieces, self.entries = _round(pieces), _round(entries)
        #: [2] the most pieces and entries that were ever needed, where the device counts them, and on the host.
        self.need = torch.zeros(2, dtype=torch.int64, device=device)
        self._seen = torch.zeros(2, dtype=torch.int64, pin_memory=device.type == "cuda")

    def send_need(self) -> None:
        """Start copying the counts to the host."""
        self._seen.copy_(self.need, non_blocking=True)

    def wait(self) -> None:
        """Wait until the counts on the host are those of all that was drawn."""
        _note_wait()
        self._seen.copy_(self.need)

    def grow(self) -> bool:
        """Raise capacity where it gets close; whether there was too little."""
        (pieces, entries), had = self._seen.tolist(), (self.pieces, self.entries)
        if pieces * CLOSE > self.pieces:
            self.pieces = _round(int(pieces * AMPLE))
        if entries * CLOSE > self.entries:
            self.entries = _round(int(entries * AMPLE))
        return pieces > had[0] or entries > had[1]

    def look(self) -> None:
        """Grow; with a warning if a step that is already drawn had too little."""
        had = self.pieces, self.entries
        if self.grow():
            pieces, entries = self._seen.tolist()
            warnings.warn(
                f"an earlier step was drawn coarsely or lacked ink: it needed {pieces} pieces and {entries} entries, "
                f"there was room for {had[0]} and {had[1]}; from now on there is enough",
                RuntimeWarning,
                stacklevel=2,
            )


class ScenePlan:
    """What is known of a kind of scene before it is drawn: its strokes' structure, on the device, and its capacity.

    first_cubic [N + 1], first_control [S], stroke_of_cubic [S]; tile_ids [T + 1]: 0, 1, 2...; points, strokes, cubics:
    their numbers; tried: whether the capacity comes from a scene that was drawn.
    """

    _plans: ClassVar[OrderedDict[Hashable, ScenePlan]] = OrderedDict()

    def __init__(self, num_points: NDArray[np.int64], grid: Grid, device: torch.device) -> None:
        def on_device(values: NDArray[np.int64]) -> Tensor:
            return torch.from_numpy(values.astype(np.int32)).to(device)

        if ((num_points - 1) % 3 != 0).any() or (num_points < 4).any():
            raise ValueError("num_points must be 3 s + 1 with s >= 1 for every stroke")
        _note_wait()
        cubics = (num_points - 1) // 3
        self.points, self.strokes, self.cubics = int(num_points.sum()), len(num_points), int(cubics.sum())
        self.first_cubic = on_device(np.concatenate([[0], np.cumsum(cubics)]))
        self.first_control = on_device(segment_starts(num_points))
        self.stroke_of_cubic = on_device(np.repeat(np.arange(len(num_points)), cubics))
        self.grid, self.tile_ids = grid, on_device(np.arange(grid.tiles + 1))
        least = LEAST_CAPACITY if device.type == "cuda" else (1, 1)
        pieces = min(max(16 * self.cubics, least[0]), MOST_PIECES * self.cubics)
        self.capacity = Capacity(pieces, min(max(4 * pieces, least[1]), pieces * grid.tiles), device)
        self.tried = False

    @classmethod
    def of(cls, scene: Scene) -> ScenePlan:
        """That of earlier scenes of the same kind, or a new one.

        num_points on a GPU is known only here: ValueError where it does not fit the points.
        """
        num_points, device = _on_host(scene.num_points), scene.points.device
        key = (num_points.tobytes(), scene.size, scene.oversample, device)
        if key not in cls._plans:
            cls._plans[key] = cls(num_points, Grid.of(scene.size, scene.oversample), device)
        cls._plans.move_to_end(key)
        while len(cls._plans) > MOST_PLANS:
            cls._plans.popitem(last=False)
        plan = cls._plans[key]
        if len(scene.points) != plan.points:
            raise ValueError(f"points has {len(scene.points)} rows, not {plan.points} as num_points says")
        return plan


@dataclass(frozen=True)
class Pieces:
    """A scene cut into pieces (in blocks); columns as in `triton_kernels`.

    wanted [S]: prefix sums of the pieces that cubics need beyond the first; offset [S + 1]: the first piece of each
    cubic; record [N, 16]: the strokes; line [n, 4], stroke [n]: the pieces; place [n + 1]: prefix sums of the tiles
    that they reach.
    """

    wanted: Tensor
    offset: Tensor
    record: Tensor
    line: Tensor
    stroke: Tensor
    place: Tensor

    @classmethod
    def of(cls, scene: Scene, plan: ScenePlan) -> Pieces:
        kernels, capacity, points = _kernels(), plan.capacity.pieces, scene.points.contiguous()
        scale, softness, margin = _scales(scene)
        extra, length = _ints(points, plan.cubics), points.new_empty(plan.cubics)
        kernels.measure_cubics[_programs(plan.cubics)](
            points=points, first_control=plan.first_control, extra=extra, length=length, cubics=plan.cubics,
            scale=scale, TOLERANCE=tolerance(scene.oversample), BLOCK=BLOCK, **EXACT,
        )  # fmt: skip
        wanted = torch.cumsum(extra, 0)

        offset = _ints(points, plan.cubics + 1)
        record = points.new_empty(plan.strokes, kernels.STROKE_COLUMNS.value)
        strokes = {name: getattr(scene, name).contiguous() for name in ("stroke_width", "reflectance", "transmittance")}
        kernels.prepare_strokes[(plan.strokes,)](
            first_cubic=plan.first_cubic, wanted=wanted, length=length, **strokes, offset=offset, record=record,
            cubics=plan.cubics, capacity=capacity, scale=scale, softness=softness,
            reach=cell_reach(scene.oversample), BLOCK=GATHER_BLOCK, num_warps=1, **EXACT,
        )  # fmt: skip

        line, stroke, reached = points.new_empty(capacity, 4), _ints(points, capacity), _ints(points, capacity)
        place = points.new_empty(capacity + 1, dtype=torch.int64)
        kernels.cut_pieces[_programs(capacity)](
            points=points, first_control=plan.first_control, stroke_of_cubic=plan.stroke_of_cubic,
            first_cubic=plan.first_cubic, offset=offset, record=record, line=line, stroke=stroke, reached=reached,
            place=place, cubics=plan.cubics, steps=plan.cubics.bit_length(), capacity=capacity, scale=scale,
            margin=margin, **plan.grid.tiling,
        )  # fmt: skip
        torch.cumsum(reached, 0, out=place[1:])
        return cls(wanted, offset, record, line, stroke, place)


@dataclass(frozen=True)
class Tiles:
    """A scene's pieces sorted into tiles; columns as in `triton_kernels`.

    piece [E]: that of each entry, piece by piece. Tile by tile: first_entry [T + 1], and of each entry its record
    [E, 8], its stroke [E], and home [E], its index in `piece`.
    """

    scene: Scene
    plan: ScenePlan
    pieces: Pieces
    piece: Tensor
    first_entry: Tensor
    entry: Tensor
    stroke: Tensor
    home: Tensor

    @classmethod
    def of(cls, scene: Scene, plan: ScenePlan) -> Tiles:
        kernels, grid, capacity = _kernels(), plan.grid, plan.capacity.entries
        _, _, margin = _scales(scene)
        pieces = Pieces.of(scene, plan)
        line, cut = pieces.line, {"line": pieces.line, "stroke": pieces.stroke}
        key, piece = _ints(line, capacity), _ints(line, capacity)
        kernels.deal_entries[_programs(capacity)](
            place=pieces.place, wanted=pieces.wanted, **cut, record=pieces.record, need=plan.capacity.need, key=key,
            piece=piece, pieces=len(line), cubics=plan.cubics, steps=len(line).bit_length(), capacity=capacity,
            margin=margin, **grid.tiling,
        )  # fmt: skip
        plan.capacity.send_need()
        key, order = torch.sort(key, stable=True)
        first_entry = torch.searchsorted(key, plan.tile_ids, out_int32=True)
        entry, stroke, home = (
            line.new_empty(capacity, kernels.ENTRY_COLUMNS.value),
            _ints(line, capacity),
            _ints(line, capacity),
        )
        kernels.collect_entries[_programs(capacity)](
            key=key, order=order, piece=piece, **cut, entry=entry, stroke_of_entry=stroke, home=home, capacity=capacity,
            **grid.tiling,
        )  # fmt: skip
        return cls(scene, plan, pieces, piece, first_entry, entry, stroke, home)

    @property
    def _common(self) -> dict[str, Any]:
        """Arguments that both passes have in common, so that they compute the same."""
        height, width = self.scene.size
        entries = {"first_entry": self.first_entry, "entry": self.entry, "stroke_of_entry": self.stroke}
        scene = {"record": self.pieces.record, "paper": self.scene.background.contiguous()}
        sizes = {"height": height, "width": width, "across": self.plan.grid.across}
        blur = 2 * _scales(self.scene)[1]
        constants = {"TWO_FLUX": self.scene.two_flux, **EXACT, **self.plan.grid.constants}
        return {**entries, **scene, **sizes, "blur": blur, **constants}

    def forward(self, gradients: bool) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The image [H, W, 3]; and for `backward`, what all strokes let through in each cell [T, 3, lanes], in the two
        parts that the kernel has for it. These are empty without gradients."""
        paper, grid = self.scene.background, self.plan.grid
        image = paper.new_empty(*self.scene.size, 3)
        shape = (grid.tiles, 3, grid.lanes) if gradients else (0,)
        through, hidden = paper.new_empty(shape), paper.new_empty(shape, dtype=torch.int32)
        _kernels().forward_tiles[(grid.tiles,)](
            image=image,
            saved_through=through,
            saved_hidden=hidden,
            PIXELS=_power_of_two(grid.columns * grid.rows),
            GRADIENTS=gradients,
            **self._common,
        )
        return image, (through, hidden)

    def backward(self, upstream: Tensor, through: Tensor, hidden: Tensor) -> tuple[Tensor, ...]:
        """Gradients of points [P, 2] and widths [N] in px, of reflectance and transmittance [N, 3] and paper [3]."""
        kernels, scene, plan = _kernels(), self.scene, self.plan
        paper, entries = scene.background, len(self.piece)
        by_entry = paper.new_zeros(entries, kernels.GRADIENT_COLUMNS.value)
        by_paper = paper.new_empty(plan.grid.tiles, 3)
        kernels.backward_tiles[(plan.grid.tiles,)](
            home=self.home, upstream=upstream, saved_through=through, saved_hidden=hidden, by_entry=by_entry,
            by_paper=by_paper, **self._common,
        )  # fmt: skip
        by_cubic = paper.new_empty(plan.cubics, kernels.CUBIC_COLUMNS.value)
        kernels.gather_cubics[(plan.cubics,)](
            by_entry=by_entry, piece=self.piece, place=self.pieces.place, offset=self.pieces.offset, by_cubic=by_cubic,
            capacity=entries, BLOCK=GATHER_BLOCK, num_warps=1,
        )  # fmt: skip
        gradients = {
            "by_points": paper.new_empty(scene.points.shape),
            "by_width": paper.new_empty(plan.strokes),
            "by_reflectance": paper.new_empty(plan.strokes, 3),
            "by_transmittance": paper.new_empty(plan.strokes, 3),
        }
        kernels.gather_strokes[(plan.strokes,)](
            by_cubic=by_cubic, first_cubic=plan.first_cubic, first_control=plan.first_control, **gradients,
            scale=blocks_per_px(scene.oversample), BLOCK=GATHER_BLOCK, num_warps=1,
        )  # fmt: skip
        return *gradients.values(), by_paper.sum(dim=0)


def _scales(scene: Scene) -> tuple[float, float, float]:
    """Blocks to a px; the softness, and how far past its half-width a stroke is seen, in blocks."""
    scale = blocks_per_px(scene.oversample)
    return scale, scene.softness * scale, scene.softness * scale + cell_radius(scene.oversample)


def _ints(beside: Tensor, size: int) -> Tensor:
    return beside.new_empty(size, dtype=torch.int32)


def _programs(elements: int) -> tuple[int]:
    """The number of programs of BLOCK elements each."""
    return (-(-elements // BLOCK),)


def _power_of_two(least: int) -> int:
    return 1 << max(least - 1, 0).bit_length()


def _round(size: int) -> int:
    """Rounded up by an eighth at most, to one of few sizes, so that memory is reused."""
    step = 1 << max(size.bit_length() - 4, 0)
    return -(-size // step) * step


def _note_wait() -> None:
    """To be called before waiting for the device."""
    global host_syncs
    if torch.cuda.is_available() and torch.cuda.is_current_stream_capturing():
        raise RuntimeError("a scene is captured into a CUDA graph only with gradients, after it was drawn so")
    host_syncs += 1


#: Contents of tensors on a GPU that were read before, as long as these live and are not changed.
_read: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def _on_host(num_points: Tensor) -> NDArray[np.int64]:
    if num_points.device.type == "cpu":
        return num_points.numpy()
    version, values = _read.get(num_points, (None, None))
    if values is None or version != num_points._version:
        _note_wait()
        values = num_points.cpu().numpy()
        _read[num_points] = num_points._version, values
    return values
