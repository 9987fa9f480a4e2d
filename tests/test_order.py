"""The order of lines: shorter ways with the pen up than vpype finds, and nothing but the order changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plotart.export.drawing import Line
from plotart.export.engine import run_vpype
from plotart.export.order import begin_loops, shorten_travel, sort_lines
from plotart.export.polyline import travel


def scattered(count: int, seed: int = 0) -> list[Line]:
    rng = np.random.default_rng(seed)
    starts = rng.uniform(10, 190, (count, 2))
    return [np.linspace(start, start + rng.normal(0, 6, 2), 4) for start in starts]


def circle(x: float, y: float, radius: float, at: float = 0.0) -> Line:
    angles = np.linspace(0, 2 * np.pi, 65) + at
    points = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
    points[-1] = points[0]
    return points


def identity(lines: list[Line]) -> list[tuple[tuple[float, ...], ...]]:
    """The same for the same lines, whatever their order and direction."""
    rounded = (tuple(map(tuple, line.round(6).tolist())) for line in lines)
    return sorted(min(line, line[::-1]) for line in rounded)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 8, 40, 300])
def test_every_line_is_drawn_once_and_travel_does_not_grow(count: int) -> None:
    lines = scattered(count)
    done = sort_lines(lines)
    assert identity(done) == identity(lines)
    assert travel(done) <= travel(lines)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [10, 30, 100, 400])
def test_travel_is_no_longer_than_with_vpypes_two_opt(count: int, seed: int) -> None:
    lines = scattered(count, seed)
    two_opt = run_vpype("linesort --two-opt", lines)
    assert travel(sort_lines(lines)) <= travel(two_opt) * (1 + 1e-9)


def test_many_lines_are_a_tenth_better_than_with_two_opt() -> None:
    lines = scattered(1500)
    assert travel(sort_lines(lines)) < 0.94 * travel(run_vpype("linesort --two-opt --passes 50", lines))


def test_the_best_order_of_few_lines_is_found() -> None:
    row = [np.array([(x, 0.0), (x + 5.0, 0.0)]) for x in range(0, 200, 10)]
    mixed = [row[i * 7 % 20] if i % 2 else row[i * 7 % 20][::-1] for i in range(20)]
    assert travel(sort_lines(mixed)) == pytest.approx(19 * 5.0)


def test_the_same_lines_get_the_same_order() -> None:
    once, again = sort_lines(scattered(200)), sort_lines(scattered(200))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 6)] * 4), max_size=14))
def test_ends_that_coincide_are_no_trouble(coordinates: list[tuple[int, int, int, int]]) -> None:
    lines = [np.array([(a, b), (c, d)], float) for a, b, c, d in coordinates]
    done = sort_lines(lines)
    assert identity(done) == identity(lines)
    assert travel(done) <= travel(lines)


def test_many_lines_from_one_point_are_no_trouble() -> None:
    star = [np.array([(50.0, 50.0), (50 + 40 * np.cos(a), 50 + 40 * np.sin(a))]) for a in np.arange(600) * 2.4]
    done = sort_lines(star)
    assert identity(done) == identity(star)
    # Out and back, and from tip to tip: ways of at most a few tenths of a millimetre remain.
    assert travel(done) < 600 * 0.5


class TestLoops:
    def test_circles_begin_where_they_are_next_to_each_other(self) -> None:
        # They begin at their far sides: 60 mm from one to the next, 20 mm between those that face each other.
        circles = [circle(50.0, 50.0, 20.0, at=np.pi), circle(110.0, 50.0, 20.0)]
        assert travel(circles) == pytest.approx(100)
        done = begin_loops(circles, gap=0.01)
        assert travel(done) == pytest.approx(20)
        for before, after in zip(circles, done, strict=True):
            assert len(after) == len(before)
            assert {*map(tuple, after)} == {*map(tuple, before)}
            assert np.array_equal(after[0], after[-1])

    def test_open_lines_stay_as_they_are(self) -> None:
        lines = scattered(10)
        assert all(a is b for a, b in zip(begin_loops(lines, gap=0.01), lines, strict=True))

    def test_a_loop_with_a_small_gap_is_closed_where_it_began(self) -> None:
        almost = circle(50.0, 50.0, 20.0)[:-1]
        gap = float(np.hypot(*(almost[-1] - almost[0])))
        after = np.array([(20.0, 50.0), (0.0, 50.0)])
        done = begin_loops([almost, after], gap=gap + 0.01)[0]
        assert len(done) == len(almost) + 1
        assert tuple(done[0]) == tuple(done[-1]) == pytest.approx((30, 50), abs=1.1)
        assert begin_loops([almost, after], gap=gap - 0.01)[0] is almost

    @pytest.mark.parametrize("seed", range(3))
    def test_it_never_costs_and_mostly_gains(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        circles = [circle(*rng.uniform(30, 170, 2), rng.uniform(2, 15), at=rng.uniform(0, 6)) for _ in range(60)]
        fixed = shorten_travel(circles, sort=True, loops=None)
        free = shorten_travel(circles, sort=True, loops=0.01)
        assert travel(free) < 0.9 * travel(fixed)
        given = shorten_travel(circles, sort=False, loops=0.01)
        assert travel(given) < travel(circles)
        assert all(
            np.isclose(a.mean(axis=0), b.mean(axis=0), atol=0.6).all() for a, b in zip(given, circles, strict=True)
        )
