"""plotart machine: emulated boards led by hand, from the command to the carriage."""

from __future__ import annotations

import io
import os
import shutil
import signal
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import Cli, Outcome
from emulators.ebb import Ebb
from emulators.fake import FakeBoard
from emulators.grbl import Grbl
from emulators.hpgl import UNIT, Hpgl
from emulators.pseudo_terminal import PseudoTerminal
from rich.console import Console

from plotart import Run
from plotart.cli.keys import named
from plotart.cli.machine_jog import Jog
from plotart.cli.plot_live import steered
from plotart.export.hpgl_frame import device_frame
from plotart.plotter.boards.hand import Hand
from plotart.plotter.boards.live import Live, LiveState
from plotart.plotter.machines import MACHINES

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
    '<path d="M40 30 H90 V80 Z" stroke="#ff0000" fill="none"/></svg>'
)

Machine = Callable[..., Outcome]


@pytest.fixture
def board() -> Ebb:
    return Ebb()


@pytest.fixture
def machine(board: Ebb, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Runs `plotart machine` on the board; `says` is what a person types."""
    with PseudoTerminal(board.receive) as port:

        def run(command: str, *words: object, says: str = "") -> Outcome:
            monkeypatch.setattr("sys.stdin", io.StringIO(says))
            return cli("machine", command, *words, "--driver", "ebb", "--port", port.name)

        yield run


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """A terminal for stdin; yields what types on it once keys are read one by one."""
    ours, theirs = os.openpty()

    def type_in(keys: bytes) -> None:
        while termios.tcgetattr(theirs)[3] & termios.ICANON:
            time.sleep(0.01)
        os.write(ours, keys)

    with open(theirs, closefd=False) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield type_in
    os.close(ours)
    os.close(theirs)


def drawing(tmp_path: Path, width: int, height: int) -> Path:
    path = tmp_path / "drawing.svg"
    path.write_text(SVG.format(width=width, height=height), encoding="utf-8")
    return path


def corners(path: np.ndarray) -> set[tuple[float, float]]:
    return {(round(float(x), 1) + 0.0, round(float(y), 1) + 0.0) for x, y in path}


class TestEbb:
    def test_jog_and_home_by_what_the_board_counted(self, board: Ebb, machine: Machine) -> None:
        outcome = machine("jog", "30mm", "12.5mm", "--yes")
        assert outcome.status == 0, outcome.err
        assert "At 30.00, 12.50 mm from home." in outcome.out
        assert board.at == pytest.approx((30, 12.5), abs=0.02)
        assert machine("jog", "-5mm", "2").status == 0  # the board still knows
        assert board.at == pytest.approx((25, 14.5), abs=0.02)
        assert machine("home").status == 0
        assert board.at == pytest.approx((0, 0), abs=0.02)
        assert board.lines == []
        assert board.faults == []

    def test_no_move_leaves_the_travel(self, board: Ebb, machine: Machine) -> None:
        assert machine("jog", "1000", "1000", "--yes").status == 0
        assert board.at == pytest.approx((300, 218), abs=0.02)
        outcome = machine("jog", "5", "0")
        assert outcome.status == 1
        assert "it stays where it is: that is the edge of the travel" in outcome.err
        assert machine("jog", "-1000", "-1000").status == 0
        assert board.at == pytest.approx((0, 0), abs=0.02)

    def test_a_board_that_does_not_know_is_not_sent_home(self, board: Ebb, machine: Machine) -> None:
        outcome = machine("home")
        assert outcome.status == 1
        assert "put it home by hand" in outcome.err
        assert board.at == (0, 0)

    def test_a_person_says_whether_the_carriage_is_at_home(self, board: Ebb, machine: Machine) -> None:
        assert machine("jog", "10", "10", says="q\n").status == 1
        assert machine("jog", "10", "10", says="").status == 1
        assert board.at == (0, 0)
        assert machine("jog", "10", "10", says="\n").status == 0
        assert board.at == pytest.approx((10, 10), abs=0.02)

    def test_off_forgets_the_place(self, board: Ebb, machine: Machine) -> None:
        assert machine("jog", "10", "10", "--yes").status == 0
        assert machine("off").status == 0
        assert not board.enabled
        assert machine("home").status == 1

    def test_pen_heights(self, board: Ebb, machine: Machine) -> None:
        pulses = []
        for words in (("down",), ("down", "--height", 45), ("up", "--height", 80)):
            outcome = machine("pen", *words)
            assert outcome.status == 0, outcome.err
            assert board.pen_down == (words[0] == "down")
            pulses.append(board._pulse)
        assert pulses == [round(9855 + (27831 - 9855) * height / 100) for height in (30, 45, 80)]
        assert "The pen is up, at 80 % of the lift's travel." in outcome.out

    def test_the_outline_of_drawing_and_page(self, board: Ebb, machine: Machine, tmp_path: Path) -> None:
        seen = list[tuple[float, float]]()
        board.meanwhile = lambda board, command: seen.append(board.at)
        outcome = machine("outline", drawing(tmp_path, 200, 150), "--yes")
        assert outcome.status == 0, outcome.err
        assert "The drawing: 40.0, 30.0 to 90.0, 80.0 mm" in outcome.out
        assert "The page: 0.0, 0.0 to 200.0, 150.0 mm" in outcome.out
        for corner in ((40, 30), (90, 30), (90, 80), (40, 80), (200, 0), (200, 150), (0, 150)):
            assert min(np.hypot(x - corner[0], y - corner[1]) for x, y in seen) < 0.3, corner
        assert board.at == pytest.approx((0, 0), abs=0.02)
        assert board.lines == []

    def test_a_page_on_its_side_and_one_beyond_the_travel(self, machine: Machine, tmp_path: Path) -> None:
        outcome = machine("outline", drawing(tmp_path, 150, 310), "--yes")
        assert outcome.status == 0, outcome.err
        assert "The drawing: 30.0, 60.0 to 80.0, 110.0 mm" in outcome.out
        assert "The page is left out: from 0.0, 0.0 to 310.0, 150.0 mm from home" in outcome.out

    def test_no_power_is_told(self, board: Ebb, machine: Machine) -> None:
        board.cut_power()
        outcome = machine("jog", "10", "10", "--yes")
        assert outcome.status == 1
        assert "motors have no power" in outcome.err

    def test_power_that_is_lost_on_the_way_is_told(self, board: Ebb, machine: Machine) -> None:
        assert machine("jog", "10", "10", "--yes").status == 0

        def cut(board: Ebb, command: str) -> None:
            if command.startswith("SM") and board.at[0] > 50:
                board.cut_power()

        board.meanwhile = cut
        outcome = machine("jog", "200", "0")
        assert outcome.status == 1
        assert "lost its power" in outcome.err
        board.power = True
        assert machine("home").status == 1  # nothing held the carriage: the place is forgotten

    def test_ctrl_c_stops_an_outline_on_its_way(self, board: Ebb, machine: Machine, tmp_path: Path) -> None:
        path = drawing(tmp_path, 200, 150)

        def interrupt(board: Ebb, command: str) -> None:
            if command.startswith("SM") and board.at[0] > 60:
                board.meanwhile = lambda board, command: None
                os.kill(os.getpid(), signal.SIGINT)

        board.meanwhile = interrupt
        outcome = machine("outline", path, "--yes")
        assert outcome.status == 130
        assert 60 < board.at[0] < 80
        assert board.at[1] == pytest.approx(30, abs=0.1)
        assert machine("home").status == 0  # it still knows where it stands
        assert board.at == pytest.approx((0, 0), abs=0.02)


class TestKeys:
    def test_jog_on_a_terminal(self, board: Ebb, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = b"\x1b[C\x1bOB2\x1b[Dpu\x1b[Cp\x1b[5~xq"
        with PseudoTerminal(board.receive) as port, terminal(monkeypatch) as type_in:
            typist = threading.Thread(target=type_in, args=(keys,), daemon=True)
            typist.start()
            outcome = cli("machine", "jog", "--yes", "--driver", "ebb", "--port", port.name)
            typist.join(10)
        assert outcome.status == 0, outcome.err
        assert "At 10.00, 10.00 mm from home." in outcome.out
        assert "SC,5,15428" in board.said  # 31 % of the lift's travel
        (line,) = board.lines
        assert corners(line[[0, -1]]) == {(9.0, 10.0), (10.0, 10.0)}
        assert not board.pen_down

    def test_without_a_terminal_steps_have_to_be_given(self, machine: Machine) -> None:
        outcome = machine("jog")
        assert outcome.status == 2
        assert "give DX and DY" in outcome.err

    def test_a_key_held_counts_once_a_look_and_stops_at_the_edge(self) -> None:
        board = FakeBoard(at=(295.0, 0.0))
        jog = Jog(Hand(board, MACHINES["axidraw-v3"].plain), up=60, down=30)
        assert jog.press("right")
        assert board.at == pytest.approx((300, 0))
        jog.press("right")
        assert "the edge of the travel" in jog.words()
        jog.press("h")
        assert board.at == pytest.approx((0, 0))
        assert not jog.press("q")

    def test_a_carriage_beyond_its_home_is_not_led_further(self) -> None:
        board = FakeBoard(at=(-1.0, 50.0))
        hand = Hand(board, MACHINES["axidraw-v3"].plain)
        assert "the edge of the travel" in hand.step(-10, 0)
        hand.step(10, 0)
        assert board.at == pytest.approx((9, 50))

    def test_keys_steer_a_plot(self, monkeypatch: pytest.MonkeyPatch) -> None:
        live = Live()
        live.begin(LiveState(lines=1, all_mm=10.0, up=60.0))
        before = live.state.down
        with terminal(monkeypatch) as type_in, steered(Console(file=io.StringIO()), live, "Red", 0.0):
            type_in(b"u +\x1b[A")
            deadline = time.monotonic() + 10
            while live.state.speed == 1 and time.monotonic() < deadline:
                time.sleep(0.01)
        assert live.state.down == before + 2
        assert live.state.speed == pytest.approx(1.1)
        assert live.wishes.pause

    def test_what_terminals_send(self) -> None:
        assert named("\x1b[A\x1bOD1\x1b[3~q") == ["up", "left", "1", "q"]


class TestGrbl:
    def test_jog_home_and_pen_of_a_machine_with_switches(self, cli: Cli) -> None:
        with Grbl(settings={22: 1}) as emulator:
            words = ("--driver", "grbl", "--port", emulator.name)
            outcome = cli("machine", "jog", "20mm", "15mm", *words)
            assert outcome.status == 0, outcome.err
            # It stands 1 mm beside its home when it has found its switches.
            assert emulator.position[:2] == pytest.approx((-1 + 20, -1 - 15), abs=0.01)
            assert cli("machine", "home", *words).status == 0
            assert emulator.position[:2] == pytest.approx((0, 0), abs=0.01)
            assert cli("machine", "pen", "down", *words).status == 0
            assert emulator.pen_is_down
            assert cli("machine", "off", *words).status == 0
            assert emulator.state == "Sleep"
            assert cli("machine", "home", *words).status == 0  # it finds its switches anew
            assert emulator.position[:2] == pytest.approx((0, 0), abs=0.01)

    def test_the_height_of_a_raised_pen(self, cli: Cli) -> None:
        with Grbl() as emulator:
            outcome = cli("machine", "pen", "up", "--height", 45, "--driver", "grbl", "--port", emulator.name)
            assert outcome.status == 0, outcome.err
            assert "M3 S500" in emulator.lines_taken

    def test_without_switches_home_is_where_it_stands(self, cli: Cli) -> None:
        with Grbl() as emulator:
            words = ("--driver", "grbl", "--port", emulator.name)
            outcome = cli("machine", "jog", "20mm", "15mm", "--yes", *words)
            assert outcome.status == 0, outcome.err
            assert "is home when the next plot begins" in outcome.out
            assert cli("machine", "home", *words).status == 1

    def test_soft_limits_hold_a_step(self, cli: Cli) -> None:
        with Grbl(settings={20: 1, 22: 1}) as emulator:
            outcome = cli("machine", "jog", "20mm", "15mm", "--driver", "grbl", "--port", emulator.name)
            assert outcome.status == 1
            assert "soft limits" in outcome.err
            assert emulator.drawn == []


class TestHpgl:
    def test_jog_goes_by_where_the_paper_lies(self, cli: Cli) -> None:
        with Hpgl() as emulator:
            words = ("--driver", "hpgl", "--port", emulator.name)
            frame = device_frame("hp7475a", 297, 210)
            assert cli("machine", "home", *words).status == 0
            x, y = frame.page(np.array(emulator.place) / UNIT)
            outcome = cli("machine", "jog", 40, 30, *words)
            assert outcome.status == 0, outcome.err
            assert frame.page(np.array(emulator.place) / UNIT) == pytest.approx((x + 40, y + 30), abs=0.05)
            assert emulator.drawn == {}

    def test_an_outline_keeps_to_what_it_reaches(self, cli: Cli, tmp_path: Path) -> None:
        with Hpgl() as emulator:
            path = drawing(tmp_path, 297, 210)
            outcome = cli("machine", "outline", path, "--driver", "hpgl", "--port", emulator.name)
            assert outcome.status == 0, outcome.err
            assert "The drawing: 40.0, 30.0 to 90.0, 80.0 mm" in outcome.out
            assert "The page is left out: " in outcome.out
            assert emulator.drawn == {}

    @pytest.mark.parametrize(("words", "said"), [(("pen", "down"), "puts them back"), (("off",), "its own switch")])
    def test_what_it_has_no_command_for(self, cli: Cli, words: tuple[str, ...], said: str) -> None:
        outcome = cli("machine", *words, "--driver", "hpgl", "--port", "/dev/null")
        assert outcome.status == 2
        assert said in outcome.err


class TestRun:
    @pytest.fixture
    def run(self, quickstart: Run, tmp_path: Path) -> Path:
        """A run whose config says that it is for a machine of one's own with a Grbl board."""
        folder = Path(shutil.copytree(quickstart.path, tmp_path / "run"))
        config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
        config["export"] |= {"driver": "grbl", "machine": "custom", "custom": {"travel": [400, 250]}}
        (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        return folder

    def test_its_config_says_which_plotter_it_is(self, run: Path, cli: Cli) -> None:
        with Grbl() as emulator:
            words = ("--port", emulator.name, "--yes")
            outcome = cli("machine", "outline", run, *words)
            assert outcome.status == 0, outcome.err
            # 148 x 210 mm, on its side
            assert "The page: 0.0, 0.0 to 210.0, 148.0 mm from home." in outcome.out
            assert emulator.drawn == []
            assert emulator.position[:2] == pytest.approx((0, 0), abs=0.01)
            assert cli("machine", "jog", "1000", "1000", "--run", run, *words).status == 0
            assert emulator.position[:2] == pytest.approx((400, -250), abs=0.01)

    def test_what_is_given_comes_first(self, run: Path, board: Ebb, machine: Machine) -> None:
        outcome = machine("jog", "1000", "1000", "--run", run, "--machine", "axidraw-minikit", "--yes")
        assert outcome.status == 0, outcome.err
        assert board.at == pytest.approx((160, 101), abs=0.02)


def test_a_makers_software_is_no_board(cli: Cli) -> None:
    outcome = cli("machine", "home", "--driver", "axicli")
    assert outcome.status == 2
    assert "allowed are auto, ebb, grbl, hpgl" in outcome.err


def test_no_board(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotart.plotter.find_driver.found_boards", list)
    outcome = cli("machine", "home")
    assert outcome.status == 1
    assert "choose with --driver and --port" in outcome.err
