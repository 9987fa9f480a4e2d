"""plotart plot --sheets: a run on several sheets, one after another."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Cli
from emulators.ebb import Ebb
from emulators.ink import psnr
from emulators.pseudo_terminal import PseudoTerminal
from small_runs import ALL_STAY, run_small, small

from plotart.export.read import read_drawing

SHEETS = ("export.sheets=true", "export.machine=axidraw-minikit", "export.overlap=12mm")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = small("quickstart", ALL_STAY, *SHEETS)
    return run_small(config, tmp_path_factory.mktemp("runs") / "large").path


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def sheets(run: Path) -> list[Path]:
    return sorted(path for path in (run / "sheets").glob("sheet_?_?.svg"))


def states(run: Path) -> list[set[str]]:
    paths = sorted((run / "sheets").glob("*.plotting.json"))
    return [set(json.loads(path.read_text(encoding="utf-8"))["pens"].values()) for path in paths]


def test_sheet_after_sheet_and_on_from_where_it_stopped(run: Path, cli: Cli, says: Callable[[str], None]) -> None:
    paths, board = sheets(run), Ebb()
    assert len(paths) > 1
    pens = [len(read_drawing(path).layers) for path in paths]
    with PseudoTerminal(board.receive) as port:
        words = ("plot", run, "--sheets", "--driver", "ebb", "--port", port.name)
        says("\n" * pens[0] + "q\n")
        outcome = cli(*words)
        assert outcome.status == 0, outcome.err
        assert f"Sheet 1 of {len(paths)}: {paths[0].name}" in outcome.out
        assert f"Go on with:\n  plotart plot {run} --driver ebb --port {port.name} --sheets" in outcome.out
        assert states(run) == [{"done"}]
        first = read_drawing(paths[0])
        assert first.width > first.height
        meant = [line for layer in first.layers for line in layer.lines]
        assert psnr(board.lines, meant) >= 45
        says("\n" * sum(pens[1:]))
        outcome = cli(*words)
        assert outcome.status == 0, outcome.err
        assert outcome.out.count("Lay the paper") == len(paths) - 1
        assert states(run) == [{"done"}] * len(paths)
        assert board.faults == []
        assert cli(*words).out.count("Plotted: ") == len(paths)
        says("\nq\n")
        cli(*words, "--restart")
        says("\n" * (sum(pens) - 1))
        outcome = cli(*words)
        assert outcome.out.count("Lay the paper") == len(paths) - 1  # which were done before, too
        assert states(run) == [{"done"}] * len(paths)


def test_a_dry_run_shows_all_sheets_on_the_runs_machine(run: Path, cli: Cli) -> None:
    outcome = cli("plot", run, "--sheets", "--dry-run")
    assert outcome.status == 0, outcome.err
    assert outcome.out.count("on axidraw-minikit") == len(sheets(run))
    assert states(run) == []


@pytest.mark.parametrize("words", [("--pens", "1"), ("--from", "2"), ("--yes",)])
def test_what_does_not_go_with_it(run: Path, cli: Cli, words: tuple[str, ...]) -> None:
    outcome = cli("plot", run, "--sheets", *words)
    assert outcome.status == 2
    assert "--sheets: asks for every sheet" in outcome.err


def test_a_run_on_one_sheet(run: Path, cli: Cli) -> None:
    shutil.rmtree(run / "sheets")
    outcome = cli("plot", run, "--sheets")
    assert outcome.status == 2
    assert "found no sheets/sheet_1_1.svg" in outcome.err
