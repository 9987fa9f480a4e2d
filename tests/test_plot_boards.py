"""plotart plot on a board that is not there: from the command to the paper, its keys, and the studio's process."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from needs import UNIX, is_unix

if not is_unix():
    pytest.skip(f"needs {UNIX}, for pseudo-terminals", allow_module_level=True)

from conftest import Cli
from emulators.ebb import Ebb, pull_after
from emulators.pseudo_terminal import PseudoTerminal
from on_board import MACHINE, cells, one_pen, svg_of, times_drawn

from plotart.cli.plot_live import Steering
from plotart.export.drawing import Drawing, Layer
from plotart.pens import Pen
from plotart.plotter.apart import Apart
from plotart.plotter.boards.ebb import ebb
from plotart.plotter.boards.journal import Journal, Mark
from plotart.plotter.boards.live import Live, LiveState
from plotart.plotter.boards.port import FoundPort
from plotart.plotter.drivers import Code, PlotOptions
from plotart.plotter.plan import plan_svg
from plotart.plotter.progress_mark import job_digest

TWO = Drawing(
    100,
    60,
    (
        Layer(Pen("Red", "#ff0000", 0.3), cells()[:20]),
        Layer(Pen("Blue", "#0000ff", 0.3), cells()[20:]),
    ),
)


@pytest.fixture
def svg(tmp_path: Path) -> Path:
    return TWO.save(tmp_path / "two.svg")


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def plot(cli: Cli, svg: Path, board: Ebb, *more: str) -> tuple[int, str, str]:
    with PseudoTerminal(board.receive, seed=len(board.said)) as port:
        outcome = cli("plot", str(svg), "--driver", "ebb", "--port", port.name, *more)
    board.settle()
    return outcome.status, outcome.out, outcome.err


def test_two_pens_from_the_command_to_the_paper(cli: Cli, svg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = Ebb()
    answer(monkeypatch, "\n\n")
    status, out, _ = plot(cli, svg, board)
    assert status == 0
    assert "Through ebb." in out
    assert "Plotted: Red, Blue" in out
    np.testing.assert_allclose(times_drawn(cells(), board.lines), 1, atol=0.03)
    assert board.at == (0, 0)
    assert not list(svg.parent.glob("*.log"))


def test_a_pulled_cable_then_the_same_command(cli: Cli, svg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = Ebb(meanwhile=pull_after(700))
    answer(monkeypatch, "\n\n")
    status, _, err = plot(cli, svg, board)
    assert status == 1
    assert "USB connection was lost" in err
    assert "go on with: plotart plot" in err
    board.meanwhile = lambda board, command: None
    answer(monkeypatch, "\n\n")
    status, out, _ = plot(cli, svg, board)
    assert status == 0
    assert "It was paused after" in out
    times = np.array(times_drawn(cells(), board.lines))
    assert times.min() > 0.97
    assert (times > 1.03).sum() <= 1


def test_a_plot_that_was_cut_off_goes_on_from_its_journal(cli: Cli, svg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is found after a kill: the pen is begun, and the journal says how far it came."""
    pen = plan_svg(svg, MACHINE, PlotOptions(1)).pens[0]
    files = {pen.file: pen.sha256 for pen in plan_svg(svg, MACHINE, PlotOptions(1)).pens}
    state = {"files": files, "pens": {pen.file: "begun"}, "begun_on": "axidraw-v3"}
    (svg.parent / "two.plotting.json").write_text(json.dumps(state))
    journal = Journal(svg.parent / "two.journal_01.log", job_digest(pen.svg))
    journal.mark(Mark(12, 0.0, 12 * 18.0, down=True, x=10.0, y=2.0))
    journal.close()
    board = Ebb()  # which was without power
    answer(monkeypatch, "\nq\n")
    status, out, _ = plot(cli, svg, board)
    assert "The plotter does not know any more where its carriage stands" in out
    assert "h goes on from home" in out
    assert not board.lines
    answer(monkeypatch, "h\n\n")
    status, out, _ = plot(cli, svg, board)
    assert status == 0
    times = times_drawn(cells(), board.lines)
    assert max(times[:12]) == 0
    np.testing.assert_allclose(times[12:], 1, atol=0.03)


def test_without_questions_a_lost_place_is_an_error(cli: Cli, svg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = Ebb()
    board.meanwhile = lambda board, command: board.press() if len(board.said) == 300 else None
    answer(monkeypatch, "\nq\n")
    plot(cli, svg, board, "--pens", "1")
    board.reset()
    status, _, err = plot(cli, svg, board, "--pens", "1", "--yes")
    assert status == 1
    assert "does not know where its carriage stands" in err


def test_a_board_that_is_plugged_in_is_taken_when_nothing_is_installed(
    cli: Cli, svg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    board = Ebb()
    answer(monkeypatch, "\n\n")
    with PseudoTerminal(board.receive) as port:
        for module in ("ebb", "known"):
            monkeypatch.setattr(
                f"plotart.plotter.boards.{module}.find_ports",
                lambda ids: [FoundPort(port.name, "EiBotBoard", (0x04D8, 0xFD92))],
            )
        assert cli("plot", str(svg)).status == 0
        assert "EiBotBoard (--driver ebb)" in cli("doctor").out
    assert len(board.lines) == 40


def test_without_pyserial_it_says_what_to_install(cli: Cli, svg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    answer(monkeypatch, "\n")
    outcome = cli("plot", str(svg), "--driver", "ebb")
    assert outcome.status == 2
    assert "pip install 'plotart[plotter]'" in outcome.err


def test_a_dry_run_needs_no_board(cli: Cli, svg: Path) -> None:
    outcome = cli("plot", str(svg), "--driver", "ebb", "--dry-run")
    assert outcome.status == 0
    assert "plotart drives the board itself" in outcome.out


def test_keys() -> None:
    live = Live()
    steering = Steering(live)
    for key, reads in {
        "+": lambda: live.state.speed == pytest.approx(1.1),
        "-": lambda: live.state.speed == pytest.approx(1.0),
        "u": lambda: live.state.down == 32,
        "d": lambda: live.state.down == 30,
        " ": lambda: live.wishes.pause and not live.wishes.stand,
        "p": lambda: not live.wishes.pause,
        "P": lambda: live.wishes.pause and live.wishes.stand,
        "b": lambda: live.wishes.back == 5,
        "x": lambda: not live.wishes.stop,
        "g": lambda: live.wishes.line is None,
        "12g": lambda: live.wishes.line == 11,
        "3x4g": lambda: live.wishes.line == 3,
        "n": lambda: live.wishes.leave,
        "q": lambda: live.wishes.stop,
    }.items():
        for one in key:
            steering.press(one)
        assert reads(), key


def test_a_pen_is_left_for_the_next_one_and_taken_up_again(
    cli: Cli, svg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, left = Ebb(), list[str]()

    def steered(console: object, live: Live, *_: object) -> AbstractContextManager[None]:
        def meanwhile(board: Ebb, command: str) -> None:
            if len(board.lines) == 5 and not left:
                left.append(command)
                live.leave()

        board.meanwhile = meanwhile
        return nullcontext()

    monkeypatch.setattr("plotart.cli.plot_talk.steered", steered)
    answer(monkeypatch, "\n\n")
    status, out, _ = plot(cli, svg, board)
    assert status == 0
    assert "Red: paused." in out
    assert "Plotted: Blue" in out
    assert "Paused: Red. The same command goes on with it." in out
    assert min(times_drawn(cells()[20:], board.lines)) > 0.97
    board.meanwhile = lambda board, command: None
    answer(monkeypatch, "\n")
    assert plot(cli, svg, board)[0] == 0
    np.testing.assert_allclose(times_drawn(cells(), board.lines), 1, atol=0.03)


def test_from_a_line_on(cli: Cli, svg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board, pressed = Ebb(), list[str]()

    def meanwhile(board: Ebb, command: str) -> None:
        if len(board.lines) == 1 and not pressed:
            pressed.append(command)
            board.press()

    answer(monkeypatch, "\nq\n")
    board.meanwhile = meanwhile
    _, out, _ = plot(cli, svg, board, "--pens", "1", "--from-line", "18")
    assert "Red: paused." in out  # by the button, and its line is not gone back to
    assert "--from-line" not in out
    board.meanwhile = lambda board, command: None
    answer(monkeypatch, "\n")
    assert plot(cli, svg, board, "--pens", "1")[0] == 0
    times = times_drawn(cells()[:20], board.lines)
    assert max(times[:17]) == 0
    np.testing.assert_allclose(times[17:], 1, atol=0.03)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from-line", "3"), "2 pens are left; allowed with one pen"),
        (("--pens", "1", "--from-line", "21"), "Red has no such line; allowed are 1 to 20"),
    ],
)
def test_a_line_that_there_is_not(cli: Cli, svg: Path, words: tuple[str, ...], says: str) -> None:
    outcome = cli("plot", svg, "--driver", "ebb", *words)
    assert outcome.status == 2
    assert says in outcome.err


def test_apart_tells_how_far_it_is_and_pauses() -> None:
    """As the studio plots: in a process of its own, which a pause reaches as Ctrl-C."""
    board, states, found = Ebb(pace=0.1), list[LiveState](), list[object]()
    svg = svg_of(one_pen(cells()))
    with PseudoTerminal(board.receive) as port:
        apart = Apart(ebb(MACHINE), MACHINE, lambda: any(state.drawn_mm > 50 for state in states), states.append)
        options = PlotOptions(1, port=port.name)
        thread = threading.Thread(target=lambda: found.append(apart.plot(svg, options, resume=False)))
        thread.start()
        thread.join()
        (outcome,) = found
        assert outcome.code == Code.KEYBOARD  # type: ignore[attr-defined]
        assert not board.pen_down
        again = ebb(MACHINE).plot(outcome.paused, options, resume=True)  # type: ignore[attr-defined]
    assert again.finished
    board.settle()
    np.testing.assert_allclose(times_drawn(cells(), board.lines), 1, atol=0.03)


def test_a_terminal_has_keys_and_a_bar(svg: Path) -> None:
    """The whole command at a terminal, which types: Enter, q in the middle of the plot."""
    import pty
    import select
    import subprocess

    board = Ebb(pace=0.2)
    ours, theirs = pty.openpty()
    with PseudoTerminal(board.receive) as port:
        command = [sys.executable, "-c", "from plotart.cli import main; main()", "plot", str(svg)]
        command += ["--driver", "ebb", "--port", port.name]
        process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "200"}
        )
        os.close(theirs)
        shown, typed = b"", list[bytes]()
        while process.poll() is None:
            if not select.select([ours], [], [], 0.2)[0]:
                continue
            try:
                shown += os.read(ours, 4096)
            except OSError:
                break
            if not typed and b"q stops:" in shown:
                os.write(ours, b"\n")
                typed.append(b"\n")
            if len(typed) == 1 and b"in all" in shown and len(board.lines) > 2:
                os.write(ours, b"q")
                typed.append(b"q")
        process.wait()
    os.close(ours)
    text = shown.decode(errors="replace")
    assert process.returncode == 130, text
    assert "space pauses after the line" in text
    assert "left, " in text
    assert "Stopped. Leave the paper where it is." in text
    assert 2 < len(board.lines) < 20
