"""A config's look -> the strokes that it begins with, and the ways in which they may move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotart.canvas.looks.look import Look, LookRequest, joined
from plotart.color import is_dark
from plotart.color.light import srgb_to_linear
from plotart.color.spaces import linear_to_oklab2
from plotart.config import Config
from plotart.config.look import RegionConfig
from plotart.errors import InputError
from plotart.geometry.page import Page
from plotart.objectives.attention import attention
from plotart.objectives.terms.image import ImageTerm
from plotart.palette.separation import reach, separated
from plotart.pens import PenSet
from plotart.plugins import LOOKS

#: px to a mm of the tones, and the most px of a sheet.
FINE, MOST_PX = 3.0, 1_500_000

#: mm over which tones are averaged: grain is no reason for a line to end.
GRAIN = 0.4

#: The least difference in lightness (OKLab) that pens must make on the paper.
LEAST_RANGE = 0.08

#: mm that tones go on beyond the margins.
BEYOND = 4.0

#: The palest tone that is drawn.
PALEST = 0.015


def lightness_reached(config: Config, page: Page, pens: PenSet) -> tuple[float, float]:
    """The least and the greatest lightness (OKLab) of a picture that the pens bring onto the paper, as if it were
    white, or black."""
    low, high = reach(pens, page.paper, most=config.look.most if config.look is not None else 0.85)
    paper = float(linear_to_oklab2(torch.tensor(page.paper))[0])
    if is_dark(page.paper):
        bare = paper**3
        return 0.0, max(0.05, (high**3 - bare) / (1 - bare)) ** (1 / 3)
    return min(low / paper, 0.95), 1.0


def build_look(config: Config, page: Page, pens: PenSet) -> Look:
    """The look of the config's picture. Raises ImageError, and InputError where nothing is left to be drawn."""
    look = config.look
    term = next(term for term in config.terms if isinstance(term, ImageTerm))
    assert look is not None
    low, high = reach(pens, page.paper, most=look.most)
    if high - low < LEAST_RANGE:
        raise InputError(
            f"pens: found none that shows on paper of the colour {page.color}; allowed are darker pens, or lighter ones"
        )
    fine = min(FINE, (MOST_PX / (page.width * page.height)) ** 0.5)
    long_side = round(fine * max(page.width, page.height))
    sheet = term.sheet(page, long_side, lightness_reached(config, page, pens))[0]
    px_per_mm = sheet.shape[2] / page.width
    light = srgb_to_linear(sheet)
    tones = _tones(light, page, pens, px_per_mm, look.most)
    if not float(tones.max()) > 0:
        raise InputError(f"look: found nothing to draw in {term.file}, which is as light as the paper throughout")
    wanted = LookRequest(
        tones=tones.numpy().astype(float),
        lightness=_lightness(light, page, px_per_mm),
        px_per_mm=px_per_mm,
        page=page,
        nibs=[pen.width for pen in pens],
        seed=config.seed,
        focus=_focus(light, tones, px_per_mm),
    )
    left, found = torch.ones(tones.shape[1:]), list[Look]()
    for region in look.regions:
        mask = term.mask_on_sheet(region.mask, page, long_side) * left
        found.append(_region(wanted, region, tones * mask))
        left = left - mask
    whole = joined([*found, _region(wanted, look, tones * left)])
    if not len(whole.strokes):
        raise InputError(f"look: found nothing to draw in {term.file} by {look.type}; allowed is another look")
    return whole


def _region(wanted: LookRequest, region: RegionConfig, tones: Tensor) -> Look:
    """Lines of one kind, where there are tones [pens, H, W]."""
    part = replace(
        wanted, tones=tones.numpy().astype(float), angle=region.angle, spacing=region.spacing, ends=region.ends
    )
    look = LOOKS.load(region.type)(part)
    if not isinstance(look, Look) or look.strokes.logits.shape[1] != len(tones):
        raise LOOKS.unusable(region.type, f"it gives no Look with a logit for each of {len(tones)} pens")
    return look


def _tones(light: Tensor, page: Page, pens: PenSet, px_per_mm: float, most: float) -> Tensor:
    """[pens, H, W]: the share of the paper that each pen is to ink; a little beyond the margins as at them, where lines
    are cut, and none further out."""
    from scipy.ndimage import gaussian_filter

    shares = separated(light, pens, page.paper, most=most).numpy()
    smooth = np.stack([gaussian_filter(share, GRAIN * px_per_mm, mode="nearest") for share in shares])
    left, top, right, bottom = (round(side * px_per_mm) for side in page.inner)
    rows, columns = smooth.shape[1:]
    around = (0, 0), (top, rows - bottom), (left, columns - right)
    beyond, tones = round(BEYOND * px_per_mm), torch.zeros(smooth.shape)
    near = ..., slice(max(0, top - beyond), bottom + beyond), slice(max(0, left - beyond), right + beyond)
    tones[near] = torch.from_numpy(np.pad(smooth[:, top:bottom, left:right], around, mode="edge"))[near]
    return torch.where(tones > PALEST, tones, 0.0)


def _lightness(light: Tensor, page: Page, px_per_mm: float) -> NDArray[np.float64]:
    """[H, W]: OKLab; the margins go on as the picture ends, or they would be its strongest edges."""
    lightness = linear_to_oklab2(light.movedim(0, -1))[..., 0].numpy().astype(float)
    left, top, right, bottom = (round(side * px_per_mm) for side in page.inner)
    rows, columns = lightness.shape
    beyond = (top, rows - bottom), (left, columns - right)
    return np.pad(lightness[top:bottom, left:right], beyond, mode="edge")


def _focus(light: Tensor, tones: Tensor, px_per_mm: float) -> tuple[float, float]:
    """x and y in mm of the middle of what stands out most."""
    weight = attention(light) ** 4 * (tones.sum(dim=0) > 0)
    total = float(weight.sum()) or 1.0
    rows, columns = weight.shape
    y = float((weight.sum(dim=1) * (torch.arange(rows) + 0.5)).sum()) / total
    x = float((weight.sum(dim=0) * (torch.arange(columns) + 0.5)).sum()) / total
    return x / px_per_mm, y / px_per_mm
