"""Pens as physical things, sets of them as files."""

from plotart.pens.pen import Ink, Light, Pen
from plotart.pens.pen_set import PenSet

__all__ = ["Ink", "Light", "Pen", "PenSet"]
