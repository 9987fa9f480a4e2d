"""The command line: what is wrong is said in one message, with status 2, and leaves nothing behind; what it shows."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import typer
from conftest import Cli, Outcome
from PIL import Image
from rich.console import Console
from small_runs import CONFIGS, SMALL, run_small, small

from plotart import Config, Run, Step, load_run
from plotart.cli.app import app
from plotart.cli.progress import DoingColumn, StepBar
from plotart.networks import describe
from plotart.optimize import Figures
from plotart.plotter.machines import MACHINES

QUICKSTART = CONFIGS / "quickstart.yaml"
PENS = "pens: [{name: Black, color: black, width: 0.5mm}]\n"
SPIRAL = "objective: [{type: excitation, class: spiral}]\n"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'width="100mm" height="50mm" viewBox="0 0 100 50">{}</svg>'
)
LAYERS = (
    '<g inkscape:groupmode="layer" inkscape:label="1 [/red] [bold]pen" stroke="#ff0000" fill="none">'
    '<path d="M10 10 H90"/><path d="M10 20 H60"/></g>'
)
MALFORMED = {
    "cut.svg": SVG.format(LAYERS)[:-20],
    "text.svg": "a drawing",
    "empty.svg": SVG.format(""),
    "entities.svg": '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format(LAYERS),
    "page.html": "<html></html>",
    "nothing.svg": "",
}


def assert_refused(outcome: Outcome, *parts: object) -> None:
    """Status 2 and one message, of which all `parts` are a part; no traceback."""
    assert outcome.status == 2, outcome
    assert outcome.err.startswith("error: ")
    assert len(outcome.err.splitlines()) == 1
    assert "Traceback" not in outcome.out + outcome.err
    for part in parts:
        assert str(part) in outcome.err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Path()


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder with nothing in it, and nobody to download from."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "cache"


# --- what is wrong with a config -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (PENS + SPIRAL + "sed: 3\n", ['sed: unknown key; did you mean "seed"? Allowed: ']),
        (PENS.replace("black", "blak") + SPIRAL, ['pens.0.color: found "blak"; allowed: a colour']),
        (PENS.replace("mm", "lightyears") + SPIRAL, ['pens.0.width: found "0.5lightyears"; allowed: a length']),
        (
            PENS.replace("0.5mm", "20cm") + SPIRAL,
            ['pens.0.width: found "20cm"; allowed: a length above 0 and at most 50'],
        ),
        ("pens: []\n" + SPIRAL, ["pens: found no pens; allowed: at least one"]),
        (PENS, ["objective: found nothing; allowed: a list"]),
        ("seed: [1\n", ["line 2, column 1: invalid YAML"]),
        (b"\x89PNG\r\n\x1a\n\x00\xff", ["found bytes that aren't UTF-8"]),
        ("just text", ['found "just text" at the top level; allowed: a mapping']),
        ("extends: none.yaml\n", ["none.yaml: no such file (named by extends in x.yaml)"]),
    ],
)
def test_configs_that_are_wrong(here: Path, cli: Cli, text: str | bytes, parts: list[str]) -> None:
    Path("x.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert_refused(cli("generate", "x.yaml"), "x.yaml", *parts)
    assert_refused(cli("pens", "list", "x.yaml"), "x.yaml", *parts)
    assert [path.name for path in here.iterdir()] == ["x.yaml"]


@pytest.mark.parametrize(
    ("term", "parts"),
    [
        ("{class: dog}", ["motif has no class 'dog'", "allowed are acorn, agate,"]),
        ("{layer: conv9_9}", ["motif has no layer 'conv9_9'", "allowed are conv1_1,"]),
        ("{layer: conv4_2, channel: 192}", ["conv4_2 of motif has no channel 192", "allowed are 0 to 191"]),
        ("{layer: conv1_1, channels: [0, 999]}", ["conv1_1 of motif has no channel 999", "allowed are 0 to 23"]),
        ("{network: vgg16, class: cat}", ["class 'cat': vgg16 is used without classes", "allowed are layers"]),
        ("{layer: conv1_1, weights: junk.safetensors}", ["junk.safetensors is damaged or not a safetensors file"]),
        ("{network: vgg16, layer: conv1_1, weights: junk.pth}", ["junk.pth is damaged or not a PyTorch state dict"]),
        ("{network: vgg16, layer: conv1_1, weights: none.pth}", ["none.pth does not exist: allowed is a weights file"]),
        ("{network: vgg16, layer: conv1_1, weights: .}", ["is a folder: allowed is a weights file"]),
    ],
)
def test_networks_that_lack_what_is_asked_for(here: Path, cli: Cli, term: str, parts: list[str]) -> None:
    for name in ("junk.pth", "junk.safetensors"):
        Path(name).write_bytes(b"junk" * 100)
    objective = f"objective=[{{type: inside, weight: 1}}, {{type: excitation, {term[1:]}]"
    assert_refused(cli("generate", QUICKSTART, "-o", objective, "--out", "run"), QUICKSTART, "objective.1: ", *parts)
    assert sorted(path.name for path in here.iterdir()) == ["junk.pth", "junk.safetensors"]


@pytest.mark.parametrize("words", [["generate", CONFIGS / "vgg16-excitation.yaml"], ["networks", "fetch", "vgg16"]])
def test_missing_weights_without_a_network(here: Path, cli: Cli, offline: Path, words: list[object]) -> None:
    outcome = cli(*words)
    assert_refused(outcome, "vgg16 needs its published weights", f"vgg16-397923af.pth into {offline}", "network: motif")
    assert not list(here.iterdir())
    assert not offline.exists()


def test_page_too_large_for_the_machine(here: Path, cli: Cli) -> None:
    outcome = cli("generate", QUICKSTART, "-o", "page.size=a3", "--out", "run")
    assert_refused(outcome, QUICKSTART, "page.size: ", "mm too wide", "axidraw-v3", "300 x 218 mm")
    assert not list(here.iterdir())


@pytest.mark.parametrize("name", [*MALFORMED, "none.svg", "."])
def test_drawings_that_cannot_be_begun_with(here: Path, cli: Cli, name: str) -> None:
    if name in MALFORMED:
        Path(name).write_text(MALFORMED[name])
    before = list(here.iterdir())
    outcome = cli("generate", QUICKSTART, "-o", "strokes.init=svg", "-o", f"strokes.svg={name}", "--out", "run")
    assert_refused(outcome, QUICKSTART, "strokes.svg: ", Path(name).resolve())
    assert list(here.iterdir()) == before


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("", ['found the override ""; allowed: key=value, as in optimize.steps=100']),
        ("steps", ['found the override "steps"']),
        ("optimize.step=3", ['optimize.step: unknown key; did you mean "steps"?']),
        ("pens.7.width=1", ['pens.7: found the index "7"; allowed: 0 to 3']),
        ("seed=[", ["invalid YAML"]),
        ("seed.x=3", ["seed.x: unknown key; seed is "]),
        ("extends=x.yaml", ["extends: found an override"]),
        ("optimize.rate.points=1e38", ["optimize.rate.points: found 1e+38; allowed: a finite number from 0 to 1000"]),
        ("palette.temperature.end=1e-45", ["palette.temperature.end: ", "from 0.0001 to 10000"]),
        ("strokes.length=1e300", ["strokes.length: found 1e+300", "at most 10000"]),
    ],
)
def test_overrides_that_are_wrong(here: Path, cli: Cli, override: str, parts: list[str]) -> None:
    outcome = cli("generate", QUICKSTART, "-o", override, "--out", "run")
    assert_refused(outcome, f"{QUICKSTART} (override {json.dumps(override)})", *parts)
    assert not list(here.iterdir())


@pytest.mark.parametrize("out", ["taken", "taken/run"])
def test_folder_that_cannot_be_written(here: Path, cli: Cli, out: str) -> None:
    Path("taken").write_text("mine")
    assert_refused(cli("generate", QUICKSTART, "--out", out), out, "can't be written to", "--out")
    assert Path("taken").read_text() == "mine"


def test_cuda_where_there_is_none(here: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert_refused(cli("generate", QUICKSTART, "--device", "cuda"), "--device cuda", "allowed are auto and cpu")
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    "words",
    [["generate"], ["generate", QUICKSTART, "--seed", "x"], ["generate", QUICKSTART, "--device", "tpu"], ["draw"]],
    ids=str,
)
def test_words_that_are_no_command(here: Path, cli: Cli, words: list[object]) -> None:
    outcome = cli(*words)
    assert outcome.status == 2
    assert "Usage: " in outcome.err
    assert not list(here.iterdir())


def test_status_of_the_process(here: Path) -> None:
    code = "from plotart.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "generate", "none.yaml"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "error: none.yaml: no such file\n")


# --- what is made ----------------------------------------------------------------------------------------------------


def test_generate_prints_what_was_made(here: Path, cli: Cli) -> None:
    words = [word for override in (*SMALL, "name='[bold] run'", "pens.0.name='[/] black'") for word in ("-o", override)]
    done = cli("generate", QUICKSTART, *words, "--seed", 3)
    assert (done.status, done.err) == (0, "")
    run = load_run(Path("outputs", "[bold] run"))
    assert run.summary["seed"] == 3
    assert "outputs/[bold] run\n  plot.svg  preview.png  report.html\n" in done.out
    for pen in run.summary["pens"]:
        assert f"{pen['name']} " in done.out
    for name, value in run.summary["activation"].items():
        assert f"{name} {value:.3f}" in done.out


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([0, 0], ""),
        ([0, 1], "1 line that could not be seen began again elsewhere"),
        ([3, 1], "4 lines that could not be seen began again elsewhere"),
    ],
)
def test_lines_that_began_again_are_told(
    here: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, counts: list[int], message: str
) -> None:
    left = iter(counts)
    monkeypatch.setattr("plotart.optimize.Optimizer._recycle", lambda self: next(left))
    words = [word for override in (*SMALL, "optimize.recycle={every: 1, until: 1}") for word in ("-o", override)]
    done = cli("generate", QUICKSTART, *words, "--out", "run")
    assert [line for line in done.out.splitlines() if "could not be seen" in line] == [message][: bool(message)]
    assert load_run(Path("run")).summary["recycled"] == sum(counts)


def test_progress_tells_how_much_of_the_renderer_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = StepBar(Console(quiet=True), 9)
    (task,) = bar.progress.tasks
    compiled: list[tuple[int, int] | None] = [None, (2, 6), (6, 6), (2, 6)]
    monkeypatch.setattr("plotart.render.kernels.compiled", lambda: compiled.pop(0))
    shown = [DoingColumn().render(task).plain for _ in range(3)]
    assert shown == ["preparing", "compiling the renderer, once (2 of 6)", "preparing"]
    bar.progress.update(task.id, description="drawing", completed=1)
    assert DoingColumn().render(task).plain == "drawing"


def test_progress_counts_lines_that_began_again() -> None:
    figures = Figures(torch.tensor(1.5), {}, torch.ones(1, 1))
    step = Step(1, 9, "soft", 0.5, 0.0, 0.05, 0, figures, lambda detail: torch.zeros(1, 3, 1, 1))
    bar = StepBar(Console(quiet=True), 9)
    seen = []
    for number, recycled in ((1, 0), (2, 3), (3, 2), (4, 0)):
        bar.update(replace(step, number=number, recycled=recycled))
        seen.append(re.findall(r"\d+ unseen moved", bar.progress.tasks[0].fields["figures"]))
    assert seen == [[], ["3 unseen moved"], ["5 unseen moved"], ["5 unseen moved"]]


def test_bare_paper_that_excites_more_is_told(here: Path, cli: Cli) -> None:
    # Of one drawing, either what excites or what calms is more on bare paper.
    still = ("strokes.init=random", "optimize.rate={points: 0, logits: 0}")
    words = [word for override in (*SMALL, *still) for word in ("-o", override)]
    messages = []
    for weight in (1, -1):
        done = cli("generate", QUICKSTART, *words, "-o", f"objective.0.weight={weight}", "--out", "run", "--overwrite")
        messages.append("Bare paper excites this more" in " ".join(done.out.split()))
    assert sorted(messages) == [False, True]


@pytest.fixture
def copy(quickstart: Run, here: Path) -> Path:
    """A finished run that may be changed."""
    return shutil.copytree(quickstart.path, here / "run")


def test_export_makes_the_same_files_elsewhere(copy: Path, cli: Cli) -> None:
    assert cli("export", copy, "--out", "again").status == 0
    again = {path.name for path in Path("again").iterdir()}
    assert again == {path.name for path in copy.glob("*.svg")} | {"preview.png", "strokes.safetensors"}
    for name in again:
        assert (copy / name).read_bytes() == Path("again", name).read_bytes(), name


def test_export_with_other_settings(copy: Path, cli: Cli) -> None:
    assert cli("export", copy, "--out", "rough", "-o", "export.simplify=2mm", "-o", "export.preview=64").status == 0
    assert len(Path("rough", "plot.svg").read_text()) < len((copy / "plot.svg").read_text()) / 2
    with Image.open("rough/preview.png") as preview:
        assert max(preview.size) == 64


@pytest.mark.parametrize(
    ("override", "part"),
    [
        ("seed=3", "-o seed=3: a finished run can only change export"),
        ("export.order=given", "not the order of its pens"),
        ("export.merge=far", 'export.merge: found "far"; allowed: a length'),
        ("export.machine=axidraw-minikit", "mm too high for axidraw-minikit"),
    ],
)
def test_export_refuses_what_it_cannot_do(copy: Path, cli: Cli, override: str, part: str) -> None:
    assert_refused(cli("export", copy, "--out", "out", "-o", override), part)
    assert not list(Path("out").glob("*"))


def test_preview_of_a_run_is_its_own(here: Path, cli: Cli) -> None:
    run = run_small(small("white-on-black", "render.light=srgb", "optimize.steps=1"), here / "run")
    assert cli("preview", run.path, "--size", 128, "--out", "new/preview.png").status == 0
    assert Path("new/preview.png").read_bytes() == (run.path / "preview.png").read_bytes()


def test_preview_of_a_foreign_drawing(here: Path, cli: Cli) -> None:
    Path("a [b].svg").write_text(SVG.format(LAYERS))
    done = cli("preview", "a [b].svg", "--size", 400)
    assert (done.status, done.out) == (0, "a [b].png  400 x 200 px\n")
    with Image.open("a [b].png") as preview:
        assert preview.getpixel((200, 40)) == (255, 0, 0)
        assert preview.getpixel((200, 60)) == (255, 255, 255)


def test_preview_needs_a_file_to_write(copy: Path, cli: Cli) -> None:
    assert_refused(cli("preview", copy, "--out", "."), "is a folder; give a file name with --out")


def test_report_is_written_again(copy: Path, cli: Cli) -> None:
    (copy / "report.html").unlink()
    done = cli("report", copy)
    assert (done.status, done.out.strip()) == (0, str(copy / "report.html"))
    assert "<h1>quickstart</h1>" in (copy / "report.html").read_text()


# --- what is looked at -----------------------------------------------------------------------------------------------


def test_stats_of_a_run_are_those_of_its_summary(quickstart: Run, cli: Cli) -> None:
    done = cli("stats", quickstart.path, "--json")
    assert done.status == 0
    stats = json.loads(done.out)
    assert stats["page_mm"] == [148, 210]
    assert stats["plot_seconds"] == pytest.approx(quickstart.summary["plot_seconds"], abs=0.1)
    assert stats["line"] == quickstart.summary["line"]
    for found, expected in zip(stats["pens"], quickstart.summary["pens"], strict=True):
        assert found == {key: pytest.approx(value, abs=0.01) for key, value in expected.items()}


def test_stats_of_a_foreign_drawing(here: Path, cli: Cli) -> None:
    Path("a.svg").write_text(SVG.format(LAYERS))
    done = cli("stats", "a.svg", "--machine", "nextdraw-2234")
    assert done.status == 0
    assert "100 x 50 mm on nextdraw-2234" in done.out
    assert "██ [/red] [bold]pen 2 0.13 m 0.08 m 2 " in " ".join(done.out.split())
    assert " overlaid, " in done.out
    assert "lifts per metre" in done.out


def test_stats_on_a_machine_that_does_not_exist(quickstart: Run, cli: Cli) -> None:
    assert_refused(cli("stats", quickstart.path, "--machine", "x"), "--machine x", f"allowed are {', '.join(MACHINES)}")


@pytest.mark.parametrize("name", [*MALFORMED, "none.svg"])
@pytest.mark.parametrize("command", ["stats", "preview"])
def test_malformed_drawings_are_refused(here: Path, cli: Cli, command: str, name: str) -> None:
    if name in MALFORMED:
        Path(name).write_text(MALFORMED[name])
    before = list(here.iterdir())
    assert_refused(cli(command, name), f"error: {name}: ")
    assert list(here.iterdir()) == before


@pytest.mark.parametrize("command", ["stats", "preview", "export", "report"])
def test_folders_that_are_no_run_are_refused(here: Path, cli: Cli, command: str) -> None:
    Path("folder").mkdir()
    assert_refused(cli(command, "folder"), "error: folder")
    assert not list(Path("folder").iterdir())


@pytest.mark.parametrize("command", ["preview", "export", "report"])
@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_damaged_runs_are_refused(copy: Path, cli: Cli, command: str, content: str) -> None:
    (copy / "summary.json").write_text(content)
    assert_refused(cli(command, copy), f"error: {copy}: the run can't be read")


def test_pixels_have_no_strokes_to_export(here: Path, cli: Cli) -> None:
    run = run_small(small("pixels", "optimize.steps=1"), here / "run")
    assert_refused(cli("export", run.path), "canvas of pixels has no strokes")


def test_schema_is_that_of_the_config(cli: Cli) -> None:
    schema = json.loads(cli("schema").out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["properties"].keys() == {"extends", *Config.model_fields}


def test_doctor_names_what_it_finds(cli: Cli, offline: Path) -> None:
    done = cli("doctor")
    found = dict(re.split(" {2,}", line.strip(), maxsplit=1) for line in done.out.splitlines())
    assert done.status == 0
    assert {"plotart", "python", "torch", "numba", "vpype", "threads", "cuda"} <= found.keys()
    assert found["renderer cpu"] == found["renderer reference"] == "runs here"
    assert found["renderer cuda"].startswith("can't run here") or torch.cuda.is_available()
    assert found["vgg16 weights"] == f"not in {offline}"
    assert found["motif weights"] == f"shipped, {len(describe('motif').classes)} classes"


def test_doctor_says_what_a_renderer_lacks(cli: Cli, offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"triton", "pydiffvg", "vpype_gcode"}
    for module in ("plotart.render.rasterize", "plotart.cli.doctor"):
        monkeypatch.setattr(sys.modules[module], "find_spec", lambda name: object() if name in there else None)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert re.search(r"renderer cuda +can't run here, it lacks a GPU that torch knows *\n", cli("doctor").out)
    assert re.search(r"renderer diffvg +runs here *\n", cli("doctor").out)
    there.clear()
    said = cli("doctor").out
    assert re.search(
        r"renderer cuda .*it lacks a GPU that torch knows; Triton: pip install 'plotart\[cuda\]' *\n", said
    )
    assert re.search(r"renderer diffvg .*it lacks pydiffvg: build it from https://github\.com/BachiLi/diffvg *\n", said)
    assert re.search(r"vpype-gcode +not installed: pip install 'plotart\[gcode\]' *\n", said)


def test_pens_are_listed_in_plotting_order(here: Path, cli: Cli) -> None:
    pens = "pens: [{name: '[/x]', color: 'rgb(9, 9, 9)', width: 1}, {name: Pale, color: gold, width: 0.2}]\n"
    Path("x.yaml").write_text(pens + SPIRAL)
    lines = [line.split() for line in cli("pens", "list", "x.yaml").out.splitlines()[1:]]
    assert [line[:3] for line in lines] == [["1", "██", "Pale"], ["2", "██", "[/x]"]]
    assert lines[0][3:] == ["gold", "0.2", "mm", "transparent"]


def test_networks_and_their_classes_are_listed(cli: Cli) -> None:
    short, full = cli("networks", "list").out, cli("networks", "list", "--classes").out
    assert "vgg16  conv1_1 (64), conv1_2 (64), conv2_1 (128)" in short
    assert f"{len(describe('motif').classes)} classes" in short
    assert "woodgrain" not in short
    assert ", ".join(describe("motif").classes) in " ".join(full.split())


def helps(group: Any, *before: str) -> Iterator[tuple[str, str]]:
    """The words of every command, and its help text."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from helps(command, *before, name)
        else:
            yield " ".join([*before, name]), command.help or ""


HELPS = dict(helps(typer.main.get_command(app)))


@pytest.mark.parametrize("words", HELPS)
def test_help_tells_what_a_command_does(cli: Cli, words: str) -> None:
    done, text = cli(*words.split(), "--help"), HELPS[words]
    shown = " ".join(done.out.replace("│", " ").split())
    assert (done.status, done.err) == (0, "")
    assert f"Usage: plotart {words} [OPTIONS]" in shown
    assert " ".join(text.split("\n\n")[0].split()) in shown
    assert ("Example" in text) == (f"plotart {words} " in shown.partition("Example")[2])


@pytest.mark.parametrize("words", [["--help"], ["-h"], []], ids=str)
def test_help_names_the_commands(cli: Cli, words: list[str]) -> None:
    outcome = cli(*words)
    assert all(f" {command.split()[0]} " in outcome.out + outcome.err for command in HELPS)
