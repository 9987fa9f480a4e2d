"""Dither: pixels of few colours whose mean light, over a small area, is that of the picture. Without gradients.

Light is mixed where it is added up, in linear light, by all methods: what is passed on, or made up for, are differences
of linear light; which colour comes next is decided by the metric. The mean is kept where the palette can mix the
picture's colours. Colours of which all mixes lie on a line or in a plane, as those of black and white do, get the
picture as it looks there: what keeps its luminance best. Elsewhere out of reach, a colour near to the nearest mix comes
out, and no error is carried along for long.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotart.color import LUMINANCE
from plotart.color.light import srgb_to_linear
from plotart.color.spaces import Metric
from plotart.quantize.distance import coordinates
from plotart.quantize.kernels import diffuse, ordered_run
from plotart.quantize.nearest import choice, flat, in_runs, light_of_bytes, space_of
from plotart.quantize.thresholds import bayer, blue_noise

Dither = Literal["floyd-steinberg", "bayer", "blue-noise"]
DITHERS: tuple[Dither, ...] = get_args(Dither)

#: Colours that lie on a line or plane but for this share of their spread, as light weighted by luminance, lie on it.
THIN = 0.02
#: How far beyond 0..1 error diffusion may ask for linear light.
REACH = 0.5
#: Colours of which ordered dither mixes a pixel's.
PICKS = 32


@torch.no_grad()
def dithered(
    image: Tensor,
    palette: Tensor,
    method: Dither,
    *,
    metric: Metric = "oklab2",
    labels: Tensor | None = None,
    bias: Tensor | None = None,
) -> Tensor:
    """Which colour of the palette [K, 3] each pixel of an image [3, H, W] gets; labels, bias and result as `nearest`.

    floyd-steinberg  error diffusion, row by row to and fro (Floyd, Steinberg 1976)
    bayer            ordered dither by a regular pattern of 8 by 8: each pixel's colour is mixed of 32 of the palette,
                     after Knoll's pattern dither (US patent 6606166, which has run out)
    blue-noise       the same by an irregular matrix of 64 by 64, without a pattern (Ulichney 1993)

    In float32 and on the CPU, wherever the image is.
    """
    numbers = torch.arange(len(palette)) if labels is None else labels
    costs = torch.zeros(len(palette)) if bias is None else bias
    srgb = palette.detach().clamp(0, 1).double().cpu()
    colors = choice(coordinates(srgb, metric), costs, numbers)
    light = srgb_to_linear(srgb)
    source = image.cpu() if image.dtype == torch.uint8 else image.cpu().float()
    pixels, step, plane = flat(source)
    height, width = image.shape[-2:]
    wide = int(numbers.max()) > 255
    out: NDArray[np.generic] = np.empty(height * width, np.int32 if wide else np.uint8)
    values, onto = light.float().numpy(), _onto_span(light)
    table, space = light_of_bytes("linear", source.dtype), space_of(metric)
    if method == "floyd-steinberg":
        diffuse(pixels, step, plane, table, space, colors, values, onto, np.float32(REACH), width, out)
    else:
        order = (light @ torch.tensor(LUMINANCE, dtype=light.dtype)).argsort(stable=True).numpy()
        thresholds = bayer() if method == "bayer" else blue_noise()
        in_runs(
            lambda start, stop: ordered_run(
                pixels,
                step,
                plane,
                table,
                space,
                colors,
                values,
                onto,
                order,
                thresholds,
                PICKS,
                width,
                out,
                start,
                stop,
            ),
            len(out),
        )
    return torch.from_numpy(out).reshape(height, width).to(image.device)


def _onto_span(light: Tensor) -> NDArray[np.float32]:
    """[3, 4] the affine map of linear light onto the line, plane or space that the colours [K, 3] span.

    Orthogonal where channels count by their share in luminance: onto greys, that keeps the luminance.
    """
    weights = torch.tensor(LUMINANCE, dtype=light.dtype).sqrt()
    middle = light.mean(dim=0)
    _, sizes, axes = torch.linalg.svd((light - middle) * weights, full_matrices=False)
    span = axes[sizes > THIN * sizes.max()]
    matrix = (span.T @ span) * weights / weights[:, None]
    if len(span) == 3:
        matrix = torch.eye(3, dtype=light.dtype)
    shift = middle - matrix @ middle
    return torch.cat([matrix, shift[:, None]], dim=1).float().numpy()
