"""The CPU backend: Numba kernels with a hand-written way back, as one autograd function."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from plotart.render.flatten import piece_counts, segment_starts
from plotart.render.scene import Scene


def rasterize_cpu(scene: Scene) -> Tensor:
    """Scene in float32 on the CPU -> image [H, W, 3]."""
    if scene.points.device.type != "cpu" or scene.points.dtype != torch.float32:
        found = f"{scene.points.dtype} on {scene.points.device}"
        raise ValueError(f"the cpu backend takes float32 on the CPU, found {found}; use backend='reference'")
    return _Rasterize.apply(
        scene.points,
        scene.stroke_width,
        scene.reflectance,
        scene.transmittance,
        scene.background,
        scene.num_points,
        scene.size,
        scene.oversample,
    )


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,
        points: Tensor,
        stroke_width: Tensor,
        reflectance: Tensor,
        transmittance: Tensor,
        background: Tensor,
        num_points: Tensor,
        size: tuple[int, int],
        oversample: int,
    ) -> Tensor:
        from plotart.render import bands as grid
        from plotart.render import kernels

        s = oversample
        height, width, band = size[0] * s, size[1] * s, grid.BAND_ROWS * s
        xy, counts_of_points = _array(points), num_points.cpu().numpy()
        half = _array(stroke_width) * np.float32(s / 2)
        reflect, transmit, paper = _array(reflectance), _array(transmittance), _array(background)
        starts = segment_starts(counts_of_points)
        counts = piece_counts(xy * np.float32(s), starts)
        segments = (counts_of_points - 1) // 3
        stroke_of_segment = np.repeat(np.arange(len(segments), dtype=np.int32), segments)
        stroke = np.repeat(stroke_of_segment, counts)
        line, segment, parameter, ends, margin = grid.cut_pieces(xy, s, starts, counts, stroke_of_segment)
        frames = kernels.frames_of(line, ends)
        band_starts, pieces, place, entry = grid.bin_pieces(line, stroke, half, width, height, band)
        keep = any(ctx.needs_input_grad[:5])
        room = np.zeros(len(band_starts), np.int64)
        if keep:
            room = grid.count_fragments(line, stroke, margin, half, band_starts, pieces, width, height, band)
        image, pixel, source, lower, used = kernels.lay_ink(
            line,
            frames,
            stroke,
            ends,
            margin,
            half,
            reflect,
            transmit,
            paper,
            band_starts,
            pieces,
            room,
            keep,
            width,
            height,
            band,
            s,
        )
        if keep:
            stroke_pieces = np.searchsorted(stroke, np.arange(len(half) + 1))
            ctx.back = (
                line,
                frames,
                stroke,
                ends,
                half,
                reflect,
                transmit,
                band_starts,
                pieces,
                room,
                pixel,
                source,
                lower,
                used,
            )
            ctx.grid = (width, height, band, s)
            ctx.sums = (place, entry, segment, parameter, starts, stroke_pieces, len(xy))
        return torch.from_numpy(image)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        from plotart.render import bands as grid
        from plotart.render import kernels

        geometry, ink, paper = kernels.lift_ink(_array(upstream), *ctx.back, *ctx.grid)
        s, strokes = ctx.grid[-1], len(ctx.back[4])
        sums: tuple[Any, ...] = (geometry, ink, *ctx.sums, float(s), strokes)
        by_points, by_half, by_ink = grid.gather_slopes(*sums)
        return (
            torch.from_numpy(by_points),
            torch.from_numpy(by_half * np.float32(s / 2)),
            torch.from_numpy(by_ink[:, :3].copy()),
            torch.from_numpy(by_ink[:, 3:].copy()),
            torch.from_numpy(paper.sum(axis=0).astype(np.float32)),
            None,
            None,
            None,
        )


def _array(tensor: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)
