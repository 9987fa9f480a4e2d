"""What a drawing is drawn for: terms that add like numbers, random views, and what they look at."""

from plotart.objectives.drawing import Inside, Length, Smoothness
from plotart.objectives.excitation import Excitation
from plotart.objectives.image import TotalVariation
from plotart.objectives.term import Look, Sum, Term
from plotart.objectives.views import RandomViews

__all__ = ["Excitation", "Inside", "Length", "Look", "RandomViews", "Smoothness", "Sum", "Term", "TotalVariation"]
