"""Large sheets are drawn and looked at in windows: what those show, what moves, what is reported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as functional
from small_runs import run_small, small
from torch import Tensor

from plotart.canvas import PixelCanvas, StrokeCanvas, Symmetry, random_strokes
from plotart.canvas.renderer import Renderer
from plotart.color.light import linear_to_srgb
from plotart.errors import ConfigError
from plotart.geometry.page import Page
from plotart.objectives import Features, Goal, Likeness, Look, Region, Sum, Term, Views, Windows
from plotart.objectives.views import RandomWindows, batches
from plotart.optimize import Optimizer, Plan
from plotart.optimize.clearing import Clearing
from plotart.optimize.ensemble import Course
from plotart.optimize.plan import Moment
from plotart.palette import FixedPalette
from plotart.pens import Pen, PenSet

PAGE = Page(90, 60, margin=4, color="#f0e8d0")
PENS = PenSet([Pen("Red", "#c8102e", 0.7), Pen("Blue", "#1f4e9e", 0.5), Pen("White", "white", 1.5, "opaque")])
RENDERER = Renderer(resolution=270)
PAPER = linear_to_srgb(torch.tensor(PAGE.paper))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def canvas(count: int = 60, symmetry: Symmetry | None = None) -> StrokeCanvas:
    strokes = random_strokes(count, 2, 12.0, PAGE, 3, generator())
    return StrokeCanvas(strokes, FixedPalette(PENS), PAGE, RENDERER, symmetry=symmetry)


class Darkness(Term):
    name = "darkness"

    def __call__(self, look: Look) -> Tensor:
        return look.seen.mean()


class Pull(Term):
    """Draws every control point to the sheet's corner, whatever can be seen."""

    name = "pull"

    def __call__(self, look: Look) -> Tensor:
        assert look.strokes is not None
        return 0.01 * look.strokes.points.square().mean()


class Whiteness(Goal):
    name = "whiteness"

    def __call__(self, look: Look) -> Tensor:
        return -look.seen.mean()


class TestWhatWindowsShow:
    def test_tiles_are_parts_of_the_whole_drawing(self) -> None:
        """270 x 180 px in windows of 100: three along, two down, the last of them up against the edges."""
        tiles = Windows.tiling(PAGE, 270, 100)
        whole, parts = canvas().hard().image, canvas().hard(tiles).image
        assert parts.shape == (6, 3, 100, 100)
        corners = [(x, y) for y in (0, 80) for x in (0, 85, 170)]
        for part, (x, y) in zip(parts, corners, strict=True):
            torch.testing.assert_close(part, whole[0, :, y : y + 100, x : x + 100], atol=2e-5, rtol=0)

    def test_a_sheet_that_fits_is_one_tile(self) -> None:
        (tile,) = Windows.tiling(PAGE, 100, 400)
        assert tile.size == tile.sheet == (67, 100)
        sheet = torch.rand(1, 3, 67, 100, generator=generator())
        torch.testing.assert_close(tile(sheet), sheet, atol=1e-5, rtol=0)

    def test_drawing_and_masks_are_seen_at_the_same_place(self) -> None:
        """The whole drawing, resampled as a picture of the sheet would be, is what the window draws, but for blur."""
        windows = RandomWindows(3, 90, rotate=40).choose(PAGE, 270, generator(3))
        drawn = canvas().hard(windows).image.detach()
        sheet = canvas_image(replace(RENDERER, resolution=1080))
        seen = windows(sheet, PAPER)
        mean = torch.nn.functional.avg_pool2d
        difference = (mean(drawn, 6) - mean(seen, 6)).abs()
        ink = (mean(drawn, 6) - PAPER[:, None, None]).abs()
        assert float(ink.mean()) > 0.02
        assert float(difference.mean()) < 0.25 * float(ink.mean())

    def test_coarser_windows_show_more_of_the_sheet(self) -> None:
        random = RandomWindows(4, 90, scale=(1.0, 1.0))
        fine, coarse = (random.choose(PAGE, resolution, generator()) for resolution in (270, 135))
        assert fine.scales.tolist() == pytest.approx([3.0] * 4, rel=1e-4)
        assert coarse.scales.tolist() == pytest.approx([1.5] * 4, rel=1e-4)

    def test_a_part_of_a_picture_is_seen_as_it_is_in_the_whole(self) -> None:
        windows = RandomWindows(2, 64, rotate=40).choose(PAGE, 270, generator(3))
        picture = torch.rand(1, 3, *windows.sheet, generator=generator())
        part = windows.part(2)
        assert picture[..., part[0], part[1]].numel() < 0.7 * picture.numel()
        seen = windows.within(part)(picture[..., part[0], part[1]], PAPER)
        assert torch.allclose(seen, windows(picture, PAPER), atol=1e-3)

    def test_tiles_are_looked_at_some_at_a_time_and_none_is_left_out(self) -> None:
        tiles = list(Windows.tiling(PAGE, 270, 64))
        taken = list(batches(tiles, 4))
        assert len(tiles) % 4
        assert {len(batch.scales) for batch in taken} == {4}
        seen = {tuple(one.flatten().tolist()) for batch in taken for one in batch.to_px}
        assert seen == {tuple(tile.to_px.flatten().tolist()) for tile in tiles}

    def test_windows_lie_on_the_sheet(self) -> None:
        windows = RandomWindows(200, 60, scale=(1.0, 1.0), rotate=0).choose(PAGE, 270, generator())
        centre = (windows.size[0] / 2 - windows.to_px[:, :, 2]) / 3.0
        assert float(centre[:, 0].min()) >= 5
        assert float(centre[:, 0].max()) <= 85
        assert float(centre[:, 1].min()) < 8
        assert float(centre[:, 1].max()) > 52

    def test_what_no_window_shows_has_no_slope(self) -> None:
        drawing = canvas()
        windows = RandomWindows(1, 60).choose(PAGE, 270, generator(1))
        frame = drawing.soft(0.5, windows)
        frame.image.square().sum().backward()
        points = drawing.parameters()["points"]
        assert points.grad is not None
        moved = points.grad.reshape(60, -1).abs().sum(dim=1) > 0
        shown = ~frame.idle["logits"]
        assert 3 < int(shown.sum()) < 40
        assert not bool((moved & ~shown).any())
        assert int(moved.sum()) > 0.6 * int(shown.sum())

    def test_softness_reaches_as_far_as_in_the_whole(self) -> None:
        tiles = Windows.tiling(PAGE, 270, 90)
        whole = canvas().soft(0.5, softness=1.5).image
        parts = canvas().soft(0.5, softness=1.5, views=tiles).image
        torch.testing.assert_close(parts[4], whole[0, :, 90:180, 90:180], atol=1e-4, rtol=0)

    def test_a_canvas_of_pixels_has_none(self) -> None:
        pixels = PixelCanvas(FixedPalette(PENS), PAGE, resolution=24, random=generator())
        with pytest.raises(ValueError, match="not drawn in windows"):
            pixels.hard(Windows.tiling(PAGE, 24, 16))


def canvas_image(renderer: Renderer) -> Tensor:
    strokes = random_strokes(60, 2, 12.0, PAGE, 3, generator())
    return StrokeCanvas(strokes, FixedPalette(PENS), PAGE, renderer).hard().image.detach()


class TestTermsInWindows:
    def test_a_region_is_where_it_is_on_the_sheet(self) -> None:
        left = Region.box((0, 0, 45, 60), PAGE)
        tiles = Windows.tiling(PAGE, 180, 90)
        seen = left.seen(tiles, tiles.sheet, (9, 9))
        assert seen.mean(dim=(1, 2)).tolist() == pytest.approx([1, 0, 1, 0], abs=0.01)

    def test_likeness_compares_the_same_part_of_both(self) -> None:
        tiles = Windows.tiling(PAGE, 180, 90)
        sheet = torch.rand(1, 3, 120, 180, generator=generator())
        like, unlike = (Look(tiles(picture), tiles, Features(sheet), PAGE) for picture in (sheet, sheet.flip(3)))
        assert float(Likeness(sheet)(like)) < 0.01
        assert float(Likeness(sheet)(unlike)) > 0.5

    def test_likeness_looks_at_the_whole_picture_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a step costs must not grow with the sheet: the picture is brought to the sheet's size only once."""
        sheet = torch.rand(1, 3, 180, 270, generator=generator())
        sizes: list[torch.Size] = []
        interpolate = functional.interpolate

        def noted(image: Tensor, *given: Any, **more: Any) -> Tensor:
            sizes.append(image.shape)
            return interpolate(image, *given, **more)

        monkeypatch.setattr("plotart.objectives.losses.image.F.interpolate", noted)
        term, losses = Likeness(sheet, sight=0.5), []
        for _ in range(3):
            windows = RandomWindows(1, 48).choose(PAGE, 270, generator(1))
            image, _ = windows.render(_Whole(sheet))
            losses.append(float(term(Look(image, windows, Features(image), PAGE))))
        assert len(sizes) == 1
        assert losses == losses[:1] * 3

    def test_the_activation_is_the_mean_over_tiles(self) -> None:
        image = torch.rand(1, 3, 120, 180, generator=generator())
        tiles = Windows.tiling(PAGE, 180, 60)
        assert Whiteness().activation(image, PAGE, tiles) == pytest.approx(float(image.mean()), abs=1e-5)
        assert Look.plain(image, PAGE).sheet == (120, 180)
        assert Look(image, Views.still(), Features(image), PAGE).seen is image


class TestTheLoop:
    def optimizer(self, term: Term, symmetry: Symmetry | None = None, **changes: object) -> Optimizer:
        plan = replace(Plan(steps=6, polish=0.34, recycle=0, sharpness=0, usage=0), **changes)  # type: ignore[arg-type]
        views = RandomWindows(1, 50)
        return Optimizer(canvas(40, symmetry), Sum(Sum.parts_of(term)), views, plan, seed=4)

    def test_only_what_is_shown_moves(self) -> None:
        """A penalty that pulls at everything moves nothing that no window shows."""
        run = self.optimizer(Pull(), project=False)
        points = run.canvas.parameters()["points"]
        before = points.detach().clone()
        next(run.steps())
        moved = (points.detach() - before).reshape(40, -1).abs().sum(dim=1) > 0
        windows = RandomWindows(1, 50).choose(PAGE, 270, generator(4))
        shown = ~canvas(40).soft(1.0, windows).idle["logits"]
        assert 0 < int(shown.sum()) < 30
        assert torch.equal(moved, shown)

    def test_copies_that_are_shown_move_their_stroke(self) -> None:
        run = self.optimizer(Pull(), Symmetry.mirror(PAGE, across=(True, True)), project=False)
        points = run.canvas.parameters()["points"]
        before = points.detach().clone()
        next(run.steps())
        moved = (points.detach() - before).reshape(40, -1).abs().sum(dim=1) > 0
        windows = RandomWindows(1, 50).choose(PAGE, 270, generator(4))
        idle = canvas(40, Symmetry.mirror(PAGE, across=(True, True))).soft(1.0, windows).idle
        assert torch.equal(moved, ~idle["logits"])

    def test_the_loss_falls_all_over_the_sheet(self) -> None:
        run = self.optimizer(Darkness(), steps=60, rates={"points": 0.3, "logits": 0.3, "colors": 0.0})
        before = float(run.canvas.hard().image.detach().mean())
        list(run.steps())
        assert float(run.canvas.hard().image.detach().mean()) < before - 0.01

    def test_strokes_leave_where_no_window_has_been_as_elsewhere(self) -> None:
        """Before any leaves, all have been looked at; what costs the same everywhere is thinned everywhere."""
        run = self.optimizer(Whiteness(), clearing=Clearing(keep=0.5), steps=20)
        run.stills = tuple(Windows.tiling(PAGE, 270, 50))
        assert len(run.stills) > 6
        list(run.steps())
        assert torch.isfinite(run._economy.worth).all()
        left = run.canvas.tensors()["there"]
        assert int(left.sum()) == 20

    def test_what_has_been_looked_at_is_not_looked_at_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = self.optimizer(Whiteness(), clearing=Clearing(keep=0.5), steps=40)
        run.stills = tuple(Windows.tiling(PAGE, 270, 50))
        looked: list[int] = []
        appraise = run._appraise

        def counted(now: Moment, views: Views | None = None) -> Course[None]:
            looked.append(views is not None)
            return appraise(now, views)

        monkeypatch.setattr(run, "_appraise", counted)
        list(run.steps())
        assert looked.count(True) == len(run.stills)
        assert looked.count(False) > 3

    def test_a_run_goes_on_to_the_bit(self) -> None:
        whole, first, second = (self.optimizer(Darkness() + Pull()) for _ in range(3))
        list(whole.steps())
        steps = first.steps()
        for _ in range(3):
            next(steps)
        second.restore(*first.state())
        list(second.steps())
        assert torch.equal(whole.canvas.parameters()["points"], second.canvas.parameters()["points"])


@dataclass(frozen=True)
class _Whole:
    """A picture of the sheet as if it were a drawing, as windows see it."""

    picture: Tensor

    def whole(self) -> tuple[Tensor, None]:
        return self.picture, None

    def windows(self, windows: Windows) -> tuple[Tensor, None]:
        return windows(self.picture, PAPER), None


class TestFromAConfig:
    def test_a_run_in_windows(self, tmp_path: Path) -> None:
        run = run_small(small("quickstart", "render.crop=48"), tmp_path)
        figures = run.summary["activation"]
        assert figures["plotted"] == pytest.approx(figures["hard"], abs=0.05)

    @pytest.mark.parametrize(
        ("overrides", "message"),
        [
            (["render.crop=500"], "render.crop: found 500; allowed: at most resolution (64)"),
            (["render.crop=32", "canvas=pixels"], "render.crop: found 32; allowed: crop on a canvas of strokes"),
            (["render.crop=32", "augment.size=64"], "augment.size: found 64; allowed: null, as windows"),
        ],
    )
    def test_what_does_not_fit_together(self, overrides: list[str], message: str) -> None:
        with pytest.raises(ConfigError) as error:
            small("quickstart", *overrides)
        assert message in str(error.value)
