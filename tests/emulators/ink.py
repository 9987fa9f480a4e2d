"""What lines look like on paper, to compare what was drawn with what was meant."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Line = NDArray[np.float64]

#: mm of a pixel and of a nib, and subpixels along a pixel's side.
PIXEL, NIB, FINE = 0.1, 0.3, 4


def psnr(drawn: Sequence[Line], meant: Sequence[Line]) -> float:
    """dB between two sets of lines [n, 2] in mm, as pictures in 0..1 at PIXEL."""
    points = np.concatenate([*drawn, *meant])
    low = points.min(axis=0) - 1
    width, height = (math.ceil(side / PIXEL) for side in points.max(axis=0) - low + 1)
    error = float(np.mean((_ink(drawn, low, width, height) - _ink(meant, low, width, height)) ** 2))
    return math.inf if error == 0 else -10 * math.log10(error)


def length(lines: Sequence[Line]) -> float:
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def _ink(lines: Sequence[Line], low: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    picture = Image.new("L", (width * FINE, height * FINE))
    pen = ImageDraw.Draw(picture)
    scale, nib = FINE / PIXEL, round(NIB / PIXEL * FINE)
    for line in lines:
        places = [(float(x), float(y)) for x, y in (line - low) * scale]
        pen.line(places, fill=255, width=nib, joint="curve")
        for x, y in (places[0], places[-1]):
            pen.ellipse((x - nib / 2, y - nib / 2, x + nib / 2, y + nib / 2), fill=255)
    return np.asarray(picture.reduce(FINE), dtype=np.float64) / 255
