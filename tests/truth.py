"""What an image is by definition: every pixel the mean of many samples, each in or out of a stroke. Slow, and true.

Nothing here comes from the renderer: strokes are cut finely, distances are numpy's, gradients are central differences.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from plotart.render.scene import Scene

#: Samples per pixel along each side.
SAMPLES = 24

#: px that a control point is moved by to either side, as in data/diffvg_parity.
STEP = 0.1

Floats = NDArray[np.float64]


def fine_image(scene: Scene) -> Floats:
    """[H, W, 3]."""
    return _composited(scene, [_mask(scene, k) for k in range(len(scene.num_points))], (0, 0, *scene.size))


def fine_gradients(scene: Scene, weights: Floats, points: list[tuple[int, int]]) -> Floats:
    """Gradients of sum(weights * image) by x and y of points (stroke, point in the stroke): [len(points), 2]."""
    masks = [_mask(scene, k) for k in range(len(scene.num_points))]
    gradients = np.zeros((len(points), 2))
    for row, (stroke, point) in enumerate(points):
        for axis in range(2):
            ahead, behind = (_mask(scene, stroke, (point, axis, sign * STEP)) for sign in (1, -1))
            changed = np.argwhere(ahead != behind) // SAMPLES
            if not len(changed):
                continue
            (top, left), (bottom, right) = changed.min(0), changed.max(0) + 1
            box = int(top), int(left), int(bottom), int(right)
            images = [
                _composited(scene, [*masks[:stroke], mask, *masks[stroke + 1 :]], box) for mask in (ahead, behind)
            ]
            gradients[row, axis] = ((images[0] - images[1]) * weights[top:bottom, left:right]).sum() / (2 * STEP)
    return gradients


def _mask(scene: Scene, stroke: int, moved: tuple[int, int, float] | None = None) -> NDArray[np.bool_]:
    """[H SAMPLES, W SAMPLES]: which samples are under the stroke."""
    ends = np.cumsum(scene.num_points.numpy())
    points = scene.points.detach().double().numpy()[ends[stroke] - scene.num_points[stroke] : ends[stroke]].copy()
    if moved is not None:
        points[moved[0], moved[1]] += moved[2]
    half = float(scene.stroke_width[stroke]) / 2
    rows, columns = scene.size[0] * SAMPLES, scene.size[1] * SAMPLES
    mask = np.zeros((rows, columns), bool)
    t = np.linspace(0, 1, 65)[:, None]
    for c in range(0, len(points) - 1, 3):
        p = points[c : c + 4]
        curve = (1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t * t * p[2] + t**3 * p[3]
        for a, b in itertools.pairwise(curve):
            low = np.clip(np.floor((np.minimum(a, b) - half) * SAMPLES), 0, (columns, rows)).astype(int)
            high = np.clip(np.ceil((np.maximum(a, b) + half) * SAMPLES), 0, (columns, rows)).astype(int)
            x = (np.arange(low[0], high[0]) + 0.5) / SAMPLES - a[0]
            y = ((np.arange(low[1], high[1]) + 0.5) / SAMPLES - a[1])[:, None]
            way = b - a
            along = np.clip((x * way[0] + y * way[1]) / max(way @ way, 1e-12), 0, 1)
            near = (x - along * way[0]) ** 2 + (y - along * way[1]) ** 2 <= half * half
            mask[low[1] : high[1], low[0] : high[0]] |= near
    return mask


def _composited(scene: Scene, masks: list[NDArray[np.bool_]], box: tuple[int, int, int, int]) -> Floats:
    """Pixels top, left, bottom, right of the image."""
    top, left, bottom, right = box
    rows, columns = slice(top * SAMPLES, bottom * SAMPLES), slice(left * SAMPLES, right * SAMPLES)
    samples = np.broadcast_to(
        scene.background.double().numpy(), ((bottom - top) * SAMPLES, (right - left) * SAMPLES, 3)
    ).copy()
    for k, mask in enumerate(masks):
        inside = mask[rows, columns]
        reflectance, transmittance = scene.reflectance[k].double().numpy(), scene.transmittance[k].double().numpy()
        samples[inside] = reflectance + transmittance * samples[inside]
    return samples.reshape(bottom - top, SAMPLES, right - left, SAMPLES, 3).mean(axis=(1, 3))
