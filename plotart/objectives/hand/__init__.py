"""How a steady hand draws, whatever the drawing is of: curves in one go, lines apart, a motif in its colour."""

from plotart.objectives.hand.coherence import Coherence
from plotart.objectives.hand.fairness import Fairness
from plotart.objectives.hand.joining import Joining
from plotart.objectives.hand.spacing import Spacing

__all__ = ["Coherence", "Fairness", "Joining", "Spacing"]
