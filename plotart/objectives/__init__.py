"""What a drawing is drawn for: terms that add like numbers, random views, and what they look at.

What computes is loaded on first use, as it brings torch along; what configs say of terms is there at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from plotart.objectives.term_config import Context, NetworkTerm, TermConfig

if TYPE_CHECKING:
    from plotart.objectives.features import Features, Tap
    from plotart.objectives.losses.coverage import Coverage
    from plotart.objectives.losses.curvature import Curvature
    from plotart.objectives.losses.diversity import Diversity
    from plotart.objectives.losses.excitation import Direction, Excitation
    from plotart.objectives.losses.image import Likeness
    from plotart.objectives.losses.inside import Inside
    from plotart.objectives.losses.length import Length
    from plotart.objectives.losses.neat import Neat
    from plotart.objectives.losses.overdraw import Overdraw
    from plotart.objectives.losses.smoothness import Smoothness
    from plotart.objectives.losses.style import Style
    from plotart.objectives.losses.text import Words
    from plotart.objectives.losses.total_variation import TotalVariation
    from plotart.objectives.picture import Picture
    from plotart.objectives.region import Region
    from plotart.objectives.term import Goal, InkedStrokes, Look, StrokeTerm, Sum, Term
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

_HOME = {
    "Chooser": "plotart.objectives.views",
    "Coverage": "plotart.objectives.losses.coverage",
    "Curvature": "plotart.objectives.losses.curvature",
    "Direction": "plotart.objectives.losses.excitation",
    "Diversity": "plotart.objectives.losses.diversity",
    "Excitation": "plotart.objectives.losses.excitation",
    "Features": "plotart.objectives.features",
    "Goal": "plotart.objectives.term",
    "InkedStrokes": "plotart.objectives.term",
    "Inside": "plotart.objectives.losses.inside",
    "Length": "plotart.objectives.losses.length",
    "Likeness": "plotart.objectives.losses.image",
    "Look": "plotart.objectives.term",
    "Neat": "plotart.objectives.losses.neat",
    "Overdraw": "plotart.objectives.losses.overdraw",
    "Picture": "plotart.objectives.picture",
    "RandomViews": "plotart.objectives.views",
    "RandomWindows": "plotart.objectives.views",
    "Region": "plotart.objectives.region",
    "Smoothness": "plotart.objectives.losses.smoothness",
    "StrokeTerm": "plotart.objectives.term",
    "Style": "plotart.objectives.losses.style",
    "Sum": "plotart.objectives.term",
    "Tap": "plotart.objectives.features",
    "Term": "plotart.objectives.term",
    "TotalVariation": "plotart.objectives.losses.total_variation",
    "Views": "plotart.objectives.views",
    "Windows": "plotart.objectives.views",
    "Words": "plotart.objectives.losses.text",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'plotart.objectives' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
