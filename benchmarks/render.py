"""How fast and how true the renderer is, against recorded figures of diffvg.

    python benchmarks/render.py [--repeat 15] [--only speed truth growth]

speed   random strokes of two cubics, forward and backward, medians. diffvg's times were measured once on two cores
        (BachiLi/diffvg 85802a7, 2 x 2 samples) and are kept here as constants; where pydiffvg can be imported it is
        timed in this run instead.
truth   the scenes of tests/data/diffvg_parity: decibels against diffvg at 16 x 16 samples, the cosine and the relative
        error of the gradient against finite differences of a supersampled image, over all points and away from caps.
growth  the cost by strokes and by px, and by covered px.
Peak memory is that of a process of its own, less what it had needed for an image of one stroke (on Linux).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor

from plotart.render import opaque, rasterize, transparent

#: Seconds that diffvg took, by strokes and px.
DIFFVG_SECONDS = {(400, 224): 0.655, (2000, 224): 2.6, (400, 512): 3.2, (2000, 512): 12.9}
SCENES = Path(__file__).parents[1] / "tests" / "data" / "diffvg_parity"
SETTINGS = {"fast": 1, "default": 2, "exact": 4}
SPEED = [
    (400, 224, 0.5), (400, 224, 3.0), (2000, 224, 1.0), (2000, 224, 3.0), (400, 512, 3.0), (2000, 512, 3.0),
    (10000, 1024, 1.5),
]  # fmt: skip
GROWTH = [(100, 512), (1000, 512), (5000, 512), (20000, 512), (2000, 224), (2000, 1024), (2000, 2048)]

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--only", nargs="*", default=["speed", "truth", "growth"])
    parser.add_argument("--memory", nargs=4, metavar=("STROKES", "PX", "NIB", "OVERSAMPLE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        strokes, px, nib, oversample = options.memory
        print(json.dumps(memory_here(int(strokes), int(px), float(nib), int(oversample))))
        return
    if "speed" in options.only:
        speed_table(options.repeat)
    if "truth" in options.only:
        truth_table()
    if "growth" in options.only:
        growth_table(options.repeat)


def speed_table(repeat: int) -> None:
    print("| to diffvg | strokes | px | nib px | backend | setting | forward ms | backward ms | peak MB |")
    print("|" + "---|" * 9)
    for strokes, px, nib in SPEED:
        recorded = DIFFVG_SECONDS.get((strokes, px))
        if importlib.util.find_spec("pydiffvg"):
            figure = speed(strokes, px, nib, 1, 3, backend="diffvg")
            recorded = figure.forward + figure.backward
        for setting, oversample in SETTINGS.items():
            figure = speed(strokes, px, nib, oversample, repeat)
            ratio = f"{recorded / (figure.forward + figure.backward):.0f} x" if recorded else ""
            times = f"{figure.forward * 1e3:.1f} | {figure.backward * 1e3:.1f}"
            memory = memory_apart(strokes, px, nib, oversample)
            print(f"| {ratio} | {strokes} | {px} | {nib} | cpu | {setting} | {times} | {memory:.0f} |", flush=True)
    print()


def truth_table() -> None:
    print("| scene | setting | image dB | cosine | away from caps | relative error | diffvg's cosine |\n|" + "---|" * 7)
    for path in sorted(SCENES.glob("*.npz")):
        for setting, oversample in SETTINGS.items():
            figures = truth(path, oversample)
            shown = f"{figures[0]:.1f} | {figures[1]:.4f} | {figures[2]:.4f} | {figures[3]:.3f}"
            print(f"| {path.stem} | {setting} | {shown} | {DIFFVG_COSINE[path.stem]:.3f} |", flush=True)
    print()


def growth_table(repeat: int) -> None:
    """Strokes of 40 px, whatever the image, so that ink grows with the strokes alone."""
    print("| strokes | px | covered px | forward + backward ms | ns per covered px |\n|" + "---|" * 5)
    for strokes, px in GROWTH:
        figure = speed(strokes, px, 1.5, 2, max(3, repeat // 3), length=40)
        total = figure.forward + figure.backward
        shown = f"{figure.covered / 1e3:.0f} k | {total * 1e3:.1f} | {total / figure.covered * 1e9:.0f}"
        print(f"| {strokes} | {px} | {shown} |", flush=True)
    print()


@dataclass(frozen=True)
class Speed:
    """Seconds forward and backward, medians; px that strokes cover, each stroke counted."""

    forward: float
    backward: float
    covered: float


def random_scene(strokes: int, px: int, length: float | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Points, num_points and colours of random walks, a tenth of the image long if no length in px is given."""
    random = torch.Generator().manual_seed(0)
    start = torch.rand(strokes, 1, 2, generator=random) * px
    steps = torch.randn(strokes, 6, 2, generator=random) * ((length or px * 0.1) / 6**0.5)
    points = torch.cat([start, start + steps.cumsum(1)], 1).reshape(-1, 2)
    return points.requires_grad_(), torch.full((strokes,), 7), torch.rand(strokes, 3, generator=random).requires_grad_()


def speed(
    strokes: int,
    px: int,
    nib: float,
    oversample: int,
    repeat: int,
    *,
    length: float | None = None,
    backend: str = "cpu",
) -> Speed:
    points, num_points, colors = random_scene(strokes, px, length)
    width = torch.full((strokes,), nib, requires_grad=True)
    forward, backward = [], []
    inks = opaque(colors) if backend == "diffvg" else transparent(colors)
    for _ in range(repeat + 3):
        inks = opaque(colors) if backend == "diffvg" else transparent(colors)
        begin = time.perf_counter()
        image = rasterize(points, num_points, width, *inks, size=(px, px), oversample=oversample, backend=backend)
        middle = time.perf_counter()
        image.backward(torch.ones_like(image))
        forward.append(middle - begin)
        backward.append(time.perf_counter() - middle)
    reflectance = torch.zeros(strokes, 3, requires_grad=True)
    ink = rasterize(points.detach(), num_points, width.detach(), reflectance, torch.ones(strokes, 3), size=(px, px))
    ink.sum().backward()
    assert reflectance.grad is not None
    return Speed(median(forward[3:]), median(backward[3:]), float(reflectance.grad[:, 0].sum()))


def memory_apart(strokes: int, px: int, nib: float, oversample: int) -> float:
    """MB, from a process of its own."""
    arguments = [sys.executable, __file__, "--memory", str(strokes), str(px), str(nib), str(oversample)]
    return float(json.loads(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout))


def memory_here(strokes: int, px: int, nib: float, oversample: int) -> float:
    def peak() -> float:
        # Not getrusage's: a process begins with that of its parent.
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def once(strokes: int) -> None:
        points, num_points, colors = random_scene(strokes, px)
        width = torch.full((strokes,), nib, requires_grad=True)
        rasterize(
            points, num_points, width, *transparent(colors), size=(px, px), oversample=oversample
        ).sum().backward()

    once(1)
    before = peak()
    once(strokes)
    return peak() - before


def truth(path: Path, oversample: int) -> tuple[float, float, float, float]:
    """Decibels of the image; cosine of the gradient, over all points and away from caps; its relative error."""
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
    inner = (point > 0) & (point < num_points[stroke] - 1)
    cosine, away = (
        torch.nn.functional.cosine_similarity(found[chosen], wanted[chosen], dim=0).item()
        for chosen in (torch.ones_like(inner), inner)
    )
    return -10 * torch.log10(error).item(), cosine, away, ((found - wanted).norm() / wanted.norm()).item()


if __name__ == "__main__":
    main()
