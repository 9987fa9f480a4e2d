"""Strokes that begin with a picture: what is traced in ink, and how a picture comes about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely import LineString
from small_runs import CONFIGS, run_small, small

from plotart import Config, StopRun
from plotart.canvas import StrokeCanvas, Symmetry
from plotart.canvas.hands import Hands
from plotart.canvas.tracing import depths, imagined_start
from plotart.errors import InputError
from plotart.geometry.bezier import bezier_points
from plotart.geometry.imagined import Imagined
from plotart.geometry.page import Page
from plotart.geometry.strokes import StartRequest, Strokes, joint_rows
from plotart.job.build import build
from plotart.optimize import Step
from plotart.optimize import imagine as imagining

PAGE = Page(100, 80, margin=5)
PX_PER_MM = 2.0

#: Shipped configs that begin with a picture.
IMAGINED = sorted(path.stem for path in CONFIGS.glob("*.yaml") if Config.load(path).strokes.init == "imagined")
SQUARE = Page(120, 120, margin=12)


def sheet(inked: object, pens: int = 2) -> Imagined:
    """Inked where a function of x and y in mm says so, by the first pen on the left and the last on the right."""
    rows, columns, _ = PAGE.pixels(round(PX_PER_MM * PAGE.width))
    y, x = torch.meshgrid(
        (torch.arange(rows) + 0.5) / PX_PER_MM, (torch.arange(columns) + 0.5) / PX_PER_MM, indexing="ij"
    )
    assert callable(inked)
    left = (x < PAGE.width / 2).float()
    shares = torch.stack([left, *[torch.zeros_like(left)] * (pens - 2), 1 - left])
    return Imagined(inked(x, y).float(), shares)


def traced(imagined: Imagined, *, count: int = 100, length: float = 20.0, **more: Any) -> Strokes:
    pens, random = len(imagined.shares), torch.Generator().manual_seed(0)
    return imagined_start(StartRequest(count, 2, length, PAGE, pens, random, imagined=imagined, nib=1.0, **more))


def lengths(strokes: Strokes) -> list[float]:
    lines = [bezier_points(curve, 0.02) for curve in strokes.curves()]
    return [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]


class TestTracing:
    def test_a_ridge_becomes_strokes_end_to_end_along_it(self) -> None:
        strokes = traced(sheet(lambda x, y: (y - 40 - 10 * torch.sin(x / 15)).abs() < 1.2))
        x, y = strokes.points[joint_rows(strokes.num_points)].T
        assert ((y - 40 - 10 * torch.sin(x / 15)).abs() < 0.5).all()
        assert sum(lengths(strokes)) == pytest.approx(102, abs=6)
        ends = sorted(float(x) for curve in strokes.curves() for x in (curve[0, 0], curve[-1, 0]))
        assert np.allclose(ends[1:-1:2], ends[2:-1:2], atol=1e-4)

    def test_each_stroke_leans_to_the_pen_that_was_imagined_there(self) -> None:
        strokes = traced(sheet(lambda x, y: (y - 40).abs() < 1, pens=3))
        middle = torch.stack([torch.tensor(curve).mean(dim=0) for curve in strokes.curves()])[:, 0]
        likeliest = strokes.logits.argmax(dim=1)
        assert (likeliest[middle < 45] == 0).all()
        assert (likeliest[middle > 55] == 2).all()

    def test_an_area_becomes_its_outline_within_it(self) -> None:
        strokes = traced(sheet(lambda x, y: (x - 50) ** 2 + (y - 40) ** 2 < 15**2))
        radius = (strokes.points[joint_rows(strokes.num_points)] - torch.tensor([50.0, 40.0])).norm(dim=1)
        assert ((radius > 13) & (radius < 15)).all()
        assert sum(lengths(strokes)) == pytest.approx(2 * np.pi * 14.5, rel=0.05)

    def test_the_longest_lines_are_kept_where_there_are_too_many(self) -> None:
        bars = sheet(lambda x, y: ((y % 10 - 5).abs() < 0.8) & (x < 20 + 70 * (y > 40)))
        strokes = traced(bars, count=4, length=80)
        assert len(strokes) == 4
        assert min(lengths(strokes)) > 60

    @pytest.mark.parametrize("most", [1.3, 8.0, 14.5])
    def test_distances_in_bands_are_those_of_the_whole(self, most: float, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("plotart.canvas.tracing.BAND", 32)
        noise = gaussian_filter(np.random.default_rng(0).normal(size=(301, 90)), 6)
        assert np.array_equal(depths(noise > 0, most), np.minimum(distance_transform_edt(noise > 0), most))
        assert (depths(np.ones((70, 20), bool), most) == most).all()

    def test_all_is_inside_the_margins(self) -> None:
        strokes = traced(sheet(lambda x, y: (y % 8 < 2) | (x % 20 < 2)))
        left, top, right, bottom = PAGE.inner
        low, high = torch.tensor([left, top]), torch.tensor([right, bottom])
        assert ((strokes.points >= low - 0.01) & (strokes.points <= high + 0.01)).all()

    def test_bare_paper_is_begun_at_random_and_that_is_told(self) -> None:
        told: list[str] = []
        strokes = traced(sheet(lambda x, y: torch.zeros_like(x)), count=7, tell=told.append)
        assert len(strokes) == 7
        assert told == ["Nothing could be traced in the picture that was imagined: strokes begin at random."]

    def test_without_a_picture_it_says_so(self) -> None:
        wanted = StartRequest(5, 2, 20.0, PAGE, 2, torch.Generator(), nib=1.0)
        with pytest.raises(InputError, match=r"strokes\.init: found imagined, and nothing that has been imagined"):
            imagined_start(wanted)


def imagined(*overrides: str) -> Config:
    return small("quickstart", "strokes.init=imagined", *overrides)


def begun(config: Config) -> float:
    """What the first strokes gain over bare paper, in the colours that they lean to."""
    parts = build(config)
    image = parts.canvas.soft(0.05).image.detach()
    return parts.activation(image) - parts.activation(parts.canvas.blank())


class TestRuns:
    def test_traced_strokes_show_more_than_random_ones(self) -> None:
        overrides = ("optimize.steps=40", "strokes.count=200", "render.resolution=96")
        random = small("quickstart", "strokes.init=random", *overrides)
        assert begun(imagined(*overrides)) > begun(random) + 1

    def test_another_seed_is_another_picture_and_the_same_seed_the_same(self) -> None:
        points = [build(imagined(f"seed={seed}")).canvas.parameters()["points"] for seed in (1, 1, 2)]
        assert torch.equal(points[0], points[1])
        assert points[0].shape != points[2].shape or not torch.equal(points[0], points[2])

    def test_goes_on_to_the_bit_and_imagines_nothing_anew(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = imagined()
        whole = run_small(config, tmp_path / "whole")

        def stop(step: Step) -> None:
            if step.number == 3:
                raise StopRun

        with pytest.raises(StopRun):
            run_small(config, tmp_path / "parts", on_step=stop)
        monkeypatch.setattr("plotart.job.imagined.imagine", None)
        parts = run_small(config, tmp_path / "parts", existing="resume")
        plots = [(run.path / "plot.svg").read_bytes() for run in (whole, parts)]
        assert plots[0] == plots[1]

    def test_is_said_with_the_time_that_it_took(self, tmp_path: Path) -> None:
        notes: list[str] = []
        run_small(imagined(), tmp_path / "run", on_event=lambda event: notes.append(getattr(event, "text", "")))
        assert any(re.fullmatch(r"A picture to begin with was imagined in \d+\.\d s\.", note) for note in notes)

    def test_a_picture_is_compared_where_windows_look(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of a large sheet only what a window shows is drawn, whatever the page's shape."""
        drawn: list[int] = []
        unequal = imagining._unequal
        monkeypatch.setattr(imagining, "_unequal", lambda one: (drawn.append(one.ink.numel()), unequal(one))[1])
        config = small("photograph", "strokes.init=imagined", "render.resolution=160", "render.crop=40")
        strokes = build(config).canvas.strokes
        assert len(strokes) > 0
        assert max(drawn) < 90 * 90

    def test_a_large_sheet_is_imagined_in_windows(self) -> None:
        strokes = build(imagined("render.crop=32")).canvas.strokes
        assert len(strokes) > 0

    def test_words_are_kept_clear_of(self) -> None:
        config = imagined("text=[{text: MINE, at: bottom, size: 12mm}]", "optimize.steps=20", "render.resolution=96")
        parts = build(config)
        clear = parts.page.fixed.ground
        lines = [LineString(bezier_points(curve, 0.1)) for curve in parts.canvas.strokes.curves()]
        assert sum(line.intersection(clear).length for line in lines) < 0.05 * sum(line.length for line in lines)

    def test_pens_to_choose_from_and_colours_to_be_found(self) -> None:
        for name in ("choose-pens", "learned-palette"):
            assert len(build(small(name, "strokes.init=imagined")).canvas.strokes) > 0

    @pytest.mark.parametrize(
        ("kind", "symmetry"),
        [("mirror", Symmetry.mirror(SQUARE)), ("snowflake", Symmetry.turns(SQUARE, 6, mirrored=True))],
    )
    def test_a_symmetric_drawing_begins_with_what_its_copies_leave_open(self, kind: str, symmetry: Symmetry) -> None:
        size = f"page.size=[{SQUARE.width}, {SQUARE.height}]"
        parts = build(imagined(f"strokes.symmetry={kind}", size, "optimize.steps=40", "render.resolution=96"))
        assert isinstance(parts.canvas, StrokeCanvas)
        curves = parts.canvas.strokes.curves()
        own = [torch.tensor(curve.mean(axis=0)) for curve in curves[: len(curves) // len(symmetry)]]
        assert symmetry.original(torch.stack(own).float()).float().mean() > 0.8

    @pytest.mark.parametrize("name", IMAGINED)
    def test_each_config_that_begins_so_runs_as_it_is_shipped(self, name: str, tmp_path: Path) -> None:
        run = run_small(small(name, "strokes.init=imagined"), tmp_path / "run")
        assert run.summary["steps"] == 5
        assert (run.path / "plot.svg").is_file()

    def test_others_begin_anew_around_what_is_held(self, tmp_path: Path) -> None:
        config = imagined("optimize.steps=8", "strokes.count=40")
        run_small(config, tmp_path / "run")
        last = len(build(config).canvas.held) - 1
        hands = Hands(held=frozenset({0, last}))
        other = imagined("optimize.steps=8", "strokes.count=40", "seed=5")
        run = run_small(other, tmp_path / "run", existing="resume-changed", anew=True, hands=hands)
        assert run.summary["seed"] == 5
