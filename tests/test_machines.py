"""The machines that plotart knows, and those that a config describes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import get_args

import pytest
from conftest import Cli

from plotart import Run
from plotart.config import Machine as MachineName
from plotart.plotter.machines import MACHINES

DOCS = Path(__file__).parent.parent / "docs" / "machines.md"


def test_the_config_knows_the_same_machines() -> None:
    assert {*MACHINES, "custom"} == set(get_args(MachineName))


@pytest.mark.parametrize("name", MACHINES)
def test_the_docs_say_what_the_code_says(name: str) -> None:
    machine = MACHINES[name]
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{name}` |")]
    figures = [
        f"{machine.width_mm:g} x {machine.height_mm:g}",
        f"{machine.speed_down:g} / {machine.speed_up:g}",
        f"{machine.acceleration_down:g} / {machine.acceleration_up:g}",
        f"{machine.raise_s:.3f} / {machine.lower_s:.3f}",
    ]
    assert [cell.strip() for row in rows for cell in row.strip("|").split("|")][1:] == figures


def test_figures_of_the_axidraw() -> None:
    machine = MACHINES["axidraw-v3"]
    assert machine.top_speed == pytest.approx(200.8)
    assert machine.at_speed(60).speed_down == pytest.approx(120.5, abs=0.1)
    assert machine.at_speed(60).acceleration_down == 762
    assert machine.at_speed(None) is machine


def test_a_nextdraw_accelerates_harder_to_a_higher_speed() -> None:
    machine = MACHINES["nextdraw-8511"]
    assert machine.acceleration_down == pytest.approx((55.2 * 20000 * 25.4 * 0.75**3) ** 0.5 / 2, rel=0.001)
    assert machine.at_speed(100).acceleration_down == pytest.approx(2 * machine.acceleration_down)


def test_stats_go_by_the_run_s_own_machine(quickstart: Run, tmp_path: Path, cli: Cli) -> None:
    run = shutil.copytree(quickstart.path, tmp_path / "run")
    own = "export.custom={travel: [400mm, 300mm], speed_down: 5}"
    assert cli("export", run, "-o", "export.machine=custom", "-o", own).status == 0
    slow = json.loads(cli("stats", run, "--json").out)
    assert slow["machine"] == "custom"
    assert json.loads((run / "summary.json").read_text())["machine"] == "custom"
    named = json.loads(cli("stats", run, "--json", "--machine", "custom").out)
    usual = json.loads(cli("stats", run, "--json", "--machine", "axidraw-v3").out)
    assert slow["plot_seconds"] == named["plot_seconds"] > 2 * usual["plot_seconds"]
    assert cli("export", run, "-o", "export.machine=axidraw-v3").status == 0
    again = json.loads(cli("stats", run, "--json", "--machine", "custom").out)
    assert (again["machine"], again["plot_seconds"]) == ("custom", named["plot_seconds"])


def test_custom_is_only_for_a_run_that_has_one(quickstart: Run, cli: Cli) -> None:
    done = cli("stats", quickstart.path, "--machine", "custom")
    assert done.status == 2
    assert "has no config with export.custom; allowed are axidraw-v3" in done.err
    done = cli("stats", quickstart.path / "plot.svg", "--machine", "custom")
    assert done.status == 2
    assert "has no config with export.custom" in done.err


def test_help_names_all_machines(cli: Cli) -> None:
    words = "".join(cli("stats", "--help").out.replace("│", " ").split())
    assert all(name in words for name in MACHINES)
