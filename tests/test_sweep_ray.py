"""Sweeps on real clusters of Ray's on this machine, of which a node goes down in the middle, or the head."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from needs import needs_package
from small_runs import CONFIGS, SMALL

from plotart import load_run
from plotart.sweep.grid import grid
from plotart.sweep.loop import Began
from plotart.sweep.record import Record
from plotart.sweep.run import sweep
from plotart.sweep.vary import parse_axes
from plotart.sweep.work import CellProgress, Finished

pytestmark = [
    pytest.mark.slow,
    needs_package("ray", install="plotart[ray]"),
]

VARY = ["seed=0..4"]
STEPS = 200
LONG = (*SMALL, f"optimize.steps={STEPS}", "optimize.checkpoint=20")

NODE = {
    "num_cpus": 1,
    "object_store_memory": 80 * 1024 * 1024,
    "node_ip_address": "127.0.0.1",
}


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two nodes of one CPU each, that talk over the loopback alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Where Ray takes clusters to be impossible it keeps to 127.0.0.1; it reads this when it is imported.
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        import ray
        from ray.cluster_utils import Cluster

        nodes = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        try:
            # Before there is a second one: this process then belongs to the first, whatever the version of Ray.
            ray.init(address=nodes.address, _node_ip_address="127.0.0.1", log_to_driver=False, logging_level="error")
            nodes.second = nodes.add_node(**NODE)
            yield nodes
        finally:
            ray.shutdown()
            nodes.shutdown()


def test_nothing_is_lost_when_a_node_goes_down(cluster: Any, tmp_path: Path) -> None:
    cells = grid(CONFIGS / "quickstart.yaml", parse_axes(VARY), LONG)
    heard: list[Any] = []
    under_way: set[str] = set()

    def hear(event: Any, record: Record) -> None:
        if event is not None:
            heard.append(event)
        if isinstance(event, CellProgress) and event.step >= 20:
            under_way.add(event.cell)
        if len(under_way) >= 2 and cluster.second is not None:
            node, cluster.second = cluster.second, None
            cluster.remove_node(node, allow_graceful=False)

    record = sweep(cells, parse_axes(VARY), out=tmp_path, engine="ray", on_event=hear)
    assert cluster.second is None
    assert record.named("done") == [cell.name for cell in cells], record.entries
    finished = [event.cell for event in heard if isinstance(event, Finished)]
    assert sorted(finished) == [cell.name for cell in cells]
    begun = [event.cell for event in heard if isinstance(event, Began)]
    assert len(begun) == len(cells) + 1
    for cell in cells:
        run = load_run(tmp_path / cell.name)
        assert [row["step"] for row in run.metrics] == list(range(1, STEPS + 1))


def test_a_stop_leaves_checkpoints_to_go_on_from(cluster: Any, tmp_path: Path) -> None:
    axes = parse_axes(["seed=0..1"])
    cells = grid(CONFIGS / "quickstart.yaml", axes, LONG)
    asked: list[str] = []

    def hear(event: Any, record: Record) -> None:
        if isinstance(event, CellProgress) and event.step >= 20 and not asked:
            asked.append(event.cell)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        sweep(cells, axes, out=tmp_path, engine="ray", on_event=hear)
    saved = [path for cell in cells for path in (tmp_path / cell.name / "checkpoints").glob("*.safetensors")]
    assert any(int(path.stem) % 20 for path in saved)
    record = sweep(cells, axes, out=tmp_path, engine="ray")
    assert record.count("done") == 2


# --- a head that is lost ---------------------------------------------------------------------------------------------


@dataclass
class OwnHead:
    """A head that `ray start` began, of one CPU, and the processes that belong to it."""

    port: int
    folder: Path

    def start(self) -> None:
        words = ["start", "--head", "--node-ip-address=127.0.0.1", f"--port={self.port}", "--num-cpus=1"]
        words += ["--include-dashboard=false", f"--temp-dir={self.folder}", "--object-store-memory=80000000"]
        subprocess.run([Path(sys.executable).with_name("ray"), *words], check=True, capture_output=True, timeout=300)

    def kill(self) -> None:
        """All at once and without a word, as a machine that loses its power."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if f"{self.folder}/".encode() in path.read_bytes():
                    os.kill(int(path.parent.name), signal.SIGKILL)


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[OwnHead]]:
    """Two on one port, of which one is to take the other's place."""
    if not Path("/proc/self/cmdline").is_file():
        pytest.skip("needs /proc: finds the processes of a head by their command lines")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{port}")
    # Ray's sockets lie in it, and their names can't be long.
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as folder:
        both = [OwnHead(port, Path(folder, name)) for name in ("a", "b")]
        try:
            yield both
        finally:
            for head in both:
                head.kill()


def test_a_sweep_goes_on_after_its_head_was_lost(heads: list[OwnHead], tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-W", "ignore", "-c", "from plotart.cli import main; main()", "sweep"]
    words += [str(CONFIGS / "quickstart.yaml"), *(word for override in LONG for word in ("-o", override))]
    words += ["--vary", "seed=0..2", "--engine", "ray", "--out", str(out)]
    heads[0].start()
    begun = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 600
    while not list((out / "seed-1" / "checkpoints").glob("*.safetensors")):
        assert begun.poll() is None, begun.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    heads[0].kill()
    said, complaint = begun.communicate(timeout=300)
    assert begun.returncode == 1
    assert "seed-0: done" in said
    assert "Go on with:\n  plotart sweep" in said
    assert "is gone" in complaint
    assert "Traceback" not in said + complaint
    assert len(complaint.splitlines()) < 10, complaint
    finished = (out / "seed-0" / "summary.json").stat().st_mtime_ns
    last = max(int(path.stem) for path in (out / "seed-1" / "checkpoints").glob("*.safetensors"))
    assert 0 < last < STEPS
    assert not (out / "seed-1" / "summary.json").exists()

    heads[1].start()
    heard: list[Any] = []
    axes = parse_axes(["seed=0..2"])
    cells = grid(CONFIGS / "quickstart.yaml", axes, LONG)
    record = sweep(cells, axes, out=out, engine="ray", on_event=lambda event, record: heard.append(event))
    assert record.count("done") == 3
    assert (out / "seed-0" / "summary.json").stat().st_mtime_ns == finished
    assert [event.cell for event in heard if isinstance(event, Began)] == ["seed-1", "seed-2"]
    steps = [event.step for event in heard if isinstance(event, CellProgress) and event.cell == "seed-1"]
    assert min(filter(None, steps)) > last
    for cell in cells:
        assert [row["step"] for row in load_run(out / cell.name).metrics] == list(range(1, STEPS + 1))
