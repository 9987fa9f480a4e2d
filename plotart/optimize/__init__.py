"""The one loop, and values that change over it."""

from plotart.optimize.optimizer import Optimizer
from plotart.optimize.plan import Phase, Plan
from plotart.optimize.step import Figures, Step

__all__ = ["Figures", "Optimizer", "Phase", "Plan", "Step"]
