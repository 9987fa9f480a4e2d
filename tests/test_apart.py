"""A driver in a process of its own: what it gives back, what it raises, and that it can be paused from a thread."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from plotters import Plotter, install_module, install_program

from plotart.errors import MissingError, PlotterError
from plotart.plotter.apart import Apart
from plotart.plotter.drivers import Code, Outcome, PlotOptions
from plotart.plotter.find_driver import find_driver
from plotart.plotter.machines import MACHINES

SVG = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
MACHINE = MACHINES["axidraw-v3"]


@pytest.fixture(params=[install_module, install_program], ids=["module", "program"])
def plotter(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plotter:
    monkeypatch.setenv("PATH", str(tmp_path))
    found: Plotter = request.param(tmp_path / "axidraw", monkeypatch)
    return found


def in_a_thread(plotter: Plotter) -> Outcome:
    """What plotting gives back in a thread, in which Ctrl-C is pressed as soon as the software waits for it."""
    apart, found = Apart(find_driver("auto", MACHINE), MACHINE, lambda: plotter.waits), list[Outcome]()
    thread = threading.Thread(target=lambda: found.append(apart.plot(SVG, PlotOptions(1), resume=False)))
    thread.start()
    thread.join()
    return found[0]


def test_it_plots_and_is_what_its_driver_is(plotter: Plotter) -> None:
    driver = find_driver("auto", MACHINE)
    apart = Apart(driver, MACHINE, lambda: False)
    assert (apart.name, apart.software) == (driver.name, "axidraw")
    assert apart.plot(SVG, PlotOptions(1, 30), resume=False).finished
    assert [(call["mode"], call["speed_pendown"]) for call in plotter.calls] == [("plot", 30)]


def test_it_is_paused_from_a_thread(plotter: Plotter) -> None:
    plotter.will("wait")
    outcome = in_a_thread(plotter)
    assert outcome.code == Code.KEYBOARD
    assert outcome.paused is not None
    assert "pause_dist" in outcome.paused


@pytest.mark.parametrize(("word", "code"), [("button", Code.BUTTON), ("offline", Code.NOT_CONNECTED)])
def test_how_it_ended(plotter: Plotter, word: str, code: Code) -> None:
    plotter.will(word)
    assert in_a_thread(plotter).code == code


def test_what_breaks_down_is_told(plotter: Plotter) -> None:
    plotter.will("break")
    with pytest.raises(PlotterError, match=r"broke down|ended by signal"):
        Apart(find_driver("auto", MACHINE), MACHINE, lambda: False).plot(SVG, PlotOptions(1), resume=False)


def test_a_driver_that_is_interrupted_has_come_nobody_knows_how_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_module(tmp_path / "axidraw", monkeypatch).will("interrupt")
    with pytest.raises(PlotterError, match="was interrupted"):
        Apart(find_driver("pyaxidraw", MACHINE), MACHINE, lambda: False).plot(SVG, PlotOptions(1), resume=False)


def test_what_is_no_longer_installed_is_missing(plotter: Plotter, monkeypatch: pytest.MonkeyPatch) -> None:
    apart = Apart(find_driver("auto", MACHINE), MACHINE, lambda: False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.path", [folder for folder in sys.path if "axidraw" not in folder])
    with pytest.raises(MissingError, match="not installed"):
        apart.plot(SVG, PlotOptions(1), resume=False)
