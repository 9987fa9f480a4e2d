"""An SVG's lines as strokes to begin with."""

from __future__ import annotations

from pathlib import Path

import torch

from plotart.errors import DrawingError
from plotart.export.fit import fit_page, smooth_curve
from plotart.export.read import read_drawing
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest, Strokes, from_curves


def svg_start(wanted: StartRequest) -> Strokes:
    """The curves of the SVG that the config names. Raises DrawingError."""
    try:
        return strokes_from_svg(wanted.svg or "", wanted.page, pens=wanted.pens)
    except DrawingError as error:
        raise DrawingError(f"strokes.svg: {error}") from None


def strokes_from_svg(path: Path | str, page: Page, *, pens: int) -> Strokes:
    """An SVG's lines as strokes on the page, a stroke each, with logits [N, pens] that favour no pen.

    What does not lie within the page's margins is fitted into them, aspect kept. Lines become smooth chains of
    at most 12 cubics. Raises DrawingError, which names the file.
    """
    lines = [line for layer in read_drawing(path, as_pens=True).layers for line in layer.lines]
    curves = [smooth_curve(line) for line in fit_page(lines, page)]
    return from_curves(curves, torch.zeros(len(curves), pens))
