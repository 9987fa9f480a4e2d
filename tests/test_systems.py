"""What differs between systems, tried here with stand-ins for what this one lacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plotart.files import atomic
from plotart.files.atomic import write_whole


class Busy:
    """`os.replace` of Windows while another program reads the target, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.replace = os.replace

    def __call__(self, source: Path, target: Path) -> None:
        if self.left:
            self.left -= 1
            raise PermissionError(13, "Access is denied")
        self.replace(source, target)


def test_a_file_that_is_being_read_is_replaced_a_little_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary.json"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(atomic, "_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(os, "replace", Busy(2))
    write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    monkeypatch.setattr(os, "replace", Busy(3))
    with pytest.raises(PermissionError):
        write_whole(path, "newer")
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [("summary.json", "new")]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_is_printed_may_have_letters_that_the_output_lacks(encoding: str) -> None:
    code = "import sys; sys.argv[1:] = ['pens', 'show', 'stabilo-point-88']; from plotart.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout
