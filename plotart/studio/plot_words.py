"""What is told of a plot: messages for the page, and words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from plotart.errors import InputError
from plotart.studio.inked import Span, inked
from plotart.studio.words import plain

if TYPE_CHECKING:
    from plotart.job.plotting import Plotting
    from plotart.plotter.plan import PenPlot
    from plotart.plotter.session import Event, Session

#: How a plot stands: nobody plots; a pen is asked for; it moves; it was paused and asks how to go on; all pens are done
#: or skipped; somebody ended it; the plotter, or its software, failed.
State = Literal["none", "asks", "plots", "paused", "done", "stopped", "failed"]


@dataclass(frozen=True)
class Subject:
    """What is plotted.

    called    by what the page knows it, and how people call it
    plotting  its pens, and how far they are
    whole     of what is left of a run and is plotted corrected: the plot of the run itself, of which the first `after`
              pens are drawn
    """

    called: str
    words: str
    plotting: Plotting
    whole: Plotting | None = None
    after: int = 0

    def number(self, pen: PenPlot) -> int:
        """A pen's number, as the run counts its pens."""
        return pen.number + self.after

    def note(self, pen: PenPlot) -> None:
        """The run's own plot hears how a pen stands that was plotted in place of one of its own. Raises OutputError."""
        from plotart.plotter.session import Status

        status = self.plotting.session.status(pen)
        if self.whole is not None and status in (Status.done, Status.skipped):
            self.whole.session.mark(self.whole.plan.pens[self.number(pen) - 1], status)


def at_rest(called: str, source: Path) -> dict[str, Any]:
    """How a plot stands that nobody is at: as the folder has it."""
    from plotart.job.plotting import open_plotting

    try:
        plotting = open_plotting(source)
    except InputError as error:
        return {"type": "plot", "id": called, "state": "none", "pens": [], "message": plain(str(error))}
    said = "" if plotting.session.untouched else ended(plotting.chosen, plotting.session)
    return message(Subject(called, called, plotting), "none", said)


def message(
    subject: Subject, state: State, said: str, at_hand: Mapping[str, list[Span]] | None = None
) -> dict[str, Any]:
    """What all messages of a plot have in common; `at_hand`: what is on paper of pens of which the session can't tell,
    by their files."""
    plotting, whole = subject.plotting, subject.whole
    pens = [] if whole is None else [told(pen, whole.session, pen.number) for pen in whole.plan.pens[: subject.after]]
    pens += [told(pen, plotting.session, subject.number(pen), at_hand) for pen in plotting.chosen]
    return {
        "type": "plot",
        "id": subject.called,
        "state": state,
        "message": said,
        "pens": pens,
        "machine": plotting.plan.machine.name,
        "corrected": whole is not None,
    }


def told(
    pen: PenPlot, session: Session, number: int, at_hand: Mapping[str, list[Span]] | None = None
) -> dict[str, Any]:
    drawn = (at_hand or {}).get(pen.file)
    return {
        "number": number,
        "name": pen.name,
        "color": pen.layer.color,
        "width": pen.layer.width,
        "metres": round(pen.stats.pen_down_mm / 1000, 3),
        "seconds": round(pen.stats.seconds, 1),
        "status": session.status(pen).value,
        "inked": inked(pen, session) if drawn is None else drawn,
    }


def share(pen: PenPlot, session: Session) -> float:
    """How much of a pen's lines is drawn for all that is known, 0 to 1."""
    from plotart.plotter.progress_mark import paused_mm
    from plotart.plotter.session import Status

    status = session.status(pen)
    if status is not Status.paused:
        return float(status is Status.done)
    drawn = paused_mm(session.paused_svg(pen) or "") or 0.0
    return min(drawn / pen.stats.pen_down_mm, 1.0) if pen.stats.pen_down_mm else 0.0


def said_of(event: Event) -> str:
    """What has come of a pen, with what the plotter's software said."""
    from plotart.plotter.drivers import Code

    name, outcome = event.pen.name, event.outcome
    if event.kind == "starts":
        return f"{name} is being plotted."
    if event.kind == "left":
        return "Stopped. Leave the paper where it is; plotting can go on."
    if event.kind == "paused" and outcome is not None:
        by = " by the plotter's button" if outcome.code == Code.BUTTON else ""
        return f"{name} was paused{by}."
    messages = outcome.messages if outcome is not None else ()
    return " ".join([f"{name} is {'plotted' if event.kind == 'done' else 'skipped'}.", *messages])


def ended(pens: Sequence[PenPlot], session: Session) -> str:
    """Which pens are plotted, skipped and left."""
    from plotart.plotter.session import Status

    words = {"Plotted": {Status.done}, "Skipped": {Status.skipped}}
    words["Left"] = {*Status} - {Status.done, Status.skipped}
    named = {word: [pen.name for pen in pens if session.status(pen) in of] for word, of in words.items()}
    return " ".join(f"{word}: {', '.join(names)}." for word, names in named.items() if names)
