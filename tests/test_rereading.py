"""Other programs see in the files of a run what plotart sees: vpype, svgelements, Inkscape and resvg."""

from __future__ import annotations

import io
import math
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import resvg_py
import torch
import vpype
from drawings import PENS, bounds, drawn, length, refilled, rosette
from needs import needs_program, program
from PIL import Image
from small_runs import run_small, small
from svgelements import SVG, Group, Polyline

from plotart.canvas.renderer import Renderer
from plotart.export.document import PX_PER_MM
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.labels import parse_label
from plotart.export.read import read_drawing
from plotart.export.svg import layer_svgs, plot_svg
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, from_curves
from plotart.pens import PenSet
from plotart.plotter.simulate import simulate
from plotart.runs.run import Run


@dataclass(frozen=True)
class Sample:
    """A file and what plotart reads in it."""

    path: Path
    drawing: Drawing


@pytest.fixture(scope="module", params=["of a run", "with refills", "of one pen, with marks"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    if request.param == "of a run":
        path = request.getfixturevalue("quickstart").path / "plot.svg"
    else:
        path = tmp_path_factory.mktemp("drawings") / "drawing.svg"
        drawing = refilled(drawn(rosette()), 2)
        text = plot_svg(drawing)
        if request.param == "of one pen, with marks":
            text = layer_svgs(drawing, marks=True)["plot_04_micron-01.svg"]
        path.write_text(text, encoding="utf-8")
    return Sample(path, read_drawing(path))


def check_lines(found: list[Line], layer: Layer) -> None:
    assert len(found) == len(layer.lines)
    assert length(found) == pytest.approx(length(layer.lines), rel=0.001)
    assert bounds(found) == pytest.approx(bounds(layer.lines), abs=0.01)


def test_vpype_sees_the_same(sample: Sample) -> None:
    document = vpype.read_multilayer_svg(str(sample.path), quantization=0.1)
    assert document.page_size is not None
    width, height = document.page_size
    assert (width / PX_PER_MM, height / PX_PER_MM) == pytest.approx(
        (sample.drawing.width, sample.drawing.height), abs=0.01
    )
    for lines, layer in zip(document.layers.values(), sample.drawing.layers, strict=True):
        assert parse_label(lines.property("vp_name")).name == layer.name
        assert lines.property("vp_color").as_rgb_hex() == layer.color
        assert lines.property("vp_pen_width") / PX_PER_MM == pytest.approx(layer.width, rel=1e-4)
        check_lines([np.column_stack([line.real, line.imag]) / PX_PER_MM for line in lines], layer)


def test_svgelements_sees_the_same(sample: Sample) -> None:
    svg = SVG.parse(str(sample.path))
    assert (svg.width / PX_PER_MM, svg.height / PX_PER_MM) == pytest.approx(
        (sample.drawing.width, sample.drawing.height), abs=0.01
    )
    for group, layer in zip(svg, sample.drawing.layers, strict=True):
        assert isinstance(group, Group)
        label = group.values["{http://www.inkscape.org/namespaces/inkscape}label"]
        assert parse_label(label).name == layer.name
        lines = [shape for shape in group if isinstance(shape, Polyline)]
        assert {shape.stroke.hexrgb for shape in lines} == {layer.color}
        assert {round(shape.stroke_width / PX_PER_MM, 3) for shape in lines} == {layer.width}
        check_lines([np.array([(p.x, p.y) for p in shape]) / PX_PER_MM for shape in lines], layer)


@needs_program("inkscape")
def test_inkscape_sees_the_same(sample: Sample, tmp_path: Path) -> None:
    boxes = [box for name, box in inkscape_boxes(sample.path, tmp_path) if re.fullmatch(r"layer\d+", name)]
    for box, layer in zip(boxes, sample.drawing.layers, strict=True):
        left, top, right, bottom = bounds(layer.lines)
        reach = layer.width / 2  # Inkscape's box holds the nib's whole line
        expected = (left - reach, top - reach, right + reach, bottom + reach)
        assert box == pytest.approx(expected, abs=0.01)


def inkscape_boxes(path: Path, home: Path) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Ids and boxes (left, top, right, bottom) in mm of all that Inkscape finds in a file."""
    done = subprocess.run(
        ["inkscape", "--query-all", str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(home)},
    )
    for line in done.stdout.splitlines():
        if found := re.fullmatch(r"([^,]+),([-\d.e]+),([-\d.e]+),([-\d.e]+),([-\d.e]+)", line):
            x, y, width, height = (float(number) / PX_PER_MM for number in found.groups()[1:])
            yield found[1], (x, y, x + width, y + height)


def tangle() -> Strokes:
    """600 strokes across each other, pens in turn."""
    rng = np.random.default_rng(0)
    curves = [rng.uniform((20, 20), (130, 180)) + rng.normal(0, 12, (7, 2)) for _ in range(600)]
    return from_curves(curves, torch.eye(len(PENS))[torch.arange(600) % len(PENS)])


@pytest.mark.parametrize("strokes", [rosette(), tangle()], ids=["rosette", "tangle"])
def test_resvg_draws_what_the_preview_shows(strokes: Strokes) -> None:
    page = Page(152.4, 203.2, 10, "#fbfaf5")  # 576 x 768 px: resvg takes whole px only, and would stretch others
    drawing = drawn(strokes, page=page)
    pens = PenSet([layer.pen.but(ink="opaque") for layer in drawing.layers])
    renderer = Renderer(resolution=1536, light="srgb")  # SVG mixes edges in sRGB
    ours = simulate(drawing, page, renderer, pens)[0].permute(1, 2, 0)
    png = resvg_py.svg_to_bytes(svg_string=plot_svg(drawing), width=ours.shape[1], background=page.color, dpi=96)
    theirs = torch.from_numpy(np.array(Image.open(io.BytesIO(bytes(png))).convert("RGB"))) / 255
    assert theirs.shape == ours.shape
    error = float((ours - theirs).square().mean())
    assert 10 * math.log10(1 / error) >= 35


def test_a_run_says_nothing_private(quickstart: Run) -> None:
    for path in sorted(quickstart.path.glob("*.svg")):
        text = path.read_text(encoding="utf-8")
        assert str(quickstart.path) not in text
        assert str(Path.cwd()) not in text


def test_librsvg_draws_the_preview_of_a_run_in_opaque_inks(tmp_path: Path) -> None:
    rsvg = program("rsvg-convert")
    run = run_small(
        small("white-on-black", "export.preview=1400", "strokes.count=60", "strokes.length=60mm"), tmp_path / "run"
    )
    assert run.page is not None
    command = [rsvg, "--background-color", run.page.color, "--height", "1400", str(run.path / "plot.svg")]
    drawn = subprocess.run(command, capture_output=True, check=True).stdout
    with Image.open(io.BytesIO(drawn)) as theirs, Image.open(run.path / "preview.png") as ours:
        difference = np.asarray(theirs.convert("RGB"), float) - np.asarray(ours.convert("RGB"), float)
    assert 10 * math.log10(255**2 / (difference**2).mean()) >= 35
