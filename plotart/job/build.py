"""Config -> objects: the only place that maps names to parts and picks devices and number types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from plotart.canvas import Canvas, PixelCanvas, Renderer, StrokeCanvas, Symmetry
from plotart.canvas.kept import Kept, Layout
from plotart.config import Config
from plotart.errors import ConfigError, DrawingError, InputError
from plotart.export.engine import load_vpype
from plotart.export.format import check_formats
from plotart.export.register import check_offsets
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.job.events import OnEvent
from plotart.job.fixed import with_fixed
from plotart.job.imagined import Imagining
from plotart.job.look import build_look
from plotart.job.machine import build_machine
from plotart.job.objective import Shared, build_objective, build_precision
from plotart.job.outcome import Outcome, PixelsOutcome, StrokesOutcome
from plotart.job.pens import build_pens
from plotart.job.start import start_request
from plotart.job.views import build_views
from plotart.objectives import Goal, Picture, Sum, Term
from plotart.objectives.hand import Coherence, Fairness, Joining, Spacing
from plotart.objectives.terms.image import ImageTerm
from plotart.optimize import Optimizer, Plan
from plotart.optimize.clearing import Clearing
from plotart.optimize.schedules import Schedule, between, constant, cosine, geometric, steps, until
from plotart.palette import ChoosingPalette, FixedPalette, LearnedPalette, Palette
from plotart.palette.choose import choose, picture_colors
from plotart.plotter.travel import check_travel
from plotart.plugins import STARTS
from plotart.render.rasterize import fastest
from plotart.runs.generators import generator_of

CPU = torch.device("cpu")

#: Share of the soft phase by which edges are exact, so that strokes settle under what will be plotted.
EXACT_FROM = 0.6

#: px of the image that points move in a step, if the config does not say.
STEP_PX = 1.3

#: Share of the steps until pens are chosen in which all are tried, and none is closed.
CLOSES_FROM = 0.4

#: Logits by which strokes lean at first to the pens that mix a picture's colours best, where pens are to be chosen.
LEANING = 2.0

#: Ends are joined for good once they are this share of the way apart at which they are drawn together.
JOINED = 0.25

#: How far apart lines lie, in nibs, if the config does not say.
NIBS_APART = 2.0

#: Share of the soft phase after which relus are relus.
LEAKS_UNTIL = 0.5


@dataclass(frozen=True)
class Parts:
    """Everything that a run is made of."""

    page: Page
    canvas: Canvas
    optimizer: Optimizer
    renderer: Renderer
    outcome: Outcome

    @property
    def goals(self) -> tuple[tuple[float, Goal], ...]:
        return self.optimizer.objective.goals

    def activation(self, image: Tensor) -> float:
        """How well the un-augmented image [1, 3, H, W] of the page reaches the objective's goals, in float32."""
        return self.optimizer.activation(image)

    @property
    def renderer_name(self) -> str:
        """The renderer that draws here, as in `plotart.render.BACKENDS`."""
        auto = self.renderer.backend == "auto"
        return fastest(self.canvas.blank()) if auto else self.renderer.backend


def build(
    config: Config,
    *,
    device: torch.device = CPU,
    objective: Term | None = None,
    on_event: OnEvent | None = None,
    tensors: Mapping[str, Tensor] | None = None,
    kept: Kept | None = None,
    shared: Shared | None = None,
) -> Parts:
    """The parts of a run on `device`, drawn for `objective` in place of the config's if one is given.

    tensors: of the canvas, by the checkpoint that is gone on from; kept: strokes among which all others begin; shared:
    with other drawings, so that networks are loaded once and can look at all of them in one pass.

    Raises InputError for anything in the config that does not exist: networks, layers, channels, classes, files.
    """
    load_vpype()
    page, renderer = build_page(config), build_renderer(config)
    if renderer.backend in ("cpu", "cuda") and renderer.backend != device.type:
        found = f"render.backend: found {renderer.backend}, and strokes on the device {device.type}"
        raise InputError(f"{found}; allowed are auto, or --device {renderer.backend}")
    check_formats(config.export.formats, page.width, page.height)
    wanted = Sum.of(objective) if objective else build_objective(config, page, device, on_event, shared)
    precision = build_precision(config, wanted)
    imagining = Imagining(config, page, renderer, Sum(wanted.goals), precision, on_event)
    canvas, outcome = _canvas(config, page, renderer, device, tensors or {}, kept, imagining)
    wanted = Sum((*wanted.parts, *_hand(config, canvas)))
    views, stills = build_views(config, page)
    plan, seed = _plan(config, page, canvas), config.seed
    optimizer = Optimizer(canvas, wanted, views, plan, seed=seed, stills=stills, precision=precision)
    return Parts(page, canvas, optimizer, renderer, outcome)


def build_canvas(config: Config, device: torch.device, tensors: Mapping[str, Tensor]) -> Canvas:
    """The canvas alone, as `build` makes it. Raises InputError."""
    canvas, _ = _canvas(config, build_page(config), build_renderer(config), device, tensors, None, None)
    return canvas


def _plan(config: Config, page: Page, canvas: Canvas) -> Plan:
    optimize, palette, render = config.optimize, config.palette, config.render
    return Plan(
        steps=optimize.steps,
        polish=optimize.polish if config.canvas == "strokes" else 0.0,
        rates=_rates(config, page),
        decay=cosine(1.0, 0.1) if optimize.decay == "cosine" else constant(1.0),
        temperature=geometric(palette.temperature.start, palette.temperature.end),
        softness=until(EXACT_FROM, cosine(render.softness, 0.0)),
        detail=steps(render.coarse, (1 + render.coarse) / 2, 1.0),
        leak=until(LEAKS_UNTIL, cosine(optimize.leak, 0.0)),
        open=_open(config),
        sparsity=palette.sparsity,
        sharpness=palette.sharpness,
        usage=palette.usage,
        noise=palette.noise,
        clearing=_clearing(config, canvas),
        project=optimize.project,
        recycle=optimize.recycle.every,
        recycle_until=optimize.recycle.until,
    )


def _clearing(config: Config, canvas: Canvas) -> Clearing:
    strokes = config.strokes
    join = JOINED * strokes.joining.reach if strokes.joining.weight > 0 else 0.0
    # Who begins with long lines wants as many.
    lines = canvas.most_lines if strokes.lines is None and strokes.init in ("wander", "tour") else strokes.lines
    return Clearing(strokes.economy.keep, strokes.economy.price, join, lines)


def _hand(config: Config, canvas: Canvas) -> list[tuple[float, Term]]:
    """What keeps lines clean, whatever they are to show, with the weights."""
    strokes = config.strokes
    distance = strokes.spacing.distance or NIBS_APART * canvas.palette.broadest
    hand: list[tuple[float, Term]] = [
        (strokes.fairness, Fairness()),
        (strokes.joining.weight, Joining(strokes.joining.reach)),
        (strokes.spacing.weight, Spacing(distance)),
        (strokes.coherence.weight, Coherence(strokes.coherence.distance)),
    ]
    return [part for part in hand if part[0] > 0] if config.canvas == "strokes" else []


def build_page(config: Config) -> Page:
    """Raises DrawingError for words and guests that can't be had, or do not fit on the sheet."""
    width, height = config.page.width_height
    cut = config.page.cut or not config.optimize.project  # what runs past the margins is not plotted
    return with_fixed(Page(width, height, config.page.margin, config.page.color, cut), config)


def build_renderer(config: Config) -> Renderer:
    render = config.render
    return Renderer(render.resolution, render.oversample, render.light, render.backend, render.two_flux)


def pick_device(name: str) -> torch.device:
    """Raises InputError for one that torch can't use here."""
    if name not in ("auto", "cpu", "cuda"):
        raise InputError(f"device: found {name!r}; allowed are auto, cpu and cuda")
    has_cuda = torch.cuda.is_available()
    if name == "cuda" and not has_cuda:
        raise InputError("--device cuda: this machine has no CUDA device that torch can use; allowed are auto and cpu")
    return torch.device("cuda" if has_cuda and name != "cpu" else "cpu")


def _rates(config: Config, page: Page) -> dict[str, float]:
    rate = config.optimize.rate
    _, _, px_per_mm = page.pixels(config.render.resolution)
    points = rate.points if rate.points is not None else STEP_PX / px_per_mm
    return {"points": points, "logits": rate.logits, "colors": rate.colors}


def _canvas(
    config: Config,
    page: Page,
    renderer: Renderer,
    device: torch.device,
    tensors: Mapping[str, Tensor],
    kept: Kept | None,
    imagining: Imagining | None,
) -> tuple[Canvas, Outcome]:
    palette = _palette(config, page, device)
    random = generator_of(config.seed, "start")
    if config.canvas == "pixels":
        render = config.render
        pixels = PixelCanvas(palette, page, resolution=render.resolution, light=render.light, random=random)
        return pixels, PixelsOutcome(pixels)
    machine = build_machine(config)
    if not config.export.sheets:
        try:
            check_travel(page, machine)
        except DrawingError as error:
            raise DrawingError(f"page.size: {error}") from None
    if config.export.in_register:
        try:
            check_offsets(page, config.pens)
        except DrawingError as error:
            raise DrawingError(f"pens: {error}") from None
    symmetry = _symmetry(config, page) if config.look is None else Symmetry.none(page)
    as_laid = Layout.of(tensors, len(palette))
    layout = as_laid if as_laid is not None else _layout(config, page, palette, symmetry, random, imagining)
    others = len(layout.strokes)
    if kept is not None:
        pens = kept.strokes.logits.shape[1]
        if pens != len(palette):
            raise ConfigError(f"pens: found {len(palette)}; allowed: {pens}, as strokes that are held were drawn with")
        layout = kept.amid(layout)
    canvas = StrokeCanvas(
        layout.strokes,
        palette,
        page,
        renderer,
        smooth=config.strokes.smooth,
        length=config.strokes.length,
        symmetry=symmetry,
        ways=layout.ways,
        apart=kept is not None or as_laid is not None or config.strokes.init == "imagined",
    )
    if kept is not None:
        canvas.adopt(kept, others)
    return canvas, StrokesOutcome(canvas, machine, renderer, config.export)


def _layout(
    config: Config,
    page: Page,
    palette: Palette,
    symmetry: Symmetry,
    random: torch.Generator,
    imagining: Imagining | None,
) -> Layout:
    """The strokes of the config, each of which will have its copies."""
    if config.look is not None:
        look = build_look(config, page, build_pens(config))
        return Layout(look.strokes, look.ways)
    strokes = _strokes(config, page, palette, symmetry, random, imagining)
    return Layout(replace(strokes, logits=strokes.logits + _leaning(config, page, palette)))


def _palette(config: Config, page: Page, device: torch.device) -> Palette:
    wanted = config.palette
    if wanted.mode == "fixed":
        return FixedPalette(build_pens(config), device=device)
    if wanted.mode == "choose":
        pens = build_pens(config)
        return ChoosingPalette(pens, wanted.colors, must=config.must, paper=page.paper, device=device)
    return LearnedPalette(
        wanted.colors,
        width=wanted.width,
        ink=wanted.ink,
        opacity=wanted.opacity,
        hue=float(torch.rand((), generator=generator_of(config.seed, "hue"))),
        owned=build_pens(config) if config.pens else None,
        paper=page.paper,
        device=device,
    )


def _leaning(config: Config, page: Page, palette: Palette) -> Tensor:
    """[pens] logits to begin with. Where pens are to be chosen for pictures, those lead that mix their colours best."""
    logits, pictures = torch.zeros(len(palette)), [term for term in config.terms if isinstance(term, ImageTerm)]
    if config.palette.mode == "choose" and pictures:
        found = [picture_colors(Picture.read(term.file).on(page).light[0]) for term in pictures]
        colors, weights = (torch.cat(parts) for parts in zip(*found, strict=True))
        pens = palette.pens()
        first = choose(colors, weights, pens, config.palette.colors, paper=page.paper, must=config.must)
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


def _strokes(
    config: Config,
    page: Page,
    palette: Palette,
    symmetry: Symmetry,
    random: torch.Generator,
    imagining: Imagining | None,
) -> Strokes:
    """The strokes of the config, each of which will have its copies."""
    init, pens = config.strokes.init, len(palette)
    request = start_request(config, page, pens, len(symmetry), random)
    if imagining is not None:
        request = replace(request, tell=imagining.tell)
        if init == "imagined":
            request = replace(request, imagined=imagining.picture(palette, symmetry))
    strokes = STARTS.load(init)(request)
    if not isinstance(strokes, Strokes) or strokes.logits.shape[1] != pens:
        raise STARTS.unusable(init, f"it gives no Strokes with a logit for each of {pens} pens")
    return strokes
