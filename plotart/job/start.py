"""What a config wants of the strokes to begin with."""

from __future__ import annotations

from statistics import median

import torch
from torch import Tensor

from plotart.canvas.coverage import count_of_lines, count_of_strokes
from plotart.color import LUMINANCE, is_dark, luminance
from plotart.color.light import srgb_to_linear
from plotart.config import Config
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest
from plotart.objectives import Picture
from plotart.objectives.terms.image import ImageTerm
from plotart.plugins import STARTS

#: px of the long side of the sheet on which a picture is looked at for where strokes begin.
LONG_SIDE = 256

#: plotart's own starts that look at no picture.
BLIND = frozenset(STARTS.own) - {"tour"}


def start_request(config: Config, page: Page, pens: int, copies: int, random: torch.Generator) -> StartRequest:
    """For strokes each of which will have `copies`, itself among them. Raises ImageError."""
    wanted = config.strokes
    return StartRequest(
        count=max(1, round(stroke_count(config, page) / copies)),
        segments=wanted.segments,
        length=wanted.length,
        page=page,
        pens=pens,
        random=random,
        svg=wanted.svg,
        composition=wanted.composition,
        focus=wanted.focus,
        darkness=None if wanted.init in BLIND else darkness(config, page),
        nib=median_nib(config),
    )


def stroke_count(config: Config, page: Page) -> int:
    """How many strokes, copies and all, the config wants; ``auto`` goes by page, median nib and coverage."""
    wanted = config.strokes
    if wanted.count != "auto":
        return wanted.count
    nib = median_nib(config)
    if wanted.init in ("wander", "tour"):
        return count_of_lines(wanted.coverage, page, nib, wanted.segments)
    return count_of_strokes(wanted.coverage, page, nib, wanted.length)


def median_nib(config: Config) -> float:
    """mm."""
    return config.palette.width if config.palette.mode == "learned" else median(pen.width for pen in config.pens)


def darkness(config: Config, page: Page) -> Tensor | None:
    """[H, W] of the whole sheet: how much darker the first picture of the objective is than the paper, 0 to 1; how much
    lighter, on dark paper. None without a picture. Raises ImageError."""
    term = next((term for term in config.terms if isinstance(term, ImageTerm)), None)
    if term is None:
        return None
    light = srgb_to_linear(Picture.read(term.file).on(page).on_sheet(page, LONG_SIDE, term.fit))[0]
    paper, seen = luminance(page.paper), (torch.tensor(LUMINANCE)[:, None, None] * light).sum(dim=0)
    share = (seen - paper) / (1 - paper) if is_dark(page.paper) else 1 - seen / paper
    return share.clamp(0, 1)
