"""Neat: look like a drawing that somebody meant."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from plotart.networks import Network
from plotart.objectives.features import Tap
from plotart.objectives.term import Look, Term


class Neat(Term):
    """How surely the network takes each view for a mess: minus the log of the probability that its head "neat" gives
    to a tidy drawing, the loss of a generator that a critic teaches (Goodfellow et al. 2014, the form that doesn't
    saturate). The critic knows motifs with lines missing, doubled, astray and of stray colours, and plotart's own
    drawings.

    Raises NetworkError for a network without that head.
    """

    name = "neat"

    def __init__(self, network: Network) -> None:
        network.channels("neat")
        self.network = network

    @property
    def taps(self) -> tuple[Tap, ...]:
        return (Tap(self.network, "neat"),)

    def __call__(self, look: Look) -> Tensor:
        logits = look.features(self.network, "neat").mean(dim=(1, 2, 3))
        return F.softplus(-logits).mean()
