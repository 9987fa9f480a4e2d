"""A picture for the same goals as the drawing's, of ink instead of strokes: what the strokes can begin with.

Strokes that begin at random have to find out what they are to show and each other at once. Pixels need a tenth of the
steps, and see what is missing anywhere: lines that are traced in their picture need few steps more
(`plotart.canvas.tracing`, docs/how-it-works.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.geometry.imagined import Imagined
from plotart.geometry.page import Page
from plotart.networks import Network
from plotart.networks.precision import Precision
from plotart.objectives import Chooser, Features, Look, Sum, Windows
from plotart.objectives.views import WHOLE, Part
from plotart.optimize.adam import Adam
from plotart.optimize.schedules import geometric
from plotart.palette import Palette
from plotart.render.upload import upload

#: Steps, and how far the logits of ink and of pens go in each.
STEPS, RATES = 50, {"ink": 0.3, "pens": 0.15}

#: The ink's logits to begin with: their mean, their noise, and over how many px both noise and ink are smooth.
BARE, NOISE, GRAIN, SMOOTH = -1.5, 0.1, 1.5, 0.7

#: mm over which the choice among pens is smooth, so that lines beside each other get one colour.
COLOR_REACH = 8.0

#: The pens' temperature, from the first step to the last, and the weight of the penalty on unequal use of them.
TEMPERATURE, USAGE = (1.0, 0.5), 0.3


def imagine(
    goals: Sum,
    page: Page,
    palette: Palette,
    bare: Tensor,
    free: Tensor,
    views: Chooser,
    *,
    random: torch.Generator,
    precision: Mapping[Network, Precision] | None = None,
    steps: int = STEPS,
) -> Imagined:
    """The picture after so many steps, on the palette's device.

    goals  what is to be seen; terms that look at strokes have no part in it
    bare   [1, 3, H, W] sRGB: the sheet without the drawing
    free   [H, W]: the share of each pixel that may be drawn on
    views  how networks see the sheet in each step; of windows, what they show is all that is drawn

    The ink mixes as pens' inks do, in linear light; of a pixel, so much is inked. Steps are Adam's.
    """
    device, (rows, columns) = palette.device, bare.shape[2:]
    bare, free = srgb_to_linear(bare.to(device)), free.to(device)
    inks, paper = palette.inks(), linear_to_srgb(torch.tensor(page.paper)).to(device)
    reflectance, transmittance = inks.reflectance.detach(), inks.transmittance.detach()
    noise = _smoothed(torch.randn(1, 1, rows, columns, generator=random), GRAIN)
    ink = (BARE + NOISE * noise / noise.std()).to(device).requires_grad_()
    coarse = [max(2, round(side / COLOR_REACH)) for side in (page.height, page.width)]
    pens = (0.3 * torch.randn(1, len(palette), *coarse, generator=random)).to(device).requires_grad_()
    adam = Adam({"ink": ink, "pens": pens})
    temperature = geometric(*TEMPERATURE)

    def picture(progress: float, part: Part = WHOLE) -> tuple[Imagined, Tensor]:
        under = bare[..., part[0], part[1]]
        inked = torch.sigmoid(_smoothed(ink[..., part[0], part[1]], SMOOTH)) * free[part]
        shares = (_widened(pens, (rows, columns), part) / temperature(progress)).softmax(dim=1)
        laid = torch.einsum("bkhw,kc->bchw", shares, reflectance)
        through = torch.einsum("bkhw,kc->bchw", shares, transmittance) * under
        light = under + inked * (laid + through - under)
        return Imagined(inked[0, 0], shares[0]), linear_to_srgb(light)

    for step in range(steps):
        seen_in = views.choose(page, max(rows, columns), random)
        part = seen_in.part(_reach(SMOOTH) + 1)
        imagined, drawn = picture(step / max(1, steps - 1), part)
        image, _ = seen_in.render(_Picture(drawn, part, paper))
        features = Features(seen_in.seen(image, paper), goals.taps, precision=precision or {})
        losses = goals.losses(Look(image, seen_in, features, page, random=random))
        loss = sum(losses.values(), USAGE * _unequal(imagined))
        adam.zero_grad()
        loss.backward()
        adam.step(RATES)
    with torch.no_grad():
        return picture(1.0)[0]


@dataclass(frozen=True)
class _Picture:
    """A part of the sheet, [1, 3, h, w] sRGB."""

    image: Tensor
    part: Part
    paper: Tensor

    def whole(self) -> tuple[Tensor, None]:
        return self.image, None

    def windows(self, windows: Windows) -> tuple[Tensor, None]:
        return windows.within(self.part)(self.image, self.paper), None


def _widened(pens: Tensor, size: tuple[int, int], part: Part) -> Tensor:
    """pens [1, K, h, w] spread over the sheet's `size` in px, as much as lies in the part."""
    if part == WHOLE:
        return F.interpolate(pens, size=size, mode="bilinear", align_corners=False)
    for axis, (pixels, span) in enumerate(zip(size, part, strict=True), start=2):
        places = pens.shape[axis]
        at = ((torch.arange(pixels)[span] + 0.5) * (places / pixels) - 0.5).clamp(0, places - 1)
        low = at.floor().clamp_max(places - 2)
        further = upload((at - low).reshape(-1, *[1] * (3 - axis)), pens)
        low = low.long().to(pens.device)
        pens = torch.lerp(pens.index_select(axis, low), pens.index_select(axis, low + 1), further)
    return pens


def _unequal(imagined: Imagined) -> Tensor:
    """How far the use of pens is from an equal one: the difference of their entropies, 0 at least."""
    use = (imagined.shares * imagined.ink.detach()).sum(dim=(1, 2))
    use = use / use.sum().clamp_min(1e-9)
    return (use * (use * len(use) + 1e-6).log()).sum()


def _smoothed(x: Tensor, sigma: float) -> Tensor:
    """x [1, 1, H, W] under a Gaussian of sigma px."""
    reach = _reach(sigma)
    at = torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device)
    kernel = torch.exp(-at * at / (2 * sigma * sigma))
    kernel = kernel / kernel.sum()
    padded = F.pad(x, (reach,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))


def _reach(sigma: float) -> int:
    """px that a Gaussian of sigma px reaches."""
    return int(3 * sigma + 1)
