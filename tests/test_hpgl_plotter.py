"""Old pen plotters on a serial line, on an emulated one that keeps its buffer and changes its pens as documented."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from emulators.grbl import Fault, Hook
from emulators.hpgl import ACCELERATION, CHANGE, LIFT, UNIT, Hpgl
from emulators.ink import length, psnr

from plotart.errors import DrawingError, OptionError
from plotart.export.drawing import Line
from plotart.export.hpgl_frame import device_frame, device_of, plain_frame
from plotart.plotter.boards import hpgl_flow
from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.hpgl import HpglBoard
from plotart.plotter.boards.hpgl_flow import Handshake
from plotart.plotter.boards.journal import Journal, Mark, last_mark
from plotart.plotter.boards.live import Live
from plotart.plotter.boards.plotting import Ended, Job, plot_lines
from plotart.plotter.boards.port import SerialPort
from plotart.plotter.boards.port_settings import PortSettings
from plotart.plotter.drivers import Code
from plotart.plotter.machines import Machine

WIDTH, HEIGHT = 297.0, 210.0
MACHINE = Machine(
    "custom", WIDTH, HEIGHT, speed_down=50, speed_up=200, acceleration_down=ACCELERATION, acceleration_up=ACCELERATION
)
FRAME = device_frame("hp7475a", WIDTH, HEIGHT)


def circle(x: float, y: float, radius: float) -> Line:
    angle = np.linspace(0, 2 * np.pi, 150)
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])


def zigzag(x: float, y: float, teeth: int) -> Line:
    steps = np.arange(2 * teeth + 1)
    return np.column_stack([x + steps * 1.5, y + steps % 2 * 12.0])


LINES = [circle(40, 40, 15), zigzag(60, 30, 20), circle(70, 70, 8), zigzag(30, 80, 15)]
ALL_MM = length(LINES)

#: What is compared is the sheet, as on paper: a plotter of 0.025 mm rounds a dense patch of it to 41 dB.
SHEET = (WIDTH, HEIGHT)


@contextmanager
def opened(emulator: Hpgl, handshake: Handshake = "ask", **options: Any) -> Iterator[HpglBoard]:
    flow = "xonxoff" if handshake == "xonxoff" else "none"
    port = SerialPort(emulator.name, baud=9600, flow=flow)
    board = HpglBoard(port, width=WIDTH, height=HEIGHT, handshake=handshake, **options)
    try:
        board.open()
        yield board
    finally:
        board.close()


def plot(
    board: HpglBoard,
    lines: Sequence[Line] = LINES,
    live: Live | None = None,
    *,
    begin: Mark | None = None,
    journal: Journal | None = None,
) -> Ended:
    place = board.position()
    assert place is not None
    return plot_lines(Job(lines, MACHINE), board, live or Live(), place=place, begin=begin, journal=journal)


def on_page(emulator: Hpgl, pen: int = 1) -> list[Line]:
    """What a pen drew, in mm from the page's corner."""
    return [FRAME.page(line / UNIT) for line in emulator.drawn.get(pen, [])]


class TestFrames:
    @pytest.mark.parametrize(("device", "size"), [("hp7475a", (297, 210)), ("hp7550", (420, 297)), ("dxy", (210, 297))])
    def test_a_frame_puts_lines_where_vpype_does(self, device: str, size: tuple[float, float]) -> None:
        from plotart.export.drawing import Drawing, Layer
        from plotart.export.hpgl import to_hpgl
        from plotart.pens import Pen

        line = np.array([[60.0, 80.0], [150.0, 85.0], [100.0, 160.0]])
        drawing = Drawing(*size, (Layer(Pen("Red", "#ff0000", 0.3), [line]),))
        text = to_hpgl(drawing, device, absolute=True)
        (values,) = re.findall(r"PU(-?\d+,-?\d+;PD[-\d,]+);", text)
        meant = np.array(values.replace(";PD", ",").split(","), dtype=float).reshape(-1, 2)
        frame = device_frame(device, *size)
        np.testing.assert_allclose(frame.units(line), meant, atol=1.0)
        np.testing.assert_allclose(frame.page(frame.units(line)), line)

    def test_a_sheet_that_it_does_not_take_is_refused(self) -> None:
        with pytest.raises(DrawingError, match="takes no sheet of 100 x 100 mm"):
            device_frame("hp7475a", 100, 100)

    def test_plotters_are_known_by_what_they_call_themselves(self) -> None:
        assert device_of("7475A") == "hp7475a"
        assert device_of("DPX-3300") is None

    def test_of_others_the_corner_is_the_top_left_of_their_reach(self) -> None:
        frame = plain_frame((-5000, -3600, 5000, 3600))
        np.testing.assert_allclose(frame.units(np.array([[0.0, 0.0], [10.0, 20.0]])), [[-5000, 3600], [-4600, 2800]])


class TestDrawing:
    @pytest.mark.parametrize("handshake", ["ask", "xonxoff", "rtscts"])
    @pytest.mark.parametrize("pieces", [0, 2])
    def test_the_paper_has_what_was_meant(self, handshake: Handshake, pieces: int) -> None:
        with Hpgl(wire=handshake == "rtscts", pieces=pieces) as emulator:
            with opened(emulator, handshake, pen=3) as board:
                assert board.about.version == "7475A"
                assert plot(board).code == Code.FINISHED
                drawn = on_page(emulator, 3)
                assert len(drawn) == len(LINES)
                assert psnr(drawn, LINES, SHEET) >= 45
                assert not emulator.overflowed
                assert (emulator.said_xoff > 0) == (handshake == "xonxoff")
            wait_until_put_back(emulator)
            assert emulator.taken == [3]

    def test_without_a_handshake_its_buffer_overflows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that a test that finds no overflow says something."""
        monkeypatch.setattr(hpgl_flow, "STUCK", 0.5)
        with Hpgl(buffer=256) as emulator, opened(emulator, "rtscts") as board:
            with pytest.raises(BoardFault, match="its buffer overflowed"):
                plot(board)
            assert emulator.overflowed

    def test_a_plotter_that_nobody_knows_draws_from_its_own_corner(self) -> None:
        reach = (0, 0, 12000, 8400)
        with Hpgl(model="DPX-3300", reach=reach) as emulator, opened(emulator) as board:
            plot(board)
            frame = plain_frame(reach)
            drawn = [frame.page(line / UNIT) for line in emulator.drawn[1]]
            assert psnr(drawn, LINES, SHEET) >= 45

    def test_the_slowest_speed_and_all_speeds_are_whole_centimetres(self) -> None:
        with Hpgl() as emulator, opened(emulator) as board:
            before = emulator.now
            line = np.array([[50.0, 50.0], [150.0, 50.0]])
            plot_lines(Job([line], MACHINE.at_speed(10)), board, Live(), place=(50.0, 50.0))
            assert emulator.now - before > 100 / 20

    def test_time_is_what_its_vectors_take(self) -> None:
        """Each from rest to rest: on a drawing of long lines that differs little from what is predicted."""
        states: list[float] = []
        live = Live(tell=lambda state: states.append(state.seconds_left))
        with Hpgl() as emulator, opened(emulator) as board:
            machine = Machine(
                "custom",
                WIDTH,
                HEIGHT,
                speed_down=50,
                speed_up=200,
                acceleration_down=ACCELERATION,
                acceleration_up=ACCELERATION,
                raise_s=LIFT,
                lower_s=LIFT,
            )
            board.wait_idle()
            place = board.position()
            assert place is not None
            before = emulator.now
            plot_lines(Job([zigzag(60, 30, 20)] * 3, machine), board, live, place=place)
            took = emulator.now - before
        assert next(filter(None, states)) == pytest.approx(took, rel=0.03)


class TestLive:
    def test_paused_at_once_and_on_from_there(self) -> None:
        live = Live()
        with Hpgl(hooks=(Hook(150.0, live.stop),)) as emulator, opened(emulator) as board:
            ended = plot(board, live=live)
            assert ended.code == Code.KEYBOARD
            assert 140 < ended.mark.drawn < ALL_MM
            assert length(on_page(emulator)) == pytest.approx(ended.mark.drawn, abs=0.3)
            plot(board, begin=ended.mark)
            assert psnr(on_page(emulator), LINES, SHEET) >= 45
            assert length(on_page(emulator)) == pytest.approx(ALL_MM, abs=1)

    def test_view_suspends_and_goes_on_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hpgl_flow, "STUCK", 0.3)
        emulator = Hpgl(faults=(Fault("view", 100.0),))

        def release() -> None:
            emulator.viewed = False

        with emulator, opened(emulator) as board:
            timer = threading.Timer(1.0, release)
            timer.start()
            assert plot(board).code == Code.FINISHED
            timer.join()
            assert psnr(on_page(emulator), LINES, SHEET) >= 45


class TestFaults:
    def test_no_answer_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hpgl_flow, "ANSWER", 0.2)
        with Hpgl(replies=False) as emulator, pytest.raises(BoardFault, match="does not answer"), opened(emulator):
            pass

    def test_a_pen_that_it_does_not_have(self) -> None:
        fault = pytest.raises(BoardFault, match="of a pen that it does not have")
        with Hpgl() as emulator, fault, opened(emulator, pen=7):
            pass

    def test_what_it_does_not_reach_is_known_before_it_moves(self) -> None:
        with Hpgl() as emulator, opened(emulator) as board:
            assert board.reaches((20.0, 20.0), (200.0, 150.0)) == ""
            assert "with this paper it reaches" in board.reaches((1.0, 20.0), (290.0, 150.0))

    @pytest.mark.parametrize("kind", ["cable", "dead"])
    def test_it_is_told_and_costs_the_line_at_hand(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hpgl_flow, "STUCK", 1.0)
        monkeypatch.setattr(hpgl_flow, "ANSWER", 1.0)
        words = "USB connection was lost" if kind == "cable" else "does not answer"
        path = tmp_path / "journal"
        with Hpgl(faults=(Fault(kind, 150.0),)) as emulator, opened(emulator) as board:
            with pytest.raises(BoardFault, match=words):
                plot(board, journal=Journal(path, "job"))
            before = on_page(emulator)
        goes_on(path, before)


class TestPorts:
    def test_a_port_has_its_speed_and_handshake_behind_it(self) -> None:
        assert PortSettings.read("/dev/ttyUSB0", baud=9600) == PortSettings("/dev/ttyUSB0", 9600)
        assert PortSettings.read("COM3,2400,xonxoff", baud=9600) == PortSettings("COM3", 2400, "xonxoff")
        assert PortSettings.read("COM3, rtscts", baud=9600) == PortSettings("COM3", 9600, "rtscts")

    def test_other_words_are_refused(self) -> None:
        with pytest.raises(OptionError, match="found 'fast'; allowed behind the name are"):
            PortSettings.read("COM3,fast", baud=9600)


def wait_until_put_back(emulator: Hpgl) -> None:
    deadline = time.monotonic() + 5
    while emulator.pen and time.monotonic() < deadline:
        time.sleep(0.01)
    assert emulator.pen == 0
    assert emulator.now > 2 * CHANGE


def goes_on(path: Path, before: list[Line]) -> None:
    """Plots the rest: nothing is left out, and at most a line was drawn twice."""
    mark = last_mark(path, "job")
    with Hpgl() as emulator, opened(emulator) as board:
        assert plot(board, begin=mark, journal=Journal(path, "job")).code == Code.FINISHED
        after = on_page(emulator)
    assert psnr([*before, *after], LINES, SHEET) >= 45
    assert length(before) + length(after) - ALL_MM <= max(length([line]) for line in LINES) * 1.01 + 0.1


class Killed(BaseException):
    """As a kill: nothing is tidied up."""


class MortalPort(SerialPort):
    """A port of a computer that dies after so many bytes, somewhere within a write."""

    left: int

    def write(self, data: bytes) -> None:
        if len(data) > self.left:
            super().write(data[: self.left])
            raise Killed
        self.left -= len(data)
        super().write(data)


def kill(dice: random.Random, folder: Path) -> bool:
    """One plot that is killed at a random byte, and gone on with; whether it was."""
    path = folder / f"journal-{dice.random()}"
    killed = False
    with Hpgl(seed=dice.randrange(1000)) as emulator:
        port = MortalPort(emulator.name)
        port.left = 10_000
        board = HpglBoard(port, width=WIDTH, height=HEIGHT)
        board.open()
        place = board.position()
        assert place is not None
        port.left = dice.randrange(2500)
        try:
            plot_lines(Job(LINES, MACHINE), board, Live(), place=place, journal=Journal(path, "job"))
        except Killed:
            killed = True
        stands(emulator)
        SerialPort.close(port)
        before = on_page(emulator)
    goes_on(path, before)
    return killed


def stands(emulator: Hpgl) -> None:
    last = -1.0
    while emulator.now != last:
        last = emulator.now
        time.sleep(0.1)


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_costs_the_line_at_hand(seed: int, tmp_path: Path) -> None:
    kill(random.Random(seed), tmp_path)


@pytest.mark.slow
def test_thirty_kills(tmp_path: Path) -> None:
    dice = random.Random(30)
    assert sum(kill(dice, tmp_path) for _ in range(30)) >= 15
