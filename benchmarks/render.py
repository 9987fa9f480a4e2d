"""How fast and how true the renderer is, against recorded figures of diffvg.

    python benchmarks/render.py [--repeat 9]

Speed: random strokes of two cubics, forward and backward, medians. diffvg's times were measured once on two cores
(BachiLi/diffvg 85802a7, 2 x 2 samples) and are kept here as constants, so ratios to them are between machines.
Truth: the scenes of tests/data/diffvg_parity: decibels against diffvg at 16 x 16 samples, the cosine and the relative
error of the gradient against finite differences of a supersampled image.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor

from plotart.render import opaque, rasterize, transparent

#: Seconds that diffvg took, by strokes and px.
DIFFVG_SECONDS = {(400, 224): 0.655, (2000, 224): 2.6, (400, 512): 3.2, (2000, 512): 12.9}
SCENES = Path(__file__).parents[1] / "tests" / "data" / "diffvg_parity"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--oversample", type=int, nargs="*", default=[1, 2, 3])
    options = parser.parse_args()
    print("| to diffvg | strokes | px | nib px | oversample | forward ms | backward ms |\n|" + "---|" * 7)
    for strokes, px, nib in [(400, 224, 0.5), (400, 224, 3.0), (2000, 224, 1.0), (400, 512, 3.0), (2000, 512, 3.0)]:
        for oversample in options.oversample:
            forward, backward = speed(strokes, px, nib, oversample, options.repeat)
            ratio = DIFFVG_SECONDS[strokes, px] / (forward + backward)
            figures = f"{forward * 1e3:.1f} | {backward * 1e3:.1f}"
            print(f"| {ratio:.0f} x | {strokes} | {px} | {nib} | {oversample} | {figures} |", flush=True)
    print("\n| scene | oversample | image dB | gradient cosine | relative error | diffvg's cosine |\n|" + "---|" * 6)
    for path in sorted(SCENES.glob("*.npz")):
        for oversample in options.oversample:
            decibels, cosine, error = truth(path, oversample)
            figures = f"{decibels:.1f} | {cosine:.4f} | {error:.3f}"
            print(f"| {path.stem} | {oversample} | {figures} | {DIFFVG_COSINE[path.stem]:.3f} |", flush=True)


#: Cosine of diffvg's own gradient with the finite differences.
DIFFVG_COSINE = {
    "00_few_wide": 0.806,
    "01_thin_subpixel": 0.783,
    "02_translucent": 0.935,
    "03_dense": 0.985,
    "04_off_canvas": 0.964,
    "05_curly": 0.883,
    "06_black_paper": 0.827,
    "07_tiny_strokes": 0.910,
}


def random_scene(strokes: int, px: int) -> tuple[Tensor, Tensor, Tensor]:
    """Points, num_points and colours of random walks about a tenth of the image long."""
    random = torch.Generator().manual_seed(0)
    start = torch.rand(strokes, 1, 2, generator=random) * px
    steps = torch.randn(strokes, 6, 2, generator=random) * (px * 0.1 / 6**0.5)
    points = torch.cat([start, start + steps.cumsum(1)], 1).reshape(-1, 2)
    return points.requires_grad_(), torch.full((strokes,), 7), torch.rand(strokes, 3, generator=random).requires_grad_()


def speed(strokes: int, px: int, nib: float, oversample: int, repeat: int) -> tuple[float, float]:
    """Seconds forward and backward, medians."""
    points, num_points, colors = random_scene(strokes, px)
    width = torch.full((strokes,), nib, requires_grad=True)
    forward, backward = [], []
    for _ in range(repeat + 2):
        begin = time.perf_counter()
        image = rasterize(points, num_points, width, *transparent(colors), size=(px, px), oversample=oversample)
        middle = time.perf_counter()
        image.backward(torch.ones_like(image))
        forward.append(middle - begin)
        backward.append(time.perf_counter() - middle)
    return median(forward[2:]), median(backward[2:])


def truth(path: Path, oversample: int) -> tuple[float, float, float]:
    """Decibels of the image; cosine and relative error of the gradient."""
    scene = {name: torch.from_numpy(np.asarray(value)) for name, value in np.load(path).items()}
    points = scene["points"].float().requires_grad_()
    num_points, size = scene["num_points"].long(), int(scene["size"].reshape(-1)[0])
    rgba = scene["rgba"].float()
    image = rasterize(
        points,
        num_points,
        2 * scene["half_width"].float(),
        *opaque(rgba[:, :3], rgba[:, 3]),
        size=(size, size),
        background=scene["background"].float(),
        oversample=oversample,
    )
    (image * scene["weight"].float()).sum().backward()
    error = (image.detach() - scene["diffvg_image"].float()).square().mean()
    stroke, point, axis = scene["fd_index"].long().T
    assert points.grad is not None
    found = points.grad[torch.cumsum(num_points, 0)[stroke] - num_points[stroke] + point, axis]
    wanted = scene["fd_grad"].float()
    cosine = torch.nn.functional.cosine_similarity(found, wanted, dim=0)
    return -10 * torch.log10(error).item(), cosine.item(), ((found - wanted).norm() / wanted.norm()).item()


if __name__ == "__main__":
    main()
