"""Heads of a network beside its classes: the colours of ink, and neatness, as terms ask for them."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from small_runs import small
from torch import Tensor

from plotart.errors import ConfigError, NetworkError
from plotart.geometry.page import Page
from plotart.job.build import build
from plotart.networks import VGG
from plotart.objectives import Excitation, Look, Neat, Region
from plotart.objectives.color_groups import COLOR_GROUPS
from plotart.objectives.losses.excitation import Direction
from plotart.training.motifs.hues import HUES

PAGE = Page(40, 30, margin=5)
HEADS = {"class": ("curl", "star"), "color": ("red", "green", "blue"), "neat": ("neat",)}


@pytest.fixture
def network() -> VGG:
    torch.manual_seed(0)
    return VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, HEADS)


@pytest.fixture
def image() -> Tensor:
    return torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(1))


def test_heads_stand_beside_each_other(network: VGG, image: Tensor) -> None:
    found = network.features(image, ("class", "color", "neat"))
    top = network.activations(image, "conv2_1", relu=True)
    for head, module in (("class", 0), ("color", 1), ("neat", 2)):
        convolution = network.get_submodule(list(HEADS)[module])
        torch.testing.assert_close(found[head], convolution(top))
        torch.testing.assert_close(network.activations(image, head), found[head])


def test_up_to_a_head_builds_no_later_one(network: VGG) -> None:
    cut = VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, HEADS, up_to="color")
    assert cut.layers == ("conv1_1", "conv2_1", "class", "color")
    assert cut.colors == ("red", "green", "blue")
    assert network.layers[-1] == "neat"


class TestColor:
    def test_it_adds_what_there_is_of_the_colour(self, network: VGG, image: Tensor) -> None:
        plain = Excitation.of_class(network, "star")
        green = Excitation(network, "class", Direction.of_class(network, "star"), color=of(network, "green"))
        channel = float(network.activations(image, "color")[:, 1].mean())
        assert green.name == "toy star in green"
        assert green.activation(image, PAGE) == pytest.approx(plain.activation(image, PAGE) + channel, abs=1e-5)

    def test_it_counts_in_the_same_region(self, network: VGG, image: Tensor) -> None:
        region = Region.box((0, 0, 20, 30), PAGE)
        both = [
            Excitation(network, "class", Direction.of_class(network, "star"), color=color, region=region)
            for color in (None, of(network, "red"))
        ]
        left = network.activations(image, "color")[0, 0, :, :8].mean()
        gained = both[1].activation(image, PAGE) - both[0].activation(image, PAGE)
        assert gained == pytest.approx(float(left), abs=0.02)

    def test_groups_are_the_mean_of_their_colours(self) -> None:
        network = VGG("toy", ((4,),), (0.5,) * 3, (0.25,) * 3, {"color": tuple(HUES)})
        warm = of(network, "warm")
        named = {network.colors[k] for k in warm.weights.nonzero().flatten().tolist()}
        assert named == set(COLOR_GROUPS["warm"])
        assert float(warm.weights.sum()) == pytest.approx(1)

    def test_colours_may_have_convolutions_of_their_own(self, image: Tensor) -> None:
        torch.manual_seed(0)
        network = VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, HEADS, colors=(5, 7))
        x = F.relu(network.get_submodule("color1")((image - 0.5) / 0.25))
        assert x.shape[2:] == (image.shape[2] // 2, image.shape[3] // 2)
        wanted = network.get_submodule("color")(F.relu(network.get_submodule("color2")(x)))
        torch.testing.assert_close(network.activations(image, "color"), wanted)
        both = network.features(image, ("color", "class"))
        torch.testing.assert_close(both["color"], wanted)
        torch.testing.assert_close(both["class"], network.activations(image, "class"))

    def test_natural_ones_are_those_of_the_class(self) -> None:
        natures = {"star": ("red", "blue")}
        network = VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, HEADS, natures=natures)
        assert Direction.of_nature(network, "star").weights.tolist() == [0.5, 0, 0.5]
        with pytest.raises(NetworkError, match="toy knows no colors by nature for 'curl'"):
            Direction.of_nature(network, "curl")

    def test_a_class_is_what_it_has_over_nothing(self, image: Tensor) -> None:
        torch.manual_seed(0)
        network = VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, {**HEADS, "nothing": ("nothing",)})
        star = Direction.of_class(network, "star")
        plain, over = (Excitation(network, "class", star, over_nothing=factor) for factor in (0.0, 0.5))
        nothing = float(network.activations(image, "nothing").mean())
        assert over.activation(image, PAGE) == pytest.approx(plain.activation(image, PAGE) - 0.5 * nothing, abs=1e-5)

    def test_what_is_nothing_is_said(self) -> None:
        heads = {"class": ("curl", "star"), "nothing": ("nothing",)}
        network = VGG("toy", ((4,),), (0.5,) * 3, (0.25,) * 3, heads)
        for module in (network.get_submodule("class"), network.get_submodule("nothing")):
            for parameter in module.parameters():
                parameter.data.zero_()
        image = torch.rand(1, 3, 8, 8)
        network.get_submodule("class").bias.data[1] = 1.0
        assert network.recognised(image) == ["star"]
        network.get_submodule("nothing").bias.data[0] = 2.0
        assert network.recognised(image) == ["nothing"]

    def test_an_unknown_colour_is_refused_with_those_there_are(self, network: VGG) -> None:
        with pytest.raises(NetworkError, match=r"toy has no color 'mauve': allowed are red, green, blue$"):
            of(network, "mauve")

    def test_networks_without_colours_are_named(self) -> None:
        term = "{type: excitation, network: vgg16, layer: conv1_1, color: red}"
        config = small("quickstart", f"objective=[{term}]")
        with pytest.raises(NetworkError, match=r"objective\.0: vgg16 does not judge colors"):
            build(config)


class TestNeat:
    def test_a_neat_drawing_costs_less(self, network: VGG, image: Tensor) -> None:
        term = Neat(network)
        loss = term(Look.plain(image, PAGE, term.taps))
        logit = network.activations(image, "neat").mean()
        assert float(loss) == pytest.approx(float(-torch.nn.functional.logsigmoid(logit)), abs=1e-6)

    def test_it_passes_a_gradient_on(self, network: VGG, image: Tensor) -> None:
        image.requires_grad_()
        Neat(network)(Look.plain(image, PAGE, Neat(network).taps)).backward()
        assert image.grad is not None
        assert float(image.grad.abs().sum()) > 0

    def test_it_is_no_goal(self) -> None:
        with pytest.raises(ConfigError, match="objective"):
            small("quickstart", "objective=[{type: neat}]")


def of(network: VGG, *names: str) -> Direction:
    return Direction.of_colors(network, names)
