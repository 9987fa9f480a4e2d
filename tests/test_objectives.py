"""What a drawing is drawn for: terms, their sums, random views."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from plotart.errors import DrawingError, ImageError, NetworkError
from plotart.geometry.page import Page
from plotart.networks import VGG
from plotart.networks.precision import Precision
from plotart.objectives import (
    Direction,
    Excitation,
    Features,
    InkedStrokes,
    Inside,
    Length,
    Look,
    RandomViews,
    Region,
    Smoothness,
    Sum,
    Tap,
    Term,
    TotalVariation,
    Views,
)

PAGE = Page(100, 60, margin=10)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def look_at(image: Tensor) -> Look:
    return Look.plain(image, PAGE)


def look_at_strokes(curves: list[list[tuple[float, float]]], width: float = 0.5) -> Look:
    points = torch.tensor([point for curve in curves for point in curve]).reshape(-1, 2)
    counts = torch.tensor([len(curve) for curve in curves], dtype=torch.int64)
    image = torch.ones(1, 3, 6, 10)
    widths, shares = torch.full((len(curves),), width), torch.ones(len(curves), 1)
    return Look(image, Views.still(), Features(image), PAGE, InkedStrokes(points, counts, widths, shares))


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

    def test_pythons_sum_works(self) -> None:
        assert float(sum([self.A, self.B])(self.LOOK)) == 8  # type: ignore[operator]

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
        assert look.strokes is not None
        look.strokes.points.requires_grad_()
        term(look).backward()
        assert look.strokes.points.grad is not None
        assert torch.isfinite(look.strokes.points.grad).all()

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
    return VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, {"class": classes} if classes else {})


def every(network: VGG, layer: str, *, relu: bool = False) -> Excitation:
    return Excitation(network, layer, Direction.every(network, layer), relu=relu)


class TestFeatures:
    IMAGE = torch.rand(2, 3, 16, 24, generator=generator())

    def test_each_network_runs_once_as_deep_as_anyone_looks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        network, other = small_network(), small_network()
        passes: list[tuple[VGG, set[str]]] = []
        run = VGG.forward

        def counted(self: VGG, image: Tensor, layers: set[str], **options: float) -> dict[str, Tensor]:
            passes.append((self, set(layers)))
            return run(self, image, layers, **options)

        monkeypatch.setattr(VGG, "forward", counted)
        terms = Excitation.of_channels(network, "conv1_1", 0) + Excitation.of_class(network, "star")
        objective = terms + Excitation.of_channels(other, "conv2_1", 1)
        objective(Look(self.IMAGE, Views.still(), Features(self.IMAGE, objective.taps), PAGE))
        assert passes == [(network, {"conv1_1", "class"}), (other, {"conv2_1"})]

    def test_one_pass_gives_what_several_give(self) -> None:
        network = small_network()
        features = Features(self.IMAGE, [Tap(network, "conv1_1"), Tap(network, "class")])
        for layer in ("conv1_1", "conv2_1", "class"):
            torch.testing.assert_close(features(network, layer), network.activations(self.IMAGE, layer))

    def test_a_leak_lets_slopes_through_dead_relus(self) -> None:
        network = small_network()
        network.conv1_1.bias.data.fill_(-100.0)
        for leak in (0.0, 0.1):
            image = self.IMAGE.clone().requires_grad_()
            every(network, "conv2_1")(Look(image, Views.still(), Features(image, leak=leak), PAGE)).backward()
            assert image.grad is not None
            assert bool(image.grad.any()) == (leak > 0)


class TestExcitation:
    IMAGE = torch.rand(1, 3, 16, 24, generator=generator())

    def test_it_is_minus_the_mean_of_its_channels(self) -> None:
        network = small_network()
        activations = network.activations(self.IMAGE, "conv2_1")
        assert float(Excitation.of_channels(network, "conv2_1", 1, 4)(look_at(self.IMAGE))) == pytest.approx(
            -float(activations[:, [1, 4]].mean()), rel=1e-5
        )
        assert float(every(network, "conv2_1")(look_at(self.IMAGE))) == pytest.approx(
            -float(activations.mean()), rel=1e-5
        )

    def test_it_looks_at_the_views(self) -> None:
        views = torch.rand(3, 3, 16, 16, generator=generator(1))
        term = Excitation.of_channels(small_network(), "conv1_1", 2)
        expected = -float(term.network.activations(views, "conv1_1")[:, 2].mean())
        look = Look(self.IMAGE, Views.still(), Features(views), PAGE)
        assert float(term(look)) == pytest.approx(expected, rel=1e-5)

    def test_activation_is_the_same_with_the_other_sign(self) -> None:
        term = Excitation.of_channels(small_network(), "conv2_1", 0)
        assert term.activation(self.IMAGE, PAGE) == pytest.approx(-float(term(look_at(self.IMAGE))), rel=1e-5)

    @pytest.mark.parametrize("size", [(8, 8), (16, 64), (40, 40)])
    def test_its_scale_is_not_that_of_the_image(self, size: tuple[int, int]) -> None:
        network = small_network()
        for name, values in network.named_parameters():
            values.data.fill_(0.7 if name.endswith("bias") else 0.0)
        assert every(network, "conv2_1").activation(torch.rand(1, 3, *size), PAGE) == pytest.approx(0.7)

    def test_before_the_relu_unless_it_is_wanted(self) -> None:
        network = small_network()
        for name, values in network.named_parameters():
            values.data.fill_(-0.7 if name.endswith("bias") else 0.0)
        assert every(network, "conv1_1").activation(self.IMAGE, PAGE) == pytest.approx(-0.7)
        assert every(network, "conv1_1", relu=True).activation(self.IMAGE, PAGE) == 0

    def test_channels_by_weights(self) -> None:
        network = small_network()
        activations = network.activations(self.IMAGE, "conv2_1")
        direction = Direction.channels(network, "conv2_1", (1, 4), (1.0, -0.5))
        expected = float((activations[:, 1] - 0.5 * activations[:, 4]).mean())
        assert Excitation(network, "conv2_1", direction).activation(self.IMAGE, PAGE) == pytest.approx(expected)
        with pytest.raises(NetworkError, match="1 weights for 2 channels"):
            Direction.channels(network, "conv2_1", (1, 4), (1.0,))

    def test_one_neuron(self) -> None:
        network = small_network()
        activations = network.activations(self.IMAGE, "conv2_1")[0, 2]
        direction = Direction.channels(network, "conv2_1", (2,))
        for position, expected in (((0.0, 0.0), activations[0, 0]), ((1.0, 0.0), activations[0, -1])):
            term = Excitation(network, "conv2_1", direction, position=position)
            assert term.activation(self.IMAGE, PAGE) == pytest.approx(float(expected), rel=1e-5)
        assert term.name == "toy conv2_1:2 at 1, 0"

    def test_a_direction_from_a_file(self, tmp_path: Path) -> None:
        network, path = small_network(), tmp_path / "along.txt"
        path.write_text("3, 0 0\n0 0 4")
        activations = network.activations(self.IMAGE, "conv2_1")
        plain = Excitation(network, "conv2_1", Direction.read(network, "conv2_1", path))
        expected = float((0.6 * activations[:, 0] + 0.8 * activations[:, 5]).mean())
        assert plain.activation(self.IMAGE, PAGE) == pytest.approx(expected, rel=1e-5)
        assert plain.name == "toy conv2_1 along along.txt"

    def test_the_cosine_asks_for_little_else(self) -> None:
        along = Direction(torch.tensor([1.0, 0.0]), "x", cosine=2)
        alone, mixed, against = (torch.tensor(v).reshape(1, 2, 1, 1) for v in ([1.0, 0.0], [1.0, 1.0], [-1.0, 0.0]))
        assert along.along(alone).item() == pytest.approx(1)
        assert along.along(mixed).item() == pytest.approx(0.5, rel=1e-4)
        assert along.along(against).item() == pytest.approx(-0.01)

    @pytest.mark.parametrize("text", ["1 2", "a b c d e f", "0 0 0 0 0 0", "1 2 3 4 5 nan", ""])
    def test_files_that_hold_no_direction(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "bad.txt"
        path.write_text(text)
        with pytest.raises(NetworkError, match=r"bad\.txt.*6"):
            Direction.read(small_network(), "conv2_1", path)

    def test_regions_share_out_what_the_whole_has(self) -> None:
        """A layer without context: what one half excites is nothing to the other."""
        network = VGG("toy", ((2,),), (0.5,) * 3, (0.25,) * 3)
        half = Region.box((0, 0, 50, 60), PAGE)
        one = Direction.channels(network, "conv1_1", (0,))
        left, right = (Excitation(network, "conv1_1", one, region=where) for where in (half, half.outside()))
        image = torch.rand(1, 3, 30, 50, generator=generator())
        other = image.clone()
        other[:, :, :, 30:] = 0.5
        assert left.activation(image, PAGE) == pytest.approx(left.activation(other, PAGE), rel=1e-5)
        assert right.activation(image, PAGE) != pytest.approx(right.activation(other, PAGE), rel=1e-3)
        whole = Excitation(network, "conv1_1", one).activation(image, PAGE)
        assert (left.activation(image, PAGE) + right.activation(image, PAGE)) / 2 == pytest.approx(whole, rel=1e-4)
        assert left.name == "toy conv1_1:0 in [0, 0, 50, 60]"

    def test_a_region_moves_with_the_view(self) -> None:
        region = Region.box((0, 0, 30, 30), PAGE)
        views = RandomViews(count=3, shift=0.3, scale=(0.5, 2.0), rotate=180).of_size((30, 50), generator())
        mask = torch.nn.functional.interpolate(region.mask, size=(30, 50), mode="area")
        torch.testing.assert_close(region.seen(views, (30, 50), (30, 50)), views(mask)[:, 0])

    def test_a_region_from_an_image(self, tmp_path: Path) -> None:
        path = tmp_path / "mask.png"
        Image.new("L", (20, 12), 0).save(path)
        with pytest.raises(DrawingError, match="black all over"):
            Region.read(path)
        mask = Image.new("L", (20, 12), 0)
        mask.paste(255, (0, 0, 10, 12))
        mask.save(path)
        seen = Region.read(path).seen(Views.still(), (60, 100), (6, 10))
        assert seen[0, 0].tolist() == [1.0] * 5 + [0.0] * 5
        path.write_text("no image")
        with pytest.raises(ImageError, match="allowed is a picture"):
            Region.read(path)

    @pytest.mark.parametrize("box", [(10, 10, 10, 20), (30, 0, 20, 50), (200, 0, 300, 50), (-9, 0, -1, 50)])
    def test_regions_that_hold_nothing(self, box: tuple[float, float, float, float]) -> None:
        with pytest.raises(DrawingError, match="holds nothing"):
            Region.box(box, PAGE)

    def test_a_class_by_its_name(self) -> None:
        network = small_network()
        term = Excitation.of_class(network, "star")
        assert (term.layer, term.direction.weights.tolist(), term.name) == ("class", [0, 1], "toy star")
        assert term.activation(self.IMAGE, PAGE) == pytest.approx(float(network.logits(self.IMAGE)[0, 1]), rel=1e-5)

    def test_names(self) -> None:
        assert every(small_network(), "conv1_1").name == "toy conv1_1"
        assert Excitation.of_channels(small_network(), "conv1_1", 2, 3).name == "toy conv1_1:2,3"

    def test_half_precision_is_nearly_the_same_and_activation_stays_exact(self) -> None:
        term = Excitation.of_channels(small_network(), "conv2_1", 3)
        half = Features(self.IMAGE, term.taps, precision={term.network: Precision(torch.bfloat16)})
        found = float(term(Look(self.IMAGE, Views.still(), half, PAGE)))
        assert found == pytest.approx(float(term(look_at(self.IMAGE))), abs=0.01)
        assert found != float(term(look_at(self.IMAGE)))
        assert term.activation(self.IMAGE, PAGE) == -float(term(look_at(self.IMAGE)))

    def test_slopes_reach_the_views(self) -> None:
        image = self.IMAGE.clone().requires_grad_()
        Excitation.of_channels(small_network(), "conv2_1", 3)(look_at(image)).backward()
        assert image.grad is not None
        assert image.grad.abs().sum() > 0

    @pytest.mark.parametrize("channel", [-1, 6])
    def test_a_channel_that_is_not_there(self, channel: int) -> None:
        with pytest.raises(NetworkError, match=f"no channel {channel}: allowed are 0 to 5"):
            Excitation.of_channels(small_network(), "conv2_1", 0, channel)

    def test_a_layer_that_is_not_there(self) -> None:
        with pytest.raises(NetworkError, match="conv9_9"):
            every(small_network(), "conv9_9")

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
