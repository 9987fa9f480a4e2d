"""How fast, how true and how frugal colour quantisation is, against Pillow's.

    python benchmarks/quantize.py [--repeat 9] [--only speed truth memory dither] [--memory-mp 12]

speed   nearest colours without dither, ns per px, medians of runs taken in turn: Pillow's quantize(palette=...,
        dither=NONE) from an RGB picture, with a palette that it used before, and with one that it did not; ours from
        [H, W, 3] bytes and from a float tensor, in two metrics, index only; and all of quantize(): image, index,
        usage. Pillow's colours are not always the nearest (see truth); what
        another exact way takes, SciPy's k-d tree on all threads, is beside it. The palettes are Pillow's own median
        cut of the picture. The last picture is a photograph enlarged to 12 megapixels, as cameras make them.
truth   the share of pixels for which Pillow's colour is not the nearest one in RGB, and ours; ties count as right.
memory  peak memory above the image itself, forward and backward, 256 colours; each in a process of its own (Linux).
dither  seconds per megapixel, and CIEDE2000 to the photograph after a blur of both in linear light.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial import KDTree
from torch import Tensor

from plotart.color.difference import srgb_difference
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.quantize.distance import squared_distances
from plotart.quantize.dither import DITHERS
from plotart.quantize.nearest import nearest
from plotart.quantize.quantization import quantize

DATA = Path(skimage.__file__).parent / "data"
COUNTS = (4, 16, 64, 256)
CAMERA = (4000, 3000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts: dict[str, Callable[[argparse.Namespace], None]] = {
        "speed": speed_table,
        "truth": truth_table,
        "memory": memory_table,
        "dither": dither_table,
    }
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--only", nargs="*", default=list(parts), choices=list(parts))
    parser.add_argument("--memory-mp", type=float, default=12.0)
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        print(json.dumps(memory_here(options.memory_of, options.memory_mp)))
        return
    for name in options.only:
        print(f"\n## {name}\n", flush=True)
        parts[name](options)


def photographs(*, camera: bool = False) -> dict[str, NDArray[np.uint8]]:
    """[H, W, 3] bytes by name."""
    from sklearn.datasets import load_sample_image

    names = ("astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "hubble_deep_field.jpg", "retina.jpg")
    found = {name.split(".")[0]: np.array(Image.open(DATA / name).convert("RGB")) for name in names}
    found |= {"china": np.array(load_sample_image("china.jpg")), "flower": np.array(load_sample_image("flower.jpg"))}
    if camera:
        large = Image.fromarray(found["china"]).resize(CAMERA, Image.Resampling.BICUBIC)
        found = {name: found[name] for name in ("astronaut", "retina")} | {"china, 12 MP": np.array(large)}
    return found


def palette_of(photograph: NDArray[np.uint8], count: int) -> tuple[Tensor, Image.Image]:
    """The median cut of a picture, [count, 3] and as Pillow wants it."""
    cut = Image.fromarray(photograph).quantize(count, method=Image.Quantize.MEDIANCUT)
    levels = (cut.getpalette() or [])[: 3 * count]
    holder = Image.new("P", (1, 1))
    holder.putpalette(levels)
    return torch.tensor(levels, dtype=torch.float32).reshape(-1, 3) / 255, holder


def unused(holder: Image.Image) -> Image.Image:
    """The same palette, with which Pillow has not quantised yet: it keeps the answers that it found in the palette."""
    fresh = Image.new("P", (1, 1))
    fresh.putpalette(holder.getpalette() or [])
    return fresh


def speed_table(options: argparse.Namespace) -> None:
    columns = [
        "pillow, again",
        "pillow, at first",
        "k-d tree",
        "bytes rgb",
        "bytes oklab2",
        "float rgb",
        "float oklab2",
        "quantize bytes oklab2",
    ]
    print(f"{torch.get_num_threads()} threads; ns per px\n")
    print("| picture | px | colours | " + " | ".join(columns) + " | pillow at first / bytes rgb | / bytes oklab2 |")
    print("|" + "---|" * (len(columns) + 5))
    for name, photograph in photographs(camera=True).items():
        for count in COUNTS:
            figures = [1e9 * seconds / photograph[..., 0].size for seconds in speed(photograph, count, options.repeat)]
            ratios = f"{figures[1] / figures[3]:.2f} | {figures[1] / figures[4]:.2f}"
            texts = " | ".join(f"{figure:.2f}" for figure in figures)
            print(f"| {name} | {photograph[..., 0].size:,} | {count} | {texts} | {ratios} |", flush=True)


def speed(photograph: NDArray[np.uint8], count: int, repeat: int) -> list[float]:
    palette, holder = palette_of(photograph, count)
    picture = Image.fromarray(photograph)
    as_bytes = torch.from_numpy(photograph).permute(2, 0, 1)
    as_floats = (as_bytes.float() / 255).contiguous()
    tree, points = KDTree(palette.numpy()), as_floats.reshape(3, -1).T.numpy()
    ways: list[Callable[[], object]] = [
        lambda: picture.quantize(palette=holder, dither=Image.Dither.NONE),
        lambda: picture.quantize(palette=unused(holder), dither=Image.Dither.NONE),
        lambda: nearest(as_bytes, palette, metric="rgb"),
        lambda: nearest(as_bytes, palette),
        lambda: nearest(as_floats, palette, metric="rgb"),
        lambda: nearest(as_floats, palette),
        lambda: quantize(as_bytes, palette),
    ]
    taken = np.array([[timed(way) for way in ways] for _ in range(repeat + 1)])[1:]
    # By itself: its threads take the cores from whatever follows them.
    tree_seconds = timed(lambda: tree.query(points, workers=-1))
    first, second, *own = (float(seconds) for seconds in np.median(taken, axis=0))
    return [first, second, tree_seconds, *own]


def timed(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def truth_table(_: argparse.Namespace) -> None:
    print("| picture | " + " | ".join(f"{count} colours: pillow | ours" for count in COUNTS) + " |")
    print("|" + "---|" * (1 + 2 * len(COUNTS)))
    for name, photograph in photographs().items():
        cells = []
        for count in COUNTS:
            palette, holder = palette_of(photograph, count)
            image = torch.from_numpy(photograph).permute(2, 0, 1)
            theirs = np.asarray(Image.fromarray(photograph).quantize(palette=holder, dither=Image.Dither.NONE))
            cells += [wrong(image, palette, torch.from_numpy(theirs.copy()))]
            cells += [wrong(image, palette, nearest(image, palette, metric="rgb"))]
        print(f"| {name} | " + " | ".join(f"{cell:.2%}" for cell in cells) + " |", flush=True)


def wrong(image: Tensor, palette: Tensor, index: Tensor) -> float:
    """The share of pixels that have another colour than the nearest, by squared distances in integers."""
    colors, pixels, chosen = (palette * 255).round().long(), image.reshape(3, -1).long(), index.reshape(-1).long()
    bad = 0
    for start in range(0, pixels.shape[1], 1 << 14):
        part = slice(start, start + (1 << 14))
        table = squared_distances(colors, pixels[:, part])
        bad += int((table.gather(0, chosen[None, part])[0] > table.amin(dim=0)).sum())
    return bad / pixels.shape[1]


def memory_table(options: argparse.Namespace) -> None:
    print("| mode | px | colours | seconds | peak MB above image |")
    print("|" + "---|" * 5)
    for mode in ("hard", "soft", "ste"):
        command = [sys.executable, __file__, "--memory-of", mode, "--memory-mp", str(options.memory_mp)]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        print(f"| {mode} | {found['px']:,} | 256 | {found['seconds']:.1f} | {found['mb']:.0f} |", flush=True)


def memory_here(mode: str, megapixels: float) -> dict[str, float]:
    """What a step of an optimiser would need: the result, its gradient, those of image and palette, and the way there.

    A small step comes first, so that compiled code and libraries are not counted.
    """
    random = torch.Generator().manual_seed(0)
    palette = torch.rand(256, 3, generator=random)
    high = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    image = torch.rand(3, high, round(high * 4 / 3), generator=random)
    _step(image[:, :64, :64].contiguous(), palette, mode)
    before = _peak_mb()
    start = time.perf_counter()
    _step(image, palette, mode)
    seconds = time.perf_counter() - start
    return {"px": image[0].numel(), "seconds": seconds, "mb": _peak_mb() - before}


def _step(image: Tensor, palette: Tensor, mode: str) -> None:
    leaf, colors = image.detach().requires_grad_(), palette.detach().clone().requires_grad_()
    found = quantize(leaf, colors, mode=mode)  # type: ignore[arg-type]
    found.image.backward(torch.ones_like(found.image))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def dither_table(_: argparse.Namespace) -> None:
    print("| picture | colours | " + " | ".join(f"{name}: s per MP | CIEDE2000" for name in ("none", *DITHERS)) + " |")
    print("|" + "---|" * (2 + 2 * (1 + len(DITHERS))))
    for name in ("astronaut", "coffee"):
        photograph = photographs()[name]
        image = torch.from_numpy(photograph).permute(2, 0, 1).float() / 255
        for count in (4, 16):
            palette, _ = palette_of(photograph, count)
            cells = []
            for dither in (None, *DITHERS):
                quantize(image, palette, dither=dither)
                start = time.perf_counter()
                found = quantize(image, palette, dither=dither).image
                cells.append(f"{(time.perf_counter() - start) * 1e6 / image[0].numel():.2f}")
                cells.append(f"{seen_difference(image, found):.2f}")
            print(f"| {name} | {count} | " + " | ".join(cells) + " |", flush=True)


def seen_difference(one: Tensor, other: Tensor) -> float:
    blurred = [gaussian_filter(srgb_to_linear(image).numpy(), (0, 2.5, 2.5)) for image in (one, other)]
    first, second = (linear_to_srgb(torch.from_numpy(light).clamp(0, 1)).permute(1, 2, 0) for light in blurred)
    return float(srgb_difference(first, second).mean())


if __name__ == "__main__":
    main()
