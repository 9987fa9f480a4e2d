"""The public names, used as a person would from Python; mypy reads this file as strictly as it can."""

from __future__ import annotations

import base64
import inspect
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import plotart
import plotart.objectives
import plotart.palette
import plotart.render
from plotart import (
    Config,
    Drawing,
    Exported,
    Machine,
    Page,
    Pen,
    PenSet,
    PlotartError,
    PlotStats,
    Run,
    Step,
    StopRun,
    Strokes,
    export_run,
    generate,
    load_run,
    machine,
    preview,
    read_drawing,
    report,
    stats,
)
from plotart.errors import ConfigError, DrawingError, InputError, OptionError, OutputError
from plotart.objectives import Goal, Look, Smoothness, Term
from plotart.palette import ClassMatrix, extract_palette, quantize
from plotart.pens.catalogue import PenFile, dump_set
from plotart.plugins import RENDERERS
from plotart.render import Scene, opaque, rasterize, register_backend, transparent

SMALL = {
    "name": "public",
    "page": {"size": [60, 40], "margin": 4},
    "pens": [{"name": "Black", "color": "black", "width": 0.5}, {"name": "Red", "color": "red", "width": 0.5}],
    "strokes": {"count": 6, "segments": 1, "economy": {"keep": 1, "price": 0}},
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
    assert 0 < len(strokes) <= 6  # some may have joined
    assert (len(pens), pen.width, page.width) == (2, 0.5, 60)
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


def drawn_by(backend: str) -> Config:
    return Config.from_dict({**SMALL, "render": {"resolution": 48, "backend": backend}})


def test_a_renderer_of_ones_own_draws_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RENDERERS, "_registered", {})  # so that it is gone when the test is over
    drawn: list[tuple[int, int]] = []

    def counting(scene: Scene) -> Tensor:
        drawn.append(scene.size)
        image: Tensor = RENDERERS.load("cpu")(scene)
        return image

    register_backend("counting", counting)
    run = generate(drawn_by("counting"), out=tmp_path / "run")
    assert run.summary["renderer"] == "counting"
    assert Config.from_dict({**SMALL, "render": {"backend": "counting"}}).render.backend == "counting"
    with pytest.raises(PlotartError, match=r"allowed: auto, cpu, cuda, diffvg, reference, counting$"):
        Config.from_dict({**SMALL, "render": {"backend": "pencil"}})
    assert len(drawn) > 4
    plain = generate(Config.from_dict(SMALL), out=tmp_path / "plain")
    assert (run.path / "plot.svg").read_bytes() == (plain.path / "plot.svg").read_bytes()


@pytest.mark.parametrize("name", ["auto", "cpu", "reference", "diffvg", "cuda"])
def test_names_of_plotarts_own_renderers_are_kept(name: str) -> None:
    with pytest.raises(ValueError, match="allowed is any but auto"):
        register_backend(name, lambda scene: scene.points)


def test_a_renderer_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match=r'render\.backend: found "pencil"; allowed: auto, '):
        drawn_by("pencil")


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


def test_a_run_is_stopped_by_what_watches_it(tmp_path: Path) -> None:
    def enough(step: Step) -> None:
        if step.number == 2:
            raise StopRun("seen enough")

    config = Config.from_dict(SMALL)
    with pytest.raises(StopRun, match="seen enough"):
        generate(config, out=tmp_path / "run", on_step=enough)
    run = generate(config, out=tmp_path / "run", existing="resume")
    assert [row["step"] for row in run.metrics] == [1, 2, 3, 4]


def test_a_drawing_is_read_and_saved(quickstart: Run, tmp_path: Path) -> None:
    drawing: Drawing = read_drawing(quickstart.path / "plot.svg")
    written = drawing.save(tmp_path / "new" / "again.svg")
    assert written.read_bytes() == (quickstart.path / "plot.svg").read_bytes()
    with pytest.raises(OutputError, match=r"new: can't be written \(Is a directory"):
        drawing.save(tmp_path / "new")
    assert [path.name for path in tmp_path.rglob("*")] == ["new", "again.svg"]


def test_a_preview_is_the_same_of_a_run_and_of_its_folder(quickstart: Run) -> None:
    size = Config.load(quickstart.path / "config.yaml").export.preview
    first: Image.Image = preview(quickstart, size=size)
    with Image.open(quickstart.path / "preview.png") as own:
        assert first.tobytes() == own.tobytes()
    assert first.tobytes() == preview(quickstart.path, size=size).tobytes()
    foreign = preview(read_drawing(quickstart.path / "plot.svg"), size=size)
    assert foreign.tobytes() == preview(str(quickstart.path / "plot.svg"), size=size).tobytes()
    for wrong in (63, 8193):
        with pytest.raises(OptionError, match=f"size {wrong}: allowed are 64 to 8192 px"):
            preview(quickstart, size=wrong)


def test_stats_go_by_the_machine(quickstart: Run) -> None:
    own: PlotStats = stats(quickstart)
    assert own.seconds == pytest.approx(quickstart.summary["plot_seconds"], abs=0.1)
    assert own == stats(quickstart.path)
    quick: Machine = machine("nextdraw-8511")
    drawing = read_drawing(quickstart.path / "plot.svg")
    found = stats(drawing, machine=quick)
    assert (found.machine, found.problem, found.page_mm) == ("nextdraw-8511", None, (drawing.width, drawing.height))
    assert found == stats(quickstart, machine="nextdraw-8511") != own
    small = stats(drawing, machine="axidraw-minikit").as_dict()
    assert not small["fits"]
    assert "too high for axidraw-minikit" in small["problem"]


@pytest.mark.parametrize("ask", [machine, lambda name: stats("none.svg", machine=name)], ids=["machine", "stats"])
def test_machines_that_there_are_not(ask: Any) -> None:
    with pytest.raises(InputError, match=r"^machine etch: no such machine; allowed are axidraw-v3, "):
        ask("etch")


def test_a_machine_of_a_run_s_own_needs_a_config() -> None:
    with pytest.raises(OptionError, match=r"machine custom: the drawing has no config with export\.custom; allowed"):
        stats(Drawing(10, 10, ()), machine="custom")


def test_a_report_of_a_run_and_of_a_drawing(quickstart: Run) -> None:
    assert report(quickstart) == report(quickstart.path)
    assert "<h1>quickstart</h1>" in report(quickstart)
    svg = quickstart.path / "plot.svg"
    page = report(read_drawing(svg), paper="black", machine=machine("nextdraw-2234"))
    assert "--paper:#000000" in page
    of_file = report(svg, paper="black", machine="nextdraw-2234")
    assert "<h1>drawing</h1>" in page
    assert page == re.sub("<(title|h1)>plot<", r"<\1>drawing<", of_file)
    with pytest.raises(OptionError, match=r"^paper: 'kraft' is not a colour"):
        report(svg, paper="kraft")
    with pytest.raises(OptionError, match=r"^machine axidraw-v3: allowed only for an SVG"):
        report(quickstart, machine=machine("axidraw-v3"))


def test_a_run_is_exported_again(quickstart: Run, tmp_path: Path) -> None:
    elsewhere: Exported = export_run(quickstart, out=tmp_path / "rough", overrides=["export.simplify=2mm"])
    assert elsewhere.path == tmp_path / "rough"
    assert (elsewhere.path / "plot.svg").stat().st_size < (quickstart.path / "plot.svg").stat().st_size / 2
    assert len(elsewhere.drawing.layers) == len(elsewhere.summary["pens"])
    assert elsewhere.summary["line"] == stats(elsewhere.drawing).line.as_dict()
    copy = load_run(shutil.copytree(quickstart.path, tmp_path / "copy"))
    (copy.path / "report.html").unlink()
    for key in ("line", "activation_per_metre"):
        copy.summary[key] = None
    done: list[tuple[int, int]] = []
    here = export_run(copy, formats=[{"type": "vpype-pens"}], progress=lambda *at: done.append(at))
    assert done
    assert {"report.html", "pens.toml"} <= {path.name for path in here.path.iterdir()}
    assert (copy.path / "plot.svg").read_bytes() == (quickstart.path / "plot.svg").read_bytes()
    for key in ("line", "activation_per_metre"):
        assert load_run(copy.path).summary[key] == quickstart.summary[key]
    with pytest.raises(DrawingError, match="hp7475a takes no sheet of 148 x 210 mm"):
        export_run(copy, formats=[{"type": "hpgl", "device": "hp7475a"}])
    with pytest.raises(OptionError, match=r"^overrides seed=3: a finished run can only change export"):
        export_run(copy, overrides=["seed=3"])


def test_a_finished_run_takes_offsets_that_were_found_later(quickstart: Run, tmp_path: Path) -> None:
    copy = load_run(shutil.copytree(quickstart.path, tmp_path / "copy"))
    assert copy.pens is not None
    known = PenSet([pen.but(offset=(0.5, -0.25)) for pen in copy.pens[:1]])
    (tmp_path / "mine.toml").write_text(dump_set(PenFile(known)), encoding="utf-8")
    before = read_drawing(copy.path / "plot.svg")
    here = export_run(copy, offsets=tmp_path / "mine.toml")
    assert here.summary["moved_mm"] == {known[0].name: [-0.5, 0.25]}
    for layer, own in zip(here.drawing.layers, before.layers, strict=True):
        way = (0.5, -0.25) if layer.name == known[0].name else (0.0, 0.0)
        np.testing.assert_allclose(np.concatenate(layer.lines) + way, np.concatenate(own.lines), atol=0.002)
    again = load_run(copy.path)
    assert again.pens is not None
    assert again.pens.called([known[0].name])[0].offset == (0.5, -0.25)
    kept = Config.load(copy.path / "config.yaml").pens
    assert kept
    assert kept.called([known[0].name])[0].offset == (0.5, -0.25)
    assert "moved_mm" not in export_run(again, overrides=["export.in_register=false"]).summary
    with pytest.raises(OptionError, match=r"^offsets uni-pin: has none of the run's pens"):
        export_run(copy, offsets="uni-pin")


def test_a_notebook_shows_a_run(quickstart: Run, tmp_path: Path) -> None:
    shown: str = quickstart._repr_html_()
    pens = quickstart.summary["pens"]
    assert f"{len(pens)} pens · {sum(pen['strokes'] for pen in pens)} strokes · " in shown
    (source,) = re.findall(r'src="data:image/png;base64,([^"]+)"', shown)
    with Image.open(io.BytesIO(base64.b64decode(source))) as picture:
        assert max(picture.size) == Config.load(quickstart.path / "config.yaml").export.preview
    (tmp_path / "large").mkdir()
    Image.effect_noise((1400, 1000), 90).save(tmp_path / "large" / "preview.png")
    large = Run(tmp_path / "large", {}, None, None, None)._repr_html_()
    assert 'width="480"' in large
    assert len(large) < 400_000
    bare = Run(tmp_path, {"name": "<b>&"}, None, None, None)
    assert bare._repr_html_() == "<figure><figcaption>&lt;b&gt;&amp;</figcaption></figure>"


def test_a_config_with_other_values() -> None:
    config = Config.from_dict(SMALL)
    other: Config = config.override("strokes.count=20", "objective.0.class=fern", "page.size=a5")
    assert (other.strokes.count, other.page.size, config.strokes.count) == (20, "a5", 6)
    assert other.objective[0].model_dump(by_alias=True)["class"] == "fern"
    assert config.override() == config
    with pytest.raises(ConfigError) as refused:
        config.override("strokes.count=0", "seed=x")
    assert str(refused.value).splitlines() == [
        'public (override "seed=x"): seed: found "x"; allowed: a whole number from 0 to 9223372036854775807',
        'public (override "strokes.count=0"): strokes.count: found 0; allowed: a whole number from 1 to 100000, '
        "or auto",
    ]


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    for use in (preview, stats, report):
        with pytest.raises(DrawingError, match=str(tmp_path)):
            use(tmp_path)


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


#: Notes what OMP_WAIT_POLICY is when torch is loaded, which is when OpenMP reads it.
WATCHING = """
import os, sys
seen = []

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            seen.append(os.environ.get("OMP_WAIT_POLICY"))

sys.meta_path.insert(0, Watch())
"""


def said(code: str, tmp_path: Path, policy: str | None = None) -> tuple[list[str], list[str]]:
    """The lines that a script prints, in a process that has OMP_WAIT_POLICY or none, and those of its warnings."""
    script = tmp_path / "script.py"
    script.write_text(WATCHING + code + "\nprint(*seen, os.environ.get('OMP_WAIT_POLICY'))")
    env = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    env |= {"OMP_WAIT_POLICY": policy} if policy else {}
    done = subprocess.run([sys.executable, str(script)], env=env, capture_output=True, text=True, check=True)
    return done.stdout.splitlines(), [line for line in done.stderr.splitlines() if "Warning" in line]


@pytest.mark.parametrize(("policy", "expected"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_wait_passively_unless_told_otherwise(tmp_path: Path, policy: str | None, expected: str) -> None:
    assert said("from plotart import generate", tmp_path, policy) == ([f"{expected} {expected}"], [])


def test_torch_that_is_there_before_is_warned_of_once(tmp_path: Path) -> None:
    code = "import torch, plotart\nplotart.Config, plotart.load_run\n"
    assert said(code, tmp_path) == (["None None"], [])
    lines, warnings = said(code + "from plotart import generate\nplotart.generate\n" * 2, tmp_path)
    assert lines == ["None None"]
    (warning,) = warnings
    assert "script.py:" in warning
    assert "UserWarning: torch was loaded before plotart" in warning
    assert "Set OMP_WAIT_POLICY=PASSIVE in the environment, or import generate from plotart before torch" in warning


def test_whoever_says_how_threads_wait_hears_nothing(tmp_path: Path) -> None:
    code = "import torch\nfrom plotart import generate\n"
    assert said(code, tmp_path, "ACTIVE") == (["ACTIVE ACTIVE"], [])
