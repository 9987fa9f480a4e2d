"""Nearest colours against brute force; soft, straight-through and noisy choices, and their gradients."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import skimage.data
import torch
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.spatial import KDTree
from torch import Tensor
from typer.testing import CliRunner

from plotart.cli import quantize as quantize_cli
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import METRICS, Metric
from plotart.errors import ColorError, ImageError, OutputError, PenError
from plotart.quantize import nearest as nearest_module
from plotart.quantize.assignment import Mode
from plotart.quantize.distance import coordinates
from plotart.quantize.dither import DITHERS
from plotart.quantize.nearest import nearest
from plotart.quantize.quantization import MODES, quantize

GRADIENTS: tuple[Mode, ...] = ("soft", "ste", "gumbel")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def colors(count: int, seed: int = 1, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(count, 3, generator=generator(seed), dtype=dtype)


def picture(high: int = 12, wide: int = 17, seed: int = 2, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(3, high, wide, generator=generator(seed), dtype=dtype)


def photograph() -> Tensor:
    """[3, 128, 128] bytes."""
    return torch.from_numpy(skimage.data.astronaut()[::4, ::4].copy()).permute(2, 0, 1)


def distances(image: Tensor, palette: Tensor, metric: Metric) -> Tensor:
    """[K, H, W] squared, in float64, by broadcasting: the brute force that all else is compared with."""
    values = image.double() / 255 if image.dtype == torch.uint8 else image.double()
    pixels = coordinates(values.permute(1, 2, 0), metric)
    return ((pixels[None] - coordinates(palette.double(), metric)[:, None, None]) ** 2).sum(dim=-1)


def excess(index: Tensor, table: Tensor) -> float:
    """By how much the squared distance of what was chosen is above the least, at most."""
    return float((table.gather(0, index[None].long())[0] - table.amin(dim=0)).max())


class TestNearest:
    @pytest.mark.parametrize("count", [1, 2, 5, 16, 256, 300])
    @pytest.mark.parametrize("metric", METRICS)
    def test_it_is_that_of_brute_force(self, metric: Metric, count: int) -> None:
        palette = colors(count)
        for image in (photograph(), photograph().float() / 255, picture(), picture().double()):
            assert excess(nearest(image, palette, metric=metric), distances(image, palette, metric)) < 2e-6

    def test_it_is_that_of_a_kd_tree(self) -> None:
        palette = colors(40, dtype=torch.float64)
        found = KDTree(palette.numpy()).query(picture().double().reshape(3, -1).T.numpy())[1]
        assert nearest(picture(), palette, metric="rgb").reshape(-1).tolist() == found.tolist()

    @pytest.mark.parametrize("count", [3, 200])
    @pytest.mark.parametrize("metric", METRICS)
    def test_a_table_of_cells_says_the_same(self, metric: Metric, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = nearest(photograph(), colors(count), metric=metric)
        monkeypatch.setattr(nearest_module, "BY_CELL", 1)
        assert torch.equal(nearest(photograph(), colors(count), metric=metric), plain)

    @pytest.mark.parametrize("count", [1, 2, 16, 255, 256, 300])
    def test_a_table_of_cells_holds_every_label(self, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """The largest label decides how many bits it has; labels of one's own may be larger than their number."""
        monkeypatch.setattr(nearest_module, "BY_CELL", 1)
        palette = (colors(count) * 255).round() / 255
        own = (palette * 255).byte().T[:, None]
        for image in (photograph(), own.repeat(1, 2, 1)):
            assert excess(nearest(image, palette, metric="rgb"), distances(image, palette, "rgb")) < 2e-6
        for largest in (253, 254, 255, 256, 40_000):
            labels = torch.arange(count) if count > largest else largest - torch.arange(count)
            plain = nearest(photograph(), palette)
            assert torch.equal(nearest(photograph(), palette, labels=labels).long(), labels[plain.long()])

    @pytest.mark.parametrize("metric", METRICS)
    def test_a_table_of_cells_is_right_at_borders_of_cells(
        self, metric: Metric, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Colours at both sides of them, a byte apart, so that cells of one colour lie beside cells of many."""
        monkeypatch.setattr(nearest_module, "BY_CELL", 1)
        levels = torch.tensor([0, 7, 8, 127, 128, 247, 248, 255])
        palette = torch.cartesian_prod(levels, levels, levels)[::5].float() / 255
        image = torch.cartesian_prod(*[torch.arange(3, 256, 4, dtype=torch.uint8)] * 3).T[:, None, ::3]
        assert excess(nearest(image, palette, metric=metric), distances(image, palette, metric)) < 2e-6

    @pytest.mark.parametrize("metric", METRICS)
    def test_a_bias_holds_in_a_table_of_cells(self, metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
        palette, bias = colors(9), torch.linspace(0, 0.2, 9)
        monkeypatch.setattr(nearest_module, "BY_CELL", 1)
        table = distances(photograph(), palette, metric) + bias[:, None, None]
        assert excess(nearest(photograph(), palette, metric=metric, bias=bias), table) < 2e-6

    def test_colours_from_all_cells_are_right(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every 13th colour of bytes, against SciPy's search."""
        monkeypatch.setattr(nearest_module, "BY_CELL", 1)
        steps = torch.arange(256, dtype=torch.uint8)
        image = torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij")).reshape(3, -1)[:, ::13]
        palette = colors(16, seed=4)
        for metric in METRICS:
            index = nearest(image[:, None], palette, metric=metric)[0].long()
            points, places = coordinates(image.T.float() / 255, metric), coordinates(palette, metric)
            chosen = (points - places[index]).norm(dim=1)
            least = torch.from_numpy(KDTree(places.numpy()).query(points.numpy(), workers=2)[0])
            assert float((chosen - least).max()) < 2e-6

    def test_threads_change_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = nearest(photograph(), colors(9))
        monkeypatch.setattr(nearest_module, "WORTH_A_THREAD", 1000)
        monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
        assert torch.equal(nearest(photograph(), colors(9)), plain)

    def test_channels_may_lie_together_or_apart(self) -> None:
        together = photograph()
        assert not together.is_contiguous()
        for image in (together.contiguous(), together[:, ::2, ::3], together.float() / 255):
            expected = nearest(image.clone(memory_format=torch.contiguous_format), colors(7))
            assert torch.equal(nearest(image, colors(7)), expected)

    @pytest.mark.parametrize("metric", METRICS)
    def test_every_byte_of_grey_and_the_corners_are_right(self, metric: Metric) -> None:
        """Near black, where cube roots are steep, and at the ends of the table of bytes."""
        grey = torch.arange(256, dtype=torch.uint8).expand(3, 256)
        corners = torch.cartesian_prod(*[torch.tensor([0, 1, 254, 255], dtype=torch.uint8)] * 3).T
        image = torch.cat([grey, corners], dim=1)[:, None]
        palette = torch.cat([colors(30), image[:, 0, ::9].T.float() / 255])
        assert excess(nearest(image, palette, metric=metric), distances(image, palette, metric)) < 1e-6

    @pytest.mark.parametrize("metric", METRICS)
    def test_colours_of_the_palette_stay_what_they_are(self, metric: Metric) -> None:
        """Also where two are hardly different."""
        palette = torch.cat([colors(50), colors(50) * 0.999, colors(50) * 0.01])
        assert nearest(palette.T[:, None], palette, metric=metric)[0].tolist() == list(range(150))

    def test_of_equals_the_first_is_taken(self) -> None:
        palette = colors(6).repeat(3, 1)
        assert nearest(picture(), palette).max() < 6
        white_and_black = torch.tensor([[1.0, 1, 1], [0, 0, 0]])
        assert nearest(torch.full((3, 1, 1), 0.5), white_and_black, metric="rgb").item() == 0

    def test_a_bias_makes_colours_dear(self) -> None:
        palette, bias = colors(8), torch.linspace(0, 0.5, 8)
        for image in (picture(), photograph(), picture().double()):
            table = distances(image, palette, "lab") + bias[:, None, None]
            assert excess(nearest(image, palette, metric="lab", bias=bias), table) < 2e-6

    @given(st.integers(1, 40), st.integers(1, 700), st.sampled_from(METRICS), st.integers(0, 10**6))
    @settings(max_examples=40, deadline=None)
    def test_any_numbers_of_colours_and_pixels_will_do(
        self, count: int, pixels: int, metric: Metric, seed: int
    ) -> None:
        palette, image = colors(count, seed), picture(1, pixels, seed + 1)
        assert excess(nearest(image, palette, metric=metric), distances(image, palette, metric)) < 2e-6


class TestHard:
    @pytest.mark.parametrize("mode", ["hard", "ste", "gumbel"])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_colours_are_those_of_the_palette_bit_for_bit(self, mode: Mode, dtype: torch.dtype) -> None:
        palette = colors(7, dtype=dtype)
        found = quantize(picture(dtype=dtype), palette, mode=mode, random=generator())
        assert torch.equal(found.image, palette[found.index].permute(2, 0, 1))
        assert found.image.dtype == dtype
        assert found.index.dtype == torch.int64

    def test_straight_through_is_hard(self) -> None:
        hard, straight = (quantize(picture(), colors(7), mode=mode) for mode in ("hard", "ste"))
        assert torch.equal(hard.index, straight.index)
        assert torch.equal(hard.image, straight.image)

    def test_usage_is_the_share_of_pixels(self) -> None:
        found = quantize(photograph(), colors(5))
        counts = torch.bincount(found.index.reshape(-1), minlength=5) / found.index.numel()
        torch.testing.assert_close(found.usage, counts)

    def test_bytes_are_what_their_floats_are(self) -> None:
        as_bytes, as_floats = quantize(photograph(), colors(9)), quantize(photograph().float() / 255, colors(9))
        assert torch.equal(as_bytes.image, as_floats.image)
        soft, same = (quantize(i, colors(9), mode="soft").image for i in (photograph(), photograph().float() / 255))
        torch.testing.assert_close(soft, same)

    def test_the_palette_gets_the_sums_over_its_pixels(self) -> None:
        palette = colors(5).requires_grad_()
        found = quantize(picture(), palette)
        slope = torch.randn(found.image.shape, generator=generator())
        (found.image * slope).sum().backward()
        expected = torch.zeros(5, 3).index_add_(0, found.index.reshape(-1), slope.reshape(3, -1).T)
        torch.testing.assert_close(palette.grad, expected)

    def test_weights_are_one_hot(self) -> None:
        found = quantize(picture(), colors(5), weights=True)
        assert found.weights is not None
        assert torch.equal(found.weights.argmax(dim=0), found.index)
        assert torch.equal(found.weights.sum(dim=0), torch.ones(12, 17))
        assert quantize(picture(), colors(5)).weights is None


class TestSoft:
    @pytest.mark.parametrize("metric", METRICS)
    def test_it_is_the_softmin_mixed_in_linear_light(self, metric: Metric) -> None:
        palette, image = colors(5, dtype=torch.float64), picture(dtype=torch.float64)
        bias = torch.linspace(0, 0.1, 5, dtype=torch.float64)
        found = quantize(image, palette, mode="soft", metric=metric, tau=0.05, bias=bias, weights=True)
        shares = torch.softmax(-(distances(image, palette, metric) + bias[:, None, None]) / 0.05, dim=0)
        assert found.weights is not None
        torch.testing.assert_close(found.weights, shares)
        torch.testing.assert_close(found.usage, shares.mean(dim=(1, 2)))
        mixed = linear_to_srgb(torch.einsum("khw,kc->chw", shares, srgb_to_linear(palette)))
        torch.testing.assert_close(found.image, mixed)

    @pytest.mark.parametrize("metric", METRICS)
    def test_black_and_white_are_one_apart(self, metric: Metric) -> None:
        """What makes a temperature mean the same in every metric."""
        ends = coordinates(torch.tensor([[0.0, 0, 0], [1, 1, 1]], dtype=torch.float64), metric)
        assert float((ends[1] - ends[0]).norm()) == pytest.approx(1, abs=1e-3)

    def test_cold_it_is_hard(self) -> None:
        cold, hard = quantize(picture(), colors(6), mode="soft", tau=1e-6), quantize(picture(), colors(6))
        torch.testing.assert_close(cold.image, hard.image, atol=1e-3, rtol=0)
        assert torch.equal(cold.index, hard.index)

    def test_hot_it_is_the_mean_light(self) -> None:
        hot = quantize(picture(), colors(6), mode="soft", tau=1e6).image
        mean = linear_to_srgb(srgb_to_linear(colors(6)).mean(dim=0))
        torch.testing.assert_close(hot, mean[:, None, None].expand_as(hot), atol=1e-5, rtol=0)


class TestGradients:
    @pytest.mark.parametrize("metric", METRICS)
    def test_those_of_soft_are_those_of_differences(self, metric: Metric) -> None:
        image, palette, bias = (
            picture(2, 3, dtype=torch.float64),
            colors(4, dtype=torch.float64),
            torch.rand(4).double(),
        )

        def everything(image: Tensor, palette: Tensor, bias: Tensor) -> tuple[Tensor, ...]:
            found = quantize(image, palette, mode="soft", metric=metric, tau=0.2, bias=bias, weights=True, chunk=9)
            assert found.weights is not None
            return found.image, found.usage, found.weights

        inputs = [value.requires_grad_() for value in (image, palette, bias)]
        assert torch.autograd.gradcheck(everything, inputs)

    def test_the_straight_way_has_those_of_soft(self) -> None:
        slope = torch.randn(3, 12, 17, generator=generator())
        for metric in METRICS:
            (first, second), (third, fourth) = (
                grads(picture(), colors(5), slope, mode=mode, metric=metric) for mode in ("soft", "ste")
            )
            torch.testing.assert_close(first, third)
            torch.testing.assert_close(second, fourth)
            assert first.abs().sum() > 0
            assert second.abs().sum() > 0

    def test_those_of_gumbel_are_those_of_the_same_noise(self) -> None:
        """Compared with autograd through the softmax of logits to which the noise was added."""
        image, palette = picture(dtype=torch.float64), colors(4, dtype=torch.float64)
        slope = torch.randn(3, 12, 17, generator=generator(), dtype=torch.float64)
        found = grads(image, palette, slope, mode="gumbel", tau=0.3, random=generator(5))
        one, other = image.clone().requires_grad_(), palette.clone().requires_grad_()
        pixels = coordinates(one.reshape(3, -1).T, "oklab2")
        logits = -((pixels[:, None] - coordinates(other, "oklab2")) ** 2).sum(dim=-1) / 0.3
        noise = -torch.log(-torch.log(torch.rand(204, 4, generator=generator(5))).double())
        mixed = linear_to_srgb(torch.softmax(logits + noise, dim=1) @ srgb_to_linear(other))
        (mixed.T.reshape(3, 12, 17) * slope).sum().backward()
        torch.testing.assert_close(found[0], one.grad)
        torch.testing.assert_close(found[1], other.grad)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize("mode", GRADIENTS)
    @pytest.mark.parametrize("metric", METRICS)
    def test_they_are_numbers_everywhere(self, metric: Metric, mode: Mode, dtype: torch.dtype) -> None:
        """Black, white, pixels of the palette, ties, equal colours, values that stray, any temperature."""
        palette = torch.tensor(
            [[0, 0, 0], [1, 1, 1], [1, 0, 0], [1, 0, 0], [0.04045] * 3, [0.5] * 3, [1.2, -0.3, 0.4]], dtype=dtype
        )
        image = torch.cat([palette, (palette[:1] + palette[1:2]) / 2, torch.rand(9, 3, dtype=dtype)]).T[:, None]
        for tau in (1e-6, 1e-2, 1.0, 1e6):
            found = grads(image, palette, torch.ones_like(image), mode=mode, metric=metric, tau=tau, random=generator())
            for slope in found:
                assert bool(slope.isfinite().all())

    def test_what_has_strayed_can_come_back(self) -> None:
        image = torch.full((3, 1, 1), 1.2)
        slope, _ = grads(image, torch.tensor([[0.2] * 3, [0.9] * 3]), torch.ones_like(image), mode="soft")
        assert bool((slope > 0).all())

    def test_usage_has_those_of_the_shares(self) -> None:
        for mode in GRADIENTS:
            palette = colors(4).requires_grad_()
            (quantize(picture(), palette, mode=mode, random=generator()).usage ** 2).sum().backward()
            assert palette.grad is not None
            assert palette.grad.abs().sum() > 0

    def test_following_them_a_palette_finds_the_colours_of_a_picture(self) -> None:
        wanted = torch.tensor([[0.1, 0.1, 0.2], [0.9, 0.2, 0.1], [0.95, 0.9, 0.7]])
        image = wanted[torch.randint(3, (400,), generator=generator())].T.reshape(3, 20, 20)
        palette = torch.tensor([[0.3, 0.3, 0.3], [0.6, 0.4, 0.4], [0.6, 0.6, 0.6]], requires_grad=True)
        optimizer = torch.optim.Adam([palette], lr=0.03)
        for _ in range(120):
            optimizer.zero_grad()
            ((quantize(image, palette, mode="ste", tau=0.02).image - image) ** 2).mean().backward()
            optimizer.step()
        torch.testing.assert_close(palette.detach(), wanted, atol=0.03, rtol=0)


def grads(image: Tensor, palette: Tensor, slope: Tensor, **options: Any) -> tuple[Tensor, Tensor]:
    """The gradients of image and palette, under one upstream gradient of the quantised image."""
    one, other = image.clone().requires_grad_(), palette.clone().requires_grad_()
    (quantize(one, other, **options).image * slope).sum().backward()
    assert one.grad is not None
    assert other.grad is not None
    return one.grad, other.grad


class TestGumbel:
    def test_colours_are_drawn_as_often_as_their_shares_say(self) -> None:
        image, palette = torch.full((3, 100, 200), 0.5), colors(4)
        shares = quantize(image, palette, mode="soft", tau=0.1).usage
        drawn = quantize(image, palette, mode="gumbel", tau=0.1, random=generator()).usage
        torch.testing.assert_close(drawn, shares, atol=0.015, rtol=0)

    def test_noise_comes_from_the_generator_alone(self) -> None:
        first, again, other = (
            quantize(picture(), colors(4), mode="gumbel", random=generator(seed)).index for seed in (1, 1, 2)
        )
        assert torch.equal(first, again)
        assert not torch.equal(first, other)

    def test_the_way_back_leaves_the_generator_alone(self) -> None:
        random, image = generator(), picture().requires_grad_()
        found = quantize(image, colors(4), mode="gumbel", random=random)
        state = random.get_state()
        found.image.sum().backward()
        assert torch.equal(random.get_state(), state)


class TestChunks:
    @pytest.mark.parametrize("mode", MODES)
    def test_their_size_changes_nothing(self, mode: Mode) -> None:
        slope = torch.randn(3, 12, 17, generator=generator())
        found, slopes = [], []
        for chunk in (1, 40, 1 << 18):
            options: dict[str, Any] = {"mode": mode, "chunk": chunk, "random": generator(3)}
            found.append(quantize(picture(), colors(5), **options))
            if mode != "hard":
                slopes.append(grads(picture(), colors(5), slope, **{**options, "random": generator(3)}))
        for one, other in pairwise(found):
            assert torch.equal(one.index, other.index)
            torch.testing.assert_close(one.image, other.image, atol=1e-6, rtol=0)
        for first, second in pairwise(slopes):
            torch.testing.assert_close(first[0], second[0], atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(first[1], second[1], atol=1e-4, rtol=1e-4)


class TestBatches:
    images = torch.stack([picture(seed=seed) for seed in range(3)])
    palettes = torch.stack([colors(4, seed) for seed in range(3)])

    @pytest.mark.parametrize("mode", ["hard", "soft", "ste"])
    def test_zip_takes_them_in_turn(self, mode: Mode) -> None:
        found = quantize(self.images, self.palettes, mode=mode, weights=True)
        assert found.weights is not None
        for k in range(3):
            one = quantize(self.images[k], self.palettes[k], mode=mode, weights=True)
            assert torch.equal(found.image[k], one.image)
            assert torch.equal(found.index[k], one.index)
            torch.testing.assert_close(found.usage[k], one.usage)
            assert one.weights is not None
            assert torch.equal(found.weights[k], one.weights)

    def test_one_serves_all(self) -> None:
        by_one = quantize(self.images, self.palettes[0])
        assert torch.equal(by_one.image[2], quantize(self.images[2], self.palettes[0]).image)
        of_one = quantize(self.images[0], self.palettes)
        assert torch.equal(of_one.image[2], quantize(self.images[0], self.palettes[2]).image)
        assert quantize(self.images[:1], self.palettes).image.shape == (3, 3, 12, 17)

    def test_cross_takes_every_image_with_every_palette(self) -> None:
        found = quantize(self.images[:2], self.palettes, pair="cross", weights=True)
        assert found.weights is not None
        assert found.image.shape == (2, 3, 3, 12, 17)
        assert found.index.shape == (2, 3, 12, 17)
        assert found.usage.shape == (2, 3, 4)
        assert found.weights.shape == (2, 3, 4, 12, 17)
        for b in range(2):
            for p in range(3):
                assert torch.equal(found.image[b, p], quantize(self.images[b], self.palettes[p]).image)
        assert quantize(self.images[0], self.palettes, pair="cross").image.shape == (3, 3, 12, 17)
        assert quantize(self.images, self.palettes[0], pair="cross").image.shape == (3, 3, 12, 17)

    def test_gradients_of_what_is_shared_add_up(self) -> None:
        slope = torch.randn(2, 3, 3, 12, 17, generator=generator())
        together = grads(self.images[:2], self.palettes, slope, mode="soft", pair="cross")
        alone = [
            [grads(self.images[b], self.palettes[p], slope[b, p], mode="soft") for p in range(3)] for b in range(2)
        ]
        for b in range(2):
            torch.testing.assert_close(together[0][b], torch.stack([alone[b][p][0] for p in range(3)]).sum(dim=0))
        for p in range(3):
            torch.testing.assert_close(together[1][p], torch.stack([alone[b][p][1] for b in range(2)]).sum(dim=0))


class TestMaskAndBias:
    @pytest.mark.parametrize("mode", MODES)
    def test_what_is_masked_might_as_well_not_be_there(self, mode: Mode) -> None:
        palette, mask = colors(6), torch.tensor([True, False, True, True, False, True])
        found = quantize(picture(), palette, mode=mode, mask=mask, random=generator(), weights=True)
        short = quantize(picture(), palette[mask], mode=mode, random=generator(), weights=True)
        assert torch.equal(found.image, short.image)
        assert torch.equal(found.index, mask.nonzero()[:, 0][short.index])
        assert found.usage[~mask].tolist() == [0, 0]
        assert found.weights is not None
        assert short.weights is not None
        assert torch.equal(found.weights[mask], short.weights)
        assert not found.weights[~mask].any()

    def test_masked_colours_have_no_gradient(self) -> None:
        mask = torch.tensor([True, False, True])
        for mode in MODES:
            palette = colors(3).requires_grad_()
            quantize(picture(), palette, mode=mode, mask=mask, random=generator()).image.sum().backward()
            assert palette.grad is not None
            assert palette.grad[1].tolist() == [0, 0, 0]
            assert palette.grad[0].abs().sum() > 0

    def test_palettes_of_different_lengths_go_together(self) -> None:
        palettes = torch.stack([colors(4, 1), torch.cat([colors(2, 2), torch.zeros(2, 3)])])
        mask = torch.tensor([[True] * 4, [True, True, False, False]])
        found = quantize(picture() * 0.1, palettes, mask=mask)
        assert torch.equal(found.index[1], quantize(picture() * 0.1, colors(2, 2)).index)

    def test_one_palette_may_have_several_masks_and_biases(self) -> None:
        mask = torch.tensor([[True, True, False], [False, True, True]])
        found = quantize(picture(), colors(3), mask=mask, pair="cross")
        assert found.index.shape == (2, 12, 17)
        assert found.usage[0, 2] == found.usage[1, 0] == 0
        bias = torch.tensor([[0.0, 9, 9], [9.0, 9, 0]])
        assert quantize(picture(), colors(3), bias=bias).usage.argmax(dim=1).tolist() == [0, 2]


class TestWrongInput:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"image": torch.zeros(4, 5, 5)}, r"image is \[4, 5, 5\]"),
            ({"image": torch.zeros(5, 5, 3)}, r"image is \[5, 5, 3\]"),
            ({"image": torch.zeros(3, 0, 5)}, "not empty"),
            ({"image": torch.zeros(3, 5, 5, dtype=torch.int64)}, "image is of torch.int64"),
            ({"image": torch.full((3, 5, 5), torch.nan)}, r"image has values that are no numbers \(NaN\)"),
            ({"image": torch.full((3, 5, 5), torch.inf)}, "image goes from inf to inf"),
            ({"image": torch.full((3, 5, 5), 255.0)}, "image goes from 255 to 255; allowed are 0 to 1"),
            ({"palette": torch.zeros(0, 3)}, r"palette is \[0, 3\]"),
            ({"palette": torch.zeros(4, 4)}, r"palette is \[4, 4\]"),
            ({"palette": torch.full((4, 3), torch.nan)}, "palette has values that are no numbers"),
            ({"palette": torch.zeros(4, 3, dtype=torch.uint8)}, "palette is of torch.uint8"),
            ({"image": torch.zeros(2, 3, 5, 5), "palette": torch.zeros(3, 4, 3)}, "batches of 2 and 3"),
            ({"palette": torch.zeros(2, 4, 3), "mask": torch.ones(3, 4, dtype=torch.bool)}, "batches of 2 and 3"),
            ({"mask": torch.zeros(4, dtype=torch.bool)}, "mask leaves palette 0 without a colour"),
            ({"mask": torch.ones(3, dtype=torch.bool)}, r"mask is \[3\]; allowed are \[4\] and \[P, 4\]"),
            ({"mask": torch.ones(4)}, "mask is of torch.float32"),
            ({"bias": torch.full((4,), torch.inf)}, "bias has values that are not finite"),
            ({"tau": 0.0}, "tau is 0.0"),
            ({"tau": -1.0}, "tau is -1.0"),
            ({"tau": float("nan")}, "tau is nan"),
            ({"chunk": 0}, "chunk is 0"),
            ({"mode": "hot"}, "mode is 'hot'; allowed are hard, soft, ste, gumbel"),
            ({"metric": "hsv"}, "metric is 'hsv'; allowed are rgb, linear, lab, oklab2"),
            ({"pair": "all"}, "pair is 'all'; allowed are zip, cross"),
            ({"dither": "atkinson"}, "dither is 'atkinson'"),
            ({"dither": "bayer", "mode": "soft"}, "dither is 'bayer' in mode 'soft'"),
        ],
    )
    def test_it_is_said_what_is_wrong(self, changes: dict[str, Any], message: str) -> None:
        options = {"image": picture(), "palette": colors(4), **changes}
        with pytest.raises(ValueError, match=message):
            quantize(**options)

    def test_small_strays_are_clipped(self) -> None:
        image = picture() * 1.4 - 0.2
        assert torch.equal(quantize(image, colors(5)).index, quantize(image.clamp(0, 1), colors(5)).index)


class TestCommand:
    @pytest.fixture
    def files(self, tmp_path: Any) -> Any:
        Image.fromarray(skimage.data.chelsea()[::6, ::6]).save(tmp_path / "cat.png")
        text = 'title = "Mine"\n' + "".join(
            f'[[pens]]\nname = "{name}"\ncolor = "{color}"\nwidth = 0.4\n'
            for name, color in (("Black [1]", "#1b1b1b"), ("Red", "#c8102e"), ("Ochre", "#c98a1b"))
        )
        (tmp_path / "pens.toml").write_text(text, encoding="utf-8")
        return tmp_path

    def run(self, *words: object) -> Any:
        app = typer.Typer()
        app.command()(quantize_cli.quantize_command)
        return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})

    def test_it_writes_a_paletted_picture_of_the_pens(self, files: Any) -> None:
        done = self.run(files / "cat.png", "--palette", files / "pens.toml")
        assert done.exit_code == 0, done.output
        assert "Black [1]" in done.output
        assert "%" in done.output
        with Image.open(files / "cat-quantized.png") as written:
            assert written.mode == "P"
            used = {color for _, color in written.convert("RGB").getcolors() or []}
        assert used <= {(0x1B, 0x1B, 0x1B), (0xC8, 0x10, 0x2E), (0xC9, 0x8A, 0x1B)}
        assert len(used) == 3

    def test_paper_is_a_colour_that_changes_inks(self, files: Any) -> None:
        out = files / "on-yellow.png"
        words = ["--paper", "#ffff00", "--with-paper", "--dither", "blue-noise", "--out", out]
        done = self.run(files / "cat.png", "--palette", files / "pens.toml", *words, "--compare", files / "both.png")
        assert done.exit_code == 0, done.output
        with Image.open(out) as written:
            used = {color for _, color in written.convert("RGB").getcolors() or []}
        assert (255, 255, 0) in used
        assert (0x1B, 0x1B, 0) in used
        with Image.open(files / "both.png") as both:
            assert both.width > 600

    @pytest.mark.parametrize(
        ("words", "error", "message"),
        [
            (["--out", "result.jpg"], OutputError, "allowed is a name that ends in .png"),
            (["--paper", "bluish"], ColorError, "--paper: 'bluish' is not a colour"),
            (["--palette", "none-such"], PenError, "no set of pens is called 'none-such'"),
        ],
    )
    def test_wrong_input_is_named(self, files: Any, words: list[str], error: type[Exception], message: str) -> None:
        done = self.run(files / "cat.png", "--palette", files / "pens.toml", *words)
        assert isinstance(done.exception, error)
        assert message in str(done.exception)

    def test_a_picture_that_is_none_is_named(self, files: Any) -> None:
        done = self.run(files / "pens.toml", "--palette", files / "pens.toml")
        assert isinstance(done.exception, ImageError)

    def test_its_choices_are_those_of_the_library(self) -> None:
        assert tuple(metric.value for metric in quantize_cli.Metric) == METRICS
        assert tuple(dither.value for dither in quantize_cli.Dither) == ("none", *DITHERS)

    def test_more_colours_than_a_paletted_png_holds_give_true_colours(self) -> None:
        index = torch.arange(300).reshape(10, 30)
        levels = [(k / 299, 0.0, 1.0) for k in range(300)]
        written = np.asarray(quantize_cli._paletted(index, levels))
        assert written.shape == (10, 30, 3)
        assert written[9, 29].tolist() == [255, 0, 255]
