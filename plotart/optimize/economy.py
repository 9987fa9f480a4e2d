"""Every stroke must earn its ink: what strokes are worth to the objective, and which of them leave.

Where strokes have settled, the gradient of the loss by how much of a stroke there is says nothing: each is as strong
as it should be. What the drawing would lose without it is the integral of that gradient from nothing to all of it; with
all strokes on their way together (Sundararajan, Taly, Yan 2017: Axiomatic attribution for deep networks) two points of
the way are enough to rank them (docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from plotart.canvas import Canvas
from plotart.optimize.ensemble import Course

#: Where on the way from no ink to all of it the gradient is taken.
ON_THE_WAY = (0.2, 0.8)

#: How much of what a stroke was worth before counts in what it is worth now.
MEMORY = 0.5

#: Lines that are tried without, those first that seemed to be worth least: so many at most, and no more once so many in
#: a row have turned out to earn their ink.
TRIALS, IN_A_ROW = 128, 16


class Economy:
    """What each of N strokes is worth, `worth` [N]: a running mean, infinite for those that have not been seen yet."""

    def __init__(self, strokes: int, device: torch.device) -> None:
        self.worth = torch.full((strokes,), torch.inf, device=device)

    @torch.no_grad()
    def note(self, worth: Tensor, idle: Tensor | None = None) -> None:
        """What strokes are worth just now [N]; those that no window showed (`idle`) stay as they were."""
        mean = torch.where(self.worth.isinf(), worth, MEMORY * self.worth + (1 - MEMORY) * worth)
        self.worth.copy_(mean if idle is None else torch.where(idle, self.worth, mean))

    @torch.no_grad()
    def forget(self, strokes: Tensor) -> None:
        """These begin again; until they are seen they stay."""
        self.worth[strokes] = torch.inf

    @torch.no_grad()
    def thin(self, canvas: Canvas, left: int) -> None:
        """Strokes leave that are worth least for what they take to plot, until `left` are left; none that is held."""
        units = canvas.units
        if len(units) > left:
            worth = (self.worth[units] / canvas.costs()).masked_fill(canvas.held[units], torch.inf)
            last = torch.argsort(worth, descending=True, stable=True)[left:]
            canvas.leave(units[last[~canvas.held[units[last]]]])


@torch.no_grad()
def prune(
    canvas: Canvas, activation: Callable[[Tensor], Course[float]], blank: float, price: float, worth: Tensor
) -> Course[None]:
    """Lines leave without which the drawing loses less than the share `price` of what ink earns on average; none that
    is held.

    They are tried by the `activation` without them, those first that are worth least by `worth` [N strokes], and leave
    the cheapest to lose first. `activation` is that of the drawing with gates [N], `blank` that of the paper.
    """
    units, costs = canvas.units, canvas.costs()
    if len(units) < 2:
        return
    gates = torch.ones_like(worth)

    def without(*lines: int) -> Course[float]:
        gates.fill_(1.0)[units[list(lines)]] = 0.0
        return activation(gates)

    full = yield from without()
    price *= (full - blank) / float(costs.sum())
    held = canvas.held[units]
    ranked = torch.argsort((worth[units] / costs).masked_fill(held, torch.inf), stable=True)
    tried = ranked[~held[ranked]][:TRIALS].tolist()
    cost = costs.tolist()
    loss: dict[int, float] = {}
    earning = 0
    for line in tried:
        loss[line] = full - (yield from without(line))
        earning = earning + 1 if loss[line] >= price * cost[line] else 0
        if earning == IN_A_ROW:
            break
    gone: list[int] = []
    for line in sorted(loss, key=lambda line: loss[line] / cost[line]):
        if loss[line] >= price * cost[line] or len(gone) == len(cost) - 1:
            break
        left = yield from without(*gone, line)
        if full - left < price * cost[line]:
            gone.append(line)
            full = left
    canvas.leave(units[gone])
