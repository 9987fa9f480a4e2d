"""How long a plotter takes: the model of its motion, beside the figures of the plotters' own software."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from drawings import PAGE, PENS, rosette
from hypothesis import given
from hypothesis import strategies as st

from plotart.export.document import PX_PER_MM, to_document
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.layers import pen_layers
from plotart.geometry.bezier import bezier_points
from plotart.pens import Pen
from plotart.plotter.machines import MACHINES, Machine, Planner
from plotart.plotter.motion import layer_motion, plot_stats
from plotart.plotter.planners import line_seconds, move_seconds
from plotart.plotter.timetable import timetable

V3 = MACHINES["axidraw-v3"]
PLAIN = Machine("plain", 300, 218)
PLANNERS: tuple[Planner, ...] = get_args(Planner)

TWO = [np.array([(3.0, 4.0), (13.0, 4.0)]), np.array([(13.0, 10.0), (13.0, 20.0), (23.0, 20.0)])]


def drawing(lines: list[Line], **pen: Any) -> Drawing:
    return Drawing(300, 200, (Layer(Pen("Black", "#000000", 0.3, **pen), lines),))


# --- what the plotters' own software says ----------------------------------------------------------------------------


def round_(t: np.ndarray) -> np.ndarray:
    return np.hstack([np.cos(t), np.sin(t)])


def few_long_lines() -> list[Line]:
    return [np.array([(10.0, 10 + 20 * i), (290, 15 + 20 * i)]) for i in range(9)]


def many_short_lines() -> list[Line]:
    lines = []
    for i in range(400):
        a = 2.4 * i
        centre = np.array([150 + 4.5 * math.sqrt(i) * math.cos(a), 100 + 4.5 * math.sqrt(i) * math.sin(a)])
        half = 1.5 * np.array([math.cos(3 * a), math.sin(3 * a)])
        lines.append(np.array([centre - half, centre + half]))
    return lines


def circles() -> list[Line]:
    t = 2 * np.pi * np.linspace(0, 1, 181)[:, None]
    return [np.array([150.0, 100]) + (5 + 8 * i) * round_(t) for i in range(11)]


def small_circles() -> list[Line]:
    t = 2 * np.pi * np.linspace(0, 1, 41)[:, None]
    return [np.array([20.0 + 10 * (i % 20), 20 + 10 * (i // 20)]) + 2 * round_(t) for i in range(200)]


def tight_spirals() -> list[Line]:
    t = np.linspace(0, 1, 600)[:, None]
    return [np.array([30.0 + 30 * (i % 9), 30 + 30 * (i // 9)]) + 12 * t * round_(24 * np.pi * t) for i in range(36)]


def hatching() -> list[Line]:
    lines = [np.array([(50 + x, 50), (50 + x, 150)]) for x in np.arange(0, 150, 0.8)]
    return [line[::-1] if i % 2 else line for i, line in enumerate(lines)]


def zigzag() -> list[Line]:
    n = np.arange(300)
    return [np.column_stack([20 + 0.8 * n, 40 + 40 * j + 8.0 * (n % 2)]) for j in range(4)]


def dots() -> list[Line]:
    places = [(20 + 6.0 * (i % 40), 20 + 6.0 * (i // 40)) for i in range(800)]
    return [np.array([(x, y), (x + 0.15, y)]) for x, y in places]


def squiggles() -> list[Line]:
    t = np.linspace(0, 1, 120)
    lines = []
    for p in range(240):
        x = 20 + 13 * (p % 20) + 6 * t + 2 * np.sin((9 + p % 5) * t * 2)
        lines.append(np.column_stack([x, 20 + 14 * (p // 20) + 3 * np.sin((14 + p % 7) * t) + np.cos(23 * t)]))
    return lines


def curves() -> list[Line]:
    t = np.linspace(0, 1, 60)
    lines = []
    for i in range(150):
        a, length, out = i * 2.399963, 20 + 10 * math.sin(i), 7 * math.sqrt(i)
        x = 150 + out * math.cos(a) + length * t * np.cos(a + 2 * t)
        lines.append(np.column_stack([x, 100 + out * math.sin(a) + length * t * np.sin(a + 2 * t)]))
    return lines


#: % of the top speed with the pen down and up, and % of the top acceleration, as the AxiDraw's software is told them.
AXIDRAW_SETTINGS = ((25, 75, 75), (60, 100, 75), (10, 40, 50), (50, 75, 75), (33, 75, 100), (100, 100, 100))

#: Seconds that the preview of the AxiDraw's software, version 3.9.7, gave for these drawings, at each of the settings.
AXIDRAW = {
    few_long_lines: (71.8, 39.5, 161.7, 47.3, 59.3, 31.0),
    many_short_lines: (562.3, 504.5, 787.5, 561.9, 535.2, 473.6),
    circles: (70.0, 34.0, 153.7, 39.6, 56.4, 25.5),
    small_circles: (153.4, 140.2, 233.1, 143.0, 140.7, 129.4),
    tight_spirals: (351.5, 164.1, 673.1, 191.9, 273.0, 127.6),
    hatching: (460.7, 259.2, 1023.4, 285.9, 367.0, 201.6),
    zigzag: (273.2, 246.6, 532.9, 248.1, 226.4, 214.1),
    dots: (523.1, 516.1, 451.4, 523.1, 457.6, 450.3),
    squiggles: (364.7, 312.3, 591.3, 317.2, 321.6, 292.1),
    curves: (249.9, 193.8, 412.4, 214.8, 222.8, 176.5),
}

#: Seconds that the preview of the NextDraw's software, version 1.1, gave for the 8511 and the 2234, at 25, 60 and 10 %
#: of the top speed with the pen down, 75 % with the pen up, and 75 % of the acceleration, handling "technical drawing".
NEXTDRAW_SETTINGS = tuple((name, down) for name in ("nextdraw-8511", "nextdraw-2234") for down in (25, 60, 10))
NEXTDRAW = {
    few_long_lines: (63.1, 36.6, 131.4, 63.2, 36.8, 131.6),
    many_short_lines: (365.5, 361.5, 393.4, 370.3, 366.3, 398.2),
    circles: (67.1, 35.0, 148.9, 67.3, 35.2, 149.1),
    small_circles: (120.9, 118.8, 198.7, 123.8, 121.7, 201.6),
    tight_spirals: (382.0, 197.4, 804.2, 382.5, 197.8, 804.6),
    hatching: (375.0, 179.7, 883.3, 376.3, 181.0, 884.6),
    zigzag: (219.7, 139.3, 466.6, 219.7, 139.4, 466.7),
    dots: (201.5, 201.5, 201.5, 212.0, 212.0, 212.0),
    squiggles: (357.4, 320.1, 633.3, 360.8, 323.5, 636.7),
    curves: (213.3, 167.6, 322.7, 215.1, 169.4, 324.5),
}


def axidraw(down: float, up: float, acceleration: float) -> Machine:
    return replace(
        V3.at_speed(down),
        speed_up=V3.top_speed * up / 100,
        acceleration_down=V3.acceleration_down * acceleration / 75,
        acceleration_up=V3.acceleration_up * acceleration / 75,
    )


@pytest.mark.parametrize("lines", AXIDRAW, ids=lambda lines: lines.__name__)
def test_times_are_those_of_the_axidraw_s_own_preview(lines: Callable[[], list[Line]]) -> None:
    found = [plot_stats(drawing(lines()), axidraw(*setting)).seconds for setting in AXIDRAW_SETTINGS]
    assert found == pytest.approx(AXIDRAW[lines], rel=0.15)


@pytest.mark.parametrize("lines", NEXTDRAW, ids=lambda lines: lines.__name__)
def test_times_are_those_of_the_nextdraw_s_own_preview(lines: Callable[[], list[Line]]) -> None:
    found = [plot_stats(drawing(lines()), MACHINES[name].at_speed(down)).seconds for name, down in NEXTDRAW_SETTINGS]
    assert found == pytest.approx(NEXTDRAW[lines], rel=0.15)


def test_most_times_are_much_closer_than_that() -> None:
    ratios = [
        plot_stats(drawing(lines()), axidraw(*setting)).seconds / seconds
        for lines, recorded in AXIDRAW.items()
        for setting, seconds in zip(AXIDRAW_SETTINGS, recorded, strict=True)
    ]
    assert np.median(np.abs(np.array(ratios) - 1)) < 0.01


# --- the model -------------------------------------------------------------------------------------------------------


def test_straight_moves_by_hand() -> None:
    # Full speed is reached after v^2 / 2a: 100 mm at 10 mm/s and 10 mm/s^2 is 1 s up, 9 s on, 1 s down.
    assert move_seconds(np.array([100.0, 2.5, 0.0]), 10.0, 10.0) == pytest.approx([11.0, 1.0, 0.0])


def test_a_short_move_of_the_axidraw_takes_twice_as_long_and_a_tiny_one_half() -> None:
    lengths = np.array([2.5, 0.05])
    plain, axi = move_seconds(lengths, 50.0, 762.0), move_seconds(lengths, 50.0, 762.0, "axidraw")
    assert axi == pytest.approx(plain * [2, 0.5])


def test_no_piece_of_the_nextdraw_s_is_shorter_than_seven_milliseconds() -> None:
    line = np.column_stack([np.linspace(0, 10, 1001), np.tile([0, 1e-3], 501)[:1001]])
    assert line_seconds([line], 200, 5000, "nextdraw") == pytest.approx([7.0], rel=0.01)


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_straight_polyline_takes_as_long_as_its_straight_line(planner: Planner) -> None:
    line = np.linspace((0, 0), (30, 40), 17)
    alone = move_seconds(np.array([50.0]), 50, 700, planner)
    assert line_seconds([line], 50, 700, planner) == pytest.approx(alone)


@pytest.mark.parametrize("planner", PLANNERS)
def test_corners_slow_the_pen_and_a_way_back_stops_it(planner: Planner) -> None:
    lines = [np.array([(0, 0), (20, 0), end], float) for end in ((40, 0), (40, 3), (0, 0))]
    straight, bent, back = line_seconds(lines, 50, 700, planner)
    assert straight < bent < back
    assert back == pytest.approx(2 * move_seconds(np.array([20.0]), 50, 700, planner)[0])


@pytest.mark.parametrize("planner", ["plain", "axidraw"])
def test_a_large_smooth_circle_is_driven_at_full_speed(planner: Planner) -> None:
    speed = V3.top_speed * 0.25
    circle = 40 * round_(np.linspace(0, 2 * np.pi, 400)[:, None])
    straight = move_seconds(np.array([80 * np.pi]), speed, 700, planner)
    assert line_seconds([circle], speed, 700, planner) == pytest.approx(straight, rel=0.02)


@pytest.mark.parametrize("planner", PLANNERS)
def test_points_that_repeat_and_lines_without_length_take_no_time(planner: Planner) -> None:
    point = np.zeros((3, 2))
    once, twice = np.array([(0, 0), (10, 0)], float), np.array([(0, 0), (0, 0), (10, 0)], float)
    found = line_seconds([point, once, twice], 50, 700, planner)
    assert found[0] == 0
    assert found[1] == found[2] > 0
    assert line_seconds([point], 50, 700, planner) == [0]
    assert line_seconds([], 50, 700, planner).shape == (0,)


SQUIGGLE = st.integers(0, 10_000).map(
    lambda seed: np.cumsum(np.random.default_rng(seed).normal(0, 2, (seed % 30 + 1, 2)), axis=0)
)


@given(st.lists(SQUIGGLE, max_size=6), st.sampled_from(PLANNERS))
def test_each_line_takes_as_long_as_it_would_alone(lines: list[Line], planner: Planner) -> None:
    together = line_seconds(lines, 50, 762, planner)
    alone = [line_seconds([line], 50, 762, planner)[0] for line in lines]
    assert together == pytest.approx(alone, rel=1e-5)
    assert (together[[len(line) > 1 for line in lines]] > 0).all()


@given(SQUIGGLE, st.floats(1, 4), st.floats(1, 4))
def test_a_better_machine_is_never_slower(line: Line, faster: float, stronger: float) -> None:
    slow = line_seconds([line], 20, 500)[0]
    assert line_seconds([line], 20 * faster, 500)[0] <= slow * (1 + 1e-9)
    assert line_seconds([line], 20, 500 * stronger)[0] <= slow * (1 + 1e-9)
    assert slow * 20 >= np.hypot(*np.diff(line, axis=0).T).sum() * (1 - 1e-9)


# --- figures of a drawing --------------------------------------------------------------------------------------------


def test_stats_of_two_lines() -> None:
    stats = plot_stats(drawing(TWO), PLAIN)
    (pen,) = stats.pens
    assert (pen.strokes, pen.lifts, stats.lifts, stats.swaps, stats.refills) == (2, 2, 2, 0, 0)
    assert (pen.pen_down_mm, pen.pen_up_mm) == pytest.approx((30, 6))
    ways = move_seconds(np.array([5.0, 6.0, np.hypot(23, 20)]), PLAIN.speed_up, PLAIN.acceleration_up).sum()
    down = line_seconds(TWO, PLAIN.speed_down, PLAIN.acceleration_down).sum()
    assert pen.seconds == pytest.approx(ways + down + 2 * (0.130 + 0.146))
    assert stats.seconds == pytest.approx(pen.seconds)


def test_travel_is_vpypes() -> None:
    layers = tuple(
        Layer(pen.but(color="#000000"), [bezier_points(curve, 0.02) for curve in curves])
        for pen, curves in pen_layers(rosette(), PENS, PAGE)
    )
    whole = Drawing(PAGE.width, PAGE.height, layers)
    stats, document = plot_stats(whole, V3), to_document(whole)
    for pen, layer in zip(stats.pens, document.layers.values(), strict=True):
        assert pen.pen_up_mm == pytest.approx(layer.pen_up_length()[0] / PX_PER_MM)
        assert pen.pen_down_mm == pytest.approx(layer.length() / PX_PER_MM)
    assert stats.pen_up_mm == pytest.approx(document.pen_up_length() / PX_PER_MM)
    assert stats.pen_down_mm == pytest.approx(document.length() / PX_PER_MM)


def test_refills_are_one_row_and_no_change_of_pens() -> None:
    black = Layer(Pen("Black", "#000000", 0.3), TWO[:1])
    red = Layer(Pen("Red", "#ff0000", 0.3), TWO)
    stats = plot_stats(Drawing(300, 200, (black, replace(black, refill=1), replace(black, refill=2), red)), V3)
    assert [(pen.name, pen.strokes, pen.refills) for pen in stats.pens] == [("Black", 3, 2), ("Red", 2, 0)]
    assert (stats.swaps, stats.refills, stats.strokes) == (1, 2, 5)
    assert stats.pens[0].seconds == pytest.approx(3 * plot_stats(drawing(TWO[:1]), V3).seconds)


def test_a_pen_that_comes_back_is_put_in_again() -> None:
    black, red = Layer(Pen("Black", "#000000", 0.3), TWO), Layer(Pen("Red", "#ff0000", 0.3), TWO)
    stats = plot_stats(Drawing(300, 200, (black, red, black)), V3)
    assert ([pen.name for pen in stats.pens], stats.swaps) == (["Black", "Red"], 2)


def test_a_pen_s_delay_is_waited_for_in_each_of_its_layers() -> None:
    waiting = plot_stats(drawing(TWO, delay=1500), V3)
    assert waiting.seconds == pytest.approx(plot_stats(drawing(TWO), V3).seconds + 1.5)


@pytest.mark.parametrize("name", MACHINES)
def test_a_pen_s_speed_is_a_share_of_the_machine_s_top_speed(name: str) -> None:
    machine = MACHINES[name]
    usual, same, fast, slow = (
        plot_stats(drawing(few_long_lines(), speed=speed), machine).seconds for speed in (None, 25, 60, 5)
    )
    assert fast < usual == pytest.approx(same)
    assert slow == pytest.approx(9 * 280 / (machine.top_speed * 0.05), rel=0.15)


def test_an_empty_drawing_takes_no_time() -> None:
    stats = plot_stats(Drawing(100, 100, ()), V3)
    assert (stats.pens, stats.seconds, stats.swaps, stats.pen_up_mm) == ((), 0, 0, 0)
    assert timetable(Drawing(100, 100, ()), V3).seconds == 0


# --- the timetable ---------------------------------------------------------------------------------------------------


def test_the_timetable_of_two_lines_by_hand() -> None:
    layer = Layer(Pen("Black", "#000000", 0.3, delay=2000), TWO)
    motion = layer_motion(layer, PLAIN)
    (times,) = timetable(Drawing(100, 100, (layer,)), PLAIN).layers
    first = 2 + motion.travel[0] + 0.146
    second = first + motion.drawing[0] + 0.130 + motion.travel[1] + 0.146
    assert times.lands == pytest.approx([first, second])
    assert times.lifts == pytest.approx([first + motion.drawing[0], second + motion.drawing[1]])


@pytest.mark.parametrize("name", MACHINES)
def test_the_timetable_ends_when_the_stats_say_so(name: str) -> None:
    layers = tuple(
        Layer(Pen(f"pen {i}", "#000000", 0.3, speed=10 + i, delay=100 * i), lines)
        for i, lines in enumerate((squiggles(), dots(), TWO))
    )
    whole = Drawing(300, 200, layers)
    times = timetable(whole, MACHINES[name])
    assert times.seconds == pytest.approx(plot_stats(whole, MACHINES[name]).seconds)
    moments = np.concatenate([np.column_stack([of.lands, of.lifts]).ravel() for of in times.layers])
    assert (np.diff(moments) > 0).all()
    assert moments[0] > 0
    assert moments[-1] < times.seconds
    assert [len(of.lands) for of in times.layers] == [len(layer.lines) for layer in layers]
