"""What bounds the CPU renderer: each loop over cells against this core's vector peak and bandwidth.

    python benchmarks/roofline.py [--strokes 2000] [--px 224] [--nib 1.0] [--run 48] [--repeat 15]

cells       that a loop goes through in one step of such a scene at the default setting, forward and backward
operations  of floating point per cell, counted from `plotart/render/kernels.py`: additions, multiplications, minima and
            maxima, comparisons, roots, divisions, one each
bytes       per cell that are loaded and stored, counted likewise
ns          per cell, the least of the repeats, on runs of --run cells: three blocks, as strokes mostly have them
peak        that of multiplications with additions, two operations each, measured here
bandwidth   of copies within the first cache, bytes read and written, measured here. The loops are measured there, too:
            a stroke's part of a tile fits into it. All of a tile, some 200 KB, is in the second one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numba import njit
from render import random_scene

from plotart.render import kernels, transparent
from plotart.render.cpu import TiledScene
from plotart.render.kernels import Inks
from plotart.render.scene import Scene

F = np.float32
#: Fragments of a tile: the distance between two planes of them.
PLANE = 5_136
INK = (F(0.1), F(0.1), F(0.1), F(0.5), F(0.5), F(0.5))
WAY = (F(0.3), F(0.2), F(1.0), F(0.3), F(0.9), F(0.27))


class Loop(NamedTuple):
    """operations and bytes per cell; of: the visits or the fragments; times: how often a step goes through them."""

    name: str
    operations: int
    bytes: int
    of: str
    times: int
    run: Callable[..., None]


@njit
def nearest(times, n, cells, saved, centres, sums):  # type: ignore[no-untyped-def]
    for i in range(times):
        x0, y0, ex, ey, ax, ay = WAY
        row = (i & 3) * kernels.ROW_CELLS
        kernels._visit(0, n, row, x0, y0, ex, ey, ax, ay, F(1), centres, cells)


@njit
def coverage(times, n, cells, saved, centres, sums):  # type: ignore[no-untyped-def]
    for i in range(times):
        kernels._coverage((i & 3) * kernels.ROW_CELLS, n, F(0.3), F(0), F(0.25), F(1), cells)


@njit
def composite(times, n, cells, saved, centres, sums):  # type: ignore[no-untyped-def]
    for i in range(times):
        r0, r1, r2, t0, t1, t2 = INK
        kernels._composite((i & 3) * kernels.ROW_CELLS, n, r0, r1, r2, t0, t1, t2, False, cells)


@njit
def coverage_saved(times, n, cells, saved, centres, sums):  # type: ignore[no-untyped-def]
    for i in range(times):
        row, at = (i & 3) * kernels.ROW_CELLS, (i % (PLANE // n)) * n
        kernels._coverage_saved(row, n, at, PLANE, F(0.3), F(0), F(0.25), F(1), cells, saved)


@njit
def composite_backward(times, n, cells, saved, centres, sums):  # type: ignore[no-untyped-def]
    for i in range(times):
        r0, r1, r2, t0, t1, t2 = INK
        row, at = (i & 3) * kernels.ROW_CELLS, (i % (PLANE // n)) * n
        kernels._composite_backward(row, n, at, PLANE, r0, r1, r2, t0, t1, t2, False, cells, saved, sums)


@njit
def gather(times, n, cells, saved, centres, sums):  # type: ignore[no-untyped-def]
    for i in range(times):
        x0, y0, _, _, ax, ay = WAY
        row, at = (i & 3) * kernels.ROW_CELLS, (i % (PLANE // n)) * n
        s0, s1, s2, s3 = kernels._gather(0, n, row, at, x0, y0, ax, ay, F(1), centres, cells, saved)
        sums[0] += s0 + s1 + s2 + s3


LOOPS = (
    Loop("nearest points", 15, 40, "visits", 2, nearest),
    Loop("coverage", 48, 16, "fragments", 1, coverage),
    Loop("composition", 12, 28, "fragments", 2, composite),
    Loop("coverage, saved", 59, 64, "fragments", 1, coverage_saved),
    Loop("composition, backward", 36, 60, "fragments", 1, composite_backward),
    Loop("gradients of pieces", 14, 20, "visits", 1, gather),
)


@njit(fastmath={"contract"})
def multiply_and_add(times, values):  # type: ignore[no-untyped-def]
    """Squares, so that the compiler cannot do many steps in one."""
    for _ in range(times):
        for j in range(len(values)):
            x = values[j]
            for _ in range(32):
                x = x * x + F(0.1)
            values[j] = x


@njit
def copy(times, source, target):  # type: ignore[no-untyped-def]
    for i in range(times):
        for j in range(len(source)):
            target[j] = source[j]
        source[i % len(source)] = F(i)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=int, default=2000)
    parser.add_argument("--px", type=int, default=224)
    parser.add_argument("--nib", type=float, default=1.0)
    parser.add_argument("--run", type=int, default=48)
    parser.add_argument("--repeat", type=int, default=15)
    options = parser.parse_args()
    cells = cells_of_a_step(options.strokes, options.px, options.nib)
    peak, bandwidth = vector_peak(options.repeat), cache_bandwidth(1 << 13, options.repeat)
    beyond = cache_bandwidth(1 << 17, options.repeat)
    print(
        f"peak {peak:.0f} operations per ns; bandwidth {bandwidth:.0f} bytes per ns, of the second cache {beyond:.0f}\n"
    )
    print("| loop | cells | operations | bytes | ns per cell | of the peak | of the bandwidth |\n|" + "---|" * 7)
    for loop in LOOPS:
        ns = ns_per_cell(loop.run, options.run, options.repeat)
        shares = f"{loop.operations / ns / peak:.0%} | {loop.bytes / ns / bandwidth:.0%}"
        number = f"{loop.times} x {cells[loop.of] / 1e6:.1f} M" if loop.times > 1 else f"{cells[loop.of] / 1e6:.1f} M"
        print(f"| {loop.name} | {number} | {loop.operations} | {loop.bytes} | {ns:.2f} | {shares} |", flush=True)


def cells_of_a_step(strokes: int, px: int, nib: float) -> dict[str, int]:
    """Cells that pieces visit, and cells that strokes reach: fragments."""
    points, num_points, colors = (values.detach() for values in random_scene(strokes, px))
    scene = Scene(points, num_points, torch.full((strokes,), nib), *transparent(colors), torch.ones(3), (px, px), 2)
    tiled = TiledScene.of(scene, for_backward=True)
    inks = Inks(*(values.numpy() for values in (*transparent(colors), torch.ones(3))), F(0), False)
    _, used = tiled.forward(inks)
    visits = 0
    for tile, end in enumerate(used[:, 1]):
        columns = tiled.tiles.visits[tiled.tiles.first_visit[tile] : end, 1]
        visits += int(((columns & 255) - (columns >> 8 & 255)).sum())
    return {"visits": kernels.BLOCK_CELLS * visits, "fragments": int(used[:, 0].sum())}


def ns_per_cell(run: Callable[..., None], n: int, repeat: int) -> float:
    cells = np.full(kernels.TILE_PLANES * kernels.PLANE, 0.3, F)
    saved = np.full(kernels.SAVED_PLANES * PLANE, 0.3, F)
    others = kernels.cell_centres(1.0), np.zeros(7, F)
    times = 500_000 // n
    run(1, n, cells, saved, *others)

    def once() -> None:
        cells[:], saved[:] = 0.3, 0.3
        run(times, n, cells, saved, *others)

    return least_ns(once, repeat) / (times * n)


def vector_peak(repeat: int) -> float:
    """Operations per ns."""
    values = np.zeros(2048, F)
    multiply_and_add(1, values)
    return 64 * 200 * len(values) / least_ns(lambda: multiply_and_add(200, values), repeat)


def cache_bandwidth(size: int, repeat: int) -> float:
    """Bytes read and written per ns, by copies of so many bytes."""
    source, target = np.zeros(size // 4, F), np.zeros(size // 4, F)
    times = (1 << 24) // size
    copy(1, source, target)
    return times * 2 * size / least_ns(lambda: copy(times, source, target), repeat)


def least_ns(work: Callable[[], None], repeat: int) -> float:
    """Processor time."""
    taken = []
    for _ in range(repeat):
        begin = time.process_time_ns()
        work()
        taken.append(time.process_time_ns() - begin)
    return min(taken)


if __name__ == "__main__":
    main()
