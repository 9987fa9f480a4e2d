"""A sheet of paper found in a picture by its edges."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from plotart.calibration.camera import Camera, homographies

Array = NDArray[np.float64]

#: px of the reduced picture's long side in which the sheet is looked for.
SMALL = 500

#: The least share of the picture that the sheet takes, and of what is between its corners that its outline goes around;
#: the largest share of the picture's edge where the sheet may be.
LEAST_SHARE, LEAST_FULL, MOST_TOUCHING = 0.1, 0.93, 0.15

#: Corners of its outline that are tried.
MOST_CORNERS = 28

#: Points along each edge; the share of it at either end that is left out; mm across it in which it is looked for, at
#: first and later.
POINTS, CORNERS, ACROSS = 60, 0.04, (4.0, 1.5, 0.8, 0.8)

#: The share of the points along the edges that must be seen.
LEAST_SEEN = 0.6


def find_sheets(grey: NDArray[np.float32], size: tuple[float, float]) -> list[Camera]:
    """Cameras that may have seen a sheet of `size` (width, height) mm in a picture [H, W] of light in 0..1.

    One for each way in which its sides fit, none where its edges are not seen.
    """
    corners = _corners(grey)
    if corners is None:
        return []
    width, height = size
    page = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=float)
    cameras = []
    for by in range(4):
        seen = np.roll(corners, by, axis=0)
        top, right, bottom, left = (float(np.linalg.norm(seen[k] - seen[(k + 1) % 4])) for k in range(4))
        # Seen at a slant, a side may come out somewhat too short, but not the long one shorter than the short one.
        if abs(np.log((top + bottom) / (left + right) * height / width)) > 0.5 * abs(np.log(height / width)) + 0.15:
            continue
        rows, columns = grey.shape
        start = homographies(page, seen)
        camera = Camera(start, (columns / 2, rows / 2), float(np.hypot(rows, columns)) / 2)
        if (fitted := _fitted(grey, camera, page)) is not None:
            cameras.append(fitted)
    return cameras


def _corners(grey: NDArray[np.float32]) -> Array | None:
    """[4, 2] px, clockwise: the corners of what is lighter, or darker, than all around it, and has four of them."""
    from scipy import ndimage
    from skimage.filters import threshold_otsu

    factor = max(1, -(-max(grey.shape) // SMALL))
    rows, columns = grey.shape[0] // factor, grey.shape[1] // factor
    small = grey[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor).mean(axis=(1, 3))
    small = ndimage.gaussian_filter(small, 1.5)
    limit = threshold_otsu(small)
    best: tuple[float, Array] | None = None
    for inside in (small > limit, small < limit):
        labels, count = ndimage.label(inside)
        if not count:
            continue
        areas = np.bincount(labels.ravel())[1:]
        sheet = ndimage.binary_fill_holes(ndimage.binary_opening(labels == areas.argmax() + 1, iterations=2))
        touching = np.concatenate([sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1]]).mean()
        if touching > MOST_TOUCHING or (found := _quadrilateral(sheet)) is None:
            continue
        quad, full = found
        # What is drawn on a sheet may have four corners too: the larger one is the sheet.
        if full > LEAST_FULL and _area(quad) > max(LEAST_SHARE * small.size, best[0] if best else 0):
            best = _area(quad), quad * factor
    return best[1] if best is not None else None


def _quadrilateral(sheet: NDArray[np.bool_]) -> tuple[Array, float] | None:
    """The largest [4, 2] px with its corners on the outline of an area, clockwise from any of them, and the share of it
    that the outline goes around."""
    from scipy.spatial import ConvexHull, QhullError

    edge = np.argwhere(sheet & ~_shrunk(sheet))[:, ::-1] + 0.5
    try:
        around = ConvexHull(edge)
        hull = edge[around.vertices]
    except (QhullError, ValueError):
        return None
    # Of many corners those stay that take most away when they go.
    while len(hull) > MOST_CORNERS:
        before, after = np.roll(hull, 1, axis=0), np.roll(hull, -1, axis=0)
        lost = np.abs(_cross(hull - before, after - before))
        hull = np.delete(hull, lost.argmin(), axis=0)
    if len(hull) < 4:
        return None
    fours = hull[np.array(list(combinations(range(len(hull)), 4)))]
    x, y = fours[..., 0], fours[..., 1]
    areas = (x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1) / 2
    best = fours[np.abs(areas).argmax()]
    best = best if areas[np.abs(areas).argmax()] > 0 else best[::-1]
    return best, float(around.volume) / max(_area(best), 1e-9)


def _shrunk(sheet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy import ndimage

    return np.asarray(ndimage.binary_erosion(sheet, border_value=1))


def _cross(one: Array, other: Array) -> Array:
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]


def _area(quad: Array) -> float:
    return abs(float(_cross(quad[2] - quad[0], quad[3] - quad[1]))) / 2


def _fitted(grey: NDArray[np.float32], camera: Camera, page: Array) -> Camera | None:
    """The camera with the page's edges on those that are seen; None where too few are."""
    from scipy.optimize import least_squares

    share = np.linspace(CORNERS, 1 - CORNERS, POINTS)[:, None]
    along = np.concatenate([page[k] + share * (page[(k + 1) % 4] - page[k]) for k in range(4)])
    sides = (np.roll(page, -1, axis=0) - page) / np.linalg.norm(np.roll(page, -1, axis=0) - page, axis=1)[:, None]
    # Clockwise, y being down, what is outside lies to the left of the way.
    outward = np.repeat(np.stack([sides[:, 1], -sides[:, 0]], axis=-1), POINTS, axis=0)
    for across in ACROSS:
        off, seen = _edge_offsets(grey, camera, along, outward, across)
        if seen.mean() < LEAST_SEEN:
            return None
        at, direction = camera.to_px(along), camera.to_px(along + 0.5 * outward) - camera.to_px(along - 0.5 * outward)
        normal = direction / np.linalg.norm(direction, axis=1, keepdims=True)
        goal = camera.to_px(along + off[:, None] * outward)
        units = _units(camera)

        def away(
            values: Array,
            at: Array = goal,
            normal: Array = normal,
            seen: NDArray[np.bool_] = seen,
            start: Camera = camera,
        ) -> Array:
            moved = _with(start, values).to_px(along)
            return np.asarray(((moved - at) * normal).sum(axis=-1)[seen])

        first = np.append(camera.homography.ravel()[:8], camera.bend)
        solved = least_squares(away, first, x_scale=units, loss="soft_l1", f_scale=0.5)
        camera = _with(camera, solved.x)
        del at
    return camera


def _units(camera: Camera) -> Array:
    first = np.abs(camera.homography.ravel()[:8])
    return np.append(np.maximum(first, 1e-3 * np.array([1, 1, 100, 1, 1, 100, 0.01, 0.01])), 0.01)


def _with(camera: Camera, values: Array) -> Camera:
    return replace(camera, homography=np.append(values[:8], 1.0).reshape(3, 3), bend=float(values[8]))


def _edge_offsets(
    grey: NDArray[np.float32], camera: Camera, along: Array, outward: Array, across: float
) -> tuple[Array, NDArray[np.bool_]]:
    """mm outward from points [n, 2] of the edge to where the picture changes most, and whether it does so clearly."""
    from scipy.ndimage import gaussian_filter1d, map_coordinates

    count = 4 * int(across * 8) + 1
    steps = np.linspace(-across, across, count)
    at = camera.to_px(along[:, None] + steps[:, None] * outward[:, None])
    light = map_coordinates(grey, [at[..., 1] - 0.5, at[..., 0] - 0.5], order=1, mode="nearest")
    change = np.gradient(gaussian_filter1d(light, 0.15 / (steps[1] - steps[0]), axis=1), axis=1)
    # The change is the same way along the whole edge.
    sign = np.sign(np.median(light[:, -3:].mean(axis=1) - light[:, :3].mean(axis=1)))
    change = (change * sign)[:, 2:-2]
    best = change.argmax(axis=1)
    rows = np.arange(len(best))
    inner = np.clip(best, 1, change.shape[1] - 2)
    low, middle, high = change[rows, inner - 1], change[rows, inner], change[rows, inner + 1]
    bow = low - 2 * middle + high
    finer = np.where(bow < 0, 0.5 * (low - high) / np.where(bow < 0, bow, 1), 0.0).clip(-1, 1)
    off = steps[2:-2][inner] + finer * (steps[1] - steps[0])
    strong = change.max(axis=1)
    clear = (strong > 0.3 * np.median(strong)) & (best > 0) & (best < change.shape[1] - 1)
    return off, clear & (np.abs(off - np.median(off)) < across)
