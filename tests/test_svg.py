"""The SVGs that a plotter gets: all pens in one file, a file per pen, and true curves."""

from __future__ import annotations

import getpass
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from drawings import PAGE, PENS, drawn, handled, length, refilled, rosette, write
from pydantic import ValidationError

from plotart.export.curves import curves_svg
from plotart.export.drawing import Drawing, Layer
from plotart.export.layers import DOT
from plotart.export.read import read_drawing
from plotart.export.svg import layer_svgs, plot_svg
from plotart.geometry.strokes import from_curves
from plotart.pens import Pen

if TYPE_CHECKING:
    from conftest import Golden

SVG = "{http://www.w3.org/2000/svg}"
INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"


def drawing() -> Drawing:
    """Five layers, two of which are of one pen that is filled once."""
    return refilled(drawn(rosette(), tolerance=0.1), 2)


def labels(text: str) -> list[str]:
    return [group.get(f"{INKSCAPE}label", "") for group in ElementTree.fromstring(text.encode())]


def test_golden(golden: Golden) -> None:
    golden.check("plot.svg", plot_svg(drawing()))
    golden.check("curves.svg", curves_svg(rosette(), PENS, PAGE))
    golden.check("pen.svg", layer_svgs(drawing(), marks=True)["plot_04_micron-01.svg"])


def test_the_golden_comparison_can_fail(golden: Golden) -> None:
    comparing = replace(golden, store=False)
    moved = rosette()
    moved.points[0, 0] += 0.01
    with pytest.raises(AssertionError):
        comparing.check("plot.svg", plot_svg(refilled(drawn(moved, tolerance=0.1), 2)))
    with pytest.raises(AssertionError, match="store-golden"):
        comparing.check("missing.svg", "")


def check_form(text: str) -> None:
    root = ElementTree.fromstring(text.encode())
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("148mm", "210mm", "0 0 148 210")
    assert {child.tag for child in root} == {f"{SVG}g"}
    ids = [group.get("id") for group in root]
    assert len(set(ids)) == len(ids)
    for group in root:
        assert group.get(f"{INKSCAPE}groupmode") == "layer"
        assert group.get("fill") == "none"
        assert re.fullmatch("#[0-9a-f]{6}", group.get("stroke", ""))
        assert float(group.get("stroke-width", "")) in [pen.width for pen in PENS]
        assert {line.tag for line in group} == {f"{SVG}polyline"}
        numbers = re.split(r"[, ]", " ".join(line.attrib["points"] for line in group))
        assert all(re.fullmatch(r"\d+\.\d{3}", number) for number in numbers)
    assert not any("transform" in element.attrib or "style" in element.attrib for element in root.iter())


def test_layers_at_the_top_and_only_lines_in_them() -> None:
    check_form(plot_svg(drawing()))
    for text in layer_svgs(drawing(), marks=True).values():
        check_form(text)


def test_labels_are_numbered_in_plotting_order() -> None:
    assert labels(plot_svg(drawing())) == [
        "1 Yellow",
        "!2+d1500+h35+s20 0.3 blue",
        "3 Micron 01",
        "!4 Micron 01 (refill 1)",
        '!5 Tusche "A" & <B>',
    ]


def test_a_file_per_layer_where_the_whole_has_it(tmp_path: Path) -> None:
    files = layer_svgs(drawing())
    assert list(files) == [
        "plot_01_yellow.svg",
        "plot_02_0-3-blue.svg",
        "plot_03_micron-01.svg",
        "plot_04_micron-01.svg",
        "plot_05_tusche-a-b.svg",
    ]
    whole = read_drawing(write(tmp_path, plot_svg(drawing())))
    for text, layer in zip(files.values(), whole.layers, strict=True):
        assert not labels(text)[0].startswith("!"), "one pen needs no pause"
        single = read_drawing(write(tmp_path, text))
        assert (single.width, single.height) == (whole.width, whole.height)
        (alone,) = single.layers
        assert (alone.name, alone.color, alone.width, alone.refill) == (
            layer.name,
            layer.color,
            layer.width,
            layer.refill,
        )
        assert all(np.array_equal(a, b) for a, b in zip(alone.lines, layer.lines, strict=True))


def test_names_of_files_sort_as_they_are_plotted_however_many_refills() -> None:
    line = [np.array([(10.0, 10.0), (90.0, 10.0)])]
    layers = tuple(Layer(Pen("Gold", "#d0a020", 1.0), line, refill=i) for i in range(120))
    names = list(layer_svgs(Drawing(100, 100, layers)))
    assert names[0] == "plot_001_gold.svg"
    assert names == sorted(names)
    assert len(set(names)) == 120


def test_equal_drawings_give_equal_bytes() -> None:
    assert plot_svg(drawing()) == plot_svg(drawing())
    assert layer_svgs(drawing(), marks=True) == layer_svgs(drawing(), marks=True)
    assert curves_svg(rosette(), PENS, PAGE) == curves_svg(rosette(), PENS, PAGE)


def test_no_file_tells_when_where_or_by_whom_it_was_made() -> None:
    texts = [plot_svg(drawing()), *layer_svgs(drawing(), marks=True).values(), curves_svg(rosette(), PENS, PAGE)]
    for text in texts:
        assert not re.search(r"metadata|date|creator|title|/home/|\b20[0-9]{2}-[01][0-9]-", text)
        for private in (str(Path.cwd()), str(Path.home()) + "/", f"{getpass.getuser()}@", socket.gethostname()):
            assert private not in text


def test_curves_and_plot_agree(tmp_path: Path) -> None:
    strokes = replace(rosette(), points=rosette().points * 1.6 - 50)  # some leave the page
    plot = read_drawing(write(tmp_path, plot_svg(drawn(strokes, tolerance=0.001))))
    curves = read_drawing(write(tmp_path, curves_svg(strokes, PENS, PAGE)))
    assert (plot.width, plot.height) == (curves.width, curves.height)
    for a, b in zip(plot.layers, curves.layers, strict=True):
        assert (*a.nib, handled(a.pen)) == (*b.nib, handled(b.pen))
        assert length(a.lines) == pytest.approx(length(b.lines), rel=0.001)
        for one, other in zip(a.lines, b.lines, strict=True):
            assert one[[0, -1]] == pytest.approx(other[[0, -1]], abs=0.002)


@pytest.mark.parametrize("name", ["a\x00\nb", "a\u2028b", "", "  "])
def test_no_pen_has_a_name_that_cannot_be_printed(name: str) -> None:
    with pytest.raises(ValidationError, match="1 validation error for Pen"):
        Pen(name, "black", 0.3)


def test_nothing_is_drawn_beyond_the_margin(tmp_path: Path) -> None:
    curves = [np.linspace((-50, 100), (200, 100), 4), np.linspace((300, 100), (400, 100), 4)]
    strokes = from_curves(curves, torch.zeros(2, 1))
    for text in (plot_svg(drawn(strokes)), curves_svg(strokes, PENS, PAGE)):
        ((line,),) = [layer.lines for layer in read_drawing(write(tmp_path, text)).layers]
        assert line[[0, -1]] == pytest.approx(np.array([(12, 100), (136, 100)]), abs=0.01)


def test_strokes_without_length_stay_as_dots(tmp_path: Path) -> None:
    curves = [np.full((4, 2), (40.0, 50.0)), np.full((7, 2), (90.0, 50.0))]
    strokes = from_curves(curves, torch.zeros(2, 1))
    (layer,) = read_drawing(write(tmp_path, plot_svg(drawn(strokes)))).layers
    assert [length([line]) for line in layer.lines] == pytest.approx([DOT, DOT])


def test_no_strokes() -> None:
    nothing = from_curves([], torch.zeros(0, 2))
    assert "<g" not in plot_svg(drawn(nothing))
    assert layer_svgs(drawn(nothing), marks=True) == {}
    assert "<path" not in curves_svg(nothing, PENS, PAGE)


def test_points_that_are_not_finite_are_never_written() -> None:
    broken = from_curves([np.full((4, 2), np.nan)], torch.zeros(1, 1))
    with pytest.raises(ValueError, match="not finite"):
        curves_svg(broken, PENS, PAGE)
    with pytest.raises(ValueError, match="not finite"):
        plot_svg(Drawing(100, 100, (Layer(Pen("Black", "#000000", 0.3), [np.array([(1.0, np.inf), (2.0, 2.0)])]),)))
