"""Plotting from the page: it asks, waits, tells how far it is, is paused, and goes on where the terminal left off."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from plotters import Plotter, install_module, install_program

from plotart import Run
from plotart.errors import InputError
from plotart.studio.plots import Plots
from plotart.studio.sheet_looks import SheetLooks
from plotart.studio.words import plain

Message = dict[str, Any]


class Page:
    """What a page hears of the plots, and waits for."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self._news = threading.Condition()

    def tell(self, message: Message) -> None:
        with self._news:
            self.heard.append(json.loads(json.dumps(message)))
            self._news.notify_all()

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message of which it is true; what was heard before it is forgotten."""
        with self._news:
            assert self._news.wait_for(lambda: any(map(wanted, self.heard)), 60), self.heard[-1:]
            found = next(index for index, message in enumerate(self.heard) if wanted(message))
            message = self.heard[found]
            del self.heard[: found + 1]
            return message

    def until_state(self, state: str) -> Message:
        return self.until(lambda message: message["state"] == state)


@pytest.fixture
def run(quickstart: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(quickstart.path, tmp_path / "run"))


@pytest.fixture
def plotter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plotter:
    monkeypatch.setenv("PATH", str(tmp_path))
    return install_module(tmp_path / "axidraw", monkeypatch)


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def plots(page: Page, tmp_path: Path) -> Iterator[Plots]:
    found = opened(page, tmp_path)
    yield found
    found.close()


def opened(page: Page, folder: Path) -> Plots:
    return Plots(page.tell, SheetLooks(folder / "looks"))


def state(run: Path) -> list[str]:
    found: dict[str, str] = json.loads((run / "plotting.json").read_text(encoding="utf-8"))["pens"]
    return list(found.values())


def test_every_pen_is_asked_for_and_plotted(run: Path, plots: Plots, page: Page, plotter: Plotter) -> None:
    begun = plots.begin("one", run)
    assert (begun["type"], begun["id"], begun["state"]) == ("plot", "one", "asks")
    count = len(begun["pens"])
    for number in range(1, count + 1):
        asks = page.until_state("asks")
        assert asks["pen"]["number"] == number
        assert asks["answers"] == ["plot", "skip", "stop"]
        assert ("Lay the paper" in asks["instructions"][0]) == (number == 1)
        assert asks["progress"] == pytest.approx(
            sum(pen["seconds"] for pen in asks["pens"][: number - 1]) / sum(pen["seconds"] for pen in asks["pens"]),
            abs=0.01,
        )
        plots.answer("one", "plot")
        plots_now = page.until_state("plots")
        assert plots_now["answers"] == []
        assert plots_now["can_pause"]
        assert plots_now["message"] == f"{plots_now['pen']['name']} is being plotted."
    done = page.until_state("done")
    assert done["progress"] == 1
    assert done["message"].startswith("Plotted: ")
    assert {pen["status"] for pen in done["pens"]} == {"done"} == {*state(run)}
    assert len(plotter.calls) == count
    assert plots.standing("one", run)["state"] == "done"
    with pytest.raises(InputError, match="All of it is plotted"):
        plots.begin("one", run)
    assert plots.begin("one", run, restart=True)["progress"] == 0


def test_the_page_can_be_opened_anew(run: Path, plots: Plots, page: Page, plotter: Plotter) -> None:
    assert plots.standing("one", run)["state"] == "none"
    plots.begin("one", run)
    asks = page.until_state("asks")
    assert {**plots.standing("one", run), "serial": 0} == {**asks, "serial": 0}
    plots.answer("one", "stop")
    stopped = page.until_state("stopped")
    assert "Leave the paper" in stopped["message"]
    assert not plots.is_live("one")
    assert not (run / "plotting.json").exists()


@pytest.mark.parametrize("install", [install_module, install_program], ids=["module", "program"])
def test_it_is_paused_and_goes_on(
    run: Path,
    plots: Plots,
    page: Page,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    install: Callable[..., Plotter],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    plotter = install(tmp_path / "axidraw", monkeypatch)
    plotter.will("wait")
    plots.begin("one", run, pens=["1"])
    page.until_state("asks")
    with pytest.raises(InputError, match="does not move"):
        plots.pause("one")
    plots.answer("one", "plot")
    while not plotter.waits:
        time.sleep(0.02)
    moving = page.until(lambda message: message["state"] == "plots" and message["progress"] > 0)
    assert moving["progress"] < 1
    assert plots.pause("one")["message"].startswith("Pausing")
    paused = page.until_state("paused")
    assert paused["message"] == f"{paused['pen']['name']} was paused."
    assert paused["answers"] == ["plot", "home", "skip", "stop"]
    assert any("From home: " in line for line in paused["instructions"])
    assert 0 < paused["progress"] < 1
    assert state(run) == ["paused"]
    plots.answer("one", "home")
    page.until_state("done")
    assert [call["mode"] for call in plotter.calls] == ["plot", "res_plot"]
    assert 'last_x="0.0"' in plotter.calls[1]["svg"]


def test_the_plotters_own_button(run: Path, plots: Plots, page: Page, plotter: Plotter) -> None:
    plotter.will("button")
    plots.begin("one", run)
    page.until_state("asks")
    plots.answer("one", "plot")
    assert page.until_state("paused")["message"].endswith("was paused by the plotter's button.")
    plots.answer("one", "skip")
    assert page.until_state("asks")["pen"]["number"] == 2
    plots.answer("one", "stop")
    page.until_state("stopped")
    assert state(run) == ["skipped"]


@pytest.mark.parametrize(
    ("word", "said", "left"),
    [("offline", "No plotter was found: see that", "waiting"), ("usb", "The USB connection was lost", "paused")],
)
def test_faults_are_told_in_plain_words(
    run: Path, plots: Plots, page: Page, plotter: Plotter, word: str, said: str, left: str
) -> None:
    plotter.will(word)
    plots.begin("one", run)
    page.until_state("asks")
    plots.answer("one", "plot")
    failed = page.until_state("failed")
    assert failed["message"].startswith(said)
    assert "Leave the paper where it is" in failed["message"]
    assert state(run) == [left]
    plots.begin("one", run)
    assert page.until(lambda message: message["state"] in ("asks", "paused"))["pen"]["status"] == left


def test_one_plot_at_a_time_on_a_machine(run: Path, plots: Plots, page: Page, plotter: Plotter, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / "other"))
    plots.begin("one", run)
    with pytest.raises(InputError, match="axidraw-v3 is plotting one"):
        plots.begin("two", other)
    with pytest.raises(InputError, match="is plotting one"):
        plots.begin("one", run, machine="axidraw-v3-a3")
    plots.begin("two", other, machine="axidraw-v3-a3")
    assert plots.is_live("one")
    assert plots.is_live("two")


def test_answers_that_were_not_asked_for(run: Path, plots: Plots, page: Page, plotter: Plotter) -> None:
    with pytest.raises(InputError, match="Nothing of it is being plotted"):
        plots.answer("one", "plot")
    plots.begin("one", run)
    page.until_state("asks")
    for wrong in ("home", "yes", None, ["plot"]):
        with pytest.raises(InputError, match="allowed are plot, skip, stop"):
            plots.answer("one", wrong)


def test_what_can_not_be_plotted_is_told_before(run: Path, plots: Plots, page: Page, plotter: Plotter) -> None:
    with pytest.raises(InputError, match=r"^nothing that drives nextdraw-8511 is installed") as error:
        plots.begin("one", run, machine="nextdraw-8511")
    assert "--" not in str(error.value)
    with pytest.raises(InputError, match=r"^pens 9: '9' is no pen"):
        plots.begin("one", run, pens=["9"])
    next(run.glob("plot_01_*.svg")).unlink()
    assert "write them again" in plots.standing("one", run)["message"]
    assert page.heard == []


def test_closing_pauses_what_moves(run: Path, page: Page, plotter: Plotter, tmp_path: Path) -> None:
    plotter.will("wait")
    plots = opened(page, tmp_path)
    plots.begin("one", run)
    page.until_state("asks")
    plots.answer("one", "plot")
    while not plotter.waits:
        time.sleep(0.02)
    plots.close()
    assert state(run) == ["paused"]
    assert page.until_state("stopped")["pen"]["status"] == "paused"


def test_the_terminal_goes_on_with_it(run: Path, plots: Plots, page: Page, plotter: Plotter, cli: Cli) -> None:
    plotter.will("button")
    plots.begin("one", run, pens=["1"])
    page.until_state("asks")
    plots.answer("one", "plot")
    page.until_state("paused")
    plots.answer("one", "stop")
    page.until_state("stopped")
    assert cli("plot", run, "--pens", "1", "--yes").status == 0
    assert [call["mode"] for call in plotter.calls] == ["plot", "res_plot"]
    at_rest = opened(page, run).standing("one", run)
    assert at_rest["pens"][0]["status"] == "done"
    assert at_rest["message"].startswith("Plotted: ")


def test_options_of_the_terminal_lose_their_dashes() -> None:
    assert plain("x: --restart --pens 1 plots this") == "x: restart pens 1 plots this"
    assert plain("a --machine: b-c; --dry-run shows the plan without it") == "a machine: b-c"
