"""What a drawing is drawn for: terms that add like numbers, random views, and what they look at."""

from plotart.objectives.features import Features, Tap
from plotart.objectives.picture import Picture
from plotart.objectives.region import Region
from plotart.objectives.term import Goal, InkedStrokes, Look, StrokeTerm, Sum, Term
from plotart.objectives.term_config import Context, NetworkTerm, TermConfig
from plotart.objectives.terms.coverage import Coverage
from plotart.objectives.terms.curvature import Curvature
from plotart.objectives.terms.diversity import Diversity
from plotart.objectives.terms.excitation import Direction, Excitation
from plotart.objectives.terms.image import Likeness
from plotart.objectives.terms.inside import Inside
from plotart.objectives.terms.length import Length
from plotart.objectives.terms.neat import Neat
from plotart.objectives.terms.overdraw import Overdraw
from plotart.objectives.terms.smoothness import Smoothness
from plotart.objectives.terms.style import Style
from plotart.objectives.terms.text import Words
from plotart.objectives.terms.total_variation import TotalVariation
from plotart.objectives.views import Chooser, RandomViews, RandomWindows, Views, Windows

__all__ = [
    "Chooser",
    "Context",
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
    "Neat",
    "NetworkTerm",
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
    "TermConfig",
    "TotalVariation",
    "Views",
    "Windows",
    "Words",
]
