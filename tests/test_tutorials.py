"""Every command of the tutorials runs, in order, in a fresh folder that has nothing but what the page gives it.

By default drawings are made smaller, by what `quickly` adds to the commands; `pytest -m slow` runs them as they are
written, and those that make many drawings.
"""

from __future__ import annotations

import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Cli
from pages import ROOT, Block, blocks
from plotters import install_program
from small_runs import SMALL

from plotart import Config

PAGES = [
    "docs/tutorial.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/tutorials").glob("*.md")),
]

#: What a person brings along.
GIVEN = {"docs/tutorials/photograph.md": {"photo.jpg": "configs/works/pictures/cat.jpg"}}

NOT_RUN = re.compile(r"not run: \w.{10,}")


def commands(page: str) -> Iterator[list[str]]:
    """The words of each command, without those of blocks that a comment excepts."""
    for block in blocks(page, "sh"):
        if not NOT_RUN.fullmatch(block.mark):
            for line in block.text.splitlines():
                if words := shlex.split(line, comments=True):
                    yield words


def files(page: str) -> list[tuple[str, Block]]:
    """Blocks that a reader saves, and their names."""
    found = [block for language in ("yaml", "toml", "python") for block in blocks(page, language)]
    return [(block.mark.removeprefix("file: "), block) for block in found if block.mark.startswith("file: ")]


def quickly(words: list[str]) -> list[str]:
    """The same command with less to do."""
    overrides = [word for override in SMALL for word in ("-o", override)]
    if words[0] == "python":
        return [*words, *SMALL]
    return {
        "generate": [*words, *overrides],
        "draw": [*words, "--size", "58x58", "--margin", "10mm"],
        "sweep": [*words, *overrides],
        "networks": [*words, *(["--channels", "star", "--steps", "2"] if "atlas" in words else [])],
    }.get(words[1], words) + (["--steps", "2"] if words[1] == "draw" and not is_sheet(words) else [])


def is_sheet(words: list[str]) -> bool:
    return not {"--looks", "--preview-tones"}.isdisjoint(words)


def takes_minutes(page: str) -> bool:
    return any(words[1] in ("draw", "sweep") for words in commands(page))


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh one, with AxiDraw's software on the machine and a person who answers every question with Enter."""
    page = request.getfixturevalue("page")
    install_program(tmp_path / "software", monkeypatch, "axicli")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for name, block in files(page):
        (fresh / name).write_text(block.text, encoding="utf-8")
    for name, path in GIVEN.get(page, {}).items():
        shutil.copy(ROOT / path, fresh / name)
    monkeypatch.chdir(fresh)
    return fresh


@pytest.mark.parametrize("page", [pytest.param(page, marks=[pytest.mark.slow] * takes_minutes(page)) for page in PAGES])
def test_commands_of_a_tutorial_run_in_order(
    page: str, folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in map(quickly, commands(page)):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n" * 20))
        if words[0] == "python":
            monkeypatch.setattr("sys.argv", words[1:])
            runpy.run_path(words[1], run_name="__main__")
            continue
        assert words[0] == "plotart"
        done = cli(*words[1:])
        assert done.status == 0, f"{shlex.join(words)}\n{done.out}{done.err}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_tutorial_run_as_they_are_written(page: str, folder: Path) -> None:
    program = f'plotart() {{ "{sys.executable}" -c "from plotart.cli import main; main()" "$@"; }}'
    python = f'python() {{ "{sys.executable}" "$@"; }}'
    lines = [program, python, *(shlex.join(words) for words in commands(page))]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-euc", "\n".join(lines)], env=env, input="\n" * 50, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize("page", PAGES)
def test_configs_of_a_tutorial_are_what_plotart_takes(page: str, folder: Path) -> None:
    for name, _ in files(page):
        if name.endswith(".yaml"):
            assert Config.load(name).objective


def test_pages_tell_which_files_they_are_about() -> None:
    for page in PAGES:
        names = {name for name, _ in files(page)}
        said = (ROOT / page).read_text(encoding="utf-8")
        assert all(f"`{name}`" in said for name in names), page
        used = {word for words in commands(page) for word in words if re.fullmatch(r"[\w-]+\.(yaml|py)", word)}
        assert used <= names, page
