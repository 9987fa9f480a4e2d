"""Strokes on paper, and images of which every pixel chooses a colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from plotart.canvas import Canvas, PixelCanvas, StrokeCanvas, grid_strokes, random_strokes
from plotart.canvas.strokes import Light, Renderer
from plotart.light import linear_to_srgb, srgb_to_linear
from plotart.page import Page
from plotart.palette import FixedPalette, LearnedPalette, Palette
from plotart.pens import Ink, Pen, PenSet
from plotart.strokes import Strokes

PAGE = Page(60, 40, margin=5, color="#f0e8d0")
PENS = PenSet([Pen("Red", "#c8102e", 1.5), Pen("Blue", "#1f4e9e", 0.8), Pen("White", "white", 2.5, "opaque", 0.9)])
LAYOUTS = (random_strokes, grid_strokes)
LIGHTS: tuple[Light, ...] = ("linear", "srgb")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def strokes_canvas(
    palette: Palette | None = None, *, light: Light = "linear", smooth: bool = True, logits: Tensor | None = None
) -> StrokeCanvas:
    strokes = random_strokes(12, 2, 15, PAGE, 3, generator())
    strokes = strokes if logits is None else replace(strokes, logits=logits)
    renderer = Renderer(resolution=60, oversample=1, light=light)
    return StrokeCanvas(strokes, palette or FixedPalette(PENS), PAGE, renderer, smooth=smooth)


def pixel_canvas(palette: Palette | None = None, *, light: Light = "linear") -> PixelCanvas:
    return PixelCanvas(palette or FixedPalette(PENS), PAGE, resolution=24, light=light, random=generator())


CANVASES: tuple[Callable[[Palette], Canvas], ...] = (strokes_canvas, pixel_canvas)
every_canvas = pytest.mark.parametrize("canvas_of", CANVASES)


def saturate(canvas: Canvas) -> None:
    """Logits so far apart that every row is one pen."""
    with torch.no_grad():
        logits = canvas.tensors()["logits"]
        pens = logits.shape[-1]
        choice = torch.randint(pens, logits.shape[:-1], generator=generator(1))
        logits.copy_(1e3 * torch.nn.functional.one_hot(choice, pens))


@pytest.mark.parametrize("layout", LAYOUTS)
class TestLayout:
    @pytest.mark.parametrize(("count", "segments", "length"), [(1, 1, 5.0), (50, 2, 20.0), (7, 4, 300.0)])
    def test_strokes_begin_inside_the_margins(
        self, layout: Callable[..., Strokes], count: int, segments: int, length: float
    ) -> None:
        strokes = layout(count, segments, length, PAGE, 3, generator())
        left, top, right, bottom = PAGE.inner
        assert len(strokes) == count
        assert strokes.num_points.tolist() == [3 * segments + 1] * count
        assert strokes.logits.shape == (count, 3)
        x, y = strokes.points.unbind(dim=1)
        assert left <= float(x.min()) <= float(x.max()) <= right
        assert top <= float(y.min()) <= float(y.max()) <= bottom

    def test_strokes_have_about_the_length(self, layout: Callable[..., Strokes]) -> None:
        strokes = layout(50, 2, 6.0, Page(500, 500, margin=10), 3, generator())
        steps = strokes.points.reshape(50, 7, 2).diff(dim=1).norm(dim=-1).sum(dim=1)
        assert float(steps.median()) == pytest.approx(6, rel=0.01)

    def test_the_generator_alone_decides(self, layout: Callable[..., Strokes]) -> None:
        first, again, other = (layout(9, 2, 10.0, PAGE, 3, generator(seed)) for seed in (1, 1, 2))
        assert torch.equal(first.points, again.points)
        assert torch.equal(first.logits, again.logits)
        assert not torch.equal(first.points, other.points)

    def test_rows_start_almost_undecided(self, layout: Callable[..., Strokes]) -> None:
        logits = layout(50, 2, 10.0, PAGE, 3, generator()).logits
        assert logits.softmax(dim=1).max() < 0.36
        assert len(set(logits.argmax(dim=1).tolist())) == 3


def test_grid_strokes_are_spread_evenly() -> None:
    centers = grid_strokes(24, 2, 2.0, PAGE, 3, generator()).points.reshape(24, 7, 2).mean(dim=1)
    apart = torch.cdist(centers, centers).fill_diagonal_(torch.inf).amin(dim=1)
    assert float(apart.min()) > 0.8 * float(apart.max())


class TestRenderer:
    @pytest.mark.parametrize("light", LIGHTS)
    @pytest.mark.parametrize("ink", ["opaque", "transparent"])
    def test_a_pen_over_white_paper_shows_its_colour(self, ink: Ink, light: Light) -> None:
        pen = Pen("Any", "#c8702e", 20, ink)
        points = torch.tensor([[0.0, 20.0], [20.0, 20.0], [40.0, 20.0], [60.0, 20.0]])
        renderer, inks = Renderer(resolution=30, light=light), FixedPalette(PenSet([pen])).inks()
        image = renderer.image(points, torch.tensor([4]), inks, replace(PAGE, color="white"))
        assert image.shape == (1, 3, 20, 30)
        torch.testing.assert_close(image[0, :, 10, 15], torch.tensor(pen.rgb), atol=1e-5, rtol=0)
        torch.testing.assert_close(image[0, :, 1, 1], torch.ones(3), atol=1e-5, rtol=0)

    def test_crossing_filters_multiply_in_linear_light(self) -> None:
        pens = PenSet([Pen("A", "#ff8080", 20), Pen("B", "#80ff80", 20)])
        points = torch.tensor([[0.0, 20.0], [20.0, 20.0], [40.0, 20.0], [60.0, 20.0]]).repeat(2, 1)
        image = Renderer(resolution=30).image(
            points, torch.tensor([4, 4]), FixedPalette(pens).inks(), replace(PAGE, color="white")
        )
        half = srgb_to_linear(torch.tensor(128 / 255))
        expected = linear_to_srgb(torch.stack([half, half, half * half]))
        torch.testing.assert_close(image[0, :, 10, 15], expected, atol=1e-5, rtol=0)

    def test_millimetres_become_pixels(self) -> None:
        points = torch.tensor([[30.0, 10.0], [40.0, 10.0], [50.0, 10.0], [58.0, 10.0]])
        inks = FixedPalette(PenSet([Pen("Black", "black", 2.0, "opaque")])).inks()
        small, large = (
            1 - Renderer(resolution=size).image(points, torch.tensor([4]), inks, replace(PAGE, color="white"))[0, 0]
            for size in (60, 240)
        )
        assert float(large.sum()) == pytest.approx(16 * float(small.sum()), rel=0.05)
        assert float(small[:, :28].abs().max()) < 1e-6
        assert float(small[12:].abs().max()) < 1e-6


class TestStrokeCanvas:
    def test_project_puts_strokes_back_inside_the_margins(self) -> None:
        canvas = strokes_canvas()
        with torch.no_grad():
            canvas.parameters()["points"].add_(100 * torch.randn(84, 2, generator=generator()))
        canvas.project()
        points, nib = canvas.strokes.points, 1.25
        left, top, right, bottom = PAGE.inner
        low, high = torch.tensor([left + nib, top + nib]), torch.tensor([right - nib, bottom - nib])
        assert ((points >= low - 1e-5) & (points <= high + 1e-5)).all()
        assert (points == low).any()

    def test_project_leaves_what_is_inside(self) -> None:
        canvas = strokes_canvas()
        canvas.project()
        before = canvas.strokes.points
        canvas.project()
        assert torch.equal(canvas.strokes.points, before)

    def test_smooth_strokes_have_no_kinks(self) -> None:
        points = strokes_canvas(smooth=True).strokes.points.reshape(12, 7, 2)
        torch.testing.assert_close(points[:, 4] - points[:, 3], points[:, 3] - points[:, 2])

    def test_strokes_that_are_not_smooth_are_as_given(self) -> None:
        given = random_strokes(12, 2, 15, PAGE, 3, generator())
        assert torch.equal(strokes_canvas(smooth=False).strokes.points, given.points)

    def test_frames_hold_the_strokes_that_were_drawn(self) -> None:
        canvas = strokes_canvas()
        frame = canvas.hard()
        assert frame.points is not None
        assert frame.widths is not None
        assert torch.equal(frame.points, canvas.strokes.points)
        assert torch.equal(frame.widths, PENS.widths[canvas.strokes.pen])

    def test_pens_are_laid_in_plotting_order(self) -> None:
        """The opaque white pen is the last, whatever the order of the strokes."""
        line = torch.tensor([[10.0, 20.0], [25.0, 20.0], [35.0, 20.0], [50.0, 20.0]])
        images = []
        for pens in ([0, 2], [2, 0]):
            logits = torch.nn.functional.one_hot(torch.tensor(pens), 3).float()
            strokes = Strokes(line.repeat(2, 1), torch.tensor([4, 4]), logits)
            canvas = StrokeCanvas(strokes, FixedPalette(PENS), PAGE, Renderer(resolution=60, oversample=1))
            images.append(canvas.hard().image.detach())
        assert torch.equal(images[0], images[1])
        assert float(images[0][0, :, 19:21, 30].min()) > 0.9

    def test_slopes_reach_points_and_logits(self) -> None:
        canvas = strokes_canvas()
        canvas.soft(1.0).image.sum().backward()
        for values in canvas.parameters().values():
            assert values.grad is not None
            assert torch.isfinite(values.grad).all()
            assert values.grad.any()

    def test_a_mixed_stroke_is_between_its_pens(self) -> None:
        canvas = strokes_canvas(logits=torch.zeros(12, 3))
        frame = canvas.soft(1.0)
        assert frame.widths is not None
        torch.testing.assert_close(frame.widths, PENS.widths.mean().expand(12))


@every_canvas
class TestEveryCanvas:
    @pytest.mark.parametrize("ink", ["transparent", "opaque"])
    def test_slopes_of_the_image_reach_learned_colours(self, canvas_of: Callable[..., Canvas], ink: Ink) -> None:
        palette = LearnedPalette(3, width=1.5, ink=ink)
        canvas_of(palette).soft(1.0).image.sum().backward()
        assert palette.colors.grad is not None
        assert torch.isfinite(palette.colors.grad).all()
        assert (palette.colors.grad > 0).all()

    @pytest.mark.parametrize("light", LIGHTS)
    def test_with_saturated_rows_soft_and_hard_frames_are_one(
        self, canvas_of: Callable[..., Canvas], light: Light
    ) -> None:
        canvas = canvas_of(FixedPalette(PENS), light=light)
        saturate(canvas)
        soft, hard = canvas.soft(0.1), canvas.hard()
        torch.testing.assert_close(soft.image, hard.image, atol=1e-5, rtol=0)
        torch.testing.assert_close(soft.shares, hard.shares)
        assert hard.shares.sum(dim=0).min() > 0

    def test_hardening_changes_a_hard_frame_by_no_more_than_eight_bits(self, canvas_of: Callable[..., Canvas]) -> None:
        canvas = canvas_of(LearnedPalette(3, width=1.5))
        before = canvas.hard().image
        canvas.harden()
        torch.testing.assert_close(canvas.hard().image, before, atol=3 / 255, rtol=0)

    def test_hardening_fixes_pens_and_colours_for_good(self, canvas_of: Callable[..., Canvas]) -> None:
        canvas = canvas_of(LearnedPalette(3, width=1.5))
        assert {"logits", "colors"} <= set(canvas.parameters())
        names = list(canvas.tensors())
        canvas.harden()
        assert set(canvas.parameters()) <= {"points"}
        assert list(canvas.tensors()) == names

    def test_noise_comes_from_the_generator_alone(self, canvas_of: Callable[..., Canvas]) -> None:
        canvas = canvas_of(FixedPalette(PENS))
        first, again, other = (canvas.soft(1.0, noise=1.0, random=generator(seed)).image for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)

    def test_blank_is_the_paper(self, canvas_of: Callable[..., Canvas]) -> None:
        canvas = canvas_of(FixedPalette(PENS))
        expected = torch.tensor([0xF0, 0xE8, 0xD0]) / 255
        torch.testing.assert_close(canvas.paper, expected, atol=1e-6, rtol=0)
        assert canvas.blank().shape == canvas.hard().image.shape
        torch.testing.assert_close(canvas.blank()[0, :, 3, 5], expected, atol=1e-6, rtol=0)


def test_beside_the_strokes_a_drawing_is_blank() -> None:
    canvas = strokes_canvas()
    torch.testing.assert_close(canvas.hard().image[..., :2, :], canvas.blank()[..., :2, :], atol=1e-5, rtol=0)


class TestPixelCanvas:
    def test_every_pixel_has_its_colour_over_white(self) -> None:
        canvas = pixel_canvas()
        image, index = canvas.hard().image, canvas.index
        assert index.shape == (16, 24)
        inks = FixedPalette(PENS).inks()
        colors = linear_to_srgb(inks.reflectance + inks.transmittance)
        torch.testing.assert_close(image[0].permute(1, 2, 0), colors[index])

    @pytest.mark.parametrize("light", LIGHTS)
    def test_mixes_are_means_in_their_light(self, light: Light) -> None:
        palette = FixedPalette(PenSet([Pen("Black", "black", 1), Pen("White", "white", 1)]))
        canvas = PixelCanvas(palette, PAGE, resolution=6, light=light, random=generator())
        with torch.no_grad():
            canvas.tensors()["logits"].zero_()
        expected = 0.5 if light == "srgb" else 0.7354
        assert float(canvas.soft(1.0).image.detach().mean()) == pytest.approx(expected, abs=1e-3)

    def test_there_are_no_strokes_to_look_at(self) -> None:
        frame = pixel_canvas().soft(1.0)
        assert (frame.points, frame.num_points, frame.widths) == (None, None, None)
        assert frame.shares.shape == (16 * 24, 3)

    def test_project_changes_nothing(self) -> None:
        canvas = pixel_canvas()
        before = canvas.hard().image
        canvas.project()
        assert torch.equal(canvas.hard().image, before)
