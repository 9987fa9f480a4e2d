"""Config -> objects: the only place that maps names to parts and picks devices and number types."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from plotart.canvas import Canvas, PixelCanvas, StrokeCanvas, grid_strokes, random_strokes
from plotart.canvas.strokes import Renderer
from plotart.config import Config, ExcitationTerm, LengthTerm, SmoothnessTerm, TotalVariationTerm
from plotart.errors import DrawingError, InputError, NetworkError, WeightsError
from plotart.export.motion import MACHINES, Machine, check_travel
from plotart.export.read import strokes_from_svg
from plotart.networks import VGG, describe, load_network
from plotart.networks.weights import Progress
from plotart.objectives import Excitation, Inside, Length, RandomViews, Smoothness, Sum, Term, TotalVariation
from plotart.optimize import Optimizer, Plan, decay_of
from plotart.page import Page
from plotart.palette import FixedPalette, LearnedPalette, Palette
from plotart.pens import Pen, PenSet
from plotart.run import generator_of
from plotart.schedule import cosine, geometric, until
from plotart.strokes import Strokes

#: Share of the soft phase by which edges are exact, so that strokes settle under what will be plotted.
EXACT_FROM = 0.6


@dataclass(frozen=True)
class Parts:
    """Everything that a run is made of."""

    page: Page
    canvas: Canvas
    excitations: tuple[tuple[float, Excitation], ...]
    optimizer: Optimizer
    renderer: Renderer
    machine: Machine
    device: str


def build(config: Config, *, device: str = "auto", progress: Progress | None = None) -> Parts:
    """The parts of a run. `progress` hears of weights being downloaded (bytes done, bytes in all).

    Raises InputError for anything in the config that does not exist: networks, layers, channels, classes, files.
    """
    device = _device(device)
    page, machine = build_page(config), MACHINES[config.export.machine]
    if config.canvas == "strokes":
        try:
            check_travel(page, machine)
        except DrawingError as error:
            raise DrawingError(f"page.size: {error}") from None
    renderer = build_renderer(config)
    objective, excitations = _objective(config, device, progress)
    canvas = _canvas(config, page, renderer)
    plan = Plan(
        steps=config.optimize.steps,
        polish=config.optimize.polish if config.canvas == "strokes" else 0.0,
        rates=config.optimize.rate.model_dump(),
        decay=decay_of(config.optimize.decay),
        temperature=geometric(config.palette.temperature.start, config.palette.temperature.end),
        softness=until(EXACT_FROM, cosine(config.render.softness, 0.0)),
        sharpness=config.palette.sharpness,
        usage=config.palette.usage,
        noise=config.palette.noise,
        project=config.optimize.project,
        recycle=config.optimize.recycle.every,
        recycle_until=config.optimize.recycle.until,
    )
    augment = config.augment
    views = RandomViews(augment.views, augment.shift, augment.scale, augment.rotate, augment.size)
    optimizer = Optimizer(canvas, objective, views, plan, seed=config.seed, device=device)
    return Parts(page, canvas, excitations, optimizer, renderer, machine, device)


def build_page(config: Config) -> Page:
    width, height = config.page.width_height
    return Page(width, height, config.page.margin, config.page.color)


def build_renderer(config: Config) -> Renderer:
    render = config.render
    return Renderer(render.resolution, render.oversample, render.light, render.backend, render.two_flux)


def build_pens(config: Config) -> PenSet:
    """The config's pens in plotting order."""
    pens = PenSet([Pen(p.name, p.color, p.width, p.ink, p.opacity) for p in config.pens])
    return pens.light_to_dark() if config.export.order == "light-to-dark" else pens


def _device(name: str) -> str:
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: this machine has no CUDA device that torch can use; allowed are auto and cpu")
    return name


def _canvas(config: Config, page: Page, renderer: Renderer) -> Canvas:
    palette = _palette(config)
    random = generator_of(config.seed, "start")
    if config.canvas == "pixels":
        render = config.render
        return PixelCanvas(palette, page, resolution=render.resolution, light=render.light, random=random)
    strokes = _strokes(config, page, len(palette), random)
    return StrokeCanvas(strokes, palette, page, renderer, smooth=config.strokes.smooth, length=config.strokes.length)


def _palette(config: Config) -> Palette:
    if config.palette.mode == "fixed":
        return FixedPalette(build_pens(config))
    learned = config.palette
    hue = float(torch.rand((), generator=generator_of(config.seed, "hue")))
    return LearnedPalette(learned.colors, width=learned.width, ink=learned.ink, opacity=learned.opacity, hue=hue)


def _strokes(config: Config, page: Page, pens: int, random: torch.Generator) -> Strokes:
    wanted = config.strokes
    if wanted.init == "svg":
        assert wanted.svg is not None
        try:
            return strokes_from_svg(wanted.svg, page, pens=pens)
        except DrawingError as error:
            raise DrawingError(f"strokes.svg: {error}") from None
    layout = grid_strokes if wanted.init == "grid" else random_strokes
    return layout(wanted.count, wanted.segments, wanted.length, page, pens, random)


def _objective(
    config: Config, device: str, progress: Progress | None
) -> tuple[Sum, tuple[tuple[float, Excitation], ...]]:
    networks: dict[tuple[object, ...], VGG] = {}
    dtype = _precision(config.optimize.precision, device)
    parts: list[tuple[float, Term]] = []
    for index, term in enumerate(config.objective):
        if isinstance(term, ExcitationTerm):
            try:
                layer = _layer(term)
                key = (term.network, term.weights, term.pooling, layer)
                if key not in networks:
                    network = load_network(
                        term.network, weights=term.weights, pooling=term.pooling, up_to=layer, progress=progress
                    )
                    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
                    networks[key] = network
                parts.append((term.weight, _excitation(term, networks[key], layer, dtype)))
            except (NetworkError, WeightsError) as error:
                raise type(error)(f"objective.{index}: {error}") from error
        elif isinstance(term, TotalVariationTerm):
            parts.append((term.weight, TotalVariation()))
        elif isinstance(term, LengthTerm):
            parts.append((term.weight, Length()))
        elif isinstance(term, SmoothnessTerm):
            parts.append((term.weight, Smoothness()))
        else:
            parts.append((term.weight, Inside()))
    excitations = tuple((weight, term) for weight, term in parts if isinstance(term, Excitation))
    return Sum(tuple(parts)), excitations


def _layer(term: ExcitationTerm) -> str:
    if term.class_ is None:
        assert term.layer is not None
        return term.layer
    layers = describe(term.network).layers
    if "class" not in layers:
        raise NetworkError(
            f"class {term.class_!r}: {term.network} is used without classes; allowed are layers: {', '.join(layers)}"
        )
    return "class"


def _excitation(term: ExcitationTerm, network: VGG, layer: str, dtype: torch.dtype) -> Excitation:
    if term.class_ is not None:
        return Excitation.of_class(network, term.class_, dtype=dtype)
    channels = term.channels if term.channel is None else (term.channel,)
    return Excitation(network, layer, channels, relu=term.relu, dtype=dtype)


def _precision(name: str, device: str) -> torch.dtype:
    """bfloat16 where the machine multiplies it faster than float32: on a GPU, and on a CPU with AMX."""
    fast = device == "cuda" or bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)())
    if name == "bfloat16" or (name == "auto" and fast):
        return torch.bfloat16
    return torch.float32
