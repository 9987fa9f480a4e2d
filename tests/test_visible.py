"""How much of each stroke's ink can be seen."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from variants import BACKENDS, draw, line, random_scene, scene_of

from plotart.render import visible_ink
from plotart.render.scene import Scene

every_backend = pytest.mark.parametrize("backend", BACKENDS)

#: Across a page of 40 x 40 px, from one edge to the other.
ACROSS = line((-10, 20), (50, 20))


def visible(scene: Scene, backend: str) -> Tensor:
    return visible_ink(
        scene.points,
        scene.num_points,
        scene.stroke_width,
        scene.transmittance,
        size=scene.size,
        oversample=scene.oversample,
        backend=backend,
    )


def layers(curves: list[list[tuple[float, float]]], nibs: list[float], passes: list[float]) -> Scene:
    """Strokes of these nibs in px, of inks that let these shares of the light through."""
    scene = scene_of(curves, 1.0, size=(40, 40), oversample=2)
    return replace(
        scene, stroke_width=torch.tensor(nibs), transmittance=torch.tensor(passes)[:, None].expand(-1, 3).contiguous()
    )


@every_backend
@pytest.mark.parametrize(("length", "nib"), [(20.0, 0.6), (20.0, 3.0), (8.0, 6.0)])
def test_alone_it_is_the_area_of_the_stroke(backend: str, length: float, nib: float) -> None:
    scene = layers([line((10, 20.3), (10 + length, 20.3))], [nib], [0.0])
    area = length * nib + math.pi / 4 * nib**2
    assert float(visible(scene, backend)[0]) == pytest.approx(area, rel=0.03)


@every_backend
@pytest.mark.parametrize(("passes", "left"), [(0.0, 0.0), (0.25, 0.25), (1.0, 1.0)])
def test_what_lies_above_lets_its_share_through(backend: str, passes: float, left: float) -> None:
    below, above = line((10, 20), (30, 20)), line((5, 20), (35, 20))
    alone = visible(layers([below], [2.0], [0.0]), backend)[0]
    found = visible(layers([below, above], [2.0, 8.0], [0.0, passes]), backend)
    assert float(found[0]) == pytest.approx(left * float(alone), abs=1e-3)
    assert float(found[1]) > 200


@every_backend
def test_only_what_lies_above_hides(backend: str) -> None:
    """The broad stroke goes across half of the thin one."""
    thin, broad = line((4, 20), (36, 20)), line((30, 0), (30, 40))
    under = visible(layers([thin, broad], [2.0, 20.0], [0.0, 0.0]), backend)[0]
    over = visible(layers([broad, thin], [20.0, 2.0], [0.0, 0.0]), backend)[1]
    assert float(under) == pytest.approx(float(over) / 2, rel=0.02)


@every_backend
@pytest.mark.parametrize(("up", "left"), [(0.0, 1.0), (-20.0, 0.5), (-40.0, 0.0)], ids=["on", "half", "off"])
def test_ink_off_the_page_is_not_seen(backend: str, up: float, left: float) -> None:
    found = visible(layers([[(x, y + up) for x, y in ACROSS]], [4.0], [0.0]), backend)
    assert float(found[0]) == pytest.approx(160 * left, rel=0.01, abs=1e-6)


@every_backend
def test_it_is_what_a_brighter_ink_adds_to_the_picture(backend: str) -> None:
    scene = replace(random_scene(3, nib=(0.4, 6.0), oversample=2, outside=0.2), background=torch.rand(3))
    found = visible(scene, backend)
    before = draw(scene, backend)
    for stroke, expected in enumerate(found.tolist()):
        brighter = scene.reflectance.clone()
        brighter[stroke] += 1
        added = draw(replace(scene, reflectance=brighter), backend) - before
        assert float(added.sum() / 3) == pytest.approx(expected, rel=1e-3, abs=1e-2)


def test_nothing_learns_from_it() -> None:
    scene = random_scene(1, nib=(1.0, 3.0))
    points = scene.points.clone().requires_grad_()
    with torch.no_grad():
        found = visible(replace(scene, points=points), "cpu")
    assert not found.requires_grad
    assert points.grad is None


def test_no_strokes() -> None:
    assert visible(layers([], [], []), "cpu").shape == (0,)
