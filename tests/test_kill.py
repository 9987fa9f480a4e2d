"""Runs that are killed: every file is whole or absent, and what goes on ends in the same bytes.

What a kill leaves behind depends on the last file operation before it alone. So the runs here kill themselves (SIGKILL,
to a process of their own) right before the n-th of them, n being random.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from needs import UNIX, is_unix, needs
from PIL import Image
from safetensors import safe_open
from small_runs import run_small, small

from plotart import Config, load_run
from plotart.errors import OutputError
from plotart.files.lock import NAME as LOCK
from plotart.runs.run import RunFolder

pytestmark = needs(f"{UNIX}, for SIGKILL", is_unix())

#: Runs with all that there is to restore: learned colours with noise, pens that close, windows, pixels, pictures.
STEPS = ("optimize.steps=6", "optimize.polish=0.34", "optimize.checkpoint=2")
CONFIGS = {
    "learned": ("learned-palette", *STEPS, "palette.noise=0.2", "export.timelapse=4"),
    "choose": ("choose-pens", *STEPS),
    "windows": ("quickstart", *STEPS, "render.crop=48", "optimize.recycle={every: 1, until: 1}"),
    "pixels": ("pixels", *STEPS, "export.timelapse=3"),
}

#: One that takes some seconds.
LONG = ("quickstart", "optimize.steps=400", "optimize.checkpoint=7", "export.timelapse=20")

#: What of a finished run is not the same to the byte: times, and the pictures of them.
TIMED = {"summary.json", "report.html", "checkpoints"}

FILE_OPERATIONS = ("open", "os.rename", "os.remove", "os.mkdir")

CHILD = f"""
import os, signal, sys

config, out, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
left = last

def count_down(event, args):
    global left
    if event in {FILE_OPERATIONS} and str(args[0]).startswith(out):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count_down)
import plotart.reports.html
plotart.reports.html.metric_charts = lambda metrics: {{}}
from plotart import Config, generate
generate(Config.load(config), out=out, existing="resume")
"""


@dataclass
class Counter:
    """How many file operations there were in a folder."""

    folder: str = ""
    count: int = 0

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.folder and event in FILE_OPERATIONS and str(args[0]).startswith(self.folder):
            self.count += 1


@dataclass(frozen=True)
class Whole:
    """A run that nothing interrupted, and how many file operations it took."""

    config: Config
    path: Path
    operations: int


@dataclass
class Wholes:
    """Those runs, each made once."""

    folder: Path
    counter: Counter
    made: dict[str, Whole] = field(default_factory=dict)

    def get(self, name: str) -> Whole:
        if name not in self.made:
            base, *overrides = LONG if name == "long" else CONFIGS[name]
            config, path = small(base, *overrides), self.folder / name
            self.counter.folder, self.counter.count = str(path), 0
            run_small(config, path)
            self.counter.folder = ""
            self.made[name] = Whole(config, path, self.counter.count)
        return self.made[name]


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory) -> Wholes:
    counter = Counter()
    sys.addaudithook(counter.hear)
    return Wholes(tmp_path_factory.mktemp("wholes"), counter)


def killed(config: Path, out: Path, *, before: int) -> None:
    """A run, begun or gone on with in a process of its own, that is killed before that file operation."""
    child = subprocess.run([sys.executable, "-c", CHILD, config, out, str(before)], capture_output=True, text=True)
    assert child.returncode == -signal.SIGKILL, child.stderr


def assert_whole(folder: Path) -> None:
    """All that is in the folder, but for temporary files, can be read to its end."""
    for path in folder.rglob("*"):
        if path.is_dir() or path.name.startswith("."):
            continue
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                assert all(file.get_tensor(name).numel() >= 0 for name in file.keys())  # noqa: SIM118
        elif path.suffix == ".svg":
            ET.parse(path)
        elif path.suffix in (".png", ".webp"):
            with Image.open(path) as picture:
                picture.load()
        elif path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".yaml":
            Config.load(path)
        else:
            assert path.read_text().endswith(("\n", "</html>")), path


def lasting(folder: Path) -> dict[str, bytes]:
    """All files, hidden ones too, that do not depend on time."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name.split("/")[0] not in TIMED}


def check_kills(whole: Whole, folder: Path, seed: int, kills: int) -> None:
    """The run of a config, killed and gone on with again and again, is that which nothing interrupted."""
    draw, config, out = random.Random(seed), folder / "config.yaml", folder / "run"
    config.write_text(whole.config.dump())
    for _ in range(kills):
        killed(config, out, before=draw.randint(1, whole.operations))
        assert_whole(out)
        again = shutil.copytree(out, folder / "again")
        run_small(whole.config, again, existing="resume")
        assert lasting(again) == lasting(whole.path)
        shutil.rmtree(again)
        shutil.rmtree(out)


@pytest.mark.parametrize(
    "name", ["windows", "pixels", *(pytest.param(name, marks=pytest.mark.slow) for name in ("learned", "choose"))]
)
def test_killed_run_goes_on_as_if_nothing_had_been(wholes: Wholes, tmp_path: Path, name: str) -> None:
    check_kills(wholes.get(name), tmp_path, seed=1, kills=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_run_killed_at_thirty_moments_goes_on_as_if_nothing_had_been(wholes: Wholes, tmp_path: Path, name: str) -> None:
    check_kills(wholes.get(name), tmp_path, seed=2, kills=8)


@pytest.mark.slow
def test_run_that_is_killed_again_and_again_arrives(wholes: Wholes, tmp_path: Path) -> None:
    whole, draw = wholes.get("learned"), random.Random(3)
    config, out = tmp_path / "config.yaml", tmp_path / "run"
    config.write_text(whole.config.dump())
    for _ in range(5):
        killed(config, out, before=draw.randint(1, 16))
        assert_whole(out)
    run_small(whole.config, out, existing="resume")
    assert lasting(out) == lasting(whole.path)


@pytest.mark.slow
def test_run_killed_thirty_times_by_the_clock_arrives(wholes: Wholes, tmp_path: Path) -> None:
    """From outside, at any time within the five seconds after a run has taken its folder."""
    whole, draw = wholes.get("long"), random.Random(4)
    config, out = tmp_path / "config.yaml", tmp_path / "run"
    config.write_text(whole.config.dump())
    saved = []
    for _ in range(30):
        (out / LOCK).unlink(missing_ok=True)
        child = subprocess.Popen([sys.executable, "-c", CHILD, config, out, "-1"], stderr=subprocess.PIPE)
        while not (out / LOCK).exists() and child.poll() is None:
            time.sleep(0.01)
        time.sleep(draw.uniform(0.0, 5.0))
        child.kill()
        _, said = child.communicate()
        assert child.returncode in (0, -signal.SIGKILL), said
        assert_whole(out)
        saved.append(RunFolder(out).steps_saved)
        if child.returncode == 0:
            assert lasting(out) == lasting(whole.path)
            shutil.rmtree(out)
    run_small(whole.config, out, existing="resume")
    assert lasting(out) == lasting(whole.path)
    assert len(set(saved)) > 5


# --- a full disk, a folder that can't be written ---------------------------------------------------------------------


def check_full_disk(whole: Whole, out: Path, monkeypatch: pytest.MonkeyPatch, *, at: int) -> bool:
    """A run whose `at`-th fsync fails as on a full disk, and its end once there is room; whether it came to that."""
    left, fsync = at, os.fsync

    def full(descriptor: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        try:
            run_small(whole.config, out)
        except OutputError as error:
            assert "No space left on device" in str(error)  # noqa: PT017
        else:
            return False
    assert_whole(out)
    assert not list(out.rglob(".*"))
    run_small(whole.config, out, existing="resume")
    assert lasting(out) == lasting(whole.path)
    return True


@pytest.mark.parametrize("at", [2, 9, 20])
def test_full_disk_ends_a_run_that_can_go_on(
    wholes: Wholes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    assert check_full_disk(wholes.get("learned"), tmp_path / "run", monkeypatch, at=at)


@pytest.mark.slow
def test_disk_may_be_full_at_any_moment(wholes: Wholes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, at = wholes.get("pixels"), 1
    while check_full_disk(whole, tmp_path / f"{at}", monkeypatch, at=at):
        at += 1
    assert at > 30


@pytest.mark.parametrize("existing", ["refuse", "resume"])
def test_read_only_folder_is_told_before_anything_is_computed(
    wholes: Wholes, monkeypatch: pytest.MonkeyPatch, existing: str
) -> None:
    whole, opened, steps = wholes.get("learned"), os.open, list[int]()

    def read_only(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT and str(path).startswith(str(whole.path)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(path, flags, *rest, **named)

    monkeypatch.setattr("os.open", read_only)
    with pytest.raises(OutputError, match=r"can't be written to \(Read-only file system\); give another folder"):
        run_small(whole.config, whole.path, existing=existing, on_step=lambda step: steps.append(step.number))
    assert steps == []
    assert load_run(whole.path).summary["steps"] == 6
