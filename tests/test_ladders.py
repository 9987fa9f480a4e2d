"""Swatches to find a pen's values: what is on them, and how they are plotted."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import Cli
from emulators.ebb import Ebb
from emulators.ink import psnr
from emulators.pseudo_terminal import PseudoTerminal

from plotart.calibration.ladders import HEIGHTS, SPEEDS, Ladders, ladder_drawing
from plotart.errors import DrawingError
from plotart.export.labels import layer_label
from plotart.export.read import read_drawing
from plotart.geometry.page import Page
from plotart.pens import Pen

A5 = Page(210, 148)
PEN = Pen("Black 05", "#101010", 0.5, speed=25, height=28, delay=500, max_distance=200)


@pytest.mark.parametrize("page", [A5, Page(297, 210, 15), Page(148, 210, 5)])
@pytest.mark.parametrize("nib", [0.05, 0.5, 0.9])
def test_all_of_it_lies_within_the_margins(page: Page, nib: float) -> None:
    drawing = ladder_drawing(PEN.but(width=nib), page, Ladders(SPEEDS[:4], HEIGHTS[:4]))
    points = np.concatenate([line for layer in drawing.layers for line in layer.lines])
    left, top, right, bottom = page.inner
    assert (points >= np.array([left, top]) - 1e-9).all()
    assert (points <= np.array([right, bottom]) + 1e-9).all()


def test_each_rung_is_a_layer_with_its_value_alone_changed() -> None:
    first, *rungs = ladder_drawing(PEN, A5).layers
    assert (first.pen.speed, first.pen.height, first.pen.delay) == (25, 28, 500)
    assert [layer.pen.speed for layer in rungs] == [*SPEEDS, *[25] * len(HEIGHTS)]
    assert [layer.pen.height for layer in rungs] == [*[28] * len(SPEEDS), *HEIGHTS]
    assert {layer.nib for layer in rungs} == {first.nib}
    labels = [layer_label(number, layer.pen) for number, layer in enumerate(rungs, 2)]
    assert labels[0] == "2+h28+s10 Black 05"
    assert labels[-1] == "17+h15+s25 Black 05"


def test_rungs_are_alike_and_keep_apart() -> None:
    _, *rungs = ladder_drawing(PEN, A5).layers
    shape = np.concatenate(rungs[0].lines)
    lasts = shape[:, 1].max() + PEN.width / 2
    for layer in rungs[1:]:
        points = np.concatenate(layer.lines)
        np.testing.assert_allclose(points - points[0], shape - shape[0], atol=1e-9)
        assert points[:, 1].min() - PEN.width / 2 > lasts
        lasts = points[:, 1].max() + PEN.width / 2


def test_lines_of_a_spacing_lie_so_far_apart() -> None:
    layer = ladder_drawing(PEN, A5, Ladders(spacings=(0.5, 2.0))).layers[0]
    squares = [line for line in layer.lines if np.ptp(line, axis=0).min() > 14]
    apart = [np.diff(np.unique(line[:, 0].round(6))).mean() for line in squares]
    assert apart == pytest.approx([0.25, 1.0])


@pytest.mark.parametrize("nib", [2.0, 12.0])
def test_a_page_that_is_too_small(nib: float) -> None:
    with pytest.raises(DrawingError, match=r"210 x 148 mm: too small for 16 rungs of a pen of"):
        ladder_drawing(PEN.but(width=nib), A5)


def test_the_command_takes_a_pen_of_a_set(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "s.svg"
    outcome = cli("machine", "swatch", "stabilo-point-88", "--pen", "Point 88 Black", "--speeds", "5,90", "--out", path)
    assert outcome.status == 0, outcome.err
    layers = read_drawing(path).layers
    assert [layer.pen.speed for layer in layers[:3]] == [None, 5, 90]
    assert {layer.name for layer in layers} == {"Point 88 Black"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--speeds", "0,10"), "--speeds 0,10: allowed are whole numbers from 1 to 100"),
        (("--heights", "30,low"), "--heights 30,low"),
        (("--pen", "Black"), "--pen: allowed only with a set"),
        (("--out", "s.png"), "ends in .svg"),
    ],
)
def test_what_is_refused(cli: Cli, words: tuple[str, ...], said: str) -> None:
    outcome = cli("machine", "swatch", *words)
    assert outcome.status == 2
    assert said in outcome.err


def test_a_board_plots_it_with_one_question(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, board = tmp_path / "swatch.svg", Ebb()
    assert cli("machine", "swatch", "--speeds", "20,60", "--heights", "40,20", "--out", path).status == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with PseudoTerminal(board.receive) as port:
        outcome = cli("plot", path, "--driver", "ebb", "--port", port.name)
    assert outcome.status == 0, outcome.err
    assert outcome.out.count("Enter plots") == 1
    heights = [27831 * height / 100 + 9855 * (1 - height / 100) for height in (40, 20)]
    told = [int(said.split(",")[2]) for said in board.said if said.startswith("SC,5,")]
    assert [value for value in told if value != round(9855 + (27831 - 9855) * 0.3)] == [round(h) for h in heights]
    drawing = read_drawing(path, as_pens=True)
    meant = [line for layer in drawing.layers for line in layer.lines]
    assert psnr(board.lines, meant, (210, 148)) >= 45
    assert board.faults == []


def test_a_rung_is_drawn_at_its_speed(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "swatch.svg"
    assert cli("machine", "swatch", "--speeds", "20,60", "--heights", "30", "--out", path).status == 0
    usual = []
    for pen in (2, 3):
        board = Ebb()
        with PseudoTerminal(board.receive) as port:
            words = ("--pens", pen, "--yes", "--driver", "ebb", "--port", port.name)
            assert cli("plot", path, *words).status == 0
        down = False
        speeds = []
        for said in board.said:
            if match := re.match(r"SP,(\d)", said):
                down = match[1] == "0"
            elif down and (match := re.match(r"SM,(\d+),(-?\d+),(-?\d+)", said)):
                ms, one, two = map(int, match.groups())
                speeds.append(float(np.hypot(one + two, one - two)) / 2 / 80 / ms * 1000)
        usual.append(float(np.percentile(speeds, 75)))
    assert usual == pytest.approx([0.2 * 200.8, 0.6 * 200.8], rel=0.02)
