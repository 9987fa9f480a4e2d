"""Palettes out of pictures: plotart's methods beside Pillow's and scikit-learn's K-means.

    python benchmarks/palettes.py [--only kmeans scikit-learn ...] [--colors 4 16 64 256] [--pictures coffee ...]
                                  [--metric oklab2] [--repeat 3]

Every palette is judged in the same way: each pixel becomes the palette's nearest colour in CIE Lab, exactly; then
PSNR in sRGB, mean CIEDE2000, colours that are used, pairs of colours that differ by less than 1 CIEDE2000. scikit-learn
is KMeans(n_init=1) on all pixels in Lab, its time that of the fit and of the way to Lab and back. All methods take
turns, `--repeat` times, with the same threads; seconds are medians. The last tables compare, where both ran, plotart's
K-means with scikit-learn's, and the mean squared errors, in the space of `--metric`, of som, learned and kmeans with
that of scikit-learn's K-means in that space, ended by Lloyd's iteration.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from PIL import features
from skimage import data
from sklearn.cluster import KMeans
from sklearn.datasets import load_sample_image
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor

from plotart.color.difference import ciede2000, differences
from plotart.color.spaces import METRICS, Metric, from_space, to_space
from plotart.quantize.extract import METHODS, NEAR, extract_palette
from plotart.quantize.histogram import histogram
from plotart.quantize.kmeans import lloyd, mean_squared, nearest

PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "astronaut": data.astronaut,
    "coffee": data.coffee,
    "chelsea": data.chelsea,
    "rocket": data.rocket,
    "hubble": data.hubble_deep_field,
    "ihc": data.immunohistochemistry,
    "retina": data.retina,
    "china": lambda: load_sample_image("china.jpg"),
    "flower": lambda: load_sample_image("flower.jpg"),
}
SKLEARN = "scikit-learn"
OWN = ("kmeans", "learned", "som")


@dataclass(frozen=True)
class Figures:
    """Of one palette: decibels, mean CIEDE2000, colours used, near duplicates, seconds, mean squared error."""

    decibels: float
    difference: float
    used: int
    near: int
    seconds: float
    squared: float


def main() -> None:
    methods = [*METHODS, SKLEARN]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=methods, default=methods)
    parser.add_argument("--colors", nargs="*", type=int, default=[4, 16, 64, 256])
    parser.add_argument("--pictures", nargs="*", choices=list(PICTURES), default=list(PICTURES))
    parser.add_argument("--metric", choices=METRICS, default="oklab2", help="that of plotart's own methods")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    chosen = [m for m in options.only if m != "libimagequant" or features.check_feature("libimagequant")]
    if "libimagequant" in options.only and "libimagequant" not in chosen:
        print("libimagequant: this Pillow was built without it.\n")
    for n in options.colors:
        found = palette_table(n, options.pictures, chosen, options.metric, options.repeat)
        if "kmeans" in chosen and SKLEARN in chosen:
            against_sklearn(n, found)
        if own := [method for method in OWN if method in chosen]:
            squared_table(n, found, own, options.metric)


def palette_table(
    n: int, pictures: list[str], methods: list[str], metric: Metric, repeat: int
) -> dict[str, dict[str, Figures]]:
    print(f"{n} colours\n\n| picture | method | PSNR dB | CIEDE2000 | used | near duplicates | s |\n|" + "---|" * 7)
    found: dict[str, dict[str, Figures]] = {}
    for name in pictures:
        image = picture(name)
        seconds: dict[str, list[float]] = {method: [] for method in methods}
        palettes: dict[str, Tensor] = {}
        for _ in range(repeat):
            for method in methods:
                begin = time.perf_counter()
                palettes[method] = palette(image, n, method, metric)
                seconds[method].append(time.perf_counter() - begin)
        found[name] = {method: figures(image, palettes[method], median(seconds[method]), metric) for method in methods}
        for method, one in found[name].items():
            shown = f"{one.decibels:.2f} | {one.difference:.3f} | {one.used} | {one.near} | {one.seconds:.3f}"
            print(f"| {name} | {method} | {shown} |", flush=True)
    print()
    return found


def against_sklearn(n: int, found: dict[str, dict[str, Figures]]) -> None:
    print(f"{n} colours: K-means of plotart and of scikit-learn\n")
    print("| picture | CIEDE2000 | scikit-learn's | ratio | s | scikit-learn's | ratio |\n|" + "---|" * 7)
    for name, by_method in found.items():
        ours, theirs = by_method["kmeans"], by_method[SKLEARN]
        looks = f"{ours.difference:.3f} | {theirs.difference:.3f} | {ours.difference / theirs.difference:.3f}"
        times = f"{ours.seconds:.3f} | {theirs.seconds:.3f} | {ours.seconds / theirs.seconds:.2f}"
        print(f"| {name} | {looks} | {times} |")
    print()


def squared_table(n: int, found: dict[str, dict[str, Figures]], methods: list[str], metric: Metric) -> None:
    print(f"{n} colours: mean squared error in {metric} over that of scikit-learn's K-means\n")
    print(f"| picture | {' | '.join(methods)} |\n|" + "---|" * (1 + len(methods)))
    for name, by_method in found.items():
        colors = histogram(picture(name))
        points = to_space(colors.colors, metric)
        start = sklearn_centres(to_space(pixels(picture(name)), metric), n)
        least = mean_squared(points, colors.counts, lloyd(points, colors.counts, start, most=20))
        ratios = " | ".join(f"{by_method[method].squared / least:.3f}" for method in methods)
        print(f"| {name} | {ratios} |", flush=True)
    print()


def picture(name: str) -> Tensor:
    """[3, H, W] uint8."""
    return torch.from_numpy(np.array(PICTURES[name]())).permute(2, 0, 1)


def pixels(image: Tensor) -> Tensor:
    """[H W, 3] sRGB in 0..1."""
    return image.reshape(3, -1).T.float() / 255


def palette(image: Tensor, n: int, method: str, metric: Metric) -> Tensor:
    if method == SKLEARN:
        return from_space(sklearn_centres(to_space(pixels(image), "lab"), n), "lab")
    return extract_palette(image, n, method=method, metric=metric)


def sklearn_centres(points: Tensor, n: int) -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = KMeans(n, n_init=1, random_state=0).fit(points.numpy())
    return torch.from_numpy(fitted.cluster_centers_).float()


def figures(image: Tensor, colors: Tensor, seconds: float, metric: Metric) -> Figures:
    found = histogram(image)
    weights = found.counts / found.counts.sum()
    seen, lab = to_space(found.colors, "lab"), to_space(colors, "lab")
    owner = nearest(seen, lab)[0]
    squared = float(weights @ (found.colors - colors[owner]).square().mean(dim=1).double())
    return Figures(
        decibels=float("inf") if squared == 0 else -10 * float(np.log10(squared)),
        difference=float(weights @ ciede2000(seen, lab[owner]).double()),
        used=len(owner.unique()),
        near=int((differences(lab, lab) < NEAR).triu(1).sum()),
        seconds=seconds,
        squared=mean_squared(to_space(found.colors, metric), found.counts, to_space(colors, metric)),
    )


if __name__ == "__main__":
    main()
