"""SVGs of any origin as lines in millimetres, and as strokes to begin with."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from drawings import PAGE, drawn, handled, length, refilled, rosette, write

from plotart.errors import DrawingError
from plotart.export.drawing import Layer
from plotart.export.read import read_drawing
from plotart.export.svg import plot_svg
from plotart.export.svg_start import strokes_from_svg
from plotart.geometry.bezier import bezier_points


def svg(body: str, attributes: str = 'width="100mm" height="80mm" viewBox="0 0 100 80"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'


def layer(label: str, y: int) -> str:
    return f'<g inkscape:groupmode="layer" inkscape:label="{label}"><path d="M10 {y}L90 {y}"/></g>'


def layers_of(path: Path) -> list[str]:
    return [layer.name for layer in read_drawing(path).layers]


def layered(*labels: str) -> str:
    body = "".join(layer(label, 10 + 10 * i) for i, label in enumerate(labels))
    return svg(body).replace("<svg ", '<svg xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" ', 1)


def says(layer: Layer) -> tuple[object, ...]:
    """All of a layer but its lines."""
    return *layer.nib, *handled(layer.pen), layer.refill


def test_our_own(tmp_path: Path) -> None:
    drawing = refilled(drawn(rosette()), 2)
    read = read_drawing(write(tmp_path, plot_svg(drawing)))
    assert (read.width, read.height) == (148, 210)
    for ours, theirs in zip(read.layers, drawing.layers, strict=True):
        assert says(ours) == says(theirs)
        for one, other in zip(ours.lines, theirs.lines, strict=True):
            assert one[[0, -1]] == pytest.approx(other[[0, -1]], abs=0.001)
        assert length(ours.lines) == pytest.approx(length(theirs.lines), rel=0.001)


def test_what_labels_say_of_pauses(tmp_path: Path) -> None:
    first, second, third, refill = read_drawing(
        write(tmp_path, layered("1 Red", "!2 Blue", "3 Gold", "!4 Gold (refill 1)"))
    ).layers
    assert [layer.pen.pause for layer in (first, second, third)] == [True, True, False]
    assert (refill.name, refill.refill, refill.pen.pause) == ("Gold", 1, False)


def test_notes_are_no_part_of_a_drawing(tmp_path: Path) -> None:
    assert layers_of(write(tmp_path, layered("1 Red", "% pen up trajectories 7", " %8"))) == ["Red"]
    with pytest.raises(DrawingError, match="all its layers are notes"):
        read_drawing(write(tmp_path, layered("% one", "%2")))


def test_a_foreign_one(tmp_path: Path) -> None:
    body = '<circle cx="50" cy="40" r="20"/><g><rect x="-10" y="10" width="50" height="10" stroke="red"/></g>'
    drawing = read_drawing(write(tmp_path, svg(body)))
    assert [layer.color for layer in drawing.layers] == ["#000000", "#ff0000"]
    assert length([line for layer in drawing.layers for line in layer.lines]) == pytest.approx(
        40 * math.pi + 90, rel=0.001
    )


@pytest.mark.parametrize(
    "size", ['viewBox="0 0 192 96" width="100%"', 'width="192" height="96"', 'width="2in" height=" 96px "']
)
def test_a_size_in_px_or_by_viewbox_alone(tmp_path: Path, size: str) -> None:
    drawing = read_drawing(write(tmp_path, svg('<path d="M0 0L96 96"/>', size)))
    assert (drawing.width, drawing.height) == pytest.approx((50.8, 25.4), rel=1e-4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not well-formed"),
        ("<svg><g></svg>", "not well-formed XML: mismatched tag in line 1"),
        (b"\x89PNG\r\n\x1a\n", "not well-formed"),
        ('<?xml version="1.0" encoding="nonsense"?><svg/>', "encoding"),
        ("<html/>", "outermost element is <html>"),
        ('<svg xmlns="http://example.org"/>', "outermost element is <svg>, xmlns 'http://example.org'"),
        (svg('<path d="M0 0L9 9"/>', ""), "no size"),
        (svg('<path d="M0 0L9 9"/>', 'width="100%" height="100%"'), "no size"),
        (svg('<path d="M0 0L9 9"/>', 'width="0mm" height="10mm"'), "a page of 0 x 10 mm"),
        (svg('<path d="M0 0L9 9"/>', 'width="1e400mm" height="10mm"'), "not a finite length"),
        (svg('<path d="M0 0L9 9"/>', 'width="1A8mm" height="10mm"'), "'1A8mm' is not a length"),
        (svg(""), "no lines to draw"),
        (svg("<text>words</text>"), "no lines to draw"),
        (svg('<path d="M200 0L300 9"/>'), "beyond its page"),
        (svg('<path d="M0 0L1e12 9"/>'), "100 m"),
        (svg('<path d="M0 0C1e12 0 0 1e12 9 9"/>'), "100 m"),
        (svg('<circle cx="0" cy="0" r="1e15"/>'), "100 m"),
        (svg('<path d="M0 0L1e999 9"/>'), "100 m|can't be read"),
        (svg("<g>" * 300 + "</g>" * 300), "deep"),
        (svg('<g id="a"><use href="#a"/></g>'), "themselves"),
        (f'<!DOCTYPE svg [<!ENTITY a "b">]>{svg("")}', "DOCTYPE"),
        (
            f'<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x" "y" [<!ENTITY a "b">]>{svg("")}'.encode("utf-16"),
            "DOCTYPE",
        ),
    ],
)
def test_what_is_wrong_is_one_clear_error(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DrawingError, match=message) as caught:
        read_drawing(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_use_elements_that_multiply(tmp_path: Path) -> None:
    levels = "".join(f'<g id="a{i + 1}">' + f'<use href="#a{i}"/>' * 10 + "</g>" for i in range(9))
    with pytest.raises(DrawingError, match="<use> elements stand for more than 30,000 others"):
        read_drawing(write(tmp_path, svg(f'<g id="a0"><path d="M0 0L9 9"/></g>{levels}')))


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.svg", tmp_path):
        with pytest.raises(DrawingError, match=re.escape(str(path))):
            read_drawing(path)


def test_what_lies_inside_stays_where_it_is(tmp_path: Path) -> None:
    body = '<path d="M30 30L60 60" fill="none"/><circle cx="50" cy="40" r="10"/>'
    strokes = strokes_from_svg(write(tmp_path, svg(body)), PAGE, pens=3)
    assert strokes.logits.shape == (2, 3)
    assert not strokes.logits.any()
    line, circle = strokes.curves()
    assert line == pytest.approx(np.linspace((30, 30), (60, 60), 4), abs=0.01)
    points = bezier_points(circle, 0.001)
    assert np.hypot(*(points - (50, 40)).T) == pytest.approx(np.full(len(points), 10), abs=0.15)
    assert circle[0] == pytest.approx(circle[-1])


def test_what_does_not_is_fitted_into_the_margins(tmp_path: Path) -> None:
    body = '<path d="M0 0L1000 0L1000 500"/>'
    strokes = strokes_from_svg(
        write(tmp_path, svg(body, 'width="1000mm" height="500mm" viewBox="0 0 1000 500"')), PAGE, pens=1
    )
    points = np.concatenate([bezier_points(curve, 0.001) for curve in strokes.curves()])
    assert points[0] == pytest.approx([12, 74], abs=0.01)
    assert points[-1] == pytest.approx([136, 136], abs=0.01)


def test_long_lines_have_at_most_twelve_cubics(tmp_path: Path) -> None:
    points = " ".join(f"{50 + i / 10 * math.cos(i)},{40 + i / 10 * math.sin(i)}" for i in range(300))
    strokes = strokes_from_svg(write(tmp_path, svg(f'<polyline points="{points}"/>')), PAGE, pens=1)
    assert int(strokes.num_points.max()) == 37
