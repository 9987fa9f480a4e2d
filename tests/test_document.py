"""Drawings as vpype documents."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from drawings import PAGE, PENS, drawn, length, refilled, rosette

from plotart.export.document import PX_PER_MM, to_document


def test_layers_in_plotting_order_with_their_pens() -> None:
    drawing = refilled(drawn(rosette()), 2)
    document = to_document(drawing)
    assert list(document.layers) == [1, 2, 3, 4, 5]
    names = [layer.property("vp_name") for layer in document.layers.values()]
    assert names == ["Yellow", "0.3 blue", "Micron 01", "Micron 01", 'Tusche "A" & <B>']
    assert document.page_size == pytest.approx((PAGE.width * 96 / 25.4, PAGE.height * 96 / 25.4))
    assert document.layers[2].property("vp_pen_width") == pytest.approx(PENS[1].width * 96 / 25.4)
    assert document.layers[1].property("vp_color").as_rgb_hex() == "#ffd700"


def test_lines_stay_as_they_are() -> None:
    drawing = drawn(rosette())
    for layer, lines in zip(drawing.layers, to_document(drawing).layers.values(), strict=True):
        assert lines.length() / PX_PER_MM == pytest.approx(length(layer.lines))
        for ours, theirs in zip(layer.lines, lines, strict=True):
            np.testing.assert_allclose(np.column_stack([theirs.real, theirs.imag]) / PX_PER_MM, ours)


def test_importing_is_quick_and_pulls_in_no_vpype() -> None:
    modules = "plotart.export.document, plotart.job.finish, plotart.plotter.travel"
    heavy = "('vpype', 'vpype_cli', 'matplotlib', 'svgwrite', 'svgelements')"
    code = f"import sys, {modules}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
