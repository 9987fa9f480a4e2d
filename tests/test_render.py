"""The renderer: against truth from outside, backend against backend, and against what ink on paper must do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from variants import BACKENDS, VARIANTS, Gradients, Ink, Variant, differentiate, draw, line, random_scene, scene_of

from plotart.plugins import RENDERERS
from plotart.render import opaque, rasterize, transparent
from plotart.render.scene import Scene

PARITY = sorted((Path(__file__).parent / "data" / "diffvg_parity").glob("*.npz"))

every_variant = pytest.mark.parametrize("variant", VARIANTS, ids=str)
every_backend = pytest.mark.parametrize("backend", BACKENDS)
every_oversample = pytest.mark.parametrize("oversample", [1, 2, 3])


def relative(found: Tensor, expected: Tensor) -> float:
    """The norm of the difference over the norm of what is expected."""
    return float((found - expected).double().norm() / expected.double().norm().clamp_min(1e-9))


def all_finite(image: Tensor, gradients: Gradients) -> bool:
    return all(bool(torch.isfinite(values).all()) for values in (image, *gradients))


def ink_area(scene: Scene, backend: str) -> float:
    """px² of ink: the sum of the coverage of black strokes on white paper."""
    return float((1 - draw(scene, backend)[..., 0]).sum())


def double(scene: Scene) -> Scene:
    return replace(scene, **{name: getattr(scene, name).double() for name in Gradients._fields})


def test_every_backend_is_among_the_variants() -> None:
    assert set(BACKENDS) == set(RENDERERS.own) - {"cuda", "diffvg"}  # which have tests of their own


@pytest.mark.parametrize("path", PARITY, ids=lambda path: path.stem)
class TestParity:
    """Scenes rendered by diffvg, gradients by finite differences; see data/diffvg_parity/README.md."""

    @staticmethod
    def load(path: Path) -> tuple[dict[str, Tensor], tuple[int, int]]:
        with np.load(path) as arrays:
            tensors = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
        tensors["num_points"], tensors["fd_index"] = tensors["num_points"].long(), tensors["fd_index"].long()
        return tensors, (int(tensors["size"]), int(tensors["size"]))

    @staticmethod
    def render(truth: dict[str, Tensor], size: tuple[int, int], leaves: dict[str, Tensor]) -> Tensor:
        reflectance, transmittance = opaque(leaves["rgba"][:, :3], leaves["rgba"][:, 3])
        return rasterize(
            leaves["points"],
            truth["num_points"],
            2 * leaves["half_width"],
            reflectance,
            transmittance,
            size=size,
            background=truth["background"],
            backend="cpu",
        )

    def gradients(self, path: Path) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        truth, size = self.load(path)
        leaves = {name: truth[name].clone().requires_grad_() for name in ("points", "half_width", "rgba")}
        (self.render(truth, size, leaves) * truth["weight"]).sum().backward()
        return truth, {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}

    def test_the_image_is_diffvgs(self, path: Path) -> None:
        truth, size = self.load(path)
        error = (self.render(truth, size, truth) - truth["diffvg_image"].float()).square().mean()
        assert -10 * math.log10(float(error)) >= 50

    def test_the_slopes_of_the_points_are_those_of_a_fine_rendering(self, path: Path) -> None:
        truth, gradients = self.gradients(path)
        first = torch.cumsum(truth["num_points"], 0) - truth["num_points"]
        stroke, point, axis = truth["fd_index"].unbind(dim=1)
        found, expected = gradients["points"][first[stroke] + point, axis], truth["fd_grad"]
        assert float(torch.cosine_similarity(found, expected, dim=0)) >= 0.987
        assert float(found.norm() / expected.norm()) == pytest.approx(1, abs=0.07)

    def test_the_slopes_of_widths_and_colours_have_their_shapes_and_are_finite(self, path: Path) -> None:
        truth, gradients = self.gradients(path)
        for name in ("half_width", "rgba"):
            assert gradients[name].shape == truth[name].shape
            assert torch.isfinite(gradients[name]).all()
            assert gradients[name].abs().max() > 0


class TestTwins:
    """The same random numbers sent back through two backends.

    Seen were 1.4e-4 at single pixels and 7e-4 in the gradients: the cpu backend moves paths by 2e-5 off their axes, and
    of two pieces that are equally near, backends may choose different ones.
    """

    SCENES: ClassVar[dict[str, dict[str, Any]]] = {
        "thin": {"nib": (0.2, 0.9), "strokes": 12},
        "medium": {"nib": (0.9, 2.5)},
        "wide": {"nib": (3, 9), "ink": "opaque"},
        "filters": {"nib": (1, 6), "ink": "transparent"},
        "off canvas": {"nib": (0.3, 6), "strokes": 16, "outside": 0.6},
        "tiny": {"nib": (0.3, 4), "strokes": 16, "step": 0.4},
        "long": {"nib": (0.3, 3), "strokes": 3, "segments": 6, "step": 9},
    }

    @pytest.mark.parametrize("seed", range(2))
    @pytest.mark.parametrize("oversample", [1, 2])
    @pytest.mark.parametrize("name", SCENES)
    def test_images_and_slopes_agree(self, name: str, oversample: int, seed: int) -> None:
        scene = random_scene(seed, oversample=oversample, **self.SCENES[name])
        expected_image, expected = differentiate(scene, "reference")
        image, gradients = differentiate(scene, "cpu")
        difference = (image - expected_image).abs()
        assert float((difference < 1e-4).float().mean()) >= 0.999
        assert float(difference.max()) < 1e-3
        for found, wanted in zip(gradients, expected, strict=True):
            assert relative(found, wanted) <= 3e-3

    @every_oversample
    @pytest.mark.parametrize("seed", range(2))
    def test_straight_strokes_of_broad_nibs_agree_to_rounding(self, seed: int, oversample: int) -> None:
        scene = random_scene(seed, nib=(2.6, 6), segments=1, oversample=oversample)
        ends = scene.points.reshape(-1, 4, 2)[:, [0, 0, 3, 3]]
        scene = replace(scene, points=ends.lerp(ends[:, [3, 3, 0, 0]], torch.tensor([0, 1 / 3, 1 / 3, 0])[:, None]))
        scene = replace(scene, points=scene.points.reshape(-1, 2))
        expected_image, expected = differentiate(scene, "reference")
        image, gradients = differentiate(scene, "cpu")
        assert float((image - expected_image).abs().max()) < 1e-4
        assert all(relative(*pair) < 1e-3 for pair in zip(gradients, expected, strict=True))

    @every_oversample
    def test_the_cpu_agrees_with_double_precision(self, oversample: int) -> None:
        scene = random_scene(4, nib=(1.5, 5), strokes=6, oversample=oversample)
        image, gradients = differentiate(scene, "cpu")
        expected_image, expected = differentiate(double(scene), "reference")
        assert ((image - expected_image).abs() < 1e-4).float().mean() >= 0.999
        assert all(relative(*pair) <= 3e-3 for pair in zip(gradients, expected, strict=True))

    @every_variant
    def test_the_image_does_not_depend_on_whether_slopes_are_wanted(self, variant: Variant) -> None:
        scene = random_scene(0, nib=(variant.nib, variant.nib), oversample=variant.oversample)
        assert torch.equal(draw(scene, variant.backend), differentiate(scene, variant.backend)[0])

    def test_slopes_do_not_depend_on_how_the_upstream_lies_in_memory(self) -> None:
        scene = random_scene(0, nib=(1, 3))
        upstream = torch.randn(3, *scene.size, generator=torch.Generator().manual_seed(1)).permute(1, 2, 0)
        for found, wanted in zip(
            differentiate(scene, "cpu", upstream)[1],
            differentiate(scene, "cpu", upstream.contiguous())[1],
            strict=True,
        ):
            assert torch.equal(found, wanted)


class TestGradients:
    BENT: ClassVar = [(1.13, 2.21), (2.9, 0.7), (4.3, 6.1), (6.37, 4.83)]
    LONG: ClassVar = [(5.21, 1.17), (4.4, 2.6), (2.7, 4.9), (1.61, 6.71), (0.9, 7.8), (3.3, 7.1), (5.83, 6.29)]
    WEIGHTS: ClassVar = torch.randn(8, 8, 3, generator=torch.Generator().manual_seed(0))

    @pytest.mark.parametrize("two_flux", [False, True])
    @pytest.mark.parametrize("nib", [0.9, 2.2, 4.0])
    def test_the_reference_has_the_slopes_of_its_image_by_widths_and_inks(self, nib: float, two_flux: bool) -> None:
        scene = scene_of([self.BENT, self.LONG], nib, size=(8, 8), oversample=2)
        scene = replace(scene, reflectance=torch.rand(2, 3) / 2, transmittance=torch.rand(2, 3) / 2, two_flux=two_flux)
        scene = double(replace(scene, background=torch.rand(3)))
        names = [name for name in Gradients._fields if name != "points"]
        leaves = [getattr(scene, name).clone().requires_grad_() for name in names]

        def image(*tensors: Tensor) -> Tensor:
            return draw(replace(scene, **dict(zip(names, tensors, strict=True))), "reference")

        assert torch.autograd.gradcheck(image, leaves, eps=1e-7, atol=1e-4)

    @staticmethod
    @cache
    def slopes_of_a_finer_image(nib: float) -> Tensor:
        """Of `bent_and_long`, by the weights of its test, along each coordinate."""
        scene, step = double(replace(TestGradients.bent_and_long(nib), oversample=8)), 1e-2
        found = torch.zeros(scene.points.numel(), dtype=torch.float64)
        for k in range(len(found)):
            shift = torch.zeros_like(found)
            shift[k] = step
            ahead, behind = (
                draw(replace(scene, points=scene.points + sign * shift.reshape(-1, 2)), "reference") for sign in (1, -1)
            )
            found[k] = ((ahead - behind) * TestGradients.WEIGHTS).sum() / (2 * step)
        return found

    @staticmethod
    def bent_and_long(nib: float) -> Scene:
        curves = [TestGradients.BENT, TestGradients.LONG]
        return replace(scene_of(curves, nib, size=(8, 8), oversample=6), two_flux=False)

    @every_backend
    @pytest.mark.parametrize("nib", [0.5, 0.9, 2.2, 4.0])
    def test_slopes_of_points_are_those_of_a_finer_image(self, nib: float, backend: str) -> None:
        """They are the ink's, not those of the formula for its cells: the finer the cells, the closer the two."""
        found = differentiate(self.bent_and_long(nib), backend, self.WEIGHTS)[1].points.double().reshape(-1)
        expected = self.slopes_of_a_finer_image(nib)
        assert float(torch.cosine_similarity(found, expected, dim=0)) > 0.99
        assert float(found.norm() / expected.norm()) == pytest.approx(1, abs=0.05)

    @every_variant
    @pytest.mark.parametrize("ink", ["opaque", "mixed"])
    def test_slopes_of_colours_add_up_to_the_image(self, variant: Variant, ink: Ink) -> None:
        """The image is linear in reflectances and paper together, so that gradients times values give it back."""
        scene = random_scene(1, nib=(variant.nib, variant.nib), ink=ink, oversample=variant.oversample)
        upstream = torch.rand(*scene.size, 3, generator=torch.Generator().manual_seed(2))
        image, gradients = differentiate(scene, variant.backend, upstream)
        given_back = (gradients.reflectance * scene.reflectance).sum() + (gradients.background * scene.background).sum()
        assert float(given_back) == pytest.approx(float((image * upstream).sum()), rel=1e-5)

    @every_variant
    def test_a_broader_nib_has_more_ink(self, variant: Variant) -> None:
        scene = scene_of([line((3, 4), (12, 9))], variant.nib, oversample=variant.oversample)
        _, gradients = differentiate(scene, variant.backend, -torch.ones(16, 16, 3) / 3)
        assert float(gradients.stroke_width) == pytest.approx(math.hypot(9, 5) + math.pi * variant.nib / 2, rel=0.05)


@pytest.fixture
def any_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("any_threads")
@pytest.mark.parametrize("seed", range(3))
def test_the_number_of_threads_changes_no_byte(seed: int) -> None:
    scene = random_scene(seed, nib=(0.3, 5), strokes=60, size=(100, 70), oversample=2, step=9)
    found = []
    for threads in (1, 2, 2, 5):
        torch.set_num_threads(threads)
        image, gradients = differentiate(scene, "cpu")
        found.append([values.numpy().tobytes() for values in (image, *gradients)])
    assert all(each == found[0] for each in found)


class TestPixels:
    @every_backend
    def test_x_goes_right_and_y_goes_down_in_unit_squares(self, backend: str) -> None:
        image = draw(scene_of([line((-9, 2.5), (99, 2.5))], 1.0, size=(6, 9)), backend)
        assert image.shape == (6, 9, 3)
        assert image[2].abs().max() < 5e-3
        torch.testing.assert_close(image[[0, 1, 3, 4, 5]], torch.ones(5, 9, 3), atol=1e-3, rtol=0)

    @every_backend
    def test_a_pixel_is_the_mean_of_its_square(self, backend: str) -> None:
        image = draw(scene_of([line((2.25, -9), (2.25, 99))], 1.0, size=(4, 6)), backend)
        assert image[0, :, 0].tolist() == pytest.approx([1, 0.75, 0.25, 1, 1, 1], abs=2e-3)

    @every_variant
    def test_without_strokes_there_is_the_paper(self, variant: Variant) -> None:
        scene = replace(scene_of([], variant.nib, oversample=variant.oversample), background=torch.rand(3))
        image, gradients = differentiate(scene, variant.backend, torch.ones(16, 16, 3))
        torch.testing.assert_close(image, scene.background.expand(16, 16, 3))
        torch.testing.assert_close(gradients.background, torch.full((3,), 256.0))
        assert gradients.points.shape == (0, 2)

    @every_variant
    def test_one_pixel(self, variant: Variant) -> None:
        scene = replace(random_scene(0, nib=(variant.nib, variant.nib), size=(1, 1)), oversample=variant.oversample)
        image, gradients = differentiate(scene, variant.backend)
        assert image.shape == (1, 1, 3)
        assert all_finite(image, gradients)

    @every_backend
    def test_a_tall_image_is_the_wide_one_on_its_side(self, backend: str) -> None:
        scene = random_scene(2, nib=(0.4, 4), size=(17, 40), oversample=4)
        turned = replace(scene, points=scene.points.flip(1), size=(40, 17))
        torch.testing.assert_close(draw(turned, backend), draw(scene, backend).transpose(0, 1), atol=2e-2, rtol=0)

    @every_variant
    def test_a_shift_by_whole_pixels_shifts_the_image_and_keeps_the_gradients(self, variant: Variant) -> None:
        scene = random_scene(
            3, nib=(variant.nib, variant.nib), strokes=3, step=2, size=(12, 20), oversample=variant.oversample
        )
        scene = replace(scene, points=scene.points + 14, size=(40, 48))
        moved = replace(scene, points=scene.points + torch.tensor([5.0, -3.0]))
        upstream = torch.randn(40, 48, 3, generator=torch.Generator().manual_seed(1))
        image, gradients = differentiate(scene, variant.backend, upstream)
        moved_image, moved_gradients = differentiate(moved, variant.backend, upstream.roll((-3, 5), (0, 1)))
        torch.testing.assert_close(moved_image.roll((3, -5), (0, 1)), image, atol=1e-4, rtol=0)
        assert all(relative(*pair) < 1e-3 for pair in zip(moved_gradients, gradients, strict=True))


class TestInk:
    @every_variant
    def test_the_order_of_transparent_strokes_is_nothing(self, variant: Variant) -> None:
        nibs = (variant.nib, 2 * variant.nib)
        scene = random_scene(5, nib=nibs, ink="transparent", oversample=variant.oversample)
        order = torch.randperm(8, generator=torch.Generator().manual_seed(0))
        permuted = replace(
            scene,
            points=scene.points.reshape(8, -1, 2)[order].reshape(-1, 2),
            stroke_width=scene.stroke_width[order],
            transmittance=scene.transmittance[order],
        )
        image, gradients = differentiate(scene, variant.backend)
        other, other_gradients = differentiate(permuted, variant.backend)
        torch.testing.assert_close(other, image, atol=1e-6, rtol=0)
        torch.testing.assert_close(other_gradients.stroke_width, gradients.stroke_width[order], atol=1e-3, rtol=1e-3)

    @every_backend
    def test_the_last_of_opaque_strokes_is_on_top(self, backend: str) -> None:
        scene = scene_of([line((8, 0), (8, 16)), line((0, 8), (16, 8))], 6.0)
        colors = torch.tensor([[1.0, 0, 0], [0, 0, 1.0]])
        assert draw(replace(scene, reflectance=colors), backend)[8, 8].tolist() == [0, 0, 1]
        assert draw(replace(scene, reflectance=colors.flip(0)), backend)[8, 8].tolist() == [1, 0, 0]

    @every_variant
    def test_a_broad_opaque_stroke_has_its_own_colour_in_the_middle(self, variant: Variant) -> None:
        color = (0.3, 0.7, 0.1)
        scene = scene_of([line((2, 8), (14, 8))], 8.0, oversample=variant.oversample, color=color)
        torch.testing.assert_close(draw(scene, variant.backend)[8, 8], torch.tensor(color), atol=2e-7, rtol=0)

    @every_backend
    def test_transparent_ink_multiplies_and_translucent_paint_mixes(self, backend: str) -> None:
        dye, paint, paper = torch.tensor([[0.5, 0.9, 0.2]]), torch.tensor([[0.8, 0.1, 0.4]]), torch.tensor([0.6] * 3)
        scene = replace(scene_of([line((2, 8), (14, 8))], 8.0), background=paper)
        for (reflectance, transmittance), expected in (
            (transparent(dye), dye[0] * paper),
            (opaque(paint, 0.25), 0.25 * paint[0] + 0.75 * paper),
            (opaque(paint, torch.tensor([0.25])), 0.25 * paint[0] + 0.75 * paper),
        ):
            image = draw(replace(scene, reflectance=reflectance, transmittance=transmittance), backend)
            torch.testing.assert_close(image[8, 8], expected)

    @every_backend
    @every_oversample
    @pytest.mark.parametrize("nib", [0.1, 0.2, 0.35, 0.7, 1.1, 1.5])
    def test_thin_lines_have_the_ink_of_their_area(self, nib: float, oversample: int, backend: str) -> None:
        length = 18.0
        for angle in np.arange(0.1, math.pi, 0.5):
            way = length / 2 * math.cos(angle), length / 2 * math.sin(angle)
            stroke = line((12.3 - way[0], 12.6 - way[1]), (12.3 + way[0], 12.6 + way[1]))
            scene = scene_of([stroke], nib, size=(25, 25), oversample=oversample)
            assert ink_area(scene, backend) == pytest.approx(
                length * nib + math.pi * nib**2 / 4, rel=0.035 if oversample == 1 else 0.012
            )

    @every_variant
    def test_a_ring_has_the_ink_of_its_area(self, variant: Variant) -> None:
        radius, k = 8.0, 0.5523
        corners = [(1, 0), (1, k), (k, 1), (0, 1), (-k, 1), (-1, k), (-1, 0)]
        corners += [(-x, -y) for x, y in corners[1:]]
        ring = [(12.3 + radius * x, 12.6 + radius * y) for x, y in corners]
        scene = scene_of([ring], variant.nib, size=(25, 25), oversample=variant.oversample)
        assert ink_area(scene, variant.backend) == pytest.approx(2 * math.pi * radius * variant.nib, rel=0.03)

    @every_backend
    @every_oversample
    @pytest.mark.parametrize("nib", [0.1, 0.35, 0.6])
    def test_an_end_pushes_ink_as_wide_as_its_nib(self, nib: float, oversample: int, backend: str) -> None:
        """The slope of the ink as a stroke's end goes on, wherever it lies among the cells."""
        for k in range(7):
            end = 19.3 + k / 7, 14.1 + k / 5
            scene = scene_of([line((5.2, 6.4), end)], nib, size=(25, 25), oversample=oversample)
            slopes = differentiate(scene, backend, -torch.ones(25, 25, 3) / 3)[1].points[2:].sum(dim=0)
            x, y = end[0] - 5.2, end[1] - 6.4
            along = (float(slopes[0]) * x + float(slopes[1]) * y) / math.hypot(x, y)
            assert along == pytest.approx(nib, rel=0.6 if oversample == 1 else 0.35)

    @every_backend
    @pytest.mark.parametrize(
        ("oversample", "nib", "each"),
        [(1, 2.0, 0.1), (1, 5.0, 0.03), (2, 0.7, 0.15), (2, 1.1, 0.08), (2, 2.0, 0.04), (3, 0.35, 0.2), (3, 1.1, 0.05)],
    )
    def test_a_dot_has_the_ink_of_a_disc(self, oversample: int, nib: float, each: float, backend: str) -> None:
        for x, y in ((8.0, 8.0), (8.5, 8.5), (8.2, 8.7)):
            scene = scene_of([[(x, y)] * 4], nib, oversample=oversample)
            assert ink_area(scene, backend) == pytest.approx(math.pi * nib**2 / 4, rel=each)

    @pytest.mark.parametrize("nib", [0.1, 0.2, 0.35])
    def test_dots_smaller_than_a_cell_have_their_ink_in_the_mean(self, nib: float) -> None:
        places = [(8 + x / 7, 8 + y / 7) for x in range(7) for y in range(7)]
        ink = [ink_area(scene_of([[place] * 4], nib, oversample=2), "cpu") for place in places]
        assert sum(ink) / len(ink) == pytest.approx(math.pi * nib**2 / 4, rel=0.1)

    @every_variant
    def test_a_nib_of_no_width_draws_nothing(self, variant: Variant) -> None:
        scene = scene_of([line((2, 3), (13, 9))], 0.0, oversample=variant.oversample)
        torch.testing.assert_close(draw(scene, variant.backend), torch.ones(16, 16, 3))

    @every_backend
    def test_two_flux_inks_are_lit_from_below_and_above(self, backend: str) -> None:
        reflectance, transmittance = torch.tensor([[0.3, 0.0, 0.2]]), torch.tensor([[0.4, 0.9, 0.0]])
        paper = torch.tensor([0.9, 0.8, 0.5])
        scene = replace(scene_of([line((2, 8), (14, 8))], 8.0), background=paper, two_flux=True)
        image = draw(replace(scene, reflectance=reflectance, transmittance=transmittance), backend)
        expected = reflectance[0] + transmittance[0] ** 2 * paper / (1 - reflectance[0] * paper)
        torch.testing.assert_close(image[8, 8], expected)

    @every_backend
    def test_two_flux_white_paint_on_white_paper_is_white(self, backend: str) -> None:
        scene = replace(scene_of([line((2, 8), (14, 8))], 8.0, color=(1.0, 1.0, 1.0)), two_flux=True)
        image, gradients = differentiate(scene, backend)
        torch.testing.assert_close(image, torch.ones(16, 16, 3))
        assert all_finite(image, gradients)

    def test_two_flux_slopes_between_white_layers(self) -> None:
        """Where no light would leave the space between two layers, both backends stop at the same least share."""
        scene = scene_of([line((2, 4), (14, 5)), line((2, 7), (14, 3))], 3.0, size=(9, 16), color=(1.0, 0.99995, 0.9))
        transmittance = torch.tensor([[0.0, 0.01, 0.02], [0.005, 0.0, 0.1]])
        scene = replace(scene, transmittance=transmittance, two_flux=True)
        expected = differentiate(scene, "reference")[1]
        gradients = differentiate(scene, "cpu")[1]
        assert all(relative(*pair) <= 3e-3 for pair in zip(gradients, expected, strict=True))

    @pytest.mark.parametrize("softness", [0.0, 2.0])
    def test_two_flux_twins_agree(self, softness: float) -> None:
        scene = random_scene(7, nib=(0.4, 5), oversample=2)
        scene = replace(scene, reflectance=scene.reflectance * 0.6, transmittance=scene.transmittance * 0.8)
        scene = replace(scene, two_flux=True, softness=softness)
        expected_image, expected = differentiate(scene, "reference")
        image, gradients = differentiate(scene, "cpu")
        assert float((image - expected_image).abs().max()) < 1e-3
        assert all(relative(*pair) <= 3e-3 for pair in zip(gradients, expected, strict=True))

    def test_in_between_inks_of_every_kind_mix_in_one_drawing(self) -> None:
        scene = random_scene(8, nib=(1, 5), strokes=12, oversample=2)
        random = torch.Generator().manual_seed(0)
        reflectance = 0.5 * torch.rand(12, 3, generator=random)
        scene = replace(
            scene, reflectance=reflectance, transmittance=torch.rand(12, 3, generator=random) * (1 - reflectance)
        )
        image, gradients = differentiate(scene, "cpu")
        expected_image, expected = differentiate(scene, "reference")
        assert float((image - expected_image).abs().max()) < 1e-3
        assert all(relative(*pair) <= 3e-3 for pair in zip(gradients, expected, strict=True))

    def test_ten_thousand_strokes_through_one_pixel(self) -> None:
        n = 10_000
        scene = scene_of([line((1, 4.5), (8, 4.5))] * n, 2.0, size=(9, 9))
        transmittance = torch.full((n, 3), 0.9999)
        scene = replace(scene, reflectance=torch.zeros(n, 3), transmittance=transmittance)
        image, gradients = differentiate(scene, "cpu", torch.ones(9, 9, 3))
        expected = 0.9999**n
        assert image[4, 4].tolist() == pytest.approx([expected] * 3, rel=1e-3)
        assert gradients.transmittance[:, 0].std() / gradients.transmittance[:, 0].mean() < 1e-3

    @every_backend
    @pytest.mark.parametrize("nib", [0.35, 1.1, 3.0])
    @pytest.mark.parametrize("softness", [1.0, 3.0, 6.0])
    def test_softness_keeps_the_ink(self, softness: float, nib: float, backend: str) -> None:
        for curve in (
            line((20, 25), (44, 39)),
            [(22.0, 40.0), (22.0, 20.0), (42.0, 20.0), (42.0, 40.0)],
            [(32.0, 32.0)] * 4,
        ):
            sharp, soft = (
                ink_area(replace(scene_of([curve], nib, size=(64, 64), oversample=2), softness=blur), backend)
                for blur in (0.0, softness)
            )
            assert soft == pytest.approx(sharp, rel=0.08)

    def test_softness_lets_strokes_feel_what_is_far(self) -> None:
        scene = scene_of([line((8, 10), (24, 10))], 1.0, size=(32, 32), oversample=2)
        upstream = torch.zeros(32, 32, 3)
        upstream[16] = 1.0  # darker six px below, please: the loss is brightness there
        for softness, moves in ((0.0, False), (7.0, True)):
            gradients = differentiate(replace(scene, softness=softness), "cpu", upstream)[1]
            assert bool((gradients.points[:, 1] < 0).all()) == moves


class TestOddStrokes:
    SHAPES: ClassVar[dict[str, list[tuple[float, float]]]] = {
        "no length": [(8.3, 7.9)] * 4,
        "no length, two cubics": [(8.3, 7.9)] * 7,
        "first points coincide": [(3.0, 4.0)] * 3 + [(12.0, 9.0)],
        "last points coincide": [(3.0, 4.0)] + [(12.0, 9.0)] * 3,
        "a cubic without length within": [(3.0, 4.0), (5.0, 5.0), (6.0, 9.0)] + [(8.0, 9.0)] * 4
        + [(9.0, 9.0), (12.0, 6.0), (13.0, 3.0)],
        "cusp": [(3.0, 12.0), (13.0, 3.0), (3.0, 3.0), (13.0, 12.0)],
        "loop": [(3.0, 12.0), (22.0, 2.0), (-6.0, 2.0), (13.0, 12.0)],
        "closed": [(8.0, 12.0), (20.0, 2.0), (-4.0, 2.0), (8.0, 12.0)],
        "there and back": [(3.0, 8.0), (18.0, 8.0), (18.0, 8.0), (3.0, 8.0)],
        "hairpin": [(3.0, 8.0), (12.0, 8.0), (12.0, 8.0), (12.0, 8.0), (12.0, 8.001), (3.0, 8.001), (3.0, 8.0)],
        "far away": [(1e6, 1e6), (1e6 + 5, 1e6), (1e6, 1e6 + 5), (1e6 + 9, 1e6)],
        "across": [(-1e6, 8.0), (-3e5, 8.0), (3e5, 8.0), (1e6, 8.0)],
        "in from afar": [(-1e6, -1e6), (1e6, 1e6), (-1e6, 1e6), (8.0, 8.0)],
    }  # fmt: skip

    @every_variant
    @pytest.mark.parametrize("shape", SHAPES)
    def test_image_and_slopes_are_finite(self, shape: str, variant: Variant) -> None:
        for nib in (0.0, variant.nib, 16.0):
            scene = scene_of([self.SHAPES[shape]], nib, oversample=variant.oversample)
            image, gradients = differentiate(scene, variant.backend)
            assert all_finite(image, gradients)
            assert -1e-6 < float(image.min()) <= float(image.max()) < 1 + 1e-6

    @every_variant
    @pytest.mark.parametrize("at", [(0, 0), (1, 1), (0, 1), (0.05, 0.1), (0.1, 0.9), (0.9, 0.95)], ids=str)
    def test_a_straight_cubic_of_uneven_speed_is_the_line(self, at: tuple[float, float], variant: Variant) -> None:
        for angle in np.arange(0.1, 2 * math.pi, 1.5):
            start, end = (8.0, 8.0), (8 + 6 * math.cos(angle), 8 + 6 * math.sin(angle))
            even = scene_of([line(start, end)], variant.nib, oversample=variant.oversample)
            uneven = scene_of([line(start, end, at)], variant.nib, oversample=variant.oversample)
            error = (draw(uneven, variant.backend) - draw(even, variant.backend)).abs().max()
            assert float(error) < 2e-3

    @every_variant
    def test_a_line_through_the_canvas_does_not_care_how_far_it_goes(self, variant: Variant) -> None:
        near, far = (
            draw(scene_of([line((-x, 8.2), (x, 8.2))], variant.nib, oversample=variant.oversample), variant.backend)
            for x in (1e2, 1e4)
        )
        torch.testing.assert_close(far, near, atol=1e-3, rtol=0)

    @every_variant
    def test_a_nib_as_wide_as_the_canvas_fills_it(self, variant: Variant) -> None:
        scene = scene_of([line((4, 8), (12, 8))], 32.0, oversample=variant.oversample, color=(0.2, 0.4, 0.6))
        torch.testing.assert_close(draw(scene, variant.backend), torch.tensor([0.2, 0.4, 0.6]).expand(16, 16, 3))

    @every_backend
    def test_strokes_off_the_canvas_have_slopes_of_zero(self, backend: str) -> None:
        scene = scene_of([line((100, 100), (120, 90)), line((-50, 4), (-40, 4))], 3.0)
        points = scene.points.clone().requires_grad_()
        draw(replace(scene, points=points), backend).sum().backward()
        assert points.grad is not None
        assert not points.grad.any()


COORDINATES = st.one_of(
    st.floats(-10, 40, width=32),
    st.integers(0, 24).map(float),
    st.sampled_from([-1e6, 1e6, 8.0, 8.5]),
    st.floats(-1e6, 1e6, width=32),
)
POINTS = st.tuples(COORDINATES, COORDINATES)
CURVES = st.integers(1, 3).flatmap(
    lambda segments: st.one_of(
        st.lists(POINTS, min_size=3 * segments + 1, max_size=3 * segments + 1),
        POINTS.map(lambda point: [point] * (3 * segments + 1)),
    )
)
NIBS = st.one_of(st.sampled_from([0.0, 1e-4, 24.0, 1e6]), st.floats(0, 30, width=32))


@settings(max_examples=150, deadline=None)
@given(
    strokes=st.lists(st.tuples(CURVES, NIBS), max_size=5),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    oversample=st.integers(1, 5),
    softness=st.sampled_from([0.0, 0.0, 0.5, 20.0]),
)
def test_whatever_is_drawn_image_and_slopes_are_finite(
    strokes: list[tuple[list[tuple[float, float]], float]], size: tuple[int, int], oversample: int, softness: float
) -> None:
    scene = scene_of([curve for curve, _ in strokes], 1.0, size=size, oversample=oversample, color=(0.2, 0.5, 0.9))
    scene = replace(scene, stroke_width=torch.tensor([nib for _, nib in strokes]).reshape(-1), softness=softness)
    image, gradients = differentiate(scene, "cpu")
    assert all_finite(image, gradients)
    assert 0.2 - 1e-5 <= float(image.min()) <= float(image.max()) <= 1 + 1e-5


class TestErrors:
    SCENE = scene_of([line((1, 1), (9, 9)), line((1, 9), (9, 1))], 1.0)

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    @pytest.mark.parametrize("name", ["points", "stroke_width", "reflectance", "transmittance"])
    def test_what_is_not_finite_is_named_with_its_stroke(self, name: str, value: float) -> None:
        values = getattr(self.SCENE, name).clone()
        values[-1] = value
        with pytest.raises(ValueError, match=f"{name} is not finite at stroke 1"):
            draw(replace(self.SCENE, **{name: values}), "cpu")

    @pytest.mark.parametrize(("row", "stroke"), [(0, 0), (3, 0), (4, 1), (7, 1)])
    def test_first_and_last_points_belong_to_their_own_stroke(self, row: int, stroke: int) -> None:
        points = self.SCENE.points.clone()
        points[row, 1] = math.nan
        with pytest.raises(ValueError, match=f"points is not finite at stroke {stroke}"):
            draw(replace(self.SCENE, points=points), "cpu")

    def test_paper_that_is_not_finite_is_named_with_its_channel(self) -> None:
        with pytest.raises(ValueError, match="background is not finite at channel 2"):
            draw(replace(self.SCENE, background=torch.tensor([1.0, 1.0, math.nan])), "cpu")

    def test_a_negative_width_is_named_with_its_stroke(self) -> None:
        with pytest.raises(ValueError, match=r"stroke 1 is negative: -0\.5"):
            draw(replace(self.SCENE, stroke_width=torch.tensor([1.0, -0.5])), "cpu")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("points", torch.zeros(7, 2)),
            ("points", torch.zeros(8, 3)),
            ("stroke_width", torch.ones(3)),
            ("stroke_width", torch.ones(2, 1)),
            ("reflectance", torch.zeros(2)),
            ("transmittance", torch.zeros(3, 2)),
            ("background", torch.ones(4)),
        ],
    )
    def test_shapes_that_disagree(self, name: str, value: Tensor) -> None:
        with pytest.raises(ValueError, match=f"{name} has the shape"):
            draw(replace(self.SCENE, **{name: value}), "cpu")

    @pytest.mark.parametrize("counts", [[3, 5], [1, 7], [2, 6]])
    def test_strokes_are_whole_cubics(self, counts: list[int]) -> None:
        with pytest.raises(ValueError, match=r"3 s \+ 1"):
            draw(replace(self.SCENE, num_points=torch.tensor(counts)), "cpu")

    @pytest.mark.parametrize("change", [{"size": (0, 4)}, {"size": (4, -1)}, {"oversample": 0}], ids=str)
    def test_an_image_has_pixels(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            draw(replace(self.SCENE, **change), "cpu")

    def test_an_unknown_backend_is_answered_with_those_there_are(self) -> None:
        with pytest.raises(ValueError, match="'gpu'; allowed are auto, cpu"):
            draw(self.SCENE, "gpu")

    def test_the_cpu_backend_takes_single_precision(self) -> None:
        with pytest.raises(ValueError, match="float64"):
            draw(double(self.SCENE), "cpu")

    def test_auto_takes_the_backend_that_can(self) -> None:
        assert torch.equal(draw(self.SCENE, "auto"), draw(self.SCENE, "cpu"))
        assert torch.equal(draw(double(self.SCENE), "auto"), draw(double(self.SCENE), "reference"))
