"""Colours and how strokes choose among them; pictures in the colours of a palette.

    from plotart.palette import extract_palette, quantize

    palette = extract_palette(image, 6, method="kmeans", seed=0)
    q = quantize(image, palette, metric="oklab2", mode="ste", tau=0.1)

These two are loaded on first use, as they bring a compiler with them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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

_HOME = {"extract_palette": "plotart.quantize.extract", "quantize": "plotart.quantize.quantization"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'plotart.palette' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
