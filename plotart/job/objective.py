"""The config's objective -> terms, with the networks that they look through."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import torch

from plotart.config import Config
from plotart.errors import InputError, NetworkError, WeightsError
from plotart.geometry.page import Page
from plotart.job.events import Download, OnEvent
from plotart.job.look import lightness_reached
from plotart.networks import Network, describe, load_network
from plotart.networks.precision import NAMED, Precision, precision_for
from plotart.objectives import Context, NetworkTerm, Sum
from plotart.objectives.term_config import NetworkKey
from plotart.objectives.terms.excitation import ExcitationTerm

#: What heads beside the classes are about.
_JUDGED = {"color": "colors", "nothing": "what is nothing", "neat": "whether lines are neat"}


#: What objectives have in common, by everything that it depends on: networks above all.
Shared = dict[Hashable, Any]


def build_objective(
    config: Config,
    page: Page,
    device: torch.device,
    on_event: OnEvent | None = None,
    shared: Shared | None = None,
) -> Sum:
    """The config's terms by their weights; what is `shared` with other objectives is taken from there, and what is not
    there yet is left there for others. Raises InputError for networks, layers, classes and files not to be had."""
    reach = lightness_reached(config, page, config.pens) if config.pens else (0.0, 1.0)
    networks = _networks(config, device, on_event, shared)
    context = Context(page, _long_side(config), device, networks, reach, shared if shared is not None else {})
    parts = []
    for index, term in enumerate(config.terms):
        try:
            parts.append((term.weight, term.build(context)))
        except InputError as error:
            raise type(error)(f"objective.{index}: {error}") from error
    return Sum(tuple(parts))


def build_precision(config: Config, objective: Sum) -> dict[Network, Precision]:
    """How each network computes while optimising: as the config says, or as suits its device."""
    if config.optimize.precision != "auto":
        return {tap.network: NAMED[config.optimize.precision] for tap in objective.taps}
    return {network: precision_for(next(network.parameters()).device) for network, _ in objective.taps}


def _long_side(config: Config) -> int:
    """px of the page's long side in the views."""
    return config.augment.size or config.render.resolution


def _networks(
    config: Config, device: torch.device, on_event: OnEvent | None, shared: Shared | None
) -> dict[NetworkKey, Network]:
    """Every network of the objective, as deep as its deepest layer that a term looks at."""
    deepest: dict[NetworkKey, str] = {}
    where: dict[NetworkKey, int] = {}
    for index, term in enumerate(config.terms):
        if not isinstance(term, NetworkTerm):
            continue
        key = term.key
        for layer in _layers(term, index):
            before = deepest.setdefault(key, layer)
            deepest[key] = max(before, layer, key=describe(term.network, weights=term.weights).position)
            where.setdefault(key, index)
    networks, progress = {}, None if on_event is None else lambda done, total: on_event(Download(done, total))
    # The views of several drawings are more or fewer from pass to pass: compiled for every number, it would never end.
    dynamic, shared = (False, {}) if shared is None else (None, shared)
    compiled = config.optimize.compile or (config.optimize.compile is None and device.type == "cuda")
    for key, layer in deepest.items():
        name, weights, pooling = key
        if (mark := ("network", key, layer, device, compiled)) not in shared:
            try:
                network = load_network(name, weights=weights, pooling=pooling, up_to=layer, progress=progress)
            except (NetworkError, WeightsError) as error:
                raise type(error)(f"objective.{where[key]}: {error}") from error
            network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            if compiled:
                network.compile(dynamic=dynamic)
            shared[mark] = network
        networks[key] = shared[mark]
    return networks


def _layers(term: NetworkTerm, index: int) -> tuple[str, ...]:
    """The layers that a term looks at. Raises NetworkError for one that its network lacks, WeightsError."""
    try:
        network, layers = describe(term.network, weights=term.weights), term.looks_at
        for layer in layers:
            if layer == "class" and "class" not in network.layers:
                named = term.class_ if isinstance(term, ExcitationTerm) else None
                wanted = f"class {named!r}" if named is not None else "layer class"
                allowed = ", ".join(network.layers)
                raise NetworkError(f"{wanted}: {term.network} is used without classes; allowed are layers: {allowed}")
            if layer in _JUDGED and layer not in network.layers:
                raise NetworkError(f"{term.network} does not judge {_JUDGED[layer]}: allowed is one that learned it")
            network.position(layer)
    except (NetworkError, WeightsError) as error:
        raise type(error)(f"objective.{index}: {error}") from error
    return layers
