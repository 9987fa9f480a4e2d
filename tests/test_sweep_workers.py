"""Sweeps by real worker processes: what they draw, and what becomes of cells that are killed, stopped or refused."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from small_runs import CONFIGS, SMALL

from plotart import generate, load_run
from plotart.files.lock import NAME, locked
from plotart.runs.record import cores
from plotart.sweep.grid import Cell, grid
from plotart.sweep.record import RECORD, Record
from plotart.sweep.run import sweep
from plotart.sweep.vary import parse_axes
from plotart.sweep.work import CellProgress, Failed, Finished, Stopped, Task, work

QUICKSTART = CONFIGS / "quickstart.yaml"

#: Long enough to be caught in the middle.
LONG = (*SMALL, "optimize.steps=150", "optimize.checkpoint=5")


def cells_of(*vary: str, overrides: tuple[str, ...] = SMALL) -> tuple[Cell, ...]:
    return grid(QUICKSTART, parse_axes(vary), overrides)


def pid_of(folder: Path) -> int | None:
    """The process that has a run folder."""
    try:
        return int(json.loads((folder / ".plotart.lock").read_text())["pid"])
    except (OSError, ValueError):
        return None


@pytest.fixture(scope="module")
def vary() -> list[str]:
    return ["seed=3,4", "objective.0.class=star,fern"]


@pytest.fixture(scope="module")
def swept(vary: list[str], tmp_path_factory: pytest.TempPathFactory) -> Record:
    out = tmp_path_factory.mktemp("sweep")
    return sweep(cells_of(*vary), parse_axes(vary), out=out, workers=2)


def test_every_cell_is_a_run(swept: Record, vary: list[str]) -> None:
    assert swept.named("done") == [cell.name for cell in cells_of(*vary)]
    for cell in swept.cells:
        run = load_run(swept.folder.path / cell.name)
        assert run.summary["seed"] == cell.values["seed"]
        figures = swept.entries[cell.name].figures
        assert figures is not None
        assert figures["activation"] == run.summary["activation"]["plotted"]
        assert (run.path / "report.html").is_file()
    page = (swept.folder.path / "index.html").read_text()
    assert page.count("data:image/webp") == 4


def test_cells_are_drawn_as_generate_draws_them(swept: Record, tmp_path: Path) -> None:
    cell = swept.cells[-1]
    generate(cell.config, out=tmp_path / "alone", threads=max(1, cores() // 2))
    drawn = sorted((tmp_path / "alone").glob("*.svg"))
    assert len(drawn) > 1
    for path in drawn:
        assert path.read_bytes() == (swept.folder.path / cell.name / path.name).read_bytes()


def test_what_is_finished_is_not_drawn_again(swept: Record, vary: list[str]) -> None:
    heard: list[Any] = []
    sweep(
        cells_of(*vary),
        parse_axes(vary),
        out=swept.folder.path,
        on_event=lambda event, record: heard.append(event),
    )
    assert heard == []


def test_results_that_were_not_written_down_are_read_back(swept: Record, vary: list[str], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", swept.folder.path, copy], check=True)
    (copy / "sweep.json").unlink()
    before = {path: path.stat().st_mtime_ns for path in copy.glob("*/summary.json")}
    record = sweep(cells_of(*vary), parse_axes(vary), out=copy, workers=1)
    assert record.entries == {name: entry for name, entry in record.entries.items() if entry.state == "done"}
    assert [entry.figures for entry in record.entries.values()] == [entry.figures for entry in swept.entries.values()]
    assert before == {path: path.stat().st_mtime_ns for path in copy.glob("*/summary.json")}


def killer(out: Path, cell: str) -> tuple[Callable[[Any, Record], None], list[int]]:
    """Kills the worker of a cell once, in the middle of its run."""
    killed: list[int] = []

    def hear(event: Any, record: Record) -> None:
        if not killed and isinstance(event, CellProgress) and event.cell == cell and event.step >= 10:
            pid = pid_of(out / cell)
            assert pid is not None
            assert pid != os.getpid()
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    return hear, killed


@pytest.mark.slow
def test_a_killed_worker_and_a_folder_that_is_taken_stop_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "seed-1").write_text("taken")
    hear, killed = killer(tmp_path, "seed-0")
    record = sweep(
        cells_of("seed=0..2", overrides=LONG),
        parse_axes(["seed=0..2"]),
        out=tmp_path,
        workers=2,
        on_event=hear,
    )
    assert len(killed) == 1
    assert (record.named("done"), record.named("failed")) == (["seed-0", "seed-2"], ["seed-1"])
    assert [record.entries[f"seed-{n}"].tries for n in range(3)] == [2, 1, 1]
    assert str(tmp_path / "seed-1") in record.entries["seed-1"].message
    for name in record.named("done"):
        assert [row["step"] for row in load_run(tmp_path / name).metrics] == list(range(1, 151))


def test_a_worker_that_is_told_to_stop_leaves_a_checkpoint_and_interrupts_nobody_else(tmp_path: Path) -> None:
    (tmp_path / RECORD).touch()
    (cell,) = cells_of("seed=0")
    task = Task(cell.name, cell.config, str(tmp_path), RECORD, threads=1)
    with ThreadPoolExecutor(1) as pool:  # the main thread, which waits here, goes on
        outcome = pool.submit(work, task, lambda progress: True).result(60)
        assert outcome == Stopped(cell.name)
    assert [path.name for path in (tmp_path / cell.name / "checkpoints").iterdir()] == ["00000001.safetensors"]
    finished = work(task, lambda progress: False)
    assert isinstance(finished, Finished)
    assert len(load_run(tmp_path / cell.name).metrics) == cell.config.optimize.steps


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_folder_that_is_held_may_be_free_later(tmp_path: Path, elsewhere: bool) -> None:
    (tmp_path / RECORD).touch()
    (cell,) = cells_of("seed=0")
    folder = tmp_path / cell.name
    folder.mkdir()
    task = Task(cell.name, cell.config, str(tmp_path), RECORD, threads=1)
    if elsewhere:
        (folder / NAME).write_text(json.dumps({"pid": 1, "host": "a-machine-that-went-down", "machine": "its-boot"}))
    with contextlib.nullcontext() if elsewhere else locked(folder):
        outcome = work(task, lambda progress: False)
    assert isinstance(outcome, Failed)
    assert (outcome.again, outcome.held) == (True, True)
    assert "is at work in this folder" in outcome.message
    assert not (folder / "config.yaml").exists()


@pytest.mark.slow
def test_ctrl_c_leaves_a_sweep_that_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-c", "from plotart.cli import main; main()", "sweep", str(QUICKSTART)]
    words += [word for override in LONG for word in ("-o", override)]
    words += ["--vary", "seed=0..2", "--workers", "1", "--out", str(out)]
    # A session of its own, so that the signal reaches the workers too, as that of a terminal does.
    begun = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 120
    while not list((out / "seed-1" / "checkpoints").glob("*.safetensors")):
        assert begun.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(begun.pid, signal.SIGINT)
    said, _ = begun.communicate(timeout=60)
    assert begun.returncode == 130
    assert "Go on with:\n  plotart sweep" in said
    assert pid_of(out / "seed-1") is None
    assert not (out / "seed-2").exists()
    finished = (out / "seed-0" / "summary.json").stat().st_mtime_ns
    last = max(int(path.stem) for path in (out / "seed-1" / "checkpoints").glob("*.safetensors"))

    heard: list[Any] = []
    record = sweep(
        cells_of("seed=0..2", overrides=LONG),
        parse_axes(["seed=0..2"]),
        out=out,
        workers=1,
        on_event=lambda event, record: heard.append(event),
    )
    assert record.count("done") == 3
    assert (out / "seed-0" / "summary.json").stat().st_mtime_ns == finished
    first = next(event for event in heard if isinstance(event, CellProgress))
    assert (first.cell, first.step) == ("seed-1", last + 1)
    assert [row["step"] for row in load_run(out / "seed-1").metrics] == list(range(1, 151))
