"""Dither keeps the mean light; its matrices are what they say they are."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from plotart.color.difference import srgb_difference
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import METRICS, Metric
from plotart.quantize.dither import DITHERS, Dither
from plotart.quantize.quantization import quantize
from plotart.quantize.thresholds import bayer, blue_noise, void_and_cluster

BLACK_AND_WHITE = torch.tensor([[0.0, 0, 0], [1, 1, 1]])
PENS = torch.tensor(
    [[1, 1, 1], [0.1, 0.1, 0.1], [0.8, 0.1, 0.15], [0.1, 0.25, 0.6], [0.9, 0.75, 0.1], [0.15, 0.5, 0.3]]
)


def flat(color: tuple[float, float, float], side: int = 64) -> Tensor:
    """[3, side, side] sRGB of one colour in linear light."""
    return linear_to_srgb(torch.tensor(color))[:, None, None].expand(3, side, side)


def cat() -> Tensor:
    """[3, 100, 150] bytes."""
    return torch.from_numpy(skimage.data.chelsea()[::3, ::3].copy()).permute(2, 0, 1)


def mean_light(image: Tensor) -> Tensor:
    return srgb_to_linear(image).mean(dim=(1, 2))


@pytest.mark.parametrize("method", DITHERS)
class TestEach:
    @pytest.mark.parametrize("metric", METRICS)
    @pytest.mark.parametrize("grey", [0.0, 0.03, 0.2, 0.5, 0.9, 1.0])
    def test_grey_of_black_and_white_keeps_its_light(self, method: Dither, metric: Metric, grey: float) -> None:
        found = quantize(flat((grey,) * 3), BLACK_AND_WHITE, dither=method, metric=metric)
        assert float(found.usage[1]) == pytest.approx(grey, abs=0.025)

    @pytest.mark.parametrize("metric", METRICS)
    def test_a_colour_that_pens_can_mix_keeps_its_light(self, method: Dither, metric: Metric) -> None:
        shares = torch.tensor([0.35, 0.1, 0.2, 0.15, 0.1, 0.1])
        red, green, blue = (shares @ srgb_to_linear(PENS)).tolist()
        found = quantize(flat((red, green, blue)), PENS, dither=method, metric=metric)
        torch.testing.assert_close(mean_light(found.image), torch.tensor([red, green, blue]), atol=0.02, rtol=0)

    def test_black_and_white_keep_the_luminance_of_colours(self, method: Dither) -> None:
        found = quantize(flat((0.6, 0.1, 0.3)), BLACK_AND_WHITE, dither=method)
        assert float(found.usage[1]) == pytest.approx(0.2126 * 0.6 + 0.7152 * 0.1 + 0.0722 * 0.3, abs=0.025)

    def test_seen_from_afar_it_is_nearer_to_a_photograph(self, method: Dither) -> None:
        image = cat().float() / 255
        plain, mixed = (blurred_difference(image, quantize(image, PENS, dither=how).image) for how in (None, method))
        assert mixed < 0.4 * plain

    def test_colours_of_the_palette_stay_what_they_are(self, method: Dither) -> None:
        image = PENS[torch.randint(len(PENS), (30, 40), generator=torch.Generator().manual_seed(0))].permute(2, 0, 1)
        torch.testing.assert_close(quantize(image, PENS, dither=method).image, image)

    def test_bytes_are_what_their_floats_are(self, method: Dither) -> None:
        as_bytes, as_floats = (quantize(image, PENS, dither=method).index for image in (cat(), cat().float() / 255))
        assert float((as_bytes != as_floats).float().mean()) < 0.02

    def test_masked_colours_are_not_used(self, method: Dither) -> None:
        mask = torch.tensor([True, True, False, True, True, True])
        found = quantize(cat(), PENS, dither=method, mask=mask)
        assert found.usage[2] == 0
        assert torch.equal(found.image, quantize(cat(), PENS[mask], dither=method).image)

    def test_dear_colours_are_used_less(self, method: Dither) -> None:
        bias = torch.tensor([0.0, 0, 0.3, 0, 0, 0])
        assert quantize(cat(), PENS, dither=method, bias=bias).usage[2] < quantize(cat(), PENS, dither=method).usage[2]

    def test_one_colour_is_all_there_is(self, method: Dither) -> None:
        assert not quantize(cat(), PENS[2:3], dither=method).index.any()

    def test_far_from_all_colours_nothing_is_carried_along(self, method: Dither) -> None:
        """Half the picture is a blue that red and black can't mix; the other half is black and must stay so."""
        image = torch.zeros(3, 32, 64)
        image[2, :, :32] = 1
        found = quantize(image, torch.tensor([[0.0, 0, 0], [1, 0, 0], [0.3, 0.3, 0]]), dither=method)
        assert float((found.index[:, 40:] != 0).float().mean()) < 0.02

    def test_it_is_the_same_every_time(self, method: Dither) -> None:
        first, again = (quantize(cat(), PENS, dither=method).index for _ in range(2))
        assert torch.equal(first, again)

    def test_the_palette_still_has_gradients(self, method: Dither) -> None:
        palette = PENS.clone().requires_grad_()
        found = quantize(cat(), palette, dither=method)
        found.image.sum().backward()
        assert palette.grad is not None
        torch.testing.assert_close(palette.grad[:, 0], found.usage * found.index.numel())


def blurred_difference(one: Tensor, other: Tensor) -> float:
    """The mean CIEDE2000 of two sRGB images as eyes see them from where pixels blur, in linear light."""
    seen = [torch.from_numpy(gaussian_filter(srgb_to_linear(image).numpy(), (0, 3, 3))) for image in (one, other)]
    first, second = (linear_to_srgb(light.clamp(0, 1)).permute(1, 2, 0) for light in seen)
    return float(srgb_difference(first, second).mean())


def test_error_diffusion_is_that_of_the_paper() -> None:
    """One row of mid grey: 7/16 of each pixel's error goes on to the next."""
    light = torch.full((12,), 0.6)
    expected, error = [], 0.0
    for value in light.tolist():
        asked = value + error
        expected.append(int(asked > 0.5))
        error = 7 / 16 * (asked - expected[-1])
    row = linear_to_srgb(light).expand(3, 1, 12)
    found = quantize(row, BLACK_AND_WHITE, dither="floyd-steinberg", metric="linear")
    assert found.index[0].tolist() == expected


class TestThresholds:
    def test_bayer_is_the_matrix_of_the_paper(self) -> None:
        ranks = (bayer() * 64 - 0.5).round().astype(int)
        assert ranks[0].tolist() == [0, 32, 8, 40, 2, 34, 10, 42]
        assert ranks[1].tolist() == [48, 16, 56, 24, 50, 18, 58, 26]
        assert sorted(ranks.ravel().tolist()) == list(range(64))

    def test_blue_noise_has_every_threshold_once(self) -> None:
        assert sorted((blue_noise() * 4096 - 0.5).round().astype(int).ravel().tolist()) == list(range(4096))

    @pytest.mark.parametrize("level", [0.05, 0.25, 0.5, 0.8])
    def test_blue_noise_has_no_low_frequencies(self, level: float) -> None:
        """Below a quarter of the highest frequency, a tenth of what white noise has there."""
        pattern = (blue_noise() < level) - level
        power = np.abs(np.fft.fft2(pattern)) ** 2 / pattern.size
        across = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
        low = (across > 0) & (across < 0.125 * min(1, 4 * np.sqrt(level * (1 - level))))
        assert power[low].mean() < 0.1 * level * (1 - level)

    def test_blue_noise_prefers_no_direction_as_bayer_does(self) -> None:
        peaks = []
        for thresholds in (np.tile(bayer(), (8, 8)), blue_noise()):
            power = np.abs(np.fft.fft2((thresholds < 0.3) - 0.3)) ** 2
            power[0, 0] = 0
            peaks.append(power.max() / power.mean())
        assert peaks[1] < 0.05 * peaks[0]

    def test_any_side_will_do(self) -> None:
        ranks = void_and_cluster(6, 1.5, np.random.default_rng(1))
        assert sorted(ranks.ravel().tolist()) == list(range(36))
