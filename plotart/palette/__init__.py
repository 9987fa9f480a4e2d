"""Colours and how strokes choose among them; pictures in the colours of a palette.

    from plotart.palette import extract_palette, quantize

    palette = extract_palette(image, 6, method="kmeans", seed=0)
    q = quantize(image, palette, metric="oklab2", mode="ste", tau=0.1)

These two are loaded on first use, as they bring a compiler with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plotart.lazy import on_first_use
from plotart.palette.class_matrix import ClassMatrix
from plotart.palette.palettes import ChoosingPalette, FixedPalette, LearnedPalette, Palette

if TYPE_CHECKING:
    from plotart.quantize.extract import extract_palette
    from plotart.quantize.quantization import quantize

__all__ = [
    "ChoosingPalette",
    "ClassMatrix",
    "FixedPalette",
    "LearnedPalette",
    "Palette",
    "extract_palette",
    "quantize",
]

__getattr__ = on_first_use(
    __name__, {"extract_palette": "plotart.quantize.extract", "quantize": "plotart.quantize.quantization"}
)
