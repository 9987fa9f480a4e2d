"""Layers' labels: pens' names, handling and refills in AxiDraw's syntax, and back."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vpype
from drawings import handled, write
from hypothesis import given
from hypothesis import strategies as st

from plotart.export.drawing import Drawing, Layer
from plotart.export.labels import Label, layer_label, parse_label
from plotart.export.read import read_drawing
from plotart.export.svg import layer_svgs, plot_svg
from plotart.pens import Pen

ODD_NAMES = (
    "Micron 01",
    "0.3 blue",
    "+s50 odd",
    "!x",
    "% doc",
    "12",
    "Gold (refill 1)",
    "+d5",
    'A & <B> "C"',
    "  spaced ",
)

LINES = st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable() and bool(text.strip()))
PENS = st.builds(
    Pen,
    LINES | st.sampled_from(ODD_NAMES),
    st.just("#1f4e9e"),
    st.just(0.3),
    speed=st.none() | st.integers(1, 100),
    height=st.none() | st.integers(0, 100),
    delay=st.none() | st.integers(0, 600_000),
    pause=st.booleans(),
)


def blue(name: str = "Blue", **handling: Any) -> Pen:
    return Pen(name, "#1f4e9e", 0.3, **handling)


@pytest.mark.parametrize(
    ("handling", "label"),
    [
        ({}, "!2 Blue"),
        ({"pause": False}, "2 Blue"),
        ({"speed": 20, "height": 35, "delay": 1500}, "!2+d1500+h35+s20 Blue"),
        ({"height": 0, "pause": False}, "2+h0 Blue"),
        ({"max_distance": 500.0, "pause": False}, "2 Blue"),
    ],
)
def test_a_label_says_how_the_pen_is_handled(handling: dict[str, Any], label: str) -> None:
    assert layer_label(2, blue(**handling)) == label


def test_the_machine_stops_before_no_first_layer_and_in_no_file_of_one_layer() -> None:
    assert layer_label(1, blue()) == "1 Blue"
    assert layer_label(7, blue(), alone=True) == "7 Blue"
    assert layer_label(7, blue(), refill=1, alone=True) == "7 Blue (refill 1)"


def test_the_machine_stops_for_every_refill() -> None:
    assert layer_label(3, blue("Gold", pause=False), 1) == "!3 Gold (refill 1)"


def test_a_pen_that_is_called_as_a_refill_is_none() -> None:
    assert layer_label(2, blue("Gold (refill 1)")) == "!2 Gold (refill 1) (refill 0)"
    assert parse_label("!2 Gold (refill 1) (refill 0)") == Label("Gold (refill 1)")


@pytest.mark.parametrize(
    ("label", "name"), [("2 a&#9;&#10;b\u2028c", "a  b c"), ("&#9;", "Layer 1"), ("2   ", "Layer 2")]
)
def test_a_layer_of_no_printable_name_gets_one(label: str, name: str, tmp_path: Path) -> None:
    text = plot_svg(Drawing(100, 100, (Layer(blue(), [np.array([(10.0, 10.0), (90.0, 10.0)])]),)))
    (layer,) = read_drawing(write(tmp_path, text.replace("1 Blue", label))).layers
    assert layer.name == name


@given(number=st.integers(1, 1000), pen=PENS, refill=st.integers(0, 50))
def test_a_label_reads_back(number: int, pen: Pen, refill: int) -> None:
    label = layer_label(number, pen, refill)
    read = parse_label(label, first=number == 1)
    assert (read.name, read.refill) == (pen.name, refill)
    assert [read.speed, read.height, read.delay] == [pen.speed, pen.height, pen.delay]
    assert read.pause == (pen.pause or refill > 0 or number == 1)
    assert re.search(r"\d+", label)[0] == str(number), "what vpype takes as the layer's number"


@given(number=st.integers(1, 1000), pen=PENS, refill=st.integers(0, 50))
def test_axidraw_software_finds_the_same_in_a_label(number: int, pen: Pen, refill: int) -> None:
    """By the rules of AxiDraw layer control: `!`, a number, and codes up to the first other thing."""
    label = layer_label(number, pen, refill)
    assert not label.startswith("%")
    stop, found, codes, rest = re.match(r"(!?)(\d+)((?:\+[dhs]\d+)*)(.*)", label, re.IGNORECASE | re.DOTALL).groups()
    assert int(found) == number
    assert bool(stop) == ((pen.pause or refill > 0) and number > 1)
    expected = {"+d": pen.delay, "+h": pen.height, "+s": pen.speed}
    assert {code[:2]: int(code[2:]) for code in re.findall(r"\+[dhs]\d+", codes)} == {
        code: value for code, value in expected.items() if value is not None
    }
    assert rest.startswith(" "), "a name never goes on with the codes"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("5+S20Black", Label("Black", speed=20, pause=False)),
        ("!5+h30+H40 Black", Label("Black", height=40)),
        ("  12 Red", Label("Red", pause=False)),
        ("5+s0+h101+d999999999999 Red", Label("Red", pause=False)),
        ("3D objects", Label("3D objects")),
        ("Layer 1", Label("Layer 1")),
        ("+s50 odd", Label("+s50 odd")),
        ("!x", Label("!x")),
        ("", Label("")),
        ("12", Label("12", pause=False)),
    ],
)
def test_labels_from_elsewhere(label: str, expected: Label) -> None:
    assert parse_label(label) == expected


def odd_drawing() -> Drawing:
    return Drawing(
        100,
        100,
        tuple(
            Layer(blue(name, pause=i % 2 == 0), [np.array([(10.0, 10.0 + i), (90.0, 10.0 + i)])])
            for i, name in enumerate(ODD_NAMES)
        ),
    )


def test_pens_of_odd_names_stay_layers_of_their_own_for_vpype() -> None:
    document = vpype.read_multilayer_svg(io.StringIO(plot_svg(odd_drawing())), quantization=0.1)
    assert list(document.layers) == list(range(1, len(ODD_NAMES) + 1))
    for number, layer in document.layers.items():
        assert len(layer) == 1
        assert parse_label(layer.property("vp_name")).name == ODD_NAMES[number - 1]


def test_pens_of_odd_names_read_back(tmp_path: Path) -> None:
    drawing = odd_drawing()
    read = read_drawing(write(tmp_path, plot_svg(drawing)))
    assert [layer.name for layer in read.layers] == list(ODD_NAMES)
    assert [handled(layer.pen) for layer in read.layers] == [handled(layer.pen) for layer in drawing.layers]
    for name, text in zip(ODD_NAMES, layer_svgs(drawing).values(), strict=True):
        assert [layer.name for layer in read_drawing(write(tmp_path, text)).layers] == [name]
