"""The diffvg backend: what it asks of pydiffvg, with one that is played; and pydiffvg itself where it is installed."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from needs import DIFFVG, needs
from torch import Tensor
from variants import Gradients, Ink, line, random_scene, scene_of

from plotart.errors import InputError
from plotart.render import opaque, rasterize
from plotart.render.cpu import rasterize_cpu
from plotart.render.diffvg import rasterize_diffvg
from plotart.render.reference import rasterize_reference
from plotart.render.scene import Scene

PARITY = sorted((Path(__file__).parent / "data" / "diffvg_parity").glob("*.npz"))

CPU, CUDA = torch.device("cpu"), torch.device("cuda")

#: A cubic that is a line, and one that is a parabola: both without a third degree, to the last bit.
EVEN = [(4.0, 12.0), (8.0, 12.0), (12.0, 12.0), (16.0, 12.0)]
PARABOLA = [(3.0, 3.0), (9.0, 15.0), (15.0, 15.0), (21.0, 3.0)]


@dataclass
class PlayedPath:
    num_control_points: Tensor
    points: Tensor
    is_closed: bool
    stroke_width: Tensor


@dataclass
class PlayedGroup:
    shape_ids: Tensor
    fill_color: Tensor | None
    use_even_odd_rule: bool = True
    stroke_color: Tensor | None = None


@dataclass
class Rendering:
    """One call of RenderFunction.apply."""

    width: int
    height: int
    samples: tuple[int, int]
    seed: int
    paths: list[PlayedPath]
    device: torch.device


@dataclass
class Played:
    """pydiffvg as far as the backend knows it, drawing with plotart's reference, so that gradients come back too.

    It takes what diffvg takes, fails where diffvg does, and gives back what diffvg would: RGBA, not premultiplied.
    """

    device: torch.device = CPU
    use_gpu: bool = False
    broken: bool = False
    renderings: list[Rendering] = field(default_factory=list)

    Path = PlayedPath
    ShapeGroup = PlayedGroup

    @property
    def RenderFunction(self) -> Played:  # noqa: N802
        return self

    def get_device(self) -> torch.device:
        return self.device

    def get_use_gpu(self) -> bool:
        return self.use_gpu

    def set_device(self, device: torch.device) -> None:
        self.device, self.use_gpu = device, device.type == "cuda"

    def set_use_gpu(self, value: bool) -> None:
        self.use_gpu = value
        if not value:
            self.device = CPU

    def serialize_scene(
        self, canvas_width: int, canvas_height: int, shapes: list[PlayedPath], shape_groups: list[PlayedGroup]
    ) -> list[Any]:
        for shape in shapes:
            assert shape.num_control_points.is_contiguous()
            assert shape.points.is_contiguous()
            assert shape.stroke_width.shape == ()
        for group in shape_groups:
            assert group.stroke_color is not None
            assert group.stroke_color.is_contiguous()
        return [canvas_width, canvas_height, shapes, shape_groups]

    def apply(self, width: int, height: int, *given: Any) -> Tensor:
        num_samples_x, num_samples_y, seed, background_image, canvas_width, canvas_height, shapes, groups = given
        if self.broken:
            raise RuntimeError("diffvg not compiled with GPU")
        assert (canvas_width, canvas_height) == (width, height)
        assert background_image is None, "its gradients are wrong in diffvg"
        samples = num_samples_x, num_samples_y
        self.renderings.append(Rendering(width, height, samples, seed, shapes, self.device))
        ordered = [self._only(group, shapes) for group in groups]
        rgba = torch.stack([group.stroke_color for group in groups if group.stroke_color is not None])
        return self._lay(ordered, rgba, (height, width), num_samples_x // 2)

    @staticmethod
    def _only(group: PlayedGroup, shapes: list[PlayedPath]) -> PlayedPath:
        assert group.fill_color is None
        path = shapes[int(group.shape_ids)]
        assert not path.is_closed
        assert path.num_control_points.tolist() == [2] * ((len(path.points) - 1) // 3)
        for start in range(0, len(path.points) - 1, 3):
            p0, p1, p2, p3 = path.points[start : start + 4].detach()
            assert (p3 - p0 + 3 * (p1 - p2)).abs().max() > 0, "diffvg divides 0 by 0"
        return path

    @staticmethod
    def _lay(paths: list[PlayedPath], rgba: Tensor, size: tuple[int, int], oversample: int) -> Tensor:
        assert paths, "diffvg ends the process"

        def over_nothing(color: Tensor) -> Tensor:
            return rasterize(
                torch.cat([path.points for path in paths]),
                torch.tensor([len(path.points) for path in paths]),
                2 * torch.stack([path.stroke_width for path in paths]),
                *opaque(color, rgba[:, 3]),
                size=size,
                background=(0.0, 0.0, 0.0),
                oversample=oversample,
                backend="reference",
            )

        alpha = over_nothing(torch.ones_like(rgba[:, :3]))[..., :1]
        return torch.cat([over_nothing(rgba[:, :3]) / alpha.clamp_min(1e-6), alpha], dim=-1)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    stage = Played()
    monkeypatch.setitem(sys.modules, "pydiffvg", stage)  # type: ignore[arg-type]
    return stage


def differentiate(
    scene: Scene, render: Callable[[Scene], Tensor], upstream: Tensor | None = None
) -> tuple[Tensor, Gradients]:
    """The image, and what comes back from `upstream` [H, W, 3]; by default random numbers, the same each time."""
    leaves = {name: getattr(scene, name).clone().requires_grad_() for name in Gradients._fields}
    image = render(replace(scene, **leaves))
    if upstream is None:
        upstream = torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    gradients = torch.autograd.grad(image, list(leaves.values()), upstream, allow_unused=True, materialize_grads=True)
    return image.detach(), Gradients(*gradients)


def relative(found: Tensor, expected: Tensor) -> float:
    """The norm of the difference over the norm of what is expected."""
    return float((found - expected).norm() / expected.norm().clamp_min(1e-9))


def decibels(found: Tensor, expected: Tensor) -> float:
    return -10 * math.log10(float((found - expected).square().mean()))


def with_clear_channels(scene: Scene) -> Scene:
    """Inks that let one channel or another through whole, and one that can't be seen."""
    transmittance, reflectance = scene.transmittance.clone(), scene.reflectance.clone()
    stroke = torch.arange(len(scene.num_points))
    transmittance[stroke, stroke % 3], reflectance[stroke, stroke % 3] = 1, 0
    transmittance[-1], reflectance[-1] = 1, 0
    return replace(scene, transmittance=transmittance, reflectance=reflectance)


def with_translucent_paint(scene: Scene) -> Scene:
    paint = torch.rand(len(scene.num_points), 4, generator=torch.Generator().manual_seed(7))
    reflectance, transmittance = opaque(paint[:, :3], paint[:, 3])
    return replace(scene, reflectance=reflectance, transmittance=transmittance)


def with_several_lengths(scene: Scene) -> Scene:
    """The points of seven strokes of two cubics as those of four strokes, in the inks of the first four."""
    return replace(
        scene,
        num_points=torch.tensor([13, 4, 22, 10]),
        **{name: getattr(scene, name)[:4] for name in ("stroke_width", "reflectance", "transmittance")},
    )


SCENES = {
    "opaque": random_scene(0, nib=(2, 5), ink="opaque"),
    "transparent": random_scene(1, nib=(0.4, 3), ink="transparent"),
    "mixed": random_scene(2, nib=(0.4, 5), segments=1, oversample=2),
    "translucent": with_translucent_paint(random_scene(3, nib=(2, 5))),
    "clear channels": with_clear_channels(random_scene(4, nib=(2, 5))),
    "strokes of several lengths": with_several_lengths(random_scene(5, nib=(1, 5), strokes=7)),
}


class TestPlayed:
    """With the played pydiffvg the image is the reference's, and so are gradients: but for rounding, and no more."""

    @pytest.mark.parametrize("name", SCENES)
    def test_image_and_slopes_are_the_references(self, played: Played, name: str) -> None:
        scene = SCENES[name]
        expected_image, expected = differentiate(scene, rasterize_reference)
        image, gradients = differentiate(scene, rasterize_diffvg)
        torch.testing.assert_close(image, expected_image, atol=1e-5, rtol=0)
        for found, wanted in zip(gradients, expected, strict=True):
            assert relative(found, wanted) < 1e-3

    @pytest.mark.parametrize(
        ("name", "slopes_of_t", "renderings"),
        [("opaque", False, 1), ("translucent", False, 1), ("opaque", True, 3), ("transparent", False, 3)],
    )
    def test_one_rendering_where_one_will_do(
        self, played: Played, name: str, slopes_of_t: bool, renderings: int
    ) -> None:
        scene = SCENES[name]
        scene = replace(scene, transmittance=scene.transmittance.clone().requires_grad_(slopes_of_t))
        image = rasterize_diffvg(scene)
        torch.testing.assert_close(image, rasterize_reference(scene), atol=1e-5, rtol=0)
        assert image.is_contiguous()
        assert len(played.renderings) == renderings

    def test_the_scene_goes_by_columns_and_rows_at_twice_the_oversampling(self, played: Played) -> None:
        scene = random_scene(0, nib=(1, 2), size=(17, 29), oversample=3)
        assert rasterize_diffvg(scene).shape == (17, 29, 3)
        assert {(r.width, r.height, r.samples) for r in played.renderings} == {(29, 17, (6, 6))}

    def test_the_same_scene_has_the_same_seed(self, played: Played) -> None:
        for _ in range(2):
            rasterize_diffvg(SCENES["transparent"])
        assert len({rendering.seed for rendering in played.renderings}) == 1

    def test_diffvg_is_given_half_widths(self, played: Played) -> None:
        rasterize_diffvg(SCENES["opaque"])
        given = torch.stack([path.stroke_width for path in played.renderings[0].paths])
        assert torch.equal(2 * given[1:], SCENES["opaque"].stroke_width)

    def test_without_strokes_there_is_the_paper(self, played: Played) -> None:
        scene = replace(scene_of([], 1.0, size=(5, 9)), background=torch.rand(3))
        image, gradients = differentiate(scene, rasterize_diffvg, torch.ones(5, 9, 3))
        torch.testing.assert_close(image, scene.background.expand(5, 9, 3))
        torch.testing.assert_close(gradients.background, torch.full((3,), 45.0))

    def test_cubics_without_a_third_degree_are_bent_by_nothing_to_be_seen(self, played: Played) -> None:
        scene = scene_of([EVEN, PARABOLA, [(20.0, 20.0)] * 4], 1.7, size=(24, 24))
        image, gradients = differentiate(scene, rasterize_diffvg)
        expected_image, expected = differentiate(scene, rasterize_reference)
        torch.testing.assert_close(image, expected_image, atol=1e-3, rtol=0)
        assert relative(gradients.points[:8], expected.points[:8]) < 1e-2

    def test_cubics_with_a_third_degree_stay(self, played: Played) -> None:
        scene = scene_of([[*PARABOLA[:3], (21.0, 3.01)]], 1.7)
        rasterize_diffvg(scene)
        assert torch.equal(played.renderings[0].paths[1].points, scene.points)

    def test_points_may_lie_in_memory_in_any_way(self, played: Played) -> None:
        scene = SCENES["mixed"]
        scattered = replace(scene, points=scene.points.t().contiguous().t())
        assert not scattered.points.is_contiguous()
        assert torch.equal(rasterize_diffvg(scattered), rasterize_diffvg(scene))

    @pytest.mark.parametrize(("device", "use_gpu"), [(CUDA, True), (CPU, False), (CPU, True)])
    @pytest.mark.parametrize("broken", [False, True])
    def test_diffvgs_global_device_is_left_as_it_was(
        self, played: Played, device: torch.device, use_gpu: bool, broken: bool
    ) -> None:
        played.device, played.use_gpu, played.broken = device, use_gpu, broken
        if broken:
            with pytest.raises(RuntimeError, match="not compiled"):
                rasterize_diffvg(SCENES["opaque"])
        else:
            rasterize_diffvg(SCENES["opaque"])
        assert all(rendering.device == CPU for rendering in played.renderings)
        assert (played.device, played.use_gpu) == (device, use_gpu)

    def test_many_strokes_side_by_side_are_drawn(self, played: Played) -> None:
        curves = [line((x + 0.1, y), (x + 0.9, y)) for x in range(-4, 26) for y in range(0, 20, 2)]
        scene = scene_of(curves, 0.5, size=(20, 20))
        torch.testing.assert_close(rasterize_diffvg(scene), rasterize_reference(scene), atol=1e-3, rtol=0)


class TestErrors:
    SCENE = scene_of([line((1, 1), (9, 9)), line((1, 9), (9, 1))], 1.0)

    def test_without_pydiffvg_it_is_said_where_to_get_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pydiffvg", None)
        with pytest.raises(
            InputError, match=r"pydiffvg can't be imported .*github.com/BachiLi/diffvg, or use .*'auto'"
        ):
            rasterize_diffvg(self.SCENE)

    def test_a_pydiffvg_that_lacks_something_is_quoted(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "pydiffvg.py").write_text("import module_that_is_not_there\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "pydiffvg", raising=False)
        with pytest.raises(InputError, match="No module named 'module_that_is_not_there'"):
            rasterize_diffvg(self.SCENE)

    def test_double_precision(self, played: Played) -> None:
        doubles = {name: getattr(self.SCENE, name).double() for name in Gradients._fields}
        with pytest.raises(ValueError, match=r"takes float32, found torch.float64; use backend='reference'"):
            rasterize_diffvg(replace(self.SCENE, **doubles))

    def test_softness(self, played: Played) -> None:
        with pytest.raises(ValueError, match=r"softness is 0\.5; .* or use backend='auto'"):
            rasterize_diffvg(replace(self.SCENE, softness=0.5))

    def test_two_flux(self, played: Played) -> None:
        with pytest.raises(ValueError, match=r"two_flux: .* or use backend='auto'"):
            rasterize_diffvg(replace(self.SCENE, two_flux=True))

    def test_ink_that_only_gives_light_is_named_with_its_stroke(self, played: Played) -> None:
        transmittance, reflectance = self.SCENE.transmittance.clone(), self.SCENE.reflectance.clone()
        transmittance[1, 2], reflectance[1, 2] = 1, 0.5
        with pytest.raises(ValueError, match=r"stroke 1 .*, 0\.5\], transmittance .*, 1\.0\].* or use backend='auto'"):
            rasterize_diffvg(replace(self.SCENE, transmittance=transmittance, reflectance=reflectance))

    @pytest.mark.parametrize("strokes", [255, 256])
    def test_more_strokes_over_one_pixel_than_diffvg_survives(self, played: Played, strokes: int) -> None:
        pile = [line((1 + k % 3, 1 + k % 2), (5, 5)) for k in range(strokes)]
        scene = scene_of([*pile, line((12, 12), (15, 15))], 1.0)
        if strokes == 255:
            rasterize_diffvg(scene)
        else:
            with pytest.raises(InputError, match=r"up to 256 strokes .* takes 255; .* backend='auto'"):
                rasterize_diffvg(scene)


def load(path: Path, oversample: int) -> tuple[Scene, dict[str, Tensor]]:
    with np.load(path) as arrays:
        truth = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    side = int(truth["size"])
    reflectance, transmittance = opaque(truth["rgba"][:, :3], truth["rgba"][:, 3])
    scene = Scene(
        truth["points"],
        truth["num_points"].long(),
        2 * truth["half_width"],
        reflectance,
        transmittance,
        truth["background"],
        (side, side),
        oversample,
    )
    return scene, truth


@needs(DIFFVG, find_spec("pydiffvg") is not None)
class TestReal:
    """pydiffvg itself. Its samples are random, hence decibels; its gradients are far from true, hence cosines."""

    @pytest.mark.parametrize("path", PARITY, ids=lambda path: path.stem)
    def test_the_image_is_diffvgs(self, path: Path) -> None:
        scene, truth = load(path, oversample=4)
        assert decibels(rasterize_diffvg(scene), truth["diffvg_image"].float()) >= 40

    @pytest.mark.parametrize("path", PARITY, ids=lambda path: path.stem)
    def test_slopes_go_the_way_of_the_true_ones(self, path: Path) -> None:
        scene, truth = load(path, oversample=4)
        _, gradients = differentiate(scene, rasterize_diffvg, truth["weight"])
        first = torch.cumsum(scene.num_points, 0) - scene.num_points
        stroke, point, axis = truth["fd_index"].long().unbind(dim=1)
        found = gradients.points[first[stroke] + point, axis]
        assert float(torch.cosine_similarity(found, truth["fd_grad"], dim=0)) >= 0.7
        assert float(found.norm() / truth["fd_grad"].norm()) == pytest.approx(1, abs=0.4)
        _, expected = differentiate(scene, rasterize_cpu, truth["weight"])
        for name in ("reflectance", "transmittance", "background"):
            assert relative(getattr(gradients, name), getattr(expected, name)) <= 0.1

    @pytest.mark.parametrize("ink", ["opaque", "transparent"])
    def test_any_ink_is_drawn(self, ink: Ink) -> None:
        scene = random_scene(0, nib=(2, 5), ink=ink, oversample=4)
        expected_image, expected = differentiate(scene, rasterize_cpu, torch.ones(24, 36, 3))
        image, gradients = differentiate(scene, rasterize_diffvg, torch.ones(24, 36, 3))
        assert decibels(image, expected_image) >= 40
        for name in ("stroke_width", "reflectance", "transmittance", "background"):
            assert relative(getattr(gradients, name), getattr(expected, name)) <= 0.25

    def test_without_strokes_there_is_the_paper(self) -> None:
        scene = replace(scene_of([], 1.0, size=(5, 9)), background=torch.rand(3))
        image, gradients = differentiate(scene, rasterize_diffvg, torch.ones(5, 9, 3))
        torch.testing.assert_close(image, scene.background.expand(5, 9, 3))
        torch.testing.assert_close(gradients.background, torch.full((3,), 45.0))

    @pytest.mark.parametrize("curve", [EVEN, PARABOLA], ids=["line", "parabola"])
    def test_cubics_without_a_third_degree_are_drawn_whole(self, curve: list[tuple[float, float]]) -> None:
        scene = scene_of([curve], 1.7, size=(24, 24), oversample=4)
        assert decibels(rasterize_diffvg(scene), rasterize_cpu(scene)) >= 35

    def test_the_same_scene_is_the_same_image(self) -> None:
        scene = random_scene(0, nib=(0.4, 3))
        torch.testing.assert_close(rasterize_diffvg(scene), rasterize_diffvg(scene), atol=1e-6, rtol=0)
