"""plotart export of an SVG: its lines pen by pen, in order, in one's own pens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import Cli
from drawings import drawn, rosette, write

from plotart import Pen, PenSet, Run, read_drawing
from plotart.errors import PenError
from plotart.export.drawing import Drawing, Layer
from plotart.export.polyline import travel
from plotart.export.read import read_plot
from plotart.job.layer_pens import in_pens, pens_for

INKSCAPE = Path(__file__).parent / "data" / "inkscape.svg"

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 100 100">{inner}</svg>'


def box(line: np.ndarray) -> list[float]:
    return [*line.min(axis=0).round(1).tolist(), *line.max(axis=0).round(1).tolist()]


class TestReading:
    def test_a_document_of_inkscapes(self) -> None:
        """What lies where is what `inkscape --query-all` says, less half a width on each side."""
        drawing = read_plot(INKSCAPE)
        assert (drawing.width, drawing.height) == (148, 210)
        assert [(layer.name, [box(line) for line in layer.lines]) for layer in drawing.layers] == [
            ("#000000 0.5 mm", [[10, 10, 138, 200]]),
            ("#c8102e 0.5 mm", [[30, 30.1, 107.3, 70.6], [20, 80, 120, 80], [20, 95, 120, 95]]),
            ("#1f4fa3 outlines", [[48, 123, 72, 147]]),
            ("#1f4fa3 0.8 mm", [[75, 127, 105, 143], [15, 125, 60, 125]]),
        ]
        assert drawing.left_out == ("a clip path", "text", "what fills a shape")

    @pytest.mark.parametrize(("side", "mm"), [("50mm", 50.0), ("200px", 52.917), ("200", 52.917), ("2in", 50.8)])
    def test_units(self, tmp_path: Path, side: str, mm: float) -> None:
        inner = '<g><path stroke="red" fill="none" d="M0 50H100"/><path stroke="blue" fill="none" d="M50 0V50"/></g>'
        drawing = read_plot(write(tmp_path, SVG.format(side=side, inner=inner)))
        assert drawing.width == pytest.approx(mm, abs=1e-3)
        assert [box(layer.lines[0]) for layer in drawing.layers] == [
            pytest.approx([0, mm / 2, mm, mm / 2], abs=0.06),
            pytest.approx([mm / 2, 0, mm / 2, mm / 2], abs=0.06),
        ]

    def test_white_shapes_hide_and_are_not_drawn(self, tmp_path: Path) -> None:
        inner = '<g><rect width="100" height="100" fill="white"/><path d="M0 0L9 9" stroke="red"/></g>'
        drawing = read_plot(write(tmp_path, SVG.format(side="5cm", inner=inner)))
        assert [layer.color for layer in drawing.layers] == ["#ff0000"]

    def test_an_outline_is_not_drawn_twice(self, tmp_path: Path) -> None:
        inner = (
            '<g><rect x="9" y="9" width="9" height="9" fill="red" stroke="blue"/><path d="M0 0L9 9" stroke="red"/></g>'
        )
        drawing = read_plot(write(tmp_path, SVG.format(side="5cm", inner=inner)))
        assert sorted((layer.color, len(layer.lines)) for layer in drawing.layers) == [("#0000ff", 1), ("#ff0000", 1)]

    def test_hidden_layers_are_not_drawn_where_layers_are_pens(self, tmp_path: Path) -> None:
        label = 'xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:groupmode="layer" i:label='
        layers = [(1, "Red", "inline", "red"), (2, "Guides", "none", "blue"), (3, "Black", "inline", "black")]
        inner = "".join(
            f'<g {label}"{number} {name}" style="display:{display}">'
            f'<path style="fill:none;stroke:{color};stroke-width:1" d="M0 {number}0H90"/></g>'
            for number, name, display, color in layers
        )
        drawing = read_plot(write(tmp_path, SVG.format(side="100mm", inner=inner)))
        assert [(layer.name, layer.color) for layer in drawing.layers] == [("Red", "#ff0000"), ("Black", "#000000")]

    def test_layers_that_are_pens_stay_pens(self, tmp_path: Path) -> None:
        path = drawn(rosette()).save(tmp_path / "pens.svg")
        assert [layer.name for layer in read_plot(path).layers] == [
            "Yellow",
            "0.3 blue",
            "Micron 01",
            'Tusche "A" & <B>',
        ]


class TestChoosingPens:
    DESK = PenSet([Pen("Red", "#c8102e", 0.4), Pen("Fine", "#111111", 0.2), Pen("Broad", "#121212", 1.0)])

    def layer(self, color: str, width: float = 0.3, refill: int = 0) -> Layer:
        return Layer(Pen(f"{color} {width}", color, width), [np.array([(0.0, 0.0), (1.0, 1.0)])], refill)

    def test_colour_comes_before_nib(self) -> None:
        layers = [self.layer("#000000", 0.9), self.layer("#000000", 0.1), self.layer("#d01828", 0.9)]
        assert [pen.name for pen in pens_for(layers, self.DESK)] == ["Broad", "Fine", "Red"]

    def test_apart(self) -> None:
        layers = [self.layer("#c01020"), self.layer("#d01020"), self.layer("#c01020")]
        first, second, third = pens_for(layers, self.DESK, apart=True)
        assert first == third != second
        with pytest.raises(PenError, match="4 colours can't be matched to 3 pens"):
            pens_for([self.layer(f"#00000{n}") for n in range(4)], self.DESK, apart=True)

    def test_layers_of_one_pen_become_one_but_for_fillings(self) -> None:
        layers = [self.layer("#c01020"), self.layer("#000000"), self.layer("#d01020"), self.layer("#c01020", refill=1)]
        found = in_pens(Drawing(100, 100, tuple(layers)), self.DESK)
        assert [(layer.name, layer.refill, len(layer.lines)) for layer in found.layers] == [
            ("Red", 0, 2), ("Fine", 0, 1), ("Red", 1, 1),
        ]  # fmt: skip

    def test_as_it_looks_on_the_paper(self) -> None:
        pens = PenSet(
            [Pen("Clear", "#ffffff", 0.4), Pen("Chalk", "#ffffff", 0.4, "opaque"), Pen("Coal", "#000000", 0.4)]
        )
        assert pens_for([self.layer("#ffffff")], pens, paper="#202020")[0].name == "Chalk"


class TestCommand:
    def test_in_order_and_pen_by_pen(self, cli: Cli, tmp_path: Path) -> None:
        drawing = drawn(rosette())
        given, out = drawing.save(tmp_path / "sheet.svg"), tmp_path / "out"
        done = cli("export", given, "--out", out)
        assert done.status == 0, done.err
        written = read_drawing(out / "plot.svg")
        assert [(layer.nib, layer.pen.speed) for layer in written.layers] == [
            (layer.nib, layer.pen.speed) for layer in drawing.layers
        ]
        for before, after in zip(drawing.layers, written.layers, strict=True):
            assert travel(after.lines) < travel(before.lines)
        assert len(list(out.glob("plot_*.svg"))) == 4

    def test_json_has_the_figures(self, cli: Cli, tmp_path: Path) -> None:
        done = cli("export", INKSCAPE, "--out", tmp_path / "out", "--pens", "stabilo-point-88", "--json")
        found = json.loads(done.out)
        assert [pen["name"] for pen in found["pens"]] == ["Point 88 Black", "Point 88 Carmine", "Point 88 Blue"]
        assert found["folder"] == str(tmp_path / "out")
        assert found["left_out"] == ["a clip path", "text", "what fills a shape"]
        assert 20 < found["plot_seconds"] < 60

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["-o", "export.merge=far"], 'export.merge: found "far"; allowed: '),
            (["-o", "export.order"], "found the override"),
            (["-o", "strokes.count=3"], "-o strokes.count=3: an SVG has only keys of export"),
            (["-o", "export.machine=axidraw-minikit"], "axidraw-minikit"),
            (["--offsets", "uni-pin"], "--offsets uni-pin: an SVG names no pens"),
            (["--pens", "uni-pun"], "no set of pens is called 'uni-pun'"),
            (["--gcode", "no-such"], "no G-code profile is called 'no-such'"),
        ],
    )
    def test_what_is_wrong(self, cli: Cli, tmp_path: Path, words: list[str], message: str) -> None:
        done = cli("export", INKSCAPE, "--out", tmp_path / "out", *words)
        assert done.status == 2
        assert message in done.err
        assert not (tmp_path / "out").exists()

    def test_nothing_is_lost(self, cli: Cli, quickstart: Run, tmp_path: Path) -> None:
        given = drawn(rosette()).save(tmp_path / "plot.svg")
        done = cli("export", given, "--out", tmp_path)
        assert (done.status, "is where plot.svg lies" in done.err) == (2, True)
        done = cli("export", given, "--out", quickstart.path)
        assert (done.status, "holds a run" in done.err) == (2, True)
        done = cli("export", quickstart.path, "--pens", "uni-pin")
        assert (done.status, "--pens uni-pin: a run has its pens" in re.sub(r"\s+", " ", done.err)) == (2, True)
