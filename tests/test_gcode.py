"""G-code through vpype-gcode, and what plotart export says of it."""

from __future__ import annotations

import json
import logging
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import vpype
from conftest import Cli

from plotart import Run
from plotart.config import ExportConfig
from plotart.errors import InputError, MissingError
from plotart.export.drawing import Drawing, Layer
from plotart.export.format import check_formats
from plotart.export.gcode import GcodeFormat, gcode_profiles, to_gcode
from plotart.export.read import read_drawing
from plotart.job.export import CHANGEABLE
from plotart.pens import Pen

ANGLE = np.array([(20.0, 30.0), (60.0, 30.0), (60.0, 50.0)])
DRAWING = Drawing(
    210,
    297,
    (
        Layer(Pen("Red 1", "#ff0000", 0.3), [ANGLE, ANGLE + 10]),
        Layer(Pen("Blue", "#0000ff", 0.5), [np.array([(50.0, 50.0), (60.5, 20.25)])]),
    ),
)


def points(code: str, word: str) -> np.ndarray:
    found = re.findall(rf"^{word} X(-?[\d.]+) Y(-?[\d.]+)", code, re.MULTILINE)
    return np.array(found, float)


def test_lines_in_millimetres_from_the_lower_left_corner() -> None:
    code = to_gcode(DRAWING, "gcodemm")["plot.gcode"]
    assert code.startswith("G21\n")
    assert points(code, "G00") == pytest.approx(np.array([(20, 267), (30, 257), (50, 247)]), abs=1e-3)
    assert points(code, "G01")[-1] == pytest.approx([60.5, 297 - 20.25], abs=1e-3)


def test_a_file_for_each_pen_that_holds_its_part_of_the_whole() -> None:
    files = to_gcode(DRAWING, "gcodemm")
    assert list(files) == ["plot.gcode", "plot_01_red-1.gcode", "plot_02_blue.gcode"]
    parts = [points(files[name], "G0[01]") for name in list(files)[1:]]
    assert [len(part) for part in parts] == [6, 2]
    assert (np.concatenate(parts) == points(files["plot.gcode"], "G0[01]")).all()


def test_a_pen_s_own_file_keeps_the_number_of_its_pen() -> None:
    files = to_gcode(DRAWING, "HPGL-R")
    assert "SP1;" in files["plot.gcode"]
    assert "SP2;" in files["plot.gcode"]
    assert "SP2;" in files["plot_02_blue.gcode"]
    assert "SP1;" not in files["plot_02_blue.gcode"]


@pytest.mark.parametrize("profile", gcode_profiles())
def test_each_profile_repeats_byte_for_byte_and_names_no_folder(profile: str) -> None:
    once, again = to_gcode(DRAWING, profile), to_gcode(DRAWING, profile)
    assert once == again
    for text in once.values():
        assert "/tmp" not in text
        assert str(Path.cwd()) not in text
        assert not re.search(r"20\d\d-\d\d", text)


def test_the_process_stays_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.rand()
    random.seed(1)
    np.random.seed(1)
    level = logging.getLogger().level
    note = GcodeFormat(type="gcode", profile="gcodemm").note(DRAWING)
    assert (random.random(), np.random.rand()) == expected
    assert logging.getLogger().level == level
    printed = capfd.readouterr()
    assert printed.out == printed.err == ""
    assert "y-axis" in note


def test_a_person_s_own_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"document_start": "; {filename}\n", "segment": "{x:.2f} {y:.2f}\n", "unit": "mm"}
    monkeypatch.setitem(vpype.config_manager.config["gwrite"], "my own", own)
    monkeypatch.setitem(vpype.config_manager.config["gwrite"], "broken", {"segment": "{colour}"})
    files = to_gcode(DRAWING, "my own")
    assert files["plot_02_blue.gcode"] == "; plot.gcode\n50.00 50.00\n60.50 20.25\n"
    with pytest.raises(InputError, match=r"profile 'broken' can't be used: .*colour"):
        to_gcode(DRAWING, "broken")


def test_a_profile_that_does_not_exist() -> None:
    with pytest.raises(InputError, match="no G-code profile is called 'grbl': there are gcode, gcodemm, "):
        to_gcode(DRAWING, "grbl")


def test_without_the_plugin_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotart.export.gcode.find_spec", lambda name: None)
    with pytest.raises(MissingError, match=re.escape("pip install 'plotart[gcode]'")):
        to_gcode(DRAWING, "gcodemm")


def test_a_drawing_without_lines() -> None:
    assert list(to_gcode(Drawing(210, 297, ()), "gcodemm")) == ["plot.gcode"]


def test_importing_needs_no_plugin_and_is_quick() -> None:
    code = "import sys, plotart.export.gcode, plotart.export.hpgl; print([m for m in sys.modules if 'vpype' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_type_of_files_is_wanted_once() -> None:
    formats = [GcodeFormat(type="gcode", profile=profile) for profile in ("gcodemm", "gcode")]
    check_formats(formats[:1], 210, 297)
    with pytest.raises(InputError, match=r"export\.formats\.1: found gcode twice; allowed: each type once"):
        check_formats(formats, 210, 297)


# --- plotart export --------------------------------------------------------------------------------------------------


@pytest.fixture
def run(quickstart: Run, tmp_path: Path) -> Path:
    return shutil.copytree(quickstart.path, tmp_path / "run")


def test_export_writes_gcode_of_what_plot_svg_holds(run: Path, tmp_path: Path, cli: Cli) -> None:
    done = cli("export", run, "--out", tmp_path / "out", "--gcode", "gcodemm")
    assert done.status == 0
    assert "gcodemm: This gcode profile" in done.out
    drawing = read_drawing(tmp_path / "out" / "plot.svg")
    code = (tmp_path / "out" / "plot.gcode").read_text()
    assert len(points(code, "G00")) == sum(len(layer.lines) for layer in drawing.layers)
    svgs = {path.stem for path in (tmp_path / "out").glob("plot_*.svg")}
    assert {path.stem for path in (tmp_path / "out").glob("plot_*.gcode")} == svgs
    assert len(svgs) == len(drawing.layers)


def test_a_later_export_leaves_no_gcode_of_another_drawing(run: Path, cli: Cli) -> None:
    assert cli("export", run, "--gcode", "gcodemm").status == 0
    assert list(run.glob("*.gcode"))
    assert cli("export", run, "-o", "export.simplify=1mm").status == 0
    files = to_gcode(read_drawing(run / "plot.svg"), "gcodemm")
    assert {path.name: path.read_text() for path in run.glob("*.gcode")} == files
    assert json.loads((run / "summary.json").read_text())["formats"] == {"gcode": list(files)}
    assert cli("export", run, "-o", "export.formats=[]").status == 0
    assert not list(run.glob("*.gcode"))
    assert "formats" not in json.loads((run / "summary.json").read_text())


def test_export_refuses_a_profile_before_it_writes(run: Path, tmp_path: Path, cli: Cli) -> None:
    done = cli("export", run, "--out", tmp_path / "out", "--gcode", "grbl")
    assert done.status == 2
    assert "no G-code profile is called 'grbl'" in done.err
    assert not (tmp_path / "out").exists()


def test_help_names_the_profiles_that_come_with_the_plugin(cli: Cli) -> None:
    words = "".join(cli("export", "--help").out.replace("│", " ").split())
    assert all(profile in words for profile in gcode_profiles())


def test_the_error_for_a_key_names_all_that_can_be_changed(run: Path, cli: Cli) -> None:
    assert set(CHANGEABLE) == set(ExportConfig.model_fields) - {"order", "timelapse"}
    for override in ("seed=3", "export.order=given", "export.timelapse=3", "export", "export.mergee=1"):
        done = cli("export", run, "-o", override)
        assert done.status == 2
        assert f"-o {override}: a finished run can only change export" in done.err
        assert all(key in done.err for key in CHANGEABLE)


def test_export_says_what_it_left_out(run: Path, cli: Cli) -> None:
    done = cli("export", run, "-o", "export.min_length=1m")
    assert done.status == 0
    summary = (run / "summary.json").read_text()
    assert '"dropped"' in summary
    assert re.search(r"\d+ lines? shorter than export.min_length left out", done.out)
    assert cli("export", run).status == 0
    assert '"dropped"' in (run / "summary.json").read_text()  # the run's config has kept min_length
    assert cli("export", run, "-o", "export.min_length=0").status == 0
    assert '"dropped"' not in (run / "summary.json").read_text()


def test_vpype_reads_the_run_s_pens(run: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    import vpype_cli

    assert cli("export", run, "--out", tmp_path / "out", "--vpype-pens").status == 0
    monkeypatch.setattr(vpype.config_manager, "_config", dict(vpype.config_manager.config))
    document = vpype_cli.execute(
        f"read {tmp_path / 'out' / 'plot.svg'} pens plotart", global_opt=f"--config {tmp_path / 'out' / 'pens.toml'}"
    )
    layers = read_drawing(run / "plot.svg").layers
    assert [document.layers[number].property("vp_name") for number in sorted(document.layers)] == [
        layer.name for layer in layers
    ]
    for layer, lines in zip(layers, document.layers.values(), strict=True):
        assert lines.property("vp_color") == vpype.Color(layer.color)
        assert lines.property("vp_pen_width") == pytest.approx(layer.width * 96 / 25.4, rel=1e-4)
