"""What a shell completes, and that it does not wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plotart.cli import complete
from plotart.files.shipped import shipped_files
from plotart.plotter.machines import MACHINES
from plotart.plugins import DRIVERS, LOOKS, NETWORKS

#: Says on stderr what of the slow modules was imported for it.
PROGRAM = """
import sys
from plotart.cli import main
try:
    main()
finally:
    print(*{"torch", "numba", "matplotlib", "scipy"} & set(sys.modules), file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "own"))
    (tmp_path / "tiger-of-mine.yaml").touch()
    (tmp_path / "desk.toml").touch()
    (tmp_path / "outputs" / "quickstart").mkdir(parents=True)
    (tmp_path / "own" / "pens").mkdir(parents=True)
    (tmp_path / "own" / "pens" / "my-desk.toml").touch()
    return tmp_path


def completed(words: str) -> tuple[list[str], str]:
    """What bash is told for a line, and which slow modules were imported."""
    environment = {
        **os.environ,
        "_PLOTART_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)
    return done.stdout.split(), done.stderr.strip()


def test_a_shell_is_told_quickly() -> None:
    assert completed("plotart generate tig") == (["tiger-of-mine.yaml", "tiger"], "")
    assert completed("plotart draw a.jpg --pens my") == (["my-desk"], "")


@pytest.mark.parametrize(
    ("ask", "incomplete", "names"),
    [
        (complete.complete_shipped, "", list(shipped_files())),
        (complete.complete_configs, "tiger", ["tiger-of-mine.yaml", "tiger"]),
        (complete.complete_pens, "uni-p", ["uni-pin", "uni-posca-pc-1mr", "uni-posca-pc-3m"]),
        (complete.complete_pens, "des", ["desk.toml"]),
        (complete.complete_looks, "", [*LOOKS.names, "free"]),
        (complete.complete_machines, "", list(MACHINES)),
        (complete.complete_networks, "", list(NETWORKS.names)),
        (complete.complete_drivers, "", ["auto", *DRIVERS.names]),
        (complete.complete_runs, "", [os.path.join("outputs", "quickstart")]),
        (complete.complete_runs, os.path.join("outputs", "x"), []),
        (complete.complete_runs, os.path.join("nowhere", "x"), []),
    ],
)
def test_names_are_completed(ask: complete.Complete, incomplete: str, names: list[str]) -> None:
    assert ask(incomplete) == names
