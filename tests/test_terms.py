"""Terms for pictures, styles, series and ink: by hand, by differences, in a toy scene, and in a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small_runs import run_small, small
from torch import Tensor

from plotart.canvas import StrokeCanvas, random_strokes
from plotart.canvas.renderer import Renderer
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.config import Config
from plotart.errors import ConfigError, ImageError, NetworkError
from plotart.geometry.cubics import along, cubics
from plotart.geometry.page import Page
from plotart.job.build import build
from plotart.networks import VGG
from plotart.objectives import (
    Coverage,
    Curvature,
    Diversity,
    Features,
    Goal,
    InkedStrokes,
    Likeness,
    Look,
    Overdraw,
    Picture,
    RandomViews,
    Style,
    Term,
    TotalVariation,
    Views,
)
from plotart.objectives.density import density
from plotart.objectives.gram import gram
from plotart.palette import FixedPalette
from plotart.pens import Pen, PenSet
from plotart.training.motifs import picture

PAGE = Page(40, 30, margin=5)
LAYERS = ("conv1_1", "conv2_1")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def toy_network() -> VGG:
    torch.manual_seed(0)
    return VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3)


def motif_picture(name: str, seed: int, size: int = 64) -> Tensor:
    pixels = picture(name, np.random.default_rng(seed), size, "white")
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def look_at(points: Tensor, num_points: list[int], widths: Tensor, shares: Tensor, page: Page = PAGE) -> Look:
    image = torch.ones(1, 3, 6, 8)
    counts = torch.tensor(num_points, dtype=torch.int64)
    return Look(image, Views.still(), Features(image), page, InkedStrokes(points, counts, widths, shares))


def density_of(look: Look) -> Tensor:
    assert look.strokes is not None
    return density(look.strokes, look.page)


def look_at_lines(*lines: tuple[float, float, float, float], width: float = 0.5, page: Page = PAGE) -> Look:
    """Straight strokes of one pen from (x, y) to (x, y)."""
    t = torch.linspace(0, 1, 4, dtype=torch.float64)[:, None]
    ends = torch.tensor(lines, dtype=torch.float64).reshape(-1, 4)
    points = ends[:, None, :2] * (1 - t) + ends[:, None, 2:] * t
    widths, shares = torch.full((len(lines),), width).double(), torch.ones(len(lines), 1).double()
    return look_at(points.reshape(-1, 2), [4] * len(lines), widths, shares, page)


def arc(radius: float) -> Tensor:
    """A quarter of a circle [4, 2] mm about (10, 10)."""
    k = 4 / 3 * math.tan(math.pi / 8)
    unit = torch.tensor([(1, 0), (1, k), (k, 1), (0, 1)], dtype=torch.float64)
    return 10 + radius * unit


def scribble() -> tuple[Tensor, list[int], Tensor, Tensor]:
    """Two strokes of one and two cubics with two pens, in float64."""
    points = torch.rand(11, 2, generator=generator(3)).double() * 20 + 5
    return points, [4, 7], torch.tensor([0.8, 1.5]).double(), torch.tensor([[0.3, 0.7], [1.0, 0.0]]).double()


STROKE_TERMS = [Curvature(2.0), Overdraw(0.2, 0.3), Coverage(0.5)]


class TestCubics:
    def test_all_cubics_with_their_strokes(self) -> None:
        points = torch.arange(22.0).reshape(11, 2)
        curves, stroke = cubics(points, torch.tensor([4, 7]))
        assert stroke.tolist() == [0, 1, 1]
        assert curves[:, :, 0].tolist() == [[0, 2, 4, 6], [8, 10, 12, 14], [14, 16, 18, 20]]

    def test_points_and_derivatives_amid_equal_steps(self) -> None:
        cube = torch.tensor([[[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 3.0]]])  # x = t^3, y = 3 t
        t = torch.tensor([0.25, 0.75])
        torch.testing.assert_close(along(cube, 2)[0], torch.stack([t**3, 3 * t], dim=1))
        torch.testing.assert_close(along(cube, 2, 1)[0], torch.stack([3 * t**2, torch.full((2,), 3.0)], dim=1))
        torch.testing.assert_close(along(cube, 2, 2)[0], torch.stack([6 * t, torch.zeros(2)], dim=1))


class TestCurvature:
    @pytest.mark.parametrize(("radius", "expected"), [(10.0, 1.0), (5.0, 0.0), (3.0, 0.0)])
    def test_of_a_circle_by_its_radius(self, radius: float, expected: float) -> None:
        look = look_at(arc(5), [4], torch.ones(1), torch.ones(1, 1))
        assert float(Curvature(radius)(look)) == pytest.approx(expected, abs=0.15)

    def test_is_the_same_in_any_size(self) -> None:
        points, counts, widths, shares = scribble()
        small, large = (Curvature(2 * s)(look_at(points * s, counts, widths, shares)) for s in (1, 3))
        assert float(small) == pytest.approx(float(large), rel=1e-5)

    def test_counts_by_length(self) -> None:
        """A bend of 7.9 mm with a straight line of as much, and with one of three times as much."""
        line = torch.tensor([[0.0, 0], [1, 0], [2, 0], [3, 0]]).double() / 3 * (5 * math.pi / 2)
        alone = float(Curvature(10.0)(look_at(arc(5), [4], torch.ones(1), torch.ones(1, 1))))
        for factor, share in ((1, 1 / 2), (3, 1 / 4)):
            look = look_at(torch.cat([arc(5), factor * line]), [4, 4], torch.ones(2), torch.ones(2, 1))
            assert float(Curvature(10.0)(look)) == pytest.approx(alone * share, rel=0.01)

    def test_straight_lines_have_none(self) -> None:
        assert float(Curvature(1000.0)(look_at_lines((5, 5, 30, 20)))) == pytest.approx(0, abs=1e-9)


class TestDensity:
    def test_holds_all_ink(self) -> None:
        points, counts, widths, shares = scribble()
        layers = density_of(look_at(points, counts, widths, shares))
        assert layers.shape == (2, 15, 20)
        curves, stroke = cubics(points, torch.tensor(counts))
        lengths = along(curves, 1000, 1).norm(dim=2).mean(dim=1)
        ink = (lengths * widths[stroke])[:, None] * shares[stroke]
        torch.testing.assert_close(layers.sum(dim=(1, 2)) * 4, ink.sum(dim=0), rtol=0.01, atol=0)

    def test_layers_of_an_even_hatch(self) -> None:
        """Nibs of 0.5 mm, a line every mm: half a layer, away from the hatch's edges."""
        look = look_at_lines(*[(0, 0.5 + y, 40, 0.5 + y) for y in range(30)])
        inner = density_of(look)[0, 1:-1, 1:-1]
        torch.testing.assert_close(inner, torch.full_like(inner, 0.5), rtol=0.02, atol=0)

    def test_ink_beyond_the_sheet_is_none(self) -> None:
        assert float(density_of(look_at_lines((-20, -9, -1, -3), (45, 5, 60, 5))).sum()) == 0

    def test_a_line_at_the_edge_keeps_its_ink(self) -> None:
        assert float(density_of(look_at_lines((0, 0, 40, 0))).sum() * 4) == pytest.approx(20)


class TestInkTerms:
    HATCH = look_at_lines(*[(0, 0.5 + y, 40, 0.5 + y) for y in range(30)])

    def test_overdraw_is_the_mean_square_of_layers_above_the_limits(self) -> None:
        page = Page(40, 30, margin=0)
        look = look_at_lines(*[(0, 0.5 + y, 40, 0.5 + y) for y in range(30)], page=page)
        assert float(Overdraw(pen=0.3, paper=0.4)(look)) == pytest.approx(0.2**2 + 0.1**2, rel=0.1)
        assert float(Overdraw(pen=0.3, paper=9)(look)) == pytest.approx(0.2**2, rel=0.1)
        assert float(Overdraw(pen=0.6, paper=0.6)(look)) == 0

    def test_pens_have_a_limit_each_and_the_paper_one_for_all(self) -> None:
        points, counts, widths, _ = scribble()
        one, two = (look_at(points, counts, widths, s) for s in (torch.ones(2, 1), torch.full((2, 2), 0.5)))
        assert float(Overdraw(pen=0.1, paper=9)(two)) < float(Overdraw(pen=0.1, paper=9)(one))
        both = [float(Overdraw(pen=9, paper=0.2)(look)) for look in (one, two)]
        assert both[0] == pytest.approx(both[1])

    def test_coverage_is_what_lines_at_random_would_cover(self) -> None:
        covered = 1 - math.exp(-0.5)
        assert float(Coverage(0.9)(self.HATCH)) == pytest.approx((0.9 - covered) ** 2, rel=0.02)
        assert float(Coverage(covered)(self.HATCH)) == pytest.approx(0, abs=1e-4)

    def test_bare_paper_covers_nothing(self) -> None:
        assert float(Coverage(0.4)(look_at_lines())) == pytest.approx(0.16)
        assert float(Overdraw()(look_at_lines())) == 0


class TestStrokeTerms:
    @pytest.mark.parametrize("term", STROKE_TERMS, ids=str)
    def test_slopes_are_those_of_differences(self, term: Term) -> None:
        points, counts, widths, shares = scribble()
        inputs = tuple(value.requires_grad_() for value in (points, widths, shares))

        def loss(points: Tensor, widths: Tensor, shares: Tensor) -> Tensor:
            return term(look_at(points, counts, widths, shares))

        assert loss(*inputs).item() > 1e-3
        assert torch.autograd.gradcheck(loss, inputs, eps=1e-7, atol=1e-5, rtol=1e-3)

    @pytest.mark.parametrize("term", STROKE_TERMS, ids=str)
    def test_strokes_without_length_have_finite_slopes(self, term: Term) -> None:
        points = torch.cat([torch.full((4, 2), 12.0), torch.full((7, 2), 20.0)]).requires_grad_()
        widths, shares = torch.ones(2).requires_grad_(), torch.ones(2, 2).requires_grad_()
        loss = term(look_at(points, [4, 7], widths, shares))
        for slope in torch.autograd.grad(loss, (points, widths, shares), allow_unused=True):
            assert slope is None or bool(slope.isfinite().all())
        assert bool(loss.isfinite())

    def test_a_cusp_has_finite_curvature(self) -> None:
        """There and back, with a sharp turn at a point where curvature is taken."""
        points = torch.tensor([[5.0, 5.0], [25.0, 5.0], [5.0, 5.001], [25.0, 5.0]]).requires_grad_()
        loss = Curvature(2.0)(look_at(points, [4], torch.ones(1), torch.ones(1, 1)))
        loss.backward()
        assert points.grad is not None
        assert bool(loss.isfinite() & points.grad.isfinite().all())

    @pytest.mark.parametrize("term", STROKE_TERMS, ids=str)
    def test_pixels_have_no_strokes(self, term: Term) -> None:
        assert float(term(Look.plain(torch.ones(1, 3, 6, 8), PAGE))) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1)])
def test_images_one_pixel_wide_or_high(size: tuple[int, int]) -> None:
    image = torch.rand(1, 3, *size, generator=generator()).requires_grad_()
    for term in (TotalVariation(), Likeness(torch.rand(1, 3, *size))):
        (slope,) = torch.autograd.grad(term(Look.plain(image, PAGE)), image)
        assert bool(slope.isfinite().all())


class TestStyle:
    MODEL = motif_picture("web", 1)

    def test_grams_by_hand(self) -> None:
        features = torch.tensor([[[[1.0, 2.0]], [[-3.0, 4.0]]]])
        torch.testing.assert_close(gram(features), torch.tensor([[5.0, 8.0], [8.0, 16.0]]) / 4)
        centred = torch.tensor([[0.5, 2.0], [2.0, 8.0]]) / 4
        torch.testing.assert_close(gram(features, centered=True), centred)

    def test_of_the_model_itself_is_0(self) -> None:
        style = Style(toy_network(), LAYERS, self.MODEL)
        assert style.activation(self.MODEL, PAGE) == pytest.approx(0, abs=1e-10)

    def test_of_nothing_alike_is_1(self) -> None:
        style = Style(toy_network(), ("conv1_1",), self.MODEL)
        for parameter in style.network.parameters():
            parameter.data.abs_()
        assert style.activation(torch.full((1, 3, 16, 16), -9.0), PAGE) == pytest.approx(-1)  # dead behind the relu

    def test_no_size_sets_the_scale(self) -> None:
        style = Style(toy_network(), LAYERS, self.MODEL)
        tiles = self.MODEL.tile(1, 1, 3, 2)
        assert abs(style.activation(tiles, PAGE)) < 0.01
        other = motif_picture("star", 7)
        assert style.activation(other, PAGE) == pytest.approx(style.activation(other.tile(1, 1, 2, 3), PAGE), rel=0.15)

    def test_the_models_grams_are_computed_once(self) -> None:
        network = toy_network()
        style = Style(network, LAYERS, self.MODEL)
        first = style.activation(self.MODEL, PAGE)
        for parameter in network.parameters():
            parameter.data.mul_(2)
        assert style.activation(self.MODEL, PAGE) < first - 0.1

    def test_layers_that_are_not_there(self) -> None:
        with pytest.raises(NetworkError, match="conv9_9"):
            Style(toy_network(), ("conv9_9",), self.MODEL)
        with pytest.raises(NetworkError, match="no layers"):
            Style(toy_network(), (), self.MODEL)


class TestLikeness:
    SHEET = motif_picture("fish", 3)

    @pytest.mark.parametrize("views", [RandomViews(3), RandomViews(2, size=40)])
    def test_with_itself_is_0_in_any_views(self, views: RandomViews) -> None:
        term = Likeness(self.SHEET, toy_network(), LAYERS)
        chosen = views.of_size((self.SHEET.shape[2], self.SHEET.shape[3]), generator())
        seen = chosen(self.SHEET, torch.ones(3))
        loss = term(Look(self.SHEET, chosen, Features(seen, term.taps), PAGE))
        assert float(loss) == pytest.approx(0, abs=1e-5)

    @pytest.mark.parametrize("paper", ["#ffffff", "#d8c8a0", "#202030"])
    def test_bare_paper_has_1_in_colour_and_in_edges(self, paper: str) -> None:
        page = Page(40, 40, color=paper)
        bare = linear_to_srgb(torch.tensor(page.paper))[:, None, None].expand(1, 3, 64, 64)
        color, edges = (Likeness(self.SHEET, color=c, edges=1 - c).activation(bare, page) for c in (1, 0))
        assert color == pytest.approx(-1, rel=0.01)
        assert edges == pytest.approx(-1, rel=0.01)

    def test_is_of_the_same_scale_in_any_size(self) -> None:
        term = Likeness(motif_picture("fish", 3, 256))
        other = motif_picture("leaf", 4, 256)
        half = torch.nn.functional.interpolate(other, scale_factor=0.5, mode="area")
        assert term.activation(other, PAGE) == pytest.approx(term.activation(half, PAGE), rel=0.3)

    def test_tone_counts_and_not_how_it_is_made(self) -> None:
        """A checkerboard, seen from afar, is as light as half of its light."""
        grey = linear_to_srgb(torch.full((1, 3, 224, 224), 0.5))
        board = torch.eye(2).tile(112, 112).expand(1, 3, 224, 224)
        assert Likeness(grey, edges=0).activation(board, PAGE) == pytest.approx(0, abs=1e-6)
        assert Likeness(grey, edges=0).activation(torch.full((1, 3, 224, 224), 0.5), PAGE) < -0.1

    def test_features_are_compared_place_by_place(self) -> None:
        network = toy_network()
        term = Likeness(self.SHEET, network, ("conv2_1",), features=1, color=0, edges=0)
        other = motif_picture("leaf", 4)
        here, there = (network.activations(image, "conv2_1") for image in (other, self.SHEET))
        expected = float((here - there).square().mean() / there.square().mean())
        assert term.activation(other, PAGE) == pytest.approx(-expected, rel=1e-4)

    def test_slopes_are_those_of_differences(self) -> None:
        image = torch.rand(1, 3, 5, 6, generator=generator()).double() * 0.8 + 0.1
        term = Likeness(torch.rand(1, 3, 10, 12, generator=generator(1)))
        assert torch.autograd.gradcheck(lambda image: term(Look.plain(image, PAGE)), image.requires_grad_(), atol=1e-4)

    def test_without_a_network_nothing_is_tapped(self) -> None:
        assert Likeness(self.SHEET).taps == ()
        assert Likeness(self.SHEET, toy_network(), LAYERS, features=0).taps == ()


class TestDiversity:
    WEB = motif_picture("web", 1)

    def test_of_equals_is_1_and_of_others_less(self) -> None:
        term = Diversity(toy_network(), LAYERS, [self.WEB])

        def alike(image: Tensor) -> float:
            return float(term(Look.plain(image, PAGE)))

        assert alike(self.WEB) == pytest.approx(1, abs=1e-4)
        assert alike(motif_picture("bricks", 2)) < 0.98
        assert abs(alike(torch.ones(1, 3, 64, 64))) < 0.98

    def test_is_the_mean_over_the_others(self) -> None:
        network, star = toy_network(), motif_picture("star", 5)
        both, one, other = (
            float(Diversity(network, LAYERS, others)(Look.plain(star, PAGE)))
            for others in ([self.WEB, self.WEB[:, :, :40]], [self.WEB], [self.WEB[:, :, :40]])
        )
        assert both == pytest.approx((one + other) / 2, rel=1e-4)

    def test_it_is_no_goal_and_nothing_without_others(self) -> None:
        term = Diversity(toy_network(), LAYERS, [])
        assert not isinstance(term, Goal)
        assert float(term(Look.plain(self.WEB, PAGE))) == 0

    def test_bare_paper_has_finite_slopes(self) -> None:
        image = torch.ones(1, 3, 32, 32).requires_grad_()
        (slope,) = torch.autograd.grad(Diversity(toy_network(), LAYERS, [self.WEB])(Look.plain(image, PAGE)), image)
        assert bool(slope.isfinite().all())


TERMS: dict[str, Callable[[], Term]] = {
    "style": lambda: Style(toy_network(), LAYERS, motif_picture("web", 1, 48)),
    "likeness": lambda: Likeness(motif_picture("fish", 3, 48), toy_network(), LAYERS),
    "diversity": lambda: Diversity(toy_network(), LAYERS, [motif_picture("web", 1, 48)]),
    "curvature": lambda: Curvature(5.0),
    "overdraw": lambda: Overdraw(0.1, 0.1),
    "coverage": lambda: Coverage(0.8),
}


@pytest.mark.parametrize("name", TERMS)
def test_a_toy_scene_gets_better(name: str) -> None:
    """A dozen strokes of two pens on a sheet of 48 px."""
    term = TERMS[name]()
    pens = PenSet([Pen("Black", "#1b1b1b", 0.8), Pen("Red", "#c8102e", 1.2)])
    strokes = random_strokes(12, 2, 15.0, PAGE, 2, generator(1))
    canvas = StrokeCanvas(strokes, FixedPalette(pens), PAGE, Renderer(resolution=48))
    adam = torch.optim.Adam(list(canvas.parameters().values()), lr=0.3)
    losses = []
    for _ in range(12):
        frame = canvas.soft(1.0)
        look = Look(frame.image, Views.still(), Features(frame.image, term.taps), PAGE, frame.strokes)
        loss = term(look)
        losses.append(loss.item())
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert losses[-1] < 0.95 * losses[0]


class TestPictures:
    def test_fill_the_area_or_fit_into_it(self, tmp_path: Path) -> None:
        path = tmp_path / "wide.png"
        Image.new("RGB", (40, 10), "red").save(path)
        page = Page(100, 60, margin=10)
        cover, contain = (Picture.read(path).on_sheet(page, 100, fit)[0] for fit in ("cover", "contain"))
        assert cover.shape == contain.shape == (3, 60, 100)
        assert (cover[1] < 0.5).nonzero().aminmax(dim=0).max.tolist() == [49, 89]
        assert (cover[1] < 0.5).nonzero().aminmax(dim=0).min.tolist() == [10, 10]
        assert (contain[1] < 0.5).nonzero().aminmax(dim=0).min.tolist() == [20, 10]
        assert (contain[1] < 0.5).nonzero().aminmax(dim=0).max.tolist() == [39, 89]
        torch.testing.assert_close(contain[:, 0, 0], torch.ones(3))

    @pytest.mark.parametrize(("width", "height"), [(1, 500), (500, 1), (1, 1), (333, 211)])
    def test_any_shape_fits(self, width: int, height: int, tmp_path: Path) -> None:
        path = tmp_path / "odd.png"
        Image.new("L", (width, height), 100).save(path)
        for page in (PAGE, Page(300, 2, margin=0.9), Page(20, 20, margin=9.99)):
            for fit in ("cover", "contain"):
                sheet = Picture.read(path).on_sheet(page, 64, fit)
                assert sheet.shape[2:] == page.pixels(64)[:2]
                assert bool(sheet.isfinite().all())
            assert max(Picture.read(path).sized(40, page).shape[2:]) == 40

    def test_white_is_the_papers_colour_and_black_that_of_dark_paper(self, tmp_path: Path) -> None:
        path = tmp_path / "two.png"
        Image.fromarray(np.array([[[255] * 3, [0] * 3]], dtype=np.uint8)).save(path)
        for color, place in (("#fbf0d0", 0), ("#202838", 1)):
            page = Page(10, 10, color=color)
            pixels = Picture.read(path).on(page).light[0, :, 0]
            torch.testing.assert_close(pixels[:, place], torch.tensor(page.paper), atol=1e-5, rtol=0)
            torch.testing.assert_close(pixels[:, 1 - place], torch.full((3,), float(place == 1)), atol=1e-5, rtol=0)

    def test_paper_shows_where_it_is_transparent(self, tmp_path: Path) -> None:
        path = tmp_path / "clear.png"
        Image.new("RGBA", (4, 4), (0, 0, 255, 0)).save(path)
        page = Page(10, 10, margin=0, color="#fbf0d0")
        paper = linear_to_srgb(torch.tensor(page.paper))[:, None, None].expand(1, 3, 8, 8)
        torch.testing.assert_close(Picture.read(path).on(page).on_sheet(page, 8, "cover"), paper)

    def test_a_photograph_is_turned_as_it_says(self, tmp_path: Path) -> None:
        path = tmp_path / "turned.jpg"
        exif = Image.Exif()
        exif[0x0112] = 6
        image = Image.new("L", (30, 20), 0)
        image.paste(255, (0, 0, 15, 20))
        image.save(path, exif=exif)
        light = Picture.read(path).light
        assert light.shape[2:] == (30, 20)
        assert light[:, :, :10].mean() > 0.9
        assert light[:, :, 20:].mean() < 0.1

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA", "CMYK"])
    def test_any_kind_of_pixels(self, mode: str, tmp_path: Path) -> None:
        path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
        grey = Image.new("L", (8, 8), 255)
        if mode == "I;16":
            Image.fromarray(np.full((8, 8), 32768, dtype=np.uint16)).save(path)
        else:
            grey.convert("RGB" if mode in ("CMYK", "P") else "L").convert(mode).save(path)
        expected = srgb_to_linear(torch.tensor(128 / 255)) if mode == "I;16" else torch.tensor(1.0)
        found = Picture.read(path)
        torch.testing.assert_close(found.light, expected.expand(1, 3, 8, 8), atol=0.02, rtol=0)
        assert bool((found.opacity == 1).all())

    @pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"GIF89a\1\0\1\0\0\0\0;"])
    def test_files_that_are_none(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "bad.png"
        path.write_bytes(content)
        with pytest.raises(ImageError, match=r"bad\.png: .*; allowed is a picture"):
            Picture.read(path)

    def test_a_file_that_is_cut_off(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.png"
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)).save(path)
        path.write_bytes(path.read_bytes()[:2000])
        with pytest.raises(ImageError, match=r"cut\.png: .*allowed is a picture"):
            Picture.read(path)

    def test_missing_files_and_folders(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "none.png"):
            with pytest.raises(ImageError, match="allowed is a picture"):
                Picture.read(path)

    def test_a_picture_that_is_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "large.png"
        Image.new("L", (40, 40)).save(path)
        monkeypatch.setattr("plotart.files.images.MOST_BYTES", 1599)
        with pytest.raises(ImageError, match=r"large.png: .*40 x 40 px, which take 1.6e-06 GB.*up to 1.599e-06 GB"):
            Picture.read(path)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(picture("fish", np.random.default_rng(3), 96, "paint")).save(path)
    return path


GOALS = ("{type: style, file: FILE}", "{type: image, file: FILE}", "{type: image, file: FILE, features: 0}")
BOUNDS = (
    "{type: diversity, others: [FILE, FOLDER]}",
    "{type: curvature}",
    "{type: overdraw}",
    "{type: coverage, share: 0.3}",
)


def test_every_term_runs(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    photo.with_name("before").joinpath("preview.png").write_bytes(photo.read_bytes())
    terms = ", ".join((*GOALS, *BOUNDS)).replace("FILE", str(photo)).replace("FOLDER", str(tmp_path / "before"))
    run = run_small(small("quickstart", "optimize.steps=3", f"objective=[{terms}]"), tmp_path / "run")
    names = ["motif style", "likeness", "likeness 2", "diversity", "curvature", "overdraw", "coverage"]
    assert set(names) <= run.metrics[0].keys()
    assert all(math.isfinite(row[name]) for row in run.metrics for name in names)
    assert run.summary["objective"] == ["motif style", "likeness", "likeness"]


@pytest.mark.parametrize("term", GOALS)
def test_each_goal_is_enough(term: str, photo: Path) -> None:
    config = small("quickstart", f"objective=[{term.replace('FILE', str(photo))}]")
    assert len(build(config).goals) == 1


@pytest.mark.parametrize("term", ["{type: style, file: X}", "{type: image, file: X}", "{type: diversity, others: [X]}"])
def test_missing_pictures_are_named(term: str) -> None:
    config = small("quickstart", f"objective=[{{type: excitation, class: star}}, {term.replace('X', '/no/such.png')}]")
    with pytest.raises(ImageError, match=r"objective\.1: /no/such\.png: .*allowed is a picture"):
        build(config)


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ({"type": "style"}, "file: found nothing; allowed: the path of a file"),
        ({"type": "style", "file": "a.png", "layers": []}, "layers: found []; allowed: a list of at least 1, each one"),
        ({"type": "image", "file": "a.png", "fit": "fill"}, 'fit: found "fill"; allowed: cover, contain'),
        ({"type": "diversity", "others": []}, "others: found []; allowed: a list of at least 1, each the path of a"),
        ({"type": "curvature", "radius": 0}, "radius: found 0; allowed: a length above 0"),
        ({"type": "overdraw", "pen": 0}, "pen: found 0; allowed: a finite number above 0"),
        ({"type": "coverage"}, "share: found nothing; allowed: a finite number from 0 to 1"),
        ({"type": "coverage", "shore": 1}, 'shore: unknown key; did you mean "share"? Allowed: type, share, weight'),
    ],
)
def test_values_that_are_not_allowed(term: dict[str, object], message: str) -> None:
    goal = {"type": "excitation", "class": "star"}
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({"palette": {"mode": "learned"}, "objective": [goal, term]})
    assert f"objective.1.{message}" in str(caught.value)


def test_an_image_is_looked_at_for_something() -> None:
    term = {"type": "image", "file": "a.png", "features": 0, "color": 0, "edges": 0}
    with pytest.raises(ConfigError, match=r"objective\.0: found features, color and edges of 0; allowed: one of them"):
        Config.from_dict({"palette": {"mode": "learned"}, "objective": [term]})
