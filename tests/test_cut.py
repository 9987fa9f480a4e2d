"""Lines that run past the margins and are cut there: in the picture, in the plot, and alike in both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small_runs import ALL_STAY, run_small, small

from plotart.canvas import StrokeCanvas
from plotart.canvas.renderer import Renderer
from plotart.color.light import linear_to_srgb
from plotart.config import Config
from plotart.export.layers import pen_layers
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.job.build import build_page
from plotart.objectives import Windows
from plotart.palette import FixedPalette
from plotart.pens import Pen, PenSet

PAGE = Page(60, 40, margin=6, color="#f0e8d0", cut=True)
PENS = PenSet([Pen("Red", "#c8102e", 2.0), Pen("Blue", "#1f4e9e", 0.8)])


def canvas(points: list[list[float]], page: Page = PAGE) -> StrokeCanvas:
    strokes = Strokes(torch.tensor(points), torch.full((len(points) // 4,), 4), torch.zeros(len(points) // 4, 2))
    return StrokeCanvas(strokes, FixedPalette(PENS), page, Renderer(resolution=120))


ACROSS = [[0.0, 20.0], [20.0, 20.0], [40.0, 20.0], [60.0, 20.0]]
BEYOND = [[-2.0, 2.0], [20.0, 2.0], [40.0, 2.0], [60.0, 2.0]]


def test_beyond_the_margins_there_is_bare_paper() -> None:
    image = canvas(ACROSS).hard().image[0].detach()
    paper = linear_to_srgb(torch.tensor(PAGE.paper))[:, None, None]
    inner = torch.zeros(80, 120, dtype=torch.bool)
    inner[12:-12, 12:-12] = True
    assert float((image - paper).abs()[:, ~inner].max()) == 0
    plain = canvas(ACROSS, replace(PAGE, cut=False)).hard().image[0].detach()
    torch.testing.assert_close(image[:, inner], plain[:, inner])


def test_windows_are_cut_as_the_sheet_is() -> None:
    drawn = canvas(ACROSS)
    whole = drawn.hard().image.detach()
    tiles = drawn.hard(Windows.tiling(PAGE, 120, 64)).image.detach()
    assert tiles.shape == (4, 3, 64, 64)
    torch.testing.assert_close(tiles[:1], whole[:, :, :64, :64], atol=0.02, rtol=0)


def test_what_lies_beyond_has_no_slope() -> None:
    drawn = canvas(BEYOND)
    drawn.hard().image.sum().backward()
    assert float(drawn.parameters()["points"].grad.abs().max()) == 0  # type: ignore[union-attr]


def test_strokes_may_go_a_way_beyond_the_margins_and_no_farther() -> None:
    drawn = canvas([[-20.0, 20.0], [3.0, 20.0], [57.0, 20.0], [90.0, 20.0]])
    drawn.project()
    x = drawn.tensors()["points"].detach()[:, 0].tolist()
    assert x[1:3] == [3.0, 57.0]
    assert PAGE.reach[0] < x[0] < PAGE.inner[0]
    assert PAGE.inner[2] < x[3] < PAGE.reach[2]


def test_strokes_beyond_the_margins_are_dead() -> None:
    assert canvas([*ACROSS, *BEYOND]).dead(0.1).tolist() == [False, True]


def test_lines_end_half_a_nib_before_the_margin() -> None:
    strokes = Strokes(torch.tensor(ACROSS), torch.tensor([4]), torch.tensor([[1.0, 0.0]]))
    ((_, (curve,)),) = pen_layers(strokes, PENS, PAGE)
    assert curve[[0, -1], 0].tolist() == pytest.approx([7.0, 53.0])
    ((_, (uncut,)),) = pen_layers(strokes, PENS, replace(PAGE, cut=False))
    assert uncut[[0, -1], 0].tolist() == pytest.approx([6.0, 54.0], abs=0.002)


def test_what_is_optimised_is_what_is_plotted(tmp_path: Path) -> None:
    config = small("quickstart", "page={size: [80, 60], margin: 6mm, cut: true}", "strokes.length=60mm", ALL_STAY)
    run = run_small(config, tmp_path / "run")
    points = run.strokes.points
    left, top, right, bottom = run.page.inner
    assert bool(((points < torch.tensor([left, top])) | (points > torch.tensor([right, bottom]))).any())
    activation = run.summary["activation"]
    assert activation["plotted"] == pytest.approx(activation["hard"], abs=0.15 * abs(activation["hard"]))
    assert Config.load(tmp_path / "run" / "config.yaml").page.cut


def test_lines_that_nothing_keeps_within_the_margins_are_cut_there() -> None:
    config = small("quickstart", "optimize.project=false")
    assert build_page(config).cut
    assert not build_page(config.override("optimize.project=true")).cut
