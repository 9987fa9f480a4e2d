"""What of a pen's lines is on the paper: from which mm to which, counted along all of them in plotting order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plotart.plotter.boards.journal import Mark
    from plotart.plotter.plan import PenPlot
    from plotart.plotter.session import Session

Span = tuple[float, float]

#: mm between two spans that are one.
APART = 0.01


def inked(pen: PenPlot, session: Session, *, at: float | None = None) -> list[Span] | None:
    """By the journal of a pen that plotart drives itself, where lines may have been skipped, else by how far the pen
    came; None for one that is done: all of it.

    at  mm that the pen has come to, if it draws
    """
    from plotart.plotter.boards.journal import marks_of
    from plotart.plotter.progress_mark import job_digest, paused_mm
    from plotart.plotter.session import Status

    status = session.status(pen)
    if status is Status.done:
        return None
    if status not in (Status.paused, Status.begun):
        return []
    if marks := marks_of(session.journal_path(pen), job_digest(pen.svg)):
        return spans(marks, at=at)
    drawn = paused_mm(session.paused_svg(pen) or "")
    return [(0.0, drawn)] if drawn else []


def spans(marks: Sequence[Mark], *, at: float | None = None) -> list[Span]:
    """A line is drawn from where the pen comes down to where the next mark finds it; the one at hand as far as `at` mm,
    and not counted where that is not known."""
    ends = [(mark.drawn, after.drawn) for mark, after in pairwise(marks) if mark.down and not after.down]
    if marks[-1].down and at is not None:
        ends.append((marks[-1].drawn, at))
    found: list[Span] = []
    for begin, end in ends:
        if end <= begin:
            continue
        if found and abs(found[-1][1] - begin) <= APART:
            found[-1] = found[-1][0], end
        else:
            found.append((begin, end))
    return found


def reaching(found: list[Span], drawn: float) -> list[Span]:
    """The same once the pen has gone on from the last of them to so many mm."""
    if not found:
        return [(0.0, drawn)] if drawn > 0 else []
    *before, (begin, end) = found
    return [*before, (begin, max(end, drawn))]
