"""What steps drew, as vectors, and the event before the first of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from small_runs import run_small, small
from torch import Tensor

from plotart import Config, Ready, Step, StopRun
from plotart.canvas import Canvas, Renderer, StrokeCanvas, Symmetry, random_strokes
from plotart.canvas.drawn import Drawn
from plotart.geometry.page import Page
from plotart.objectives import Inside, RandomViews, Sum
from plotart.optimize import Optimizer, Plan
from plotart.palette import FixedPalette, LearnedPalette, Palette
from plotart.palette.palettes import Inks
from plotart.pens import Pen, PenSet

PAGE = Page(60, 40, margin=5, color="#f0e8d0")
PENS = PenSet([Pen("Red", "#c8102e", 1.5), Pen("Blue", "#1f4e9e", 0.8), Pen("White", "white", 2.5, "opaque", 0.9)])
RENDERER = Renderer(resolution=60, oversample=1)


def canvas(palette: Palette | None = None, symmetry: Symmetry | None = None) -> StrokeCanvas:
    strokes = random_strokes(12, 2, 15, PAGE, 3, torch.Generator().manual_seed(0))
    return StrokeCanvas(strokes, palette or FixedPalette(PENS), PAGE, RENDERER, symmetry=symmetry)


def loop(drawn_on: Canvas, **plan: Any) -> Optimizer:
    plan = {"steps": 4, "polish": 0.5, "recycle": 0, **plan}
    return Optimizer(drawn_on, Sum(((1.0, Inside()),)), RandomViews(count=1), Plan(**plan), seed=1)


def painted(drawn: Drawn) -> Tensor:
    """The picture of what was drawn, made of nothing but that."""
    inks = Inks(drawn.widths, drawn.reflectance, drawn.transmittance)
    return RENDERER.image(drawn.points, drawn.num_points, inks, PAGE)


@pytest.mark.parametrize("symmetry", [None, Symmetry.turns(PAGE, 3)])
@pytest.mark.parametrize("palette", [FixedPalette(PENS), LearnedPalette(3, width=1.5)])
@pytest.mark.parametrize("fixed", [False, True])
def test_picture_can_be_made_of_what_was_drawn(palette: Palette, symmetry: Symmetry | None, fixed: bool) -> None:
    own = canvas(palette, symmetry)
    if fixed:
        own.harden()
    frame = own.hard() if fixed else own.soft(0.3)
    assert frame.laid is not None
    for drawn in (frame.laid.drawn(), own.laid(0.3).drawn()):
        assert torch.equal(painted(drawn), frame.image)
        assert drawn.shares @ drawn.inks.reflectance == pytest.approx(drawn.reflectance, abs=1e-6)
        assert len(drawn.pens) == drawn.shares.shape[1]
        assert not drawn.held.any()
        pen = drawn.shares.argmax(dim=1)
        assert torch.equal(pen, pen.sort().values)
        assert not any(value.requires_grad for value in vars(drawn).values() if isinstance(value, Tensor))


def test_copies_of_a_stroke_have_its_number_and_joined_ones_that_of_one() -> None:
    own = canvas(symmetry=Symmetry.turns(PAGE, 3))
    assert sorted(own.laid(1.0).drawn().stroke.tolist()) == sorted(3 * list(range(12)))
    own.leave(torch.tensor([4, 7]))
    own.chain(15)
    soft = own.laid(1.0).drawn().stroke.tolist()
    assert len(soft) == 3 * 10
    own.harden()
    assert set(soft) == set(own.units.tolist())
    drawn = own.laid(1.0).drawn()
    assert sorted(drawn.stroke.tolist()) == sorted(3 * own.units.tolist())
    assert len(own.units) == 5
    assert int(drawn.num_points.sum()) == 3 * (10 * 7 - 5)  # where two meet, one point is left


def test_step_keeps_what_it_drew_though_strokes_move_on() -> None:
    own = canvas()
    optimizer = loop(own)
    before = own.laid(optimizer.plan.at(0).temperature).drawn()
    steps = list(optimizer.steps())
    first = steps[0].drawn
    assert first is not None
    assert torch.equal(first.points, before.points)
    assert torch.equal(first.shares, before.shares)
    assert steps[0].drawn is first
    assert not torch.equal(own.laid(0.1).drawn().points, before.points)
    last = steps[-1].drawn
    assert last is not None
    assert set(last.shares.flatten().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("name", ["quickstart", "learned-palette", "choose-pens", "pixels"])
def test_ready_comes_before_the_first_step(tmp_path: Path, name: str) -> None:
    told: list[Any] = []
    config = small(name)
    run_small(config, tmp_path / "run", on_event=told.append, on_step=told.append)
    ready, *steps = told
    assert isinstance(ready, Ready)
    assert (ready.done, ready.total, ready.phase) == (0, 5, "soft")
    assert (ready.page.width, ready.page.height) == config.page.width_height
    if name == "pixels":
        assert ready.drawn is None
        assert all(step.drawn is None for step in steps)
        return
    assert ready.drawn is not None
    assert len(ready.pens) == ready.drawn.shares.shape[1]
    assert all(len(step.drawn.pens) == step.drawn.shares.shape[1] for step in steps)
    assert [isinstance(step, Step) for step in steps] == [True] * 5
    assert ready.drawn is ready.drawn


def first_strokes(config: Config, out: Path, **options: Any) -> tuple[Ready, Tensor]:
    """What lies on the sheet before the first step, where the callback stops the run."""
    seen: list[tuple[Ready, Tensor]] = []

    def stop(event: Any) -> None:
        if isinstance(event, Ready):
            assert event.drawn is not None
            seen.append((event, event.drawn.points))
            event.picture(0.5)
            raise StopRun("seen")

    with pytest.raises(StopRun, match="seen"):
        run_small(config, out, on_event=stop, **options)
    return seen[0]


def test_run_that_is_stopped_before_its_first_step_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    config = small("quickstart", "export.timelapse=2")
    whole = run_small(config, tmp_path / "whole")
    first_strokes(config, tmp_path / "run")
    assert [path.name for path in (tmp_path / "run/checkpoints").iterdir()] == ["00000000.safetensors"]
    with pytest.raises(StopRun):
        run_small(config, tmp_path / "run", existing="resume", on_step=stop_at_three)
    ready, _ = first_strokes(config, tmp_path / "run", existing="resume")
    assert (ready.done, ready.phase) == (3, "polish")
    again = run_small(config, tmp_path / "run", existing="resume")
    for name in ("plot.svg", "metrics.csv", "timelapse.webp", "strokes.safetensors"):
        assert (again.path / name).read_bytes() == (whole.path / name).read_bytes()


def stop_at_three(step: Step) -> None:
    if step.number == 3:
        raise StopRun
