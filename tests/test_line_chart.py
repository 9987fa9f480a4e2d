"""Charts of a run's report: curves with gaps, ticks that can be read, on scales that suit the values."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotart.reports.charts import LEAST, MOST
from plotart.reports.line_chart import HEIGHT, WIDTH, line_chart

MINUS = "\N{MINUS SIGN}"


def chart(values: Sequence[float]) -> ElementTree.Element:
    return ElementTree.fromstring(line_chart(range(len(values)), values, "step"))


def texts(values: Sequence[float]) -> list[str]:
    return ["".join(element.itertext()) for element in chart(values).iter("text")]


def curve(values: Sequence[float]) -> list[list[tuple[float, float]]]:
    """The chart's line, part by part, in px."""
    (path,) = (path for path in chart(values).iter("path") if path.get("stroke-width"))
    parts = (map(float, re.findall(r"[-\d.]+", part)) for part in (path.get("d") or "").split("M")[1:])
    return [list(zip(part, part, strict=True)) for part in parts]


def test_both_axes_have_round_numbers() -> None:
    values = [n / 100 for n in range(101)]
    assert texts(values) == ["0", "25", "50", "75", "100", "0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "step"]


def test_a_straight_line_is_its_ends() -> None:
    (((left, bottom), (right, top)),) = curve([2.0 * n for n in range(500)])
    assert 0 < left < right < WIDTH
    assert 0 < top < bottom < HEIGHT


def test_what_was_not_measured_is_a_gap() -> None:
    nan = math.nan
    parts = curve([0, 1, nan, 3, 5, 4, nan, nan, 2, nan, 1, 0])
    assert [len(part) for part in parts] == [2, 3, 2]
    assert parts[0][1][0] < parts[1][0][0]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([1e-3, 1e-2, 0.5], [f"10{MINUS}3", f"10{MINUS}2", f"10{MINUS}1"]),
        ([1e-12, 1.0], [f"10{MINUS}12", f"10{MINUS}9", f"10{MINUS}6", f"10{MINUS}3", "100"]),
        ([3e-7, 4e-7], [f"1e{MINUS}7"]),
        ([123456.7, 123456.9], ["+1.23456e5"]),
        ([3.0, 3.0], ["3.0"]),
        ([-2.0, 0.0], [f"{MINUS}1.5", "0.0"]),
    ],
)
def test_numbers_suit_the_values(values: list[float], wanted: list[str]) -> None:
    assert set(wanted) <= set(texts(values))


def test_equal_input_equal_bytes_and_a_larger_value_is_higher() -> None:
    assert line_chart([0, 1, 2], [1, 3, 2], "step") == line_chart([0, 1, 2], [1, 3, 2], "step")
    (((_, low), (_, high), (_, middle)),) = curve([1, 3, 2])
    assert high < middle < low


@given(st.lists(st.floats(LEAST, MOST) | st.floats(-MOST, -LEAST) | st.just(0.0) | st.just(math.nan), min_size=2))
def test_any_values_stay_within_the_chart(values: list[float]) -> None:
    if sum(map(math.isfinite, values)) < 2:
        return
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for part in curve(values) for x, y in part)
    assert "nan" not in line_chart(range(len(values)), values, "step")
