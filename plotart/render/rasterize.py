"""The interface between the rest of plotart and the renderers."""

from __future__ import annotations

from importlib.util import find_spec

import torch
from torch import Tensor

from plotart.plugins import RENDERERS
from plotart.render.scene import Backend, Scene


def register_backend(name: str, backend: Backend) -> None:
    """Make `backend`, a function from a Scene to an image [H, W, 3], available to `rasterize` and runs as `name`.

    The image must be differentiable in the scene's points, widths, reflectance and transmittance. Registering a name
    again replaces its backend. Raises ValueError for the names of plotart's own backends and for "auto".
    """
    if name == "auto" or name in RENDERERS.own:
        raise ValueError(f"name is {name!r}; allowed is any but auto, {', '.join(RENDERERS.own)}")
    RENDERERS.register(name, backend)


def missing(name: str) -> list[str]:
    """What the backend of that name lacks on this machine, and how to come by it; nothing if it can run."""
    lacks = []
    if name == "cuda" and not torch.cuda.is_available():
        lacks.append("a GPU that torch knows")
    if name == "cuda" and find_spec("triton") is None:
        lacks.append("Triton: pip install 'plotart[cuda]'")
    if name == "diffvg" and find_spec("pydiffvg") is None:
        lacks.append("pydiffvg: build it from https://github.com/BachiLi/diffvg")
    return lacks


def fastest(points: Tensor) -> str:
    """The backend that "auto" stands for where `points` are."""
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
    oversample     ink is laid in cells; a pixel has two of them at 1, which is fast, 3 x 3 at 2, the default, and 6 x 6
                   at 4, which is exact
    softness       px by which edges are blurred to either side; the ink stays the same
    two_flux       what lies below becomes  reflectance + transmittance² below / (1 - reflectance below)  instead: light
                   reflected back and forth between two layers, after Kubelka and Munk
    backend        "auto", or a name of plotart.plugins.RENDERERS; "auto" is "cpu" for float32 on the CPU, "cuda" for
                   float32 on a GPU where Triton is installed, else "reference"

    Values are used as they are; no gamma is applied. Raises ValueError for shapes that disagree, negative widths and
    values that are not finite (naming the stroke).
    """
    if backend == "auto":
        backend = fastest(points)
    if backend not in RENDERERS.names:
        raise ValueError(f"backend is {backend!r}; allowed are auto, {', '.join(RENDERERS.names)}")
    paper = torch.as_tensor(background, dtype=points.dtype, device=points.device)
    scene = Scene(
        points, num_points, stroke_width, reflectance, transmittance, paper, size, oversample, softness, two_flux
    )
    scene.check()
    image: Tensor = RENDERERS.load(backend)(scene)
    return image
