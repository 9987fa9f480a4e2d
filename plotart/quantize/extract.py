"""A palette out of a picture: a few colours that stand for all of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import torch
from torch import Tensor

from plotart.color.difference import ciede2000, differences
from plotart.color.spaces import METRICS, Metric, from_space, to_space
from plotart.errors import InputError
from plotart.quantize.histogram import Histogram, cells, histogram
from plotart.quantize.kmeans import kmeans, lloyd, nearest, weighted_sum
from plotart.quantize.learned_quantizer import LearnedQuantizer
from plotart.quantize.pillow_palettes import PILLOW_METHODS, pillow_palette
from plotart.quantize.som import epoch, grey_ramp, self_organized, threaded

Method = Literal["kmeans", "learned", "som", "median-cut", "maximum-coverage", "octree", "libimagequant"]
METHODS: tuple[Method, ...] = get_args(Method)

#: Colours nearer than this, in CIEDE2000, look the same.
NEAR = 1.0

#: Colours whose values torch leaves to one thread.
_ONE_THREAD = 8192

#: Iterations after colours were moved.
_SETTLING = 5

#: What a palette is made to keep, so that it holds after rounding too.
_CLEAR = NEAR + 1e-3

#: Cells, at least, and cells per colour in which a palette is found before all colours of the picture have their say.
_CELLS, _CELLS_PER_COLOR = 2048, 48

#: So many colours at most are learned twice, from two starts, of which the better result counts.
_FEW = 32


@dataclass(frozen=True)
class Extraction:
    """A palette and how well it stands for its picture.

    colors           [n, 3] sRGB in 0..1, light to dark; those of a map (som) in the order of the map
    shares           [n] of the pixels, each counted with the colour that is nearest in the metric
    error            mean squared distance to that colour, in the space of the metric
    difference       mean CIEDE2000 to that colour
    used             how many colours have any pixels
    near_duplicates  pairs of indices of colours that differ by less than 1 CIEDE2000
    losses           learned: the mean squared error before each of its steps, of cells of the colours at first and of
                     all of them in the last twenty
    """

    colors: Tensor
    shares: Tensor
    error: float
    difference: float
    used: int
    near_duplicates: tuple[tuple[int, int], ...]
    method: Method
    metric: Metric
    losses: tuple[float, ...] = ()


def extract_palette(
    image: Tensor, n: int, *, method: Method = "kmeans", metric: Metric = "oklab2", seed: int = 0
) -> Tensor:
    """[n, 3] sRGB in 0..1: n colours for a picture, light to dark; see `extract`, which tells more of them."""
    return _palette(image, histogram(image), n, method, metric, seed)[0]


def extract(
    image: Tensor, n: int, *, method: Method = "kmeans", metric: Metric = "oklab2", seed: int = 0
) -> Extraction:
    """n colours for a picture [3, H, W] (sRGB, floats in 0..1 or uint8), and how well they stand for it.

    kmeans    K-means, refined to K-medians: the mean distance counts, not the mean square, and swaps of colours are
              judged by the mean CIEDE2000. What looks closest.
    learned   colours that Adam moves to a low mean squared error, from colours of the picture that the seed has chosen
    som       a self-organising map of one dimension that starts as a grey ramp: neighbours in the palette look alike.
              Nothing in it is left to chance, so that the seed changes nothing
    median-cut, maximum-coverage, octree, libimagequant
              Pillow's own, which know nothing of metric and seed, may find fewer than n colours, and at most 256

    The first three use every colour, and no two colours differ by less than 1 CIEDE2000, where the picture has enough
    that do not. Equal arguments give equal palettes.

    Raises InputError if the picture has fewer than n colours, for n below 1 and for a method or metric that does not
    exist; ValueError for a tensor that is no picture.
    """
    found = histogram(image)
    colors, losses = _palette(image, found, n, method, metric, seed)
    points, palette = to_space(found.colors, metric), to_space(colors, metric)
    owner, squared = nearest(points, palette)
    lab = to_space(colors, "lab")
    away = ciede2000(to_space(found.colors, "lab"), lab[owner])
    shares = torch.bincount(owner, found.counts, len(colors)) / found.counts.sum()
    pairs = (differences(lab, lab) < NEAR).triu(1).nonzero().tolist()
    return Extraction(
        colors,
        shares.float(),
        error=weighted_sum(found.counts, squared) / float(found.counts.sum()),
        difference=weighted_sum(found.counts, away) / float(found.counts.sum()),
        used=int((shares > 0).sum()),
        near_duplicates=tuple((first, second) for first, second in pairs),
        method=method,
        metric=metric,
        losses=losses,
    )


def _palette(
    image: Tensor, found: Histogram, n: int, method: Method, metric: Metric, seed: int
) -> tuple[Tensor, tuple[float, ...]]:
    """The colours [n, 3], and the losses of those that are learned."""
    if method not in METHODS:
        raise InputError(f"found method {method!r}; allowed: {', '.join(METHODS)}")
    if metric not in METRICS:
        raise InputError(f"found metric {metric!r}; allowed: {', '.join(METRICS)}")
    if n < 1:
        raise InputError(f"{n} colours were asked for: ask for at least 1")
    if len(found) < n:
        has = "1 colour" if len(found) == 1 else f"{len(found)} colours"
        raise InputError(f"the picture has {has}; {n} were asked for: ask for at most {len(found)}")
    if method in PILLOW_METHODS:
        return _light_to_dark(pillow_palette(image, n, method)), ()
    if len(found) == n and method != "som":
        return _light_to_dark(found.colors), ()
    points = _points(found.colors, metric)
    fitted, losses = _fitted(points, found.counts, n, method, metric, torch.Generator().manual_seed(seed))
    colors = from_space(fitted, metric)
    return colors if method == "som" else _light_to_dark(colors), losses


def _fitted(
    points: Tensor, weights: Tensor, n: int, method: Method, metric: Metric, random: torch.Generator
) -> tuple[Tensor, tuple[float, ...]]:
    """Centres [n, 3] for the points, found on their cells and then polished on all of them; and losses."""
    few, heavy = cells(points, weights, max(_CELLS, _CELLS_PER_COLOR * n))
    losses: list[float] = []
    polish: Callable[[Tensor], Tensor]
    if method == "som":
        polish = partial(epoch, points, weights)
        centres = polish(self_organized(few, heavy, grey_ramp(n, metric)))
    elif method == "learned":
        tries = [LearnedQuantizer.among(few, n, random=random) for _ in range(2 if n <= _FEW else 1)]
        losses, quantizer = min(((one.fit(few, heavy), one) for one in tries), key=lambda fitted: fitted[0][-1])
        losses += quantizer.fit(points, weights, steps=20, rate=0.01, revive=False)
        centres = quantizer.centres.detach()

        def polish(centres: Tensor) -> Tensor:
            again = LearnedQuantizer(centres)
            again.fit(points, weights, steps=20, rate=0.3, revive=False)
            return again.centres.detach()
    else:
        lab = _lab(few, metric)

        def looks(centres: Tensor, owner: Tensor, _: Tensor) -> float:
            return weighted_sum(heavy, ciede2000(lab, _lab(centres, metric)[owner]))

        centres = kmeans(few, heavy, n, random=random, power=1, judge=looks)
        centres = lloyd(points, weights, centres, power=1, most=3)
        polish = partial(lloyd, points, weights, power=1, most=1)
    centres, moved = _apart(centres, points, weights, metric)
    if moved and method == "som":
        centres = threaded(centres, moved)
    return (_settled(centres, polish, metric) if moved else centres), tuple(losses)


def _settled(centres: Tensor, polish: Callable[[Tensor], Tensor], metric: Metric) -> Tensor:
    """The centres after they were polished a few times in ways in which none of them comes near another."""
    for _ in range(_SETTLING):
        wanted = polish(centres)
        for _ in range(3):
            met = _near(wanted, metric).any(dim=1)
            wanted = torch.where(met[:, None], centres, wanted)
        if bool(_near(wanted, metric).any()):
            break
        centres = wanted
    return centres


def _apart(centres: Tensor, points: Tensor, weights: Tensor, metric: Metric) -> tuple[Tensor, list[int]]:
    """The centres, of which those without points, and the lesser of any two that look the same, went where the error
    is largest and nothing else looks the same; and which ones did. They stay where there is no such place."""
    owner, squared = nearest(points, centres)
    mass = torch.bincount(owner, weights, len(centres))
    lab = _lab(centres, metric)
    near = _near(centres, metric)
    kept: list[int] = []
    spare: list[int] = []
    for slot in mass.argsort(descending=True, stable=True).tolist():
        (spare if mass[slot] == 0 or bool(near[slot, kept].any()) else kept).append(slot)
    if not spare:
        return centres, []
    centres, lab = centres.clone(), lab[kept]
    looks = _lab(points, metric)
    squared = nearest(points, centres[kept])[1]
    # At most as far as the nearest in CIEDE2000, and mostly that: enough to rule points out.
    away = ciede2000(looks, lab[nearest(looks, lab)[0]])
    moved = []
    for slot in spare:
        place = _new_look(looks, weights * squared * (away > _CLEAR), lab)
        if place is None:
            break
        centres[slot] = points[place]
        lab = torch.cat([lab, looks[place : place + 1]])
        squared = torch.minimum(squared, (points - points[place]).square().sum(dim=1))
        away = torch.minimum(away, ciede2000(looks, looks[place]))
        moved.append(slot)
    return centres, moved


def _new_look(looks: Tensor, errors: Tensor, lab: Tensor) -> int | None:
    """The Lab colour [B, 3] with the largest error above 0 that looks like none of others [K, 3]; None if there is
    none."""
    # Nearly always it is among the first few.
    for count in (16, 256, len(errors)):
        largest, tried = errors.topk(min(count, len(errors)))
        tried = tried[largest > 0]
        fits = (differences(looks[tried], lab).amin(dim=1) > _CLEAR).nonzero()[:, 0]
        if len(fits):
            return int(tried[fits[0]])
        if len(tried) < count:
            break
    return None


def _points(colors: Tensor, metric: Metric) -> Tensor:
    """The colours [B, 3] in the space of the metric. In parts that torch gives to one thread each: where it divides a
    tensor among threads, the last bits of the values at the seams depend on their number."""
    return torch.cat([to_space(part, metric) for part in colors.split(_ONE_THREAD)])


def _near(centres: Tensor, metric: Metric) -> Tensor:
    """[n, n]: which centres look like which others."""
    lab = _lab(centres, metric)
    return (differences(lab, lab) < _CLEAR).fill_diagonal_(False)


def _lab(centres: Tensor, metric: Metric) -> Tensor:
    """Lab of the sRGB colours that values in the space of the metric become."""
    return to_space(from_space(centres, metric), "lab")


def _light_to_dark(colors: Tensor) -> Tensor:
    return colors[to_space(colors, "lab")[:, 0].argsort(descending=True, stable=True)]
