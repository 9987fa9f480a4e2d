"""The run folder: files are whole or absent, runs go on from their checkpoints, and others' folders are refused."""

from __future__ import annotations

import errno
import importlib
import json
import math
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from conftest import Cli
from needs import UNIX, is_unix, needs
from small_runs import ALL_STAY, CONFIGS, SMALL, run_small, small
from torch import Tensor

from plotart import Config, Run, Step, load_run
from plotart.errors import ConfigError, DrawingError, OutputError, StopRun
from plotart.files.lock import NAME, locked
from plotart.job.events import Event, Note
from plotart.objectives import Excitation, Look
from plotart.runs.checkpoints import KEPT_CHECKPOINTS, newest_checkpoint, save_checkpoint
from plotart.runs.generators import generator_of
from plotart.runs.metrics import Metrics
from plotart.runs.run import RunFolder, is_foreign
from plotart.runs.stop import asked_to_stop

#: Files that are the same to the byte however often a run was interrupted.
LASTING = ("config.yaml", "strokes.safetensors", "plot.svg", "curves.svg", "preview.png", "metrics.csv")


def disk_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def checkpoints(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "checkpoints").iterdir())


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["text: ü\n", b"\x00\xff"])
def test_writes_what_it_is_given(tmp_path: Path, content: str | bytes) -> None:
    written = RunFolder.create(tmp_path / "a" / "b").write("c/d.txt", content)
    assert written == tmp_path / "a" / "b" / "c" / "d.txt"
    assert written.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert list(written.parent.iterdir()) == [written]


@pytest.mark.parametrize("fails", ["os.fsync", "os.replace"])
@pytest.mark.parametrize("before", [None, "old"])
def test_failing_write_leaves_things_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, before: str | None
) -> None:
    folder = RunFolder.create(tmp_path)
    if before is not None:
        folder.write("plot.svg", before)
    monkeypatch.setattr(fails, disk_full)
    with pytest.raises(OutputError, match=r"plot\.svg: can't be written \(No space left on device\)"):
        folder.write("plot.svg", "new")
    left = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert left == ({} if before is None else {"plot.svg": "old"})


@needs(f"{UNIX}, for limits of a file's size", is_unix())
def test_write_that_stops_midway_leaves_things_as_they_were(tmp_path: Path) -> None:
    import resource

    folder = RunFolder.create(tmp_path)
    folder.write("plot.svg", "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(OutputError, match=r"plot\.svg: can't be written \(File too large\)"):
            folder.write("plot.svg", "new" * 30_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"plot.svg": "old"}


def test_interrupted_write_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    folder = RunFolder.create(tmp_path)
    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        folder.write("plot.svg", "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_file_in_the_way_of_the_folder(tmp_path: Path, inside: str) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match=r"taken.*can't be written to .*give another folder with --out"):
        RunFolder.create(tmp_path / "taken" / inside)


@pytest.mark.parametrize(("name", "message"), [("checkpoints", "can't be written"), ("plot.svg", "can't be removed")])
def test_things_in_the_way_of_its_files(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "checkpoints").touch()
    (tmp_path / "plot.svg").mkdir()
    folder = RunFolder.create(tmp_path)
    with pytest.raises(OutputError, match=f"{name}.*: {message}"):
        save_checkpoint(folder, 1, {"x": torch.zeros(1)}, {}) if name == "checkpoints" else folder.clear()


def test_clear_takes_what_a_run_left_and_nothing_else(quickstart: Run, tmp_path: Path) -> None:
    shutil.copytree(quickstart.path, tmp_path, dirs_exist_ok=True)
    for name in ("notes.txt", "plot_of_mine.svg"):
        (tmp_path / name).write_text("mine")
    RunFolder(tmp_path).clear()
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert left == {"notes.txt", "plot_of_mine.svg", "config.yaml", "checkpoints"}


# --- checkpoints -----------------------------------------------------------------------------------------------------


def test_its_files_are_those_that_runs_write_and_no_others(quickstart: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(quickstart.path, tmp_path / "run"))
    before = RunFolder(folder).files()
    assert {"config.yaml", "plot.svg", "curves.svg", "preview.png", "report.html", "summary.json"} <= before.keys()
    assert [name for name in before if name.startswith("plot_01_")]
    assert all(path.is_file() for path in before.values())
    assert not [name for name in before if name.startswith("checkpoints")]
    (folder / "letter.txt").write_text("mine")
    (folder / "curves.svg").unlink()
    (folder / "curves.svg").symlink_to(tmp_path / "elsewhere.svg")
    (tmp_path / "elsewhere.svg").write_text("<svg/>")
    assert before.keys() - RunFolder(folder).files().keys() == {"curves.svg"}
    assert "letter.txt" not in RunFolder(folder).files()


def test_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path)
    assert newest_checkpoint(folder) is None
    for step in (8, 9, 10, 11, 100):
        tensors = {"step": torch.tensor(step), "cut": torch.arange(6).view(2, 3).T}
        save_checkpoint(folder, step, tensors, {"of": str(step)})
    assert KEPT_CHECKPOINTS == 3
    assert checkpoints(tmp_path) == ["00000010.safetensors", "00000011.safetensors", "00000100.safetensors"]
    newest = newest_checkpoint(folder)
    assert newest is not None
    found, metadata = newest
    assert (int(found["step"]), metadata) == (100, {"of": "100"})
    assert torch.equal(found["cut"], tensors["cut"])


@pytest.mark.parametrize("length", [0, 5, 60, -1])
def test_damaged_checkpoints_are_passed_over(tmp_path: Path, length: int) -> None:
    folder = RunFolder.create(tmp_path)
    for step in (1, 2):
        save_checkpoint(folder, step, {"x": torch.full((50,), float(step))}, {})
    path = tmp_path / "checkpoints" / "00000002.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    newest = newest_checkpoint(folder)
    assert newest is not None
    assert newest[0]["x"][0] == 1


# --- interrupted and resumed -----------------------------------------------------------------------------------------


def learned(*overrides: str) -> Config:
    """Three soft steps, three of polish, a checkpoint after each; colours that are learned, and noise."""
    steps = ("optimize.steps=6", "optimize.polish=0.5", "optimize.checkpoint=1", "palette.noise=0.2")
    return small("learned-palette", "seed=11", *steps, *overrides)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run of `learned` that nothing interrupted."""
    return run_small(learned(), tmp_path_factory.mktemp("runs") / "whole")


def assert_same(run: Run, other: Run) -> None:
    for name in LASTING:
        assert (run.path / name).read_bytes() == (other.path / name).read_bytes(), name
    assert {**run.summary, "wall_seconds": 0} == {**other.summary, "wall_seconds": 0}


def interrupt_at(number: int) -> Callable[[Step], None]:
    def on_step(step: Step) -> None:
        if step.number == number:
            os.kill(os.getpid(), signal.SIGINT)

    return on_step


@pytest.mark.parametrize("at", [1, 3, 5], ids=["soft", "the last soft step", "polish"])
def test_interrupted_run_goes_on_as_if_nothing_had_been(whole: Run, tmp_path: Path, at: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_small(learned(), tmp_path, on_step=interrupt_at(at))
    assert checkpoints(tmp_path)[-1] == f"{at:08d}.safetensors"
    assert not (tmp_path / "summary.json").exists()
    with pytest.raises(DrawingError, match="the run is not finished"):
        load_run(tmp_path)
    steps: list[Step] = []
    assert_same(run_small(learned(), tmp_path, existing="resume", on_step=steps.append), whole)
    assert [step.number for step in steps] == list(range(at + 1, 7))


def test_a_callback_stops_a_run_that_goes_on_as_if_nothing_had_been(whole: Run, tmp_path: Path) -> None:
    class Enough(StopRun):
        pass

    def on_step(step: Step) -> None:
        if step.number == 4:
            raise Enough

    with pytest.raises(Enough):
        run_small(learned(), tmp_path, on_step=on_step)
    assert checkpoints(tmp_path)[-1] == "00000004.safetensors"
    assert_same(run_small(learned(), tmp_path, existing="resume"), whole)


def test_interrupted_run_goes_on_where_strokes_began_again(tmp_path: Path) -> None:
    pens = "pens=[{name: A, color: gold, width: 20, ink: opaque}, {name: B, color: white, width: 20, ink: opaque}]"
    steps = ("optimize.steps=8", "optimize.polish=0.25", "optimize.recycle={every: 2, until: 1}", "render.softness=3mm")
    config = small("white-on-black", pens, "strokes={count: 150, length: 5}", *steps)
    unbroken = run_small(config, tmp_path / "unbroken")
    assert [bool(row["recycled"]) for row in unbroken.metrics[:3]] == [False, True, False]
    for at in (2, 3):
        with pytest.raises(KeyboardInterrupt):
            run_small(config, tmp_path / f"{at}", on_step=interrupt_at(at))
        assert_same(run_small(config, tmp_path / f"{at}", existing="resume"), unbroken)
    assert_same(run_small(config, tmp_path / "again"), unbroken)


@pytest.mark.parametrize("damaged", [1, 3])
def test_goes_on_from_the_newest_checkpoint_that_is_whole(whole: Run, tmp_path: Path, damaged: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_small(learned(), tmp_path, on_step=interrupt_at(5))
    for name in checkpoints(tmp_path)[-damaged:]:
        path = tmp_path / "checkpoints" / name
        path.write_bytes(path.read_bytes()[:1000])
    steps: list[Step] = []
    assert_same(run_small(learned(), tmp_path, existing="resume", on_step=steps.append), whole)
    assert steps[0].number == (5 if damaged == 1 else 1)


def test_error_of_the_listener_ends_the_run_with_its_checkpoints(whole: Run, tmp_path: Path) -> None:
    def on_step(step: Step) -> None:
        if step.number == 3:
            raise RuntimeError("the listener's own")

    with pytest.raises(RuntimeError, match="the listener's own"):
        run_small(learned(), tmp_path, on_step=on_step)
    assert checkpoints(tmp_path) == ["00000001.safetensors", "00000002.safetensors"]
    assert_same(run_small(learned(), tmp_path, existing="resume"), whole)


def test_finished_run_is_not_computed_again(whole: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.path.rglob("*")}
    steps: list[Step] = []
    assert_same(run_small(learned(), whole.path, existing="resume", on_step=steps.append), whole)
    assert steps == []
    assert {path: path.stat().st_mtime_ns for path in whole.path.rglob("*")} == before


def test_command_says_that_a_run_is_finished(quickstart: Run, tmp_path: Path, cli: Cli) -> None:
    out = shutil.copytree(quickstart.path, tmp_path / "run")
    told = cli("generate", out / "config.yaml", "--out", out, "--resume")
    assert told.status == 0
    assert f"The run in {out} is finished; nothing was computed. To begin anew give --overwrite" in told.out


def test_run_that_is_there_is_left_alone(quickstart: Run, tmp_path: Path, cli: Cli) -> None:
    out, steps = shutil.copytree(quickstart.path, tmp_path / "run"), list[Step]()
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    for found in ("a finished run", "a run with a checkpoint after 5 steps"):
        refused = cli("generate", out / "config.yaml", "--out", out)
        assert refused.status == 2
        assert f"error: {out}: holds {found}; allowed: --resume to go on with it, --overwrite" in refused.err
        assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
        (out / "summary.json").unlink(missing_ok=True)
        before.pop(out / "summary.json", None)
    again = run_small(small("quickstart", "seed=8"), out, existing="overwrite", on_step=steps.append)
    assert len(steps) == 5
    assert again.summary["seed"] == 8


def test_folder_without_a_checkpoint_is_begun_in(whole: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("of a run that was killed at its first step")
    (tmp_path / "notes.txt").write_text("mine")
    assert_same(run_small(learned(), tmp_path), whole)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--overwrite", "--resume"], "begins anew, which --resume does not"),
        (["--changed-config"], "is for going on; give --resume too"),
    ],
)
def test_words_that_contradict_each_other(cli: Cli, words: list[str], message: str) -> None:
    refused = cli("generate", CONFIGS / "quickstart.yaml", *words)
    assert refused.status == 2
    assert message in " ".join(refused.err.replace("│", "").split())


def test_resuming_what_was_never_begun_begins_it(whole: Run, tmp_path: Path) -> None:
    assert_same(run_small(learned(), tmp_path / "new", existing="resume"), whole)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("optimize.steps=9", "optimize.steps was 6 and is 9;"),
        ("seed=12", "seed was 11 and is 12;"),
        ("palette.colors=2", "palette.colors was 4 and is 2;"),
        ("objective.0.class=star", 'objective.0.class was "fish" and is "star";'),
    ],
)
def test_another_config_is_not_gone_on_with(whole: Run, override: str, message: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.path.rglob("*")}
    with pytest.raises(ConfigError) as caught:
        run_small(learned(override), whole.path, existing="resume")
    assert str(caught.value).startswith(f"{whole.path / 'config.yaml'}: can't go on with another config: {message}")
    assert {path: path.stat().st_mtime_ns for path in whole.path.rglob("*")} == before


def interrupted(out: Path, *, after: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_small(learned(), out, on_step=interrupt_at(after))


def test_changed_config_is_gone_on_with_if_that_is_said(whole: Run, tmp_path: Path) -> None:
    interrupted(tmp_path, after=4)
    coarser = learned("export.simplify=0.5mm", "optimize.rate.points=0.5")
    steps: list[Step] = []
    run = run_small(coarser, tmp_path, existing="resume-changed", on_step=steps.append)
    assert [step.number for step in steps] == [5, 6]
    now = Config.load(tmp_path / "config.yaml")
    assert (now.export, now.optimize.rate) == (coarser.export, coarser.optimize.rate)
    assert run.strokes is not None
    assert whole.strokes is not None
    assert not torch.equal(run.strokes.points, whole.strokes.points)


def test_finished_run_is_exported_anew_with_a_changed_config(whole: Run, tmp_path: Path) -> None:
    out, steps = shutil.copytree(whole.path, tmp_path / "run"), list[Step]()
    marks = learned("export.registration_marks=true")
    run = run_small(marks, out, existing="resume-changed", on_step=steps.append)
    assert steps == []
    assert run.strokes is not None
    assert whole.strokes is not None
    assert torch.equal(run.strokes.points, whole.strokes.points)
    layer = sorted(path.name for path in out.glob("plot_*.svg"))[0]
    assert (out / layer).read_bytes() != (whole.path / layer).read_bytes()


@pytest.mark.parametrize(("polish", "after", "state"), [("0.1", 4, "fixed"), ("0.9", 2, "not yet fixed")])
def test_steps_cannot_change_whether_the_pens_are_fixed(tmp_path: Path, polish: str, after: int, state: str) -> None:
    interrupted(tmp_path, after=after)
    with pytest.raises(ConfigError, match=f"after {after} steps, as the pens were {state} then; allowed are optimize"):
        run_small(learned(f"optimize.polish={polish}"), tmp_path, existing="resume-changed")


@pytest.mark.parametrize("damage", ["cut", "garbage", "one bit", "empty"])
def test_damaged_checkpoint_is_told_and_the_one_before_it_taken(whole: Run, tmp_path: Path, damage: str) -> None:
    interrupted(tmp_path, after=5)
    path = tmp_path / "checkpoints" / "00000005.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    damaged = {"cut": bytes(content[:-9]), "garbage": b"\x08garbage" * 99, "one bit": bytes(content), "empty": b""}
    path.write_bytes(damaged[damage])
    notes, steps = list[Event](), list[Step]()
    again = run_small(learned(), tmp_path, existing="resume", on_event=notes.append, on_step=steps.append)
    assert_same(again, whole)
    said = [event.text for event in notes if isinstance(event, Note)]
    assert said == [f"{path}: this checkpoint is damaged; going back to the one before it"]
    assert [step.number for step in steps] == [5, 6]


def test_leftovers_of_a_kill_are_removed_and_nothing_else(tmp_path: Path) -> None:
    mine = [".notes.tmp", "x.0123.tmp", f".{'a' * 32}"]
    left = [f".plot.svg.{'a' * 32}.tmp", f"checkpoints/.00000002.safetensors.{'0' * 32}.tmp"]
    (tmp_path / "checkpoints").mkdir()
    for name in (*mine, *left):
        (tmp_path / name).touch()
    RunFolder(tmp_path).sweep()
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted([*mine, "checkpoints"])


# --- one process at a time -------------------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from plotart.files.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


@contextmanager
def held_elsewhere(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has the folder, until it is killed."""
    words = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield process
        finally:
            process.kill()


def test_run_that_another_process_holds_is_refused(quickstart: Run, tmp_path: Path, cli: Cli) -> None:
    out = shutil.copytree(quickstart.path, tmp_path / "run")
    with held_elsewhere(out) as process:
        for words in (["--resume"], ["--overwrite"], []):
            refused = cli("generate", out / "config.yaml", "--out", out, *words)
            assert refused.status == 2
            assert f"error: {out}: process {process.pid} on {platform.node()} (since 2" in refused.err
            assert "is at work in this folder; wait for it" in refused.err
        assert (out / "summary.json").is_file()


def test_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as process:
        process.kill()
        process.wait()
        assert (tmp_path / NAME).is_file()
    with locked(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_lock_is_held_within_a_process_too(tmp_path: Path) -> None:
    with locked(tmp_path):
        with pytest.raises(OutputError, match=f"process {os.getpid()} on .* is at work"), locked(tmp_path):
            pass
        assert (tmp_path / NAME).is_file()
    assert list(tmp_path.iterdir()) == []


def test_lock_of_before_the_machine_started_anew_is_taken_over(tmp_path: Path) -> None:
    signed = {"pid": 1, "host": platform.node(), "machine": "an earlier boot", "since": "2020-01-01 00:00:00"}
    (tmp_path / NAME).write_text(json.dumps(signed))
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_lock_file_that_says_nothing_is_taken_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_lock_of_another_machine_is_heeded_until_someone_removes_it(tmp_path: Path) -> None:
    signed = {"pid": 7, "host": "elsewhere", "machine": "x", "since": "2020-01-01 00:00:00"}
    (tmp_path / NAME).write_text(json.dumps(signed))
    with pytest.raises(OutputError, match=rf"process 7 on elsewhere .*; if it no longer runs, remove .*{NAME}"):
        run_small(small("quickstart"), tmp_path)
    assert json.loads((tmp_path / NAME).read_text()) == signed
    (tmp_path / NAME).unlink()
    with locked(tmp_path):
        pass


def test_folder_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), locked(tmp_path):
        raise ValueError("mine")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("heeds_interrupts")
def test_first_interrupt_waits_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    with asked_to_stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_interrupted_command_tells_how_to_go_on(
    whole: Run, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, scale = tmp_path / "a [folder]", "augment.scale=[0.8, 1.2]"
    steps = (
        "seed=11",
        "optimize.steps=6",
        "optimize.polish=0.5",
        "optimize.checkpoint=1",
        "palette.noise=0.2",
        scale,
        "strokes.init=random",
    )
    words = [word for override in (*SMALL, *steps) for word in ("-o", override)]
    with monkeypatch.context() as patch:
        patch.setattr("plotart.cli.progress.StepBar.update", lambda bar, step: interrupt_at(4)(step))
        stopped = cli("generate", CONFIGS / "learned-palette.yaml", *words, "--out", out)
    assert stopped.status == 130
    assert f"a checkpoint is in {out}. Go on with:" in stopped.out
    program, *again = shlex.split(stopped.out.strip().splitlines()[-1])
    assert (program, again[-1]) == ("plotart", "--resume")
    assert cli(*again).status == 0
    assert_same(load_run(out), whole)


def test_command_interrupted_before_its_first_step_has_no_checkpoint(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    # The module, and not the function of the same name.
    monkeypatch.setattr(importlib.import_module("plotart.job.generate"), "build", interrupt)
    stopped = cli("generate", CONFIGS / "quickstart.yaml", "--out", tmp_path / "run")
    assert stopped.status == 130
    assert "no checkpoint yet" in stopped.out
    assert "--resume" not in stopped.out


def test_loss_that_is_not_a_number_stops_the_command(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, whole_look = [0], Excitation.__call__

    def look(self: Excitation, look: Look) -> Tensor:
        looks[0] += look.strokes is not None  # an image alone is being judged
        return whole_look(self, look) * (math.nan if looks[0] == 4 else 1.0)

    monkeypatch.setattr(Excitation, "__call__", look)
    words = [word for override in (*SMALL, ALL_STAY) for word in ("-o", override)]
    stopped = cli("generate", CONFIGS / "quickstart.yaml", *words, "--out", tmp_path)
    assert stopped.status == 1
    assert stopped.err.startswith("stopped: the loss is not a number at step 4 (motif ")
    assert len(stopped.err.splitlines()) == 1
    assert checkpoints(tmp_path) == ["00000002.safetensors"]
    newest = newest_checkpoint(RunFolder(tmp_path))
    assert newest is not None
    assert newest[0]["canvas.points"].isfinite().all()
    assert not (tmp_path / "plot.svg").exists()


# --- read back -------------------------------------------------------------------------------------------------------


def test_finished_run_is_read_back(quickstart: Run) -> None:
    again = load_run(str(quickstart.path))
    assert again.summary == quickstart.summary
    assert again.page == quickstart.page
    assert again.pens is not None
    assert quickstart.pens is not None
    assert list(again.pens) == list(quickstart.pens)
    assert [pen.name for pen in again.pens] == ["Ochre", "Red", "Blue", "Black"]  # light to dark
    assert again.config_text == (quickstart.path / "config.yaml").read_text()
    assert len(again.metrics) == 5


@pytest.fixture
def copy(quickstart: Run, tmp_path: Path) -> Path:
    """A finished run that may be changed."""
    return shutil.copytree(quickstart.path, tmp_path / "run")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("summary.json", b'{"activation": ', "the run can't be read"),
        ("summary.json", b"[]", "the run can't be read"),
        ("summary.json", b"\xff", "the run can't be read"),
        ("summary.json", None, "the run is not finished"),
        ("strokes.safetensors", b"", "the run can't be read"),
        ("strokes.safetensors", b"{}" * 40, "the run can't be read"),
    ],
)
def test_damaged_runs_are_refused(copy: Path, name: str, content: bytes | None, message: str) -> None:
    (copy / name).unlink() if content is None else (copy / name).write_bytes(content)
    with pytest.raises(DrawingError) as caught:
        load_run(copy)
    assert str(caught.value).startswith(f"{copy}: {message}")


@pytest.mark.parametrize(("name", "message"), [("none", "no such run folder"), ("", "not a run folder")])
def test_what_is_no_run_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(DrawingError, match=f"{tmp_path / name}: {message}"):
        load_run(tmp_path / name)


@pytest.mark.parametrize("content", ["step,loss\n1,x\n", "loss\n3\n", "step\n1\n2,3\n", "step,a\0b\nx"])
def test_damaged_metrics_are_refused(copy: Path, content: str) -> None:
    (copy / "metrics.csv").write_text(content)
    with pytest.raises(DrawingError, match=r"metrics\.csv: can't be read"):
        _ = load_run(copy).metrics


def test_missing_config_is_told(copy: Path) -> None:
    (copy / "config.yaml").unlink()
    with pytest.raises(DrawingError, match=r"config\.yaml: can't be read"):
        _ = load_run(copy).config_text


def test_metrics_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows: list[dict[str, float]] = [{"step": 1, "loss": -0.25, "soft": 1e-9}, {"step": 2, "loss": 3.0}, {"step": 3}]
    path = RunFolder(tmp_path).write("metrics.csv", Metrics(rows).text())
    assert path.read_text() == "step,loss,soft\n1,-0.25,1e-09\n2,3,\n3,,\n"
    assert Metrics.read(path, up_to=9).rows == rows
    assert Metrics.read(path, up_to=2).rows == rows[:2]
    assert Metrics.read(tmp_path / "none.csv", up_to=9).rows == []


def test_each_purpose_has_random_numbers_of_its_own() -> None:
    def draw(seed: int, purpose: str) -> float:
        return float(torch.rand((), generator=generator_of(seed, purpose)))

    drawn = {draw(seed, purpose) for seed in (0, 1, 2**63 - 1) for purpose in ("start", "hue", "trats")}
    assert len(drawn) == 9
    assert draw(5, "start") == draw(5, "start")


class TestFilesForOtherMachines:
    def test_that_the_summary_lists_go_with_it(self, tmp_path: Path) -> None:
        folder = RunFolder.create(tmp_path / "run")
        names = ["lines.txt", "../outside.txt", "config.yaml", str(tmp_path / "outside.txt")]
        for path in (folder.path / "lines.txt", folder.path / "mine.txt", tmp_path / "outside.txt"):
            path.write_text("")
        folder.write("config.yaml", "")
        folder.write("summary.json", json.dumps({"formats": {"lines": names}}))
        folder.reopen()
        assert sorted(path.name for path in folder.path.iterdir()) == ["config.yaml", "mine.txt"]
        assert (tmp_path / "outside.txt").is_file()

    @pytest.mark.parametrize("text", ["{}", "[]", "no json", '{"formats": 3}', '{"formats": {"lines": 3}}'])
    def test_a_summary_without_any(self, text: str, tmp_path: Path) -> None:
        folder = RunFolder.create(tmp_path)
        folder.write("summary.json", text)
        folder.reopen()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["a.txt", "plot.gcode", "plot_01_red.gcode", "pens.toml", "Drawing 1.dxf"])
    def test_names_that_they_may_have(self, name: str) -> None:
        assert is_foreign(name)

    @pytest.mark.parametrize(
        "name", ["", ".", "..", ".a", "a/b", "../a", "/a", "a\nb", "summary.json", "Plot.SVG", "plot_01_red.svg", "nul"]
    )
    def test_names_that_they_may_not_have(self, name: str) -> None:
        assert not is_foreign(name)
