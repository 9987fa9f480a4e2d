"""Pixels to colours by chunks: hard, soft, or hard with the gradients of soft.

What a chunk needed is computed anew for its gradient, so that memory stays that of the images.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import Metric
from plotart.quantize.distance import coordinates, squared_distances
from plotart.quantize.dither import Dither, dithered
from plotart.quantize.nearest import nearest

Mode = Literal["hard", "soft", "ste", "gumbel"]


@dataclass(frozen=True)
class Assignment:
    """How pixels are assigned: `pairs` says which image goes with which palette, `allowed` [P, K] which colours count,
    `size` the rows and columns of the images; the rest is as in `plotart.quantize.quantization`."""

    pairs: tuple[tuple[int, int], ...]
    allowed: Tensor
    size: tuple[int, int]
    metric: Metric
    mode: Mode
    tau: float
    dither: Dither | None
    chunk: int
    random: torch.Generator | None
    weights: bool

    def colors(self, palette: int) -> Tensor:
        """[k] int64: those of that palette that count."""
        return self.allowed[palette].nonzero()[:, 0]

    def parts(self, pixels: int, colors: int) -> Iterator[slice]:
        step = max(1, self.chunk // colors)
        return (slice(start, min(start + step, pixels)) for start in range(0, pixels, step))

    def noise(self, like: Tensor, random: torch.Generator) -> Tensor:
        """Gumbel noise [k, n]; numbers are drawn pixel by pixel, so that they don't depend on the chunk."""
        uniform = torch.rand(like.shape[1], like.shape[0], generator=random, device=random.device).to(like)
        tiny = torch.finfo(uniform.dtype).tiny
        return -torch.log(-torch.log(uniform.clamp(tiny, 1 - torch.finfo(uniform.dtype).eps))).T


@dataclass(frozen=True)
class _Inks:
    """Of the k colours that count: coordinates and linear light [k, 3], bias [k], and where they are in the palette."""

    places: Tensor
    light: Tensor
    bias: Tensor
    index: Tensor


class Assign(torch.autograd.Function):
    """image [B, 3, N], palette [P, K, 3], bias [P, K] -> images [pairs, 3, N], index [pairs, N], usage [pairs, K] and
    weights [pairs, K, N] (None unless asked for)."""

    @staticmethod
    def forward(
        ctx: Any, image: Tensor, palette: Tensor, bias: Tensor, how: Assignment
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        ctx.save_for_backward(image, palette, bias)
        ctx.how = how
        pairs, pixels, colors = len(how.pairs), image.shape[-1], palette.shape[1]
        out = palette.new_empty(pairs, 3, pixels)
        index = torch.empty(pairs, pixels, dtype=torch.int64, device=image.device)
        usage = palette.new_zeros(pairs, colors)
        weights = palette.new_zeros(pairs, colors, pixels) if how.weights else None
        random = how.random or torch.default_generator
        ctx.state = random.get_state() if how.mode == "gumbel" else None
        for pair, (i, p) in enumerate(how.pairs):
            inks = _inks(palette[p], bias[p], how, p)
            if how.mode in ("soft", "gumbel"):
                total, room = torch.zeros_like(inks.bias, dtype=torch.float64), _Room()
                for part in how.parts(pixels, len(inks.index)):
                    shares = _shares(_places(image[i, :, part], how.metric), inks, how, random, room)
                    if how.mode == "gumbel":
                        index[pair, part] = inks.index[shares.argmax(dim=0)]
                    if how.mode == "soft":
                        out[pair, :, part] = linear_to_srgb(inks.light.T @ shares).clamp_(0, 1)
                        total += shares.sum(dim=1)
                        if weights is not None:
                            weights[pair, inks.index, part] = shares
                usage[pair, inks.index] = (total / pixels).to(usage)
            if how.mode != "gumbel":
                index[pair] = _nearest(image[i], palette[p], inks, how)
            if how.mode != "soft":
                usage[pair] = torch.bincount(index[pair], minlength=colors).to(usage) / pixels
                torch.index_select(palette[p].T.contiguous(), 1, index[pair], out=out[pair])
                if weights is not None:
                    weights[pair].scatter_(0, index[pair][None], 1.0)
        ctx.mark_non_differentiable(index)
        if how.mode == "hard":
            ctx.mark_non_differentiable(usage)
            if weights is not None:
                ctx.mark_non_differentiable(weights)
            ctx.index = index
        ctx.set_materialize_grads(False)
        return out, index, usage, weights

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, to_out: Tensor | None, _index: None, to_usage: Tensor | None, to_weights: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        image, palette, bias = ctx.saved_tensors
        if ctx.how.mode == "hard":
            return None, None if to_out is None else _gathered(to_out, ctx.index, palette, ctx.how), None, None
        return (*_softly(ctx, image, palette, bias, to_out, to_usage, to_weights), None)


def _gathered(to_out: Tensor, index: Tensor, palette: Tensor, how: Assignment) -> Tensor:
    """The gradient of colours that were copied to pixels: sums over the pixels of each colour, in float64."""
    grad = torch.zeros_like(palette, dtype=torch.float64)
    for pair, (_, p) in enumerate(how.pairs):
        for part in how.parts(index.shape[1], 1):
            for channel in range(3):
                flow = to_out[pair, channel, part]
                grad[p, :, channel] += torch.bincount(index[pair, part], flow.double(), minlength=palette.shape[1])
    return grad.to(palette)


def _softly(
    ctx: Any,
    image: Tensor,
    palette: Tensor,
    bias: Tensor,
    to_out: Tensor | None,
    to_usage: Tensor | None,
    to_weights: Tensor | None,
) -> tuple[Tensor | None, Tensor, Tensor]:
    """The gradients of the softmin, chunk by chunk; those of palette and bias are summed in float64."""
    how: Assignment = ctx.how
    pixels = image.shape[-1]
    grad_image = torch.zeros_like(image) if ctx.needs_input_grad[0] else None
    grad_palette, grad_bias = torch.zeros_like(palette), torch.zeros_like(bias)
    random = None
    if ctx.state is not None:
        random = torch.Generator((how.random or torch.default_generator).device)
        random.set_state(ctx.state)
    for pair, (i, p) in enumerate(how.pairs):
        inks = _inks(palette[p], bias[p], how, p)
        to_places, to_light = (torch.zeros_like(inks.places, dtype=torch.float64) for _ in range(2))
        to_bias, room = torch.zeros_like(inks.bias, dtype=torch.float64), _Room()
        for part in how.parts(pixels, len(inks.index)):
            with torch.enable_grad():
                srgb = image[i, :, part].detach().requires_grad_(grad_image is not None)
                places = _places(srgb, how.metric)
            shares = _shares(places.detach(), inks, how, random, room)
            gradient, product = room.of("gradient", shares).zero_(), room.of("spare", shares)
            if to_out is not None:
                mixed = (inks.light.T @ shares).requires_grad_()
                with torch.enable_grad():
                    (to_mixed,) = torch.autograd.grad(linear_to_srgb(mixed), mixed, to_out[pair, :, part])
                gradient.addmm_(inks.light, to_mixed)
                to_light += shares @ to_mixed.T
            if to_weights is not None:
                gradient += to_weights[pair, inks.index, part]
            if to_usage is not None:
                gradient += to_usage[pair, inks.index, None] / pixels
            gradient -= torch.mul(shares, gradient, out=product).sum(dim=0)
            # Now the gradient of the squared distances, which sums to 0 over the colours of a pixel.
            gradient *= shares
            gradient /= -how.tau
            to_bias += gradient.sum(dim=1)
            to_places += 2 * (inks.places * gradient.sum(dim=1, keepdim=True) - gradient @ places.detach().T)
            if grad_image is not None:
                (flow,) = torch.autograd.grad(places, srgb, -2 * (inks.places.T @ gradient))
                grad_image[i, :, part] += flow
        grad_bias[p, inks.index] += to_bias.to(bias)
        with torch.enable_grad():
            srgb = palette[p, inks.index].detach().requires_grad_()
            ways = [_places(srgb.T, how.metric).T, srgb_to_linear(_clipped(srgb))]
            (flow,) = torch.autograd.grad(ways, srgb, [to_places.to(palette), to_light.to(palette)])
        grad_palette[p, inks.index] += flow
    return grad_image, grad_palette, grad_bias


def _inks(palette: Tensor, bias: Tensor, how: Assignment, number: int) -> _Inks:
    index = how.colors(number)
    srgb = palette[index]
    return _Inks(_places(srgb.T, how.metric).T, srgb_to_linear(srgb.clamp(0, 1)), bias[index], index)


def _places(srgb: Tensor, metric: Metric) -> Tensor:
    """[3, n] sRGB -> [3, n] coordinates."""
    return coordinates(_clipped(srgb).T, metric).T


def _clipped(srgb: Tensor) -> Tensor:
    """Values clipped to 0..1, with the gradient of values that are not: what has strayed can come back."""
    return srgb + (srgb.clamp(0, 1) - srgb).detach() if srgb.requires_grad else srgb.clamp(0, 1)


class _Room:
    """Arrays to work in, by name, as large as the first and largest chunk: asking for memory anew takes longer."""

    def __init__(self) -> None:
        self._held: dict[str, Tensor] = {}

    def of(self, name: str, like: Tensor) -> Tensor:
        return self.shaped(name, like, *like.shape)

    def shaped(self, name: str, like: Tensor, high: int, wide: int) -> Tensor:
        if name not in self._held:
            self._held[name] = like.new_empty(high * wide)
        return self._held[name][: high * wide].view(high, wide)


def _shares(places: Tensor, inks: _Inks, how: Assignment, random: torch.Generator | None, room: _Room) -> Tensor:
    """[k, n] shares of the colours in each pixel of `places` [3, n]."""
    out, spare = (room.shaped(name, places, len(inks.places), places.shape[1]) for name in ("shares", "spare"))
    costs = squared_distances(inks.places, places, out=out, spare=spare).add_(inks.bias[:, None])
    # Less the least, before division: the coldest temperature then leaves a finite number in every pixel.
    logits = costs.sub_(costs.amin(dim=0)).div_(-how.tau)
    if how.mode == "gumbel":
        assert random is not None
        logits += how.noise(logits, random)
        logits -= logits.amax(dim=0)
    shares = logits.exp_()
    return shares.div_(shares.sum(dim=0))


def _nearest(image: Tensor, palette: Tensor, inks: _Inks, how: Assignment) -> Tensor:
    colors = palette[inks.index]
    if how.dither is not None:
        picture = image.reshape(3, *how.size)
        found = dithered(picture, colors, how.dither, metric=how.metric, labels=inks.index, bias=inks.bias).reshape(-1)
    else:
        found = nearest(image, colors, metric=how.metric, labels=inks.index, bias=inks.bias, chunk=how.chunk)
    return found.long()
