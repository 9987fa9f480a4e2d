"""HPGL through vpype."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import Cli

from plotart import Run
from plotart.errors import DrawingError, InputError
from plotart.export.drawing import Drawing, Layer
from plotart.export.hpgl import HpglFormat, check_device, hpgl_devices, to_hpgl
from plotart.pens import Pen

#: mm of a step of the HP 7475A.
STEP = 0.02488

#: vpype 1.15 describes it wrongly.
BROKEN = "designmate"


def drawing(width: float, height: float, *, margin: float = 25, layers: int = 2) -> Drawing:
    low, high = np.array([margin, margin]), np.array([width - margin, height - margin])
    lines = [np.array([low, (high[0], low[1]), high])]
    return Drawing(width, height, tuple(Layer(Pen(f"Pen {i}", "#000000", 0.3), lines) for i in range(layers)))


def pen_down_steps(text: str) -> float:
    """The length of what is drawn, of relative coordinates, in the plotter's steps."""
    steps = [np.array(found.split(","), float).reshape(-1, 2) for found in re.findall(r"PD([-\d,]+);", text)]
    return float(sum(np.hypot(*step.T).sum() for step in steps))


@pytest.mark.parametrize(("width", "height"), [(210, 297), (297, 210), (297, 420), (420, 297)])
def test_lines_are_as_long_as_on_the_page_whichever_way_it_lies(width: float, height: float) -> None:
    text = to_hpgl(drawing(width, height), "hp7475a")
    assert pen_down_steps(text) * STEP == pytest.approx(2 * (width + height - 100), rel=1e-3)
    assert text.startswith("IN;DF;")
    assert "SP1;" in text
    assert "SP2;" in text


@pytest.mark.parametrize("device", [device for device in hpgl_devices() if device != BROKEN])
def test_each_plotter_takes_a4_and_repeats_byte_for_byte(device: str) -> None:
    once = to_hpgl(drawing(210, 297), device)
    assert once == to_hpgl(drawing(210, 297), device)
    assert pen_down_steps(once) > 0


def test_what_the_plotter_s_switches_must_be_set_to_is_told() -> None:
    assert "Metric mode" in HpglFormat(type="hpgl", device="hp7475a").note(drawing(210, 297))


def test_a_sheet_that_the_plotter_does_not_take() -> None:
    with pytest.raises(
        DrawingError, match=r"hp7475a takes no sheet of 148 x 210 mm; allowed are a4 \(297 x 210 mm\), a3"
    ):
        to_hpgl(drawing(148, 210), "hp7475a")


def test_a_drawing_that_the_plotter_would_cut_is_refused() -> None:
    with pytest.raises(
        DrawingError, match=r"draws on 274\.7 x 192\.1 mm of a sheet of 297 x 210 mm; give the page a wid"
    ):
        to_hpgl(drawing(297, 210, margin=5), "hp7475a")


def test_more_layers_than_the_plotter_holds_pens() -> None:
    assert to_hpgl(drawing(210, 297, layers=6), "hp7475a").count("SP") == 7
    with pytest.raises(DrawingError, match="7 layers, and hp7475a holds 6 pens"):
        to_hpgl(drawing(210, 297, layers=7), "hp7475a")


def test_a_plotter_that_vpype_does_not_know() -> None:
    with pytest.raises(InputError, match="no HPGL plotter called 'hp1': there are hp7475a, "):
        check_device("hp1", 210, 297)


def test_a_plotter_that_vpype_describes_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    import vpype

    monkeypatch.setitem(vpype.config_manager.config["device"], "mine", {"name": "mine", "paper": []})
    with pytest.raises(InputError, match="description of mine can't be used"):
        check_device("mine", 210, 297)


def test_a_plotter_that_takes_any_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    import vpype

    paper = {"name": "flex", "y_axis_up": True, "origin_location": ["0mm", "0mm"], "paper_orientation": "landscape"}
    any_size = {"name": "mine", "plotter_unit_length": "0.025mm", "pen_count": 2, "paper": [paper]}
    monkeypatch.setitem(vpype.config_manager.config["device"], "mine", any_size)
    assert pen_down_steps(to_hpgl(drawing(148, 210), "mine")) * 0.025 == pytest.approx(2 * 258, rel=1e-3)


def test_a_drawing_without_lines_is_an_empty_file() -> None:
    assert to_hpgl(Drawing(210, 297, ()), "hp7475a") == ""


def test_export_refuses_a_sheet_before_it_writes(quickstart: Run, tmp_path: Path, cli: Cli) -> None:
    done = cli("export", quickstart.path, "--out", tmp_path / "out", "--hpgl", "hp7475a")
    assert done.status == 2
    assert "hp7475a takes no sheet of 148 x 210 mm" in done.err
    assert not (tmp_path / "out").exists()


def test_export_writes_hpgl(quickstart: Run, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    import vpype

    paper = {"name": "a5", "y_axis_up": True, "origin_location": ["0mm", "148mm"], "paper_size": ["210mm", "148mm"]}
    device = {"name": "mine", "plotter_unit_length": "0.025mm", "pen_count": 8, "paper": [paper]}
    monkeypatch.setitem(vpype.config_manager.config["device"], "mine", device)
    run = shutil.copytree(quickstart.path, tmp_path / "run")
    assert cli("export", run, "--hpgl", "mine").status == 0
    drawn = sum(pen["pen_down_mm"] for pen in quickstart.summary["pens"])
    assert pen_down_steps((run / "plot.hpgl").read_text()) * 0.025 == pytest.approx(drawn, rel=0.01)
    assert cli("export", run, "-o", "export.formats=[]").status == 0
    assert not (run / "plot.hpgl").exists()


def test_help_names_the_plotters(cli: Cli) -> None:
    words = "".join(cli("export", "--help").out.replace("│", " ").split())
    assert all(device in words for device in hpgl_devices() if device != BROKEN)
