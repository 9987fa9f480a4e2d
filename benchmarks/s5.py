"""S5's way of drawing: strokes and free colours first, K-means to N pens afterwards, then the strokes once more.

As faithful as facts allow (docs/benchmarks.md says where this departs, always in its favour): eight random perspective
and affine views a step, padded with black, in float32; Adam at 1 px a step, halved at half and at three quarters; the
loss is minus the sum of the activation plus 1e-5 times the total variation; strokes drawn over each other in an order
of their own, which is lost when they are grouped by pen to be plotted.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, point_rows
from plotart.objectives import Excitation, Features, Look, Views
from plotart.palette.palettes import Inks
from plotart.render import rasterize

VIEWS = 8
#: Seconds that diffvg takes for one step of 200 paths at 224 px on two cores, where it can't be measured here.
DIFFVG_STEP_S = 0.39


@dataclass(frozen=True)
class Drawn:
    """A finished drawing: strokes in px with a pen each, and the pens' colours [N, 3] sRGB.

    step_seconds  the median of a step's, with diffvg's
    """

    points: Tensor
    num_points: Tensor
    pen: Tensor
    colors: Tensor
    step_seconds: float


def draw(
    start: Strokes,
    term: Excitation,
    page: Page,
    *,
    px: int,
    width: float,
    pens: int,
    first: int,
    second: int,
    seed: int,
) -> Drawn:
    """`first` steps with free colours, K-means to `pens` of them, `second` steps with these. `width` is in px."""
    random = torch.Generator().manual_seed(seed)
    scale = px / max(page.width, page.height)
    points = (start.points * scale).clone().requires_grad_()
    colors = torch.rand(len(start), 3, generator=random).requires_grad_()
    widths = torch.full((len(start),), width)
    diffvg = find_spec("pydiffvg") is not None

    def image(colors: Tensor) -> Tensor:
        ink = Inks(widths, colors.clamp(0, 1), torch.zeros_like(colors))
        drawn = rasterize(
            points, start.num_points, ink.widths, ink.reflectance, ink.transmittance,
            size=(px, px), background=torch.ones(3), backend="diffvg" if diffvg else "auto",
        )  # fmt: skip
        return drawn.permute(2, 0, 1)[None]

    seconds = _optimise([(points, 1.0), (colors, 0.02)], lambda: image(colors), term, page, first, random)
    length = _lengths(points.detach(), start.num_points)
    pen, palette = _kmeans(colors.detach().clamp(0, 1), length * widths, pens, random)
    seconds += _optimise([(points, 1.0)], lambda: image(palette[pen]), term, page, second, random)
    step = statistics.median(seconds) + (0 if diffvg else DIFFVG_STEP_S)
    return Drawn(points.detach(), start.num_points, pen, palette, step)


def plotted(drawn: Drawn, *, px: int, width: float, linear: bool) -> Tensor:
    """[1, 3, px, px] sRGB: the drawing pen by pen, light ones first, as a plotter draws it.

    linear: edges mix with the paper as light does; else as S5's own image has it, in sRGB.
    """
    order = drawn.colors.sum(dim=1).argsort(descending=True).argsort()[drawn.pen].argsort(stable=True)
    colors = drawn.colors[drawn.pen][order]
    colors = srgb_to_linear(colors) if linear else colors
    rows = point_rows(drawn.num_points, order)
    image = rasterize(
        drawn.points[rows], drawn.num_points[order], torch.full((len(order),), width), colors, torch.zeros_like(colors),
        size=(px, px), background=torch.ones(3),
    )  # fmt: skip
    return (linear_to_srgb(image) if linear else image).permute(2, 0, 1)[None]


def _optimise(
    groups: list[tuple[Tensor, float]],
    image: Callable[[], Tensor],
    term: Excitation,
    page: Page,
    steps: int,
    random: torch.Generator,
) -> list[float]:
    """Returns the seconds of each step."""
    seconds = []
    adam = torch.optim.Adam([{"params": [value], "lr": rate} for value, rate in groups])
    halved = torch.optim.lr_scheduler.MultiStepLR(adam, [steps // 2, steps * 3 // 4], gamma=0.5)
    for _ in range(steps):
        began = time.perf_counter()
        drawn = image()
        features = Features(_perspectives(drawn, random), term.taps)
        places = features(term.network, term.layer)[:, 0].numel()
        variation = drawn.diff(dim=2).abs().sum() + drawn.diff(dim=3).abs().sum()
        # The term is a mean; S5 takes the sum over views and places.
        loss = term(Look(drawn, Views.still(), features, page)) * places + 1e-5 * variation
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        halved.step()
        seconds.append(time.perf_counter() - began)
    return seconds


def _perspectives(image: Tensor, random: torch.Generator) -> Tensor:
    """Eight views of image [1, 3, S, S]: turned, scaled, shifted, in perspective; black beyond the edges."""
    angle = (torch.rand(VIEWS, generator=random) - 0.5) * 0.7
    zoom = torch.exp((torch.rand(VIEWS, generator=random) - 0.5) * 0.4)
    move = torch.zeros(VIEWS, 3, 3)
    move[:, 0, 0], move[:, 0, 1] = angle.cos() / zoom, -angle.sin() / zoom
    move[:, 1, 0], move[:, 1, 1] = angle.sin() / zoom, angle.cos() / zoom
    move[:, :2, 2] = (torch.rand(VIEWS, 2, generator=random) - 0.5) * 0.4
    move[:, 2, :2] = (torch.rand(VIEWS, 2, generator=random) - 0.5) * 0.4
    move[:, 2, 2] = 1
    side = image.shape[-1]
    line = (torch.arange(side) + 0.5) * (2 / side) - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    at = torch.stack([x, y, torch.ones_like(x)], dim=-1).reshape(-1, 3)
    seen = torch.einsum("vij,pj->vpi", move, at)
    grid = (seen[..., :2] / seen[..., 2:]).reshape(VIEWS, side, side, 2)
    return F.grid_sample(image.expand(VIEWS, -1, -1, -1), grid, align_corners=False)


def _lengths(points: Tensor, num_points: Tensor) -> Tensor:
    """[N] px of each stroke's control polygon."""
    steps = F.pad(points.diff(dim=0).norm(dim=1), (0, 1))
    ends = num_points.cumsum(0)
    steps[ends - 1] = 0
    stroke = torch.repeat_interleave(torch.arange(len(num_points)), num_points)
    return torch.zeros(len(num_points)).index_add(0, stroke, steps)


def _kmeans(colors: Tensor, weight: Tensor, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Each stroke's pen [N] and the pens' colours [count, 3]: the best of eight starts, weighted by ink."""
    best: tuple[float, Tensor, Tensor] | None = None
    for _ in range(8):
        centers = colors[torch.randperm(len(colors), generator=random)[:count]]
        for _ in range(50):
            pen = torch.cdist(colors, centers).argmin(dim=1)
            ink = torch.zeros(count).index_add(0, pen, weight)
            sums = torch.zeros(count, 3).index_add(0, pen, colors * weight[:, None])
            centers = torch.where(ink[:, None] > 0, sums / ink[:, None].clamp_min(1e-9), centers)
        away = torch.cdist(colors, centers).min(dim=1)
        error = float((away.values.square() * weight).sum())
        if best is None or error < best[0]:
            best = error, away.indices, centers
    assert best is not None
    return best[1], best[2]
