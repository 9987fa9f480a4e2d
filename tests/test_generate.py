"""The main job: every shipped config, made small, gives the run folder of the contract."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import Cli
from on_sheet import without_fixed
from PIL import Image
from safetensors import safe_open
from small_runs import ALL_STAY, CONFIGS, run_small, small

from plotart import Config, Run, Step, generate, load_run
from plotart.canvas import PixelCanvas, StrokeCanvas
from plotart.color import parse_color
from plotart.errors import NetworkError
from plotart.export.drawing import Drawing
from plotart.export.line_figures import line_figures
from plotart.export.read import read_drawing
from plotart.job.build import build
from plotart.job.finish import draw_plot
from plotart.job.generate import run_folder
from plotart.job.machine import build_machine
from plotart.objectives import Excitation
from plotart.pens import Light
from plotart.runs.run import RunFolder

NAMES = sorted(path.stem for path in CONFIGS.glob("*.yaml"))
STROKES = [name for name in NAMES if name != "pixels"]
PEN_KEYS = {"name", "color", "strokes", "pen_down_mm", "pen_up_mm", "lifts", "seconds", "refills", "dips"}
SUMMARY_KEYS = {
    *("activation", "retained", "pens", "plot_seconds", "wall_seconds", "steps", "seed"),
    *("line", "activation_per_metre"),
}
SUMMARY_KEYS |= {"recycled", "device", "renderer", "network", "versions"}
SUMMARY_KEYS |= {"networks", "threads", "processor", "platform", "config_sha256"}

#: mm by which a coordinate in an SVG may be off: its decimals, and a line that stands for a dot.
SLACK = 0.03


@dataclass(frozen=True)
class Made:
    """A run, the config it was made from, and what it said while it went."""

    config: Config
    run: Run
    steps: list[Step]

    @property
    def plot(self) -> Drawing:
        return read_drawing(self.run.path / "plot.svg")


Make = Callable[[str], Made]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory, vgg16_weights: Path) -> Make:
    """A small run of a shipped config, made once."""
    made: dict[str, Made] = {}

    def make(name: str) -> Made:
        if name not in made:
            weights = [f"objective.0.weights={vgg16_weights}"] if name == "vgg16-excitation" else []
            config, steps = small(name, *weights), list[Step]()
            run = run_small(config, tmp_path_factory.mktemp("shipped") / name, on_step=steps.append)
            made[name] = Made(config, run, steps)
        return made[name]

    return make


@pytest.fixture(scope="session", params=STROKES)
def drawn(request: pytest.FixtureRequest, make: Make) -> Made:
    """A small run of each shipped config that has strokes."""
    return make(request.param)


@pytest.fixture(scope="session")
def pixels(make: Make) -> Made:
    return make("pixels")


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def lines_of(svg: Path) -> list[str]:
    return re.findall(r"<polyline [^>]*>", svg.read_text(encoding="utf-8"))


def rows_of(run: Run) -> list[dict[str, str]]:
    with (run.path / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", sorted(path.stem for path in (CONFIGS / "works").glob("*.yaml")))
def test_works_are_drawn(name: str, tmp_path: Path) -> None:
    run = run_small(small(f"works/{name}"), tmp_path / name)
    assert read_drawing(run.path / "plot.svg").layers
    assert run.summary["line"]["lines"] > 0


# --- what a run of strokes leaves behind -----------------------------------------------------------------------------


def test_files_are_those_of_the_contract(drawn: Made) -> None:
    layers = {path.name for path in drawn.run.path.glob("plot_*.svg")}
    assert files_of(drawn.run.path) == {
        "config.yaml",
        "strokes.safetensors",
        "plot.svg",
        *layers,
        "curves.svg",
        "preview.png",
        "metrics.csv",
        "summary.json",
        "report.html",
        "checkpoints/00000002.safetensors",
        "checkpoints/00000004.safetensors",
        "checkpoints/00000005.safetensors",
    }
    slugs = [re.sub(r"\W+", "-", layer.name.lower()) for layer in drawn.plot.layers]
    assert layers == {f"plot_{number:02d}_{slug}.svg" for number, slug in enumerate(slugs, 1)}


def test_resolved_config_loads_back(drawn: Made) -> None:
    """As it was given, with the number type that was computed in in place of "auto", and what surprise picked."""
    resolved = Config.load(drawn.run.path / "config.yaml")
    optimize = resolved.optimize.model_copy(update={"precision": "auto"})
    assert resolved.model_copy(update={"optimize": optimize}) == drawn.config.picked()


def test_plot_has_a_layer_for_each_pen_that_draws(drawn: Made) -> None:
    pens, strokes = drawn.run.pens, drawn.run.strokes
    assert pens is not None
    assert strokes is not None
    page = drawn.run.page
    assert page is not None
    beside = {pens.names.index(str(group.pen or "Red")) for group in page.fixed.groups}  # the seal of edition is red
    used = [pens[index] for index in sorted({*strokes.pen.tolist(), *beside})]
    assert [(layer.name, layer.width) for layer in drawn.plot.layers] == [(pen.name, pen.width) for pen in used]
    assert [parse_color(layer.color) for layer in drawn.plot.layers] == [pen.rgb for pen in used]
    assert sum(len(layer.lines) for layer in without_fixed(drawn.plot, page).layers) <= len(strokes) <= 12


@pytest.mark.parametrize("file", ["plot.svg", "curves.svg"])
def test_page_is_at_true_size_and_nothing_lies_in_its_margins(drawn: Made, file: str) -> None:
    drawing, page = read_drawing(drawn.run.path / file), drawn.run.page
    assert page is not None
    assert (page.width, page.height) == drawn.config.page.width_height
    assert (drawing.width, drawing.height) == pytest.approx((page.width, page.height))
    left, top, right, bottom = page.inner
    for layer in without_fixed(drawing, page).layers:
        points, nib = np.concatenate(layer.lines), layer.width / 2
        assert (points >= [left + nib - SLACK, top + nib - SLACK]).all()
        assert (points <= [right - nib + SLACK, bottom - nib + SLACK]).all()


def test_files_per_pen_are_together_the_plot(drawn: Made) -> None:
    layers = sorted(drawn.run.path.glob("plot_*.svg"))
    assert [line for path in layers for line in lines_of(path)] == lines_of(drawn.run.path / "plot.svg")
    for path, layer in zip(layers, drawn.plot.layers, strict=True):
        (own,) = read_drawing(path).layers
        assert (own.name, own.color, own.width) == (layer.name, layer.color, layer.width)


def test_summary_has_the_figures_of_the_contract(drawn: Made) -> None:
    summary = json.loads((drawn.run.path / "summary.json").read_text())
    assert summary == drawn.run.summary
    assert summary.keys() >= SUMMARY_KEYS
    assert (summary["steps"], summary["seed"]) == (5, drawn.config.seed)
    assert all(pen.keys() == PEN_KEYS for pen in summary["pens"])
    assert [pen["name"] for pen in summary["pens"]] == [layer.name for layer in drawn.plot.layers]
    assert [pen["strokes"] for pen in summary["pens"]] == [len(layer.lines) for layer in drawn.plot.layers]
    assert summary["plot_seconds"] == pytest.approx(sum(pen["seconds"] for pen in summary["pens"]), abs=0.1)
    assert summary["wall_seconds"] > 0


def test_retained_is_the_plotted_share_of_what_was_gained(drawn: Made) -> None:
    activation = drawn.run.summary["activation"]
    matched = ["matched"] if drawn.config.name == "matched-palette" else []
    assert list(activation) == ["blank", "initial", "soft", *matched, "hard", "plotted"]
    assert all(np.isfinite(list(activation.values())))
    gained = activation["soft"] - activation["blank"]
    assert drawn.run.summary["retained"] * gained == pytest.approx(
        activation["plotted"] - activation["blank"], abs=1e-4 * abs(gained) + 1e-4
    )


def test_activation_per_metre_is_what_the_ink_adds_to_bare_paper(drawn: Made) -> None:
    summary, line = drawn.run.summary, line_figures(drawn.plot)
    assert summary["line"] == line.as_dict()
    gained = summary["activation"]["plotted"] - summary["activation"]["blank"]
    assert summary["activation_per_metre"] == pytest.approx(gained / line.metres, abs=1e-4)


def test_colours_found_are_exchanged_for_pens_and_the_cost_is_told(make: Make) -> None:
    made = make("matched-palette")
    summary, pens = made.run.summary, made.run.pens
    assert pens is not None
    assert [row["pen"] for row in summary["matching"]] == list(pens.names)
    assert set(pens.names) <= {pen.name for pen in made.config.pens}
    assert all(row["difference"] > 0 for row in summary["matching"])
    activation = summary["activation"]
    assert summary["matching_loss"] == pytest.approx(activation["soft"] - activation["matched"], abs=1e-5)
    report = (made.run.path / "report.html").read_text(encoding="utf-8")
    assert "Colours found, and the pens for them" in report
    assert all(row["pen"] in report for row in summary["matching"])


def test_six_of_many_pens_are_chosen(make: Make) -> None:
    made = make("choose-pens")
    assert made.run.pens is not None
    assert len(made.run.pens) == 6 < len(made.config.pens)
    assert made.run.pens.names == made.run.pens.light_to_dark().names
    assert {layer.name for layer in made.plot.layers} <= set(made.run.pens.names)


def test_a_measured_ink_is_what_is_drawn_and_kept(tmp_path: Path) -> None:
    measured = '{name: M, color: "#ffffff", width: 0.8, reflectance: [0.1, 0, 0], transmittance: [0.4, 0.1, 0.1]}'
    run = run_small(small("quickstart", f"pens=[{measured}]", ALL_STAY), tmp_path)
    assert run.pens is not None
    assert run.pens[0].measured == Light((0.1, 0.0, 0.0), (0.4, 0.1, 0.1))
    with Image.open(tmp_path / "preview.png") as preview:
        darkest = np.asarray(preview.convert("RGB")).reshape(-1, 3).min(axis=0)
    assert darkest[0] > 150 > darkest[1]


def test_blank_is_the_excitation_of_bare_paper(drawn: Made) -> None:
    parts = build(drawn.config)
    width, height = drawn.config.page.width_height
    scale = 64 / max(width, height)
    paper = torch.tensor(parse_color(drawn.config.page.color))[:, None, None]
    image = paper.expand(1, 3, round(height * scale), round(width * scale))
    if drawn.config.text:
        image = parts.canvas.blank()
    assert parts.activation(image) == pytest.approx(drawn.run.summary["activation"]["blank"], abs=2e-4)


def test_metrics_have_a_row_for_each_step(drawn: Made) -> None:
    rows = rows_of(drawn.run)
    terms = [term.name for _, term in build(drawn.config).optimizer.objective.parts]
    several = drawn.config.palette.mode == "learned" or len(drawn.config.pens) > 1
    terms += ["sharpness", "usage"] if several else []
    terms += ["sparsity"] if drawn.config.palette.mode == "choose" else []
    schedule = ["temperature", "softness", "sharpness weight", "decided", "top probability", "recycled"]
    assert list(rows[0]) == ["step", "loss", *terms, *schedule]
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5]
    for row in rows:
        assert float(row["loss"]) == pytest.approx(sum(float(row[name] or 0) for name in terms), rel=1e-5, abs=1e-4)
        assert 0 < float(row["top probability"]) <= 1
    temperature = drawn.config.palette.temperature
    assert [float(row["temperature"]) for row in rows] == pytest.approx(
        [temperature.start, (temperature.start * temperature.end) ** 0.5, *3 * [temperature.end]], rel=1e-5
    )
    assert [row.get("sharpness", "") == "" for row in rows] == [not several] * 3 + [True] * 2
    assert drawn.run.metrics == [{key: float(value) for key, value in row.items() if value} for row in rows]


def test_preview_shows_ink_on_the_page(drawn: Made) -> None:
    width, height = drawn.config.page.width_height
    with Image.open(drawn.run.path / "preview.png") as preview:
        assert preview.size == (round(width * 128 / max(width, height)), round(height * 128 / max(width, height)))
        pixels = np.asarray(preview.convert("RGB")).astype(float) / 255
    away = np.abs(pixels - parse_color(drawn.config.page.color)).max(axis=2)
    assert away[0, 0] < 0.01
    assert (away > 0.1).mean() < 0.5
    assert (away > 0.02).mean() > 0.0005  # on A3 a nib is a small part of a pixel


def test_strokes_file_holds_points_pens_and_logits(drawn: Made) -> None:
    with safe_open(drawn.run.path / "strokes.safetensors", framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    chosen = drawn.config.palette.colors if drawn.config.palette.mode != "fixed" else len(drawn.config.pens)
    lines = len(tensors["num_points"])
    assert 0 < lines <= 12
    assert tensors["points"].shape == (int(tensors["num_points"].sum()), 2)
    assert not ((tensors["num_points"] - 1) % 3).any()  # joined strokes are one, with as many cubics as they had
    assert int(tensors["num_points"].min()) >= 3 * drawn.config.strokes.segments + 1
    assert tensors["logits"].shape == (lines, chosen)
    assert torch.equal(tensors["pen"], tensors["logits"].argmax(dim=1))


def test_soft_steps_come_before_those_of_polish(drawn: Made) -> None:
    assert [step.number for step in drawn.steps] == [1, 2, 3, 4, 5]
    assert [step.phase for step in drawn.steps] == ["soft"] * 3 + ["polish"] * 2
    assert {step.total for step in drawn.steps} == {5}
    assert [step.decided for step in drawn.steps[3:]] == [1.0, 1.0]
    assert all(sum(step.use) == pytest.approx(1, abs=1e-5) for step in drawn.steps)


def test_report_is_one_page_with_drawing_and_charts(quickstart: Run) -> None:
    report = (quickstart.path / "report.html").read_text(encoding="utf-8")
    assert report.startswith("<!doctype html>")
    assert 'class="drawing"' in report
    assert 'src="data:image/png;base64,' in report
    used = [name for name in quickstart.metrics[0] if any(row[name] for row in quickstart.metrics)]
    assert len(used) - 2 <= report.count('class="chart"') <= len(used)
    assert not re.search(r"(src|href)=.https?:", report)


# --- what only some configs ask for ----------------------------------------------------------------------------------

#: Broad opaque pens: most strokes are covered by others.
PAINT = "pens=[{name: A, color: gold, width: 20, ink: opaque}, {name: B, color: white, width: 20, ink: opaque}]"


def covered(*overrides: str) -> Config:
    return small(
        "white-on-black", PAINT, "strokes={count: 150, length: 5}", "optimize.recycle={every: 1, until: 1}", *overrides
    )


def test_lines_that_cannot_be_seen_begin_again(tmp_path: Path) -> None:
    steps: list[Step] = []
    run = run_small(covered("optimize.polish=0.4"), tmp_path / "run", on_step=steps.append)
    counts = [step.recycled for step in steps]
    assert counts[0] > 3
    assert counts[2:] == [0, 0, 0]  # the last soft step, and polish
    assert [row["recycled"] for row in run.metrics] == counts
    assert run.summary["recycled"] == sum(counts)
    assert run_small(covered("optimize.recycle.every=0"), tmp_path / "none").summary["recycled"] == 0


def test_lines_that_begin_again_are_as_long_as_the_first_ones() -> None:
    canvas = build(small("quickstart", "strokes.length=7mm", "page.margin=40mm")).canvas
    assert isinstance(canvas, StrokeCanvas)
    with torch.no_grad():
        canvas.parameters()["points"].sub_(1000)
    canvas.recycle(1.0, torch.Generator().manual_seed(0))
    lengths = canvas.tensors()["points"].detach().reshape(12, -1, 2).diff(dim=1).norm(dim=2).sum(dim=1)
    assert float(lengths.median()) == pytest.approx(7, rel=0.05)


def test_strokes_are_soft_at_first_and_judged_by_exact_edges(tmp_path: Path) -> None:
    start = build(small("quickstart"))
    run = run_small(small("quickstart", "render.softness=0.5cm", "optimize.polish=0"), tmp_path / "run")
    falling = [2.5 * (1 + np.cos(np.pi * k / 4 / 0.6)) for k in range(3)]
    assert [row["softness"] for row in run.metrics] == pytest.approx([*falling, 0, 0], rel=1e-4)
    exact = start.goals[0][1].activation(start.canvas.soft(1.0).image.detach(), start.page)
    assert run.summary["activation"]["initial"] == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("two_flux", [True, False])
def test_what_is_optimised_is_what_is_previewed(tmp_path: Path, two_flux: bool) -> None:
    """Translucent paint, in which two fluxes show, as it is drawn for the network and as the exported file is."""
    pens = PAINT.replace("opaque", "opaque, opacity: 0.5")
    config = small("white-on-black", pens, f"render.two_flux={str(two_flux).lower()}")
    parts, folder = build(config), RunFolder.create(tmp_path)
    canvas, pages = parts.canvas, list[torch.Tensor]()
    assert isinstance(canvas, StrokeCanvas)
    for renderer in (parts.renderer, replace(parts.renderer, two_flux=not two_flux)):
        plot = draw_plot(
            folder, canvas.strokes, canvas.palette.pens(), parts.page, build_machine(config), renderer, config.export
        )
        pages.append((plot.image - canvas.hard().image.detach()).abs())
    assert float(pages[0].mean()) < 0.5 * float(pages[1].mean())


# --- a canvas of pixels ----------------------------------------------------------------------------------------------


def test_pixels_leave_images_and_no_plot(pixels: Made) -> None:
    assert files_of(pixels.run.path) == {
        "config.yaml",
        "pixels.safetensors",
        "relaxed.png",
        "true.png",
        "preview.png",
        "metrics.csv",
        "summary.json",
        "report.html",
        "checkpoints/00000002.safetensors",
        "checkpoints/00000004.safetensors",
        "checkpoints/00000005.safetensors",
    }
    assert pixels.run.strokes is None
    assert list(pixels.run.summary["activation"]) == ["blank", "initial", "soft", "hard"]
    assert "line" not in pixels.run.summary
    assert pixels.run.summary["activation_per_metre"] is None
    assert {step.phase for step in pixels.steps} == {"soft"}


def test_true_image_has_one_palette_colour_a_pixel(pixels: Made) -> None:
    path = pixels.run.path
    with safe_open(path / "pixels.safetensors", framework="pt") as file:
        index, colors = file.get_tensor("index").numpy(), json.loads(file.metadata()["colors"])
    palette = np.array([[int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in colors])
    with Image.open(path / "true.png") as true:
        assert np.array_equal(np.asarray(true), palette[index])
    assert len(colors) == pixels.config.palette.colors
    shares = pixels.run.summary["colors"]
    assert [share["color"] for share in shares] == colors
    assert [share["share"] for share in shares] == pytest.approx(
        [(index == k).mean() for k in range(len(colors))], abs=1e-4
    )


def test_preview_has_the_relaxed_image_beside_the_true_one(pixels: Made) -> None:
    relaxed, true, both = (
        np.asarray(Image.open(pixels.run.path / name)) for name in ("relaxed.png", "true.png", "preview.png")
    )
    assert relaxed.shape == true.shape == (64, 64, 3)
    assert np.array_equal(both[:, :64], relaxed)
    assert np.array_equal(both[:, -64:], true)
    assert len(np.unique(relaxed.reshape(-1, 3), axis=0)) > len(np.unique(true.reshape(-1, 3), axis=0))


# --- again, otherwise, from elsewhere --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["learned-palette", "white-on-black"])
def test_config_of_a_run_repeats_it_to_the_byte(make: Make, tmp_path: Path, cli: Cli, name: str) -> None:
    first = make(name).run
    assert cli("generate", first.path / "config.yaml", "--out", tmp_path / "again").status == 0
    for file in files_of(first.path) - {"summary.json", "report.html"}:
        if not file.startswith("checkpoints"):  # these keep the time that was spent
            assert (first.path / file).read_bytes() == (tmp_path / "again" / file).read_bytes(), file
    again = load_run(tmp_path / "again").summary
    assert {**again, "wall_seconds": 0} == {**first.summary, "wall_seconds": 0}


def test_another_seed_is_another_drawing(quickstart: Run, tmp_path: Path) -> None:
    other = run_small(small("quickstart", ALL_STAY, "seed=8"), tmp_path)
    assert quickstart.strokes is not None
    assert other.strokes is not None
    one, two = (run.strokes.points.mean(dim=0) for run in (other, quickstart) if run.strokes is not None)
    assert not torch.allclose(one, two, atol=1)


def test_learned_colours_move(tmp_path: Path) -> None:
    config = small("learned-palette", "optimize.steps=20")
    start = build(config).canvas
    assert isinstance(start, StrokeCanvas)
    before, after = start.palette.pens(), run_small(config, tmp_path / "run").pens
    assert after is not None
    assert [pen.name for pen in after] == [pen.name for pen in before]
    assert all(old.color != new.color for old, new in zip(before, after, strict=True))


def test_pens_that_are_owned_keep_their_colours(make: Make) -> None:
    made = make("white-on-black")
    assert made.run.pens is not None
    given = [(pen.name, pen.color, pen.width, pen.ink) for pen in made.config.pens]
    assert [(pen.name, pen.color, pen.width, pen.ink) for pen in made.run.pens] == given


@pytest.fixture
def two_lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="148mm" height="210mm" viewBox="0 0 148 210" stroke="black">'
        '<path d="M20 30 L120 30"/><path d="M40 60 L40 180"/></svg>'
    )
    return path


def test_drawing_begins_with_the_lines_of_an_svg(two_lines: Path, tmp_path: Path) -> None:
    still = "optimize.rate={points: 0, logits: 0, colors: 0}"
    run = run_small(small("quickstart", "strokes.init=svg", f"strokes.svg={two_lines}", still), tmp_path / "run")
    (layer,) = read_drawing(run.path / "plot.svg").layers
    ends = sorted(sorted(map(tuple, line[[0, -1]].round(2).tolist())) for line in layer.lines)
    assert ends == [[(20, 30), (120, 30)], [(40, 60), (40, 180)]]


def test_strokes_may_all_have_left_the_paper(tmp_path: Path) -> None:
    config = small("quickstart")
    parts = build(config)
    canvas, folder = parts.canvas, RunFolder.create(tmp_path)
    assert isinstance(canvas, StrokeCanvas)
    gone = replace(canvas.strokes, points=canvas.strokes.points + 1000)
    pens = canvas.palette.pens()
    plot = draw_plot(folder, gone, pens, parts.page, build_machine(config), parts.renderer, config.export)
    assert lines_of(tmp_path / "plot.svg") == []
    assert plot.summary["pens"] == []
    assert torch.allclose(plot.image, canvas.blank(), atol=1e-6)
    assert not list(tmp_path.glob("plot_*.svg"))


def test_without_projection_strokes_are_cut_at_the_margins_and_not_moved(tmp_path: Path) -> None:
    still = ("optimize.project=false", "optimize.rate.points=0", "export.merge=0", "strokes.length=60mm")
    config = small("quickstart", *still)
    start = build(config).canvas
    run = run_small(config, tmp_path)
    assert isinstance(start, StrokeCanvas)
    assert run.strokes is not None
    assert torch.equal(run.strokes.points, start.strokes.points)


@pytest.mark.parametrize(
    ("page", "margin"),
    [("[20, 20]", "9.9mm"), ("[300mm, 110mm]", "0"), ("[1in, 1in]", "1mm")],
    ids=["narrower than the nib", "a strip", "a stamp"],
)
def test_odd_pages(page: str, margin: str, tmp_path: Path) -> None:
    sizes = (f"page.size={page}", f"page.margin={margin}", "render.resolution=96", "optimize.steps=2")
    run = run_small(small("quickstart", *sizes), tmp_path)
    assert run.page is not None
    left, top, right, bottom = run.page.inner
    for layer in read_drawing(run.path / "plot.svg").layers:
        points = np.concatenate(layer.lines)
        assert (points >= [left - SLACK, top - SLACK]).all()
        assert (points <= [right + SLACK, bottom + SLACK]).all()


def test_the_cosine_is_for_every_kind_of_target() -> None:
    for target in ("class=spiral", "class=null"):
        overrides = [f"objective.0.{target}", "objective.0.cosine=2"]
        overrides += ["objective.0.layer=conv3_1", "objective.0.channel=4"] if target == "class=null" else []
        (_, term), *_ = build(small("quickstart", *overrides)).goals
        assert isinstance(term, Excitation)
        assert term.direction.cosine == 2


@pytest.mark.parametrize(
    "override",
    ["strokes.count=1", "pens=[{name: Only, color: black, width: 0.3}]", "optimize.steps=1", "optimize.polish=0"],
)
def test_as_little_as_is_allowed(override: str, tmp_path: Path) -> None:
    run = run_small(small("quickstart", override), tmp_path)
    assert run.summary["activation"].keys() == {"blank", "initial", "soft", "hard", "plotted"}
    assert read_drawing(run.path / "plot.svg").layers


@pytest.mark.parametrize("override", ["augment.size=16", "render.resolution=16", "render.coarse=0.2"])
def test_too_small_an_image_is_refused_before_anything_is_written(override: str, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="needs an image of at least 32 x 32 px"):
        generate(small("quickstart", override), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("mine", "mine"),
        ("my first", "my first"),
        ("a/b", "a-b"),
        ("/etc", "-etc"),
        ("..", "drawing"),
        ("", "drawing"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("console", "console"),
        ("12:30?", "12-30-"),
        ("etc. ", "etc"),
    ],
)
def test_runs_go_into_a_folder_of_their_name(name: str, folder: str) -> None:
    config = Config.from_dict({"name": name, "canvas": "pixels", "palette": {"mode": "learned"}, "objective": [TERM]})
    assert run_folder(config) == Path("outputs", folder)


TERM = {"type": "excitation", "class": "star"}


def test_pixels_can_have_pens_of_their_own(tmp_path: Path) -> None:
    pens = "pens=[{name: A, color: black, width: 1}, {name: B, color: '#ff0000', width: 1, ink: opaque}]"
    config = small("pixels", "palette.mode=fixed", pens, "optimize.steps=1")
    assert isinstance(build(config).canvas, PixelCanvas)
    run = run_small(config, tmp_path)
    assert {share["color"] for share in run.summary["colors"]} == {"black", "#ff0000"}
