"""The sheet looked at between two pens in the page: what is left is plotted corrected, and the run's own plot hears."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from plotters import Plotter, install_module
from scans import photographed, save
from test_align_sheet import LAID, MOVED, on_paper
from test_studio_plots import Page, opened

from plotart import Run
from plotart.errors import InputError
from plotart.export.read import read_drawing
from plotart.job.plotting import open_plotting
from plotart.plotter.session import Status
from plotart.runs.run import load_run
from plotart.studio.corrected import taken
from plotart.studio.plots import Plots

#: Pens that are on the sheet; it moved before the last of them.
DONE = 2


@pytest.fixture
def run(quickstart: Run, tmp_path: Path) -> Path:
    """A run of which some pens are plotted."""
    run = Path(shutil.copytree(quickstart.path, tmp_path / "run"))
    plotting = open_plotting(run)
    for pen in plotting.plan.pens[:DONE]:
        plotting.session.mark(pen, Status.done)
    return run


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def plots(page: Page, run: Path, tmp_path: Path) -> Plots:
    """Its photograph lies where the page puts it."""
    plots = opened(page, tmp_path)
    photo = plots.looks.photograph("one")
    photo.parent.mkdir(parents=True)
    light = photographed(on_paper(load_run(run), [LAID, MOVED][:DONE]), degrees=3)
    save(light, tmp_path / "photo.png").rename(photo)
    return plots


def test_what_is_left_meets_what_is_drawn(
    run: Path, page: Page, plots: Plots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plotart.job.sheet.FINE", 3.5)
    monkeypatch.setenv("PATH", str(tmp_path))
    plotter: Plotter = install_module(tmp_path / "axidraw", monkeypatch)
    plots.begin("one", run)
    page.until_state("asks")
    found = plots.look("one", run, "auto")
    assert found["cause"] == "sheet-moved"
    assert [layer["number"] for layer in found["layers"]] == [1, 2]
    assert plots.looks.picture("one").stat().st_size > 1000
    told = plots.correct("one", run)
    assert told["corrected"]
    asks = page.until(lambda message: message["state"] == "asks" and message["corrected"])
    assert [pen["number"] for pen in asks["pens"]] == list(range(1, len(asks["pens"]) + 1))
    assert [pen["status"] for pen in asks["pens"]][: DONE + 1] == ["done"] * DONE + ["waiting"]
    assert asks["pen"]["number"] == DONE + 1
    assert not any("Lay the paper" in line for line in asks["instructions"])
    while asks["state"] != "done":
        plots.answer("one", "plot")
        asks = page.until(lambda message: message["state"] in ("asks", "done"))
    (svg,) = [tmp_path / "first.svg"]
    svg.write_text(plotter.calls[0]["svg"], encoding="utf-8")
    meant = read_drawing(run / "plot.svg").layers[DONE].lines
    for line, own in zip(read_drawing(svg).layers[0].lines, meant, strict=True):
        np.testing.assert_allclose(MOVED(line), LAID(own), atol=0.3)
    statuses = json.loads((run / "plotting.json").read_text(encoding="utf-8"))["pens"].values()
    assert set(statuses) == {"done"}, "the run's own plot knows that all of it is on the paper"
    assert taken(run) is not None
    plots.begin("one", run, restart=True)
    assert taken(run) is None, "new paper lies as it should"
    plots.close()


def test_a_sheet_without_ink_or_photograph_is_not_looked_at(quickstart: Run, page: Page, tmp_path: Path) -> None:
    plots, run = opened(page, tmp_path), Path(shutil.copytree(quickstart.path, tmp_path / "run"))
    with pytest.raises(InputError, match="No pen is done yet"):
        plots.look("one", run, "auto")
    plotting = open_plotting(run)
    plotting.session.mark(plotting.plan.pens[0], Status.done)
    with pytest.raises(InputError, match="First give a photograph"):
        plots.look("one", run, "auto")
    with pytest.raises(InputError, match="as it is now"):
        plots.correct("one", run)
