"""The class matrix: a row of logits for every stroke (or pixel), a column for every pen."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.render.upload import upload


class ClassMatrix:
    """softmax(logits / temperature) says how much of each pen a stroke is; the largest logit, which pen it gets.

    logits  [..., K], K pens; a leaf that asks for gradients when it is optimised
    available  [K] bool: the pens that can be had, and may change from outside; None = all
    """

    def __init__(self, logits: Tensor, available: Tensor | None = None) -> None:
        self.logits, self._available = logits, available
        self._columns: Tensor | None = None
        self._groups: Tensor | None = None

    def pool(self, groups: Tensor | None) -> None:
        """From now on rows of one group ([rows] int64, below the number of rows) share the mean of their logits; rows
        of a negative group, and all rows with None, have their own."""
        self._groups = groups

    def settle(self, columns: Tensor) -> None:
        """From now on the pens are those of these columns [k], in that order."""
        self._columns = columns

    def scores(self) -> Tensor:
        """[..., pens]: the logits of the pens as they are now; those that are closed have minus infinity."""
        logits = self._pooled()
        if self._columns is not None:
            return logits[..., self._columns]
        return logits if self._available is None else logits.masked_fill(~self._available, -math.inf)

    def soft(self, temperature: float, *, noise: float = 0.0, random: torch.Generator | None = None) -> Tensor:
        """[..., K] shares that sum to 1. Gumbel noise of scale `noise` on the logits makes rows try other pens
        (Jang, Gu, Poole 2017: Categorical reparameterization with Gumbel-softmax)."""
        logits = self.scores()
        if noise > 0:
            uniform = torch.rand(logits.shape, generator=random).clamp(1e-6, 1 - 1e-6)
            logits = logits - upload(noise * torch.log(-torch.log(uniform)), logits)
        return torch.softmax(logits / temperature, dim=-1)

    def hard(self) -> Tensor:
        """[...] int64: the pen of each row."""
        return self.scores().argmax(dim=-1)

    def column(self) -> Tensor:
        """[...] int64: the column of the logits that the pen of each row has."""
        pen = self.hard()
        return pen if self._columns is None else self._columns[pen]

    def _pooled(self) -> Tensor:
        if self._groups is None:
            return self.logits
        own = self._groups < 0
        groups = torch.where(own, 0, self._groups)
        ones = (~own).to(self.logits)[:, None]
        total = torch.zeros_like(self.logits).index_add(0, groups, self.logits * ones)
        count = torch.zeros_like(ones).index_add(0, groups, ones).clamp_min(1)
        return torch.where(own[:, None], self.logits, (total / count)[groups])


def sharpness_penalty(shares: Tensor) -> Tensor:
    """0 when every row [..., K] is one pen, 1 when all are even mixes: sum of square roots of the shares, rescaled.

    AdMoR's penalty (`quantized_neuron_excitation.py`) with one change: the square root's gradient is infinite at 0,
    which a saturated row reaches in float32, so that the shares are shifted by a little before it is taken.
    """
    pens = shares.shape[-1]
    if pens == 1:
        return shares.sum() * 0.0
    floor = 1e-4
    roots = ((shares + floor).sqrt() - math.sqrt(floor)).sum(dim=-1).mean()
    one, even = math.sqrt(1 + floor) - math.sqrt(floor), pens * (math.sqrt(1 / pens + floor) - math.sqrt(floor))
    return (roots - one) / (even - one)


def sparsity_penalty(shares: Tensor, kept: Tensor) -> Tensor:
    """The part of all strokes [..., K] that is drawn by pens that are not to be kept ([K] bool): 0 to 1."""
    return shares.masked_fill(kept, 0.0).sum() / shares[..., 0].numel()


def usage_penalty(shares: Tensor) -> Tensor:
    """0 when all pens are used alike, 1 when one does everything: log K minus the entropy of their use, over log K."""
    pens = shares.shape[-1]
    if pens == 1:
        return shares.sum() * 0.0
    use = shares.reshape(-1, pens).mean(dim=0)
    return 1 + (use * use.clamp_min(1e-8).log()).sum() / math.log(pens)
