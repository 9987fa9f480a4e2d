"""A palette that is learned by gradient descent: its colours are the parameters of a module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from plotart.quantize.kmeans import mean_squared, nearest, relieved

#: Steps between two looks at centres that do little, and the share of all steps after which there are none.
_LOOK, _LEFT_ALONE = 5, 0.8


class LearnedQuantizer(nn.Module):
    """Replaces every colour by the nearest of its `centres` [n, 3]; gradients reach the centre that was taken."""

    def __init__(self, centres: Tensor) -> None:
        super().__init__()
        self.centres = nn.Parameter(centres.detach().clone())

    @classmethod
    def among(cls, points: Tensor, n: int, *, random: torch.Generator) -> LearnedQuantizer:
        """With n different ones of the points [B, 3] as centres, all as likely: rare colours as much as common ones."""
        return cls(points[torch.randperm(len(points), generator=random)[:n]])

    def forward(self, colors: Tensor) -> Tensor:
        """[..., 3] -> [..., 3], in the space of the centres."""
        with torch.no_grad():
            owner = nearest(colors.detach().reshape(-1, 3), self.centres)[0]
        return nn.functional.embedding(owner.reshape(colors.shape[:-1]), self.centres)

    @torch.enable_grad()
    def fit(
        self, points: Tensor, weights: Tensor, *, steps: int = 200, rate: float = 0.5, revive: bool = True
    ) -> list[float]:
        """Lower the weighted mean squared error of points [B, 3] with weights [B] by Adam, and return it, before each
        of the steps. Its rate, in parts of the root of the error at first, falls to a hundredth.

        A gradient reaches no centre without points. With `revive`, such centres, and those that are hardly missed, move
        to where the error is large now and then, but for the last steps.
        """
        share = (weights / weights.sum()).to(points)
        error = mean_squared(points, weights, self.centres.detach())
        optimizer = torch.optim.Adam(self.parameters(), lr=rate * error**0.5, eps=1e-15)
        falling = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / steps))
        losses = []
        for step in range(steps):
            if revive and step % _LOOK == 0 and step < _LEFT_ALONE * steps:
                self._revive(points, weights)
            optimizer.zero_grad()
            loss = share @ (self(points) - points).square().sum(dim=1)
            loss.backward()
            optimizer.step()
            falling.step()
            losses.append(float(loss.detach()))
        return losses

    @torch.no_grad()
    def _revive(self, points: Tensor, weights: Tensor) -> None:
        for _ in range(max(1, len(self.centres) // 16)):
            moved = relieved(points, weights, self.centres)
            if moved is None:
                break
            self.centres.copy_(moved[0])
