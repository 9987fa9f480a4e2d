"""Adam for parameters of which rows can rest or begin anew: strokes that no window shows, or that are placed anew.

torch's own moves every row, and compiles nothing here but loads its compiler all the same, for longer than a short
drawing's first ten steps take. Values are torch's, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

#: The memory of means and of squares, in place of (0.9, 0.999): temperature and views change the gradient from step to
#: step, and 80 steps with the short one reach what takes 200 with the long one (docs/benchmarks.md).
BETAS = (0.5, 0.9)

#: What keeps the root of the squares from 0.
EPSILON = 1e-8

#: What a state calls the means, the squares and the number of steps.
MEAN, SQUARE, STEP = "exp_avg", "exp_avg_sq", "step"


class Adam:
    """Adam (Kingma and Ba, 2015), by names of parameters; moves them in place, by the gradients that they have.

    A parameter that has never had a gradient has no state.
    """

    def __init__(self, parameters: Mapping[str, Tensor], betas: tuple[float, float] = BETAS) -> None:
        self._parameters, self._betas = dict(parameters), betas
        self._state: dict[str, dict[str, Tensor]] = {}

    def zero_grad(self) -> None:
        for value in self._parameters.values():
            value.grad = None

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        return tuple(self._parameters.values())

    @property
    def gradients(self) -> Iterator[tuple[str, Tensor]]:
        """Of the parameters that have one, by name."""
        yield from ((name, value.grad) for name, value in self._parameters.items() if value.grad is not None)

    @torch.no_grad()
    def step(self, rates: Mapping[str, float], idle: Mapping[str, Tensor] | None = None) -> None:
        """Move each parameter by about its rate. Rows that are idle [rows] stay as they are, and so do their means:
        Adam's steps are of one size however small a gradient is, and penalties alone would drag them off."""
        for name, gradient in self.gradients:
            value, state = self._parameters[name], self._of(name)
            rows = None if idle is None else idle.get(name)
            before = None if rows is None else [each.clone() for each in (value, state[MEAN], state[SQUARE])]
            self._move(value, gradient, state, rates[name])
            if rows is not None and before is not None:
                rest = rows.reshape(-1, *[1] * (value.ndim - 1))
                for now, then in zip((value, state[MEAN], state[SQUARE]), before, strict=True):
                    now.copy_(torch.where(rest, then, now))

    def _move(self, value: Tensor, gradient: Tensor, state: Mapping[str, Tensor], rate: float) -> None:
        means, squares = self._betas
        state[STEP].add_(1)
        done = state[STEP].item()
        state[MEAN].lerp_(gradient, 1 - means)
        state[SQUARE].mul_(squares).addcmul_(gradient, gradient, value=1 - squares)
        root = (state[SQUARE].sqrt() / math.sqrt(1 - squares**done)).add_(EPSILON)
        value.addcdiv_(state[MEAN], root, value=-rate / (1 - means**done))

    def _of(self, name: str) -> dict[str, Tensor]:
        """The state of a parameter; steps are counted on the host."""
        if name not in self._state:
            value = self._parameters[name]
            self._state[name] = {
                STEP: torch.zeros(()),
                MEAN: torch.zeros_like(value, requires_grad=False),
                SQUARE: torch.zeros_like(value, requires_grad=False),
            }
        return self._state[name]

    @torch.no_grad()
    def forget(self, rows: Mapping[str, Tensor]) -> None:
        """How these rows of parameters moved."""
        for name, these in rows.items():
            for key in (MEAN, SQUARE):
                if name in self._state:
                    self._state[name][key][these] = 0

    def state(self) -> dict[str, Tensor]:
        """Tensors by parameter and key, as "points.exp_avg"."""
        return {f"{name}.{key}": value for name, state in self._state.items() for key, value in state.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Back to a saved `state`, on the parameters' devices."""
        for name, value in self._parameters.items():
            saved = {key: tensors[f"{name}.{key}"] for key in (STEP, MEAN, SQUARE) if f"{name}.{key}" in tensors}
            if saved:
                self._state[name] = {k: v if k == STEP else v.to(value.device) for k, v in saved.items()}
