"""A drawing on its way to paper, which may take days: what is done, and how it goes on after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from plotart.errors import DrawingError, MissingError, PlotterError
from plotart.plotter.boards.journal import Mark, last_mark
from plotart.plotter.drivers import Code, Driver, Outcome, PlotOptions
from plotart.plotter.plan import PenPlot, PlotPlan
from plotart.plotter.progress_mark import SOFTWARE, from_home, job_digest, marked, paused_mm, tells_position
from plotart.runs.run import RunFolder


class Status(str, Enum):
    """How far a pen has come. A pen that is `begun` was cut off, and nobody knows where; one that was cut off and has a
    journal is `paused`."""

    waiting = "waiting"
    done = "done"
    skipped = "skipped"
    paused = "paused"
    begun = "begun"


class Answer(Enum):
    """What a person says before a pen. `home`: go on, and the carriage has been put back to its home by hand."""

    plot = "plot"
    home = "home"
    skip = "skip"
    stop = "stop"


@dataclass(frozen=True)
class Prompt:
    """What is to be asked before a pen.

    first       nothing is on the paper yet: it has to be laid on
    status      waiting, paused or begun
    paused_mm   mm that the pen had drawn when it was paused; None when it wasn't
    can_rehome  whether the plot goes on from where the carriage stands, so that it may be put home instead
    lost        whether the plotter has told that it does not know where the carriage stands, so that it has to be
    held        whether the pen drew last, and is in the holder still if nobody has taken it out
    stalls      the pens that a plotter with a carousel changes by itself, this one among them, by their stalls; empty
                where a person puts every pen in
    """

    pen: PenPlot
    first: bool
    status: Status
    paused_mm: float | None
    can_rehome: bool
    lost: bool = False
    held: bool = False
    stalls: Mapping[int, PenPlot] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """What has come of a pen: it `starts`, is `done` or `skipped`, was `paused` (or stopped by a fault), or `left`."""

    pen: PenPlot
    kind: Literal["starts", "done", "skipped", "paused", "left"]
    outcome: Outcome | None = None


Ask = Callable[[Prompt], Answer]


@runtime_checkable
class HasCarousel(Protocol):
    """A driver whose machine may change its pens by itself."""

    def stalls(self, profile: str | None) -> int: ...


class Session:
    """The state of a plot, in ``<prefix>plotting.json``, an SVG ``<prefix>paused_NN.svg`` per paused pen, and a journal
    ``<prefix>journal_NN.log`` of a pen that plotart drives itself."""

    def __init__(self, folder: RunFolder, prefix: str, plan: PlotPlan, state: dict[str, Any]) -> None:
        self.folder = folder
        self._prefix = prefix
        self._plan = plan
        self._state = state
        #: Where pens go on that were cut off.
        self._cut_off: dict[str, Mark] = {}
        for pen in plan.pens:
            begun = state["pens"].get(pen.file) == Status.begun.value
            if begun and (mark := last_mark(self.journal_path(pen), job_digest(pen.svg))) is not None:
                # The carriage has moved on since that was written.
                self._cut_off[pen.file] = replace(mark, x=None, y=None)

    @classmethod
    def open(cls, folder: Path, plan: PlotPlan, *, prefix: str = "", restart: Sequence[PenPlot] = ()) -> Session:
        """The session of earlier, or a new one; the pens of `restart` begin again, all of them forget everything.

        Raises DrawingError when it can't be read, or the drawing was written anew since; nothing is written yet.
        """
        state = {"files": {pen.file: pen.sha256 for pen in plan.pens}, "pens": {}}
        session = cls(RunFolder(folder), prefix, plan, state)
        if len(restart) == len(plan.pens):
            return session
        earlier = session._read()
        if earlier is None:
            return session
        again = "--restart, without --pens, forgets what was plotted and begins again, on new paper"
        changed = sorted({file for file, _ in earlier["files"].items() ^ state["files"].items()})
        if changed:
            raise DrawingError(
                f"{session.path}: the drawing was written anew after its plotting began ({', '.join(changed)}), and "
                f"the paper has lines of the old one; {again}"
            )
        for pen in restart:
            earlier["pens"].pop(pen.file, None)
        return cls(session.folder, prefix, plan, earlier)

    @property
    def path(self) -> Path:
        return self.folder.path / f"{self._prefix}plotting.json"

    @property
    def untouched(self) -> bool:
        """Whether nothing is on the paper yet."""
        return not {Status.done, Status.paused, Status.begun} & {self.status(pen) for pen in self._plan.pens}

    def status(self, pen: PenPlot) -> Status:
        if pen.file in self._cut_off:
            return Status.paused
        return Status(self._state["pens"].get(pen.file, Status.waiting))

    def mark(self, pen: PenPlot, status: Status) -> None:
        """Raises OutputError."""
        self._cut_off.pop(pen.file, None)
        self._state["pens"][pen.file] = status.value
        self.folder.write(self.path.name, json.dumps(self._state, indent=2, ensure_ascii=False) + "\n")
        if status in (Status.done, Status.skipped):
            self._paused_path(pen).unlink(missing_ok=True)
            self.journal_path(pen).unlink(missing_ok=True)

    def pause(self, pen: PenPlot, svg: str, driver: Driver) -> None:
        """Keeps the SVG with which this driver's software can go on. Raises OutputError."""
        self.folder.write(self._paused_path(pen).name, svg)
        self._state["machine"] = self._plan.machine.name
        self._state["software"] = driver.software
        self.mark(pen, Status.paused)

    def begin(self, pen: PenPlot, driver: Driver) -> None:
        """The pen is begun, or goes on. Raises OutputError."""
        if (mark := self._cut_off.get(pen.file)) is not None:  # what its journal says is in the session's files now
            self.pause(pen, marked(pen.svg, mark), driver)
        self._state["begun_on"] = self._plan.machine.name
        self.mark(pen, Status.begun)

    def paused_svg(self, pen: PenPlot) -> str | None:
        """The SVG to go on with; None for a pen that isn't paused. Raises DrawingError when it can't be read."""
        if self.status(pen) is not Status.paused:
            return None
        if (mark := self._cut_off.get(pen.file)) is not None:
            return marked(pen.svg, mark)
        try:
            return self._paused_path(pen).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise DrawingError(
                f"{self._paused_path(pen)}: the paused plot can't be read ({error}); "
                f"--restart --pens {pen.number} plots this pen from its start"
            ) from None

    def check(self, pens: Sequence[PenPlot], driver: Driver) -> None:
        """Raises DrawingError when a paused pen can't go on with this driver or on this machine, or a pen with a well
        is not dipped by it, OutputError when the folder can't be written to: it must be known before anything moves."""
        RunFolder.create(self.folder.path)
        for pen in pens:
            if pen.layer.pen.well is not None and driver.software != SOFTWARE:
                raise DrawingError(
                    f"{pen.name} is dipped into a well, which {driver.name} does not do; allowed are --driver ebb, "
                    "grbl and hpgl, or an export of the pen without its well"
                )
            if self.status(pen) is not Status.paused:
                continue
            machine, software = self._state.get("machine"), self._state.get("software")
            if pen.file in self._cut_off:
                machine, software = self._state.get("begun_on"), SOFTWARE
            if (machine, software) != (self._plan.machine.name, driver.software):
                raise DrawingError(
                    f"{self.path}: {pen.name} was paused on {machine} with the software of {software}, and can't go "
                    f"on on {self._plan.machine.name} with that of {driver.software}; "
                    f"--restart --pens {pen.number} plots this pen from its start"
                )

    def journal_path(self, pen: PenPlot) -> Path:
        return self.folder.path / f"{self._prefix}journal_{pen.number:02d}.log"

    def _paused_path(self, pen: PenPlot) -> Path:
        return self.folder.path / f"{self._prefix}paused_{pen.number:02d}.svg"

    def _read(self) -> dict[str, Any] | None:
        if not self.path.is_file():
            return None
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
            if not all(isinstance(sha256, str) for sha256 in state["files"].values()):
                raise ValueError("files without their SHA-256")
            for word in state["pens"].values():
                Status(word)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DrawingError(
                f"{self.path}: can't be read as the state of a plot ({error}); --restart forgets it"
            ) from None
        found: dict[str, Any] = state
        return found


def plot_pens(
    pens: Sequence[PenPlot],
    session: Session,
    driver: Driver,
    options: PlotOptions,
    ask: Ask,
    *,
    held: PenPlot | None = None,
) -> Iterator[Event]:
    """Plots pen after pen, asking before each but where the same one goes on in its next layer; the pens that are done
    are left out. A plotter with a carousel is asked for once for as many pens as that holds, and again where something
    is not as it was left. `held` is the pen that drew last before, in another drawing.

    Ends after the last pen, an answer to stop, or Ctrl-C, which pauses. After the plotter's own button it asks again. A
    pen that is left for the next one stays paused.
    Raises PlotterError for a fault of the plotter; what was drawn until then is in the session.
    """
    stalls = stalls_of(driver, options)
    loaded: dict[int, PenPlot] = {}
    again = held is not None  # the paper of another drawing lies there
    for pen in pens:
        lost = False
        stall = (pen.number - 1) % stalls + 1
        while session.status(pen) is not Status.done:
            paused = session.paused_svg(pen)
            if stalls > 1 and loaded.get(stall) is not pen:
                first = pen.number - stall
                loaded = {other.number - first: other for other in pens if 0 < other.number - first <= stalls}
                again = True
            prompt = _prompt(pen, session, paused, lost=lost, held=stalls == 1 and same_pen(held, pen), stalls=loaded)
            silent = not again and paused is None and (stalls > 1 or goes_on(held, pen))
            answer = Answer.plot if silent else ask(prompt)
            again = True
            if answer is Answer.stop:
                yield Event(pen, "left")
                return
            if answer is Answer.skip:
                session.mark(pen, Status.skipped)
                yield Event(pen, "skipped")
                break
            if paused is not None and answer is Answer.home:
                paused = from_home(paused)
            yield Event(pen, "starts")
            outcome = _plot(pen, paused, session, driver, replace(options, stall=stall))
            options = replace(options, first_line=None)
            held = pen
            yield Event(pen, "done" if outcome.finished else "paused", outcome)
            if outcome.fault:
                raise PlotterError(outcome.fault)
            if outcome.code == Code.KEYBOARD:
                return
            if outcome.code == Code.NEXT_PEN:
                break
            lost = outcome.code == Code.LOST_PLACE
        again = False


def goes_on(held: PenPlot | None, pen: PenPlot) -> bool:
    """Whether the pen that the plotter holds draws the next layer as well, and nobody has to see to it."""
    return same_pen(held, pen) and not pen.layer.refill and not pen.layer.pen.pause


def same_pen(held: PenPlot | None, pen: PenPlot) -> bool:
    return held is not None and held.layer.nib == pen.layer.nib


def stalls_of(driver: Driver, options: PlotOptions) -> int:
    """How many pens the plotter holds and changes by itself."""
    return driver.stalls(options.profile) if isinstance(driver, HasCarousel) else 1


def _prompt(
    pen: PenPlot, session: Session, paused: str | None, *, lost: bool, held: bool, stalls: Mapping[int, PenPlot]
) -> Prompt:
    return Prompt(
        pen=pen,
        first=session.untouched,
        status=session.status(pen),
        paused_mm=paused_mm(paused) if paused is not None else None,
        can_rehome=paused is not None and tells_position(paused),
        lost=lost and paused is not None,
        held=held,
        stalls=stalls,
    )


def _plot(pen: PenPlot, paused: str | None, session: Session, driver: Driver, options: PlotOptions) -> Outcome:
    """One go at a pen. Should the computer fail meanwhile, the session says that the pen was begun, and the journal of
    a driver that has one how far it came."""
    before = session.status(pen)
    journal = session.journal_path(pen)
    if paused is None:
        journal.unlink(missing_ok=True)
    session.begin(pen, driver)
    options = replace(options, journal=journal)
    try:
        outcome = driver.plot(pen.svg if paused is None else paused, options, resume=paused is not None)
    except (DrawingError, MissingError):  # nothing has moved
        session.mark(pen, before)
        raise
    if outcome.paused is not None:
        session.pause(pen, outcome.paused, driver)
    elif outcome.finished:
        session.mark(pen, Status.done)
    else:
        session.mark(pen, before)
    return outcome
