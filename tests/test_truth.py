"""The CPU renderer against what an image is by definition, on scenes that a plotter meets. See `truth`.

What is asked is what was seen, with a little room. These scenes are harder than those of data/diffvg_parity: weights
differ at random from pixel to pixel, so that gradients depend on what happens within pixels. Where strokes have no
length or are a tenth of a pixel wide, central differences themselves change with their step and samples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from truth import fine_gradients, fine_image
from variants import differentiate, random_scene, scene_of

from plotart.render.scene import Scene

SHORT = [
    [(6.3, 7.9)] * 4,
    [(14.2, 5.1)] * 3 + [(22.3, 11.4)],
    [(5.2, 20.3)] + [(15.7, 17.2)] * 3,
    [(25.0, 25.0), (31.0, 25.0), (31.0, 25.0), (25.0, 25.0)],
    [(18.0, 30.0), (18.4, 30.2), (18.2, 30.5), (18.1, 30.1)],
]
CROSSING = [
    [(5.0, 30.0), (40.0, 4.0), (-6.0, 4.0), (31.0, 30.0)],
    [(4.0, 18.0), (34.0, 20.0), (4.0, 22.0), (33.0, 16.0), (44.0, 12.0), (3.0, 8.0), (20.0, 33.0)],
]


def thin_scene(seed: int) -> Scene:
    return random_scene(seed, nib=(0.1, 0.7), size=(48, 48), step=6, ink="opaque")


def dense_scene(seed: int) -> Scene:
    return random_scene(seed, nib=(0.6, 2.4), strokes=40, size=(32, 32), ink="opaque")


@dataclass(frozen=True)
class Case:
    """A scene, and the decibels and the cosine that the default (oversample 2) and the exact setting (4) reach."""

    name: str
    scene: Scene
    default: tuple[float, float]
    exact: tuple[float, float]

    def __str__(self) -> str:
        return self.name


CASES = (
    Case("degenerate", scene_of(SHORT, 1.4, size=(36, 36)), (57, 0.968), (61.5, 0.968)),
    Case("self-crossing", scene_of(CROSSING, 1.2, size=(36, 36)), (52, 0.993), (56, 0.996)),
    Case("sub-pixel", random_scene(3, nib=(0.12, 0.5), strokes=10, size=(36, 36), step=6), (57, 0.973), (62.5, 0.985)),
    Case("thin", thin_scene(20), (58, 0.971), (64, 0.985)),
    Case("thin, apart", thin_scene(21), (62.5, 0.995), (66.5, 0.995)),
    Case("thin, across", thin_scene(22), (63.5, 0.973), (67.5, 0.98)),
    Case("dense", random_scene(4, nib=(0.4, 2.2), strokes=60, size=(32, 32), ink="opaque"), (47, 0.957), (55.5, 0.992)),
    Case("dense, broad", dense_scene(30), (48, 0.988), (56, 0.995)),
    Case("dense, long", dense_scene(31), (50.5, 0.988), (58, 0.991)),
    Case("off the canvas", random_scene(5, nib=(0.5, 3), strokes=16, step=7, outside=0.6), (65.5, 0.994), (69, 0.996)),
    Case("filters", random_scene(6, nib=(0.4, 3), strokes=20, step=6, ink="transparent"), (51, 0.994), (59.5, 0.997)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_image_and_slopes_are_true(case: Case) -> None:
    weights = np.random.default_rng(0).normal(size=(*case.scene.size, 3))
    lengths = case.scene.num_points.tolist()
    points = [(stroke, point) for stroke, length in enumerate(lengths) for point in range(length)][:84]
    image, gradients = fine_image(case.scene), fine_gradients(case.scene, weights, points)
    first = np.cumsum(lengths) - lengths
    for oversample, (decibels, cosine) in ((2, case.default), (4, case.exact)):
        scene = replace(case.scene, oversample=oversample)
        found_image, found = differentiate(scene, "cpu", torch.from_numpy(weights).float())
        error = ((found_image.double().numpy() - image) ** 2).mean()
        assert -10 * np.log10(error) >= decibels
        mine = np.array([found.points[first[stroke] + point].tolist() for stroke, point in points])
        assert (mine * gradients).sum() / (np.linalg.norm(mine) * np.linalg.norm(gradients)) >= cosine
