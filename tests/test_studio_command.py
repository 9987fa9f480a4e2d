"""The command that opens the studio."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from conftest import Cli


def test_a_missing_extra_names_its_command(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    found = cli("studio", tmp_path, "--no-browser")
    assert found.status == 2
    assert "pip install 'plotart[studio]'" in found.err


def test_a_port_that_is_taken_is_said(cli: Cli, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = cli("studio", tmp_path, "--no-browser", "--port", taken.getsockname()[1])
    assert found.status == 2
    assert "--port" in found.err


def test_a_folder_that_is_a_file_is_said(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = cli("studio", tmp_path / "file", "--no-browser", "--port", 0)
    assert found.status == 2
    assert "can't be written" in found.err


def test_help_has_examples(cli: Cli) -> None:
    found = cli("studio", "--help")
    assert found.status == 0
    assert "plotart studio outputs/portraits" in found.out
