"""The plot simulated: the lines of an SVG drawn with nibs, inks and paper, in plotting order."""

from __future__ import annotations

from dataclasses import replace

import torch
from PIL import Image
from torch import Tensor

from plotart.canvas.pen_lines import pen_lines
from plotart.canvas.renderer import Renderer
from plotart.color import RGB, is_dark, linear
from plotart.export.drawing import Drawing
from plotart.export.register import landed
from plotart.geometry.page import Page
from plotart.pens import Ink, Pen, PenSet


def simulate(drawing: Drawing, page: Page, renderer: Renderer, pens: PenSet | None = None) -> Tensor:
    """[1, 3, H, W] sRGB in 0..1 of a re-read drawing on `page`.

    An SVG names no inks: a layer called as one of `pens` is drawn with it, any other as transparent ink of its colour
    (opaque on dark paper, where a transparent one would not show), and lies where that pen lands. What is painted looks
    as SVG has it.
    """
    if renderer.backend == "cuda":  # a still is drawn on the host
        renderer = replace(renderer, backend="auto")
    if drawing.painted:
        renderer = replace(renderer, light="srgb", two_flux=False)
    known = {pen.name: pen for pen in pens or ()}
    drawing = landed(drawing, pens)
    layers = (
        (
            _paint(layer.pen) if drawing.painted else known.get(layer.name) or Pen(*layer.nib, _default_ink(page)),
            layer.lines,
        )
        for layer in drawing.layers
    )
    if page.fixed or any(any(pen.lands) for pen in known.values()):  # words may lie in the margin, and so may lines
        page = replace(page, cut=False)
    with torch.no_grad():
        return renderer.image(*pen_lines(layers), page)


def as_viewers_show(renderer: Renderer, pens: PenSet) -> Renderer:
    """The renderer for a picture to look at. Where all inks cover, nothing mixes but the edges of lines, and those
    mix as in SVG, so that the picture is the one that any viewer shows of the file."""
    return replace(renderer, light="srgb") if not any(any(pen.light.transmittance) for pen in pens) else renderer


def to_picture(image: Tensor) -> Image.Image:
    """[1, 3, H, W] sRGB in 0..1 as a Pillow image."""
    values = (image[0].detach().clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0)
    return Image.fromarray(values.cpu().numpy())


def _paint(pen: Pen) -> Pen:
    """The pen with ink that mixes by its opacity with what lies below, where sRGB values are mixed."""
    over_black, over_white = (_linear_light(pen, shows) for shows in (0.0, 1 - pen.opacity))
    passes = tuple(white - black for white, black in zip(over_white, over_black, strict=True))
    return pen.but(reflectance=over_black, transmittance=passes)


def _linear_light(pen: Pen, shows: float) -> RGB:
    """Of the pen's paint where so much of white shows through it."""
    red, green, blue = (pen.opacity * channel + shows for channel in pen.rgb)
    return linear((red, green, blue))


def _default_ink(page: Page) -> Ink:
    return "opaque" if is_dark(page.paper) else "transparent"
