"""Sweeps by real worker processes: what they draw, and what becomes of cells that are killed, stopped or refused."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from small_runs import CONFIGS, SMALL

from plotart import generate, load_run
from plotart.files.lock import NAME, locked
from plotart.job.objective import Shared
from plotart.optimize import together
from plotart.runs.record import cores
from plotart.runs.stop import StopRequest
from plotart.sweep.grid import Cell, grid
from plotart.sweep.local import LocalEngine, _Desk
from plotart.sweep.loop import Began
from plotart.sweep.record import RECORD, Record
from plotart.sweep.run import sweep
from plotart.sweep.vary import parse_axes
from plotart.sweep.work import CellProgress, Failed, Finished, Outcome, Stopped, Task, Tell, work, working

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


# --- together --------------------------------------------------------------------------------------------------------


def tasks_in(folder: Path, *names: str) -> list[Task]:
    """For cells of seeds 0, 1, ... of these names."""
    (folder / RECORD).touch()
    cells = cells_of(f"seed=0..{len(names) - 1}") if len(names) > 1 else cells_of("seed=0")
    return [Task(name, cell.config, str(folder), RECORD, threads=1) for name, cell in zip(names, cells, strict=True)]


def drawn_together(tasks: Sequence[Task], tell: Tell) -> list[Outcome | Exception]:
    shared: Shared = {}

    def deaf() -> AbstractContextManager[StopRequest]:
        return contextlib.nullcontext(StopRequest())

    return together([working(task, tell, shared=shared, stopping=deaf) for task in tasks])


def test_cells_that_are_drawn_together_are_runs_as_ever(tmp_path: Path, passes: list[int]) -> None:
    told: list[CellProgress] = []
    tasks = tasks_in(tmp_path, "a", "b", "c")
    outcomes = drawn_together(tasks, lambda progress: bool(told.append(progress)))
    assert [type(outcome) for outcome in outcomes] == [Finished] * 3
    assert passes.count(3) >= 5, "each step is one pass"
    assert {progress.cell for progress in told} == {"a", "b", "c"}
    for task in tasks:
        run = load_run(tmp_path / task.cell)
        alone = generate(task.config, out=tmp_path / f"{task.cell} alone", threads=1)
        assert [row["step"] for row in run.metrics] == [row["step"] for row in alone.metrics]
        assert run.metrics[0]["loss"] == pytest.approx(alone.metrics[0]["loss"], rel=1e-5)
        assert run.summary["seed"] == alone.summary["seed"]
        assert run.summary["activation"]["initial"] == alone.summary["activation"]["initial"]
        assert pid_of(run.path) is None


def test_one_that_is_told_to_stop_and_one_that_fails_leave_the_others(tmp_path: Path) -> None:
    tasks = tasks_in(tmp_path, "stopped", "taken", "whole")
    (tmp_path / "taken").write_text("taken")
    stopped, taken, whole = drawn_together(tasks, lambda progress: progress.cell == "stopped")
    assert stopped == Stopped("stopped")
    assert isinstance(taken, Failed)
    assert isinstance(whole, Finished)
    assert [path.name for path in (tmp_path / "stopped" / "checkpoints").iterdir()] == ["00000001.safetensors"]
    (tmp_path / "taken").unlink()
    assert [type(outcome) for outcome in drawn_together(tasks, lambda progress: False)] == [Finished] * 3
    for task in tasks:
        assert [row["step"] for row in load_run(tmp_path / task.cell).metrics] == [1, 2, 3, 4, 5]


def test_an_error_of_the_common_pass_fails_all_who_need_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(torch.autograd, "backward", full)
    outcomes = drawn_together(tasks_in(tmp_path, "a", "b"), lambda progress: False)
    assert outcomes == [Failed(name, "RuntimeError: out of memory", again=True) for name in "ab"]
    assert all(pid_of(tmp_path / name) is None for name in "ab")


def test_a_process_draws_several_cells(vary: list[str], tmp_path: Path) -> None:
    running, most, heard = set[str](), 0, list[Any]()

    def hear(event: Any, record: Record) -> None:
        nonlocal most
        heard.append(event)
        if isinstance(event, Began):
            running.add(event.cell)
        elif isinstance(event, Finished):
            running.discard(event.cell)
        most = max(most, len(running))

    record = sweep(cells_of(*vary), parse_axes(vary), out=tmp_path, workers=1, together=3, on_event=hear)
    assert record.count("done") == 4
    assert most == 3


def test_cells_are_spread_over_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute(LocalEngine):
        def _hire(self) -> Any:
            worker = SimpleNamespace(pipe=SimpleNamespace(send=lambda task: None), cells=set())
            self._crew.append(worker)  # type: ignore[arg-type]
            return worker

    engine = Mute(2, tmp_path, RECORD, together=3)
    assert (engine.room, engine.threads) == (6, max(1, cores() // 2))
    (cell,) = cells_of("seed=0")
    for name in "abcdef":
        engine.submit(name, cell.config, 1)
    assert [sorted(worker.cells) for worker in engine._crew] == [["a", "c", "e"], ["b", "d", "f"]]


def test_a_worker_hears_which_cell_is_to_stop(tmp_path: Path) -> None:
    here, there = Pipe()
    desk, (first, second) = _Desk(there), tasks_in(tmp_path, "a", "b")
    here.send("a")  # of a try that is over
    here.send(first)
    assert desk.take(wait=True) == [first]
    here.send(second)
    here.send("a")
    assert desk.tell(CellProgress("a", 1, 5, 0.0))
    assert not desk.tell(CellProgress("b", 1, 5, 0.0))
    assert desk.take(wait=False) == [second]
    assert desk.take(wait=False) == []
    here.send(first)
    assert desk.take(wait=True) == [first]
    assert not desk.tell(CellProgress("a", 1, 5, 0.0))
    here.close()
    with pytest.raises((EOFError, OSError)):
        desk.take(wait=True)


@pytest.mark.slow
def test_all_cells_of_a_killed_worker_are_tried_again(tmp_path: Path) -> None:
    hear, killed = killer(tmp_path, "seed-0")
    cells = cells_of("seed=0..2", overrides=LONG)
    record = sweep(cells, parse_axes(["seed=0..2"]), out=tmp_path, workers=1, together=2, on_event=hear)
    assert len(killed) == 1
    assert record.count("done") == 3
    assert [record.entries[f"seed-{n}"].tries for n in range(3)] == [2, 2, 1]
    for name in record.named("done"):
        assert [row["step"] for row in load_run(tmp_path / name).metrics] == list(range(1, 151))


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--search", "seed=0..9", "--trials", 2), "together: found together with --search; allowed: --workers"),
        (
            ("--vary", "seed=0,1", "--engine", "ray"),
            "together: found with the engine ray; allowed: with the engine local",
        ),
    ],
)
def test_what_does_not_go_together_is_said(tmp_path: Path, cli: Any, words: tuple[object, ...], part: str) -> None:
    outcome = cli("sweep", QUICKSTART, "--together", 2, *words, "--out", tmp_path / "out")
    assert outcome.status == 2
    assert part in outcome.err
    assert not list(tmp_path.iterdir())


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
