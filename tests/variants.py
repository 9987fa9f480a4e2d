"""The ways of rendering that tests run through, and the scenes that they draw. Everything comes from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from plotart.render import rasterize
from plotart.render.scene import Scene

Ink = Literal["opaque", "transparent", "mixed"]


@dataclass(frozen=True)
class Variant:
    """One way of rendering: a backend, an oversampling, a nib in px."""

    backend: str
    oversample: int
    nib: float

    def __str__(self) -> str:
        return f"{self.backend}-x{self.oversample}-{self.nib:g}px"


#: Every backend at every nib: thinner than a pixel, about as wide, and wider.
VARIANTS = tuple(
    Variant(backend, oversample, nib)
    for backend in ("cpu", "reference")
    for oversample in (1, 2, 3)
    for nib in (0.35, 1.1, 5.0)
)

BACKENDS = tuple(dict.fromkeys(variant.backend for variant in VARIANTS))


class Gradients(NamedTuple):
    points: Tensor
    stroke_width: Tensor
    reflectance: Tensor
    transmittance: Tensor
    background: Tensor


def draw(scene: Scene, backend: str) -> Tensor:
    return rasterize(
        scene.points,
        scene.num_points,
        scene.stroke_width,
        scene.reflectance,
        scene.transmittance,
        size=scene.size,
        background=scene.background,
        oversample=scene.oversample,
        softness=scene.softness,
        two_flux=scene.two_flux,
        backend=backend,
    )


def differentiate(scene: Scene, backend: str, upstream: Tensor | None = None) -> tuple[Tensor, Gradients]:
    """The image, and what comes back from `upstream` [H, W, 3]; by default random numbers, the same each time."""
    leaves = {name: getattr(scene, name).clone().requires_grad_() for name in Gradients._fields}
    image = draw(replace(scene, **leaves), backend)
    if upstream is None:
        upstream = torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    gradients = torch.autograd.grad(
        image, list(leaves.values()), upstream.to(image), allow_unused=True, materialize_grads=True
    )
    return image.detach(), Gradients(*gradients)


def scene_of(
    curves: list[list[tuple[float, float]]],
    nib: float,
    *,
    size: tuple[int, int] = (16, 16),
    oversample: int = 1,
    color: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Scene:
    """Opaque strokes of one nib and colour on white paper, each by its control points in px."""
    n = len(curves)
    return Scene(
        points=torch.tensor([point for curve in curves for point in curve]).reshape(-1, 2),
        num_points=torch.tensor([len(curve) for curve in curves], dtype=torch.int64),
        stroke_width=torch.full((n,), nib),
        reflectance=torch.tensor([color]).repeat(n, 1),
        transmittance=torch.zeros(n, 3),
        background=torch.ones(3),
        size=size,
        oversample=oversample,
    )


def line(start: tuple[float, float], end: tuple[float, float], at: tuple[float, float] = (1 / 3, 2 / 3)) -> list:
    """A straight cubic, its inner control points at these shares of the way."""
    (x0, y0), (x1, y1) = start, end
    return [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in (0.0, *at, 1.0)]


def random_scene(
    seed: int,
    *,
    nib: tuple[float, float],
    strokes: int = 8,
    segments: int = 2,
    step: float = 5.0,
    outside: float = 0.0,
    size: tuple[int, int] = (24, 36),
    ink: Ink = "mixed",
    oversample: int = 1,
) -> Scene:
    """Random walks of control points, `step` px apart; `outside` lets them begin that share of the canvas off it."""
    random = torch.Generator().manual_seed(seed)
    length = 3 * segments + 1
    canvas = torch.tensor([size[1], size[0]])
    starts = (torch.rand(strokes, 1, 2, generator=random) * (1 + 2 * outside) - outside) * canvas
    walks = starts + (step * torch.randn(strokes, length, 2, generator=random)).cumsum(dim=1)
    share = {"opaque": 1.0, "transparent": 0.0, "mixed": 0.5}[ink]
    covers = torch.rand(strokes, 1, generator=random) < share
    color = torch.rand(strokes, 3, generator=random)
    return Scene(
        points=walks.reshape(-1, 2),
        num_points=torch.full((strokes,), length),
        stroke_width=nib[0] + (nib[1] - nib[0]) * torch.rand(strokes, generator=random),
        reflectance=torch.where(covers, color, 0.0),
        transmittance=torch.where(covers, 0.0, color),
        background=torch.rand(3, generator=random),
        size=size,
        oversample=oversample,
    )
