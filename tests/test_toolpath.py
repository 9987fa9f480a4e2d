"""From strokes to what a plotter draws: nothing is lost, nothing moves further than allowed, travel never grows."""

from __future__ import annotations

import logging
import math
import random
from dataclasses import dataclass, replace

import numpy as np
import pytest
import shapely
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plotart.export.drawing import Layer, Line
from plotart.export.engine import run_vpype
from plotart.export.layers import DOT, pen_layers
from plotart.export.polyline import distances, extent, length, part, travel
from plotart.export.refills import split_refills
from plotart.export.toolpath import Toolpath, build_toolpath
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, from_curves
from plotart.pens import Pen, PenSet

PAGE = Page(148, 210, margin=12)
PENS = PenSet([Pen("Yellow", "gold", 0.5), Pen("Blue", "#1f4e9e", 0.3), Pen("Black", "#1b1b1b", 0.35, "opaque")])


@dataclass(frozen=True)
class Options:
    """All off."""

    merge: float = 0.0
    simplify: float = 0.0
    min_length: float = 0.0
    reloop: bool = False
    sort: bool = False
    remove_hidden: bool = False


RAW = Options()
TIDY = Options(merge=0.1, simplify=0.02, reloop=True, sort=True)


def strokes_of(curves: list[np.ndarray], pens: int = 1) -> Strokes:
    return from_curves(curves, torch.nn.functional.one_hot(torch.arange(len(curves)) % pens, pens).float())


def scribble(count: int, seed: int = 0, pens: int = 1) -> Strokes:
    rng = np.random.default_rng(seed)
    return strokes_of([rng.uniform((20, 20), (128, 190)) + rng.normal(0, 3, (7, 2)) for _ in range(count)], pens)


def segment(x: float, y: float, long: float) -> np.ndarray:
    """A straight stroke to the right."""
    return np.linspace((x, y), (x + long, y), 4)


def one(strokes: Strokes, options: Options, **more: float) -> list[Line]:
    """The lines of a drawing with one pen."""
    (layer,) = build_toolpath(strokes, PENS, PAGE, options, **more).drawing.layers  # type: ignore[arg-type]
    return layer.lines


def given_lines(strokes: Strokes) -> list[list[Line]]:
    """Of each pen, the polylines of its strokes as they were given."""
    return [[bezier_points(curve, 0.02) for curve in curves] for _, curves in pen_layers(strokes, PENS, PAGE)]


def shape(lines: list[Line]) -> shapely.Geometry:
    return shapely.MultiLineString([line.tolist() for line in lines])


def test_a_layer_for_each_pen_that_draws_in_plotting_order() -> None:
    pens = PenSet([*PENS, Pen("Unused", "red", 1.0), Pen("Dipped", "#0000ff", 2.0, speed=20)])
    pen = torch.nn.functional.one_hot(torch.tensor([4, 0, 2, 1, 4]), 5).float()
    drawing = build_toolpath(from_curves(scribble(5).curves(), pen), pens, PAGE, TIDY).drawing
    assert [layer.name for layer in drawing.layers] == ["Yellow", "Blue", "Black", "Dipped"]
    assert [layer.color for layer in drawing.layers] == ["#ffd700", "#1f4e9e", "#1b1b1b", "#0000ff"]
    assert [layer.width for layer in drawing.layers] == [0.5, 0.3, 0.35, 2.0]
    assert [len(layer.lines) for layer in drawing.layers] == [1, 1, 1, 2]
    assert drawing.layers[-1].pen == pens[-1]
    assert {layer.refill for layer in drawing.layers} == {0}
    assert (drawing.width, drawing.height) == (148, 210)


def test_no_strokes_make_an_empty_drawing() -> None:
    nothing = from_curves([], torch.zeros(0, 3))
    toolpath = build_toolpath(nothing, PENS, PAGE, replace(TIDY, remove_hidden=True))
    assert toolpath.drawing.layers == ()
    assert (toolpath.dropped, toolpath.hidden_mm) == (0, 0)


def test_points_that_are_not_finite_are_refused() -> None:
    curve = segment(20, 20, 10)
    curve[1, 0] = math.nan
    with pytest.raises(ValueError, match="not finite"):
        build_toolpath(strokes_of([curve]), PENS, PAGE, TIDY)


def test_polylines_follow_the_curves() -> None:
    strokes = scribble(5)
    for line, curve in zip(one(strokes, RAW, tolerance=0.01), strokes.curves(), strict=True):
        fine = shape([bezier_points(curve, 1e-6)])
        assert shapely.hausdorff_distance(shape([line]), fine, densify=0.05) < 0.011


@pytest.mark.parametrize("options", [RAW, TIDY, replace(TIDY, remove_hidden=True)])
def test_equal_strokes_give_equal_lines(options: Options) -> None:
    once, again = (build_toolpath(scribble(60, pens=3), PENS, PAGE, options).drawing for _ in range(2))
    for a, b in zip(once.layers, again.layers, strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(a.lines, b.lines, strict=True))


def test_nothing_else_in_the_program_is_disturbed() -> None:
    random.seed(3)
    np.random.seed(3)
    before = random.getstate(), np.random.get_state()[1].tolist(), logging.root.level, logging.root.handlers[:]
    run_vpype("linemerge linesort", [np.array([(0.0, 0.0), (1.0, 1.0)])])
    build_toolpath(scribble(20), PENS, PAGE, TIDY)
    assert before == (random.getstate(), np.random.get_state()[1].tolist(), logging.root.level, logging.root.handlers)


class TestMerging:
    def test_ends_that_nearly_meet_are_joined(self) -> None:
        strokes = strokes_of([segment(20, 20, 10), segment(30.08, 20, 10), segment(40.3, 20, 10)])
        merged = one(strokes, Options(merge=0.1))
        assert sorted(round(length(line), 2) for line in merged) == [10, 20.08]
        assert len(one(strokes, RAW)) == 3

    def test_not_across_pens(self) -> None:
        strokes = strokes_of([segment(20, 20, 10), segment(30, 20, 10)], pens=2)
        assert [len(layer.lines) for layer in build_toolpath(strokes, PENS, PAGE, TIDY).drawing.layers] == [1, 1]

    def test_not_where_travel_would_grow(self) -> None:
        # Joined to one, the first and the last stroke make the way to the second longer than both ways were.
        far = [segment(20, 20, 10), segment(40, 22, 0.5), segment(30.05, 20, 90)]
        merged = one(strokes_of(far), Options(merge=0.1))
        lines = given_lines(strokes_of(far))[0]
        assert travel(merged) <= travel(lines) + 1e-6
        assert len(merged) == 3


class TestSimplifying:
    def test_straight_strokes_have_two_points(self) -> None:
        (line,) = one(strokes_of([np.array([(20, 20), (30, 20), (30, 20), (60, 20)], float)]), Options(simplify=0.02))
        assert line == pytest.approx(np.array([(20, 20), (60, 20)]), abs=1e-4)

    def test_small_loops_that_would_vanish_stay(self) -> None:
        loop = np.array([(50, 50), (50.3, 50), (50, 50.3), (50, 50)])
        (line,) = one(strokes_of([loop]), Options(simplify=0.5))
        assert extent(line) > 0.1


class TestDropping:
    def test_short_lines_are_left_out_and_counted(self) -> None:
        strokes = strokes_of([segment(20, 20 + 5 * i, long) for i, long in enumerate((0.5, 3, 1.9, 2.1, 0.2))])
        toolpath = build_toolpath(strokes, PENS, PAGE, replace(TIDY, min_length=2.0))
        assert toolpath.dropped == 3
        assert sorted(round(length(line), 2) for line in toolpath.drawing.layers[0].lines) == [2.1, 3]

    def test_dots_stay(self) -> None:
        strokes = strokes_of([np.full((4, 2), (50.0, 50.0)), segment(60, 60, 0.02), segment(70, 70, 0.5)])
        toolpath = build_toolpath(strokes, PENS, PAGE, replace(TIDY, min_length=2.0))
        assert toolpath.dropped == 1
        assert [extent(line) for line in toolpath.drawing.layers[0].lines] == pytest.approx([DOT, DOT])

    def test_lines_that_short_strokes_make_together_stay(self) -> None:
        strokes = strokes_of([segment(20 + i, 20, 1) for i in range(5)])
        toolpath = build_toolpath(strokes, PENS, PAGE, replace(TIDY, min_length=4.0))
        assert toolpath.dropped == 0
        assert [length(line) for line in toolpath.drawing.layers[0].lines] == pytest.approx([5], abs=1e-4)

    def test_a_pen_whose_lines_are_all_short_has_no_layer(self) -> None:
        strokes = strokes_of([segment(20, 20, 1), segment(20, 30, 9)], pens=2)
        toolpath = build_toolpath(strokes, PENS, PAGE, replace(TIDY, min_length=2.0))
        assert [layer.name for layer in toolpath.drawing.layers] == ["Blue"]

    def test_what_is_left_out_hides_nothing(self) -> None:
        broad = PenSet([Pen("Thin", "red", 0.2), Pen("Broad", "black", 3.0, "opaque")])
        strokes = strokes_of([segment(20, 20, 3), segment(21, 20, 1.5)], pens=2)
        hiding = replace(TIDY, remove_hidden=True)
        assert build_toolpath(strokes, broad, PAGE, hiding).hidden_mm == pytest.approx(3, abs=1e-3)
        toolpath = build_toolpath(strokes, broad, PAGE, replace(hiding, min_length=2.0))
        assert (toolpath.dropped, toolpath.hidden_mm) == (1, 0)


class TestOrder:
    @pytest.mark.parametrize("seed", range(3))
    def test_sorting_shortens_the_way(self, seed: int) -> None:
        strokes = scribble(80, seed)
        assert travel(one(strokes, TIDY)) < 0.3 * travel(given_lines(strokes)[0])

    def test_without_it_the_order_stays(self) -> None:
        strokes = scribble(30)
        for line, curve in zip(one(strokes, replace(TIDY, sort=False, merge=0)), strokes.curves(), strict=True):
            assert line[[0, -1]] == pytest.approx(curve[[0, -1]])

    def test_closed_lines_begin_where_it_is_near(self) -> None:
        square = np.array(
            [(40, 40), (50, 40), (60, 40), (70, 40), (70, 50), (70, 60), (70, 70), (60, 70), (50, 70)], float
        )
        square = np.concatenate([square, [(40, 70), (40, 60), (40, 50), (40, 40)]])
        strokes = strokes_of([square, segment(80, 70, 20)])
        assert travel(one(strokes, Options(reloop=True))) == pytest.approx(10)
        assert travel(one(strokes, RAW)) == pytest.approx(50)


coordinates = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda at: (20 + at[0] / 10, 20 + at[1] / 10))
lengths = st.sampled_from([0.0, 0.02, 0.1, 0.5])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(coordinates, min_size=4, max_size=4), min_size=1, max_size=12),
    lengths,
    lengths,
    st.booleans(),
    st.booleans(),
)
def test_nothing_moves_further_than_allowed_and_travel_never_grows(
    points: list[list[tuple[float, float]]], merge: float, simplify: float, reloop: bool, sort: bool
) -> None:
    strokes = strokes_of([np.array(curve) for curve in points], pens=2)
    toolpath = build_toolpath(strokes, PENS, PAGE, Options(merge, simplify, 0.0, reloop, sort))
    assert toolpath.dropped == 0
    for before, layer in zip(given_lines(strokes), toolpath.drawing.layers, strict=True):
        assert travel(layer.lines) <= travel(before) + 1e-5
        # A joint is as long as `merge`, and may then be simplified; loops may be closed by 0.001 mm.
        allowed = merge / 2 + simplify + 0.002
        assert shapely.hausdorff_distance(shape(before), shape(layer.lines), densify=0.1) <= allowed


class TestRefills:
    def layer(self, *lines: Line, distance: float | None) -> list[Layer]:
        return split_refills(Layer(Pen("Brush", "#000000", 2.0, max_distance=distance), list(lines)))

    def test_lines_that_no_longer_fit_are_left_for_the_next_filling(self) -> None:
        lines = [np.array([(0.0, y), (long, y)]) for y, long in enumerate((40.0, 50.0, 20.0, 70.0, 30.0))]
        fillings = self.layer(*lines, distance=101)
        assert [[length(line) for line in filling.lines] for filling in fillings] == [[40, 50], [20, 70], [30]]
        assert [filling.refill for filling in fillings] == [0, 1, 2]
        assert {filling.name for filling in fillings} == {"Brush"}

    def test_without_a_distance_one_filling_is_enough(self) -> None:
        (filling,) = self.layer(np.array([(0.0, 0.0), (9000.0, 0.0)]), distance=None)
        assert filling.refill == 0

    def test_a_line_longer_than_a_filling_is_cut_there(self) -> None:
        first, long = np.array([(0.0, 0.0), (10.0, 0.0)]), np.array([(0.0, 5.0), (100.0, 5.0), (100.0, 155.0)])
        fillings = self.layer(first, long, first, distance=120)
        assert [sum(map(length, filling.lines)) for filling in fillings] == pytest.approx([10, 120, 120, 20])
        cut = [line for filling in fillings[1:] for line in filling.lines][:3]
        assert [tuple(line[0]) for line in cut] == [tuple(before[-1]) for before in [long[:1], *cut[:2]]]
        assert tuple(cut[-1][-1]) == (100, 155)
        assert [len(line) for line in cut] == [3, 2, 2]

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.floats(0.05, 500), min_size=1, max_size=20), st.floats(1, 300))
    def test_no_filling_draws_more_and_all_is_drawn(self, longs: list[float], distance: float) -> None:
        lines = [np.array([(0.0, y), (long / 3, y), (long, y)]) for y, long in enumerate(longs)]
        fillings = self.layer(*lines, distance=distance)
        assert all(sum(map(length, filling.lines)) <= distance for filling in fillings)
        assert all(filling.lines for filling in fillings)
        drawn = [line for filling in fillings for line in filling.lines]
        assert sum(map(length, drawn)) == pytest.approx(sum(longs))
        assert [line[0, 1] for line in drawn] == sorted(line[0, 1] for line in drawn)

    def test_a_drawing_has_a_layer_for_each_filling(self) -> None:
        pens = PenSet([Pen("Brush", "black", 2.0, max_distance=100), Pen("Pen", "red", 0.3)])
        layers = build_toolpath(scribble(60, pens=2), pens, PAGE, TIDY).drawing.layers
        brush = [layer for layer in layers if layer.name == "Brush"]
        assert [layer.refill for layer in layers] == [*range(len(brush)), 0]
        assert len(brush) > 3
        assert all(sum(map(length, layer.lines)) <= 100 for layer in brush)


class TestPolylines:
    def test_a_part_of_a_line(self) -> None:
        line = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)])
        assert part(line, 4, 16) == pytest.approx(np.array([(4, 0), (10, 0), (10, 6)]))
        assert part(line, 0, 20) == pytest.approx(line)
        assert part(line, 2, 10) == pytest.approx(np.array([(2, 0), (10, 0)]))
        assert distances(line).tolist() == [0, 10, 20]


def test_progress_is_told_from_nothing_to_all_of_it() -> None:
    told: list[tuple[int, int]] = []
    build_toolpath(scribble(30, pens=3), PENS, PAGE, TIDY, progress=lambda done, total: told.append((done, total)))
    done = [at for at, _ in told]
    assert done[0] == 0
    assert done == sorted(done)
    assert len({*done}) > 6
    assert {total for _, total in told} == {done[-1]}


def test_thousands_of_strokes_keep_all_their_lines() -> None:
    toolpath: Toolpath = build_toolpath(scribble(3000), PENS, PAGE, replace(TIDY, merge=0))
    before, after = given_lines(scribble(3000))[0], toolpath.drawing.layers[0].lines
    assert len(after) == len(before)
    assert travel(after) < 0.03 * travel(before)
