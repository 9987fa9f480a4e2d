"""Strokes along what has been imagined: ridges of ink are thinned to lines, areas of ink become their outlines, and
both are cut into strokes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from numpy.typing import NDArray

from plotart.canvas.layout import random_start
from plotart.canvas.looks.skeleton import traced
from plotart.canvas.smooth_chain import chain, respaced
from plotart.canvas.stippling import Array
from plotart.errors import InputError
from plotart.geometry.imagined import Imagined
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest, Strokes, from_curves

#: Of a ridge, in nibs: over how much the ink is smoothed, and its surroundings.
RIDGE, SURROUNDINGS = 0.6, 2.5

#: Pixels of the raster that is thinned, for a nib.
PX_PER_NIB = 3.0
MOST_TIMES = 4

#: A line begins where the ink stands out by this share of what stands out most, and goes on where it does by that.
STANDS_OUT, GOES_ON = 0.5, 0.18

#: In nibs: what is inked at least so far to all sides is an area, if its outline is as long as that.
AREA, AROUND = 3.0, 25.0

#: Rows of the raster that distances are looked for in at once.
BAND = 256

#: In nibs: shorter lines are left out; along lines, over how much they are smoothed.
SHORTEST, STEADY = 5.0, 2.0

#: Points along a piece of a line that is to be a stroke, from which its control points are taken.
POINTS = 64

#: How sure strokes are to begin with of the pens that have been imagined: a factor on the logarithms of their shares.
SURE = 0.5


def imagined_start(wanted: StartRequest) -> Strokes:
    """Strokes along what a picture of pixels shows that was drawn for the same goals, few steps long.

    Lines longer than a stroke are so many strokes, end to end. Where there is more to trace than the strokes that are
    wanted, the longest lines are. If there is nothing, strokes are random, and that is told. Raises InputError where
    nothing has been imagined.
    """
    if wanted.imagined is None:
        raise InputError("strokes.init: found imagined, and nothing that has been imagined")
    pieces = [piece for line in _lines(wanted.imagined, wanted) for piece in _pieces(line, wanted.length)]
    if not pieces:
        wanted.tell("Nothing could be traced in the picture that was imagined: strokes begin at random.")
        return random_start(wanted)
    pieces = pieces[: wanted.count]
    curves = [chain(respaced(piece, 2 * wanted.segments + 2)) for piece in pieces]
    shares = wanted.imagined.shares.cpu().numpy()
    logits = np.stack([_logits(piece, shares, wanted.page) for piece in pieces])
    return from_curves(curves, torch.tensor(logits, dtype=torch.float32))


def _lines(imagined: Imagined, wanted: StartRequest) -> list[Array]:
    """Lines [n, 2] mm within the margins, the longest first."""
    from scipy.ndimage import binary_dilation, zoom
    from skimage.morphology import skeletonize

    ink = imagined.ink.cpu().double().numpy()
    px_per_mm, nib = len(ink) / wanted.page.height, wanted.nib
    times = max(1, min(MOST_TIMES, round(PX_PER_NIB / (nib * px_per_mm))))
    scale = times * px_per_mm
    areas = _areas(zoom(ink, times, order=3) > 0.5, AREA * nib * scale)
    near = binary_dilation(areas, iterations=max(1, round(nib * scale))) if areas.any() else areas
    lines = traced(skeletonize(_ridges(ink, nib * px_per_mm, times) & ~near))
    found = [_steady((line + 0.5) / scale, STEADY * nib, 1 / scale) for line in lines]
    found += [_steady((line + 0.5) / scale, STEADY * nib, 1 / scale) for line in _outlines(areas, nib * scale / 2)]
    left, top, right, bottom = wanted.page.inner
    found = [np.clip(line, (left, top), (right, bottom)) for line in found]
    lengths = [_length(line) for line in found]
    order = sorted(range(len(found)), key=lambda k: -lengths[k])
    return [found[k] for k in order if lengths[k] >= SHORTEST * nib]


def _ridges(ink: Array, nib: float, times: int) -> NDArray[np.bool_]:
    """Where ink [H, W] stands out from what is around it; nib in px. [times H, times W]."""
    from scipy.ndimage import gaussian_filter, zoom
    from skimage.filters import apply_hysteresis_threshold
    from skimage.morphology import remove_small_objects

    out = gaussian_filter(ink, RIDGE * nib) - gaussian_filter(ink, SURROUNDINGS * nib)
    most = float(np.quantile(out, 0.98))
    if most <= 0:
        return np.zeros((times * ink.shape[0], times * ink.shape[1]), bool)
    mask = apply_hysteresis_threshold(zoom(out / most, times, order=3), GOES_ON, STANDS_OUT)
    return np.asarray(remove_small_objects(mask, max_size=round((2 * nib * times) ** 2)))


def _areas(inked: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """What is inked at least `radius` px from what is not, or near such a place."""
    core = depths(np.pad(inked, 1), radius)[1:-1, 1:-1] >= radius
    return np.asarray(inked & (depths(~core, radius) < radius)) if core.any() else np.zeros_like(inked)


def depths(mask: NDArray[np.bool_], most: float) -> Array:
    """[H, W] px from each pixel of the mask to the nearest that is not of it, `most` at most.

    Only what is nearer than `most` matters, so that it is done band by band: a distance transform takes tens of bytes a
    pixel while it works, and a fine raster of a large sheet has twenty million pixels.
    """
    from scipy.ndimage import distance_transform_edt

    around, found = math.ceil(most) + 1, np.full(mask.shape, most, float)
    for top in range(0, len(mask), BAND):
        first = max(0, top - around)
        band = mask[first : top + BAND + around]
        if not band.all():
            own = distance_transform_edt(band)[top - first :][:BAND]
            np.minimum(own, most, out=found[top : top + BAND])
    return found


def _outlines(areas: NDArray[np.bool_], inside: float) -> list[Array]:
    """The outlines [n, 2] px (x, y) of areas, so far within them."""
    from skimage.measure import find_contours

    if not areas.any():
        return []
    found = [line[:, ::-1] for line in find_contours(depths(np.pad(areas, 1), 2 * inside)[1:-1, 1:-1], inside)]
    return [line for line in found if _length(line) >= AROUND * 2 * inside]


def _steady(line: Array, reach: float, step: float) -> Array:
    """The line [n, 2], points about `step` apart, smoothed over `reach`; ends stay, and closed lines stay closed."""
    from scipy.ndimage import gaussian_filter1d

    closed = len(line) > 3 and math.dist(line[0], line[-1]) < 2 * step
    smooth = np.asarray(gaussian_filter1d(line, reach / step / 2, axis=0, mode="wrap" if closed else "nearest"))
    if closed:
        return np.concatenate([smooth, smooth[:1]])
    smooth[0], smooth[-1] = line[0], line[-1]
    return smooth


def _length(line: Array) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _pieces(line: Array, length: float) -> list[Array]:
    """The line in parts of equal lengths, about `length` each."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    parts = max(1, round(along[-1] / length))
    ends = np.linspace(0, along[-1], parts + 1)
    places = [np.linspace(begin, end, POINTS) for begin, end in itertools.pairwise(ends)]
    return [np.column_stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)]) for at in places]


def _logits(piece: Array, shares: Array, page: Page) -> Array:
    """[K] for the pens along the piece."""
    _, rows, columns = shares.shape
    at = (piece * (columns / page.width, rows / page.height)).astype(int)
    found = shares[:, at[:, 1].clip(0, rows - 1), at[:, 0].clip(0, columns - 1)].mean(axis=1)
    logits = SURE * np.log(found + 1e-3)
    return np.asarray(logits - logits.mean())
