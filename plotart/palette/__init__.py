"""Colours and how strokes choose among them."""

from plotart.palette.class_matrix import ClassMatrix
from plotart.palette.palettes import FixedPalette, LearnedPalette, Palette

__all__ = ["ClassMatrix", "FixedPalette", "LearnedPalette", "Palette"]
