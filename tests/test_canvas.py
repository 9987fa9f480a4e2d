"""Strokes on paper, and images of which every pixel chooses a colour."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from plotart.canvas import Canvas, PixelCanvas, StrokeCanvas, grid_strokes, random_strokes
from plotart.canvas.renderer import Mixing, Renderer
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.palette import FixedPalette, LearnedPalette, Palette
from plotart.palette.palettes import Inks
from plotart.pens import Ink, Pen, PenSet

PAGE = Page(60, 40, margin=5, color="#f0e8d0")
PENS = PenSet([Pen("Red", "#c8102e", 1.5), Pen("Blue", "#1f4e9e", 0.8), Pen("White", "white", 2.5, "opaque", 0.9)])
LAYOUTS = (random_strokes, grid_strokes)
LIGHTS: tuple[Mixing, ...] = ("linear", "srgb")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def strokes_canvas(
    palette: Palette | None = None, *, light: Mixing = "linear", smooth: bool = True, logits: Tensor | None = None
) -> StrokeCanvas:
    strokes = random_strokes(12, 2, 15, PAGE, 3, generator())
    strokes = strokes if logits is None else replace(strokes, logits=logits)
    renderer = Renderer(resolution=60, oversample=1, light=light)
    return StrokeCanvas(strokes, palette or FixedPalette(PENS), PAGE, renderer, smooth=smooth)


def pixel_canvas(palette: Palette | None = None, *, light: Mixing = "linear") -> PixelCanvas:
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


#: Control points in mm of a line, a bend and a dot on a page of 60 x 40 mm.
SHAPES = {
    "line": [(20.0, 19.0), (26.0, 20.0), (33.0, 20.5), (40.0, 22.0)],
    "bend": [(18.0, 14.0), (38.0, 8.0), (44.0, 28.0), (22.0, 26.0)],
    "dot": [(30.2, 20.4)] * 4,
}


def ink_of(shape: str, nib: float, softness: float, *, scale: float = 1.0) -> Tensor:
    """[H, W] the share of each pixel that black ink covers, `scale` px to the mm."""
    renderer = Renderer(resolution=round(60 * scale))
    inks = FixedPalette(PenSet([Pen("Black", "black", nib, "opaque")])).inks()
    page = replace(PAGE, color="white")
    image = renderer.image(torch.tensor(SHAPES[shape]), torch.tensor([4]), inks, page, softness=softness)
    return 1 - srgb_to_linear(image[0, 0])


class TestRenderer:
    @pytest.mark.parametrize("two_flux", [False, True])
    @pytest.mark.parametrize("light", LIGHTS)
    @pytest.mark.parametrize("ink", ["opaque", "transparent"])
    def test_a_pen_over_white_paper_shows_its_colour(self, ink: Ink, light: Mixing, two_flux: bool) -> None:
        pen = Pen("Any", "#c8702e", 20, ink, opacity=1.0)
        points = torch.tensor([[0.0, 20.0], [20.0, 20.0], [40.0, 20.0], [60.0, 20.0]])
        renderer = Renderer(resolution=30, light=light, two_flux=two_flux)
        inks = FixedPalette(PenSet([pen])).inks()
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

    @pytest.mark.parametrize("light", LIGHTS)
    def test_two_fluxes_show_where_translucent_inks_overlap_and_only_there(self, light: Mixing) -> None:
        def crossing(ink: Ink, opacity: float, two_flux: bool) -> Tensor:
            """[3, H, W] of a band across the page over one that goes down it."""
            pens = PenSet([Pen("A", "#c8702e", 10, ink, opacity), Pen("B", "#3050c0", 10, ink, opacity)])
            across = [[0.0, 20.0], [20.0, 20.0], [40.0, 20.0], [60.0, 20.0]]
            down = [[30.0, 0.0], [30.0, 15.0], [30.0, 25.0], [30.0, 40.0]]
            renderer = Renderer(resolution=60, light=light, two_flux=two_flux)
            inks, page = FixedPalette(pens).inks(), replace(PAGE, color="white")
            return renderer.image(torch.tensor(across + down), torch.tensor([4, 4]), inks, page)[0]

        for ink, opacity in (("opaque", 0.6), ("transparent", 0.6), ("opaque", 1.0)):
            plain, fluxes = (crossing(ink, opacity, two_flux) for two_flux in (False, True))
            away = (plain - fluxes).abs().amax(dim=0)
            assert (float(away[20, 30]) > 0.01) == ((ink, opacity) == ("opaque", 0.6))
            away[15:25, 25:35] = 0
            assert float(away.max()) < 2e-3

    def test_two_fluxes_between_white_ink_and_white_paper_stay_finite(self) -> None:
        reflectance = torch.tensor([[1.0, 1.0, 0.0]]).requires_grad_()
        transmittance = torch.tensor([[0.0, 0.0, 0.0]]).requires_grad_()
        points = torch.tensor(SHAPES["line"]).requires_grad_()
        inks = Inks(torch.tensor([3.0]), reflectance, transmittance)
        renderer = Renderer(resolution=60, two_flux=True)
        image = renderer.image(points, torch.tensor([4]), inks, replace(PAGE, color="white"))
        image.sum().backward()
        torch.testing.assert_close(image[0, :, 20, 30], torch.tensor([1.0, 1.0, 0.0]), atol=2e-3, rtol=0)
        for values in (reflectance, transmittance, points):
            assert values.grad is not None
            assert torch.isfinite(values.grad).all()

    @pytest.mark.parametrize("softness", [1.0, 3.0, 6.0])
    @pytest.mark.parametrize("nib", [0.5, 1.5, 4.0])
    @pytest.mark.parametrize(("shape", "tolerance"), [("line", 0.02), ("bend", 0.02), ("dot", 0.1)])
    def test_blurred_strokes_keep_their_ink(self, shape: str, tolerance: float, nib: float, softness: float) -> None:
        sharp, blurred = ink_of(shape, nib, 0.0), ink_of(shape, nib, softness)
        assert float(blurred.sum()) == pytest.approx(float(sharp.sum()), rel=tolerance)
        assert float(blurred.max()) < float(sharp.max())

    @pytest.mark.parametrize("scale", [1.0, 4.0])
    def test_softness_is_in_millimetres(self, scale: float) -> None:
        """A blurred stroke reaches half its nib and the softness away from its axis, at any resolution."""
        reach = [int((ink_of("dot", 2.0, softness, scale=scale).amax(dim=1) > 1e-5).sum()) for softness in (0.0, 5.0)]
        assert reach[0] / scale == pytest.approx(2, abs=2 / scale)
        assert (reach[1] - reach[0]) / scale == pytest.approx(10, abs=2 / scale)

    @pytest.mark.parametrize("resolution", [60, 150])
    def test_visible_ink_is_in_square_millimetres(self, resolution: int) -> None:
        points = torch.tensor([[20.0, 20.0], [28.0, 20.0], [32.0, 20.0], [40.0, 20.0]])
        renderer = Renderer(resolution=resolution)
        ink = renderer.visible_ink(points, torch.tensor([4]), torch.tensor([2.0]), torch.tensor([0.0]), PAGE)
        assert float(ink) == pytest.approx(20 * 2 + math.pi, rel=0.02)


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
        assert frame.strokes is not None
        assert torch.equal(frame.strokes.points, canvas.strokes.points)
        assert torch.equal(frame.strokes.widths, PENS.widths[canvas.strokes.pen])

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

    def test_only_what_is_asked_for_is_soft(self) -> None:
        canvas = strokes_canvas()
        with torch.no_grad():
            exact, soft = canvas.soft(1.0).image, canvas.soft(1.0, softness=4.0).image
            assert torch.equal(canvas.soft(1.0, softness=0.0).image, exact)
        assert float(soft.diff(dim=3).abs().mean()) < 0.5 * float(exact.diff(dim=3).abs().mean())

    def test_a_mixed_stroke_is_between_its_pens(self) -> None:
        canvas = strokes_canvas(logits=torch.zeros(12, 3))
        frame = canvas.soft(1.0)
        assert frame.strokes is not None
        torch.testing.assert_close(frame.strokes.widths, PENS.widths.mean().expand(12))


#: In plotting order: transparent inks, broad and thin, and broad white ones that cover in part, and wholly.
LAYERS = PenSet(
    [
        Pen("Marker", "black", 6),
        Pen("Red", "red", 0.8),
        Pen("Veil", "white", 6, "opaque", 0.9),
        Pen("Paint", "white", 6, "opaque"),
    ]
)
MARKER, RED, VEIL, PAINT = range(4)
SHORT, LONG = (20.0, 40.0), (12.0, 48.0)


def layered(
    *strokes: tuple[int, tuple[float, float], float], decided: float = 1e3, length: float = 8.0
) -> StrokeCanvas:
    """Straight strokes, each with a pen, from one x to another at one y, in mm."""
    curves = [[(low + (high - low) * t, y) for t in (0, 0.3, 0.7, 1)] for _, (low, high), y in strokes]
    logits = decided * torch.nn.functional.one_hot(torch.tensor([pen for pen, _, _ in strokes]), 4)
    given = Strokes(torch.tensor(curves).reshape(-1, 2), torch.full((len(strokes),), 4), logits.float())
    return StrokeCanvas(given, FixedPalette(LAYERS), PAGE, Renderer(resolution=60), length=length)


class TestDeadStrokes:
    @pytest.mark.parametrize(
        ("strokes", "dead"),
        [
            ([(RED, SHORT, 20.0)], [False]),
            ([(RED, SHORT, 20.0), (PAINT, LONG, 20.0)], [True, False]),
            ([(PAINT, LONG, 20.0), (RED, SHORT, 20.0)], [False, True]),
            ([(MARKER, SHORT, 20.0), (RED, SHORT, 20.0), (PAINT, LONG, 20.0)], [True, True, False]),
            ([(RED, SHORT, 20.0), (PAINT, (26.0, 48.0), 20.0)], [False, False]),
            ([(RED, SHORT, 22.8), (PAINT, LONG, 20.0)], [False, False]),
            ([(RED, SHORT, 20.0), (VEIL, LONG, 20.0)], [False, False]),
            ([(RED, SHORT, 20.0), (VEIL, LONG, 20.0), (VEIL, LONG, 20.0)], [True, False, False]),
            ([(MARKER, SHORT, 20.0), *3 * [(MARKER, LONG, 20.0)]], [False] * 4),
            ([(RED, SHORT, -2.0)], [True]),
            ([(RED, SHORT, 0.0), (RED, SHORT, 40.3), (RED, (-50.0, 1.0), 20.0)], [False] * 3),
            ([(RED, (70.0, 80.0), 20.0), (RED, (0.0, 60.0), 44.0), (RED, SHORT, 8.0)], [True, True, False]),
            ([(PAINT, SHORT, 20.0), (PAINT, LONG, 20.0)], [True, False]),
            ([(PAINT, LONG, 20.0), (PAINT, SHORT, 20.0)], [False, False]),
            ([(RED, (30.0, 30.0), 20.0)], [False]),
        ],
        ids=[
            "alone", "under paint", "under paint, whatever their order", "two under paint", "half under paint",
            "beside paint", "under translucent paint", "under two layers of it", "under dark transparent ink",
            "off the page", "partly off the page", "off the page in other ways", "under its own pen",
            "over its own pen", "a dot",
        ],
    )  # fmt: skip
    def test_those_are_dead_that_cannot_be_seen(
        self, strokes: list[tuple[int, tuple[float, float], float]], dead: list[bool]
    ) -> None:
        assert layered(*strokes).dead(0.1).tolist() == dead

    def test_a_stroke_that_is_wound_up_is_as_alive_as_a_dot(self) -> None:
        turns = torch.linspace(0, 40 * torch.pi, 301)
        points = torch.stack([30 + 0.1 * turns.cos(), 20 + 0.1 * turns.sin()], dim=1)
        strokes = Strokes(points, torch.tensor([301]), torch.tensor([[0.0, 1.0, 0.0, 0.0]]))
        assert strokes.points.diff(dim=0).norm(dim=1).sum() > 12
        assert not StrokeCanvas(strokes, FixedPalette(LAYERS), PAGE, Renderer(resolution=60)).dead(0.1)

    def test_undecided_paint_does_not_cover(self) -> None:
        canvas = layered((RED, SHORT, 20.0), (PAINT, LONG, 20.0), decided=1.0)
        assert canvas.dead(10.0).tolist() == [False, False]
        assert canvas.dead(0.1).tolist() == [True, False]

    def test_dead_strokes_begin_again(self) -> None:
        canvas = layered((PAINT, LONG, 20.0), (RED, SHORT, 20.0), (MARKER, SHORT, 9.0), (RED, SHORT, -9.0))
        before = {name: value.detach().clone() for name, value in canvas.tensors().items()}
        renewed = canvas.recycle(0.1, generator())
        after = {name: value.detach() for name, value in canvas.tensors().items()}
        assert renewed["logits"].tolist() == [1, 3]
        assert renewed["points"].tolist() == [4, 5, 6, 7, 12, 13, 14, 15]
        for name, rows in renewed.items():
            moved = (after[name] != before[name]).any(dim=1)
            assert moved.nonzero().flatten().tolist() == rows.tolist()
        strokes = after["points"][renewed["points"]].reshape(2, 4, 2)
        left, top, right, bottom = PAGE.inner
        assert ((strokes >= torch.tensor([left, top])) & (strokes <= torch.tensor([right, bottom]))).all()
        assert not torch.equal(strokes[0], strokes[1])
        assert strokes.diff(dim=1).norm(dim=2).sum(dim=1).tolist() == pytest.approx([8, 8], rel=0.3)
        assert float(after["logits"][[1, 3]].abs().max()) < 0.1
        assert canvas.parameters()["points"].requires_grad

    def test_the_generator_alone_decides_where(self) -> None:
        def points(seed: int) -> Tensor:
            canvas = layered((RED, SHORT, 20.0), (PAINT, LONG, 20.0))
            canvas.recycle(0.1, generator(seed))
            return canvas.strokes.points

        assert torch.equal(points(1), points(1))
        assert not torch.equal(points(1), points(2))

    def test_strokes_keep_their_number_of_curves(self) -> None:
        curves = random_strokes(1, 1, 5, PAGE, 4, generator()), random_strokes(1, 3, 5, PAGE, 4, generator())
        given = Strokes(
            torch.cat([strokes.points - 100 for strokes in curves]), torch.tensor([4, 10]), torch.zeros(2, 4)
        )
        canvas = StrokeCanvas(given, FixedPalette(LAYERS), PAGE, Renderer(resolution=60), length=8.0)
        assert canvas.recycle(1.0, generator())["points"].tolist() == list(range(14))
        assert canvas.strokes.num_points.tolist() == [4, 10]
        assert (canvas.strokes.points > 0).all()

    def test_where_all_can_be_seen_nothing_is_drawn_from_the_generator(self) -> None:
        canvas, random = layered((RED, SHORT, 20.0), (MARKER, LONG, 20.0)), generator()
        before = random.get_state()
        assert {name: len(rows) for name, rows in canvas.recycle(0.1, random).items()} == {"points": 0, "logits": 0}
        assert torch.equal(random.get_state(), before)


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
        self, canvas_of: Callable[..., Canvas], light: Mixing
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
    def test_mixes_are_means_in_their_light(self, light: Mixing) -> None:
        palette = FixedPalette(PenSet([Pen("Black", "black", 1), Pen("White", "white", 1)]))
        canvas = PixelCanvas(palette, PAGE, resolution=6, light=light, random=generator())
        with torch.no_grad():
            canvas.tensors()["logits"].zero_()
        expected = 0.5 if light == "srgb" else 0.7354
        assert float(canvas.soft(1.0).image.detach().mean()) == pytest.approx(expected, abs=1e-3)

    def test_every_pixel_can_be_seen(self) -> None:
        canvas = pixel_canvas()
        before = canvas.hard().image
        assert canvas.recycle(0.1, generator()) == {}
        assert torch.equal(canvas.hard().image, before)
        assert torch.equal(canvas.soft(1.0, softness=3.0).image, canvas.soft(1.0).image)

    def test_there_are_no_strokes_to_look_at(self) -> None:
        frame = pixel_canvas().soft(1.0)
        assert frame.strokes is None
        assert frame.shares.shape == (16 * 24, 3)

    def test_project_changes_nothing(self) -> None:
        canvas = pixel_canvas()
        before = canvas.hard().image
        canvas.project()
        assert torch.equal(canvas.hard().image, before)
