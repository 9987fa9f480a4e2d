"""Rows that choose pens, and the penalties that make them choose; pens that are owned and colours that are learned."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from plotart.color import parse_color
from plotart.color.light import linear_to_srgb
from plotart.palette import ChoosingPalette, ClassMatrix, FixedPalette, LearnedPalette
from plotart.palette.class_matrix import sharpness_penalty, sparsity_penalty, usage_penalty
from plotart.pens import Ink, Pen, PenSet


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def one_hot(rows: int, pens: int) -> Tensor:
    return torch.nn.functional.one_hot(torch.arange(rows) % pens, pens).float()


class TestClassMatrix:
    def test_soft_is_the_softmax_at_a_temperature(self) -> None:
        matrix = ClassMatrix(torch.tensor([[0.0, math.log(3)]]))
        assert matrix.soft(1.0)[0].tolist() == pytest.approx([0.25, 0.75])
        assert matrix.soft(0.5)[0].tolist() == pytest.approx([0.1, 0.9])

    @pytest.mark.parametrize("noise", [0.0, 1.0])
    @pytest.mark.parametrize("shape", [(5, 3), (4, 6, 3)])
    def test_shares_sum_to_one(self, shape: tuple[int, ...], noise: float) -> None:
        shares = ClassMatrix(torch.randn(shape, generator=generator())).soft(0.3, noise=noise, random=generator())
        assert shares.shape == shape
        torch.testing.assert_close(shares.sum(dim=-1), torch.ones(shape[:-1]))

    def test_cold_is_hard(self) -> None:
        matrix = ClassMatrix(torch.randn(50, 4, generator=generator()))
        assert torch.equal(matrix.soft(1e-3).argmax(dim=1), matrix.hard())
        assert matrix.soft(1e-3).amax(dim=1).mean() > 0.99

    def test_hard_takes_the_largest_logit(self) -> None:
        assert ClassMatrix(torch.tensor([[0.0, 2.0, 1.0], [5.0, -1.0, 4.0]])).hard().tolist() == [1, 0]

    def test_noise_comes_from_the_generator_alone(self) -> None:
        matrix = ClassMatrix(torch.zeros(20, 3))
        first, again, other = (matrix.soft(1.0, noise=1.0, random=generator(seed)) for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)

    def test_without_noise_the_generator_is_left_alone(self) -> None:
        random = generator()
        ClassMatrix(torch.zeros(20, 3)).soft(1.0, noise=0.0, random=random)
        assert torch.equal(random.get_state(), generator().get_state())

    def test_noisy_rows_try_pens_as_often_as_their_shares_say(self) -> None:
        """The Gumbel trick: the largest of logits plus noise is a draw from the softmax."""
        logits = torch.log(torch.tensor([0.6, 0.3, 0.1])).expand(20_000, 3)
        winners = ClassMatrix(logits).soft(0.1, noise=1.0, random=generator()).argmax(dim=1)
        assert (torch.bincount(winners) / 20_000).tolist() == pytest.approx([0.6, 0.3, 0.1], abs=0.02)

    def test_slopes_reach_the_logits_through_noise(self) -> None:
        logits = torch.zeros(4, 3, requires_grad=True)
        ClassMatrix(logits).soft(0.5, noise=1.0, random=generator())[:, 0].sum().backward()
        assert logits.grad is not None
        assert (logits.grad[:, 0] > 0).all()


class TestClosedPens:
    def test_closed_pens_have_no_share_and_no_slope(self) -> None:
        logits = torch.randn(20, 4, generator=generator()).requires_grad_()
        matrix = ClassMatrix(logits, torch.tensor([True, False, True, False]))
        shares = matrix.soft(0.5, noise=1.0, random=generator())
        assert not shares[:, [1, 3]].any()
        assert set(matrix.hard().tolist()) == {0, 2}
        shares.square().sum().backward()
        assert logits.grad is not None
        assert bool(logits.grad.isfinite().all())
        assert float(logits.grad[:, [1, 3]].abs().max()) == 0

    def test_pens_close_from_outside(self) -> None:
        opened = torch.ones(3, dtype=torch.bool)
        matrix = ClassMatrix(torch.tensor([[0.0, 1.0, 5.0]]), opened)
        assert matrix.hard().tolist() == [2]
        opened[2] = False
        assert matrix.hard().tolist() == [1]

    def test_settled_pens_are_the_columns_that_they_were(self) -> None:
        matrix = ClassMatrix(torch.tensor([[0.0, 1.0, 5.0], [3.0, 1.0, 2.0]]))
        matrix.settle(torch.tensor([2, 0]))
        assert matrix.hard().tolist() == [0, 1]
        assert matrix.soft(1.0).shape == (2, 2)

    def test_sparsity_counts_the_strokes_of_pens_that_are_to_go(self) -> None:
        shares = torch.tensor([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])
        assert float(sparsity_penalty(shares, torch.tensor([True, True, False]))) == pytest.approx(0.625)
        assert float(sparsity_penalty(shares, torch.ones(3, dtype=torch.bool))) == 0


class TestSharpness:
    @pytest.mark.parametrize("pens", [2, 3, 8])
    def test_one_pen_a_row_is_0_and_even_mixes_are_1(self, pens: int) -> None:
        assert float(sharpness_penalty(one_hot(10, pens))) == pytest.approx(0, abs=1e-5)
        assert float(sharpness_penalty(torch.full((10, pens), 1 / pens))) == pytest.approx(1, abs=1e-5)

    def test_it_falls_with_the_temperature(self) -> None:
        matrix = ClassMatrix(torch.randn(100, 4, generator=generator()))
        penalties = [float(sharpness_penalty(matrix.soft(temperature))) for temperature in (10, 1, 0.3, 0.1, 0.01)]
        assert penalties == sorted(penalties, reverse=True)
        assert penalties[0] > 0.9
        assert penalties[-1] < 0.05

    @pytest.mark.parametrize("gap", [1.0, 50.0, 1e4])
    def test_slopes_of_saturated_rows_are_finite(self, gap: float) -> None:
        logits = (gap * one_hot(6, 3)).requires_grad_()
        sharpness_penalty(ClassMatrix(logits).soft(0.05)).backward()
        assert logits.grad is not None
        assert torch.isfinite(logits.grad).all()

    def test_its_slope_makes_the_leading_pen_lead_more(self) -> None:
        logits = torch.tensor([[0.5, 0.0, -0.5]], requires_grad=True)
        sharpness_penalty(ClassMatrix(logits).soft(1.0)).backward()
        assert logits.grad is not None
        assert logits.grad[0, 0] < 0 < logits.grad[0, 2]


class TestUsage:
    @pytest.mark.parametrize("pens", [2, 3, 8])
    def test_all_pens_alike_is_0_and_one_for_all_is_1(self, pens: int) -> None:
        assert float(usage_penalty(one_hot(4 * pens, pens))) == pytest.approx(0, abs=1e-5)
        assert float(usage_penalty(one_hot(1, pens).expand(9, pens))) == pytest.approx(1, abs=1e-5)

    def test_sharp_or_even_rows_are_all_the_same_to_it(self) -> None:
        even = torch.full((6, 3), 1 / 3)
        assert float(usage_penalty(even)) == pytest.approx(float(usage_penalty(one_hot(6, 3))), abs=1e-6)

    def test_slopes_are_finite_where_a_pen_has_no_use(self) -> None:
        shares = one_hot(1, 3).repeat(5, 1).requires_grad_()
        usage_penalty(shares).backward()
        assert shares.grad is not None
        assert torch.isfinite(shares.grad).all()

    def test_pixels_count_like_strokes(self) -> None:
        shares = torch.rand(6, 4, 3, generator=generator())
        torch.testing.assert_close(usage_penalty(shares), usage_penalty(shares.reshape(24, 3)))


@pytest.mark.parametrize("penalty", [sharpness_penalty, usage_penalty])
def test_with_one_pen_there_is_nothing_to_choose(penalty) -> None:  # type: ignore[no-untyped-def]
    shares = torch.ones(5, 1, requires_grad=True)
    loss = penalty(shares)
    loss.backward()
    assert float(loss.detach()) == 0
    assert shares.grad is not None
    assert not shares.grad.any()


class TestFixedPalette:
    PENS = PenSet([Pen("Red", "red", 0.5), Pen("White", "white", 0.8, "opaque", 0.9)])

    def test_it_is_its_pens(self) -> None:
        palette = FixedPalette(self.PENS)
        inks = palette.inks()
        assert len(palette) == 2
        assert palette.pens() is self.PENS
        assert inks.widths.tolist() == pytest.approx([0.5, 0.8])
        torch.testing.assert_close(inks.reflectance, torch.tensor([[0.0, 0.0, 0.0], [0.9, 0.9, 0.9]]))
        torch.testing.assert_close(inks.transmittance, torch.tensor([[1.0, 0.0, 0.0], [0.1, 0.1, 0.1]]))

    def test_nothing_is_learned(self) -> None:
        assert FixedPalette(self.PENS).parameters() == {}


class TestChoosingPalette:
    PENS = PenSet([Pen(name, name, 0.4) for name in ("yellow", "gold", "red", "crimson", "blue", "black")])
    EVEN = torch.full((6,), 1 / 6)

    def names(self, palette: ChoosingPalette, use: Tensor) -> tuple[str, ...]:
        return palette.settled(use).palette.pens().names

    def test_all_pens_are_open_at_first_and_count_of_them_in_the_end(self) -> None:
        palette = ChoosingPalette(self.PENS, 2)
        assert bool(palette.open.all())
        palette.narrow(self.EVEN, 4)
        assert int(palette.open.sum()) == 4
        palette.narrow(self.EVEN, 1)
        assert int(palette.open.sum()) == 2

    def test_of_two_alike_one_goes_first(self) -> None:
        palette = ChoosingPalette(self.PENS, 1)
        palette.narrow(self.EVEN, 4)
        assert int(palette.open[[0, 1]].sum()) == int(palette.open[[2, 3]].sum()) == 1
        assert bool(palette.open[[4, 5]].all())

    def test_pens_that_draw_much_stay(self) -> None:
        use = torch.tensor([0.0, 0.4, 0.0, 0.0, 0.5, 0.1])
        assert self.names(ChoosingPalette(self.PENS, 2), use) == ("gold", "blue")

    def test_the_pen_that_stands_in_inherits_the_use(self) -> None:
        """Neither yellow draws much, together they draw more than black does."""
        use = torch.tensor([0.2, 0.2, 0.0, 0.0, 0.35, 0.25])
        assert {"yellow", "gold"} & set(self.names(ChoosingPalette(self.PENS, 2), use))

    def test_must_stays_in_any_case(self) -> None:
        use = torch.tensor([0.0, 0.0, 0.0, 0.5, 0.5, 0.0])
        assert "gold" in self.names(ChoosingPalette(self.PENS, 2, must=["gold"]), use)

    def test_settled_columns_are_those_of_the_pens(self) -> None:
        settled = ChoosingPalette(self.PENS, 3).settled(self.EVEN)
        assert [self.PENS[int(column)].name for column in settled.columns] == list(settled.palette.pens().names)

    def test_looking_ahead_closes_nothing(self) -> None:
        palette = ChoosingPalette(self.PENS, 2)
        assert int(palette.kept(self.EVEN, 3).sum()) == 3
        assert bool(palette.open.all())


class TestMatchedPalette:
    OWNED = PenSet(
        [Pen(name, name, width) for name, width in (("yellow", 0.3), ("red", 0.5), ("blue", 0.7), ("black", 1))]
    )

    def palette(self, *colors: str) -> LearnedPalette:
        palette = LearnedPalette(len(colors), width=0.4, ink="opaque", owned=self.OWNED)
        with torch.no_grad():
            palette.colors.copy_(torch.logit(torch.tensor([parse_color(color) for color in colors]), eps=1e-3))
        return palette

    def test_colours_become_the_nearest_pens_in_plotting_order(self) -> None:
        settled = self.palette("navy", "gold", "crimson").settled(torch.ones(3))
        assert settled.palette.pens().names == ("yellow", "red", "blue")
        assert settled.columns.tolist() == [1, 2, 0]
        assert settled.palette.inks().widths.tolist() == pytest.approx([0.3, 0.5, 0.7])
        assert [self.OWNED[match.pen].name for match in settled.matches] == ["yellow", "red", "blue"]

    def test_without_pens_colours_stay_what_they_are(self) -> None:
        palette = LearnedPalette(3, width=0.4)
        settled = palette.settled(torch.ones(3))
        assert settled.matches == ()
        assert settled.palette.pens() == palette.pens()


class TestLearnedPalette:
    @pytest.mark.parametrize("count", [1, 2, 5])
    def test_colours_differ_from_the_start(self, count: int) -> None:
        palette = LearnedPalette(count, width=0.4)
        assert len(palette) == count
        assert len({pen.color for pen in palette.pens()}) == count
        assert palette.inks().widths.tolist() == pytest.approx([0.4] * count)

    @pytest.mark.parametrize("opacity", [1.0, 0.6])
    @pytest.mark.parametrize("ink", ["transparent", "opaque"])
    def test_its_pens_have_its_inks(self, ink: Ink, opacity: float) -> None:
        """But for the colours' eight bits: 1/255 of an sRGB value is at most 2.3/255 of a linear one."""
        palette = LearnedPalette(4, width=0.4, ink=ink, opacity=opacity)
        learned, owned = palette.inks(), FixedPalette(palette.pens()).inks()
        torch.testing.assert_close(learned.widths, owned.widths)
        torch.testing.assert_close(learned.reflectance, owned.reflectance, atol=5e-3, rtol=0)
        torch.testing.assert_close(learned.transmittance, owned.transmittance, atol=5e-3, rtol=0)

    @pytest.mark.parametrize("ink", ["transparent", "opaque"])
    def test_slopes_of_inks_reach_the_colours(self, ink: Ink) -> None:
        palette = LearnedPalette(3, width=0.4, ink=ink)
        inks = palette.inks()
        (inks.reflectance + inks.transmittance).sum().backward()
        colors = palette.parameters()["colors"]
        assert colors.grad is not None
        assert (colors.grad > 0).all()

    def test_however_far_a_colour_is_pushed_it_can_be_mixed(self) -> None:
        palette = LearnedPalette(2, width=0.4, ink="opaque")
        with torch.no_grad():
            palette.colors.copy_(torch.tensor([[-1e4, 0.0, 1e4], [50.0, -50.0, 3.0]]))
        light = palette.inks().reflectance
        assert ((light >= 0) & (light <= 1)).all()
        assert [pen.color for pen in palette.pens()] == ["#0080ff", "#ff00f3"]
        torch.testing.assert_close(linear_to_srgb(light[0]), torch.tensor([0.0, 0.5, 1.0]), atol=1e-5, rtol=0)
