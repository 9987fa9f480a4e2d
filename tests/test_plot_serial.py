"""plotart plot on emulated Grbl boards and old pen plotters, from the command to the paper."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import vpype
from conftest import Cli
from emulators.grbl import Fault, Grbl
from emulators.hpgl import UNIT, Hpgl
from emulators.ink import Line, length, psnr

from plotart.export.gcode_habits import gcode_habits
from plotart.export.hpgl_frame import device_frame
from plotart.export.read import read_drawing

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
    '<g inkscape:groupmode="layer" inkscape:label="1 Red" stroke="#ff0000" fill="none">'
    '<path d="M40 40 H90 V80 Z"/><circle cx="70" cy="50" r="25"/></g>'
    '<g inkscape:groupmode="layer" inkscape:label="2+s40 Blue" stroke="#0000ff" fill="none">'
    '<path d="M40 90 C60 60 80 120 100 90 S130 60 130 100"/></g></svg>'
)

PROFILE = """
[gwrite.servo_at_work]
unit = "mm"
document_start = "G21\\nG90\\nM3 S0\\n"
segment_first = "G0 X{x:.4f} Y{y:.4f}\\nM3 S700\\nG4 P0.2\\n"
segment = "G1 X{x:.4f} Y{y:.4f} F2000\\n"
line_end = "M3 S100\\nG4 P0.15\\n"
document_end = "M5\\nG0 X0 Y0\\n"
vertical_flip = true
"""

Answers = Callable[[str], None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    def type_in(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    type_in("")
    return type_in


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "drawing.svg"
    path.write_text(SVG.format(width=200, height=150), encoding="utf-8")
    return path


@pytest.fixture
def profile(tmp_path: Path) -> str:
    path = tmp_path / "vpype.toml"
    path.write_text(PROFILE, encoding="utf-8")
    vpype.config_manager.load_config_file(str(path))
    return "servo_at_work"


def lines(path: Path) -> list[list[Line]]:
    """Of each layer."""
    return [layer.lines for layer in read_drawing(path, as_pens=True).layers]


def on_page(emulator: Grbl) -> list[Line]:
    return [line * (1, -1) for line in emulator.drawn]


def grbl(drawing: Path, emulator: Grbl, *more: object) -> tuple[object, ...]:
    return ("plot", drawing, "--driver", "grbl", "--port", emulator.name, *more)


def state(drawing: Path) -> list[str]:
    found: dict[str, str] = json.loads(drawing.with_name("drawing.plotting.json").read_text())["pens"]
    return list(found.values())


class TestGrbl:
    def test_pen_after_pen(self, drawing: Path, cli: Cli, answers: Answers) -> None:
        answers("\n\n")
        with Grbl() as emulator:
            outcome = cli(*grbl(drawing, emulator))
            assert outcome.status == 0, outcome.err
            assert "Through grbl." in outcome.out
            drawn = on_page(emulator)
            assert psnr(drawn, [line for layer in lines(drawing) for line in layer], (200, 150)) >= 45
            assert not emulator.overflowed
            # 40 % of four times 50.2 mm/s, as the layer's name has it.
            assert any("F4819" in line for line in emulator.lines_taken)
        assert state(drawing) == ["done", "done"]

    def test_a_profile_of_the_export_lowers_and_raises_the_pen(
        self, drawing: Path, cli: Cli, answers: Answers, profile: str
    ) -> None:
        assert gcode_habits(profile).lower == ("M3 S700", "G4 P0.2")
        answers("\n")
        with Grbl(down_speed=600) as emulator:
            outcome = cli(*grbl(drawing, emulator, "--profile", profile, "--pens", 1))
            assert outcome.status == 0, outcome.err
            assert psnr(on_page(emulator), lines(drawing)[0], (200, 150)) >= 45
            assert {"M3 S700", "G4 P0.2", "M3 S100", "G4 P0.15"} <= set(emulator.lines_taken)

    def test_a_profile_without_a_pen_is_refused_before_anything_moves(
        self, drawing: Path, cli: Cli, answers: Answers
    ) -> None:
        answers("\n")
        with Grbl() as emulator:
            outcome = cli(*grbl(drawing, emulator, "--profile", "gcodemm"))
            assert outcome.status == 2
            assert "never lowers or raises the pen" in outcome.err
            assert emulator.busy == 0

    def test_an_alarm_is_explained_and_the_same_command_goes_on(
        self, drawing: Path, cli: Cli, answers: Answers
    ) -> None:
        answers("\n")
        with Grbl(faults=(Fault("alarm", 160.0, 1),)) as emulator:
            outcome = cli(*grbl(drawing, emulator, "--pens", 1))
            assert outcome.status == 1
            assert "alarm 1: a limit switch was hit" in outcome.err
            assert "put it home again" in outcome.err
            before = on_page(emulator)
        assert state(drawing) == ["paused"]
        answers("h\n")
        with Grbl() as emulator:
            outcome = cli(*grbl(drawing, emulator, "--pens", 1))
            assert outcome.status == 0, outcome.err
            after = on_page(emulator)
        meant = lines(drawing)[0]
        assert psnr([*before, *after], meant, (200, 150)) >= 45
        assert length(before) + length(after) <= length(meant) + max(length([line]) for line in meant) + 0.1

    def test_soft_limits_are_told_before_anything_moves(self, drawing: Path, cli: Cli, answers: Answers) -> None:
        answers("\n")
        with Grbl(settings={20: 1, 22: 1}) as emulator:
            outcome = cli(*grbl(drawing, emulator, "--pens", 1))
            assert outcome.status == 1
            assert "soft limits allow 300 x 218 mm ($130, $131)" in outcome.err
            assert emulator.drawn == []

    def test_of_several_ports_one_is_to_be_chosen(
        self, drawing: Path, cli: Cli, answers: Answers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from plotart.plotter.boards.port import FoundPort

        found = [FoundPort("/dev/a", "", (1, 2)), FoundPort("/dev/b", "", (1, 3)), FoundPort("/dev/c", "")]
        monkeypatch.setattr("plotart.plotter.boards.known.find_ports", lambda usb=None: [] if usb else found)
        answers("\n")
        outcome = cli("plot", drawing, "--driver", "grbl", "--pens", 1)
        assert outcome.status == 1
        assert "serial ports are /dev/a, /dev/b: choose one with --port" in outcome.err

    def test_a_handshake_is_refused(self, drawing: Path, cli: Cli, answers: Answers) -> None:
        answers("\n")
        outcome = cli("plot", drawing, "--driver", "grbl", "--port", "/dev/null,xonxoff", "--pens", 1)
        assert outcome.status == 2
        assert "a board with Grbl has no handshake" in outcome.err

    @pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL])
    def test_a_process_that_is_stopped_or_killed(self, drawing: Path, cli: Cli, answers: Answers, blow: int) -> None:
        meant = lines(drawing)[0]
        with Grbl(pace=3) as emulator:
            command = grbl(drawing, emulator, "--pens", 1, "--yes")
            process = subprocess.Popen(
                [sys.executable, "-c", "from plotart.cli import main; main()", *map(str, command)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "COLUMNS": "200"},
            )
            deadline = time.monotonic() + 60
            while emulator.drawn_mm < 190 and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(blow)
            out, err = process.communicate()
            assert process.returncode == (130 if blow == signal.SIGINT else -blow), (out, err)
            deadline = time.monotonic() + 30
            while not emulator.stands and time.monotonic() < deadline:
                time.sleep(0.01)
            before = on_page(emulator)
            if blow == signal.SIGINT:
                assert not emulator.pen_is_down
            stood = np.array(emulator.position[:2]) * (1, -1)
        if blow == signal.SIGINT:
            # The board was without power meanwhile, and the carriage stands where it stopped.
            answers("\n")
        else:
            # Nobody knows where it stands, though Enter says that it was not moved: it is put home.
            answers("\nh\n")
            stood = np.zeros(2)
        with Grbl() as emulator:
            outcome = cli(*grbl(drawing, emulator, "--pens", 1))
            assert outcome.status == 0, outcome.err
            after = [line + stood for line in on_page(emulator)]
        assert psnr([*before, *after], meant, (200, 150)) >= 45
        twice = length(before) + length(after) - length(meant)
        assert twice <= (1.0 if blow == signal.SIGINT else max(length([line]) for line in meant) + 0.1)

    def test_doctor_explains_the_settings_and_moves_nothing(self, cli: Cli) -> None:
        with Grbl(settings={11: 0.02}) as emulator:
            outcome = cli("doctor", "--port", emulator.name)
            assert outcome.status == 0, outcome.err
            assert outcome.out.startswith("Grbl 1.1h\n")
            assert "$11=0.02 (junction deviation, mm: the lower, the slower are corners)\n" in outcome.out
            assert emulator.busy == 0


class TestHpgl:
    @pytest.fixture
    def drawing(self, tmp_path: Path) -> Path:
        path = tmp_path / "drawing.svg"
        path.write_text(SVG.format(width=297, height=210), encoding="utf-8")
        return path

    def test_one_plot_changes_its_own_pens(self, drawing: Path, cli: Cli, answers: Answers) -> None:
        answers("\n")
        with Hpgl() as emulator:
            outcome = cli("plot", drawing, "--driver", "hpgl", "--port", emulator.name)
            assert outcome.status == 0, outcome.err
            assert "Put these pens into their stalls, from which the plotter takes them: 1 Red, 2 Blue." in outcome.out
            deadline = time.monotonic() + 5
            while emulator.pen and time.monotonic() < deadline:
                time.sleep(0.01)
            assert emulator.taken == [1, 2]
            assert emulator.pen == 0
            frame = device_frame("hp7475a", 297, 210)
            for pen, meant in enumerate(lines(drawing), start=1):
                drawn = [frame.page(line / UNIT) for line in emulator.drawn[pen]]
                assert psnr(drawn, meant, (297, 210)) >= 45
            assert not emulator.overflowed
        assert state(drawing) == ["done", "done"]

    def test_all_pens_without_a_question_where_they_are_in_their_stalls(self, drawing: Path, cli: Cli) -> None:
        with Hpgl() as emulator:
            outcome = cli("plot", drawing, "--driver", "hpgl", "--port", f"{emulator.name},9600,xonxoff", "--yes")
            assert outcome.status == 0, outcome.err
            assert emulator.said_xoff > 0
            assert not emulator.overflowed

    def test_more_pens_than_stalls_are_asked_for_in_turns(self, tmp_path: Path, cli: Cli, answers: Answers) -> None:
        path = tmp_path / "drawing.svg"
        layers = "".join(
            f'<g inkscape:groupmode="layer" inkscape:label="{n} Pen {n}" stroke="#0000{n}0" fill="none">'
            f'<path d="M40 {30 + 10 * n} H90"/></g>'
            for n in range(1, 9)
        )
        path.write_text(SVG.format(width=297, height=210).partition("<g")[0] + layers + "</svg>", encoding="utf-8")
        answers("\n\n")
        with Hpgl() as emulator:
            words = ("--driver", "hpgl", "--port", emulator.name, "--profile", "hp7475a")
            outcome = cli("plot", path, *words)
            assert outcome.status == 0, outcome.err
            assert "1 Pen 7, 2 Pen 8." in outcome.out
            assert emulator.taken == [1, 2, 3, 4, 5, 6, 1, 2]
            assert [round(float(np.ptp(line[:, 0]))) for line in emulator.drawn[1]] == [50, 50]
        assert cli("plot", path, *words, "--restart", "--yes").status == 2

    def test_a_sheet_that_it_does_not_take_is_told(self, tmp_path: Path, cli: Cli, answers: Answers) -> None:
        path = tmp_path / "drawing.svg"
        path.write_text(SVG.format(width=200, height=150), encoding="utf-8")
        answers("\n")
        with Hpgl() as emulator:
            outcome = cli("plot", path, "--driver", "hpgl", "--port", emulator.name)
            assert outcome.status == 1
            assert "hp7475a takes no sheet of 200 x 150 mm" in outcome.err
            assert emulator.drawn == {}

    def test_an_unknown_plotter_is_refused(self, drawing: Path, cli: Cli, answers: Answers) -> None:
        answers("\n")
        outcome = cli("plot", drawing, "--driver", "hpgl", "--port", "/dev/null", "--profile", "hp1")
        assert outcome.status == 2
        assert "hp1" in outcome.err
