"""A palette that is learned by gradient descent: its colours are the parameters of a module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from plotart.quantize.kmeans import mean_squared, nearest


class LearnedQuantizer(nn.Module):
    """Replaces every colour by the nearest of its `centres` [n, 3]; gradients reach the centre that was taken."""

    def __init__(self, centres: Tensor) -> None:
        super().__init__()
        self.centres = nn.Parameter(centres.detach().clone())

    def forward(self, colors: Tensor) -> Tensor:
        """[..., 3] -> [..., 3], in the space of the centres."""
        with torch.no_grad():
            owner = nearest(colors.detach().reshape(-1, 3), self.centres)[0]
        return nn.functional.embedding(owner.reshape(colors.shape[:-1]), self.centres)

    @torch.enable_grad()
    def fit(self, points: Tensor, weights: Tensor, *, steps: int = 200, rate: float = 0.1) -> None:
        """Lower the weighted mean squared error of points [B, 3] with weights [B] by Adam. Its rate, in parts of the
        root of the error at first, falls to a hundredth."""
        share = (weights / weights.sum()).to(points)
        error = mean_squared(points, weights, self.centres.detach())
        optimizer = torch.optim.Adam(self.parameters(), lr=rate * error**0.5, eps=1e-15)
        falling = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / steps))
        for _ in range(steps):
            optimizer.zero_grad()
            loss = share @ (self(points) - points).square().sum(dim=1)
            loss.backward()
            optimizer.step()
            falling.step()
