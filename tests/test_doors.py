"""A real package, installed by pip into an environment of its own, adds something at every door of plotart."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Cli, Outcome
from pages import blocks

import plotart
from plotart import Config
from plotart.errors import ConfigError

PACKAGE = Path(__file__).parent / "plugin_package"

CONFIG = """
page: {size: [60, 40], margin: 4}
pens: [{name: Black, color: black, width: 0.5}, {name: Red, color: red, width: 0.5}]
objective:
  - {type: balance, x: 2cm, notes: notes.txt}
  - {type: excitation, network: tiny, layer: far, channel: 1}
strokes: {count: 5, segments: 1, init: spiral, economy: {keep: 1, price: 0}, coherence: {weight: 0}}
render: {backend: plain, resolution: 32}
augment: {views: 1}
optimize: {steps: 5, polish: 0.4, checkpoint: 2}
export: {preview: 64, machine: custom, custom: {travel: [100, 100]}, driver: paper-tape, formats: [{type: lines}]}
"""

ADDED = {
    "term": "balance",
    "network": "tiny",
    "renderer": "plain",
    "start": "spiral",
    "exporter": "lines",
    "driver": "paper-tape",
}
FROM = "of plotart-extras 1.2.3"

#: Runs command lines one after another, and Python after -c, in one process: torch takes seconds to import.
RUNNER = """
import contextlib, io, json, sys
from plotart.cli import main

ended = []
for words in json.loads(sys.argv[1]):
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            sys.argv = ["plotart", *words]
            exec(words[1], {}) if words[0] == "-c" else main()
        except SystemExit as end:
            status = end.code
    ended.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(ended))
"""

#: Ctrl-C in the third step.
INTERRUPTED = """
import os, signal
from plotart import Config, generate

try:
    generate(
        Config.load("all.yaml"),
        out="stopped",
        on_step=lambda step: os.kill(os.getpid(), signal.SIGINT) if step.number == 3 else None,
    )
except KeyboardInterrupt:
    print("stopped")
"""

COMMANDS = {
    "schema": ["schema"],
    "doctor": ["doctor"],
    "networks list": ["networks", "list"],
    **{f"{name} --help": [name, "--help"] for name in ("generate", "export", "plot", "networks")},
    "generate": ["generate", "all.yaml", "--out", "run"],
    "interrupted": ["-c", INTERRUPTED],
    "resume": ["generate", "all.yaml", "--out", "stopped", "--resume"],
    "wrong": ["generate", "wrong.yaml"],
    "absent": ["generate", "absent.yaml"],
    "no layers": ["generate", "all.yaml", "--out", "x", "-o", "objective.1={type: style, file: x.png, network: tiny}"],
    "taken": ["generate", "all.yaml", "--out", "taken", "-o", "export.formats=[{type: lines, name: ../x}]"],
    "plot": ["plot", "run", "--pens", "1", "--yes"],
    "export": ["export", "run", "--format", "vpype-pens", "--out", "again"],
    "docs": ["generate", "docs.yaml", "--out", "tone"],
    "cleared": ["export", "run", "-o", "export.formats=[]"],
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with configs, and an environment with plotart as it is tested and the package."""
    desk = tmp_path_factory.mktemp("desk")
    venv.create(desk / "env")
    python = desk / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    known = [sysconfig.get_path("purelib"), str(Path(plotart.__file__).parent.parent)]
    there = sysconfig.get_path("purelib", vars={"base": str(desk / "env")})
    Path(there, "known.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in known))
    shutil.copytree(PACKAGE, desk / "package")
    (desk / "plotart-tone").mkdir()
    for block in (*blocks("docs/python.md", "toml"), *blocks("docs/python.md", "python")):
        if name := re.match(r"# (pyproject\.toml|plotart_tone\.py)\n", block.text):
            (desk / "plotart-tone" / name[1]).write_text(block.text)
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    packages = [str(desk / "package"), str(desk / "plotart-tone")]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), "install", *options, *packages], check=True)
    data = yaml.safe_load(CONFIG)
    (shown,) = (block for block in blocks("docs/python.md", "yaml") if "type: tone" in block.text)
    (desk / "docs.yaml").write_text(
        yaml.safe_dump({**data, "render": {"resolution": 64}, **yaml.safe_load(shown.text)})
    )
    (desk / "notes.txt").write_text("")
    (desk / "all.yaml").write_text(CONFIG)
    (desk / "wrong.yaml").write_text(yaml.safe_dump({**data, "render": {"backend": "plane"}, "objective": [{}]}))
    (desk / "absent.yaml").write_text(yaml.safe_dump({**data, "objective": [{"type": "absent"}]}))
    return desk


@pytest.fixture(scope="module")
def ended(desk: Path) -> dict[str, Outcome]:
    """How every command ended."""
    python = desk / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = subprocess.run(
        [str(python), "-c", RUNNER, json.dumps(list(COMMANDS.values()))],
        cwd=desk,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(COMMANDS, (Outcome(*one) for one in json.loads(done.stdout)), strict=True))


def summary(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "summary.json").read_text())
    return found


def test_a_run_is_made_of_all_of_it(desk: Path, ended: dict[str, Outcome]) -> None:
    assert ended["generate"].status == 0, ended["generate"].err
    run = desk / "stopped"
    found = summary(run)
    assert found["objective"] == ["balance", "tiny far:1"]
    assert (found["renderer"], found["network"], found["formats"]) == ("plain", "tiny", {"lines": ["lines.txt"]})
    assert sum(pen["strokes"] for pen in found["pens"]) == len((run / "lines.txt").read_text().splitlines())
    assert {one["kind"]: one["name"] for one in found["plugins"]} == ADDED
    assert {(one["package"], one["version"]) for one in found["plugins"]} == {("plotart-extras", "1.2.3")}


def test_the_package_in_the_docs_is_a_whole_one(desk: Path, ended: dict[str, Outcome]) -> None:
    assert ended["docs"].status == 0, ended["docs"].err
    assert "tone" in (desk / "tone" / "metrics.csv").read_text().splitlines()[0].split(",")
    assert {"kind": "term", "name": "tone", "package": "plotart-tone", "version": "1.0"} in summary(desk / "tone")[
        "plugins"
    ]


def test_a_run_goes_on_after_an_interrupt(desk: Path, ended: dict[str, Outcome]) -> None:
    assert (ended["interrupted"].status, ended["interrupted"].out) == (0, "stopped\n")
    assert ended["resume"].status == 0, ended["resume"].err
    for name in ("strokes.safetensors", "curves.svg", "plot.svg"):
        assert (desk / "stopped" / name).read_bytes() == (desk / "again" / name).read_bytes()


def test_the_schema_has_them(ended: dict[str, Outcome]) -> None:
    schema = json.loads(ended["schema"].out)
    parts = {name: part["properties"] for name, part in schema["$defs"].items()}
    assert "balance" in schema["properties"]["objective"]["anyOf"][0]["items"]["discriminator"]["mapping"]
    assert parts["BalanceTerm"]["x"]["description"] == "mm from the sheet's left; null = amid the sheet."
    assert "lines" in parts["ExportConfig"]["formats"]["items"]["discriminator"]["mapping"]
    for place, name in (
        (parts["ExcitationTerm"]["network"], "tiny"),
        (parts["RenderConfig"]["backend"], "plain"),
        (parts["StrokesConfig"]["init"], "spiral"),
        (parts["ExportConfig"]["driver"], "paper-tape"),
    ):
        assert place["enum"][-1] == name


@pytest.mark.parametrize(
    ("command", "kinds"),
    [("generate", tuple(ADDED)), ("export", ("exporter",)), ("plot", ("driver",)), ("networks", ("network",))],
)
def test_help_names_them(command: str, kinds: tuple[str, ...], ended: dict[str, Outcome]) -> None:
    words = " ".join(ended[f"{command} --help"].out.split())
    for kind, name in ADDED.items():
        assert (f"{kind} {name} {FROM}" in words) == (kind in kinds)


def test_doctor_names_them_and_says_what_is_wrong(ended: dict[str, Outcome]) -> None:
    lines = [line.removeprefix("plugin").strip() for line in ended["doctor"].out.splitlines()]
    assert {f"{kind} {name} {FROM}" for kind, name in ADDED.items()} <= set(lines)
    (broken,) = (line for line in lines if line.startswith(f"term absent {FROM}: "))
    assert "ModuleNotFoundError: No module named 'plotart_extras.nowhere'" in broken


def test_networks_are_listed(ended: dict[str, Outcome]) -> None:
    assert "tiny  near (4), far (6)" in ended["networks list"].out


def test_errors_name_them(ended: dict[str, Outcome]) -> None:
    assert ended["wrong"].status == ended["absent"].status == ended["no layers"].status == ended["taken"].status == 2
    assert "allowed: absent, balance, coverage, curvature, " in ended["wrong"].err
    assert 'render.backend: found "plane"; allowed: auto, cpu, cuda, diffvg, reference, plain' in ended["wrong"].err
    assert f"absent.yaml: objective.0: term absent {FROM} can't be used (ModuleNotFoundError: " in ended["absent"].err
    assert "layers: found nothing; allowed with the network tiny: a list of near, far" in ended["no layers"].err
    assert "export.formats: lines writes '../x.txt'; allowed: a name that no other file has" in ended["taken"].err


def test_a_driver_plots_on_a_machine_that_plotart_s_own_do_not_know(desk: Path, ended: dict[str, Outcome]) -> None:
    assert ended["plot"].status == 0, ended["plot"].err
    machine, mode = (desk / "tape.txt").read_text().split()[:2]
    assert (machine, mode) == ("custom", "{'mode':")


def test_exports_are_listed_and_cleared(desk: Path, ended: dict[str, Outcome]) -> None:
    assert re.search(r"lines of [12] pens", ended["export"].out)
    assert (desk / "again" / "pens.toml").is_file()
    assert (desk / "again" / "lines.txt").read_bytes() == (desk / "stopped" / "lines.txt").read_bytes()
    assert ended["cleared"].status == 0
    assert not (desk / "run" / "lines.txt").exists()
    assert "formats" not in summary(desk / "run")


def test_a_run_whose_package_is_gone_says_which_it_was(desk: Path, ended: dict[str, Outcome], cli: Cli) -> None:
    """This process does not have the package."""
    path = desk / "stopped" / "config.yaml"
    with pytest.raises(ConfigError) as caught:
        Config.load(path)
    for kind, name in ADDED.items():
        assert f"{path}: written with the {kind} {name} {FROM}, which is not installed now" in str(caught.value)
    resumed = cli("generate", desk / "all.yaml", "--out", desk / "stopped", "--resume")
    assert resumed.status == 2
    assert f"written with the term balance {FROM}" in resumed.err
    fresh = cli("generate", desk / "all.yaml", "--out", desk / "fresh")
    assert "plotart-extras" not in fresh.err
    assert 'objective.0.type: found "balance"; allowed: coverage, ' in fresh.err
