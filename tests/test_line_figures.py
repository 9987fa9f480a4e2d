"""How clean lines are: figures of drawings whose lines are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.line_figures import LineFigures, line_figures
from plotart.export.read import read_drawing
from plotart.pens import Pen
from plotart.sweep.figures import LINE, NUMBERS

NIB = 0.5


def drawing(*lines: Line | Sequence[tuple[float, float]], width: float = NIB) -> Drawing:
    return Drawing(210, 148, (Layer(Pen("Black", "black", width), [np.array(line, float) for line in lines]),))


def figures(*lines: Line | Sequence[tuple[float, float]], width: float = NIB) -> LineFigures:
    return line_figures(drawing(*lines, width=width))


def spiral(turns: float, gap: float) -> Line:
    """Around (50, 50) from 10 mm outwards, `gap` mm from one turn to the next."""
    angle = np.linspace(0, 2 * np.pi * turns, int(200 * turns))
    radius = 10 + gap * angle / (2 * np.pi)
    return 50 + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]


def circle(radius: float) -> Line:
    angle = np.linspace(0, 2 * np.pi, 361)
    return 50 + radius * np.column_stack([np.cos(angle), np.sin(angle)])


def waves(count: int, seed: int = 3) -> list[Line]:
    """Wavy lines of 2 to 90 mm here and there, in coordinates as files have them."""
    random = np.random.default_rng(seed)
    lines = []
    for x, y, turn, bend, length in random.uniform((20, 20, 0, -0.08, 4), (180, 120, 6.28, 0.08, 92), (count, 5)):
        steps = np.arange(0, length, 2.0)
        angles = turn + bend * steps + 0.5 * np.sin(steps / 6)
        lines.append(((x, y) + 2 * np.cumsum(np.column_stack([np.cos(angles), np.sin(angles)]), axis=0)).round(3))
    return lines


# --- known drawings --------------------------------------------------------------------------------------------------


def test_two_lines_that_cross() -> None:
    found = figures([(10, 50), (110, 50)], [(60, 0), (60, 100)])
    assert found == LineFigures(
        lines=2, metres=0.2, lifts_per_m=10, mean_mm=100, stubs=0, overlaid=0, crossings_per_100mm=0.5
    )


def test_a_line_drawn_twice_is_overlaid_wholly_and_crosses_nothing() -> None:
    line = [(10, 50), (60, 70), (110, 50)]
    found = figures(line, line[::-1])
    assert (found.overlaid, found.crossings_per_100mm) == (1, 0)


@pytest.mark.parametrize(("gap", "overlaid"), [(2 * NIB, 0), (1.01 * NIB, 0), (NIB, 1), (0.5 * NIB, 1)])
def test_parallel_lines_are_overlaid_within_a_nib(gap: float, overlaid: float) -> None:
    assert figures([(10, 50), (110, 50)], [(10, 50 + gap), (110, 50 + gap)]).overlaid == overlaid


def test_the_overlaid_share_is_that_of_the_length() -> None:
    found = figures([(10, 50), (110, 50)], [(10, 50.2), (60, 50.2)], [(10, 90), (60, 90)])
    assert found.overlaid == pytest.approx(0.5, abs=0.01)


def test_short_stretches_beside_another_line_are_crossings_and_not_overlaid() -> None:
    # 2 mm are 4 nibs, on either side of which a quarter more lies within a nib.
    along = [(10.0, 50.0), (110.0, 50.0)]
    assert figures(along, [(50, 50.3), (50.8, 50.3)]).overlaid == 0
    assert (figures(along, [(50, 50.3), (54, 50.3)]).overlaid or 0) > 0.05


@pytest.mark.parametrize(("gap", "overlaid"), [(2 * NIB, 0), (0.6 * NIB, 1)])
def test_a_spiral_lies_on_itself_where_its_turns_are_close(gap: float, overlaid: float) -> None:
    found = figures(spiral(6, gap))
    assert found.overlaid == pytest.approx(overlaid, abs=0.01)
    assert found.crossings_per_100mm == 0


def test_a_bend_does_not_lie_on_itself() -> None:
    assert figures([(10, 50), (60, 50), (60, 90)]).overlaid == 0


def test_a_line_that_turns_back_lies_on_itself() -> None:
    found = figures([(10, 50), (60, 50), (10, 50)], [(30, 0), (30, 100)])
    assert found.overlaid == pytest.approx(0.5, abs=0.02)
    # It passes the other line twice in one point.
    assert found.crossings_per_100mm == pytest.approx(0.5)


def test_a_closed_loop_lies_on_itself_where_it_closes() -> None:
    loop = figures(circle(20))
    assert loop.lines == 1
    assert loop.overlaid == 0  # as far as a nib to either side, which is no more than a crossing
    assert figures(circle(20), circle(20)).overlaid == 1


def test_closed_loops_cross_twice() -> None:
    found = figures(circle(20), circle(20) + np.array([15, 0]))
    assert found.crossings_per_100mm == pytest.approx(2 / (found.metres * 1000) * 100)


@pytest.mark.parametrize(
    "other",
    [
        [(60, 50), (60, 100)],  # ends on it
        [(110, 50), (150, 90)],  # goes on where it ends
        [(80, 50), (140, 50)],  # goes along with it
        [(10, 51), (110, 51)],
    ],
)
def test_lines_that_touch_do_not_cross(other: list[tuple[float, float]]) -> None:
    assert figures([(10, 50), (110, 50)], other).crossings_per_100mm == 0


def test_a_corner_on_another_line_counts_as_a_crossing() -> None:
    # It keeps to one side, but the point is within both lines: that is what geometry at large calls crossing.
    found = figures([(10, 50), (110, 50)], [(20, 80), (60, 50), (100, 80)])
    assert found.crossings_per_100mm == pytest.approx(1 / found.metres / 10)


def test_lines_that_cross_in_corners_of_theirs_cross_once() -> None:
    found = figures([(10, 50), (60, 50), (110, 50)], [(60, 0), (60, 50), (60, 100)])
    assert found.crossings_per_100mm == pytest.approx(0.5)


def test_a_line_does_not_cross_itself() -> None:
    assert figures([(10, 10), (60, 60), (60, 10), (10, 60)]).crossings_per_100mm == 0


def test_stubs_are_shorter_than_5_mm() -> None:
    found = figures([(10, 10), (14.9, 10)], [(10, 30), (15, 30)], [(10, 50), (90, 50)], [(10, 70), (10.1, 70)])
    assert found.stubs == 0.5


def test_the_nib_is_the_median_of_all_lines_pens() -> None:
    rows: list[Line] = [np.array([(10.0, y), (110.0, y)]) for y in (20, 20.8, 60, 80, 100)]
    thin, broad = Pen("Thin", "black", 0.3), Pen("Broad", "red", 1.0)
    one = Drawing(210, 148, (Layer(thin, rows[:2]), Layer(broad, rows[2:])))
    other = replace(one, layers=(Layer(thin, rows[:3]), Layer(broad, rows[3:])))
    assert (line_figures(one).overlaid, line_figures(other).overlaid) == (0.4, 0)


# --- the ends of what there is ---------------------------------------------------------------------------------------


def test_no_lines() -> None:
    assert astuple(line_figures(Drawing(100, 100, ()))) == (0, 0, None, None, None, None, None)


@pytest.mark.parametrize("dot", [[(50, 50)], [(50, 50), (50, 50)]], ids=["a point", "a line of no length"])
def test_one_dot(dot: list[tuple[float, float]]) -> None:
    found = figures(dot)
    assert found == LineFigures(1, 0, None, mean_mm=0, stubs=1, overlaid=0, crossings_per_100mm=None)


def test_dots_are_lines_that_cross_nothing() -> None:
    line = [(10, 50), (60, 50), (110, 50)]
    found = figures([(5, 5)], line, [(60, 50), (60, 50)], [(80, 50)], [(5, 5), (5, 5), (5, 5)])
    assert (found.lines, found.metres, found.stubs, found.crossings_per_100mm) == (5, 0.1, 0.8, 0)


def test_points_that_are_written_twice_change_nothing() -> None:
    lines = waves(20)
    twice = [np.repeat(line, 2, axis=0) for line in lines]
    assert astuple(figures(*twice)) == pytest.approx(astuple(figures(*lines)))


def test_twenty_thousand_lines() -> None:
    # A square in each of 200 x 100 places: no line is within a nib of another, and two of each hundred cross.
    x, y = np.meshgrid(np.arange(200), np.arange(100))
    corners = np.array([(0, 0), (0.7, 0), (0.7, 0.7), (0, 0.7), (0, 0)])
    squares = np.column_stack([x.ravel(), y.ravel()])[:, None] + corners
    lines = [*squares, np.array([(0.35, -1), (0.35, 101)])]
    found = figures(*lines, width=0.1)
    assert (found.lines, found.overlaid) == (20_001, 0)
    assert found.metres == pytest.approx(20_000 * 2.8 / 1000 + 0.102)
    assert found.crossings_per_100mm == pytest.approx(200 / found.metres / 10)


def test_a_nib_of_centimetres() -> None:
    lines = [[(10, 20), (200, 20)], [(10, 65), (200, 65)], [(10, 95), (200, 95)]]
    assert figures(*lines, width=40).overlaid == pytest.approx(2 / 3, abs=0.01)


# --- of any drawing --------------------------------------------------------------------------------------------------

spots = st.tuples(st.integers(0, 60), st.integers(0, 60))
drawn = st.lists(st.lists(spots, min_size=1, max_size=8), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(drawn, st.sampled_from([0.3, 1.0, 4.0]))
def test_bounds(lines: list[list[tuple[float, float]]], width: float) -> None:
    found = figures(*lines, width=width)
    assert found.lines == len(lines)
    assert 0 <= (found.stubs or 0) <= 1
    assert 0 <= (found.overlaid or 0) <= 1
    assert (found.crossings_per_100mm is None) == (found.metres == 0)
    assert (found.crossings_per_100mm or 0) >= 0
    assert (found.mean_mm or 0) * found.lines == pytest.approx(found.metres * 1000)


@settings(max_examples=60, deadline=None)
@given(drawn, st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_lines_does_not_matter(
    lines: list[list[tuple[float, float]]], random: np.random.Generator, reverse: bool
) -> None:
    other = [line[::-1] if reverse else line for line in lines]
    random.shuffle(other)
    assert astuple(figures(*other)) == pytest.approx(astuple(figures(*lines)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 6.3), st.floats(-500, 500), st.floats(-500, 500))
def test_where_and_how_a_drawing_lies_does_not_matter(seed: int, angle: float, right: float, down: float) -> None:
    lines = waves(25, seed=seed)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = [line @ turn + (right, down) for line in lines]
    # A run of points that is just long enough may gain or lose one.
    assert astuple(figures(*moved)) == pytest.approx(astuple(figures(*lines)), abs=0.002)


# --- an outside truth ------------------------------------------------------------------------------------------------


def reaching(count: int, width: float) -> Drawing:
    """Waves on a page that they don't leave."""
    return replace(drawing(*(line + 100.0 for line in waves(count)), width=width), width=400, height=350)


#: By an independent script, which goes through the points and pairs of a plot.svg one by one with shapely's geometry.
BY_ANOTHER = {
    (12, 0.3): (12, 0.49, 24.4, 41.0, 0.0, 0.0, 0.2),
    (60, 0.5): (60, 3.13, 19.2, 52.1, 0.017, 0.041, 3.48),
    (150, 0.3): (150, 7.03, 21.3, 46.8, 0.027, 0.063, 8.63),
}


@pytest.mark.parametrize(("count", "width"), BY_ANOTHER)
def test_figures_are_those_of_an_independent_script(tmp_path: Path, count: int, width: float) -> None:
    path = reaching(count, width).save(tmp_path / "plot.svg")
    assert tuple(line_figures(read_drawing(path)).as_dict().values()) == BY_ANOTHER[count, width]


def test_sweeps_have_all_of_the_figures() -> None:
    assert tuple(field.name for field in fields(LineFigures)) == LINE
    assert set(LINE) < set(NUMBERS)
