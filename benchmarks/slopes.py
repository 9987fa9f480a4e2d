"""How true the renderer's images and slopes are on random scenes that nothing was tuned on.

    python benchmarks/slopes.py [--seeds 100 108] [--settings 1 2 4]

thin    12 opaque strokes of 0.1 to 0.7 px on 96 px; dense: 120 of 0.6 to 2.4 px, of which the slopes of 40 are compared
image   decibels against 24 x 24 samples to a pixel
cosine  of the points' gradients with the exact ones: the integral, along the strokes' edges, of how the image changes
        where an edge moves outwards, times its motion. Finite differences of samples would be noise for nibs of two
        samples. The image is weighted smoothly, or by random numbers that differ from pixel to pixel.
All are medians over the seeds, and the worst.
"""

from __future__ import annotations

import argparse
import math
from statistics import median
from typing import NamedTuple

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray

from plotart.render import rasterize

SIZE, SAMPLES = 96, 24
#: Straight pieces that a cubic is taken for where it is asked what is inside a stroke; places along a piece's edges.
PIECES, PLACES = 256, 12

Floats = NDArray[np.float64]


class Strokes(NamedTuple):
    """points [P, 2]; num_points, half [N]; reflectance, transmittance [N, 3]; line [n, 4], the pieces; box [c, 4],
    those of the cubics; control [c], a cubic's first point; first [N + 1], a stroke's first cubic."""

    points: Floats
    num_points: NDArray[np.int64]
    half: Floats
    reflectance: Floats
    transmittance: Floats
    line: Floats
    box: Floats
    control: NDArray[np.int64]
    first: NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs=2, default=[100, 108], metavar=("FIRST", "PAST"))
    parser.add_argument("--settings", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args()
    print("| scenes | oversample | image dB | cosine, smooth | away from caps | cosine, random | away from caps |")
    print("|" + "---|" * 7)
    for kind in ("thin", "dense"):
        found: dict[int, list[list[float]]] = {setting: [] for setting in options.settings}
        for seed in range(*options.seeds):
            strokes = thin(seed) if kind == "thin" else dense(seed)
            wanted = sampled(strokes)
            chosen = np.arange(0, len(strokes.half), 1 if kind == "thin" else 3)
            weights = smooth_weights(seed), np.random.default_rng(seed).normal(size=(SIZE, SIZE, 3))
            slopes = [exact_slopes(strokes, weight, chosen) for weight in weights]
            for setting in options.settings:
                found[setting].append(compare(strokes, setting, wanted, weights, slopes, chosen))
        for setting, rows in found.items():
            columns = list(zip(*rows, strict=True))
            decibels = f"{median(columns[0]):.1f}, {min(columns[0]):.1f}"
            cosines = " | ".join(f"{median(column):.4f}, {min(column):.4f}" for column in columns[1:])
            print(f"| {kind} | {setting} | {decibels} | {cosines} |", flush=True)


def thin(seed: int) -> Strokes:
    return random_walks(1000 + seed, 12, (0.1, 0.7), 11.8, (1.0, 1.0), margin=0.2)


def dense(seed: int) -> Strokes:
    return random_walks(2000 + seed, 120, (0.6, 2.4), 9.8, (0.8, 1.0), margin=0.0)


def random_walks(
    seed: int, number: int, nib: tuple[float, float], step: float, opacity: tuple[float, float], *, margin: float
) -> Strokes:
    """Strokes of one to three cubics, whose control points are `step` px apart and turn a little at each."""
    random = np.random.default_rng(seed)
    walks = []
    for _ in range(number):
        cubics = int(random.integers(1, 4))
        place = random.uniform(margin * SIZE, (1 - margin) * SIZE, 2)
        angle, walk = random.uniform(0, 2 * np.pi), [place]
        for _ in range(3 * cubics):
            angle += random.normal() * 0.6
            place = place + step * (0.6 + 0.8 * random.random()) * np.array([np.cos(angle), np.sin(angle)])
            walk.append(place)
        walks.append(np.array(walk))
    alpha, color = random.uniform(*opacity, number)[:, None], random.random((number, 3))
    half = random.uniform(*nib, number).astype(np.float32).astype(float) / 2
    # What the renderer is given, to the last bit.
    points = np.concatenate(walks).astype(np.float32).astype(float)
    num_points = np.array([len(walk) for walk in walks])
    start = np.repeat(np.cumsum(num_points) - num_points, (num_points - 1) // 3)
    first = np.concatenate([[0], np.cumsum((num_points - 1) // 3)])
    control = start + 3 * (np.arange(first[-1]) - np.repeat(first[:-1], np.diff(first)))
    t = np.linspace(0, 1, PIECES + 1)[:, None]
    shares = np.hstack([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3])
    curve = np.stack([shares @ points[c : c + 4] for c in control])
    line = np.concatenate([curve[:, :-1], curve[:, 1:]], axis=2).reshape(-1, 4)
    box = np.concatenate([curve.min(axis=1), curve.max(axis=1)], axis=1)
    inks = alpha * color, np.repeat(1 - alpha, 3, axis=1)
    return Strokes(points, num_points, half, *inks, line, box, control, first)


def smooth_weights(seed: int) -> Floats:
    """Waves of some 60 px and longer, [H, W, 3]."""
    random = np.random.default_rng(seed)
    y, x = np.indices((SIZE, SIZE))
    weights = np.zeros((SIZE, SIZE, 3))
    for channel in range(3):
        for _ in range(4):
            across, down = random.normal(size=2) * 2 * np.pi / SIZE
            weights[..., channel] += 0.5 * np.cos(across * x + down * y + random.uniform(0, 2 * np.pi))
    return weights


def compare(
    strokes: Strokes, setting: int, wanted: Floats, weights: tuple[Floats, Floats], slopes: list[Floats], chosen: Floats
) -> list[float]:
    """Decibels; per weights, the cosine over all points of the chosen strokes and over those within."""
    points = torch.from_numpy(strokes.points).float().requires_grad_()
    inks = (torch.from_numpy(ink).float() for ink in (strokes.reflectance, strokes.transmittance))
    width = torch.from_numpy(2 * strokes.half).float()
    image = rasterize(points, torch.from_numpy(strokes.num_points), width, *inks, size=(SIZE, SIZE), oversample=setting)
    row = [-10 * math.log10(((image.detach().double().numpy() - wanted) ** 2).mean())]
    ends = np.cumsum(strokes.num_points)
    mine = np.isin(np.repeat(np.arange(len(ends)), strokes.num_points), chosen)
    inner = mine.copy()
    inner[ends - 1] = inner[ends - strokes.num_points] = False
    for weight, exact in zip(weights, slopes, strict=True):
        (found,) = torch.autograd.grad(image, points, torch.from_numpy(weight).float(), retain_graph=True)
        for part in (mine, inner):
            a, b = found.double().numpy()[part], exact[part]
            row.append(float((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)))
    return row


def sampled(strokes: Strokes) -> Floats:
    """The image [H, W, 3] as the mean of samples, each in or out of a stroke."""
    inks = strokes.reflectance, strokes.transmittance
    samples: Floats = _sampled(strokes.half, *inks, strokes.line, strokes.first)
    return samples.reshape(SIZE, SAMPLES, SIZE, SAMPLES, 3).mean(axis=(1, 3))


def exact_slopes(strokes: Strokes, weights: Floats, chosen: NDArray[np.int64]) -> Floats:
    """Gradients of sum(weights * image) by the points [P, 2], where they belong to the chosen strokes."""
    found = np.zeros_like(strokes.points)
    _add_slopes(strokes, weights, chosen, found)
    return found


@njit(cache=True)
def _squared(x, y, line):  # type: ignore[no-untyped-def]
    """Squared distance to a piece."""
    ex, ey, dx, dy = line[2] - line[0], line[3] - line[1], x - line[0], y - line[1]
    t = min(max((dx * ex + dy * ey) / max(ex * ex + ey * ey, 1e-18), 0.0), 1.0)
    return (dx - t * ex) ** 2 + (dy - t * ey) ** 2


@njit(cache=True)
def _sampled(half, reflectance, transmittance, line, first):  # type: ignore[no-untyped-def]
    across = SIZE * SAMPLES
    image, mask = np.ones((across, across, 3)), np.zeros((across, across), np.bool_)
    for k in range(len(half)):
        h = half[k]
        mask[:] = False
        for i in range(PIECES * first[k], PIECES * first[k + 1]):
            a = line[i]
            left, top = (min(a[0], a[2]) - h) * SAMPLES, (min(a[1], a[3]) - h) * SAMPLES
            right, bottom = (max(a[0], a[2]) + h) * SAMPLES, (max(a[1], a[3]) + h) * SAMPLES
            for y in range(max(math.floor(top), 0), min(math.ceil(bottom), across)):
                for x in range(max(math.floor(left), 0), min(math.ceil(right), across)):
                    mask[y, x] |= _squared((x + 0.5) / SAMPLES, (y + 0.5) / SAMPLES, a) <= h * h
        for y in range(across):
            for x in range(across):
                if mask[y, x]:
                    image[y, x] = reflectance[k] + transmittance[k] * image[y, x]
    return image


@njit(cache=True)
def _within(x, y, k, h, strokes):  # type: ignore[no-untyped-def]
    """Whether a place is nearer than h to the axis of stroke k."""
    for j in range(strokes.first[k], strokes.first[k + 1]):
        box = strokes.box[j]
        if box[0] - h < x < box[2] + h and box[1] - h < y < box[3] + h:
            for i in range(PIECES * j, PIECES * (j + 1)):
                if _squared(x, y, strokes.line[i]) < h * h:
                    return True
    return False


@njit(cache=True)
def _change(x, y, k, strokes, weights):  # type: ignore[no-untyped-def]
    """The weighted difference that stroke k makes at a place."""
    if x < 0 or y < 0 or x >= SIZE or y >= SIZE:
        return 0.0
    without, ink = np.ones(3), np.zeros(3)
    for j in range(len(strokes.half)):
        if j == k:
            ink = strokes.reflectance[j] + strokes.transmittance[j] * without
        elif _within(x, y, j, strokes.half[j], strokes):
            without = strokes.reflectance[j] + strokes.transmittance[j] * without
            if j > k:
                ink = strokes.reflectance[j] + strokes.transmittance[j] * ink
    return ((ink - without) * weights[int(y), int(x)]).sum()


@njit(cache=True)
def _add_slopes(strokes, weights, chosen, found):  # type: ignore[no-untyped-def]
    """An edge that moves outwards by its normal's share of a point's motion changes the image under it. Edges that lie
    within the same stroke change nothing."""
    points, half = strokes.points, strokes.half
    share = np.empty(4)
    for k in chosen:
        h = half[k]
        for j in range(strokes.first[k], strokes.first[k + 1]):
            c = strokes.control[j]
            p0, p1, p2, p3 = points[c], points[c + 1], points[c + 2], points[c + 3]
            for step in range(PIECES * PLACES):
                t = (step + 0.5) / (PIECES * PLACES)
                m = 1 - t
                share[:] = (m * m * m, 3 * m * m * t, 3 * m * t * t, t * t * t)
                x, y = share[0] * p0 + share[1] * p1 + share[2] * p2 + share[3] * p3
                dx, dy = 3 * (m * m * (p1 - p0) + 2 * m * t * (p2 - p1) + t * t * (p3 - p2))
                ex, ey = 6 * (m * (p0 - 2 * p1 + p2) + t * (p1 - 2 * p2 + p3))
                speed = math.hypot(dx, dy)
                bend = (dx * ey - dy * ex) / speed**3
                # The pieces are chords: on the inner side they are a little nearer than the curve.
                own = h * (1 - 1e-4) - 1e-5 - 0.2 * abs(bend) * (speed / PIECES) ** 2
                for side in (-1.0, 1.0):
                    nx, ny = side * dy / speed, -side * dx / speed
                    long = speed * (1 + side * bend * h) / (PIECES * PLACES)
                    if long > 0 and not _within(x + h * nx, y + h * ny, k, own, strokes):
                        change = long * _change(x + h * nx, y + h * ny, k, strokes, weights)
                        for q in range(4):
                            found[c + q, 0] += share[q] * change * nx
                            found[c + q, 1] += share[q] * change * ny
            # Round ends, and what shows of them at kinks between cubics.
            for q in range(0 if j == strokes.first[k] else 3, 4, 3):
                places = max(int(400 * h), 100)
                for step in range(places):
                    angle = 2 * math.pi * (step + 0.5) / places
                    nx, ny = math.cos(angle), math.sin(angle)
                    x, y = points[c + q, 0] + h * nx, points[c + q, 1] + h * ny
                    if not _within(x, y, k, h * (1 - 1e-4) - 1e-5, strokes):
                        change = 2 * math.pi * h / places * _change(x, y, k, strokes, weights)
                        found[c + q, 0] += change * nx
                        found[c + q, 1] += change * ny


if __name__ == "__main__":
    main()
