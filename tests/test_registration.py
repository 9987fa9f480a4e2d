"""Registration marks: every pen's file fills the same box, on the paper, beside the drawing where there is room."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawings import bounds, drawn, refilled, rosette, write
from hypothesis import given
from hypothesis import strategies as st

from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.read import read_drawing
from plotart.export.registration import GAP, SIZE, registration_marks
from plotart.export.svg import layer_svgs, plot_svg
from plotart.pens import Pen


def alone(text: str, folder: Path) -> list[Line]:
    (layer,) = read_drawing(write(folder, text)).layers
    return layer.lines


def test_all_files_fill_the_same_box(tmp_path: Path) -> None:
    drawing = refilled(drawn(rosette()), 1)
    boxes = [bounds(alone(text, tmp_path)) for text in layer_svgs(drawing, marks=True).values()]
    assert len(boxes) == 5
    assert all(box == boxes[0] for box in boxes)
    bare = [bounds(alone(text, tmp_path)) for text in layer_svgs(drawing).values()]
    assert any(box != bare[0] for box in bare), "without marks they don't"


def test_marks_are_drawn_first_and_are_the_same_in_every_file(tmp_path: Path) -> None:
    drawing = drawn(rosette())
    marks = registration_marks(drawing)
    for text, layer in zip(layer_svgs(drawing, marks=True).values(), drawing.layers, strict=True):
        lines = alone(text, tmp_path)
        assert len(lines) == len(marks) + len(layer.lines)
        for line, mark in zip(lines, marks, strict=False):
            np.testing.assert_allclose(line, mark, atol=0.0006)


def test_the_whole_drawing_has_none() -> None:
    drawing = drawn(rosette())
    assert plot_svg(drawing).count("<polyline") == sum(len(layer.lines) for layer in drawing.layers)


@pytest.mark.parametrize("width", [148.0, 300.0])
def test_marks_lie_beside_the_drawing_towards_the_machines_home(width: float) -> None:
    """A page that is higher than wide is turned a quarter to the left by AxiDraw's software."""
    drawing = replace(drawn(rosette()), width=width)
    left, top, right, bottom = bounds([line for layer in drawing.layers for line in layer.lines])
    marks = registration_marks(drawing)
    assert len(marks) == 6
    out = GAP + SIZE
    tall = width < drawing.height
    box = [left, top - out, right + out, bottom] if tall else [left - out, top - out, right, bottom]
    assert bounds(marks) == pytest.approx(box)
    for mark in marks:
        (x0, _), (x1, y1) = mark.min(axis=0), mark.max(axis=0)
        beside = x0 >= right + GAP - 1e-9 if tall else x1 <= left - GAP + 1e-9
        assert beside or y1 <= top - GAP + 1e-9


def test_without_room_they_lie_over_the_drawings_edge() -> None:
    frame = np.array([(1.0, 1.0), (99.0, 1.0), (99.0, 59.0), (1.0, 59.0)])
    drawing = Drawing(100, 60, (Layer(Pen("Black", "#000000", 0.3), [frame]),))
    assert bounds(registration_marks(drawing)) == pytest.approx([1, 1, 99, 59])


def test_no_marks_without_lines() -> None:
    assert registration_marks(Drawing(100, 100, ())) == []


#: mm: coordinates are written with three decimals.
ROUNDED = 0.001

sides = st.floats(20, 1000)
shares = st.floats(0, 1)


@given(width=sides, height=sides, nib=st.floats(0.05, 3), corners=st.lists(st.tuples(shares, shares), min_size=1))
def test_marks_stay_on_the_paper_apart_from_each_other(
    width: float, height: float, nib: float, corners: list[tuple[float, float]]
) -> None:
    line = np.array(corners) * (width, height)
    drawing = Drawing(width, height, (Layer(Pen("Black", "#000000", nib), [line]),))
    marks = registration_marks(drawing)
    left, top, right, bottom = bounds(marks)
    assert left >= -ROUNDED
    assert top >= -ROUNDED
    assert right <= width + ROUNDED
    assert bottom <= height + ROUNDED
    assert bounds([*marks, line]) == pytest.approx([left, top, right, bottom], abs=ROUNDED)
    middles = [mark.mean(axis=0) for mark in marks[::2]]
    size = min(SIZE, width / 5, height / 5)
    assert min(math.dist(middles[i], middles[j]) for i, j in ((0, 1), (0, 2), (1, 2))) >= 2 * size - ROUNDED
    # What the drawing itself does not reach, a mark reaches only with its whole nib on the paper.
    if left < line[:, 0].min() - ROUNDED:
        assert left >= min(nib / 2, width / 5) - ROUNDED
    if right > line[:, 0].max() + ROUNDED:
        assert right <= width - min(nib / 2, width / 5) + ROUNDED
    if top < line[:, 1].min() - ROUNDED:
        assert top >= min(nib / 2, height / 5) - ROUNDED
