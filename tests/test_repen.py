"""Pictures drawn with one's own pens."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
import torch
from conftest import Cli
from drawings import write
from hypothesis import given, settings
from hypothesis import strategies as st

from plotart import Page, Pen, PenSet, export_run, load_run, preview, repen, report, stats
from plotart.color import linear, parse_color
from plotart.errors import DrawingError, OutputError, PenError
from plotart.export.lanes import lanes_of
from plotart.export.painting import Mark, Painting
from plotart.job.repen.draft import draft
from plotart.job.repen.seen import seen_lanes
from plotart.job.repen.shades import STEP, samples, stretches
from plotart.job.repen.strokes import in_plotting_order
from plotart.palette.recipes import Recipes
from plotart.plotter.drivers import PlotOptions
from plotart.plotter.machines import MACHINES
from plotart.plotter.plan import plan_run

WHITE = (1.0, 1.0, 1.0)
PENS = PenSet([Pen("Red", "#d01010", 0.8), Pen("Blue", "#1030c0", 0.8), Pen("Black", "#101010", 0.8)])
PAINTS = PenSet([pen.but(ink="opaque") for pen in PENS])
PAGE = Page(60, 40, 2)
HEAD = 'xmlns="http://www.w3.org/2000/svg" width="60mm" height="40mm" viewBox="0 0 60 40"'
SVG = f"""<svg {HEAD}><g fill="none" stroke-linecap="round">
<path d="M8 10 C20 0 40 30 50 10" stroke="#c8102e" stroke-width="5"/>
<path d="M10 32 L50 8" stroke="#1f4e9e" stroke-width="1" stroke-opacity="0.6"/></g>
<rect x="30" y="24" width="20" height="10" fill="#444"/></svg>"""


def wave(width: float = 4.0, color: str = "#d01010", opacity: float = 1.0, y: float = 20.0) -> Mark:
    x = np.linspace(10, 50, 60)
    return Mark((np.column_stack([x, y + 6 * np.sin(x / 6)]),), color, width, opacity)


def painting(*marks: Mark) -> Painting:
    return Painting(60, 40, marks)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.7, 9), st.floats(0.4, 1.2))
def test_lanes_fill_a_stroke_and_little_else(width: float, nib: float) -> None:
    mark = wave(width)
    lanes = lanes_of(mark, nib)
    ink = shapely.union_all([shapely.LineString(lane.line).buffer(nib / 2) for lane in lanes.lanes])
    assert lanes.count == max(1, math.ceil(width / nib - 0.2))
    assert {lane.place for lane in lanes.lanes} == set(range(lanes.count))
    bare = mark.area.difference(ink).area / mark.area.area
    assert bare < (0.4 if lanes.count == 1 else 0.25)
    assert ink.difference(mark.area.buffer(max(nib - width, 0) / 2 + 0.22 * nib)).area < 0.05 * ink.area


def test_lanes_fill_a_shape() -> None:
    square = Mark((np.array([(10.0, 10), (40, 10), (40, 30), (10, 30), (10, 10)]),), "#000000")
    ink = shapely.union_all([shapely.LineString(lane.line).buffer(0.4) for lane in lanes_of(square, 0.8).lanes])
    assert square.area.difference(ink).area < 0.02 * square.area.area
    assert ink.difference(square.area.buffer(0.01)).area < 0.01


@pytest.mark.parametrize("color", ["#d01010", "#1030c0", "#101010"])
def test_the_colour_of_a_pen_is_that_pen_alone(color: str) -> None:
    (recipe,) = Recipes(PENS, WHITE).nearest(torch.tensor([linear(parse_color(color))]), 4, 0.8)
    pen = [pen.color for pen in PENS].index(color)
    assert recipe.lanes == ((pen,),) * 4


def test_white_is_bare_paper() -> None:
    (recipe,) = Recipes(PENS, WHITE).nearest(torch.ones(1, 3), 3, 0.8)
    assert recipe.lanes == ((), (), ())


def test_the_light_of_a_recipe_is_the_mean_of_its_lanes() -> None:
    recipes = Recipes(PENS, WHITE)
    for recipe in recipes.nearest(torch.rand(40, 3, generator=torch.Generator().manual_seed(1)), 5, 0.8):
        assert len(recipe.lanes) == 5
        lights = []
        for lane in recipe.lanes:
            below = WHITE
            for pen in lane:
                below = PENS[pen].light.over(below)
            lights.append(below)
        assert recipe.light == pytest.approx(np.mean(lights, axis=0))


def test_opaque_inks_are_not_laid_over_each_other() -> None:
    colors = torch.rand(60, 3, generator=torch.Generator().manual_seed(1))
    lanes = [lane for recipe in Recipes(PAINTS, WHITE).nearest(colors, 4, 0.8) for lane in recipe.lanes]
    assert max(map(len, lanes)) == 1


def test_nobody_draws_black_over_black() -> None:
    blacks = PenSet([Pen("Fine", "#202020", 0.5), Pen("Broad", "#202020", 0.8)])
    (recipe,) = Recipes(blacks, WHITE).nearest(torch.zeros(1, 3), 2, 0.8)
    assert recipe.lanes == ((1,), (1,))


def test_a_nib_that_is_narrower_than_its_lane_covers_less() -> None:
    fine = PenSet([Pen("Fine", "#000000", 0.4)])
    (recipe,) = Recipes(fine, WHITE).nearest(torch.zeros(1, 3), 1, 0.8)
    assert recipe.lanes == ((0,),)
    assert recipe.light == pytest.approx((0.5, 0.5, 0.5), abs=0.03)


def test_what_lies_below_is_not_drawn() -> None:
    seen = seen_lanes(painting(wave(3.0), wave(5.0, "#1030c0")), PENS)
    assert {part.mark for part in seen} == {1}
    faint = seen_lanes(painting(wave(3.0), wave(5.0, "#1030c0", opacity=0.3)), PENS)
    assert 0 in {part.mark for part in faint}


def test_the_colour_over_what_lies_below_counts() -> None:
    """Half black over red is dark red: the red pen, and black lines between."""
    lines = draft(painting(wave(8.0), wave(8.0, "#000000", opacity=0.5)), PENS, PAGE)
    assert {PENS[line.pen].name for line in lines} == {"Red", "Black"}


def test_a_line_of_two_colours_is_cut_where_they_meet() -> None:
    light = torch.cat([torch.full((30, 3), 0.9), torch.full((20, 3), 0.1)]).double()
    assert [(part.start, part.end) for part in stretches(light)] == [(0, 30), (30, 50)]


def test_samples_lie_evenly() -> None:
    line = np.array([(0.0, 0.0), (4.0, 0.0)])
    assert samples(line)[:, 0] == pytest.approx(np.arange(0.5, 10.5) * STEP)


def test_paints_are_plotted_as_they_lie_in_the_picture_and_dyes_light_to_dark() -> None:
    marks = painting(wave(2, "#101010", y=12), wave(2, "#1030c0", y=20), wave(2, "#d01010", y=28))
    _, paints = in_plotting_order(draft(marks, PAINTS, PAGE), PAINTS)
    assert paints.names == ("Black", "Blue", "Red")
    _, dyes = in_plotting_order(draft(marks, PENS, PAGE), PENS)
    assert dyes.names == ("Red", "Blue", "Black")


def test_a_picture_is_fitted_into_the_margins() -> None:
    page = Page(100, 100, 8)
    fitted = Painting(60, 40, (wave(2),)).fitted(page)
    assert fitted.bounds == (0, 0, 60, 40)  # it lies within them as it is
    low = Painting(60, 40, (wave(2, y=3),)).fitted(page)
    left, _, right, _ = shapely.intersection(low.marks[0].area, shapely.box(*low.bounds)).bounds
    assert (left, right) == pytest.approx((8, 92), abs=0.01)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repen")
    return repen(write(folder, SVG), PENS, page=PAGE, out=folder / "run").path


def test_a_run_that_all_commands_read(run: Path, tmp_path: Path) -> None:
    found = load_run(run)
    assert found.pens is not None
    assert set(found.pens.names) <= set(PENS.names)
    assert found.summary["difference"] < 10
    assert preview(run, size=100).size == (100, 67)
    assert stats(run).problem is None
    assert report(run).startswith("<!doctype html>")
    assert export_run(run, out=tmp_path / "again").summary["pens"] == found.summary["pens"]
    assert len(plan_run(run, MACHINES["axidraw-v3"], PlotOptions(None)).pens) == len(found.summary["pens"])


def test_a_run_is_not_lost_by_mistake(run: Path) -> None:
    with pytest.raises(OutputError, match="holds a finished run"):
        repen(run.parent / "drawing.svg", PENS, page=PAGE, out=run)


def test_lines_that_move_come_closer(run: Path, tmp_path: Path) -> None:
    steps: list[int] = []
    moved = repen(
        run.parent / "drawing.svg", PENS, page=PAGE, out=tmp_path / "moved", optimize=6,
        on_step=lambda step: steps.append(step.number),
    )  # fmt: skip
    assert steps == list(range(1, 7))
    assert moved.summary["difference"] < load_run(run).summary["difference"]


def test_equal_input_equal_bytes(run: Path, tmp_path: Path) -> None:
    again = repen(run.parent / "drawing.svg", PENS, page=PAGE, out=tmp_path / "again")
    assert (again.path / "plot.svg").read_bytes() == (run / "plot.svg").read_bytes()


def test_nothing_that_would_show(tmp_path: Path) -> None:
    white = write(tmp_path, f'<svg {HEAD}><path d="M5 5L50 30" stroke="white" stroke-width="3"/></svg>')
    with pytest.raises(DrawingError, match="nothing of it would show"):
        repen(white, PENS, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_set_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(PenError, match="no set of pens is called 'nobodys'"):
        repen(write(tmp_path, SVG), "nobodys")


def test_from_the_command_line(tmp_path: Path, cli: Cli) -> None:
    source, out = write(tmp_path, SVG), tmp_path / "run"
    done = cli("repen", source, "--pens", "pilot-g2-07", "--page", "8x6cm", "--margin", "5mm", "--out", out)
    assert done.status == 0
    assert "mean difference in colour" in done.out
    assert json.loads((out / "summary.json").read_text())["difference"] < 15
    assert load_run(out).page == Page(80, 60, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--page", "3x"), "--page: found 3x; allowed: a2, a3"),
        (("--page", "20x30parsec"), "--page: '20parsec' is not a length"),
        (("--page", "a5", "--margin", "80mm"), "--margin: found 80 mm"),
        (("--page", "a5", "--paper", "nought"), "--paper: 'nought' is not a colour"),
        (("--page", "a5", "--machine", "loom"), "loom"),
        (("--page", "a2"), "mm too wide"),
    ],
)
def test_options_that_are_wrong(options: tuple[str, ...], message: str, tmp_path: Path, cli: Cli) -> None:
    done = cli("repen", write(tmp_path, SVG), "--pens", "uni-pin", "--out", tmp_path / "run", *options)
    assert done.status == 2
    assert message in done.err
