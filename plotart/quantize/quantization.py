"""Pictures in the colours of a palette, with gradients to both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

import torch
from torch import Tensor

from plotart.color.spaces import METRICS, Metric
from plotart.quantize.assignment import Assign, Assignment, Mode
from plotart.quantize.dither import DITHERS, Dither

MODES: tuple[Mode, ...] = get_args(Mode)
Pair = Literal["zip", "cross"]
PAIRS: tuple[Pair, ...] = get_args(Pair)

#: Values may stray from 0..1 by this, as those of a sharpened picture or of an optimiser's step do.
STRAY = 0.5


@dataclass(frozen=True)
class Quantized:
    """A picture in the colours of a palette. [...] are the batches that there were: none, B, P, or B, P.

    image    [..., 3, H, W] sRGB
    index    [..., H, W] int64: the colour of each pixel; in soft mode, the one with the largest share
    usage    [..., K]: the share of the pixels that each colour has; in soft mode, its mean share in them
    weights  [..., K, H, W]: how much of each colour a pixel is, one or none but in soft mode; None if not asked for
    """

    image: Tensor
    index: Tensor
    usage: Tensor
    weights: Tensor | None = None


def quantize(
    image: Tensor,
    palette: Tensor,
    *,
    metric: Metric = "oklab2",
    mode: Mode = "hard",
    tau: float = 0.1,
    pair: Pair = "zip",
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    dither: Dither | None = None,
    chunk: int = 1 << 20,
    random: torch.Generator | None = None,
    weights: bool = False,
) -> Quantized:
    """Every pixel of an image [3, H, W] or [B, 3, H, W] in colours of a palette [K, 3] or [P, K, 3], both sRGB in 0..1.

    metric  the space in which colours are compared: by squared distance, on a scale on which black and white are 1
            apart, so that tau and bias mean much the same in all of them
    mode    "hard": the nearest colour, the first of equals, just as it is in the palette. Gradients reach the palette
            only.
            "soft": colours mixed by softmin, softmax(-(distance + bias) / tau), in linear light, as hatches of pens
            mix to an eye that is too far away to tell them apart.
            "ste": what hard gives, with the gradients of soft (the straight-through estimator: Bengio, Léonard,
            Courville 2013).
            "gumbel": a draw from soft's shares, just as it is in the palette, with the gradients of the softmax of
            the same noisy logits (Jang, Gu, Poole 2017; Maddison, Mnih, Teh 2017).
    tau     the temperature of softmin
    pair    "zip": the images with the palettes in turn, or all with the only one; "cross": every image with every
            palette, whose results are [B, P, ...]
    mask    [K] or [P, K] bool: False for what is not a colour, where palettes are of different lengths
    bias    [K] or [P, K] added to the squared distances: the price of an ink. It has gradients as the palette has
    dither  hard mode only: "floyd-steinberg", "bayer" or "blue-noise"; see `plotart.quantize.dither`
    chunk   pixels times colours that are worked on at once. Forward and backward need memory for some five numbers
            for each, besides the results. It changes nothing but how sums are rounded
    random  where gumbel's noise comes from; torch's own generator if there is none. With one of the CPU, `chunk`
            leaves the noise as it is
    weights whether to return the weights, K numbers for every pixel

    Values are compared and mixed as if clipped to 0..1, and gradients go on as if they were not. An image may also be
    of bytes in 0..255; results have the palette's type then, else the wider one of the two, at least float32. usage
    and weights have the gradients of the soft shares in the modes soft, ste and gumbel. There are no second gradients.

    Raises ValueError for shapes that disagree, an empty image, palettes without a colour, values that are no numbers
    or stray further than 0.5 from 0..1, a tau that is not above 0, unknown names.
    """
    for name, value, allowed in (("metric", metric, METRICS), ("mode", mode, MODES), ("pair", pair, PAIRS)):
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}; allowed are {', '.join(allowed)}")
    if dither is not None and (dither not in DITHERS or mode != "hard"):
        raise ValueError(f"dither is {dither!r} in mode {mode!r}; allowed are, in mode 'hard', {', '.join(DITHERS)}")
    if not (tau > 0 and math.isfinite(tau)):
        raise ValueError(f"tau is {tau}; allowed is a finite number above 0")
    if chunk < 1:
        raise ValueError(f"chunk is {chunk}; allowed is 1 or more")
    _check_image(image)
    _check_palette(palette, mask, bias)
    rows = _common("palettes, masks and biases", [_batch(palette, 2), _batch(mask, 1), _batch(bias, 1)])
    images = image.reshape(-1, *image.shape[-3:])
    pairs, batch = _pairs(_batch(image, 3), rows, pair)
    dtype = torch.promote_types(palette.dtype, torch.float32)
    if image.is_floating_point():
        dtype = torch.promote_types(dtype, image.dtype)
        images = images.to(dtype)
    elif mode != "hard":
        images = images.to(dtype) / 255
    shape = (rows or 1, palette.shape[-2])
    counts = torch.ones(shape, dtype=torch.bool) if mask is None else mask.expand(shape)
    if not bool(counts.any(dim=1).all()):
        raise ValueError(f"mask leaves palette {counts.any(dim=1).tolist().index(False)} without a colour")
    costs = palette.new_zeros(shape) if bias is None else bias.expand(shape)
    size = (image.shape[-2], image.shape[-1])
    how = Assignment(pairs, counts.to(image.device), size, metric, mode, float(tau), dither, chunk, random, weights)
    found, index, usage, shares = Assign.apply(
        images.flatten(2), palette.expand(shape[0], -1, 3).to(dtype), costs.to(palette.device, dtype), how
    )
    return Quantized(
        found.reshape(*batch, 3, *size),
        index.reshape(*batch, *size),
        usage.reshape(*batch, -1),
        None if shares is None else shares.reshape(*batch, -1, *size),
    )


def _check_image(image: Tensor) -> None:
    if image.dim() not in (3, 4) or image.shape[-3] != 3 or image.numel() == 0:
        raise ValueError(f"image is {_shape(image)}; allowed are [3, H, W] and [B, 3, H, W], not empty")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise ValueError(f"image is of {image.dtype}; allowed are floats in 0..1 and bytes")
    _check_range("image", image)


def _check_palette(palette: Tensor, mask: Tensor | None, bias: Tensor | None) -> None:
    if palette.dim() not in (2, 3) or palette.shape[-1] != 3 or palette.numel() == 0:
        raise ValueError(f"palette is {_shape(palette)}; allowed are [K, 3] and [P, K, 3], of one colour or more")
    if not palette.is_floating_point():
        raise ValueError(f"palette is of {palette.dtype}; allowed are floats in 0..1")
    _check_range("palette", palette)
    colors = palette.shape[-2]
    for name, values in (("mask", mask), ("bias", bias)):
        if values is not None and (values.dim() not in (1, 2) or values.shape[-1] != colors or values.numel() == 0):
            raise ValueError(f"{name} is {_shape(values)}; allowed are [{colors}] and [P, {colors}]")
    if mask is not None and mask.dtype != torch.bool:
        raise ValueError(f"mask is of {mask.dtype}; allowed is bool")
    if bias is not None and not bool(bias.isfinite().all()):
        raise ValueError("bias has values that are not finite; what is not a colour belongs into mask")


def _check_range(name: str, values: Tensor) -> None:
    if values.dtype == torch.uint8:
        return
    least, most = (float(value) for value in values.detach().aminmax())
    if math.isnan(least) or math.isnan(most):
        raise ValueError(f"{name} has values that are no numbers (NaN)")
    if least < -STRAY or most > 1 + STRAY:
        raise ValueError(
            f"{name} goes from {least:g} to {most:g}; allowed are 0 to 1 (and strays by up to {STRAY:g}), "
            "or for an image bytes"
        )


def _shape(values: Tensor) -> str:
    return str(list(values.shape))


def _batch(values: Tensor | None, dimensions: int) -> int | None:
    """How many there are; None for one without a batch."""
    return len(values) if values is not None and values.dim() > dimensions else None


def _common(what: str, batches: list[int | None]) -> int | None:
    """The size of batches that go together: all alike or one."""
    found = [batch for batch in batches if batch is not None]
    sizes = {batch for batch in found if batch != 1}
    if len(sizes) > 1:
        raise ValueError(f"{what} come in batches of {' and '.join(map(str, sorted(sizes)))}; allowed are equal or 1")
    return max(found) if found else None


def _pairs(images: int | None, rows: int | None, pair: Pair) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Which image goes with which palette, and the batch dimensions of what comes out."""
    if pair == "cross":
        batch = tuple(count for count in (images, rows) if count is not None)
        return tuple(product(range(images or 1), range(rows or 1))), batch
    count = _common("images and palettes", [images, rows])
    one_image, one_palette = (images or 1) == 1, (rows or 1) == 1
    pairs = tuple((0 if one_image else k, 0 if one_palette else k) for k in range(count or 1))
    return pairs, () if count is None else (count,)
