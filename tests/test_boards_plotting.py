"""The loop that plots, its journal and its trajectories, on a board in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from emulators.fake import FakeBoard

from plotart.errors import DrawingError, OutputError
from plotart.export.drawing import Line
from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.journal import Journal, Mark, last_mark
from plotart.plotter.boards.live import Live, LiveState
from plotart.plotter.boards.plotting import Ended, Job, plot_lines
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.drivers import Code
from plotart.plotter.machines import MACHINES
from plotart.plotter.planners import line_seconds

MACHINE = replace(MACHINES["axidraw-v3"], planner="plain", raise_s=0.1, lower_s=0.1)


def square(x: float, y: float, side: float = 10.0) -> Line:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * side
    return np.add(corners, (x, y))


LINES = [square(20 * number, 30.0) for number in range(1, 6)]


def plot(board: FakeBoard, live: Live | None = None, lines: list[Line] = LINES, **options: object) -> Ended:
    place = board.at or (0.0, 0.0)
    board.at = place
    return plot_lines(Job(lines, MACHINE), board, live or Live(), place=place, **options)  # type: ignore[arg-type]


def length(lines: list[Line]) -> float:
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def circle(radius: float, pieces: int) -> Line:
    angle = np.linspace(0, 2 * np.pi, pieces)
    return np.column_stack([np.cos(angle), np.sin(angle)]) * radius + 40


@pytest.mark.parametrize(
    "line",
    [
        square(0, 0),
        circle(8, 400),
        np.array([[0.0, 0], [0.05, 0], [0.05, 0], [30, 0], [0, 0.0]]),
        np.array([[1.0, 1], [1.3, 1]]),
    ],
    ids=["square", "circle", "back", "short"],
)
def test_a_trajectory_takes_what_is_predicted(line: Line) -> None:
    trajectory = Trajectory.plan(line, 50.2, 762)
    assert trajectory.seconds == pytest.approx(float(line_seconds([line], 50.2, 762)[0]))
    times = np.linspace(0, trajectory.seconds, 4001)
    distance = trajectory.distance(times)
    speed = np.diff(distance) / np.diff(times)
    assert distance[0] == 0
    assert distance[-1] == pytest.approx(trajectory.length)
    assert (np.diff(distance) >= 0).all()
    assert speed.max() <= 50.2 * (1 + 1e-6)
    assert np.abs(np.diff(speed)).max() <= 762 * times[1] * 1.01
    np.testing.assert_allclose(trajectory.time(distance), times, atol=2e-4)
    middle = [trajectory.speed_at(float(time)) for time in (times[1:] + times[:-1]) / 2]
    np.testing.assert_allclose(middle, speed, atol=762 * times[1])


def test_brakes_keep_to_the_line_and_its_acceleration() -> None:
    trajectory = Trajectory.plan(circle(8, 400), 50.2, 762)
    braking = trajectory.braked(trajectory.seconds / 2)
    assert braking.way == pytest.approx(50.2**2 / 2 / 762)
    begin, middle, end = braking.distance(np.array([0, 0.5, 1]) * braking.seconds)
    assert begin == braking.begin == pytest.approx(float(trajectory.distance(trajectory.seconds / 2)[0]))
    assert end == braking.end
    np.testing.assert_allclose(braking.time(np.array([begin, middle, end])), np.array([0, 0.5, 1]) * braking.seconds)
    assert trajectory.braked(trajectory.seconds).way == 0
    for seconds in np.linspace(0, trajectory.seconds, 50):
        assert trajectory.braked(float(seconds)).end <= trajectory.length + 1e-9


def test_all_lines_are_drawn_and_time_is_what_was_told() -> None:
    board, states = FakeBoard(), list[LiveState]()
    live = Live(tell=states.append)
    ended = plot(board, live)
    assert ended.code == Code.FINISHED
    assert ended.mark.line == len(LINES)
    assert board.at == (0.0, 0.0)
    np.testing.assert_allclose(np.concatenate(board.drawn), np.concatenate(LINES))
    assert next(state.seconds_left for state in states if state.seconds_left) == pytest.approx(board.seconds)
    left = [state.seconds_left for state in states[2:]]
    assert left == sorted(left, reverse=True)
    assert states[-1].drawn_mm == states[-1].all_mm == pytest.approx(200)


def test_what_is_out_of_reach_is_refused_before_anything_moves() -> None:
    board = FakeBoard()
    with pytest.raises(DrawingError, match="reaches 300 x 218 mm"):
        plot(board, lines=[square(295, 10)])
    assert board.seconds == 0


def test_pause_at_once_and_from_its_mark_on(tmp_path: Path) -> None:
    board, live = FakeBoard(), Live()
    board.meanwhile = lambda mm: live.stop() if mm > 110 else None
    ended = plot(board, live)
    assert ended.code == Code.KEYBOARD
    assert 0 < ended.mark.at < 40
    assert not board.down
    assert length(board.drawn) == pytest.approx(ended.mark.drawn)
    board.meanwhile = lambda mm: None
    assert plot(board, begin=ended.mark).code == Code.FINISHED
    assert length(board.drawn) == pytest.approx(200)


def test_pause_at_the_end_of_the_line_then_on() -> None:
    board = FakeBoard()
    states: list[LiveState] = []

    def tell(state: LiveState) -> None:
        states.append(state)
        if state.paused:
            live.go_on()

    live = Live(tell=tell)
    board.meanwhile = lambda mm: live.pause() if 60 < mm < 62 else None
    assert plot(board, live).code == Code.FINISHED
    paused = [state for state in states if state.paused]
    assert paused
    assert paused[0].drawn_mm % 40 == pytest.approx(0)
    np.testing.assert_allclose(np.concatenate(board.drawn), np.concatenate(LINES))


def test_back_draws_again_and_skip_leaves_out() -> None:
    board, live = FakeBoard(), Live()
    done = []

    def meanwhile(mm: float) -> None:
        if mm > 100 and not done:
            done.append(mm)
            live.back(50)
        elif mm > 300 and len(done) == 1:
            done.append(mm)
            live.skip_to(4)

    board.meanwhile = meanwhile
    ended = plot(board, live)
    assert ended.code == Code.FINISHED
    assert len(done) == 2
    np.testing.assert_allclose(board.drawn[-1], LINES[4])
    drawn = np.concatenate(board.drawn)
    assert 40 < length(board.drawn) < 250
    assert drawn[:, 0].min() == 20


def test_speed_and_height_change_within_a_line() -> None:
    slow, fast = FakeBoard(), FakeBoard()
    live = Live()
    assert plot(fast).code == Code.FINISHED

    def meanwhile(mm: float) -> None:
        if mm > 60:
            live.set_speed(0.5)
            live.set_heights(down=20)

    slow.meanwhile = meanwhile
    assert plot(slow, live).code == Code.FINISHED
    assert slow.seconds > fast.seconds * 1.15
    assert slow.heights == [(60, 30), (60, 20)]
    assert length(slow.drawn) == pytest.approx(200)
    np.testing.assert_allclose(np.unique(np.concatenate(slow.drawn)[:, 0])[:2], [20, 30], atol=10)


def test_the_button_pauses() -> None:
    board = FakeBoard()

    def meanwhile(mm: float) -> None:
        board.pressed = mm > 90

    board.meanwhile = meanwhile
    ended = plot(board)
    assert ended.code == Code.BUTTON
    assert ended.mark.at > 0


def test_a_pulled_cable_costs_the_line_at_hand(tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "journal"
    board.meanwhile = lambda mm: board.pull() if mm > 130 else None
    with pytest.raises(BoardFault, match="USB connection was lost"):
        plot(board, journal=Journal(path, "job"))
    mark = last_mark(path, "job")
    assert mark is not None
    assert mark.down
    assert mark.at == 0
    assert mark.drawn == length(board.drawn)
    again = FakeBoard()
    assert plot(again, begin=mark, journal=Journal(path, "job")).code == Code.FINISHED
    np.testing.assert_allclose(np.concatenate(board.drawn + again.drawn), np.concatenate(LINES))
    assert last_mark(path, "another") is None


def test_a_journal_cut_at_any_byte_goes_on_at_a_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path, "job")
    marks = [Mark(number, 0.25 * number, 1.5, number % 2 == 1, 0.1, 0.2) for number in range(4)]
    sizes = []
    for mark in marks:
        journal.mark(mark)
        sizes.append(path.stat().st_size)
    journal.close()
    content = path.read_bytes()
    for cut in range(len(content) + 1):
        path.write_bytes(content[:cut])
        whole = [mark for mark, size in zip(marks, sizes, strict=True) if size <= cut]
        assert last_mark(path, "job") == (whole[-1] if whole else None)
        again = Journal(path, "job")
        again.mark(Mark(9))
        again.close()
        assert last_mark(path, "job") == Mark(9)
        assert path.read_bytes().count(b"\n") == len(whole) + 2
    for flipped in range(sizes[0], sizes[1]):
        damaged = bytearray(content)
        damaged[flipped] ^= 1
        path.write_bytes(damaged)
        assert last_mark(path, "job") in (marks[0], None)


def test_a_journal_that_cannot_be_written_stops_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        Journal(tmp_path / "no" / "journal", "job")
