"""What of a pen is on the paper, by its journal."""

from __future__ import annotations

import pytest

from plotart.errors import InputError
from plotart.plotter.apart import Reins
from plotart.plotter.boards.journal import Mark
from plotart.plotter.boards.live import LiveState
from plotart.studio.controls import ask_for, offered
from plotart.studio.inked import reaching, spans


def drawn(line: int, begin: float, end: float) -> list[Mark]:
    """A line, from where its pen comes down to its end."""
    return [Mark(line, 0.0, begin, True), Mark(line + 1, 0.0, end)]


def test_lines_one_after_another_are_one_span() -> None:
    assert spans([Mark(0), *drawn(0, 0, 10), *drawn(1, 10, 14)]) == [(0, 14)]


def test_what_is_skipped_is_no_ink_and_what_is_drawn_again_is_no_more() -> None:
    skipped = [Mark(0), *drawn(0, 0, 10), Mark(5, 0.0, 50.0), *drawn(5, 50, 62)]
    assert spans(skipped) == [(0, 10), (50, 62)]
    assert reaching(spans(skipped), 65) == [(0, 10), (50, 65)]
    assert reaching(spans(skipped), 60) == [(0, 10), (50, 62)]


def test_a_line_that_was_cut_off_counts_once_it_is_drawn() -> None:
    cut = [Mark(0), *drawn(0, 0, 10), Mark(1, 0.0, 10.0, True)]
    assert spans(cut) == [(0, 10)]
    assert spans(cut, at=13.5) == [(0, 13.5)]
    assert spans([*cut, *drawn(1, 10, 20)]) == [(0, 20)]
    assert reaching([], 0.0) == []


STATE = LiveState(lines=7, heights=False)


def test_only_what_a_board_can_is_offered() -> None:
    assert offered(None) == []
    assert "height" not in offered(STATE)
    assert "height" in offered(LiveState())


@pytest.mark.parametrize(
    ("control", "value", "words"),
    [
        ("height", 30, "control: found 'height'; allowed are pause, go"),
        ("speed", 3, "speed: found 3; allowed: 0.1 to 2"),
        ("speed", "fast", "speed: found fast"),
        ("speed", True, "speed: found True"),
        ("back", float("nan"), "back: found nan"),
        ("line", 8, "line: found 8; allowed: 1 to 7"),
        ("pause", "soon", "pause: found 'soon'; allowed are now, line"),
        ("up", None, "control: found 'up'"),
    ],
)
def test_what_can_not_be_asked_for_is_refused(control: str, value: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ask_for(control, value, state=STATE, reins=Reins())
