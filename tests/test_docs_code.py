"""Python, configs and pens in the docs: all of it runs, page by page, or a comment says why it can't."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages import PAGES, Block, all_blocks, blocks, read
from plotters import install_program
from small_runs import CONFIGS, SMALL

from plotart import Config, Run
from plotart.config.layers import merge, parse_override, parse_yaml, put
from plotart.plugins import RENDERERS

NOT_RUN = re.compile(r"not run: \w.{10,}")
FILE = re.compile(r"file: [\w-]+\.\w+")  # tests/test_tutorials.py runs those
NOT_A_CONFIG = re.compile(r"not a config: \w.{10,}")

#: What stands around a part of a config.
WHOLE: dict[str, Any] = {
    "pens": [{"name": name, "color": "black", "width": 0.5} for name in ("Black 05", "Red 05", "Blue 05")],
    "objective": [{"type": "excitation", "class": "star"}],
}


@pytest.fixture(scope="module")
def small_configs() -> dict[str, str]:
    """Shipped configs made small, as texts by file names."""
    schema = Config.model_json_schema()
    return {path.name: _small(path, schema) for path in CONFIGS.glob("*.yaml")}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quickstart: Run, small_configs: dict[str, str]) -> Path:
    """A folder in which plotart was used before: small configs, a finished run, AxiDraw's software, a set of pens."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("plotart.reports.html.metric_charts", lambda metrics: {})
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "own"))
    install_program(tmp_path / "software", monkeypatch, "axicli")
    shutil.copytree(quickstart.path, tmp_path / "outputs" / "quickstart")
    (tmp_path / "configs").mkdir()
    for picture in [*CONFIGS.glob("*.png"), *CONFIGS.glob("*.svg")]:
        shutil.copy(picture, tmp_path / "configs")
    for name, text in small_configs.items():
        (tmp_path / "configs" / name).write_text(text, encoding="utf-8")
    # By its name alone, too, a page means the small one: a file comes before the config that comes with plotart.
    shutil.copy(tmp_path / "configs" / "quickstart.yaml", tmp_path)
    sets = tmp_path / "own" / "pens"
    sets.mkdir(parents=True)
    (example,) = blocks("docs/pens.md", "toml")
    (sets / "my-desk.toml").write_text(example.text, encoding="utf-8")
    monkeypatch.setattr(RENDERERS, "_registered", {})  # what a page registers is gone after it
    return tmp_path


def _small(path: Path, schema: dict[str, Any]) -> str:
    """A config that builds on the one in `path`, for runs that are small enough for tests."""
    data: dict[str, Any] = {"extends": str(path)}
    for override in SMALL:
        keys, value = parse_override(override, "test")
        data = put(data, keys, value, schema, "test")
    return yaml.safe_dump(data)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
def test_the_python_of_a_page_runs_from_top_to_bottom(page: str, desk: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page, "python"):
        if not (NOT_RUN.fullmatch(block.mark) or FILE.fullmatch(block.mark)):
            exec(compile("\n" * (block.line - 1) + block.text, page, "exec"), names)


@pytest.mark.parametrize("block", [block for block in all_blocks("yaml") if not FILE.fullmatch(block.mark)], ids=str)
def test_configs_in_the_docs_are_what_plotart_takes(block: Block, desk: Path) -> None:
    if NOT_A_CONFIG.fullmatch(block.mark):
        yaml.safe_load(block.text)
        return
    path = desk / "configs" / "mine.yaml"
    found = parse_yaml(block.text, str(block))
    data = {"objective": found} if isinstance(found, list) else found
    learned = data.get("palette", {}).get("mode") == "learned"
    # A part is put into a whole; what is a whole already stays as it is.
    whole = {key: value for key, value in WHOLE.items() if "extends" not in data and not (learned and key == "pens")}
    path.write_text(yaml.safe_dump(merge(whole, data)), encoding="utf-8")
    config = Config.load(path)
    if "objective" in data:
        assert len(config.objective) == len(data["objective"])


def test_marks_are_ones_that_are_known() -> None:
    for language in ("python", "yaml"):
        for block in all_blocks(language):
            if block.mark.startswith("not "):
                assert NOT_RUN.fullmatch(block.mark) or NOT_A_CONFIG.fullmatch(block.mark), f"{block}: {block.mark}"


def test_examples_of_your_own_parts_are_short() -> None:
    own = [
        block
        for block in blocks("docs/python.md", "python")
        if "class Balance" in block.text or "def beads" in block.text
    ]
    assert len(own) == 2
    for block in own:
        assert len([line for line in block.text.splitlines() if line.strip()]) < 30, str(block)
    (module,) = (block for block in blocks("docs/python.md", "python") if block.text.startswith("# plotart_tone.py"))
    (project,) = blocks("docs/python.md", "toml")
    assert len((module.text + project.text).splitlines()) < 40


def test_the_table_of_configs_names_those_there_are() -> None:
    named = re.findall(r"^\| `([\w-]+)` \| [^|]+ \|$", read("docs/config.md").partition("\n## ")[0], re.MULTILINE)
    assert sorted(named) == sorted(path.stem for path in CONFIGS.glob("*.yaml"))
