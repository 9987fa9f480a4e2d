"""plotart plot: pen by pen, asked for before each, and on from where it stopped."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Cli, Outcome
from plotters import Plotter, install_module, install_program

from plotart import Run

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'width="100mm" height="50mm" viewBox="0 0 100 50">'
    '<g inkscape:groupmode="layer" inkscape:label="!1+s30 Red" stroke="#ff0000" fill="none"><path d="M10 10 H90"/></g>'
    '<g inkscape:groupmode="layer" inkscape:label="!2 Blue, old" stroke="#0000ff" fill="none"><path d="M10 20 H60"/>'
    "</g></svg>"
)


@pytest.fixture
def run(quickstart: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(quickstart.path, tmp_path / "run"))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No program and no module of a plotter can be found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("pyaxidraw", "nextdraw"):
        assert name not in sys.modules


@pytest.fixture
def plotter(bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plotter:
    return install_module(tmp_path / "axidraw", monkeypatch)


Answers = Callable[[str], None]
Install = Callable[..., Plotter]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Called with the lines that a person types from now on; without a call, none."""

    def type_in(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    type_in("")
    return type_in


def files(run: Path) -> list[Path]:
    return sorted(run.glob("plot_[0-9][0-9]_*.svg"))


def state(run: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((run / "plotting.json").read_text(encoding="utf-8"))["pens"]
    return found


def assert_refused(outcome: Outcome, *parts: str) -> None:
    assert outcome.status == 2, outcome
    assert len(outcome.err.splitlines()) == 1
    for part in parts:
        assert part in outcome.err


class TestDryRun:
    def test_it_shows_the_plan_without_software_or_a_trace(self, run: Path, cli: Cli, bare: None) -> None:
        before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
        outcome = cli("plot", run, "--dry-run", "--speed-down", 20)
        assert outcome.status == 0, outcome.err
        for path in files(run):
            assert path.name in outcome.out
        assert "mode plot, model 1, reordering 4, speed_pendown 20" in outcome.out
        assert "148 x 210 mm on axidraw-v3" in outcome.out
        assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before

    def test_slower_takes_longer(self, run: Path, cli: Cli) -> None:
        def seconds(*words: object) -> int:
            (minutes,) = re.findall(r"all .* (\d+:\d\d) min", cli("plot", run, "--dry-run", *words).out)
            whole, rest = minutes.split(":")
            return 60 * int(whole) + int(rest)

        assert seconds("--speed-down", 5) > seconds()

    def test_pens_by_number_by_name_and_from_one_on(self, run: Path, cli: Cli) -> None:
        names = [path.name for path in files(run)]
        pen = names[1].removeprefix("plot_02_").removesuffix(".svg")

        def shown(*words: object) -> list[str]:
            return [name for name in names if name in cli("plot", run, "--dry-run", *words).out]

        assert shown("--pens", "1,2") == names[:2]
        assert shown("--pens", pen.upper()) == [names[1]]
        assert shown("--from", 2) == names[1:]
        assert shown("--from", 2, "--pens", f"1,{pen}") == [names[1]]


class TestRefused:
    def test_a_missing_driver_says_where_to_get_it(self, run: Path, cli: Cli, bare: None) -> None:
        assert_refused(
            cli("plot", run),
            "nothing that drives axidraw-v3",
            "pip install https://cdn.evilmadscientist.com/dl/ad/public/AxiDraw_API.zip",
            "https://bantam.tools/nd_py",
            "--dry-run",
        )
        assert_refused(cli("plot", run, "--driver", "axicli"), "--driver axicli: not installed", "AxiDraw_API.zip")
        assert not (run / "plotting.json").exists()

    def test_axidraws_software_does_not_drive_a_nextdraw(self, run: Path, cli: Cli, plotter: Plotter) -> None:
        machine = ("--machine", "nextdraw-1117")
        assert_refused(cli("plot", run, *machine, "--driver", "pyaxidraw"), "does not drive nextdraw-1117")
        refused = cli("plot", run, *machine)
        assert_refused(refused, "nothing that drives nextdraw-1117", "nextdraw_api.zip")
        assert "AxiDraw_API" not in refused.err

    @pytest.mark.parametrize(
        ("words", "parts"),
        [
            (("--machine", "etch"), ("--machine etch", "axidraw-v3")),
            (("--driver", "etch"), ("--driver etch", "pyaxidraw")),
            (("--pens", "9,Etch"), ("'9' is no pen", "allowed are 1 ")),
            (("--from", "9"), ("--from 9", "1 to ")),
            (("--from", "2", "--pens", "1"), ("--pens 1", "from pen 2 on")),
            (("--machine", "axidraw-minikit"), ("too high for axidraw-minikit",)),
            (("--yes",), ("--yes", "only one can be in the plotter")),
        ],
    )
    def test_what_can_not_be_plotted(
        self, run: Path, cli: Cli, plotter: Plotter, words: tuple[str, ...], parts: tuple[str, ...]
    ) -> None:
        assert_refused(cli("plot", run, *words), *parts)
        assert plotter.calls == []

    def test_a_machine_of_ones_own_that_no_software_drives(self, run: Path, cli: Cli, plotter: Plotter) -> None:
        config = run / "config.yaml"
        text = config.read_text(encoding="utf-8")
        assert "machine: axidraw-v3" in text
        own = text.replace("machine: axidraw-v3", "machine: custom").replace(
            "custom: null", "custom: {travel: [300mm, 218mm]}"
        )
        config.write_text(own, encoding="utf-8")
        assert_refused(cli("plot", run), "no maker's software drives custom", "--driver")
        assert_refused(cli("plot", run, "--driver", "pyaxidraw"), "export.machine is custom", "--machine")
        assert cli("plot", run, "--machine", "axidraw-v3-a3", "--dry-run").status == 0

    def test_a_run_without_its_files_per_pen(self, run: Path, cli: Cli, plotter: Plotter) -> None:
        files(run)[0].unlink()
        assert_refused(cli("plot", run), str(run), "plotart export")
        assert_refused(cli("plot", run / "nothing"), "no such run folder or SVG")


class TestPlotting:
    def test_every_pen_in_order_with_the_options(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        pens = files(run)
        answers("\n" * len(pens))
        outcome = cli("plot", run, "--machine", "axidraw-v3-a3", "--speed-down", 30, "--speed-up", 90)
        assert outcome.status == 0, outcome.err
        assert [call["svg"] for call in plotter.calls] == [path.read_text(encoding="utf-8") for path in pens]
        for call in plotter.calls:
            assert (call["mode"], call["model"], call["reordering"]) == ("plot", 2, 4)
            assert (call["speed_pendown"], call["speed_penup"], call["keyboard_pause"]) == (30, 90, True)
        assert set(state(run).values()) == {"done"}
        assert f"Pen {len(pens)} of {len(pens)}: " in outcome.out
        assert "0.8 mm" in outcome.out
        # The page is higher than wide: the software turns it.
        assert outcome.out.count("on its side, its top edge to the left") == 1
        assert "top right corner" in outcome.out
        assert outcome.out.count("The paper stays where it is") == len(pens) - 1

    def test_no_speed_is_set_unless_asked_for(self, run: Path, cli: Cli, plotter: Plotter) -> None:
        assert cli("plot", run, "--pens", "1", "--yes").status == 0
        assert not {"speed_pendown", "speed_penup"} & plotter.calls[0].keys()

    @pytest.mark.parametrize(
        ("second", "questions"), [("2+s40 Red", 1), ("!2+s40 Red", 2), ("2 Red (refill 1)", 2), ("2 Crimson", 2)]
    )
    def test_a_pen_that_draws_the_next_layer_too_is_not_asked_for(
        self, second: str, questions: int, tmp_path: Path, cli: Cli, plotter: Plotter, answers: Answers
    ) -> None:
        path = tmp_path / "drawing.svg"
        same = SVG.replace("!1+s30 Red", "1 Red").replace("!2 Blue, old", second).replace("#0000ff", "#ff0000")
        path.write_text(same, encoding="utf-8")
        answers("\n" * questions)
        outcome = cli("plot", path)
        assert outcome.status == 0, outcome.err
        assert outcome.out.count("Enter plots") == questions
        assert len(plotter.calls) == 2
        assert cli("plot", path, "--restart", "--yes").status == (0 if questions == 1 else 2)

    def test_a_second_time_it_asks_nothing(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        answers("\n" * len(files(run)))
        cli("plot", run)
        answers("")
        outcome = cli("plot", run)
        assert outcome.status == 0
        assert outcome.out.startswith("Plotted: ")
        assert len(plotter.calls) == len(files(run))
        answers("q\n")
        assert "Lay the paper" in cli("plot", run, "--restart").out

    def test_skip_and_stop(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        names = [path.name for path in files(run)]
        answers("s\nwhat?\n\nq\n")
        outcome = cli("plot", run)
        assert outcome.status == 0
        assert f"Go on with:\n  plotart plot {run}" in outcome.out
        assert state(run) == {names[0]: "skipped", names[1]: "done"}
        answers("\n" * len(names))
        outcome = cli("plot", run)
        assert "Pen 3 of" in outcome.out
        assert "Pen 1 of" not in outcome.out
        assert "--pens 1 plots what was skipped" in outcome.out
        assert len(plotter.calls) == len(names) - 1
        answers("\n")
        assert cli("plot", run, "--pens", "1").status == 0
        assert state(run)[names[0]] == "done"
        assert plotter.calls[-1]["svg"] == files(run)[0].read_text(encoding="utf-8")

    def test_input_that_ends_is_a_stop(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        answers("\n")
        assert "Stopped." in cli("plot", run).out
        assert len(plotter.calls) == 1

    def test_one_pen_again(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        answers("\n\nq\n")
        cli("plot", run)
        assert cli("plot", run, "--pens", "2", "--restart", "--yes").status == 0
        assert [call["svg"] for call in plotter.calls[1:]] == [files(run)[1].read_text(encoding="utf-8")] * 2
        assert set(state(run).values()) == {"done"}

    def test_a_run_that_was_exported_anew(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        answers("\nq\n")
        cli("plot", run)
        changed = files(run)[1]
        changed.write_text(changed.read_text(encoding="utf-8").replace("<svg", "<svg "), encoding="utf-8")
        assert_refused(cli("plot", run), "plotting.json", changed.name, "--restart")
        assert_refused(cli("plot", run, "--dry-run"), changed.name)
        answers("\nq\n")
        assert cli("plot", run, "--restart").status == 0
        assert set(state(run)) == {files(run)[0].name}

    def test_a_state_that_can_not_be_read(self, run: Path, cli: Cli, plotter: Plotter) -> None:
        for text in ("{", "[]", '{"files": {}, "pens": {"a": "etched"}}', '{"files": [], "pens": {}}'):
            (run / "plotting.json").write_text(text, encoding="utf-8")
            assert_refused(cli("plot", run), "plotting.json", "--restart forgets it")


class TestStops:
    def test_the_button_pauses_and_enter_goes_on(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        plotter.will("button")
        answers("\n\nq\n")
        outcome = cli("plot", run)
        assert outcome.status == 0, outcome.err
        assert "It was paused after 0.01 m of" in outcome.out
        first, second = plotter.calls
        assert (first["mode"], second["mode"]) == ("plot", "res_plot")
        assert 'pause_dist="12500"' in second["svg"]
        assert 'last_x="31.5"' in second["svg"]
        assert list(state(run).values()) == ["done"]
        assert not list(run.glob("paused_*.svg"))

    def test_from_home_when_the_carriage_was_moved(
        self, run: Path, cli: Cli, plotter: Plotter, answers: Answers
    ) -> None:
        plotter.will("button")
        answers("\nq\n")
        cli("plot", run)
        assert (run / "paused_01.svg").is_file()
        assert list(state(run).values()) == ["paused"]
        answers("h\nq\n")
        cli("plot", run)
        again = plotter.calls[-1]["svg"]
        assert 'last_x="0.0" last_y="0.0"' in again
        assert 'pause_dist="12500"' in again

    def test_ctrl_c_in_a_plot_is_a_pause(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        before = signal.getsignal(signal.SIGINT)
        plotter.will("finish", "keyboard")
        answers("\n\n")
        outcome = cli("plot", run, "--driver", "pyaxidraw")
        assert outcome.status == 130
        assert f"Go on with:\n  plotart plot {run} --driver pyaxidraw" in outcome.out
        assert outcome.out.count("Go on with") == 1
        assert list(state(run).values()) == ["done", "paused"]
        assert signal.getsignal(signal.SIGINT) is before
        answers("\nq\n")
        cli("plot", run)
        assert plotter.calls[-1]["mode"] == "res_plot"

    def test_ctrl_c_at_a_question(self, run: Path, cli: Cli, plotter: Plotter, monkeypatch: pytest.MonkeyPatch) -> None:
        class Pressed(io.StringIO):
            def readline(self, *_: object) -> str:
                raise KeyboardInterrupt

        monkeypatch.setattr("sys.stdin", Pressed())
        outcome = cli("plot", run)
        assert outcome.status == 130
        assert "Go on with:" in outcome.out
        assert plotter.calls == []

    def test_no_plotter_is_there(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        plotter.will("finish", "offline")
        answers("\n\n")
        outcome = cli("plot", run)
        assert outcome.status == 1
        assert "stopped: no plotter was found" in outcome.err
        assert f"go on with: plotart plot {run}" in outcome.err
        assert "Traceback" not in outcome.err
        assert list(state(run).values()) == ["done", "waiting"]

    def test_a_file_that_the_software_did_not_plot_is_not_done(
        self, run: Path, cli: Cli, plotter: Plotter, answers: Answers
    ) -> None:
        plotter.will("refuse")
        answers("\n")
        outcome = cli("plot", run)
        assert outcome.status == 1
        assert "did not plot the file: This document does not have valid dimensions." in outcome.err
        assert list(state(run).values()) == ["waiting"]

    def test_the_connection_is_lost_and_the_pen_goes_on(
        self, run: Path, cli: Cli, plotter: Plotter, answers: Answers
    ) -> None:
        plotter.will("usb")
        answers("\n")
        outcome = cli("plot", run)
        assert outcome.status == 1
        assert "USB connection was lost" in outcome.err
        assert list(state(run).values()) == ["paused"]
        answers("h\nq\n")
        cli("plot", run)
        assert plotter.calls[-1]["mode"] == "res_plot"

    @pytest.mark.parametrize(("word", "status"), [("break", 1), ("interrupt", 130)])
    def test_a_plot_that_is_cut_off_begins_again(
        self,
        run: Path,
        cli: Cli,
        plotter: Plotter,
        answers: Answers,
        word: str,
        status: int,
    ) -> None:
        plotter.will(word)
        answers("\n")
        outcome = cli("plot", run)
        assert outcome.status == status
        assert list(state(run).values()) == ["begun"]
        answers("\nq\n")
        outcome = cli("plot", run)
        assert "nobody knows how far it came" in outcome.out
        assert [call["mode"] for call in plotter.calls] == ["plot", "plot"]

    def test_a_paused_pen_stays_with_its_machine(self, run: Path, cli: Cli, plotter: Plotter, answers: Answers) -> None:
        plotter.will("button")
        answers("\nq\n")
        cli("plot", run)
        assert_refused(cli("plot", run, "--machine", "axidraw-v3-a3"), "was paused on axidraw-v3", "--restart --pens 1")
        (run / "paused_01.svg").unlink()
        assert_refused(cli("plot", run), "paused_01.svg", "--restart --pens 1")


class TestPrograms:
    @pytest.fixture
    def program(self, bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plotter:
        return install_program(tmp_path / "axidraw", monkeypatch)

    def test_axicli_gets_the_same_options(self, run: Path, cli: Cli, program: Plotter, answers: Answers) -> None:
        pens = files(run)
        answers("\n" * len(pens))
        outcome = cli("plot", run, "--speed-down", 30)
        assert outcome.status == 0, outcome.err
        assert [call["svg"] for call in program.calls] == [path.read_text(encoding="utf-8") for path in pens]
        assert {(call["mode"], call["model"], call["reordering"]) for call in program.calls} == {("plot", 1, 4)}
        assert program.calls[0]["speed_pendown"] == 30
        assert "speed_penup" not in program.calls[0]

    @pytest.mark.parametrize(
        ("word", "status", "left"),
        [("button", 0, "paused"), ("usb", 1, "paused"), ("offline", 1, "waiting"), ("refuse", 1, "waiting")],
    )
    def test_why_axicli_stopped(
        self,
        run: Path,
        cli: Cli,
        program: Plotter,
        answers: Answers,
        word: str,
        status: int,
        left: str,
    ) -> None:
        program.will(word)
        answers("\nq\n")
        assert cli("plot", run).status == status
        assert list(state(run).values()) == [left]
        answers("\nq\n")
        cli("plot", run)
        assert program.calls[-1]["mode"] == ("res_plot" if left == "paused" else "plot")

    def test_axicli_that_is_killed(self, run: Path, cli: Cli, program: Plotter, answers: Answers) -> None:
        program.will("break")
        answers("\n")
        outcome = cli("plot", run)
        assert outcome.status == 1
        assert "axicli was ended by signal 9" in outcome.err
        assert list(state(run).values()) == ["begun"]

    @pytest.mark.parametrize("kind", ["program", "module"])
    def test_ctrl_c_for_real(self, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        plotter = (install_program if kind == "program" else install_module)(tmp_path / "axidraw", monkeypatch)
        plotter.will("wait")
        modules = str(tmp_path / "axidraw" / "modules")
        code = f"import sys; sys.path.insert(0, {modules!r}); from plotart.cli import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "plot", str(run)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
        )
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        while not plotter.waits:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        assert process.returncode == 130, (out, err)
        assert "Go on with:" in out
        assert "Traceback" not in err
        assert list(state(run).values()) == ["paused"]
        assert (run / "paused_01.svg").read_text(encoding="utf-8").count("<plotdata") == 1


class TestNextDraw:
    @pytest.mark.parametrize(("install", "driver"), [(install_module, "nextdraw"), (install_program, "nextdraw-cli")])
    def test_it_is_found_and_told_its_model(
        self,
        run: Path,
        cli: Cli,
        bare: None,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        install: Install,
        driver: str,
    ) -> None:
        plotter = install(tmp_path / "nextdraw", monkeypatch, "nextdraw")
        outcome = cli("plot", run, "--machine", "nextdraw-2234", "--pens", "1", "--yes")
        assert outcome.status == 0, outcome.err
        assert f"Through {driver}." in outcome.out
        assert plotter.calls[0]["model"] == 10

    def test_it_drives_an_axidraw_too(
        self, run: Path, cli: Cli, bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plotter = install_module(tmp_path / "nextdraw", monkeypatch, "nextdraw")
        assert cli("plot", run, "--pens", "1", "--yes").status == 0
        assert plotter.calls[0]["model"] == 1


class TestPlainSvg:
    @pytest.fixture
    def drawing(self, tmp_path: Path) -> Path:
        path = tmp_path / "drawing.svg"
        path.write_text(SVG, encoding="utf-8")
        return path

    def test_layer_by_layer_with_its_state_beside_it(
        self, drawing: Path, cli: Cli, plotter: Plotter, answers: Answers
    ) -> None:
        plotter.will("finish", "button")
        answers("\n\nq\n")
        outcome = cli("plot", drawing)
        assert outcome.status == 0, outcome.err
        assert "Pen 1 of 2: ██ Red" in outcome.out
        assert "top left corner" in outcome.out
        assert [call["svg"].count("<polyline") for call in plotter.calls] == [1, 1]
        # A pause in a layer's name would stop the software before it has drawn anything, and again each time.
        assert all('inkscape:label="!' not in call["svg"] for call in plotter.calls)
        assert "+s30" in plotter.calls[0]["svg"]
        beside = sorted(path.name for path in drawing.parent.iterdir() if path.is_file())
        assert beside == ["drawing.paused_02.svg", "drawing.plotting.json", "drawing.svg"]
        answers("\n")
        assert cli("plot", drawing).status == 0
        assert "Plotted: Red, Blue, old." in cli("plot", drawing).out

    def test_a_name_with_a_comma(self, drawing: Path, cli: Cli) -> None:
        assert "Blue, old" in cli("plot", drawing, "--dry-run", "--pens", "Blue, old").out
