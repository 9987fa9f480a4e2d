"""The config's objective -> terms, with the networks that they look through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from plotart.config import Config
from plotart.config.terms import (
    CoverageTerm,
    CurvatureTerm,
    DiversityTerm,
    ExcitationTerm,
    ImageTerm,
    InsideTerm,
    LengthTerm,
    NetworkTerm,
    OverdrawTerm,
    SmoothnessTerm,
    StyleTerm,
    TotalVariationTerm,
)
from plotart.errors import DrawingError, ImageError, NetworkError, WeightsError
from plotart.geometry.page import Page
from plotart.job.events import Download, OnEvent
from plotart.networks import VGG, Pooling, describe, load_network
from plotart.networks.precision import NAMED, Precision, precision_for
from plotart.objectives import (
    Coverage,
    Curvature,
    Direction,
    Diversity,
    Excitation,
    Inside,
    Length,
    Likeness,
    Overdraw,
    Picture,
    Region,
    Smoothness,
    Style,
    Sum,
    Term,
    TotalVariation,
)

#: What makes a network what it is: name, weights file, pooling.
Key = tuple[str, Path | None, Pooling]


@dataclass(frozen=True)
class Context:
    """What terms are built with; `long_side` px of the page as the networks see it."""

    page: Page
    long_side: int
    networks: dict[Key, VGG]

    def network(self, term: NetworkTerm) -> VGG:
        return self.networks[_key(term)]


def build_objective(config: Config, page: Page, device: torch.device, on_event: OnEvent | None = None) -> Sum:
    """The config's terms by their weights. Raises InputError for networks, layers, classes and files not to be had."""
    context = Context(page, _long_side(config), _networks(config, device, on_event))
    parts = []
    for index, term in enumerate(config.objective):
        try:
            parts.append((term.weight, _BUILDERS[type(term)](term, context)))
        except (DrawingError, ImageError, NetworkError) as error:
            raise type(error)(f"objective.{index}: {error}") from error
    return Sum(tuple(parts))


def build_precision(config: Config, objective: Sum) -> dict[VGG, Precision]:
    """How each network computes while optimising: as the config says, or as suits its device."""
    if config.optimize.precision != "auto":
        return {tap.network: NAMED[config.optimize.precision] for tap in objective.taps}
    return {network: precision_for(next(network.parameters()).device) for network, _ in objective.taps}


def _long_side(config: Config) -> int:
    """px of the page's long side in the views."""
    return config.augment.size or config.render.resolution


def _key(term: NetworkTerm) -> Key:
    return term.network, term.weights, term.pooling


def _networks(config: Config, device: torch.device, on_event: OnEvent | None) -> dict[Key, VGG]:
    """Every network of the objective, as deep as its deepest layer that a term looks at."""
    deepest: dict[Key, str] = {}
    where: dict[Key, int] = {}
    for index, term in enumerate(config.objective):
        if not isinstance(term, NetworkTerm):
            continue
        key = _key(term)
        for layer in _layers(term, index):
            before = deepest.setdefault(key, layer)
            deepest[key] = max(before, layer, key=describe(term.network, weights=term.weights).position)
            where.setdefault(key, index)
    networks, progress = {}, None if on_event is None else lambda done, total: on_event(Download(done, total))
    for key, layer in deepest.items():
        name, weights, pooling = key
        try:
            network = load_network(name, weights=weights, pooling=pooling, up_to=layer, progress=progress)
        except (NetworkError, WeightsError) as error:
            raise type(error)(f"objective.{where[key]}: {error}") from error
        network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if config.optimize.compile or (config.optimize.compile is None and device.type == "cuda"):
            network.compile(dynamic=False)
        networks[key] = network
    return networks


def _layers(term: NetworkTerm, index: int) -> tuple[str, ...]:
    """The layers that a term looks at. Raises NetworkError for one that its network lacks, WeightsError."""
    try:
        network = describe(term.network, weights=term.weights)
        for layer in term.looks_at:
            if layer == "class" and "class" not in network.layers:
                named = term.class_ if isinstance(term, ExcitationTerm) else None
                wanted = f"class {named!r}" if named is not None else "layer class"
                allowed = ", ".join(network.layers)
                raise NetworkError(f"{wanted}: {term.network} is used without classes; allowed are layers: {allowed}")
            network.position(layer)
    except (NetworkError, WeightsError) as error:
        raise type(error)(f"objective.{index}: {error}") from error
    return term.looks_at


def _excitation(term: ExcitationTerm, context: Context) -> Term:
    network = context.network(term)
    (layer,) = term.looks_at
    if term.class_ is not None:
        direction = Direction.of_class(network, term.class_)
    elif term.direction is not None:
        direction = Direction.read(network, layer, term.direction)
    elif term.channels is not None:
        direction = Direction.channels(network, layer, term.channels, term.channel_weights or ())
    elif term.channel is not None:
        direction = Direction.channels(network, layer, (term.channel,))
    else:
        direction = Direction.every(network, layer)
    direction = replace(direction, cosine=term.cosine)
    return Excitation(
        network, layer, direction, relu=term.relu, region=_region(term, context.page), position=term.position
    )


def _style(term: StyleTerm, context: Context) -> Term:
    model = Picture.read(term.file).on(context.page)
    image = model.sized(max(1, round(context.long_side * term.scale)), context.page)
    return Style(context.network(term), term.looks_at, image)


def _image(term: ImageTerm, context: Context) -> Term:
    sheet = Picture.read(term.file).on(context.page).on_sheet(context.page, context.long_side, term.fit)
    network = context.network(term) if term.features else None
    return Likeness(sheet, network, term.looks_at, features=term.features, color=term.color, edges=term.edges)


def _diversity(term: DiversityTerm, context: Context) -> Term:
    """A run's picture is its true.png if it drew pixels, else its preview.png."""
    others = []
    for path in term.others:
        if path.is_dir():
            path = path / ("true.png" if (path / "true.png").is_file() else "preview.png")
        others.append(Picture.read(path).sized(context.long_side, context.page))
    return Diversity(context.network(term), term.looks_at, others)


def _region(term: ExcitationTerm, page: Page) -> Region | None:
    if term.region is None and term.mask is None:
        return None
    region = Region.box(term.region, page) if term.region is not None else Region.read(term.mask or Path())
    return region.outside() if term.outside else region


_BUILDERS: dict[type, Callable[[Any, Context], Term]] = {
    ExcitationTerm: _excitation,
    StyleTerm: _style,
    ImageTerm: _image,
    DiversityTerm: _diversity,
    TotalVariationTerm: lambda term, context: TotalVariation(),
    LengthTerm: lambda term, context: Length(),
    SmoothnessTerm: lambda term, context: Smoothness(),
    CurvatureTerm: lambda term, context: Curvature(term.radius),
    InsideTerm: lambda term, context: Inside(),
    OverdrawTerm: lambda term, context: Overdraw(term.pen, term.paper),
    CoverageTerm: lambda term, context: Coverage(term.share),
}
