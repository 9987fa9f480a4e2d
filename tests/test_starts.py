"""Strokes to begin with: long lines that wander, tours of pictures, compositions, and how many strokes there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial import KDTree
from shapely import LineString, STRtree
from small_runs import CONFIGS, small

from plotart import Config
from plotart.canvas import random_strokes
from plotart.canvas.composition import composed_centers
from plotart.canvas.coverage import MOST_STROKES, count_of_lines, count_of_strokes
from plotart.canvas.stippling import Raster, stipple
from plotart.canvas.wandering import MOST_POINTS
from plotart.errors import ConfigError, InputError
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest, Strokes, joint_rows
from plotart.geometry.tour import order_of_points
from plotart.job.build import build, build_page
from plotart.job.start import darkness, stroke_count
from plotart.plugins import STARTS

A5 = Page(148, 210, margin=10)
SMALL_PAGE = Page(60, 40, margin=5)
COMPOSITIONS = ("even", "focus", "airy")

Array = NDArray[np.float64]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def wanted(count: int, segments: int, page: Page = A5, *, pens: int = 2, seed: int = 0) -> StartRequest:
    return StartRequest(count, segments, 20.0, page, pens, generator(seed), darkness=disc())


def disc(side: int = 128) -> torch.Tensor:
    """[H, W] of an A5 sheet with a disc that gets darker from its left to its right, on white."""
    y, x = torch.meshgrid(torch.linspace(0, 210, side), torch.linspace(0, 148, side), indexing="ij")
    inside = (x - 74) ** 2 + (y - 105) ** 2 < 50**2
    return inside * (0.3 + 0.7 * (x - 24) / 100).clamp(0, 1)


def laid(init: str, request: StartRequest) -> Strokes:
    strokes = STARTS.load(init)(request)
    assert isinstance(strokes, Strokes)
    return strokes


def polylines(strokes: Strokes) -> list[Array]:
    return [bezier_points(curve, 0.02) for curve in strokes.curves()]


def length(lines: Sequence[Array]) -> float:
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def spots(lines: Sequence[Array], step: float = 0.25) -> Array:
    """Points every `step` mm along the lines."""
    found = []
    for line in lines:
        at = np.concatenate([[0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
        where = np.arange(0, at[-1], step)
        found.append(np.stack([np.interp(where, at, line[:, axis]) for axis in (0, 1)], axis=1))
    return np.concatenate(found)


def ink(lines: Sequence[Array], page: Page, cell: float) -> Array:
    """[rows, columns] of what is inside the margins: mm of line in each cell of about `cell` mm."""
    left, top, right, bottom = page.inner
    bins = round((bottom - top) / cell), round((right - left) / cell)
    where = spots(lines)
    found, _, _ = np.histogram2d(where[:, 1], where[:, 0], bins, [(top, bottom), (left, right)])
    return np.asarray(0.25 * found)


def crossings(lines: Sequence[Array]) -> int:
    pieces = [LineString(pair) for line in lines for pair in pairwise(line)]
    line = np.repeat(np.arange(len(lines)), [len(one) - 1 for one in lines])
    first, second = STRtree(pieces).query(pieces, predicate="intersects")
    neighbours = (line[first] == line[second]) & (np.abs(first - second) == 1)
    return int(((first < second) & ~neighbours).sum())


def inside(strokes: Strokes, page: Page) -> bool:
    left, top, right, bottom = page.inner
    low, high = torch.tensor([left, top]) - 1e-4, torch.tensor([right, bottom]) + 1e-4
    return bool(((strokes.points >= low) & (strokes.points <= high)).all())


def nearest(points: Array) -> Array:
    return np.asarray(KDTree(points).query(points, k=2)[0][:, 1])


class TestEveryStart:
    @pytest.mark.parametrize("init", ["random", "grid", "wander", "tour"])
    @pytest.mark.parametrize(("count", "segments", "pens"), [(1, 1, 1), (1, 200, 3), (3, 20, 1), (30, 2, 5)])
    def test_gives_what_is_asked_for_inside_the_margins(self, init: str, count: int, segments: int, pens: int) -> None:
        strokes = laid(init, wanted(count, segments, pens=pens))
        assert strokes.num_points.tolist() == [3 * segments + 1] * count
        assert strokes.logits.shape == (count, pens)
        assert strokes.points.isfinite().all()
        assert inside(strokes, A5)

    @pytest.mark.parametrize("init", ["wander", "tour"])
    def test_goes_by_the_seed(self, init: str) -> None:
        once, again, other = (laid(init, wanted(2, 30, seed=seed)) for seed in (4, 4, 5))
        assert torch.equal(once.points, again.points)
        assert torch.equal(once.logits, again.logits)
        assert not torch.equal(once.points, other.points)

    @pytest.mark.parametrize("init", ["wander", "tour"])
    def test_has_joints_halfway_as_smooth_strokes_have_them(self, init: str) -> None:
        strokes = laid(init, wanted(3, 40))
        joints = joint_rows(strokes.num_points)
        halfway = (strokes.points[joints - 1] + strokes.points[joints + 1]) / 2
        assert torch.allclose(strokes.points[joints], halfway, atol=1e-4)

    @pytest.mark.parametrize("init", ["wander", "tour"])
    def test_works_on_a_strip_of_paper(self, init: str) -> None:
        assert inside(laid(init, wanted(2, 10, Page(400, 6, margin=2))), Page(400, 6, margin=2))

    @pytest.mark.parametrize("init", ["wander", "tour"])
    def test_more_points_than_can_be_ordered_are_refused(self, init: str) -> None:
        with pytest.raises(InputError, match=rf"count 1000 of 200 segments; .* <= {MOST_POINTS}"):
            laid(init, wanted(1000, 200))


class TestWander:
    @pytest.mark.parametrize("seed", range(3))
    def test_one_line_fills_the_page_smoothly(self, seed: int) -> None:
        lines = polylines(laid("wander", wanted(1, 200, seed=seed)))
        assert float((ink(lines, A5, 10) > 0).mean()) >= 0.95
        turns = np.diff(np.unwrap(np.arctan2(*np.diff(lines[0], axis=0).T[::-1])))
        assert np.abs(turns).max() < 0.6  # of pieces within 0.02 mm of the curve: no kink

    @pytest.mark.parametrize(("count", "segments"), [(1, 150), (3, 150), (12, 40)])
    def test_lines_hardly_cross_and_are_as_long_as_counted_on(self, count: int, segments: int) -> None:
        lines = polylines(laid("wander", wanted(count, segments)))
        assert crossings(lines) <= 2 * length(lines) / 100 / 20
        assert max(map(len, lines)) > segments
        nib = 0.5
        covered = length(lines) * nib / (128 * 190)
        assert count_of_lines(covered, A5, nib, segments) == pytest.approx(count, rel=0.1)

    def test_white_is_spread_evenly(self) -> None:
        def largest_hole(lines: Sequence[Array]) -> float:
            """mm to the nearest line, for all but the worst hundredth of the page."""
            raster = Raster.fit_for(1000, A5.inner)
            away = KDTree(spots(lines)).query(raster.centers.reshape(-1, 2))[0]
            return float(np.quantile(away, 0.99))

        wandering = polylines(laid("wander", wanted(3, 100)))
        scattered = polylines(random_strokes(100, 3, length(wandering) / 100, A5, 2, generator()))
        assert largest_hole(wandering) < 0.6 * largest_hole(scattered)

    def test_no_line_is_much_longer_than_another(self) -> None:
        lengths = [length([line]) for line in polylines(laid("wander", wanted(6, 60)))]
        assert max(lengths) < 1.5 * min(lengths)


class TestTour:
    def test_lines_are_dense_where_the_picture_is_dark(self) -> None:
        lines = polylines(laid("tour", wanted(4, 120)))
        drawn = gaussian_filter(ink(lines, A5, 2), 3)
        rows, columns = drawn.shape
        dark = torch.nn.functional.interpolate(disc(256)[None, None], (210, 148), mode="area")[0, 0, 10:200, 10:138]
        dark = torch.nn.functional.adaptive_avg_pool2d(dark[None], (rows, columns))[0]
        smooth = gaussian_filter(dark.numpy().astype(np.float64), 3)
        assert np.corrcoef(drawn.ravel(), smooth.ravel())[0, 1] > 0.9

    def test_an_empty_background_stays_empty(self) -> None:
        points = laid("tour", wanted(2, 100)).points
        away = (points - torch.tensor([74.0, 105.0])).norm(dim=1)
        assert float(away.max()) < 52

    def test_pale_tones_count_as_white(self) -> None:
        request = replace(wanted(1, 100), darkness=disc().clamp_min(0.1))
        away = (laid("tour", request).points - torch.tensor([74.0, 105.0])).norm(dim=1)
        assert float(away.max()) < 52

    def test_needs_a_picture(self) -> None:
        with pytest.raises(InputError, match=r"strokes\.init: found tour, and no picture; allowed: .* type image"):
            laid("tour", replace(wanted(1, 10), darkness=None))
        with pytest.raises(InputError, match="as light as the paper"):
            laid("tour", replace(wanted(1, 10), darkness=torch.zeros(8, 8)))
        with pytest.raises(InputError, match=r"strokes\.init: found tour"):
            build(small("quickstart", "strokes.init=tour"))

    def test_finds_the_picture_of_the_config(self) -> None:
        config = Config.load(CONFIGS / "photograph.yaml")
        page = build_page(config)
        found = darkness(config, page)
        assert found is not None
        assert found.shape == page.pixels(256)[:2]
        assert float(found[:5].max()) == pytest.approx(0, abs=1e-5)  # the margin is paper
        assert float(found.max()) > 0.9
        assert darkness(Config.load(CONFIGS / "quickstart.yaml"), page) is None

    def test_on_dark_paper_light_ink_is_wanted(self, tmp_path: Path) -> None:
        picture = tmp_path / "half.png"
        Image.fromarray(np.repeat([[0, 255]], 8, axis=0).repeat(4, axis=1).astype(np.uint8)).save(picture)
        words = [f"objective=[{{type: image, file: {picture}, features: 0}}]", "page.color=black", "page.size=[80, 80]"]
        config = Config.load(CONFIGS / "quickstart.yaml", words)
        found = darkness(config, build_page(config))
        assert found is not None
        assert float(found[128, 60]) == pytest.approx(0, abs=1e-4)
        assert float(found[128, 200]) == pytest.approx(1, abs=1e-4)

    def test_a_canvas_begins_with_it(self) -> None:
        words = ["strokes.init=tour", "strokes.count=2", "strokes.segments=20", "objective.0.features=0"]
        canvas = build(small("photograph", *words)).canvas
        points = canvas.tensors()["points"].detach().clone()
        assert points.shape == (2 * 61, 2)
        canvas.project()
        assert float((canvas.tensors()["points"].detach() - points).abs().max()) < 0.25  # half a nib, at most


class TestComposition:
    def test_scatter_is_the_random_start_as_it_was(self) -> None:
        given = laid("random", wanted(50, 2))
        assert torch.equal(given.points, random_strokes(50, 2, 20.0, A5, 2, generator()).points)

    @pytest.mark.parametrize("composition", COMPOSITIONS)
    def test_centers_lie_inside_the_margins_and_go_by_the_seed(self, composition: str) -> None:
        for page in (A5, SMALL_PAGE, Page(400, 6, margin=2)):
            for count in (1, 2, 300):
                centers = composed_centers(composition, count, page, generator())
                left, top, right, bottom = page.inner
                assert centers.shape == (count, 2)
                assert bool((centers >= torch.tensor([left, top])).all())
                assert bool((centers <= torch.tensor([right, bottom])).all())
                assert torch.equal(centers, composed_centers(composition, count, page, generator()))

    @pytest.mark.parametrize("composition", COMPOSITIONS)
    def test_strokes_begin_there(self, composition: str) -> None:
        request = replace(wanted(60, 2, pens=3), composition=composition)
        strokes = laid("random", request)
        assert len(strokes) == 60
        assert inside(strokes, A5)
        centers = composed_centers(composition, 60, A5, generator())
        amid = (strokes.points.reshape(60, -1, 2).mean(dim=1) - centers).norm(dim=1)
        assert float(amid.median()) < 0.1  # but for those that the margins bend

    def test_even_is_blue_noise(self) -> None:
        even = nearest(composed_centers("even", 400, A5, generator()).double().numpy())
        scattered = nearest(torch.rand(400, 2, generator=generator()).double().numpy() * [128, 190])
        assert even.std() / even.mean() < 0.25 * scattered.std() / scattered.mean()
        assert even.min() > 0.5 * even.mean()

    def test_focus_is_a_gaussian_about_it(self) -> None:
        centers = composed_centers("focus", 2000, Page(500, 500, margin=10), generator(), focus=(0.4, 0.6))
        assert centers.mean(dim=0).tolist() == pytest.approx(
            [200, 300], abs=8
        )  # the margin cuts off what is 1.9 deviations away
        assert centers.std(dim=0).tolist() == pytest.approx([100, 100], rel=0.12)

    @pytest.mark.parametrize("focus", [(0.0, 0.0), (1.0, 1.0)])
    def test_a_focus_may_lie_outside_the_margins(self, focus: tuple[float, float]) -> None:
        page = Page(300, 300, margin=140)
        assert composed_centers("focus", 20, page, generator(), focus=focus).isfinite().all()

    def test_airy_leaves_white_between_islands(self) -> None:
        def bare(centers: torch.Tensor) -> float:
            """Share of the page that is more than 15 mm from all centres."""
            raster = Raster.fit_for(500, A5.inner)
            away = KDTree(centers.numpy()).query(raster.centers.reshape(-1, 2))[0]
            return float((away > 15).mean())

        for seed in range(4):
            assert 0.2 < bare(composed_centers("airy", 200, A5, generator(seed))) < 0.6
            assert bare(composed_centers("even", 200, A5, generator(seed))) == 0

    def test_belongs_to_random_alone(self) -> None:
        with pytest.raises(ConfigError) as error:
            Config.load(CONFIGS / "quickstart.yaml", ["strokes.composition=airy", "strokes.init=wander"])
        assert str(error.value).endswith(
            "strokes.composition: found airy; allowed: scatter, as init is wander, not random"
        )


class TestCount:
    def test_is_the_ink_that_covers_a_share_of_the_page(self) -> None:
        assert count_of_strokes(0.25, A5, 0.5, 20.0) == round(0.25 * 128 * 190 / (20 * 0.5))
        assert count_of_strokes(0.001, SMALL_PAGE, 2.0, 500.0) == 1
        assert count_of_strokes(1.0, Page(9000, 9000), 0.1, 1.0) == MOST_STROKES
        assert count_of_lines(0.001, SMALL_PAGE, 2.0, 200) == 1
        assert count_of_lines(1.0, Page(9000, 9000), 0.1, 200) == MOST_POINTS // 402

    def test_goes_by_the_median_pen_or_the_learned_width(self) -> None:
        pens = "pens=[" + ", ".join(f"{{name: P{n}, color: black, width: {n}}}" for n in (1, 2, 9)) + "]"
        words = ["strokes.count=auto", "strokes.length=10", "page.size=[120, 120]", "page.margin=10"]
        config = Config.load(CONFIGS / "quickstart.yaml", [*words, pens, "strokes.coverage=0.4"])
        assert stroke_count(config, build_page(config)) == 200
        learned = Config.load(CONFIGS / "learned-palette.yaml", [*words, "palette.width=0.5mm", "strokes.coverage=0.5"])
        assert stroke_count(learned, build_page(learned)) == 1000

    @pytest.mark.parametrize("init", ["random", "wander"])
    def test_is_shared_among_copies_and_stays_as_written(self, init: str) -> None:
        config = Config.load(
            CONFIGS / "quickstart.yaml", ["strokes.count=auto", f"strokes.init={init}", "strokes.coverage=0.1"]
        )
        total = stroke_count(config, build_page(config))
        mirrored = config.override("strokes.symmetry=mirror-both")
        assert total > 4
        assert len(build(config).canvas.tensors()["logits"]) == total
        assert len(build(mirrored).canvas.tensors()["logits"]) == max(1, round(total / 4))
        assert "count: auto" in config.dump()
        assert Config.from_dict(config.model_dump(mode="json", by_alias=True)) == config

    @pytest.mark.parametrize("count", ["0", "100001", "2.5", "many", "null"])
    def test_other_counts_are_one_clear_problem(self, count: str) -> None:
        with pytest.raises(ConfigError) as error:
            Config.load(CONFIGS / "quickstart.yaml", [f"strokes.count={count}"])
        shown = '"many"' if count == "many" else count
        (line,) = str(error.value).splitlines()
        assert line.endswith(f": strokes.count: found {shown}; allowed: a whole number from 1 to 100000, or auto")

    @pytest.mark.parametrize("key", ["coverage=0", "coverage=1.5", "segments=201", "focus=[2, 0]", "composition=grid"])
    def test_values_out_of_bounds_are_refused(self, key: str) -> None:
        with pytest.raises(ConfigError, match=rf"strokes\.{key.split('=')[0]}.*: found .*; allowed: "):
            Config.load(CONFIGS / "quickstart.yaml", [f"strokes.{key}"])


class TestStippling:
    def test_points_are_as_dense_as_the_density(self) -> None:
        raster = Raster.fit_for(2000, (0, 0, 100, 100))
        steps = np.where(raster.centers[..., 0] < 50, 1.0, 4.0)
        points = stipple(steps, raster, 2000, generator())
        assert float((points[:, 0] > 50).mean()) == pytest.approx(0.8, abs=0.01)

    def test_none_lie_where_nothing_is(self) -> None:
        raster = Raster.fit_for(50, (0, 0, 100, 100))
        points = stipple(np.where(raster.centers[..., 0] < 20, 1.0, 0.0), raster, 50, generator())
        assert points[:, 0].max() < 21
        with pytest.raises(ValueError, match="0 everywhere"):
            stipple(np.zeros((raster.rows, raster.columns)), raster, 50, generator())

    def test_more_points_than_cells_fit(self) -> None:
        raster = Raster((0, 0, 2, 2), 2, 2)
        points = stipple(np.array([[1.0, 0.0], [0.0, 0.0]]), raster, 9, generator())
        assert points.shape == (9, 2)
        assert 0 <= points.min() <= points.max() <= 1

    def test_they_come_in_an_order_that_is_a_way_through_them_already(self) -> None:
        raster = Raster.fit_for(1000, A5.inner)
        points = stipple(np.ones((raster.rows, raster.columns)), raster, 1000, generator())
        found = points[order_of_points(points)]
        assert length([points]) < 1.4 * length([found])
        assert length([found]) < 1.05 * np.sqrt(1000 * 128 * 190)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_a_path_goes_through_every_point_once(count: int) -> None:
    points = torch.rand(count, 2, generator=generator()).double().numpy()
    assert sorted(order_of_points(points)) == list(range(count))
