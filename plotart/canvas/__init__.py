"""What is optimised: strokes on paper, or every pixel of an image."""

from plotart.canvas.canvas import Canvas, Frame
from plotart.canvas.layout import grid_strokes, random_strokes
from plotart.canvas.pixels import PixelCanvas
from plotart.canvas.renderer import Renderer
from plotart.canvas.strokes import StrokeCanvas
from plotart.canvas.symmetry import Symmetry

__all__ = [
    "Canvas",
    "Frame",
    "PixelCanvas",
    "Renderer",
    "StrokeCanvas",
    "Symmetry",
    "grid_strokes",
    "random_strokes",
]
