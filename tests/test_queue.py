"""plotart queue: drawings one after another, on a board that is not there."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

from conftest import Cli, Outcome
from emulators.ebb import Ebb, pull_after
from emulators.pseudo_terminal import PseudoTerminal
from on_board import cells, times_drawn

from plotart.errors import DrawingError, OptionError, OutputError
from plotart.export.drawing import Drawing, Layer
from plotart.job.plot_queue import PlotQueue, QueuedJob, new_job
from plotart.pens import Pen

RED, BLUE = Pen("Red", "#ff0000", 0.3), Pen("Blue", "#0000ff", 0.3)

#: What two drawings draw, each in places of its own.
FIRST, SECOND = cells()[:8], cells()[8:16]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOTART_STATE", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def first(folder: Path) -> Path:
    """In red, then blue."""
    return Drawing(100, 60, (Layer(RED, FIRST[:4]), Layer(BLUE, FIRST[4:]))).save(folder / "first.svg")


@pytest.fixture
def second(folder: Path) -> Path:
    """In blue alone."""
    return Drawing(100, 60, (Layer(BLUE, SECOND),)).save(folder / "second.svg")


@pytest.fixture
def queue(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Runs `plotart queue run` on a board; `says` is what a person types."""

    def run(board: Ebb, says: str, *words: str) -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(says))
        with PseudoTerminal(board.receive, seed=len(board.said)) as port:
            outcome = cli("queue", "run", "--driver", "ebb", "--port", port.name, *words)
        board.settle()
        return outcome

    return run


def waiting() -> list[str]:
    return [job.name for job in PlotQueue().jobs()]


def test_drawing_after_drawing_with_a_pen_that_stays_in(
    cli: Cli, queue: Callable[..., Outcome], first: Path, second: Path
) -> None:
    assert cli("queue", "add", first, second).out == "1  first.svg\n2  second.svg\n"
    board = Ebb()
    outcome = queue(board, "\n\n\n")
    assert outcome.status == 0, outcome.err
    assert outcome.out.count("Lay the paper") == 2
    assert outcome.out.count("Put this pen in.") == 2
    assert outcome.out.count("This pen drew last: if it is in the holder still, it stays there.") == 1
    np.testing.assert_allclose(times_drawn([*FIRST, *SECOND], board.lines), 1, atol=0.03)
    assert waiting() == []
    assert "The queue is empty." in outcome.out
    assert not board.faults


def test_each_copy_is_on_new_paper(cli: Cli, queue: Callable[..., Outcome], second: Path) -> None:
    cli("queue", "add", second, "--copies", "3")
    board = Ebb()
    outcome = queue(board, "\n\ns\n")
    assert outcome.out.count("Lay the paper") == 3
    np.testing.assert_allclose(times_drawn(SECOND, board.lines), 2, atol=0.06)  # the third was skipped
    assert waiting() == []


def test_what_was_plotted_before_is_plotted_again_and_what_was_begun_goes_on(
    cli: Cli, queue: Callable[..., Outcome], first: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = Ebb()
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n"))
    with PseudoTerminal(board.receive) as port:
        cli("plot", second, "--driver", "ebb", "--port", port.name)
        cli("plot", first, "--driver", "ebb", "--port", port.name, "--pens", "1")
    cli("queue", "add", second, first)
    assert queue(board, "\n\n").status == 0
    np.testing.assert_allclose(times_drawn(SECOND, board.lines), 2, atol=0.06)
    np.testing.assert_allclose(times_drawn(FIRST, board.lines), 1, atol=0.03)


def test_a_pulled_cable_then_the_same_command(
    cli: Cli, queue: Callable[..., Outcome], first: Path, second: Path
) -> None:
    cli("queue", "add", first, second)
    board = Ebb(meanwhile=pull_after(250))
    outcome = queue(board, "\n\n\n")
    assert outcome.status == 1
    assert "go on with: plotart queue run --driver ebb --port" in outcome.err
    assert waiting() == ["first.svg", "second.svg"]
    board.meanwhile = lambda board, command: None
    cli("queue", "add", second)  # while it stands still
    outcome = queue(board, "\n\n\nq\n")
    assert "It was paused after" in outcome.out
    assert waiting() == ["second.svg"]
    times = np.array(times_drawn([*FIRST, *SECOND], board.lines))
    assert times.min() > 0.97
    assert (times > 1.03).sum() <= 1
    assert queue(board, "\n").status == 0
    assert waiting() == []


def test_a_kill_before_a_drawing_begins_plots_it_again_all_the_same(second: Path) -> None:
    """Whatever is on disk when a process ends: the drawing reset, and not yet begun; or begun, and done."""
    waiting, state = PlotQueue(), second.parent / "second.plotting.json"
    (job,) = waiting.add([new_job(second)])
    plotting = job.opened()
    (pen,) = plotting.chosen
    state.write_text(json.dumps({"files": {pen.file: pen.sha256}, "pens": {pen.file: "done"}}))
    assert waiting.take(job).left
    (job,) = waiting.jobs()
    assert job.begun
    assert waiting.take(job).left
    state.write_text(json.dumps({"files": {pen.file: pen.sha256}, "pens": {pen.file: "done"}}))
    assert not waiting.take(job).left
    assert waiting.remove([job.number]) == [job]


def test_what_is_gone_or_written_anew_meanwhile(
    cli: Cli, queue: Callable[..., Outcome], first: Path, second: Path, folder: Path
) -> None:
    gone = Path(shutil.copy(first, folder / "gone.svg"))
    cli("queue", "add", gone, first, second)
    gone.unlink()
    Drawing(100, 60, (Layer(BLUE, SECOND[:2]),)).save(second)
    listed = cli("queue", "list").out
    assert "no such run folder or SVG" in listed
    board = Ebb()
    dry = queue(board, "", "--dry-run")
    assert "It would stay in the queue" in dry.out
    assert "All: 2 drawings" in dry.out
    assert "2 times a pen is put in" in dry.out
    assert not board.said
    outcome = queue(board, "\n\n\n")
    assert outcome.status == 2
    assert "It was written anew since it was added; it is plotted as it is now." in outcome.out
    assert "1 drawing could not be plotted" in outcome.err
    assert "plotart queue remove 1" in outcome.err
    np.testing.assert_allclose(times_drawn([*FIRST, *SECOND[:2]], board.lines), 1, atol=0.03)
    assert max(times_drawn(SECOND[2:], board.lines)) == 0
    assert waiting() == ["gone.svg"]


def test_what_is_written_anew_in_the_middle_is_refused_and_the_next_one_drawn(
    cli: Cli, queue: Callable[..., Outcome], first: Path, second: Path
) -> None:
    cli("queue", "add", first, second)
    board = Ebb()
    queue(board, "\nq\n")  # the red pen is done
    Drawing(100, 60, (Layer(RED, FIRST[:2]), Layer(BLUE, FIRST[2:]))).save(first)
    outcome = queue(board, "\n")
    assert outcome.status == 2
    assert "It stays in the queue" in outcome.out
    assert "the drawing was written anew after its plotting began" in outcome.out
    np.testing.assert_allclose(times_drawn(SECOND, board.lines), 1, atol=0.03)


def test_list_remove_and_clear(cli: Cli, first: Path, second: Path) -> None:
    assert cli("queue", "list").out == "The queue is empty.\n"
    assert cli("queue", "run").out == "The queue is empty.\n"
    cli("queue", "add", first, second, second)
    assert cli("queue", "remove", "2").out == "Taken out: 2 second.svg.\n"
    outcome = cli("queue", "remove", "2")
    assert outcome.status == 2
    assert "2: not in the queue; allowed are 1, 3" in outcome.err
    assert cli("queue", "add", first).out == "4  first.svg\n"
    assert cli("queue", "add", second, "--queue", "big").out == "1  second.svg\n"
    assert "Taken out: 1 first.svg, 3 second.svg, 4 first.svg." in cli("queue", "clear").out
    assert waiting() == []
    assert "second.svg" in cli("queue", "list", "--queue", "big").out
    assert cli("queue", "add", second).out == "5  second.svg\n"  # no number is given twice


def test_what_cannot_be_plotted_is_not_added(cli: Cli, first: Path, folder: Path) -> None:
    assert "no such run folder or SVG" in cli("queue", "add", folder / "none.svg").err
    assert "'Green' is no pen" in cli("queue", "add", first, "--pens", "Green").err
    assert "allowed are up to 50 of" in cli("queue", "add", first, "--queue", "../big").err
    assert waiting() == []


def test_one_process_plots_from_a_queue(first: Path) -> None:
    one, other = PlotQueue(), PlotQueue()
    with one.running():
        with pytest.raises(OutputError, match="is at work in this folder"), other.running():
            pass
        other.add([new_job(first)])  # and others may still lengthen it


def test_a_damaged_queue_is_told(first: Path) -> None:
    queue = PlotQueue()
    (job,) = queue.add([new_job(first, pens=["1"], speed_down=10)])
    assert queue.jobs() == [job] == [replace(job, pens=("1",))]
    assert isinstance(job, QueuedJob)
    queue.path.write_text(queue.path.read_text()[:-10])
    with pytest.raises(DrawingError, match="can't be read as a queue"):
        queue.jobs()
    with pytest.raises(OptionError, match="queue a b"):
        PlotQueue("a b")
