"""The interface between the rest of plotart and the renderers."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import torch
from torch import Tensor

from plotart.render.scene import Backend, Scene


def _reference() -> Backend:
    from plotart.render.reference import rasterize_reference

    return rasterize_reference


def _cpu() -> Backend:
    from plotart.render.cpu import rasterize_cpu

    return rasterize_cpu


def _cuda() -> Backend:
    from plotart.render.cuda import rasterize_cuda

    return rasterize_cuda


def _diffvg() -> Backend:
    from plotart.render.diffvg import rasterize_diffvg

    return rasterize_diffvg


#: Name -> a function that loads the backend on first use.
BACKENDS: dict[str, Callable[[], Backend]] = {"cpu": _cpu, "cuda": _cuda, "diffvg": _diffvg, "reference": _reference}

_TAKEN = frozenset({"auto", *BACKENDS})


def register_backend(name: str, backend: Backend) -> None:
    """Make `backend`, a function from a Scene to an image [H, W, 3], available to `rasterize` and runs as `name`.

    The image must be differentiable in the scene's points, widths, reflectance and transmittance. Registering a name
    again replaces its backend. Raises ValueError for the names of plotart's own backends and for "auto".
    """
    if name in _TAKEN:
        raise ValueError(f"name is {name!r}; allowed is any but {', '.join(sorted(_TAKEN))}")
    BACKENDS[name] = lambda: backend


def _fastest(points: Tensor) -> str:
    if points.dtype == torch.float32 and points.device.type == "cpu":
        return "cpu"
    if points.dtype == torch.float32 and points.is_cuda and find_spec("triton") is not None:
        return "cuda"
    return "reference"


def rasterize(
    points: Tensor,
    num_points: Tensor,
    stroke_width: Tensor,
    reflectance: Tensor,
    transmittance: Tensor,
    *,
    size: tuple[int, int],
    background: Tensor | tuple[float, float, float] = (1.0, 1.0, 1.0),
    oversample: int = 2,
    softness: float = 0.0,
    two_flux: bool = False,
    backend: str = "auto",
) -> Tensor:
    """Strokes as an image [H, W, 3], differentiable in all tensors but num_points.

    points         [P, 2] control points in px (x, y), strokes one after another
    num_points     [N] int64, 3 s + 1 each: s cubic Béziers end to end
    stroke_width   [N] px, the full width; caps and joins are round
    reflectance    [N, 3]; transmittance [N, 3]: strokes are laid in order, and each changes what lies below, per
                   channel, to  below * (1 - c) + c * (reflectance + transmittance * below),  c its coverage
    size           rows H and columns W; pixel (i, j) is the mean over x in [j, j + 1], y in [i, i + 1]
    background     [3] the paper
    oversample     ink is laid in cells, 2 s to a pixel across and s down: 1 is fast, 2 the default, 4 exact
    softness       px by which edges are blurred to either side; the ink stays the same
    two_flux       what lies below becomes  reflectance + transmittance² below / (1 - reflectance below)  instead: light
                   reflected back and forth between two layers, after Kubelka and Munk
    backend        "auto", or a name in BACKENDS; "auto" is "cpu" for float32 on the CPU, "cuda" for float32 on a GPU
                   where Triton is installed, else "reference"

    Values are used as they are; no gamma is applied. Raises ValueError for shapes that disagree, negative widths and
    values that are not finite (naming the stroke).
    """
    if backend == "auto":
        backend = _fastest(points)
    if backend not in BACKENDS:
        raise ValueError(f"backend is {backend!r}; allowed are auto, {', '.join(sorted(BACKENDS))}")
    paper = torch.as_tensor(background, dtype=points.dtype, device=points.device)
    scene = Scene(
        points, num_points, stroke_width, reflectance, transmittance, paper, size, oversample, softness, two_flux
    )
    scene.check()
    return BACKENDS[backend]()(scene)
