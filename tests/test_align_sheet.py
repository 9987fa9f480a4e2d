"""Sheets looked at between two pens: photographs of drawings whose layers lie by known ways, with known ink."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawings import PENS, rosette
from hypothesis import given
from hypothesis import strategies as st
from scans import Picture, blurred, cast, noisy, photographed, save, shaded, wrinkled
from test_draw_plot import draw
from typer.testing import CliRunner

from plotart.calibration.paper_edges import find_sheets
from plotart.calibration.similarity import Similarity
from plotart.canvas.renderer import Renderer
from plotart.cli.app import app
from plotart.color.light import srgb_to_linear
from plotart.errors import DrawingError, ImageError, OptionError
from plotart.export.drawing import Drawing, Layer
from plotart.export.read import read_drawing
from plotart.geometry.page import Page
from plotart.job.sheet import SheetLook, furthest, look_at_sheet
from plotart.pens import PenSet
from plotart.plotter.simulate import simulate
from plotart.runs.run import Run, load_run

#: px per mm of the sheet that is photographed: 127 dpi.
SCALE = 5.0

#: The first pen lies as the sheet was laid; then it was moved.
LAID = Similarity((0.6, -0.4), math.radians(0.3), 1.0, (74, 105))
MOVED = Similarity((1.4, 0.9), math.radians(-0.25), 1.0, (74, 105))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Four layers: yellow, blue, Micron, India ink; blue is known to land aside."""
    folder = tmp_path_factory.mktemp("run")
    pens = PenSet([pen.but(offset=(0.4, -0.2)) if pen.name == "0.3 blue" else pen for pen in PENS])
    plot = draw(folder, rosette(), pens)
    (folder / "summary.json").write_text(json.dumps(plot.summary), encoding="utf-8")
    return load_run(folder)


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sheets are compared in a third as many px, which takes a sixth of the time."""
    monkeypatch.setattr("plotart.job.sheet.FINE", 2.5)


def on_paper(run: Run, ways: Sequence[Similarity], faded: Sequence[float] = (1, 1, 1, 1)) -> Picture:
    """Linear light of the sheet with as many layers as there are ways; the last third of each has that share of ink."""
    assert run.page is not None
    assert run.pens is not None
    layers: list[Layer] = []
    pens = list(run.pens)
    for layer, way, share in zip(read_drawing(run.path / "plot.svg").layers, ways, faded, strict=False):
        pen = run.pens.called([layer.name])[0]
        lines = [way(line + pen.lands) - pen.lands for line in layer.lines]
        begun = len(lines) * 2 // 3 if share < 1 else len(lines)
        thin = pen.but(name=f"{pen.name}, faded", opacity=share)
        layers.append(replace(layer, lines=lines[:begun]))
        if begun < len(lines):
            layers.append(Layer(thin, lines[begun:]))
            pens.append(thin)
    renderer = Renderer(resolution=round(run.page.height * SCALE))
    drawing = Drawing(run.page.width, run.page.height, tuple(layers))
    image = simulate(drawing, run.page, renderer, PenSet(pens))
    return srgb_to_linear(image)[0].permute(1, 2, 0).double().numpy()


def by_hand(light: Picture, degrees: float = 183) -> Picture:
    photo = photographed(wrinkled(light, SCALE), degrees=degrees, slant=0.1, bend=-0.02)
    return noisy(blurred(cast(shaded(photo)), 1.0))


def off(run: Run, found: Similarity, true: Similarity) -> float:
    """mm between where two ways take a corner of the sheet, at most."""
    assert run.page is not None
    return furthest(true.inverse().after(found), run.page)


def test_a_sheet_that_moved_is_found_and_what_is_left_corrected(run: Run, tmp_path: Path) -> None:
    photo = save(by_hand(on_paper(run, [LAID, LAID, MOVED])), tmp_path / "photo.jpg", quality=85)
    look = look_at_sheet(run, photo, after="3")
    assert [layer.name for layer in look.layers] == ["Yellow", "0.3 blue", "Micron 01"]
    for layer, true in zip(look.layers, (LAID, LAID, MOVED), strict=True):
        assert off(run, layer.way, true) < 0.25, layer.name
        assert layer.inks == pytest.approx([1, 1, 1], abs=0.12)
        assert not layer.faded
    assert off(run, look.layers[1].aside, Similarity()) < 0.15
    assert look.cause == "sheet-moved"
    assert look.left == ('Tusche "A" & <B>',)
    assert look.corrected is not None
    meant = read_drawing(run.path / "plot.svg").layers[3].lines
    for line, own in zip(look.corrected.layers[0].lines, meant, strict=True):
        np.testing.assert_allclose(MOVED(line), LAID(own), atol=0.2)


@pytest.fixture(scope="module")
def aside(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph, turned by a right angle: yellow as laid, blue half a millimetre aside of it and faded."""
    ways = [LAID, replace(LAID, shift=(LAID.shift[0] + 0.5, LAID.shift[1]))]
    light = on_paper(run, ways, faded=(1, 0.6))
    return save(photographed(light, degrees=90), tmp_path_factory.mktemp("photo") / "photo.png")


def test_a_pen_that_sits_aside_is_no_sheet_that_moved_and_ink_that_fades_is_told(run: Run, aside: Path) -> None:
    look = look_at_sheet(run, aside, after="2")
    assert look.cause == "pen-aside"
    assert look.corrected is None
    assert look.write(aside.parent) == []
    yellow, blue = look.layers
    assert blue.aside.shift == pytest.approx((0.5, 0.0), abs=0.05)
    assert yellow.inks == pytest.approx([1, 1, 1], abs=0.05)
    assert blue.inks[0] == pytest.approx(1, abs=0.05)
    assert blue.inks[-1] == pytest.approx(0.6, abs=0.05)
    assert [yellow.faded, blue.faded] == [False, True]


def test_a_sheet_laid_anew_is_met_by_files_beside_the_runs_own(run: Run, aside: Path) -> None:
    before = {path: path.read_bytes() for path in run.path.iterdir() if path.is_file()}
    result = CliRunner().invoke(
        app, ["align", "sheet", str(run.path), str(aside), "--after", "0.3 blue", "--cause", "relaid"]
    )
    assert result.exit_code == 0, result.output
    assert "The sheet is laid anew: Micron 01" in result.output
    assert "0.3 blue faded" in result.output
    assert "plotart plot" in result.output
    folder = run.path / "corrected"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["plot.svg", "plot_03_micron-01.svg", "plot_04_tusche-a-b.svg"]
    meant = read_drawing(run.path / "plot.svg").layers[2:]
    for layer, own in zip(read_drawing(folder / "plot.svg").layers, meant, strict=True):
        assert layer.name == own.name
        for line, true in zip(layer.lines, own.lines, strict=True):
            np.testing.assert_allclose(line[[0, -1]], LAID(true[[0, -1]]), atol=0.25)
    assert {path: path.read_bytes() for path in before} == before


def test_a_pen_of_which_nothing_is_seen_is_refused(run: Run, aside: Path) -> None:
    with pytest.raises(ImageError, match="shows nothing of Micron 01"):
        look_at_sheet(run, aside, after="3")


@pytest.mark.parametrize(("after", "cause"), [("5", "auto"), ("Green", "auto"), ("2", "luck")])
def test_other_pens_and_causes_are_refused(run: Run, after: str, cause: str) -> None:
    with pytest.raises(OptionError, match="allowed are"):
        look_at_sheet(run, "photo.png", after=after, cause=cause)  # type: ignore[arg-type]


def test_what_shows_no_sheet_or_another_is_refused(run: Run, tmp_path: Path) -> None:
    light = on_paper(run, [LAID])
    bare = np.broadcast_to(light[0, 0], light.shape)
    for name, picture, words in (
        ("close", light[100:700, 100:700], "the edges of a sheet of 148 x 210 mm are not found"),
        ("bare", photographed(bare), "does not show what Yellow should have drawn"),
    ):
        with pytest.raises(ImageError, match=words):
            look_at_sheet(run, save(picture, tmp_path / f"{name}.png"), after="1")


def test_a_run_without_lines_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(DrawingError, match="has no lines to look for"):
        look_at_sheet(replace(run, page=None), tmp_path / "photo.png", after="1")
    with pytest.raises(DrawingError, match="several sheets"):
        look_at_sheet(replace(run, summary={**run.summary, "sheets": [1]}), tmp_path / "photo.png", after="1")


@pytest.mark.parametrize(("degrees", "slant", "bend"), [(0, 0, 0), (17, 0, 0), (-8, 0.12, 0), (183, 0.1, -0.03)])
def test_a_sheet_is_found_by_its_edges(degrees: float, slant: float, bend: float) -> None:
    """Its corners are where those of a picture of its coordinates are."""
    y, x = np.mgrid[: 148 * 6 + 1, : 105 * 6 + 1] / 6  # what a photograph shows ends at the middles of the last px
    paper = np.where(((x // 20 + y // 20) % 2 == 0) & (np.abs(x - 52) < 44) & (np.abs(y - 74) < 66), 0.1, 0.9)[
        ..., None
    ].repeat(3, axis=2)
    seen = photographed(paper, degrees=degrees, slant=slant, bend=bend)
    true = photographed(np.stack([x, y, np.ones_like(x)], axis=-1), degrees=degrees, slant=slant, bend=bend, table=0)
    rows, columns = np.nonzero(
        (true[..., 2] > 0.99) & (np.abs(true[..., 0] - 52) < 48) & (np.abs(true[..., 1] - 74) < 70)
    )
    px, mm = np.stack([columns, rows], axis=-1)[::97] + 0.5, true[rows, columns, :2][::97]
    cameras = find_sheets(seen.mean(axis=2).astype(np.float32), (105, 148))
    assert cameras
    off_mm = min(np.linalg.norm(camera.to_px(mm) - px, axis=1).max() / camera.scale(mm).min() for camera in cameras)
    assert off_mm < 1 / 6, "less than a px"


WAYS = st.builds(
    Similarity,
    st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    st.floats(-1, 1),
    st.floats(0.9, 1.1),
    st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
)


@given(WAYS, WAYS)
def test_similarities_go_back_and_follow_each_other(one: Similarity, other: Similarity) -> None:
    points = np.array([(0.0, 0.0), (100.0, 30.0), (-20.0, 80.0)])
    np.testing.assert_allclose(one.inverse()(one(points)), points, atol=1e-9)
    np.testing.assert_allclose(other.after(one)(points), other(one(points)), atol=1e-9)
    assert furthest(Similarity(), Page(100, 100)) == 0


def test_a_look_at_the_last_pen_leaves_none(run: Run) -> None:
    look = SheetLook((), "pen-aside", Similarity(), (), None, 5, 150, np.zeros((1, 1, 3), np.float32), 1.0)
    assert look.write(run.path / "nothing") == []
    assert not (run.path / "nothing").exists()
