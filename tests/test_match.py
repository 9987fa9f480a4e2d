"""Differences between colours, and colours given to pens."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from skimage.color import deltaE_ciede2000, rgb2lab

from plotart.color.difference import ciede2000, differences, srgb_difference
from plotart.color.spaces import METRICS, from_space, to_space
from plotart.errors import PenError
from plotart.palette.match import match, too_close
from plotart.pens import Pen, PenSet

#: Pairs of Lab colours and their difference from Sharma, Wu, Dalal 2005, table 1: hues on both sides of 0 and of 180
#: degrees apart, greys, dark and blue colours.
SHARMA = (
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, -0.001, 2.49), (50.0, 0.0009, -2.49), 4.8045),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (50.0, 3.2592, 0.335), 1.0),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
)

OWNED = PenSet(
    [Pen(name, name, 0.4) for name in ("yellow", "orange", "red", "green", "blue", "purple", "black")]
    + [Pen("white", "white", 0.6, "opaque")]
)


def colors(seed: int, count: int) -> torch.Tensor:
    return torch.rand(count, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class TestSpaces:
    def test_lab_is_scikit_images(self) -> None:
        srgb = colors(0, 500)
        np.testing.assert_allclose(to_space(srgb, "lab").numpy(), rgb2lab(srgb.numpy()), atol=0.01)

    def test_oklab2_of_known_colours(self) -> None:
        """Ottosson's own example values of OKLab, a and b doubled."""
        srgb = torch.tensor([[1.0, 1, 1], [1, 0, 0], [0, 0, 1]], dtype=torch.float64)
        expected = torch.tensor([[1, 0, 0], [0.62796, 0.44972, 0.25169], [0.45201, -0.06491, -0.62306]])
        torch.testing.assert_close(to_space(srgb, "oklab2").float(), expected.float(), atol=2e-4, rtol=0)

    @pytest.mark.parametrize("metric", METRICS)
    def test_there_and_back(self, metric: str) -> None:
        srgb = torch.cat([colors(1, 200), torch.tensor([[0.0, 0, 0], [1, 1, 1]], dtype=torch.float64)])
        torch.testing.assert_close(from_space(to_space(srgb, metric), metric), srgb, atol=1e-6, rtol=0)  # type: ignore[arg-type]

    @pytest.mark.parametrize("metric", METRICS)
    def test_slopes_are_finite_at_black_and_white(self, metric: str) -> None:
        srgb = torch.tensor([[0.0, 0, 0], [1, 1, 1], [1e-8, 0, 0]], requires_grad=True)
        to_space(srgb, metric).square().sum().backward()  # type: ignore[arg-type]
        assert srgb.grad is not None
        assert bool(srgb.grad.isfinite().all())


class TestDifference:
    @pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
    def test_published_pairs(self, first: object, second: object, expected: float) -> None:
        one, other = (torch.tensor(lab, dtype=torch.float64) for lab in (first, second))
        assert float(ciede2000(one, other)) == pytest.approx(expected, abs=1e-4)
        assert float(ciede2000(other, one)) == pytest.approx(expected, abs=1e-4)

    def test_it_is_scikit_images(self) -> None:
        one, other = (to_space(colors(seed, 300), "lab") for seed in (2, 3))
        expected = deltaE_ciede2000(one[:, None].numpy(), other[None].numpy())
        np.testing.assert_allclose(differences(one, other).numpy(), expected, atol=1e-9)
        np.testing.assert_allclose(differences(one.float(), other.float()).numpy(), expected, atol=2e-3)

    def test_a_large_table_is_made_in_parts(self) -> None:
        one, other = (to_space(colors(seed, count), "lab") for seed, count in ((4, 700), (5, 400)))
        torch.testing.assert_close(differences(one, other), ciede2000(one[:, None], other[None]))

    def test_nothing_differs_from_nothing(self) -> None:
        assert differences(torch.zeros(0, 3), torch.zeros(4, 3)).shape == (0, 4)
        assert float(srgb_difference(torch.zeros(3), torch.zeros(3))) == 0


class TestMatch:
    def test_each_colour_gets_its_pen(self) -> None:
        wanted = torch.tensor([[0.1, 0.1, 0.9], [0.9, 0.1, 0.1], [0.05, 0.05, 0.05]])
        found = match(wanted, OWNED)
        assert [OWNED[one.pen].name for one in found] == ["blue", "red", "black"]
        assert [one.difference for one in found] == pytest.approx(
            [float(srgb_difference(color, torch.tensor(one.look))) for color, one in zip(wanted, found, strict=True)],
            abs=0.01,
        )

    @pytest.mark.parametrize("seed", range(5))
    def test_the_sum_of_differences_is_least(self, seed: int) -> None:
        wanted, pens = colors(seed, 4).float(), OWNED.pick([0, 2, 3, 4, 6])
        looks = torch.tensor([pen.rgb for pen in pens])
        table = srgb_difference(wanted[:, None], looks[None])
        least = min(sum(table[k, p] for k, p in enumerate(order)) for order in permutations(range(5), 4))
        found = match(wanted, pens)
        assert len({one.pen for one in found}) == 4
        assert sum(one.difference for one in found) == pytest.approx(float(least), abs=0.01)

    def test_the_paper_counts(self) -> None:
        """On black paper transparent inks are black; white gel is all there is for anything light."""
        (one,) = match(torch.tensor([[0.9, 0.8, 0.1]]), OWNED, paper=(0.0, 0.0, 0.0))
        assert OWNED[one.pen].name == "white"

    def test_more_colours_than_pens(self) -> None:
        with pytest.raises(PenError, match="9 colours can't be matched to 8 pens"):
            match(colors(0, 9), OWNED)

    def test_pens_that_look_alike_are_found(self) -> None:
        pens = PenSet(
            [Pen("A", "#c8102e", 0.3), Pen("B", "#ca132f", 0.5), Pen("C", "blue", 0.3), Pen("D", "#c9112f", 1)]
        )
        found = too_close(pens)
        assert [{one.name, other.name} for one, other, _ in found] == [{"A", "D"}, {"B", "D"}, {"A", "B"}]
        assert [difference for *_, difference in found] == sorted(difference for *_, difference in found)
        assert not too_close(OWNED)


class TestInk:
    def test_opaque_covers_and_transparent_filters(self) -> None:
        paper = (0.8, 0.5, 0.2)
        assert Pen("A", "white", 1, "opaque").light.over(paper) == (1, 1, 1)
        assert Pen("A", "white", 1, "transparent").light.over(paper) == paper
        assert Pen("A", "red", 1).light.over(paper) == (0.8, 0, 0)

    def test_measured_light_goes_before_colour_and_opacity(self) -> None:
        pen = Pen("A", "red", 1, "opaque", 0.5, reflectance=(0.1, 0.2, 0.3), transmittance=(0.5, 0.5, 0.5))
        assert pen.light.over((1.0, 0.5, 0.0)) == pytest.approx((0.6, 0.45, 0.3))

    def test_measured_overprints_go_before_the_inks(self) -> None:
        pens = PenSet([Pen("A", "yellow", 1), Pen("B", "blue", 1)], {("A", "B"): (0.2, 0.3, 0.1)})
        white = (1.0, 1.0, 1.0)
        assert pens.over(0, 1, white) == pytest.approx((0.2, 0.3, 0.1))
        assert pens.over(1, 0, white) == pytest.approx((0, 0, 0))
        assert pens.over(0, 1, (0.5, 0.5, 0.5)) == pytest.approx((0.2, 0.3, 0.1))
        assert pens.pick([1]).overprints == {}

    def test_overprints_change_with_the_paper_as_inks_do(self) -> None:
        grey = {"reflectance": (0.0, 0.0, 0.0), "transmittance": (0.5, 0.5, 0.5)}
        pens = PenSet([Pen(name, "grey", 1, **grey) for name in "AB"], {("A", "B"): (0.3, 0.3, 0.3)})
        assert pens.over(0, 1, (0.6, 0.6, 0.6)) == pytest.approx((0.2, 0.2, 0.2))
