"""Which points of lines lie on other lines, against a k-d tree."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import KDTree

from plotart.export.line_array import LineArray, Samples
from plotart.export.overlaid import APART, STEP, _near_others

Points = NDArray[np.float64]


def wanted(samples: Samples, nib: float) -> NDArray[np.bool_]:
    near = np.zeros(len(samples.points), bool)
    one, other = KDTree(samples.points).query_pairs(nib * (1 + 1e-6), output_type="ndarray").T
    further = np.abs(samples.along[one] - samples.along[other]) > APART * nib
    others = (samples.line[one] != samples.line[other]) | further
    near[one[others]] = near[other[others]] = True
    return near


def walks(rng: np.random.Generator, count: int, points: int, size: float) -> list[Points]:
    starts = rng.uniform(0, size, (count, 1, 2)) - size / 3
    return list(starts + rng.normal(0, 1.0, (count, points, 2)).cumsum(axis=1))


@pytest.mark.parametrize("nib", [0.1, 0.7, 5.0, 1000.0])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_near_is_what_a_tree_finds(seed: int, nib: float) -> None:
    rng = np.random.default_rng(seed)
    samples = Samples.of(LineArray.of(walks(rng, 12, 60, size=80.0)), STEP)
    found = _near_others(samples, nib)
    assert (found == wanted(samples, nib)).all()
    assert nib == 1000.0 or 0 < found.sum() < len(found)


def test_many_points_in_one_square() -> None:
    rng = np.random.default_rng(0)
    samples = Samples.of(LineArray.of([*rng.uniform(0, 2, (4, 800, 2)), np.array([[9.0, 9.0], [9.0, 12.0]])]), STEP)
    assert (_near_others(samples, 1.0) == wanted(samples, 1.0)).all()


def test_lines_a_nib_apart_are_near_and_those_a_little_further_are_not() -> None:
    for gap, near in ((0.5, True), (0.50001, False)):
        lines = [np.array([[0.0, y], [10.0, y]]) for y in (7.1, 7.1 + gap)]
        assert _near_others(Samples.of(LineArray.of(lines), STEP), 0.5).tolist() == [near] * 80


def test_a_single_dot() -> None:
    assert _near_others(Samples.of(LineArray.of([np.array([[1.0, 1.0]])]), STEP), 0.5).tolist() == [False]
