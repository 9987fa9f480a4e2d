"""The messages in docs/errors.md are those that the program prints."""

from __future__ import annotations

import io
import re
import shutil
import sys
from pathlib import Path

import pytest
import torch
from conftest import Cli
from pages import ROOT, Block, blocks

from plotart import Run
from plotart.sweep.grid import grid
from plotart.sweep.record import Record
from plotart.sweep.vary import parse_axes

PAGE = "docs/errors.md"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quickstart: Run) -> Path:
    """A folder with a config, a run of it, a sweep, and files that are not what they should be."""
    shutil.copy(ROOT / "configs" / "quickstart.yaml", tmp_path / "mine.yaml")
    shutil.copytree(quickstart.path, tmp_path / "outputs" / "mine")
    shutil.copy(ROOT / "configs" / "works" / "pictures" / "cat.jpg", tmp_path / "photo.jpg")
    (tmp_path / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (tmp_path / "tabs.yaml").write_text("name: mine\npage:\n\tsize: a5\n", encoding="utf-8")
    words = '<svg xmlns="http://www.w3.org/2000/svg" width="9mm" height="9mm"><text y="5">hello</text></svg>'
    (tmp_path / "words.svg").write_text(words, encoding="utf-8")
    axes = parse_axes(["seed=1..2"])
    Record.open(tmp_path / "outputs" / "trial", grid(tmp_path / "mine.yaml", axes), axes).write()
    monkeypatch.setenv("PATH", str(tmp_path))  # no software of a plotter's maker
    monkeypatch.setattr("socket.getaddrinfo", offline)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offline(*where: object, **how: object) -> None:
    raise OSError("no network in tests")


def said(block: Block) -> re.Pattern[str]:
    """What is printed, with anything where the page leaves something out."""
    message = block.text.partition("\n")[2].strip()
    return re.compile(".*".join(map(re.escape, message.split("…"))), re.DOTALL)


@pytest.mark.parametrize("block", blocks(PAGE, "console"), ids=str)
def test_the_program_says_what_the_page_says(
    block: Block, desk: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = block.text.partition("\n")[0]
    if "--device cuda" in command and torch.cuda.is_available():
        pytest.skip("needs a machine without a GPU")
    if block.mark:
        monkeypatch.setitem(sys.modules, block.mark.removeprefix("without: "), None)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    done = cli(*command.removeprefix("$ plotart ").split())
    assert said(block).fullmatch(done.err.strip()), done.err
    assert done.status == (1 if done.err.startswith("stopped:") else 2)
