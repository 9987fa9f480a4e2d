"""Sweeps on a cluster of Ray's: two nodes on this machine, one of which goes down in the middle."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
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
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: pip install 'plotart[ray]'"),
]

VARY = ["seed=0..4"]
STEPS = 400
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
            nodes.second = nodes.add_node(**NODE)
            ray.init(address=nodes.address, _node_ip_address="127.0.0.1", log_to_driver=False, logging_level="error")
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
    import signal

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
