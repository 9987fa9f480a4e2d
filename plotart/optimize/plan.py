"""How a run goes: what holds at each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from plotart.optimize.clearing import Clearing
from plotart.optimize.schedules import Schedule, constant, cosine, geometric

Phase = Literal["soft", "polish"]


@dataclass(frozen=True)
class Moment:
    """What holds at one step: values of `Plan`; `rates` are Adam's, and `open` is how many pens are to be left."""

    phase: Phase
    rates: dict[str, float]
    temperature: float
    softness: float = 0.0
    detail: float = 1.0
    leak: float = 0.0
    sharpness: float = 0.0
    noise: float = 0.0
    open: int | None = None

    @property
    def soft(self) -> bool:
        return self.phase == "soft"


@dataclass(frozen=True)
class Plan:
    """How to run: `steps` in all, the last `polish` share of them with the pens fixed.

    rates        Adam's learning rate by parameter: points (mm), logits, colors; all fall along `decay`
    temperature  of the class matrix's softmax, over the soft phase
    softness     mm by which edges are blurred for the loss, over the soft phase; evaluations are exact
    detail       share of the full resolution that the networks look at, over the soft phase
    leak         slope of the networks' relus below zero, over the soft phase: with some, channels that see nothing yet
                 are moved all the same
    open         where pens are to be chosen, how many are left, over the soft phase; None elsewhere
    sparsity     weight of the penalty on strokes of the pens that are to go next
    sharpness, usage: weights of the penalties on mixed strokes and on unused pens; noise: scale of the Gumbel noise
    project      put control points back inside the margins after each step
    clearing     which strokes leave, or are joined, and when
    recycle      soft steps from one search for strokes that can't be seen to the next, which are placed anew; 0 = never
    recycle_until  share of the soft phase after which none is, as it could not settle any more
    """

    steps: int = 400
    polish: float = 0.15
    rates: dict[str, float] = field(default_factory=lambda: {"points": 1.0, "logits": 0.1, "colors": 0.05})
    decay: Schedule = field(default_factory=lambda: cosine(1.0, 0.1))
    temperature: Schedule = field(default_factory=lambda: geometric(1.0, 0.05))
    softness: Schedule = field(default_factory=lambda: constant(0.0))
    detail: Schedule = field(default_factory=lambda: constant(1.0))
    leak: Schedule = field(default_factory=lambda: constant(0.0))
    open: Schedule | None = None
    sparsity: float = 0.0
    sharpness: float = 0.05
    usage: float = 0.05
    noise: float = 0.0
    project: bool = True
    clearing: Clearing = field(default_factory=Clearing)
    recycle: int = 25
    recycle_until: float = 0.6

    @property
    def soft_steps(self) -> int:
        """Steps before the pens are fixed; at least one."""
        return max(1, self.steps - round(self.steps * self.polish))

    def at(self, done: int) -> Moment:
        """What holds at the step after `done` steps."""
        progress = min(1.0, done / max(1, self.soft_steps - 1))
        factor = self.decay(done / max(1, self.steps - 1))
        rates = {name: rate * factor for name, rate in self.rates.items()}
        if done >= self.soft_steps:
            return Moment("polish", rates, self.temperature(progress))
        return Moment(
            "soft",
            rates,
            self.temperature(progress),
            self.softness(progress),
            self.detail(progress),
            self.leak(progress),
            self.sharpness,
            self.noise,
            None if self.open is None else round(self.open(progress)),
        )

    @property
    def fixed(self) -> bool:
        """Whether strokes are to stay where, or what, they are."""
        return min(self.rates["points"], self.rates["logits"]) == 0

    def recycles(self, done: int) -> bool:
        """Whether strokes that can't be seen are placed anew after `done` steps; never where strokes are to stay."""
        if self.recycle == 0 or self.fixed or self.clearing.chains(done, self.soft_steps):
            return False
        return done % self.recycle == 0 and done < self.soft_steps and done <= self.recycle_until * self.soft_steps
