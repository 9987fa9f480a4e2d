"""The one loop, and values that change over it."""

from plotart.optimize.optimizer import Optimizer, Phase, Plan, Step, decay_of

__all__ = ["Optimizer", "Phase", "Plan", "Step", "decay_of"]
