"""The public names, used as a person would from Python; mypy reads this file as strictly as it can."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

import plotart
import plotart.objectives
import plotart.palette
import plotart.render
from plotart import Config, Page, Pen, PenSet, PlotartError, Run, Step, Strokes, generate, load_run
from plotart.errors import InputError
from plotart.objectives import Goal, Look, Smoothness, Term
from plotart.palette import ClassMatrix, extract_palette, quantize
from plotart.render import BACKENDS, Scene, opaque, rasterize, register_backend, transparent

SMALL = {
    "name": "public",
    "page": {"size": [60, 40], "margin": 4},
    "pens": [{"name": "Black", "color": "black", "width": 0.5}, {"name": "Red", "color": "red", "width": 0.5}],
    "strokes": {"count": 6, "segments": 1},
    "render": {"resolution": 48},
    "objective": [{"type": "excitation", "class": "star"}],
    "optimize": {"steps": 4, "polish": 0.5},
    "export": {"preview": 64},
}


class Ink(Goal):
    """As much ink as there can be."""

    name = "ink"

    def __call__(self, look: Look) -> Tensor:
        return look.image.mean()


@pytest.fixture(autouse=True)
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotart.reports.html.metric_charts", lambda metrics: {})


def test_a_run_from_start_to_end(tmp_path: Path) -> None:
    config: Config = Config.from_dict(SMALL)
    steps: list[Step] = []
    run: Run = generate(config, out=tmp_path / "run", on_step=steps.append)
    again: Run = load_run(tmp_path / "run")
    strokes: Strokes | None = again.strokes
    pens: PenSet | None = again.pens
    page: Page | None = again.page
    assert strokes is not None
    assert pens is not None
    assert page is not None
    pen: Pen = pens[int(strokes.pen[0])]
    assert (len(strokes), len(pens), pen.width, page.width) == (6, 2, 0.5, 60)
    assert [step.number for step in steps] == [1, 2, 3, 4]
    assert again.summary == run.summary


def test_a_step_draws_the_canvas_as_it_is(tmp_path: Path) -> None:
    seen: list[tuple[int, ...]] = []
    last: list[Tensor] = []

    def watch(step: Step) -> None:
        picture = step.picture(2.0)
        seen.append(tuple(picture.shape))
        last.append(picture)
        assert not picture.requires_grad

    generate(Config.from_dict(SMALL), out=tmp_path / "run", on_step=watch)
    assert seen == [(1, 3, 64, 96)] * 4
    assert not torch.equal(last[0], last[-1])


def test_watching_changes_nothing(tmp_path: Path) -> None:
    def watch(step: Step) -> None:
        step.picture(1.0)

    watched = generate(Config.from_dict(SMALL), out=tmp_path / "watched", on_step=watch)
    alone = generate(Config.from_dict(SMALL), out=tmp_path / "alone")
    assert (watched.path / "plot.svg").read_bytes() == (alone.path / "plot.svg").read_bytes()


def test_an_objective_of_ones_own_stands_in_place_of_the_configs(tmp_path: Path) -> None:
    objective: Term = Ink() + 0.1 * Smoothness()
    run = generate(Config.from_dict(SMALL), out=tmp_path / "run", objective=objective)
    assert run.summary["objective"] == ["ink"]
    assert {"ink", "smoothness"} <= run.metrics[0].keys()
    assert "motif star" not in run.metrics[0]
    assert run.summary["activation"]["plotted"] == pytest.approx(float(run.summary["activation"]["hard"]), abs=0.01)


def test_a_single_term_is_an_objective_too(tmp_path: Path) -> None:
    run = generate(Config.from_dict(SMALL), out=tmp_path / "run", objective=Ink())
    assert run.summary["objective"] == ["ink"]


def test_a_renderer_of_ones_own_draws_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKENDS, "counting", BACKENDS["cpu"])  # so that it is gone when the test is over
    drawn: list[tuple[int, int]] = []

    def counting(scene: Scene) -> Tensor:
        drawn.append(scene.size)
        return BACKENDS["cpu"]()(scene)

    register_backend("counting", counting)
    run = generate(Config.from_dict(SMALL), out=tmp_path / "run", backend="counting")
    assert run.summary["renderer"] == "counting"
    assert len(drawn) > 4
    plain = generate(Config.from_dict(SMALL), out=tmp_path / "plain")
    assert (run.path / "plot.svg").read_bytes() == (plain.path / "plot.svg").read_bytes()


@pytest.mark.parametrize("name", ["auto", "cpu", "reference", "diffvg", "cuda"])
def test_names_of_plotarts_own_renderers_are_kept(name: str) -> None:
    with pytest.raises(ValueError, match="allowed is any but auto"):
        register_backend(name, lambda scene: scene.points)


def test_a_renderer_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found 'pencil'; allowed are auto, "):
        generate(Config.from_dict(SMALL), out=tmp_path / "run", backend="pencil")
    assert not (tmp_path / "run").exists()


def test_the_renderer_and_colours_by_themselves() -> None:
    points = torch.tensor([[2.0, 2.0], [8.0, 2.0], [8.0, 8.0], [2.0, 8.0]], requires_grad=True)
    for reflectance, transmittance in (
        transparent(torch.tensor([[0.2, 0.2, 0.8]])),
        opaque(torch.tensor([[0.2, 0.2, 0.8]]), torch.tensor([1.0])),
    ):
        image: Tensor = rasterize(
            points,
            torch.tensor([4]),
            torch.tensor([1.0]),
            reflectance,
            transmittance,
            size=(10, 12),
            background=(1, 1, 1),
        )
        assert image.shape == (10, 12, 3)
    palette: Tensor = extract_palette(image.detach().permute(2, 0, 1), 2, method="kmeans", seed=0)
    found = quantize(image.permute(2, 0, 1), palette, metric="oklab2", mode="ste", tau=0.1)
    assert found.image.shape == (3, 10, 12)
    assert found.index.shape == (10, 12)
    assert found.usage.sum().item() == pytest.approx(1)
    shares: Tensor = ClassMatrix(torch.zeros(5, 3)).soft(0.5)
    assert shares.shape == (5, 3)


def test_errors_have_one_root() -> None:
    with pytest.raises(PlotartError, match=r"strokes\.count"):
        Config.from_dict({**SMALL, "strokes": {"count": 0}})


@pytest.mark.parametrize(
    "module", [plotart, plotart.render, plotart.palette, plotart.objectives], ids=lambda m: m.__name__
)
def test_everything_public_says_what_it_does(module: object) -> None:
    names: list[str] = vars(module)["__all__"]
    assert names == sorted(names)
    for name in names:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert (value.__doc__ or "").strip(), name


@pytest.mark.slow
def test_types_hold_for_those_who_use_plotart_strictly() -> None:
    root = Path(__file__).parent.parent
    # A cache of its own: other options would make mypy begin anew each time that either is used.
    options = ["--strict", "--follow-imports=silent", "--cache-dir", str(root / ".mypy_cache" / "strict")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, __file__], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
