"""Long lines that wander over the page without crossing themselves, evenly or as a picture is dark.

Points are stippled, a short path through all of them is found (TSP art: Kaplan and Bosch, 2005) and cut into lines of
equally many points. These are then moved apart: each piece of a line goes to the centroid of what lies nearest to it,
as stipples do, while corners become round. What was near to nothing fills up, as in a labyrinth of one band.

The points of a line are its control points, but for the joints (plotart/canvas/smooth_chain.py), so that smooth
strokes begin just as they are drawn here, and each cubic lies in the hull of four points in a row.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.canvas.smooth_chain import chain, gaps, respaced
from plotart.canvas.stippling import Array, Raster, stipple, toward_centroids
from plotart.errors import InputError
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest, Strokes, from_curves
from plotart.geometry.tour import order_of_points

#: The most points of all lines together; to order more takes minutes.
MOST_POINTS = 50_000

#: How much a picture's lightest tones count as white, as a share of its darkest one. They would be a line or two that
#: cross a wide bare ground.
PALE = 0.12

#: Steps by which lines are moved apart, and how far each step takes a point to the middle of its neighbours. More of it
#: is rounder; pictures have details.
STEPS = 25
ROUND, ROUND_IN_PICTURES = 0.5, 0.3

#: Steps until points have their distances along an even line again; control points that bunch are a kink.
RESPACED = 5

#: Lines of n points on an area A that are wholly moved apart have about this times sqrt(n A) mm: tests/test_starts.py.
LENGTH = 0.69

#: Pieces of a line from one of its points to the next.
PIECES = 3


def wander_start(wanted: StartRequest) -> Strokes:
    """Lines that fill the page inside the margins evenly. Raises InputError for too many points."""
    raster = Raster.fit_for(_points(wanted), wanted.page.inner)
    flat = np.ones((raster.rows, raster.columns))
    lines = _tours(wanted, flat, raster)
    return _strokes(apart(lines, flat, raster, rounding=ROUND, even=True), wanted)


def tour_start(wanted: StartRequest) -> Strokes:
    """Lines as dense as the picture is dark; its white stays white. Raises InputError without a picture.

    A path through points of density d has about sqrt(d) of line to the area (Beardwood, Halton and Hammersley, 1959),
    so the points are as dense as the square of the darkness.
    """
    raster = Raster.fit_for(_points(wanted), wanted.page.inner)
    if wanted.darkness is None:
        raise InputError("strokes.init: found tour, and no picture; allowed: tour with a term of type image")
    dark = _on_raster(wanted.darkness, wanted.page, raster)
    if not dark.max() > 0:
        raise InputError("strokes.init: found tour, and a picture that is as light as the paper; allowed: a darker one")
    dark = np.where(dark > PALE * dark.max(), dark, 0.0)
    # Lines amid what is near to them, where that weighs as w, are as dense as the cube root of w (Gersho, 1979).
    return _strokes(apart(_tours(wanted, dark**2, raster), dark**3, raster, rounding=ROUND_IN_PICTURES), wanted)


def points_of_line(segments: int) -> int:
    """How many points a line of so many cubics goes through or past: two for each, and its ends."""
    return 2 * segments + 2


def _points(wanted: StartRequest) -> int:
    points = wanted.count * points_of_line(wanted.segments)
    if points > MOST_POINTS:
        found = f"count {wanted.count} of {wanted.segments} segments"
        raise InputError(f"strokes: found {found}; allowed with this init: count * (2 * segments + 2) <= {MOST_POINTS}")
    return points


def _on_raster(darkness: Tensor, page: Page, raster: Raster) -> Array:
    """[rows, columns] of the darkness [H, W] of the whole sheet."""
    where = torch.from_numpy(raster.centers) / torch.tensor([page.width, page.height], dtype=torch.float64) * 2 - 1
    found = F.grid_sample(darkness.detach().cpu().double()[None, None], where[None], align_corners=False)
    return np.asarray(found[0, 0].clamp_min(0).numpy())


def _tours(wanted: StartRequest, density: Array, raster: Raster) -> Array:
    """[count, n, 2] mm: the points of lines that are equal parts of one path."""
    points = stipple(density, raster, _points(wanted), wanted.random)
    return points[order_of_points(points)].reshape(wanted.count, -1, 2)


def apart(lines: Array, density: Array, raster: Raster, *, rounding: float, even: bool = False) -> Array:
    """The lines [count, n, 2], moved apart and rounded, within the raster's box."""
    count, size, _ = lines.shape
    centers, weights = raster.centers[density > 0], density[density > 0]
    left, top, right, bottom = raster.box
    first = np.repeat(np.arange(count * size).reshape(count, size)[:, :-1], PIECES)
    share = np.tile(np.arange(PIECES) / PIECES, count * (size - 1))
    # The last point of each line too: where only pieces before it are pulled, it is pushed off.
    first = np.append(first, np.arange(1, count + 1) * size - 2)
    share = np.append(share, np.ones(count))[:, None]
    between = gaps(size)
    ahead = (between[:-1] / (between[:-1] + between[1:]))[:, None]
    for step in range(STEPS):
        points = lines.reshape(-1, 2)
        pieces = (1 - share) * points[first] + share * points[first + 1]
        way, mass = toward_centroids(pieces, centers, weights)
        moves = _gathered(np.column_stack([way * mass[:, None], mass]), first, share, len(points))
        pull = np.divide(moves[:, :2], moves[:, 2:], out=np.zeros_like(points), where=moves[:, 2:] > 0)
        bent = np.zeros_like(lines)
        bent[:, 1:-1] = (1 - ahead) * lines[:, :-2] + ahead * lines[:, 2:] - lines[:, 1:-1]
        lines = lines + pull.reshape(lines.shape) + rounding * bent
        if even and (step + 1) % RESPACED == 0:
            lines = np.stack([respaced(line, size) for line in lines])
        lines = np.clip(lines, [left, top], [right, bottom])
    return lines


def _gathered(values: Array, first: Array, share: Array, count: int) -> Array:
    """[count, k]: the sums of what pieces have [n, k], divided between the two points that each lies between."""
    sums = np.zeros((count, values.shape[1]))
    for column in range(values.shape[1]):
        sums[:, column] = np.bincount(first, values[:, column] * (1 - share[:, 0]), count)
        sums[:, column] += np.bincount(first + 1, values[:, column] * share[:, 0], count)
    return sums


def _strokes(lines: Array, wanted: StartRequest) -> Strokes:
    logits = 0.01 * torch.randn(wanted.count, wanted.pens, generator=wanted.random)
    return from_curves([chain(line) for line in lines], logits)
