"""What a drawing is drawn for: terms that add like numbers, random views, and what they look at."""

from plotart.objectives.density import Coverage, Overdraw
from plotart.objectives.diversity import Diversity
from plotart.objectives.drawing import Curvature, Inside, Length, Smoothness
from plotart.objectives.excitation import Direction, Excitation
from plotart.objectives.features import Features, Tap
from plotart.objectives.image import TotalVariation
from plotart.objectives.likeness import Likeness
from plotart.objectives.picture import Picture
from plotart.objectives.region import Region
from plotart.objectives.style import Style
from plotart.objectives.term import Goal, InkedStrokes, Look, StrokeTerm, Sum, Term
from plotart.objectives.views import Chooser, RandomViews, RandomWindows, Views, Windows

__all__ = [
    "Chooser",
    "Coverage",
    "Curvature",
    "Direction",
    "Diversity",
    "Excitation",
    "Features",
    "Goal",
    "InkedStrokes",
    "Inside",
    "Length",
    "Likeness",
    "Look",
    "Overdraw",
    "Picture",
    "RandomViews",
    "RandomWindows",
    "Region",
    "Smoothness",
    "StrokeTerm",
    "Style",
    "Sum",
    "Tap",
    "Term",
    "TotalVariation",
    "Views",
    "Windows",
]
