"""The one loop, and values that change over it."""

from plotart.optimize.ensemble import Course, Ensemble, together
from plotart.optimize.optimizer import Optimizer
from plotart.optimize.plan import Phase, Plan
from plotart.optimize.step import Figures, Step

__all__ = ["Course", "Ensemble", "Figures", "Optimizer", "Phase", "Plan", "Step", "together"]
