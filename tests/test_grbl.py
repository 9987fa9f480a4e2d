"""Boards with Grbl and grblHAL, on an emulated one that parses, plans and fails as the firmware does."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from emulators.grbl import Fault, Grbl, Hook
from emulators.ink import length, psnr

from plotart.export.drawing import Line
from plotart.export.gcode_habits import GcodeHabits
from plotart.plotter.boards import grbl_stream
from plotart.plotter.boards.board import BoardFault, Place
from plotart.plotter.boards.grbl import GrblBoard
from plotart.plotter.boards.grbl_codes import ALARMS, ERRORS, explain_alarm, explain_error
from plotart.plotter.boards.grbl_pen import GrblPen
from plotart.plotter.boards.grbl_replies import (
    Alarm,
    Banner,
    Build,
    Ok,
    Refused,
    Reply,
    Said,
    Setting,
    Status,
    read_reply,
)
from plotart.plotter.boards.journal import Journal, Mark, last_mark
from plotart.plotter.boards.live import Live, LiveState
from plotart.plotter.boards.plotting import Ended, Job, plot_lines
from plotart.plotter.boards.port import SerialPort
from plotart.plotter.drivers import Code
from plotart.plotter.machines import Machine

MACHINE = Machine("custom", 300, 218, speed_down=50, speed_up=150, raise_s=0.13, lower_s=0.146)

#: A machine whose axes differ, and one with its switches.
LAME = {11: 0.05, 110: 12_000, 111: 6_000, 120: 500, 121: 1500}
SWITCHES = {20: 1, 22: 1}


def circle(x: float, y: float, radius: float) -> Line:
    angle = np.linspace(0, 2 * np.pi, 200)
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])


def square(x: float, y: float, side: float = 10.0) -> Line:
    return np.add(np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * side, (x, y))


def scribble(seed: int, points: int = 120) -> Line:
    steps = np.random.default_rng(seed).normal(0, 1.5, (points, 2))
    return np.clip(np.cumsum(steps, axis=0) + 40, 5, 90)


LINES = [circle(30, 30, 12), square(20, 50), scribble(1), square(60, 50, 20.0), circle(50, 40, 3)]
ALL_MM = length(LINES)


@contextmanager
def opened(
    emulator: Grbl, habits: GcodeHabits | None = None, *, place: Place | None = (0.0, 0.0)
) -> Iterator[GrblBoard]:
    """The board on the emulator's port, at home."""
    board = GrblBoard(SerialPort(emulator.name), MACHINE, habits)
    try:
        board.open()
        if place is not None:
            board.place(place)
        yield board
    finally:
        board.close()


def plot(
    board: GrblBoard,
    lines: Sequence[Line] = LINES,
    live: Live | None = None,
    *,
    begin: Mark | None = None,
    journal: Journal | None = None,
) -> Ended:
    place = board.position()
    assert place is not None
    return plot_lines(Job(lines, MACHINE), board, live or Live(), place=place, begin=begin, journal=journal)


def on_page(emulator: Grbl, home: Place = (0.0, 0.0)) -> list[Line]:
    """What was drawn, in mm from home, y downwards."""
    return [(line - home) * (1, -1) for line in emulator.drawn]


class TestReplies:
    @pytest.mark.parametrize(
        ("line", "reply"),
        [
            ("ok", Ok()),
            ("error:22", Refused(22)),
            ("ALARM:2", Alarm(2)),
            ("Grbl 1.1h ['$' for help]", Banner("Grbl", "1.1h")),
            ("GrblHAL 1.1f ['$' or '$HELP' for help]", Banner("grblHAL", "1.1f")),
            ("$110=9000.000", Setting(110, 9000.0)),
            ("[OPT:V,15,128]", Build("V", 15, 128)),
            ("[OPT:VNMSL,35,1024,3,0]", Build("VNMSL", 35, 1024)),
            ("[MSG:Caution: Unlocked]", Said("[MSG:Caution: Unlocked]")),
            (">G54G20:ok", Said(">G54G20:ok")),
            ("$N0=G54", Said("$N0=G54")),
            ("error:", Said("error:")),
            (
                "<Hold:0|MPos:1.000,-2.500,0.000|FS:0,500|WCO:10.000,0.000,1.500>",
                Status("Hold", 0, (1.0, -2.5, 0.0), None, (10.0, 0.0, 1.5), None),
            ),
            (
                "<Run|WPos:1.000,2.000|Bf:15,128|FS:500,8000|Ov:90,100,100|A:S>",
                Status("Run", None, None, (1.0, 2.0, 0.0), None, 90),
            ),
            ("<Run|MPos:1.0", Said("<Run|MPos:1.0")),
            ("<Run|MPos:1.0,x>", Said("<Run|MPos:1.0,x>")),
        ],
    )
    def test_each_line_has_its_meaning(self, line: str, reply: Reply) -> None:
        assert read_reply(line) == reply

    def test_every_code_has_words_and_unknown_ones_are_told_as_such(self) -> None:
        assert {*range(1, 39)} - ERRORS.keys() == set()
        assert {*range(1, 10)} - ALARMS.keys() == set()
        assert "soft limits" in explain_alarm(2)
        assert "still knows" in explain_alarm(2)
        assert "put it home again" in explain_alarm(1)
        assert "does not know" in explain_error(250)


class TestOpening:
    def test_settings_are_read_back_and_explained(self) -> None:
        with Grbl(settings={130: 420, 131: 297, 20: 1, 22: 1}, at=(-1, -1, -1)) as emulator, opened(emulator) as board:
            assert (board.about.firmware, board.about.version) == ("Grbl", "1.1h")
            assert board.about.steps_mm == 80
            assert board.about.travel == (420, 297)
            assert board.about.limits is not None
            assert board.about.limits.speed == (150, 150)
            assert board.about.limits.deviation == 0.01
            assert "$130=420 (travel, mm, x)" in board.explained

    def test_grblhal_has_a_larger_buffer_which_is_used(self) -> None:
        with Grbl(hal=True) as emulator, opened(emulator) as board:
            assert (board.about.firmware, board.about.version) == ("grblHAL", "1.1f")
            assert board._stream.buffer == 1024
            plot(board)
            assert not emulator.overflowed

    def test_what_is_no_grbl_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("plotart.plotter.boards.grbl.GREETING", 0.1)
        emulator = Grbl()
        emulator.dead = True
        with emulator, pytest.raises(BoardFault, match="no Grbl answers on"), opened(emulator):
            pass

    def test_a_machine_without_switches_is_unlocked_and_does_not_know_its_place(self) -> None:
        emulator = Grbl()
        emulator._state = "Alarm"
        with emulator, opened(emulator, place=None) as board:
            assert emulator.state == "Idle"
            assert board.position() is None
            board.place((10.0, 20.0))
            assert board.position() == pytest.approx((10, 20))

    def test_a_machine_with_switches_homes_itself_and_has_home_at_its_work_zero(self) -> None:
        emulator = Grbl(settings=SWITCHES)
        emulator._wcs[0][:] = (-280.0, -10.0, 0.0)
        with emulator, opened(emulator, place=None) as board:
            assert emulator.position == (-1.0, -1.0, -1.0)
            assert board.position() == pytest.approx((279, -9))
            plot(board)
            assert psnr(on_page(emulator, (-280.0, -10.0)), LINES) >= 45

    def test_homing_that_fails_is_explained(self) -> None:
        emulator = Grbl(settings=SWITCHES)

        def home() -> Iterator[None]:
            emulator._alarm(9)
            yield

        emulator._home = home  # type: ignore[method-assign]
        with emulator, pytest.raises(BoardFault, match=r"did not find its home.*met no limit switch"), opened(emulator):
            pass


class TestDrawing:
    @pytest.mark.parametrize("hal", [False, True])
    @pytest.mark.parametrize("pieces", [0, 3])
    def test_the_paper_has_what_was_meant(self, hal: bool, pieces: int) -> None:
        with Grbl(hal=hal, pieces=pieces) as emulator, opened(emulator) as board:
            assert plot(board).code == Code.FINISHED
            drawn = on_page(emulator)
            assert len(drawn) == len(LINES)
            assert psnr(drawn, LINES) >= 45
            assert not emulator.overflowed
            assert not emulator.pen_is_down
            assert emulator.position == pytest.approx((0, 0, 0))

    @pytest.mark.parametrize("settings", [{}, LAME, {13: 1}, {10: 2}])
    def test_the_time_left_is_what_it_takes(self, settings: dict[int, float]) -> None:
        states: list[LiveState] = []
        with Grbl(settings=settings) as emulator, opened(emulator) as board:
            before = emulator.busy
            plot(board, live=Live(tell=states.append))
            took = emulator.busy - before
        told = next(state.seconds_left for state in states if state.seconds_left)
        assert told == pytest.approx(took, rel=0.03)

    def test_a_flood_overflows_the_emulated_buffer(self) -> None:
        """So that a test that finds no overflow says something."""
        with Grbl() as emulator, opened(emulator) as board:
            for _ in range(40):
                board._port.write(b"G1X10Y10F500\nG1X0Y0F500\n")
            deadline = time.monotonic() + 5
            while not emulator.overflowed and time.monotonic() < deadline:
                time.sleep(0.01)
            assert emulator.overflowed

    def test_a_servo_that_is_not_waited_for_shows(self) -> None:
        hasty = GcodeHabits(("G21",), ("M3 S1000", "G4 P0.01"), ("M3 S0", "G4 P0.01"), (), True)
        with Grbl(servo_s=0.3) as emulator, opened(emulator, hasty) as board:
            plot(board)
            assert psnr(on_page(emulator), LINES) < 45


class TestPens:
    def test_a_pen_on_the_z_axis(self) -> None:
        habits = GcodeHabits(("G21", "G90"), ("G1 Z0 F1200",), ("G0 Z4",), (), True)
        with Grbl(lift="z") as emulator, opened(emulator, habits) as board:
            plot(board)
            assert psnr(on_page(emulator), LINES) >= 45
            assert emulator.position[2] == 4
            assert "G1 Z0 F1200" in emulator.lines_taken

    def test_a_page_whose_y_grows_with_the_machine_s(self) -> None:
        habits = GcodeHabits(("G21",), ("M3 S900", "G4 P0.2"), ("M5", "G4 P0.2"), (), False)
        with Grbl() as emulator, opened(emulator, habits) as board:
            plot(board)
            assert psnr(emulator.drawn, LINES) >= 45

    def test_heights_go_on_along_the_profile_s(self) -> None:
        pen = GrblPen.of_profile(
            GcodeHabits((), ("M3 S800",), ("M3 S200", "G4 P0.5"), (), True), MACHINE, {30: 1000.0, 31: 0.0}
        )
        assert pen.lowered(30) == ("M3 S800", "G4 P0.146")
        assert pen.raised(60) == ("M3 S200", "G4 P0.5")
        assert pen.lowered(25) == ("M3 S900", "G4 P0.146")
        assert pen.lowered(0) == ("M3 S1000", "G4 P0.146")

    def test_a_pen_that_moves_by_so_many_mm_keeps_its_height(self) -> None:
        habits = GcodeHabits((), ("G91 Z13", "G90"), ("G91 Z-10", "G90"), (), True)
        assert GrblPen.of_profile(habits, MACHINE, {}).lowered(10) == ("G91 Z13", "G90")


class TestLive:
    def test_paused_at_once_and_on_from_there(self) -> None:
        live = Live()
        hook = Hook(30.0, live.stop)
        with Grbl(hooks=(hook,)) as emulator, opened(emulator) as board:
            ended = plot(board, live=live)
            assert ended.code == Code.KEYBOARD
            assert ended.mark.line == 0
            # It brakes within v^2 / 2a of where it was told to, and the pen is up.
            assert 30 <= ended.mark.at <= 30 + 50**2 / 2 / 800 + 8
            assert length(emulator.drawn) == pytest.approx(ended.mark.drawn, abs=0.02)
            assert emulator.state == "Idle"
            plot(board, begin=ended.mark)
            assert psnr(on_page(emulator), LINES) >= 45
            assert length(emulator.drawn) == pytest.approx(ALL_MM, abs=0.3)

    def test_slower_while_it_draws(self) -> None:
        took = {}
        for share in (1.0, 0.5):
            live = Live()
            hook = Hook(5.0, lambda live=live, share=share: live.set_speed(share))
            lines = [np.array([[10.0, 10.0], [110.0, 10.0]]), np.array([[10.0, 20.0], [110.0, 20.0]])]
            with Grbl(hooks=(hook,)) as emulator, opened(emulator) as board:
                before = emulator.busy
                assert plot(board, lines, live).code == Code.FINISHED
                took[share] = emulator.busy - before
                assert psnr(on_page(emulator), lines) >= 45
        # 195 of 200 mm at half of 50 mm/s.
        assert took[0.5] - took[1.0] == pytest.approx(195 / 50, rel=0.1)

    def test_lower_while_it_draws(self) -> None:
        live = Live()
        hook = Hook(40.0, lambda: live.set_heights(down=31.0))
        with Grbl(hooks=(hook,)) as emulator, opened(emulator) as board:
            plot(board, live=live)
            assert "M3 S966.667" in emulator.lines_taken
            assert psnr(on_page(emulator), LINES) >= 45

    def test_its_own_hold_or_door_pauses(self) -> None:
        with Grbl(faults=(Fault("door", 60.0),)) as emulator, opened(emulator) as board:
            ended = plot(board)
            assert ended.code == Code.BUTTON
            assert length(emulator.drawn) == pytest.approx(ended.mark.drawn, abs=0.02)
            plot(board, begin=ended.mark)
            assert psnr(on_page(emulator), LINES) >= 45

    def test_where_it_stands_is_told_as_it_goes(self) -> None:
        states: list[LiveState] = []
        line = [np.array([[10.0, 10.0], [210.0, 10.0]])]
        with Grbl(pace=4) as emulator, opened(emulator) as board:
            plot(board, line, Live(tell=states.append))
        on_line = [state.drawn_mm for state in states if state.pen_down]
        assert on_line == sorted(on_line)
        assert len([mm for mm in on_line if 10 < mm < 190]) >= 4


class TestFaults:
    def test_soft_limits_are_known_before_it_moves(self) -> None:
        emulator = Grbl(settings={**SWITCHES, 130: 80})
        emulator._wcs[0][:] = (-79.0, -1.0, 0.0)
        with emulator, opened(emulator, place=None) as board:
            assert board.reaches((0.0, 0.0), (70.0, 200.0)) == ""
            problem = board.reaches((100.0, 20.0), (110.0, 30.0))
            assert "soft limits allow 80 x 218 mm ($130, $131)" in problem
            with pytest.raises(BoardFault, match="alarm 2: a move would have left"):
                plot(board, [square(100, 20)])
            assert emulator.drawn == []

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (Fault("alarm", 60.0, 1), "alarm 1: a limit switch was hit"),
            (Fault("alarm", 60.0, 3), "put it home again"),
            (Fault("error", 60.0, 20), "error 20: the board does not know this command; the line was"),
            (Fault("reset", 60.0), "was reset in the middle of the plot"),
            (Fault("cable", 60.0), "USB connection was lost"),
            (Fault("dead", 60.0), "says nothing any more"),
        ],
        ids=lambda value: value.kind if isinstance(value, Fault) else "",
    )
    def test_it_is_told_and_costs_the_line_at_hand(
        self, fault: Fault, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(grbl_stream, "SILENCE", 0.5)
        path = tmp_path / "journal"
        with Grbl(faults=(fault,)) as emulator, opened(emulator) as board:
            with pytest.raises(BoardFault, match=words):
                plot(board, journal=Journal(path, "job"))
            board.halt()
            before = on_page(emulator)
            if fault.kind in ("alarm", "error", "reset"):
                wait_for(lambda: not emulator.pen_is_down)
                assert emulator.state == "Idle"
        goes_on(path, before)

    def test_overflow_would_be_seen(self) -> None:
        """A board that says it has more room than it has: what it loses, it does not draw, and an error tells."""
        emulator = Grbl()
        emulator._build = lambda: ("[OPT:V,15,400]",)  # type: ignore[method-assign]
        with emulator, opened(emulator) as board:
            with pytest.raises(BoardFault):
                plot(board, [scribble(seed, 400) for seed in range(6)])
            assert emulator.overflowed


def wait_for(what: object, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.005)
    assert what()  # type: ignore[operator]


def goes_on(path: Path, before: list[Line]) -> None:
    """Plots the rest with the carriage put home: nothing is left out, and at most a line was drawn twice."""
    mark = last_mark(path, "job")
    with Grbl() as emulator, opened(emulator) as board:
        assert plot(board, begin=mark, journal=Journal(path, "job")).code == Code.FINISHED
        after = on_page(emulator)
    assert psnr([*before, *after], LINES) >= 45
    twice = length(before) + length(after) - ALL_MM
    # Steps of a motor make a line a little longer.
    assert twice <= max(length([line]) for line in LINES) * 1.01 + 0.1


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
    """One plot that is killed at a random byte on the line and a random byte of the journal's last record, and gone on
    with; whether it was."""
    path = folder / f"journal-{dice.random()}"
    with Grbl(pieces=dice.choice([0, 5]), seed=dice.randrange(1000)) as emulator:
        port = MortalPort(emulator.name)
        port.left = 10_000
        board = GrblBoard(port, MACHINE)
        board.open()
        board.place((0.0, 0.0))
        # LINES take about 7,600 bytes.
        port.left = dice.randrange(7600)
        killed = False
        try:
            plot_lines(Job(LINES, MACHINE), board, Live(), place=(0.0, 0.0), journal=Journal(path, "job"))
        except Killed:
            killed = True
        # The board draws what it has.
        wait_for(lambda: emulator.stands, 30)
        board.close()
        before = on_page(emulator)
    if killed and dice.random() < 0.5:
        content = path.read_bytes()
        # A torn last record is one whose write did not return: what it would have told was not begun.
        last = content[:-1].rfind(b"\n") + 1
        if b'"down":true' not in content[last:]:
            path.write_bytes(content[: dice.randrange(last, len(content))])
    goes_on(path, before)
    return killed


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_costs_the_line_at_hand(seed: int, tmp_path: Path) -> None:
    kill(random.Random(seed), tmp_path)


@pytest.mark.slow
def test_a_hundred_kills(tmp_path: Path) -> None:
    dice = random.Random(100)
    assert sum(kill(dice, tmp_path) for _ in range(100)) >= 90


@pytest.mark.slow
def test_fifty_pulled_cables(tmp_path: Path) -> None:
    dice = random.Random(50)
    for number in range(50):
        path = tmp_path / f"journal-{number}"
        with Grbl(faults=(Fault("cable", dice.uniform(0.1, ALL_MM - 0.1)),)) as emulator, opened(emulator) as board:
            with pytest.raises(BoardFault, match="USB connection was lost"):
                plot(board, journal=Journal(path, "job"))
            before = on_page(emulator)
        goes_on(path, before)


@pytest.mark.slow
def test_twenty_alarms(tmp_path: Path) -> None:
    dice = random.Random(20)
    for number in range(20):
        path = tmp_path / f"journal-{number}"
        code = dice.choice([1, 2, 3, 10, 11, 17])
        fault = Fault("alarm", dice.uniform(0.1, ALL_MM - 0.1), code)
        with Grbl(faults=(fault,), hal=code > 9) as emulator, opened(emulator) as board:
            with pytest.raises(BoardFault, match=f"alarm {code}: "):
                plot(board, journal=Journal(path, "job"))
            board.halt()
            wait_for(lambda emulator=emulator: not emulator.pen_is_down)
            before = on_page(emulator)
        goes_on(path, before)
