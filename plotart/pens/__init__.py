"""Pens as physical things, sets of them as files."""

from plotart.pens.pen import Handling, Ink, Light, Pen, PenSet

__all__ = ["Handling", "Ink", "Light", "Pen", "PenSet"]
