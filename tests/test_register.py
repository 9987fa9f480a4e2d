"""Pens that land aside: what files have is moved against it, and what is shown is what will be on the paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from drawings import PAGE, PENS, bounds, rosette
from test_draw_plot import draw

from plotart.canvas.renderer import Renderer
from plotart.config import Config
from plotart.errors import DrawingError
from plotart.export.drawing import Drawing, Layer
from plotart.export.read import read_drawing
from plotart.export.register import check_offsets, landed, registered
from plotart.export.registration import registration_marks
from plotart.export.svg import layer_svgs
from plotart.geometry.fixed import Fixed, FixedLines
from plotart.geometry.page import Page
from plotart.job.build import build
from plotart.pens import Pen, PenSet
from plotart.plotter.simulate import simulate

#: The pens of the rosette, two of which land aside.
ASIDE = PenSet(
    [
        pen.but(offset={"0.3 blue": (0.5, -0.25), "Micron 01": (-0.4, 0.8)}[pen.name])
        if pen.name in ("0.3 blue", "Micron 01")
        else pen
        for pen in PENS
    ]
)


def lines_of(path: Path) -> dict[str, np.ndarray]:
    return {layer.name: np.concatenate(layer.lines) for layer in read_drawing(path).layers}


def test_every_file_has_the_lines_of_a_pen_moved_against_its_offset(tmp_path: Path) -> None:
    draw(tmp_path / "true", rosette())
    plot = draw(tmp_path / "aside", rosette(), ASIDE)
    for name in ("plot.svg", "curves.svg", "plot_02_0-3-blue.svg", "plot_03_micron-01.svg"):
        true, moved = lines_of(tmp_path / "true" / name), lines_of(tmp_path / "aside" / name)
        for pen in ASIDE:
            if pen.name in true:
                np.testing.assert_allclose(moved[pen.name] + pen.lands, true[pen.name], atol=0.0021)
    assert plot.summary["moved_mm"] == {"0.3 blue": [-0.5, 0.25], "Micron 01": [0.4, -0.8]}


def test_previews_show_what_will_be_on_the_paper(tmp_path: Path) -> None:
    """In register as if no pen landed aside; else where each lands."""
    true = draw(tmp_path / "true", rosette()).image
    kept = draw(tmp_path / "kept", rosette(), ASIDE).image
    missed = draw(tmp_path / "missed", rosette(), ASIDE, in_register=False)
    off = float((missed.image - true).abs().max())
    assert off > 0.03
    assert float((kept - true).abs().max()) < 0.1 * off
    assert "moved_mm" not in missed.summary
    drawing = read_drawing(tmp_path / "true" / "plot.svg")
    there = [
        replace(layer, lines=[line + ASIDE[ASIDE.names.index(layer.name)].lands for line in layer.lines])
        for layer in drawing.layers
    ]
    expected = simulate(replace(drawing, layers=tuple(there)), PAGE, Renderer(64), PENS)
    torch.testing.assert_close(missed.image, expected)


def test_landed_undoes_what_registered_does() -> None:
    drawing = Drawing(100, 80, tuple(Layer(pen, [np.array([(20.0, 30.0), (60.0, 40.0)])]) for pen in ASIDE))
    back = landed(registered(drawing), ASIDE)
    for layer, true in zip(back.layers, drawing.layers, strict=True):
        np.testing.assert_allclose(layer.lines[0], true.lines[0], atol=1e-12)
    assert registered(drawing).layers[0].moved == (0.0, 0.0)
    assert landed(drawing, None) is drawing


def test_crosses_meet_on_the_paper_and_fill_one_box() -> None:
    pens = [Pen("One", "black", 0.3), Pen("Other", "red", 0.3, offset=(0.7, -1.1))]
    line = np.array([(20.0, 30.0), (60.0, 70.0)])
    drawing = registered(Drawing(100, 100, tuple(Layer(pen, [line]) for pen in pens)))
    crosses = [registration_marks(drawing, layer.moved) for layer in drawing.layers]
    assert bounds(crosses[0]) == pytest.approx(bounds(crosses[1]))
    for place in (0, 2, 4):
        centres = [(marks[place + 1][0, 0], marks[place][0, 1]) for marks in crosses]
        assert np.array(centres[1]) + pens[1].lands == pytest.approx(np.array(centres[0]))


def test_files_of_pens_have_crosses_of_one_box(tmp_path: Path) -> None:
    draw(tmp_path, rosette(), ASIDE, registration_marks=True)
    boxes = [
        bounds([line for layer in read_drawing(path).layers for line in layer.lines])
        for path in sorted(tmp_path.glob("plot_*.svg"))
    ]
    assert len(boxes) == 4
    for box in boxes:
        assert box == pytest.approx(boxes[0], abs=0.002)


def test_a_layer_without_offset_has_the_crosses_that_it_had() -> None:
    layer = Layer(PENS[0], [np.array([(20.0, 30.0), (60.0, 70.0)])])
    drawing = Drawing(100, 100, (layer,))
    assert layer_svgs(drawing, marks=True) == layer_svgs(registered(drawing), marks=True)


def test_lines_that_would_leave_the_page_are_refused() -> None:
    pen = Pen("Far", "black", 0.3, offset=(3.0, 0.0))
    drawing = Drawing(100, 100, (Layer(pen, [np.array([(2.0, 30.0), (60.0, 70.0)])]),))
    with pytest.raises(DrawingError, match="Far lands 3, 0 mm aside, and some of its lines would leave the page"):
        registered(drawing)
    with pytest.raises(DrawingError, match=r"Far lands 3 mm aside, and lines 2 mm from .* a margin of 3 mm, or export"):
        check_offsets(Page(100, 100, 2), [pen])
    check_offsets(Page(100, 100, 3), [pen])
    words = Fixed((FixedLines.of([np.array([(10.0, 50.0), (98.0, 50.0)])]),))
    with pytest.raises(DrawingError, match="lines 2 mm from"):
        check_offsets(Page(100, 100, 3, fixed=words), [pen])


def test_a_run_is_refused_before_it_begins() -> None:
    plain = {
        "page": {"size": "a6", "margin": 0},
        "pens": [{"name": "Far", "color": "black", "width": 0.3, "offset": ["0.4mm", 0]}],
        "objective": [{"type": "excitation", "class": "star"}],
        "strokes": {"count": 3},
    }
    with pytest.raises(DrawingError, match=r"pens: Far lands 0.4 mm aside"):
        build(Config.model_validate(plain))
    build(Config.model_validate({**plain, "export": {"in_register": False}}))
