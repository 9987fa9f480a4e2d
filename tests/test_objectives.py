"""What a drawing is drawn for: terms, their sums, random views."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from plotart.errors import NetworkError
from plotart.networks import VGG
from plotart.objectives import (
    Excitation,
    Inside,
    Length,
    Look,
    RandomViews,
    Smoothness,
    Sum,
    Term,
    TotalVariation,
)
from plotart.page import Page

PAGE = Page(100, 60, margin=10)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def look_at(image: Tensor) -> Look:
    return Look(image, image, PAGE)


def look_at_strokes(curves: list[list[tuple[float, float]]], width: float = 0.5) -> Look:
    points = torch.tensor([point for curve in curves for point in curve]).reshape(-1, 2)
    counts = torch.tensor([len(curve) for curve in curves], dtype=torch.int64)
    image = torch.ones(1, 3, 6, 10)
    return Look(image, image, PAGE, points, counts, torch.full((len(curves),), width))


class Fixed(Term):
    """A loss that is known."""

    def __init__(self, name: str, value: float) -> None:
        self._name, self._value = name, value

    @property
    def name(self) -> str:
        return self._name

    def __call__(self, look: Look) -> Tensor:
        return torch.tensor(self._value)


class TestSums:
    LOOK = look_at(torch.ones(1, 3, 4, 4))
    A, B = Fixed("a", 3.0), Fixed("b", 5.0)

    def test_terms_add_like_numbers(self) -> None:
        assert float((self.A + self.B)(self.LOOK)) == 8
        assert float((self.A + 0.1 * self.B)(self.LOOK)) == pytest.approx(3.5)
        assert float((2 * (self.A + 0.5 * self.B) + self.A)(self.LOOK)) == 14

    def test_sums_say_what_they_are(self) -> None:
        assert str(self.A + self.B) == "a + b"
        assert str(self.A + 0.1 * self.B) == "a + 0.1 * b"
        assert str(2 * (self.A + 0.5 * self.B)) == "2 * a + b"

    def test_sums_are_flat_however_they_are_bracketed(self) -> None:
        assert (self.A + (self.B + self.A)).parts == ((self.A + self.B) + self.A).parts

    def test_losses_come_weighted_by_name(self) -> None:
        losses = (self.A + 0.5 * self.B).losses(self.LOOK)
        assert {name: float(loss) for name, loss in losses.items()} == {"a": 3, "b": 2.5}

    def test_names_that_come_again_are_numbered(self) -> None:
        losses = (self.A + self.A + self.B + self.A).losses(self.LOOK)
        assert list(losses) == ["a", "a 2", "b", "a 3"]
        assert float(sum(losses.values())) == 14

    def test_adding_leaves_the_parts_as_they_were(self) -> None:
        whole = self.A + self.B
        _ = whole + self.A, 3 * whole
        assert str(whole) == "a + b"

    def test_a_sum_of_nothing_is_zero(self) -> None:
        assert float(Sum(())(self.LOOK)) == 0


class TestStrokeTerms:
    def test_length_in_metres_without_the_way_between_strokes(self) -> None:
        curves = [
            [(0.0, 0.0), (3.0, 4.0), (3.0, 4.0), (3.0, 14.0)],
            [(90.0, 50.0), (90.0, 49.0), (89.0, 49.0), (89.0, 49.0)],
        ]
        assert float(Length()(look_at_strokes(curves))) == pytest.approx(0.017, abs=1e-6)

    def test_inside_is_the_mean_square_of_millimetres_past_the_margins_and_half_the_nib(self) -> None:
        curve = [(50.0, 30.0), (8.0, 30.0), (50.0, 52.0), (92.0, 9.0)]
        expected = (2.25**2 + 2.25**2 + 2.25**2 + 1.25**2) / 4
        assert float(Inside()(look_at_strokes([curve], width=0.5))) == pytest.approx(expected)

    def test_inside_the_margins_nothing_is_lost(self) -> None:
        assert float(Inside()(look_at_strokes([[(10.25, 10.25), (89.75, 49.75), (50.0, 30.0), (11.0, 12.0)]]))) == 0

    def test_smoothness_is_the_mean_square_of_second_differences_in_centimetres(self) -> None:
        curves = [
            [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (20.0, 10.0)],
            [(90.0, 9.0), (80.0, 9.0), (70.0, 9.0), (60.0, 9.0)],
        ]
        assert float(Smoothness()(look_at_strokes(curves))) == pytest.approx((1 + 1) / 4)

    @pytest.mark.parametrize("term", [Length(), Inside(), Smoothness()], ids=str)
    def test_strokes_without_length_have_finite_slopes(self, term: Term) -> None:
        look = look_at_strokes([[(3.0, 3.0)] * 4, [(50.0, 30.0)] * 7])
        assert look.points is not None
        look.points.requires_grad_()
        term(look).backward()
        assert look.points.grad is not None
        assert torch.isfinite(look.points.grad).all()

    @pytest.mark.parametrize("term", [Length(), Inside(), Smoothness()], ids=str)
    def test_without_strokes_they_are_zero(self, term: Term) -> None:
        assert float(term(look_at_strokes([]))) == 0
        assert float(term(look_at(torch.ones(1, 3, 6, 10)))) == 0


class TestTotalVariation:
    def test_by_hand(self) -> None:
        image = torch.tensor([[0.0, 1.0, 1.0], [0.0, 0.5, 1.0]]).expand(1, 3, 2, 3)
        across, down = (1 + 0 + 0.5 + 0.5) / 4, (0 + 0.5 + 0) / 3
        assert float(TotalVariation()(look_at(image))) == pytest.approx(across + down)

    def test_even_paper_has_none(self) -> None:
        assert float(TotalVariation()(look_at(torch.full((1, 3, 5, 7), 0.4)))) == 0


def small_network(classes: tuple[str, ...] = ("curl", "star")) -> VGG:
    torch.manual_seed(0)
    return VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, classes)


class TestExcitation:
    IMAGE = torch.rand(1, 3, 16, 24, generator=generator())

    def test_it_is_minus_the_mean_of_its_channels(self) -> None:
        network = small_network()
        activations = network.activations(self.IMAGE, "conv2_1")
        assert float(Excitation(network, "conv2_1", (1, 4))(look_at(self.IMAGE))) == pytest.approx(
            -float(activations[:, [1, 4]].mean()), rel=1e-5
        )
        assert float(Excitation(network, "conv2_1")(look_at(self.IMAGE))) == pytest.approx(
            -float(activations.mean()), rel=1e-5
        )

    def test_it_looks_at_the_views(self) -> None:
        views = torch.rand(3, 3, 16, 16, generator=generator(1))
        term = Excitation(small_network(), "conv1_1", (2,))
        expected = -float(term.network.activations(views, "conv1_1")[:, 2].mean())
        assert float(term(Look(self.IMAGE, views, PAGE))) == pytest.approx(expected, rel=1e-5)

    def test_activation_is_the_same_with_the_other_sign(self) -> None:
        term = Excitation(small_network(), "conv2_1", (0,))
        assert term.activation(self.IMAGE) == pytest.approx(-float(term(look_at(self.IMAGE))), rel=1e-5)

    @pytest.mark.parametrize("size", [(8, 8), (16, 64), (40, 40)])
    def test_its_scale_is_not_that_of_the_image(self, size: tuple[int, int]) -> None:
        network = small_network()
        for name, values in network.named_parameters():
            values.data.fill_(0.7 if name.endswith("bias") else 0.0)
        assert Excitation(network, "conv2_1").activation(torch.rand(1, 3, *size)) == pytest.approx(0.7)

    def test_before_the_relu_unless_it_is_wanted(self) -> None:
        network = small_network()
        for name, values in network.named_parameters():
            values.data.fill_(-0.7 if name.endswith("bias") else 0.0)
        assert Excitation(network, "conv1_1").activation(self.IMAGE) == pytest.approx(-0.7)
        assert Excitation(network, "conv1_1", relu=True).activation(self.IMAGE) == 0

    def test_a_class_by_its_name(self) -> None:
        network = small_network()
        term = Excitation.of_class(network, "star")
        assert (term.layer, term.channels, term.name) == ("class", (1,), "toy star")
        assert term.activation(self.IMAGE) == pytest.approx(float(network.logits(self.IMAGE)[0, 1]), rel=1e-5)

    def test_names(self) -> None:
        assert Excitation(small_network(), "conv1_1").name == "toy conv1_1"
        assert Excitation(small_network(), "conv1_1", (2, 3)).name == "toy conv1_1:2,3"

    def test_half_precision_is_nearly_the_same_and_activation_stays_exact(self) -> None:
        network = small_network()
        exact, half = Excitation(network, "conv2_1"), Excitation(network, "conv2_1", dtype=torch.bfloat16)
        assert float(half(look_at(self.IMAGE))) == pytest.approx(float(exact(look_at(self.IMAGE))), abs=0.01)
        assert half.activation(self.IMAGE) == exact.activation(self.IMAGE)

    def test_slopes_reach_the_views(self) -> None:
        image = self.IMAGE.clone().requires_grad_()
        Excitation(small_network(), "conv2_1", (3,))(look_at(image)).backward()
        assert image.grad is not None
        assert image.grad.abs().sum() > 0

    @pytest.mark.parametrize("channel", [-1, 6])
    def test_a_channel_that_is_not_there(self, channel: int) -> None:
        with pytest.raises(NetworkError, match=f"no channel {channel}: allowed are 0 to 5"):
            Excitation(small_network(), "conv2_1", (0, channel))

    def test_a_layer_that_is_not_there(self) -> None:
        with pytest.raises(NetworkError, match="conv9_9"):
            Excitation(small_network(), "conv9_9")

    def test_a_class_that_is_not_there(self) -> None:
        with pytest.raises(NetworkError, match="'moon': allowed are curl, star"):
            Excitation.of_class(small_network(), "moon")
        with pytest.raises(NetworkError, match="without classes"):
            Excitation.of_class(small_network(()), "moon")


STILL = RandomViews(count=1, shift=0.0, scale=(1.0, 1.0), rotate=0.0)
PAPER = torch.tensor([0.9, 0.8, 0.3])


def disc(height: int, width: int, radius: float, center: tuple[float, float] = (0.5, 0.5)) -> Tensor:
    """A black disc on white [1, 3, H, W], with soft edges; the centre as shares of width and height."""
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    away = torch.hypot(x - center[0] * width, y - center[1] * height)
    return (away - radius + 0.5).clamp(0, 1).expand(1, 3, height, width)


def spread(view: Tensor) -> tuple[float, Tensor]:
    """px of ink in a view [3, H, W], and the covariance [2, 2] of its places."""
    ink = 1 - view[0]
    y, x = torch.meshgrid(torch.arange(ink.shape[0]) + 0.5, torch.arange(ink.shape[1]) + 0.5, indexing="ij")
    places = torch.stack([x, y]).reshape(2, -1)
    return float(ink.sum()), torch.cov(places, aweights=ink.reshape(-1).clamp_min(0), correction=0)


class TestRandomViews:
    def test_a_still_view_is_the_image(self) -> None:
        image = torch.rand(1, 3, 12, 20, generator=generator())
        torch.testing.assert_close(STILL(image, PAPER, generator()), image, atol=1e-5, rtol=0)

    def test_what_comes_in_at_the_edges_is_the_paper(self) -> None:
        far = RandomViews(count=8, shift=3.0, scale=(0.2, 0.3), rotate=180)
        views = far(torch.zeros(1, 3, 20, 30), PAPER, generator())
        outside = (views[:, :, 0, 0] - PAPER).abs().amax(dim=1) < 1e-6
        assert outside.float().mean() > 0.5
        between = (views >= -1e-6).all() and (views <= PAPER[:, None, None] + 1e-6).all()
        assert between

    def test_views_of_bare_paper_are_bare_paper(self) -> None:
        paper = PAPER[:, None, None].expand(1, 3, 10, 16)
        views = RandomViews(count=5, shift=0.5, rotate=180)(paper, PAPER, generator())
        torch.testing.assert_close(views, paper.expand(5, 3, 10, 16))

    @pytest.mark.parametrize("shape", [(60, 60), (50, 100), (100, 50)])
    def test_a_circle_stays_a_circle_when_turned(self, shape: tuple[int, int]) -> None:
        turned = RandomViews(count=6, shift=0.0, scale=(1.0, 1.0), rotate=180)
        area, _ = spread(disc(*shape, radius=15)[0])
        for view in turned(disc(*shape, radius=15), torch.ones(3), generator()):
            found, covariance = spread(view)
            assert found == pytest.approx(area, rel=0.01)
            assert float(covariance[0, 0]) == pytest.approx(15**2 / 4, rel=0.03)
            assert float(covariance[1, 1]) == pytest.approx(15**2 / 4, rel=0.03)
            assert abs(float(covariance[0, 1])) < 1

    def test_turns_go_either_way_and_no_farther_than_asked(self) -> None:
        """By the direction in which a disc right of the centre is seen."""
        image = disc(80, 80, 5, center=(0.85, 0.5))
        angles = []
        for view in RandomViews(count=40, shift=0.0, scale=(1.0, 1.0), rotate=30)(image, torch.ones(3), generator()):
            y, x = torch.meshgrid(torch.arange(80) + 0.5 - 40, torch.arange(80) + 0.5 - 40, indexing="ij")
            ink = 1 - view[0]
            angles.append(math.degrees(math.atan2(float((ink * y).sum()), float((ink * x).sum()))))
        assert -30.5 < min(angles) < -20
        assert 20 < max(angles) < 30.5

    def test_scale_enlarges_and_shrinks(self) -> None:
        image = disc(80, 80, 12)
        area, _ = spread(image[0])
        for factor in (0.5, 1.5):
            view = RandomViews(count=1, shift=0.0, scale=(factor, factor), rotate=0)(image, torch.ones(3), generator())
            assert spread(view[0])[0] == pytest.approx(area * factor**2, rel=0.02)

    def test_shift_is_a_share_of_the_sides(self) -> None:
        image = disc(60, 120, 6)
        views = RandomViews(count=60, shift=0.1, scale=(1.0, 1.0), rotate=0)(image, torch.ones(3), generator())
        ink = 1 - views[:, 0]
        total = ink.sum(dim=(1, 2))
        x = (ink * (torch.arange(120) + 0.5)).sum(dim=(1, 2)) / total - 60
        y = (ink * (torch.arange(60) + 0.5)[:, None]).sum(dim=(1, 2)) / total - 30
        assert 9 < float(x.abs().max()) < 12.1
        assert 4.5 < float(y.abs().max()) < 6.1

    @pytest.mark.parametrize(("size", "expected"), [(None, (30, 50)), (25, (15, 25)), (100, (60, 100))])
    def test_size_is_the_long_side(self, size: int | None, expected: tuple[int, int]) -> None:
        views = RandomViews(count=3, size=size)(torch.zeros(1, 3, 30, 50), PAPER, generator())
        assert views.shape == (3, 3, *expected)

    def test_the_generator_alone_decides(self) -> None:
        image = torch.rand(1, 3, 16, 16, generator=generator())
        first, again, other = (RandomViews()(image, PAPER, generator(seed)) for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)
        assert not torch.equal(first[0], first[1])

    def test_slopes_reach_the_image(self) -> None:
        image = torch.rand(1, 3, 16, 16, generator=generator()).requires_grad_()
        RandomViews()(image, PAPER, generator()).sum().backward()
        assert image.grad is not None
        assert torch.isfinite(image.grad).all()
        assert (image.grad[:, :, 8, 8] > 0).all()
