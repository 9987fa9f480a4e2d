"""Chains of cubics, cut at the edges of a box."""

from __future__ import annotations

import numpy as np
import pytest
from drawings import length

from plotart.export.clip import clip_curve
from plotart.geometry.bezier import bezier_points

BOX = (0.0, 0.0, 10.0, 10.0)


def test_inside_is_untouched() -> None:
    curve = np.random.default_rng(0).uniform(0, 10, (7, 2))
    assert clip_curve(curve, BOX)[0] is curve


@pytest.mark.parametrize("seed", range(20))
def test_parts_are_the_curve_inside(seed: int) -> None:
    curve = np.random.default_rng(seed).uniform(-5, 15, (7, 2))
    parts = clip_curve(curve, BOX)
    fine = np.concatenate([bezier_points(curve[3 * i : 3 * i + 4], 1e-7) for i in range(2)])
    inside = ((fine[:-1] + fine[1:]) / 2 >= 0).all(1) & ((fine[:-1] + fine[1:]) / 2 <= 10).all(1)
    steps = np.hypot(*np.diff(fine, axis=0).T)
    assert length([bezier_points(part, 1e-7) for part in parts]) == pytest.approx(steps[inside].sum(), abs=0.01)
    assert all(len(part) % 3 == 1 for part in parts)


def test_parts_join_where_the_curve_stays_inside() -> None:
    inside = np.linspace((1, 1), (9, 1), 7)
    curve = np.concatenate([inside, np.linspace((9, 1), (30, 1), 4)[1:]])
    (part,) = clip_curve(curve, BOX)
    assert part[0] == pytest.approx([1, 1])
    assert part[-1] == pytest.approx([10, 1])
