"""The exact nearest colour of every pixel, without gradients: compiled on the CPU, torch elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotart.color.light import srgb_to_linear
from plotart.color.spaces import CONES, DIM, OKLAB, WHITE, XYZ, Metric
from plotart.quantize.distance import SCALE, coordinates, squared_distances
from plotart.quantize.kernels import CELLS, LEVELS, Colors, Space, nearest_by_cell_run, nearest_run
from plotart.render.threads import in_parts, thread_count

#: Pixels of bytes from which on a table of all colours, filled as they come, is faster than distances for each.
BY_CELL = 1_500_000
#: Labels are in 16 bits there at most, and one more than they are.
LARGEST_LABEL = (1 << 15) - 1
#: Fewer pixels than this are no work for a second thread.
WORTH_A_THREAD = 20_000


@torch.no_grad()
def nearest(
    image: Tensor,
    palette: Tensor,
    *,
    metric: Metric = "oklab2",
    labels: Tensor | None = None,
    bias: Tensor | None = None,
    chunk: int = 1 << 20,
) -> Tensor:
    """Which colour of the palette [K, 3] (sRGB) is nearest to each pixel of an image [3, ...]: an index, shape [...].

    image    sRGB, floats in 0..1 (what lies outside is clipped) or bytes; [3, H, W], and as fast if it is a view of
             [H, W, 3]
    labels   [K] int64 the numbers to return in place of 0..K - 1
    bias     [K] added to the squared distance, whose scale is that of `plotart.quantize.distance`
    chunk    pixels times colours at a time, where torch does it: on a GPU and in float64

    Of equally near colours the first is chosen. The index is uint8 where that holds it, else int32.
    """
    points = coordinates(palette.clamp(0, 1).double(), metric)
    costs = torch.zeros(len(palette)) if bias is None else bias
    numbers = torch.arange(len(palette)) if labels is None else labels
    largest = len(palette) - 1 if labels is None else int(labels.max())
    wide = largest > 255
    if image.device.type != "cpu" or image.dtype not in (torch.uint8, torch.float32):
        index = _by_torch(image.reshape(3, -1), points, costs, numbers, metric, chunk)
        return index.to(torch.int32 if wide else torch.uint8).reshape(image.shape[1:])
    pixels, step, plane = flat(image)
    colors = choice(points, costs, numbers)
    out: NDArray[np.generic] = np.empty(image[0].numel(), np.int32 if wide else np.uint8)
    table, space = light_of_bytes(metric, image.dtype), space_of(metric)
    if image.dtype == torch.uint8 and len(out) >= BY_CELL and largest < LARGEST_LABEL:
        # Bytes where one more than a label fits: half as many pages to touch, and twice as much of it in a cache.
        known = np.zeros((CELLS * LEVELS) ** 3, np.uint8 if largest < 255 else np.int16)
        in_runs(
            lambda start, stop: nearest_by_cell_run(pixels, step, plane, table, space, colors, known, out, start, stop),
            len(out),
        )
    else:
        in_runs(lambda a, b: nearest_run(pixels, step, plane, table, space, colors, out, a, b), len(out))
    return torch.from_numpy(out).reshape(image.shape[1:])


def flat(image: Tensor) -> tuple[NDArray[np.generic], int, int]:
    """An image [3, ...] as one flat array, and how far on in it the next pixel and the next channel are."""
    pixels = image.detach().flatten(1)
    if pixels.T.is_contiguous():
        return pixels.T.reshape(-1).numpy(), 3, 1
    return pixels.reshape(-1).numpy(), 1, pixels.shape[1]


def choice(points: Tensor, costs: Tensor, labels: Tensor) -> Colors:
    """Coordinates [K, 3], costs [K] and labels [K] as the compiled functions want them."""
    return Colors(
        np.ascontiguousarray(points.float().cpu().numpy()),
        np.ascontiguousarray(costs.float().cpu().numpy()),
        np.ascontiguousarray(labels.to(torch.int32).cpu().numpy()),
    )


@cache
def light_of_bytes(metric: Metric, dtype: torch.dtype) -> NDArray[np.float32]:
    """[256] linear light of bytes, or for "rgb" sRGB; empty for an image of floats."""
    if dtype != torch.uint8:
        return np.empty(0, np.float32)
    values = torch.arange(256, dtype=torch.float64) / 255
    return (values if metric == "rgb" else srgb_to_linear(values)).float().numpy()


@cache
def space_of(metric: Metric) -> Space:
    """The way from sRGB to `coordinates` in numbers."""
    still = np.eye(3)
    first, second, low, slope, offset, shift = still, still, 1.0, 1.0, 0.0, 0.0
    if metric == "lab":
        first, second = (
            np.array(XYZ) / np.array(WHITE)[:, None],
            np.array([(0, 116, 0), (500, -500, 0), (0, 200, -200)]),
        )
        low, slope, offset, shift = (6 / 29) ** 3, (29 / 6) ** 2 / 3, 4 / 29, -16.0
    elif metric == "oklab2":
        first, second = np.array(CONES), np.array(OKLAB) * np.array([[1], [2], [2]])
        low, slope = DIM, DIM ** (-2 / 3)
    scale = SCALE[metric]
    numbers = (np.float32(value) for value in (low, slope, offset, shift / scale))
    matrices = first.astype(np.float32), (second / scale).astype(np.float32)
    return Space(metric != "rgb", metric in ("lab", "oklab2"), *matrices, *numbers)


def _by_torch(image: Tensor, points: Tensor, costs: Tensor, labels: Tensor, metric: Metric, chunk: int) -> Tensor:
    """[N] for an image [3, N], in its own precision; bytes in float32."""
    dtype = image.dtype if image.is_floating_point() else torch.float32
    points, costs, labels = (each.to(image.device) for each in (points.to(dtype), costs.to(dtype), labels))
    parts = []
    for part in image.split(max(1, chunk // len(points)), dim=1):
        srgb = part / 255 if part.dtype == torch.uint8 else part.clamp(0, 1)
        distances = squared_distances(points, coordinates(srgb.to(dtype).T, metric).T) + costs[:, None]
        parts.append(labels[distances.argmin(dim=0)])
    return torch.cat(parts)


def in_runs(work: Callable[[int, int], object], count: int) -> None:
    """Call work(start, stop) for runs that make up `count` pixels, in as many threads as torch uses."""
    runs = max(1, min(thread_count(), count // WORTH_A_THREAD))
    in_parts(lambda part, parts: work(count * part // parts, count * (part + 1) // parts), runs)
