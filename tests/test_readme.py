"""The readme's commands run as they are written, in order, in a fresh folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Cli
from pages import ROOT, Block, blocks
from small_runs import SMALL
from test_requirements import tomllib

from plotart import Run

PAGE = "README.md"

#: Blocks for which there is another way to run them.
ELSEWHERE = re.compile(r"(run|test) command|not run: \w.{10,}")

#: What begins a command that draws, or needs what such a command has drawn, or stays open.
SLOW = ("generate", "draw", "sweep", "studio", "export", "palette choose")

#: Stands in for `plotart` on the path: what draws, draws little, and the studio is left as soon as it is open.
PROGRAM = """#!{python}
import subprocess
import sys

plotart = [sys.executable, "-c", "from plotart.cli import main; main()"]
words = sys.argv[1:]
small = [word for override in {small!r} for word in ("-o", override)]
if words[0] in ("generate", "sweep"):
    words += small
if words[0] == "draw":
    words += ["--steps", "1", *([] if "--looks" in words else ["--look", "squiggle"])]
if words[0] != "studio":
    sys.exit(subprocess.run([*plotart, *words]).returncode)
run = subprocess.Popen([*plotart, "studio", "--no-browser", "--port", "0"], stdout=subprocess.PIPE, text=True)
assert "The studio is open" in run.stdout.readline()
run.terminate()
"""


def commands() -> list[Block]:
    return [block for block in blocks(PAGE, "sh") if not ELSEWHERE.fullmatch(block.mark)]


def lines(block: Block) -> list[list[str]]:
    """The words of each command of plotart's, in order, without its name."""
    found = [shlex.split(line, comments=True) for line in block.text.splitlines()]
    assert all(words[0] == "plotart" for words in found)
    return [words[1:] for words in found]


def is_slow(words: list[str]) -> bool:
    return " ".join(words).startswith(SLOW)


def test_most_blocks_are_run() -> None:
    marks = [block.mark for block in blocks(PAGE, "sh")]
    assert marks.count("run command") == marks.count("test command") == 1
    assert len(commands()) > len(marks) / 2


def test_cheap_commands_run_in_order(
    cli: Cli, quickstart: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "own"))
    shutil.copytree(quickstart.path, tmp_path / "outputs" / "quickstart")
    cheap = [words for block in commands() for words in lines(block) if not is_slow(words)]
    for words in cheap:
        done = cli(*words)
        assert done.status == 0, (words, done.err)
    assert {"mine.yaml", "cat.yaml", "cat.jpg", "seen.png"} <= {path.name for path in tmp_path.iterdir()}
    assert len(cheap) >= 8


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="runs the shell's blocks in a POSIX shell")
def test_all_commands_run_in_order(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "plotart"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable, small=SMALL), encoding="utf-8")
    program.chmod(0o755)
    folder = tmp_path / "fresh"
    folder.mkdir()
    environment = {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PLOTART_CONFIG": str(tmp_path / "own"),
    }
    for block in commands():
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text], cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    assert (folder / "outputs" / "quickstart" / "plot.svg").is_file()
    assert (folder / "outputs" / "leaves" / "plot.svg").is_file()


def test_links_are_whole_where_the_readme_is_shown_elsewhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    before = re.findall(r"\]\(([^)\s]+)\)", text)
    for change in project["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(change["pattern"], change["replacement"], text)
    repository = project["project"]["urls"]["Repository"].removeprefix("https://github.com/").removesuffix(".git")
    pictures = f"https://raw.githubusercontent.com/{repository}/HEAD/"
    pages = f"https://github.com/{repository}/blob/HEAD/"
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    assert found == [(pictures if Path(name).suffix in (".png", ".jpg", ".webp") else pages) + name for name in before]


def test_pictures_are_small_enough_for_a_page_elsewhere() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / PAGE).read_text(encoding="utf-8"))
    assert pictures
    assert [name for name in pictures if (ROOT / name).stat().st_size > 150_000] == []
