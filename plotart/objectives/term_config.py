"""What a config says of a term, and how the term is built from it: what plotart's own and other packages' have in
common."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import Field

from plotart.errors import NetworkError
from plotart.geometry.page import Page
from plotart.networks import Pooling, describe
from plotart.plugins import NETWORKS
from plotart.schema.doors import NameOf
from plotart.schema.model import Model
from plotart.schema.values import File, TextLine

if TYPE_CHECKING:
    import torch

    from plotart.networks import Network
    from plotart.objectives.term import Term

_Made = TypeVar("_Made")

#: What makes a network what it is: name, weights file, pooling.
NetworkKey = tuple[str, Path | None, Pooling]

#: Numbers, with what they count: the config's reference says it.
Factor = Annotated[float, Field(json_schema_extra={"unit": "factor"})]
Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})]

Layers = Annotated[tuple[TextLine, ...], Field(strict=False, min_length=1)]


@dataclass(frozen=True)
class Context:
    """What terms are built with.

    page        the sheet
    long_side   px of the sheet's long side as the networks see it
    device      where networks compute, as torch names it
    networks    those of the objective, on that device
    reach       the least and the greatest lightness (OKLab) of a picture that the pens can bring onto the paper, as if
                that were white, or black
    shared      what `once` has made, for the terms of one drawing, or of several that are made together
    """

    page: Page
    long_side: int
    device: torch.device
    networks: Mapping[NetworkKey, Network]
    reach: tuple[float, float] = (0.0, 1.0)
    shared: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def network(self, term: NetworkTerm) -> Network:
        """The network that the term looks through."""
        return self.networks[term.key]

    def once(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What `make` gives: it is called once for a key, which says all that it depends on, and terms share it."""
        if key not in self.shared:
            self.shared[key] = make()
        made: _Made = self.shared[key]
        return made


class TermConfig(Model):
    """What a config says of one kind of term. A subclass has `type`, a Literal of the name by which configs ask for
    it, a `weight`, keys of its own, each with a description, and `build`.

    goal  whether a drawing can be made for it alone; an objective has one goal at least
    """

    goal: ClassVar[bool] = False

    type: str
    if TYPE_CHECKING:
        weight: float

    def build(self, context: Context) -> Term:
        """The term, without its weight. Raises InputError for files, channels, classes that are not to be had."""
        raise NotImplementedError


class NetworkTerm(TermConfig):
    """What all terms say that look through a network."""

    network: Annotated[str, NameOf(NETWORKS)] = Field(
        default="motif", description="The network that looks at the drawing."
    )
    weights: File | None = Field(default=None, description="The network's weights file, in place of the usual one.")
    pooling: Pooling = Field(default="max", description="The network's pooling.")

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The layers of the network that it needs. Raises NetworkError."""
        raise NotImplementedError

    @property
    def key(self) -> NetworkKey:
        return self.network, self.weights, self.pooling

    def usual(self, layers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The layers that are usual for this network. Raises NetworkError if none are."""
        if self.network not in layers:
            available = ", ".join(describe(self.network, weights=self.weights).layers)
            raise NetworkError(f"layers: found nothing; allowed with the network {self.network}: a list of {available}")
        return layers[self.network]
