"""What makes the learned quantiser and the map what they are, and not K-means by other names."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab
from sklearn.cluster import KMeans
from torch import Tensor

from plotart.color.spaces import from_space, to_space
from plotart.files.images import read_image
from plotart.quantize.extract import Extraction, Method, extract
from plotart.quantize.histogram import histogram
from plotart.quantize.kmeans import nearest, relieved
from plotart.quantize.learned_quantizer import LearnedQuantizer

Array = NDArray[np.float64]
STILL_LIFE = Path(__file__).parents[1] / "configs" / "still-life.png"


@cache
def picture(name: str) -> Tensor:
    """[3, H, W] floats: the still life, or every third pixel of one of scikit-image's pictures."""
    if name == "still life":
        return read_image(STILL_LIFE)
    return torch.from_numpy(getattr(data, name)()[::3, ::3].copy()).permute(2, 0, 1).float() / 255


@cache
def found(name: str, n: int, method: Method) -> Extraction:
    return extract(picture(name), n, method=method)


@cache
def by_kmeans(name: str, n: int, runs: int = 1) -> tuple[Tensor, float]:
    """The colours [n, 3], sRGB, of the best run of scikit-learn's K-means in oklab2, and their mean squared error."""
    points = to_space(picture(name).reshape(3, -1).T, "oklab2").double().numpy()
    fitted = KMeans(n, n_init=runs, random_state=0).fit(points)
    return from_space(torch.from_numpy(fitted.cluster_centers_), "oklab2"), float(fitted.inertia_) / len(points)


def between(first: Tensor, second: Tensor) -> Array:
    """[N, M] CIEDE2000, by scikit-image."""
    one, other = rgb2lab(first.double().numpy()), rgb2lab(second.double().numpy())
    return np.asarray(deltaE_ciede2000(one[:, None], other[None]))


def apart(first: Tensor, second: Tensor) -> float:
    """The largest CIEDE2000 between colours of two palettes that are paired to be as alike as they can be."""
    differences = between(first, second)
    return float(differences[linear_sum_assignment(differences)].max())


def along(colors: Tensor) -> float:
    """Mean CIEDE2000 between neighbours."""
    return float(between(colors[:-1], colors[1:]).diagonal().mean())


def best_order(colors: Tensor) -> Tensor:
    """The colours on the shortest way that greedy tours from each of them, mended by reversals (2-opt), have found."""
    away, count = between(colors, colors), len(colors)
    ways = []
    for start in range(count):
        way = [start]
        while len(way) < count:
            way.append(min(set(range(count)) - set(way), key=lambda unit: (away[way[-1], unit], unit)))
        better = True
        while better:
            better = False
            for i in range(count - 1):
                for j in range(i + 1, count):
                    gain = (away[way[i - 1], way[i]] - away[way[i - 1], way[j]]) if i else 0.0
                    gain += (away[way[j], way[j + 1]] - away[way[i], way[j + 1]]) if j + 1 < count else 0.0
                    if gain > 1e-9:
                        way[i : j + 1], better = way[i : j + 1][::-1], True
        ways.append((sum(away[a, b] for a, b in pairwise(way)), way))
    return colors[min(ways)[1]]


def topographic_error(name: str, colors: Tensor) -> float:
    """The share of the pixels whose nearest and second colour, in oklab2, are not neighbours."""
    seen = histogram(picture(name))
    two = torch.cdist(to_space(seen.colors, "oklab2"), to_space(colors.float(), "oklab2")).topk(2, largest=False)
    far = (two.indices[:, 0] - two.indices[:, 1]).abs() != 1
    return float((seen.counts * far).sum() / seen.counts.sum())


@pytest.mark.parametrize("method", ["learned", "som"])
def test_the_still_life_in_eight_colours_is_not_that_of_kmeans(method: Method) -> None:
    colors = found("still life", 8, method).colors
    assert apart(colors, by_kmeans("still life", 8, 10)[0]) > 3
    assert apart(colors, found("still life", 8, "kmeans").colors) > 3


def test_the_learned_colours_and_those_of_the_map_are_different_ones() -> None:
    assert apart(found("still life", 8, "learned").colors, found("still life", 8, "som").colors) > 3


def test_the_loss_of_the_learned_quantizer_falls_and_is_told() -> None:
    for name, n in (("still life", 8), ("coffee", 16)):
        one = found(name, n, "learned")
        assert len(one.losses) >= 200
        assert one.losses[-1] == pytest.approx(one.error, rel=0.02)
        assert one.losses[-1] < 0.6 * one.losses[0]
        assert np.mean(one.losses[100:]) < np.mean(one.losses[:100])
        assert found(name, n, "som").losses == found(name, n, "kmeans").losses == ()


def test_learned_colours_begin_as_colours_of_the_picture_that_chance_has_chosen() -> None:
    points = to_space(histogram(picture("still life")).colors, "oklab2")
    starts = [LearnedQuantizer.among(points, 8, random=torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)]
    for start in starts:
        assert len(start.centres.unique(dim=0)) == 8
        assert bool((start.centres[:, None] == points).all(dim=2).any(dim=1).all())
    assert torch.equal(starts[0].centres, starts[1].centres)
    assert not torch.equal(starts[0].centres, starts[2].centres)


def test_no_method_of_its_own_asks_kmeans(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("K-means was asked")

    for name in ("kmeans", "lloyd", "seed_centres"):
        monkeypatch.setattr(f"plotart.quantize.kmeans.{name}", refused)
        monkeypatch.setattr(f"plotart.quantize.extract.{name}", refused, raising=False)
        monkeypatch.setattr(f"plotart.quantize.som.{name}", refused, raising=False)
    for method in ("learned", "som"):
        assert extract(picture("rocket"), 48, method=method).used == 48


def test_dead_centres_are_revived_where_the_error_is_largest() -> None:
    points = torch.rand(300, 3, generator=torch.Generator().manual_seed(0))
    weights = torch.ones(300, dtype=torch.float64)
    quantizer = LearnedQuantizer(torch.cat([points[:4], torch.full((2, 3), 9.0)]))
    quantizer.fit(points, weights, steps=30)
    assert len(nearest(points, quantizer.centres.detach())[0].unique()) == 6


def test_a_centre_is_relieved_only_where_that_lowers_the_error() -> None:
    points = torch.tensor([[0.0, 0, 0], [0, 0, 0.01], [1, 0, 0], [1, 0, 1]])
    weights = torch.ones(4, dtype=torch.float64)
    moved = relieved(points, weights, points[:3])
    assert moved is not None
    assert moved[1] in (0, 1)
    assert torch.equal(moved[0][moved[1]], points[3])
    assert relieved(points, weights, points[[0, 2, 3]]) is None
    assert relieved(points, weights, points[:1]) is None


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket", "hubble_deep_field"])
def test_learned_colours_are_within_one_percent_of_kmeans_with_no_dead_ones(name: str) -> None:
    one = found(name, 16, "learned")
    assert one.error <= 1.01 * by_kmeans(name, 16)[1]
    assert one.error <= 1.02 * by_kmeans(name, 16, 10)[1]
    assert (one.used, one.near_duplicates) == (16, ())


# All colours of the map are at least 1 CIEDE2000 apart. The astronaut's by K-means are not, which makes a short way.
@pytest.mark.parametrize(
    ("name", "n", "ratio"), [("still life", 8, 1), ("coffee", 16, 1), ("chelsea", 64, 1), ("astronaut", 64, 1.2)]
)
def test_neighbours_on_the_map_are_as_alike_as_kmeans_colours_in_their_best_order(
    name: str, n: int, ratio: float
) -> None:
    colors, theirs = found(name, n, "som").colors, best_order(by_kmeans(name, n, 10 if n < 32 else 1)[0])
    assert along(colors) <= ratio * along(theirs)
    assert topographic_error(name, colors) < topographic_error(name, theirs)


def test_single_colours_of_the_map_are_tuned_in_the_end() -> None:
    """Every colour is near the mean of its own pixels, where a neighbourhood that stayed wide would pull it away."""
    one = found("chelsea", 32, "som")
    seen = histogram(picture("chelsea"))
    points, units = to_space(seen.colors, "oklab2"), to_space(one.colors, "oklab2")
    owner = nearest(points, units)[0]
    total = torch.bincount(owner, seen.counts, 32)
    means = torch.stack([torch.bincount(owner, seen.counts * c, 32) for c in points.unbind(1)], 1) / total[:, None]
    assert float((means - units).norm(dim=1).mean()) < 0.1 * one.error**0.5
