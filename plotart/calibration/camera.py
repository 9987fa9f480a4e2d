"""How a chart's millimetres became a picture's pixels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

#: Spots that are tried as corners; real marks are among the likeliest.
MOST_SPOTS = 16

#: mm by which a mark may be off when it is first recognised: lenses bend, paper does too.
RECOGNISED = 5.0


@dataclass(frozen=True)
class Camera:
    """A plane seen through a lens: a homography [3, 3] from mm to px, then points moved away from the picture's
    `middle` px by the share `bend` at the distance `reach` px, growing with the distance's square."""

    homography: Points
    middle: tuple[float, float]
    reach: float
    bend: float = 0.0

    def to_px(self, points: Points) -> Points:
        """Points [..., 2] of the chart in mm -> px [..., 2]."""
        flat = np.concatenate([points, np.ones_like(points[..., :1])], axis=-1) @ self.homography.T
        off = flat[..., :2] / flat[..., 2:] - self.middle
        return off * (1 + self.bend * (off**2).sum(axis=-1, keepdims=True) / self.reach**2) + self.middle

    def scale(self, points: Points) -> NDArray[np.float64]:
        """px per mm at points [..., 2], in the direction in which there are fewest."""
        along, across = (self.to_px(points + half) - self.to_px(points - half) for half in np.eye(2) / 2)
        return np.asarray(np.linalg.svd(np.stack([along, across], axis=-1), compute_uv=False)[..., -1])


def homographies(source: Points, target: Points) -> Points:
    """The homographies [..., 3, 3] that take four points [..., 4, 2] to four others."""
    (x, y), (u, v) = np.moveaxis(source, -1, 0), np.moveaxis(target, -1, 0)
    one, none = np.ones_like(x), np.zeros_like(x)
    upper = np.stack([x, y, one, none, none, none, -x * u, -y * u], axis=-1)
    lower = np.stack([none, none, none, x, y, one, -x * v, -y * v], axis=-1)
    matrix = np.concatenate([upper, lower], axis=-2)
    right = np.concatenate([u, v], axis=-1)[..., None]
    solved = np.linalg.solve(matrix, right)[..., 0]
    return np.concatenate([solved, np.ones_like(solved[..., :1])], axis=-1).reshape(*solved.shape[:-1], 3, 3)


@dataclass(frozen=True)
class MarkMatch:
    """How many marks of a chart were recognised, whether in a mirror, and the spot [marks] of each (or -1)."""

    count: int
    mirrored: bool
    spots: tuple[int, ...]


def match_marks(marks: Points, spots: Points) -> MarkMatch:
    """Which spot [n, 2] px is which mark [m, 2] mm. The first four marks are the corners, clockwise.

    Any four spots are tried as the corners, turned and mirrored in every way; the trial in which most marks lie on
    spots wins, then that in which they lie nearest.
    """
    spots = spots[:MOST_SPOTS]
    if len(spots) < 4:
        return MarkMatch(len(spots), False, ())
    fours = np.array(list(combinations(range(len(spots)), 4)))
    corners = spots[fours]
    off = corners - corners.mean(axis=1, keepdims=True)
    turn = np.argsort(np.arctan2(off[..., 1], off[..., 0]), axis=1)
    fours = np.take_along_axis(fours, turn, axis=1)
    convex = _convex(spots[fours])
    if not convex.any():
        return MarkMatch(0, False, ())
    ways = [np.roll(fours[convex], by, axis=1) for by in range(4)]
    tried = np.concatenate([*ways, *(way[:, ::-1] for way in ways)])
    mirrored = np.arange(len(tried)) >= len(tried) // 2
    to_mm = homographies(spots[tried], np.broadcast_to(marks[:4], (len(tried), 4, 2)))
    flat = np.concatenate([spots, np.ones((len(spots), 1))], axis=1) @ to_mm.transpose(0, 2, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = flat[..., :2] / flat[..., 2:]
        away = np.linalg.norm(marks[None, :, None] - seen[:, None], axis=-1)
    away = np.where(np.isfinite(away), away, np.inf)
    nearest = away.min(axis=2)
    counts = (nearest < RECOGNISED).sum(axis=1)
    total = np.where(nearest < RECOGNISED, nearest, 0).sum(axis=1)
    best = np.lexsort((total, -counts))[0]
    chosen = np.where(nearest[best] < RECOGNISED, away[best].argmin(axis=1), -1)
    return MarkMatch(int(counts[best]), bool(mirrored[best]), tuple(int(spot) for spot in chosen))


def fit_camera(marks: Points, seen: Points, size: tuple[int, int]) -> Camera:
    """The camera that takes marks [m, 2] mm to where they are seen [m, 2] px, by least squares over all of them, in a
    picture of `size` (rows, columns) px."""
    from scipy.optimize import least_squares

    middle, reach = (size[1] / 2, size[0] / 2), float(np.hypot(*size)) / 2
    start = homographies(marks[:4], seen[:4])

    def camera(values: NDArray[np.float64]) -> Camera:
        return Camera(np.append(values[:8], 1.0).reshape(3, 3), middle, reach, float(values[8]))

    # The homography's entries differ by orders of magnitude; steps are taken in units of each.
    first = np.append(start.ravel()[:8], 0.0)
    units = np.append(np.maximum(np.abs(first[:8]), 1e-3 * np.array([1, 1, 100, 1, 1, 100, 0.01, 0.01])), 0.01)
    solved = least_squares(lambda values: (camera(values).to_px(marks) - seen).ravel(), first, x_scale=units)
    return camera(solved.x)


def _convex(corners: Points) -> NDArray[np.bool_]:
    """Whether quadrilaterals [..., 4, 2], corners in order, are convex and have an area."""
    sides = np.roll(corners, -1, axis=-2) - corners
    following = np.roll(sides, -1, axis=-2)
    cross = sides[..., 0] * following[..., 1] - sides[..., 1] * following[..., 0]
    return np.asarray((cross > 1.0).all(axis=-1))
