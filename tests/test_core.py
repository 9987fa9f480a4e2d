"""Lengths, colours, pens, paper, strokes, schedules."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plotart.color import linear, luminance, parse_color, to_hex
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.errors import ColorError, PenError, UnitError
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, from_curves, joint_rows, point_rows
from plotart.geometry.units import MILLIMETRES, to_mm
from plotart.optimize.schedules import Schedule, between, constant, cosine, geometric, steps, until
from plotart.pens import Pen, PenSet

FINITE = st.floats(-1e9, 1e9, allow_nan=False)
CHANNEL = st.integers(0, 255)


class TestUnits:
    @given(
        value=FINITE, unit=st.sampled_from([*MILLIMETRES, *map(str.upper, MILLIMETRES)]), space=st.sampled_from(" \t")
    )
    def test_a_number_with_a_unit(self, value: float, unit: str, space: str) -> None:
        expected = pytest.approx(value * MILLIMETRES[unit.lower()])
        assert to_mm(f"{value!r}{unit}") == expected
        assert to_mm(f"{space}{value!r}{space}{unit}{space}") == expected

    @given(value=st.one_of(FINITE, st.integers(-1000, 1000)))
    def test_a_bare_number_is_millimetres(self, value: float) -> None:
        assert to_mm(value) == value
        assert to_mm(str(value)) == value

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("0.35mm", 0.35), ("1cm", 10), ("0.1in", 2.54), ("1 m", 1000), ("72pt", 25.4), ("96px", 25.4), (".5cm", 5)],
    )
    def test_known_lengths(self, text: str, expected: float) -> None:
        assert to_mm(text) == pytest.approx(expected)

    @pytest.mark.parametrize(
        "text", ["", "mm", "3 miles", "1,5mm", "1mm2", "--1mm", "1 2mm", "nan", "inf", "1e999mm", "0x10"]
    )
    def test_other_texts_are_refused_with_what_is_allowed(self, text: str) -> None:
        with pytest.raises(UnitError) as caught:
            to_mm(text)
        assert repr(text) in str(caught.value)
        assert "mm, cm, m, in" in str(caught.value)

    @pytest.mark.parametrize("value", [None, True, [1], math.nan, math.inf])
    def test_other_things_are_refused(self, value: object) -> None:
        with pytest.raises(UnitError, match="not a length"):
            to_mm(value)  # type: ignore[arg-type]


class TestColours:
    @pytest.mark.parametrize("text", ["#1b2c3d", "#1B2C3D", "rgb(27, 44, 61)"])
    def test_ways_to_write_one(self, text: str) -> None:
        assert parse_color(text) == pytest.approx((27 / 255, 44 / 255, 61 / 255))

    def test_css_names_and_short_forms(self) -> None:
        assert parse_color("gold") == parse_color("#ffd700")
        assert parse_color("#f80") == parse_color("#ff8800")

    @given(red=CHANNEL, green=CHANNEL, blue=CHANNEL)
    def test_hex_comes_back(self, red: int, green: int, blue: int) -> None:
        text = f"#{red:02x}{green:02x}{blue:02x}"
        assert to_hex(parse_color(text)) == text

    def test_what_is_out_of_range_is_clipped_in_hex(self) -> None:
        assert to_hex((-0.2, 0.5, 1.7)) == "#0080ff"

    @pytest.mark.parametrize("text", ["", "bluish", "#12345", "rgb(300, 0, 0)", "rgb(0, 0, 256)", "1b1b1b"])
    def test_other_texts_are_refused_with_what_is_allowed(self, text: str) -> None:
        with pytest.raises(ColorError, match="#rrggbb") as caught:
            parse_color(text)
        assert repr(text) in str(caught.value)

    @pytest.mark.parametrize("value", [None, 5, ("red",)])
    def test_other_things_are_refused(self, value: object) -> None:
        with pytest.raises(ColorError, match="not a colour"):
            parse_color(value)  # type: ignore[arg-type]

    def test_luminance_runs_from_black_to_white(self) -> None:
        values = [luminance(linear(parse_color(name))) for name in ("black", "blue", "red", "lime", "yellow", "white")]
        assert values == sorted(values)
        assert (values[0], values[-1]) == pytest.approx((0, 1))


class TestLight:
    @pytest.mark.parametrize(("srgb", "light"), [(0, 0), (0.04, 0.04 / 12.92), (0.5, 0.214041), (1, 1)])
    def test_the_standards_values(self, srgb: float, light: float) -> None:
        assert float(srgb_to_linear(torch.tensor(srgb))) == pytest.approx(light, abs=1e-6)
        assert float(linear_to_srgb(torch.tensor(light))) == pytest.approx(srgb, abs=1e-6)

    def test_there_and_back(self) -> None:
        values = torch.linspace(0, 1, 1001, dtype=torch.float64)
        torch.testing.assert_close(linear_to_srgb(srgb_to_linear(values)), values, atol=1e-6, rtol=0)

    def test_numbers_and_tensors_agree(self) -> None:
        color = (0.02, 0.3, 0.9)
        assert linear(color) == pytest.approx(srgb_to_linear(torch.tensor(color, dtype=torch.float64)).tolist())

    @pytest.mark.parametrize("convert", [srgb_to_linear, linear_to_srgb])
    def test_slopes_are_finite_and_rise(self, convert) -> None:  # type: ignore[no-untyped-def]
        values = torch.linspace(0, 1, 101).requires_grad_()
        convert(values).sum().backward()
        assert values.grad is not None
        assert torch.isfinite(values.grad).all()
        assert (values.grad > 0).all()


class TestPage:
    def test_the_margin_goes_off_every_side(self) -> None:
        assert Page(148, 210, margin=12).inner == (12, 12, 136, 198)

    def test_paper_is_linear_light(self) -> None:
        assert Page(10, 10, color="#808080").paper == pytest.approx((0.2159,) * 3, abs=1e-4)

    @pytest.mark.parametrize(("width", "height"), [(148, 210), (210, 148), (100, 100), (1000, 1)])
    def test_pixels_keep_the_sides_ratio(self, width: float, height: float) -> None:
        rows, columns, scale = Page(width, height).pixels(224)
        assert max(rows, columns) == 224
        assert abs(rows - height * scale) <= 1
        assert abs(columns - width * scale) <= 1
        assert min(rows, columns) >= 1


class TestPens:
    def test_transparent_ink_filters(self) -> None:
        pen = Pen("Red", "#ff0000", 0.3)
        assert pen.light.reflectance == (0, 0, 0)
        assert pen.light.transmittance == pytest.approx((1, 0, 0))

    def test_opaque_ink_covers_by_its_opacity(self) -> None:
        pen = Pen("Gel", "#ffffff", 0.3, "opaque", 0.8)
        assert pen.light.reflectance == pytest.approx((0.8,) * 3)
        assert pen.light.transmittance == pytest.approx((0.2,) * 3)

    @pytest.mark.parametrize("ink", ["transparent", "opaque"])
    def test_over_white_a_pen_has_its_colour(self, ink) -> None:  # type: ignore[no-untyped-def]
        pen = Pen("Any", "#c8102e", 0.3, ink)
        over_white = [r + t for r, t in zip(pen.light.reflectance, pen.light.transmittance, strict=True)]
        assert over_white == pytest.approx(list(linear(pen.rgb)))

    def test_a_set_needs_pens_with_names_of_their_own(self) -> None:
        with pytest.raises(PenError, match="at least one"):
            PenSet([])
        with pytest.raises(PenError, match="'Red'"):
            PenSet([Pen("Red", "red", 0.3), Pen("Blue", "blue", 0.3), Pen("Red", "#f00000", 0.5)])

    def test_light_to_dark(self) -> None:
        pens = PenSet([Pen(color, color, 0.3) for color in ("black", "yellow", "navy", "red")])
        assert [pen.name for pen in pens.light_to_dark()] == ["yellow", "red", "navy", "black"]
        assert [pen.name for pen in pens] == ["black", "yellow", "navy", "red"]

    def test_tensors_have_a_row_a_pen(self) -> None:
        pens = PenSet([Pen("Red", "red", 0.3), Pen("White", "white", 0.8, "opaque")])
        assert pens.widths.tolist() == pytest.approx([0.3, 0.8])
        assert pens.reflectance.tolist() == [[0, 0, 0], [1, 1, 1]]
        assert pens.transmittance.tolist() == [[1, 0, 0], [0, 0, 0]]


def numbered(counts: list[int], pens: list[int]) -> Strokes:
    """Strokes whose points say where they come from: x is the stroke, y the point in it."""
    curves = [np.array([(i, j) for j in range(count)], float) for i, count in enumerate(counts)]
    return from_curves(curves, torch.nn.functional.one_hot(torch.tensor(pens), 3).float())


class TestStrokes:
    COUNTS, PENS = [4, 10, 7, 4], [2, 0, 2, 1]

    def test_select_takes_whole_strokes_in_the_order_given(self) -> None:
        chosen = numbered(self.COUNTS, self.PENS).select(torch.tensor([2, 0, 2]))
        assert chosen.num_points.tolist() == [7, 4, 7]
        assert chosen.pen.tolist() == [2, 2, 2]
        assert chosen.points.tolist() == [[i, j] for i, n in ((2, 7), (0, 4), (2, 7)) for j in range(n)]

    def test_select_nothing(self) -> None:
        assert len(numbered(self.COUNTS, self.PENS).select(torch.zeros(0, dtype=torch.int64))) == 0

    def test_plot_order_is_by_pen_and_stable(self) -> None:
        ordered = numbered(self.COUNTS, self.PENS).in_plot_order()
        assert ordered.pen.tolist() == [0, 1, 2, 2]
        assert [int(curve[0, 0]) for curve in ordered.curves()] == [1, 3, 0, 2]

    @given(counts=st.lists(st.sampled_from([4, 7, 10]), min_size=1, max_size=8), data=st.data())
    def test_point_rows_are_those_of_a_loop(self, counts: list[int], data: st.DataObject) -> None:
        order = data.draw(st.lists(st.integers(0, len(counts) - 1), max_size=8))
        starts = np.cumsum([0, *counts])
        expected = [row for stroke in order for row in range(starts[stroke], starts[stroke + 1])]
        found = point_rows(torch.tensor(counts), torch.tensor(order, dtype=torch.int64))
        assert found.tolist() == expected

    def test_joints_are_where_cubics_of_one_stroke_meet(self) -> None:
        assert joint_rows(torch.tensor(self.COUNTS)).tolist() == [4 + 3, 4 + 6, 14 + 3]
        assert joint_rows(torch.zeros(0, dtype=torch.int64)).tolist() == []

    def test_curves_are_the_points_of_each_stroke(self) -> None:
        curves = numbered(self.COUNTS, self.PENS).curves()
        assert [len(curve) for curve in curves] == self.COUNTS
        assert all((curve[:, 0] == i).all() for i, curve in enumerate(curves))

    def test_no_strokes_have_no_curves(self) -> None:
        empty = from_curves([], torch.zeros(0, 2))
        assert len(empty) == 0
        assert empty.curves() == []
        assert len(empty.in_plot_order()) == 0

    def test_detached_is_a_copy_without_history(self) -> None:
        strokes = numbered(self.COUNTS, self.PENS)
        strokes.points.requires_grad_()
        copy = strokes.detached()
        copy.points.zero_()
        assert not copy.points.requires_grad
        assert strokes.points.any()

    @pytest.mark.parametrize(
        ("points", "counts", "rows"), [(8, [4, 7], 2), (11, [4, 7], 1), (8, [3, 5], 2), (4, [1, 3], 2), (5, [5], 1)]
    )
    def test_shapes_that_disagree(self, points: int, counts: list[int], rows: int) -> None:
        with pytest.raises(ValueError, match="points"):
            Strokes(torch.zeros(points, 2), torch.tensor(counts), torch.zeros(rows, 3))


def distance_to_polyline(points: NDArray[np.float64], line: NDArray[np.float64]) -> NDArray[np.float64]:
    start, step = line[:-1], np.diff(line, axis=0)
    away = points[:, None] - start
    t = np.clip((away * step).sum(-1) / np.maximum((step * step).sum(-1), 1e-12), 0, 1)
    return np.linalg.norm(away - t[..., None] * step, axis=-1).min(axis=1)


class TestBezierPoints:
    @pytest.mark.parametrize("tolerance", [0.5, 0.05, 0.005])
    @pytest.mark.parametrize("seed", range(5))
    def test_no_point_of_the_curve_is_farther_away_than_the_tolerance(self, seed: int, tolerance: float) -> None:
        control = np.random.default_rng(seed).uniform(0, 50, (7, 2))
        line = bezier_points(control, tolerance)
        assert distance_to_polyline(bezier_points(control, 1e-5), line).max() <= tolerance
        assert len(line) < 60 / math.sqrt(tolerance)

    def test_ends_and_joints_are_on_it(self) -> None:
        control = np.random.default_rng(0).uniform(0, 50, (10, 2))
        line = bezier_points(control, 0.1)
        assert np.array_equal(line[0], control[0])
        for point in control[3::3]:
            assert np.linalg.norm(line - point, axis=1).min() < 1e-9

    def test_a_straight_even_cubic_is_two_points(self) -> None:
        control = np.linspace((0, 0), (30, 12), 4)
        assert bezier_points(control, 0.01) == pytest.approx(control[[0, 3]])

    def test_a_stroke_without_length_is_finite(self) -> None:
        assert bezier_points(np.full((4, 2), 3.0), 0.01) == pytest.approx(np.full((2, 2), 3.0))


SCHEDULES = [geometric(2.0, 0.05), geometric(0.1, 4.0), cosine(1.0, 0.0), cosine(0.0, 3.0)]
ENDS = [(2.0, 0.05), (0.1, 4.0), (1.0, 0.0), (0.0, 3.0)]
NAMES = ["falling", "rising", "cosine falling", "cosine rising"]


class TestSchedules:
    @pytest.mark.parametrize(("schedule", "ends"), list(zip(SCHEDULES, ENDS, strict=True)), ids=NAMES)
    def test_from_start_to_end_without_turning_back(self, schedule: Schedule, ends: tuple[float, float]) -> None:
        values = [schedule(step / 50) for step in range(51)]
        assert (values[0], values[-1]) == pytest.approx(ends)
        assert values == sorted(values, reverse=ends[0] > ends[1])

    @pytest.mark.parametrize("schedule", SCHEDULES)
    def test_beyond_the_ends_it_stays(self, schedule: Schedule) -> None:
        assert (schedule(-0.5), schedule(1.5)) == pytest.approx((schedule(0), schedule(1)))

    def test_steps_have_equal_parts(self) -> None:
        schedule = steps(0.5, 0.75, 1.0)
        assert [schedule(progress) for progress in (-1, 0, 0.3, 0.34, 0.6, 0.67, 1, 2)] == [
            0.5, 0.5, 0.5, 0.75, 0.75, 1.0, 1.0, 1.0
        ]  # fmt: skip

    def test_geometric_changes_by_one_factor(self) -> None:
        schedule = geometric(2.0, 0.5)
        factors = [schedule((k + 1) / 10) / schedule(k / 10) for k in range(10)]
        assert factors == pytest.approx([0.25**0.1] * 10)

    def test_cosine_is_gentle_at_both_ends_and_half_way_in_the_middle(self) -> None:
        schedule = cosine(1.0, 0.0)
        assert schedule(0.5) == pytest.approx(0.5)
        assert schedule(0.01) > 0.999
        assert schedule(0.99) < 0.001

    def test_between_waits_and_is_over_early(self) -> None:
        schedule = between(0.2, 0.5, geometric(48, 6))
        assert [schedule(progress) for progress in (0.0, 0.2, 0.5, 1.0)] == [48, 48, 6, 6]
        assert schedule(0.35) == pytest.approx((48 * 6) ** 0.5)

    def test_until_is_over_early_and_to_the_bit(self) -> None:
        schedule = until(0.6, cosine(4.0, 0.0))
        assert [schedule(step * 0.6) for step in (0.0, 0.25, 0.5, 0.75)] == pytest.approx(
            [cosine(4.0, 0.0)(step) for step in (0.0, 0.25, 0.5, 0.75)]
        )
        assert {schedule(step / 100) for step in range(60, 101)} == {0.0}

    def test_constant_stays(self) -> None:
        assert {constant(0.3)(step / 10) for step in range(11)} == {0.3}
