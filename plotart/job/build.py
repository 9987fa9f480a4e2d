"""Config -> objects: the only place that maps names to parts and picks devices and number types."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from plotart.canvas import Canvas, PixelCanvas, StrokeCanvas, Symmetry
from plotart.canvas.strokes import Renderer
from plotart.config import Config
from plotart.config.pen_list import PenConfig
from plotart.errors import DrawingError, InputError
from plotart.export.format import check_formats
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest, Strokes
from plotart.job.objective import build_objective, build_precision
from plotart.networks.weights import Progress
from plotart.objectives import Goal, Picture, RandomViews, RandomWindows, Sum, Term, Windows
from plotart.objectives.terms.image import ImageTerm
from plotart.optimize import Optimizer, Plan, decay_of
from plotart.optimize.schedules import Schedule, between, cosine, geometric, steps, until
from plotart.palette import ChoosingPalette, FixedPalette, LearnedPalette, Palette
from plotart.palette.choose import choose, picture_colors
from plotart.pens import Handling, Light, Pen, PenSet
from plotart.plotter.machines import MACHINES, Machine
from plotart.plotter.travel import check_travel
from plotart.plugins import RENDERERS, STARTS
from plotart.runs.run import generator_of

#: Share of the soft phase by which edges are exact, so that strokes settle under what will be plotted.
EXACT_FROM = 0.6

#: px of the image that points move in a step, if the config does not say.
STEP_PX = 1.3

#: Share of the steps until pens are chosen in which all are tried, and none is closed.
CLOSES_FROM = 0.4

#: Logits by which strokes lean at first to the pens that mix a picture's colours best, where pens are to be chosen.
LEANING = 2.0

#: Share of the soft phase after which relus are relus.
LEAKS_UNTIL = 0.5


@dataclass(frozen=True)
class Parts:
    """Everything that a run is made of."""

    page: Page
    canvas: Canvas
    goals: tuple[tuple[float, Goal], ...]
    optimizer: Optimizer
    renderer: Renderer
    machine: Machine
    device: str

    #: The parts of a large sheet that are looked at one by one; None where it is looked at as a whole.
    tiles: Windows | None

    def activation(self, image: Tensor) -> float:
        """How well the un-augmented image [1, 3, H, W] of the page reaches the objective's goals, in float32."""
        return sum(weight * term.activation(image, self.page, self.tiles) for weight, term in self.goals)


def build(
    config: Config,
    *,
    device: str = "auto",
    progress: Progress | None = None,
    objective: Term | None = None,
    backend: str | None = None,
) -> Parts:
    """The parts of a run. `progress` hears of weights being downloaded (bytes done, bytes in all).

    objective  what to draw for, in place of the config's
    backend    a renderer by its name in `plotart.plugins.RENDERERS`, in place of the config's

    Raises InputError for anything in the config that does not exist: networks, layers, channels, classes, files; and
    for a backend that does not.
    """
    device = _device(device)
    page, machine = build_page(config), build_machine(config)
    if config.canvas == "strokes" and not config.export.sheets:
        try:
            check_travel(page, machine)
        except DrawingError as error:
            raise DrawingError(f"page.size: {error}") from None
    check_formats(config.export.formats, page.width, page.height)
    renderer = build_renderer(config, backend)
    wanted = build_objective(config, page, device, progress) if objective is None else Sum(Sum.parts_of(objective))
    canvas = _canvas(config, page, renderer)
    plan = Plan(
        steps=config.optimize.steps,
        polish=config.optimize.polish if config.canvas == "strokes" else 0.0,
        rates=_rates(config, page),
        decay=decay_of(config.optimize.decay),
        temperature=geometric(config.palette.temperature.start, config.palette.temperature.end),
        softness=until(EXACT_FROM, cosine(config.render.softness, 0.0)),
        detail=steps(config.render.coarse, (1 + config.render.coarse) / 2, 1.0),
        leak=until(LEAKS_UNTIL, cosine(config.optimize.leak, 0.0)),
        open=_open(config),
        sparsity=config.palette.sparsity,
        sharpness=config.palette.sharpness,
        usage=config.palette.usage,
        noise=config.palette.noise,
        project=config.optimize.project,
        recycle=config.optimize.recycle.every,
        recycle_until=config.optimize.recycle.until,
    )
    augment = config.augment
    views: RandomViews | RandomWindows
    views = RandomViews(augment.views, augment.shift, augment.scale, augment.rotate, augment.size)
    tiles, side, resolution = None, config.render.crop, config.render.resolution
    if side is not None:
        views = RandomWindows(augment.views, side, resolution, augment.scale, augment.rotate)
        tiles = Windows.tiling(page, resolution, side)
    precision = build_precision(config, page, wanted)
    optimizer = Optimizer(canvas, wanted, views, plan, seed=config.seed, device=device, precision=precision)
    goals = tuple((weight, term) for weight, term in wanted.parts if isinstance(term, Goal))
    return Parts(page, canvas, goals, optimizer, renderer, machine, device, tiles)


def build_page(config: Config) -> Page:
    width, height = config.page.width_height
    return Page(width, height, config.page.margin, config.page.color)


def build_renderer(config: Config, backend: str | None = None) -> Renderer:
    """The config's renderer, with another `backend` if one is named. Raises InputError for one that there is not."""
    render = config.render
    if backend not in {None, "auto", *RENDERERS.names}:
        raise InputError(f"backend: found {backend!r}; allowed are auto, {', '.join(RENDERERS.names)}")
    return Renderer(render.resolution, render.oversample, render.light, backend or render.backend, render.two_flux)


def build_machine(config: Config) -> Machine:
    custom = config.export.custom
    if config.export.machine != "custom" or custom is None:
        return MACHINES[config.export.machine]
    return Machine(
        "custom",
        max(custom.travel),
        min(custom.travel),
        custom.speed_down,
        custom.speed_up,
        custom.acceleration_down,
        custom.acceleration_up,
        custom.raise_time,
        custom.lower_time,
    )


def build_pens(config: Config) -> PenSet:
    """The config's pens in plotting order."""
    pens = PenSet([_pen(pen) for pen in config.pens])
    return pens.light_to_dark() if config.export.order == "light-to-dark" else pens


def _pen(pen: PenConfig) -> Pen:
    measured = None
    if pen.reflectance is not None and pen.transmittance is not None:
        measured = Light(pen.reflectance, pen.transmittance)
    handling = Handling(pen.speed, pen.height, pen.delay, pen.pause, pen.max_distance)
    return Pen(pen.name, pen.color, pen.width, pen.ink, pen.opacity, measured, handling=handling)


def _device(name: str) -> str:
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: this machine has no CUDA device that torch can use; allowed are auto and cpu")
    return name


def _rates(config: Config, page: Page) -> dict[str, float]:
    rate = config.optimize.rate
    _, _, px_per_mm = page.pixels(config.render.resolution)
    points = rate.points if rate.points is not None else STEP_PX / px_per_mm
    return {"points": points, "logits": rate.logits, "colors": rate.colors}


def _canvas(config: Config, page: Page, renderer: Renderer) -> Canvas:
    palette = _palette(config, page)
    random = generator_of(config.seed, "start")
    if config.canvas == "pixels":
        render = config.render
        return PixelCanvas(palette, page, resolution=render.resolution, light=render.light, random=random)
    symmetry = _symmetry(config, page)
    strokes = _strokes(config, page, len(palette), len(symmetry), random)
    strokes = replace(strokes, logits=strokes.logits + _leaning(config, page, palette.pens()))
    smooth, length = config.strokes.smooth, config.strokes.length
    return StrokeCanvas(strokes, palette, page, renderer, smooth=smooth, length=length, symmetry=symmetry)


def _palette(config: Config, page: Page) -> Palette:
    wanted = config.palette
    if wanted.mode == "fixed":
        return FixedPalette(build_pens(config))
    if wanted.mode == "choose":
        return ChoosingPalette(build_pens(config), wanted.colors, must=wanted.must, paper=page.paper)
    return LearnedPalette(
        wanted.colors,
        width=wanted.width,
        ink=wanted.ink,
        opacity=wanted.opacity,
        hue=float(torch.rand((), generator=generator_of(config.seed, "hue"))),
        owned=build_pens(config) if config.pens else None,
        paper=page.paper,
    )


def _leaning(config: Config, page: Page, pens: PenSet) -> Tensor:
    """[pens] logits to begin with. Where pens are to be chosen for pictures, those lead that mix their colours best."""
    logits, pictures = torch.zeros(len(pens)), [term for term in config.objective if isinstance(term, ImageTerm)]
    if config.palette.mode == "choose" and pictures:
        found = [picture_colors(Picture.read(term.file).on(page).light[0]) for term in pictures]
        colors, weights = (torch.cat(parts) for parts in zip(*found, strict=True))
        first = choose(colors, weights, pens, config.palette.colors, paper=page.paper, must=config.palette.must)
        logits[[pens.names.index(name) for name in first.pens.names]] = LEANING
    return logits


def _open(config: Config) -> Schedule | None:
    """How many pens are left over the soft phase, where they are to be chosen."""
    if config.palette.mode != "choose":
        return None
    few, all_pens = config.palette.colors, len(config.pens)
    begin = CLOSES_FROM * config.palette.chosen
    return between(begin, config.palette.chosen, geometric(all_pens, few))


def _symmetry(config: Config, page: Page) -> Symmetry:
    kind = config.strokes.symmetry
    if kind == "none":
        return Symmetry.none(page)
    if kind in ("turns", "snowflake"):
        return Symmetry.turns(page, config.strokes.fold, mirrored=kind == "snowflake")
    return Symmetry.mirror(page, across=(kind != "mirror-down", kind != "mirror"))


def _strokes(config: Config, page: Page, pens: int, copies: int, random: torch.Generator) -> Strokes:
    """The strokes of the config, each of which will have `copies`, itself among them."""
    wanted = config.strokes
    count = max(1, round(wanted.count / copies))
    request = StartRequest(count, wanted.segments, wanted.length, page, pens, random, wanted.svg)
    strokes = STARTS.load(wanted.init)(request)
    if not isinstance(strokes, Strokes) or strokes.logits.shape[1] != pens:
        raise STARTS.unusable(wanted.init, f"it gives no Strokes with a logit for each of {pens} pens")
    return strokes
