"""Neat: look like a drawing that somebody meant."""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from plotart.networks import Network
from plotart.objectives.features import Tap
from plotart.objectives.term import Look, Term
from plotart.objectives.term_config import Context, NetworkTerm


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


class NeatTerm(NetworkTerm):
    """Draw as neatly as motifs are drawn by formula: whole lines, none too many, each colour in its place."""

    type: Literal["neat"] = Field(description="Which kind of term this is.")
    weight: float = Field(default=1.0, ge=0, description="Factor on the term.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        return ("neat",)

    def build(self, context: Context) -> Neat:
        return Neat(context.network(self))
