"""The backend that passes the scene to diffvg (Li et al. 2020), if that is installed.

diffvg composites strokes by "over" alone: what lies below becomes  below * (1 - alpha) + alpha * color.  In one channel
that is what any ink does, with alpha = 1 - T and color = R / alpha. But diffvg has one alpha for all three channels, so
inks whose T differs between channels take three renderings, and one channel of each is used.

Observed in BachiLi/diffvg 85802a7, and the reasons for what this module does:

- `stroke_width` is the half-width, colours are not clamped, and there is no gamma.
- A background image gets wrong gradients: each sample that hits no stroke overwrites those of the others. And a scene
  without shapes crashes the process. So the paper is the first stroke: a dot broader than the image.
- A cubic that is exactly a line or a parabola is drawn as its two ends alone (0 / 0). Such cubics are bent by a
  thousandth of a px.
- More than 256 strokes over one point crash the process; such scenes are rejected.
- Gradients accumulate in the scene: a second backward pass through the same image (retain_graph) doubles them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from plotart.errors import InputError
from plotart.render.flatten import segment_starts
from plotart.render.scene import Scene

#: Of diffvg's random samples: the same scene gives the same image.
SEED = 0

#: The least alpha, so that R / alpha is finite. It darkens what lies below by as much: next to nothing.
CLEAR = 1e-6

#: The largest R / alpha; ink beyond it reflects light and absorbs none. Gradients of its T would drown in rounding.
BRIGHTEST = 1e3

#: px by which cubics without a third-degree term are bent, and the third difference up to which they have none.
BEND = 1e-3

#: The most strokes over one point that diffvg supports, less the paper.
MOST_STROKES = 255


def rasterize_diffvg(scene: Scene) -> Tensor:
    """Scene in float32 -> image [H, W, 3] on the scene's device.

    A pixel has 2 s x 2 s samples, s the oversampling. The other backends' cells are as narrow, but give areas; samples
    are noisy. The noise falls by 9 dB each time that s is doubled; at the default of 2 the PSNR against a finely
    sampled image is 35 to 45 dB.

    Raises ValueError that names what diffvg can't draw; InputError for too many strokes, and where there is no diffvg.
    """
    _check(scene)
    pydiffvg = _pydiffvg()
    scene = _with_paper(scene)
    color, alpha = _colors(scene)
    if _one_alpha(scene.transmittance):
        image = _over(pydiffvg, scene, color, alpha[:, 0])
    else:
        image = torch.stack([_over(pydiffvg, scene, color, alpha[:, c])[..., c] for c in range(3)], dim=-1)
    return image.to(scene.points.device).contiguous()


def _check(scene: Scene) -> None:
    """Raises ValueError for a scene that diffvg would draw wrongly, InputError where it would crash."""
    if scene.points.dtype != torch.float32:
        raise ValueError(f"the diffvg backend takes float32, found {scene.points.dtype}; use backend='reference'")
    if scene.softness > 0:
        raise ValueError(f"softness is {scene.softness}; the diffvg backend takes 0: set it so, or use backend='auto'")
    if scene.two_flux:
        raise ValueError("the diffvg backend can't do two_flux: set it to False, or use backend='auto'")
    too_bright = (_colors(scene)[0].detach().abs() > BRIGHTEST).any(1)
    if bool(too_bright.any()):
        stroke = int(too_bright.nonzero()[0])
        raise ValueError(
            f"the ink of stroke {stroke} gives back light and takes none: reflectance "
            f"{scene.reflectance[stroke].tolist()}, transmittance {scene.transmittance[stroke].tolist()}; the diffvg "
            "backend can't draw that: let the two add up to at most 1, or use backend='auto'"
        )
    deepest = _deepest(scene)
    if deepest > MOST_STROKES:
        raise InputError(
            f"up to {deepest} strokes may lie over one pixel (their boxes do) and diffvg takes {MOST_STROKES}; "
            "use fewer or shorter strokes, or backend='auto'"
        )


def _colors(scene: Scene) -> tuple[Tensor, Tensor]:
    """The inks in diffvg's terms: color [N, 3], and the alpha [N, 3] that each channel needs."""
    alpha = 1 - scene.transmittance
    # Gradients bypass the clamp: a channel that an ink lets through has them like any other.
    alpha = alpha + torch.where(alpha.abs() < CLEAR, CLEAR - alpha, 0).detach()
    return scene.reflectance / alpha, alpha


@torch.no_grad()
def _deepest(scene: Scene) -> int:
    """The largest number of strokes whose bounding boxes overlap at one pixel."""
    if len(scene.num_points) <= MOST_STROKES:
        return len(scene.num_points)
    limit = scene.points.new_tensor([scene.size[1], scene.size[0]])
    strokes = scene.points.split(scene.num_points.tolist())
    half = scene.stroke_width[:, None] / 2
    low = (torch.stack([stroke.amin(0) for stroke in strokes]) - half).floor().clamp_min(0).minimum(limit).long()
    high = (torch.stack([stroke.amax(0) for stroke in strokes]) + half).ceil().clamp_min(0).minimum(limit).long()
    # A box is four changes at its corners; their sums along both axes are the depth.
    change = torch.zeros(scene.size[0] + 1, scene.size[1] + 1, dtype=torch.int64, device=scene.points.device)
    for x, y, sign in ((low, low, 1), (high, low, -1), (low, high, -1), (high, high, 1)):
        change.index_put_((y[:, 1], x[:, 0]), torch.tensor(sign, device=change.device), accumulate=True)
    return int(change.cumsum(0).cumsum(1).max())


def _pydiffvg() -> Any:
    try:
        return import_module("pydiffvg")
    except ImportError as error:
        raise InputError(
            f"backend is 'diffvg', but pydiffvg can't be imported ({error}): "
            "build it from https://github.com/BachiLi/diffvg, or use backend 'auto'"
        ) from error


def _with_paper(scene: Scene) -> Scene:
    """The paper as the first stroke: a dot in the middle of the image, broader than that."""
    rows, columns = scene.size
    middle = scene.points.new_tensor([[columns / 2, rows / 2]])
    ink = scene.background[None]
    return replace(
        scene,
        points=torch.cat([middle.expand(4, 2), scene.points]),
        num_points=torch.cat([scene.num_points.new_tensor([4]), scene.num_points]),
        stroke_width=torch.cat([scene.stroke_width.new_tensor([2.0 * (rows + columns)]), scene.stroke_width]),
        reflectance=torch.cat([ink, scene.reflectance]),
        transmittance=torch.cat([torch.zeros_like(ink), scene.transmittance]),
    )


def _one_alpha(transmittance: Tensor) -> bool:
    """Whether one rendering will do. Not where T needs gradients: the three channels' would be returned as one."""
    same = torch.equal(transmittance, transmittance[:, :1].expand_as(transmittance))
    return same and not (torch.is_grad_enabled() and transmittance.requires_grad)


def _over(pydiffvg: Any, scene: Scene, color: Tensor, alpha: Tensor) -> Tensor:
    """The image [H, W, 3] of strokes of color [N, 3] and alpha [N], one over the other, the first one opaque."""
    counts = scene.num_points.tolist()
    # diffvg reads single values on the CPU, whatever device it renders on.
    points = (scene.points + _bends(scene)).cpu().split(counts)
    half_widths = (scene.stroke_width / 2).cpu().unbind()
    rgba = torch.cat([color, alpha[:, None]], dim=1).cpu().unbind()
    # Two inner control points per cubic.
    paths = [
        pydiffvg.Path(torch.full(((n - 1) // 3,), 2, dtype=torch.int32), stroke, is_closed=False, stroke_width=half)
        for n, stroke, half in zip(counts, points, half_widths, strict=True)
    ]
    groups = [
        pydiffvg.ShapeGroup(torch.tensor([k], dtype=torch.int32), fill_color=None, stroke_color=ink)
        for k, ink in enumerate(rgba)
    ]
    rows, columns = scene.size
    samples = 2 * scene.oversample
    with _rendering_on(pydiffvg, scene.points.device):
        # The default filter is a box of one pixel: a pixel is the mean of its samples.
        arguments = pydiffvg.RenderFunction.serialize_scene(columns, rows, paths, groups)
        image = pydiffvg.RenderFunction.apply(columns, rows, samples, samples, SEED, None, *arguments)
    return image[..., :3]


@torch.no_grad()
def _bends(scene: Scene) -> Tensor:
    """[P, 2] px to be added to the points, so that each cubic has a third-degree term."""
    first = torch.from_numpy(segment_starts(scene.num_points.cpu().numpy())).to(scene.points.device)
    p0, p1, p2, p3 = (scene.points[first + k] for k in range(4))
    has_none = (p3 - p0 + 3 * (p1 - p2)).abs().amax(1) < BEND
    bends = torch.zeros_like(scene.points)
    # The inner points move apart, the ends stay: the third difference grows by six times that.
    bends[first + 1, 0] = torch.where(has_none, BEND, 0.0)
    bends[first + 2, 0] = torch.where(has_none, -BEND, 0.0)
    return bends


@contextmanager
def _rendering_on(pydiffvg: Any, device: torch.device) -> Iterator[None]:
    """With diffvg's global device set to the scene's, or to the CPU if diffvg doesn't support that."""
    before, used_gpu = pydiffvg.get_device(), pydiffvg.get_use_gpu()
    pydiffvg.set_device(device if device.type == "cuda" else torch.device("cpu"))
    try:
        yield
    finally:
        # set_device also decides by itself whether the GPU is used.
        pydiffvg.set_device(before)
        pydiffvg.set_use_gpu(used_gpu)
