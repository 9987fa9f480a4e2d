"""Points that lie near whole units: what is off along the line is not seen."""

from __future__ import annotations

import numpy as np
import pytest
from emulators.ink import psnr

from plotart.plotter.boards.near_units import near_units, off_line
from plotart.plotter.boards.thin import thinned
from plotart.plotter.boards.trajectory import Trajectory

#: Units per mm of an HP 7475A, and half of one in mm.
UNITS, STRAY = 40.0, 0.0125


def circle(radius: float) -> Trajectory:
    angle = np.linspace(0, 2 * np.pi, 150)
    return Trajectory.plan(np.column_stack([np.cos(angle), np.sin(angle)]) * radius + 20, 50, 762)


def test_circles_come_nearer_to_what_is_meant_than_by_rounding() -> None:
    meant = [circle(radius) for radius in np.arange(5, 12, 0.5)]
    rounded = [np.round(way.points[thinned(way.points, STRAY)] * UNITS) / UNITS for way in meant]
    near = [near_units(way, lambda points: points * UNITS, STRAY)[1] / UNITS for way in meant]
    lines = [way.points for way in meant]
    assert psnr(near, lines) >= psnr(rounded, lines) + 3
    assert sum(map(len, near)) == sum(map(len, rounded))


def test_places_are_whole_in_order_and_not_far_off_the_line() -> None:
    way = circle(7)
    along, places = near_units(way, lambda points: points * UNITS, STRAY)
    assert (np.diff(along) > 0).all()
    assert (along[0], along[-1]) == (0, way.length)
    np.testing.assert_array_equal(places, np.round(places))
    np.testing.assert_allclose(places / UNITS, way.point(along), atol=0.03)


@pytest.mark.parametrize("points", [[[0, 0], [10, 0], [10, 10], [0, 10]], [[1, 1], [1, 1]], [[0, 0], [5, 5]]])
def test_corners_and_ends_stay(points: list[list[float]]) -> None:
    way = Trajectory.plan(np.array(points, dtype=float), 50, 762)
    along, places = near_units(way, lambda mm: mm * UNITS, STRAY)
    np.testing.assert_array_equal(places, np.array(points) * UNITS)
    np.testing.assert_allclose(along, way.along)


def test_what_is_off_along_the_line_does_not_count() -> None:
    line = np.column_stack([np.linspace(0, 3, 7), np.full(7, 0.25)])
    np.testing.assert_allclose(off_line(line), 0.25)
