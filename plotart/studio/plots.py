"""Plotting from the page: a session in a thread of its own, which asks before each pen and waits for the answer.

The state of a plot is in the run's folder, as `plotart plot` leaves it: either goes on with what the other began.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from plotart.errors import InputError, PlotartError
from plotart.studio.words import plain, sentence

if TYPE_CHECKING:
    from plotart.job.plotting import Plotting
    from plotart.plotter.boards.live import LiveState
    from plotart.plotter.drivers import Driver
    from plotart.plotter.plan import PenPlot
    from plotart.plotter.session import Answer, Event, Prompt, Session

#: How a plot stands: nobody plots; a pen is asked for; it moves; it was paused and asks how to go on; all pens are done
#: or skipped; somebody ended it; the plotter, or its software, failed.
State = Literal["none", "asks", "plots", "paused", "done", "stopped", "failed"]

#: What is told of a plot: `tell` of the studio.
Tell = Callable[[dict[str, Any]], None]

#: Seconds between two messages of how far a pen has come.
TICK = 1.0

#: What the answers that go on are called in the page.
GO_ON, HOME = "Go on", "From home"


class Plots:
    """The plots of a studio, one at a time on each machine."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._plots: dict[str, _Plot] = {}
        self._ends: dict[str, dict[str, Any]] = {}  # how those ended that are no longer at it

    def begin(
        self,
        name: str,
        source: Path,
        *,
        driver: str | None = None,
        machine: str | None = None,
        pens: Sequence[str] = (),
        restart: bool = False,
    ) -> dict[str, Any]:
        """Begin, or go on with, the plot of a run's folder, which is called `name`; how it stands then.

        Options as `open_plotting` has them. Raises InputError, before anything moves, for what can't be plotted, and
        where the machine plots something.
        """
        from plotart.job.plotting import open_plotting
        from plotart.plotter.find_driver import find_driver

        with self._lock:
            try:
                plotting = open_plotting(source, machine=machine, driver=driver, pens=pens, restart=restart)
                self._check_free(name, plotting.plan.machine.name)
                if not plotting.left:
                    raise InputError("All of it is plotted. Begin again plots it once more, on new paper.")
                software = find_driver(plotting.driver, plotting.plan.machine)
                plotting.session.check(plotting.left, software)
            except InputError as error:
                raise type(error)(plain(str(error))) from None
            plot = self._plots[name] = _Plot(name, plotting, software, self._tell, self._over)
            self._ends.pop(name, None)
            plot.start()
        return plot.standing()

    def answer(self, name: str, answer: object) -> None:
        """What a person says before a pen. Raises InputError where that was not asked."""
        self._live(name).answer(answer)

    def pause(self, name: str) -> dict[str, Any]:
        """Raise the pen, and ask how to go on; how it stands now. Raises InputError where nothing moves, or the plotter
        can be paused by its button alone."""
        plot = self._live(name)
        plot.pause()
        return plot.standing()

    def standing(self, name: str, source: Path) -> dict[str, Any]:
        """How the plot of a run's folder stands, whether it is under way or not."""
        with self._lock:
            plot, end = self._plots.get(name), self._ends.get(name, {})
        return plot.standing() if plot is not None else {**_at_rest(name, source), **end}

    def is_live(self, name: str) -> bool:
        with self._lock:
            return name in self._plots

    def close(self) -> None:
        """Pause what moves, and return when the folders say how far it came."""
        with self._lock:
            plots = list(self._plots.values())
        for plot in plots:
            plot.close()
        for plot in plots:
            plot.join()

    def _live(self, name: str) -> _Plot:
        with self._lock:
            plot = self._plots.get(name)
        if plot is None:
            raise InputError("Nothing of it is being plotted now.")
        return plot

    def _check_free(self, name: str, machine: str) -> None:
        for plot in self._plots.values():
            if plot.machine == machine or plot.called == name:
                raise InputError(f"The {plot.machine} is plotting {plot.called}: wait until that is done, or stop it.")

    def _over(self, name: str, end: dict[str, Any]) -> None:
        with self._lock:
            self._plots.pop(name, None)
            self._ends[name] = end


class _Plot:
    """The pens that are left of a run, one after another."""

    def __init__(
        self,
        called: str,
        plotting: Plotting,
        driver: Driver,
        tell: Tell,
        over: Callable[[str, dict[str, Any]], None],
    ) -> None:
        """`over` is called at the end, with the plot's name and how it ended."""
        self._thread = threading.Thread(target=self._run, name=f"plot {called}")
        self.called, self.machine = called, plotting.plan.machine.name
        self._plotting, self._driver, self._tell, self._over = plotting, driver, tell, over
        self._lock = threading.RLock()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._state: State = "asks"
        self._pen = plotting.left[0]
        self._prompt: Prompt | None = None
        self._message = ""
        self._started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._wants_pause = self._closing = False
        #: The share of each pen that is drawn, by its file; of the one that moves, when it began to.
        self._drawn = {pen.file: _share(pen, plotting.session) for pen in plotting.chosen}
        self._moves_since = self._told = 0.0
        #: Seconds that are left of the pen that moves, where its driver tells.
        self._left: float | None = None

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def answer(self, answer: object) -> None:
        with self._lock:
            allowed = {one.value: one for one in self._allowed()}
            if not isinstance(answer, str) or answer not in allowed:
                raise InputError(f"answer: found {str(answer)[:40]!r}; allowed are {', '.join(allowed) or 'none now'}")
            self._prompt = None
            self._answers.put(allowed[answer])

    def pause(self) -> None:
        from plotart.plotter.apart import CAN_PAUSE

        with self._lock:
            if self._state != "plots":
                raise InputError("The pen does not move now.")
            if not CAN_PAUSE:
                raise InputError("This system can't pause the plotter's software: press the plotter's own button.")
            self._wants_pause, self._message = True, "Pausing: the pen is raised in a moment."
            told = self.standing()
        self._tell(told)

    def close(self) -> None:
        from plotart.plotter.session import Answer

        with self._lock:
            self._closing = self._wants_pause = True
            self._answers.put(Answer.stop)

    def standing(self) -> dict[str, Any]:
        """The message of how it stands."""
        from plotart.plotter.apart import CAN_PAUSE
        from plotart.plotter.instructions import instructions

        with self._lock:
            plan, asked = self._plotting.plan, self._prompt
            progress, seconds = self._progress()
            return {
                **_message(self.called, self._state, self._message, self._plotting),
                "pen": _told(self._pen, self._plotting.session),
                "instructions": instructions(plan, asked, go_on=GO_ON, home=HOME) if asked else [],
                "answers": [answer.value for answer in self._allowed()],
                "started": self._started,
                "progress": round(progress, 4),
                "seconds_left": round(seconds * (1 - progress)),
                "driver": self._driver.name,
                "can_pause": CAN_PAUSE and self._state == "plots" and not self._wants_pause,
            }

    def _run(self) -> None:
        try:
            left: Sequence[PenPlot] = self._plotting.left
            while left:
                left = self._round(left)
            if self._state != "stopped":
                self._end("done", _ended(self._plotting.chosen, self._plotting.session))
        except PlotartError as error:
            self._end("failed", f"{sentence(plain(str(error)))}. Leave the paper where it is; plotting can go on.")
        except Exception:
            self._end("failed", "Plotting broke off; the studio's terminal has more. Leave the paper where it is.")
            raise

    def _round(self, pens: Sequence[PenPlot]) -> Sequence[PenPlot]:
        """Plots pens until the last, or until a pause that the page asked for; those that are left then."""
        from plotart.plotter.apart import Apart
        from plotart.plotter.drivers import Code
        from plotart.plotter.session import plot_pens

        plotting = self._plotting
        driver = Apart(self._driver, plotting.plan.machine, self._glance, self._watch)
        for event in plot_pens(pens, plotting.session, driver, plotting.options, self._ask):
            self._note(event)
            if event.outcome is not None and event.outcome.code == Code.KEYBOARD:
                return pens[pens.index(event.pen) :]
        return ()

    def _ask(self, prompt: Prompt) -> Answer:
        from plotart.plotter.session import Answer, Status

        with self._lock:
            if self._closing:
                return Answer.stop
            self._pen, self._prompt = prompt.pen, prompt
        self._to("paused" if prompt.status is Status.paused else "asks", self._message)
        return self._answers.get()

    def _note(self, event: Event) -> None:
        with self._lock:
            if event.kind == "starts":
                self._moves_since, self._left = time.monotonic(), None
            else:
                self._wants_pause = self._closing
                self._drawn[event.pen.file] = _share(event.pen, self._plotting.session)
            self._message = _said(event)
        if event.kind == "starts":
            self._to("plots", self._message)
        elif event.kind == "left":
            self._end("stopped", self._message)

    def _glance(self) -> bool:
        """Is called while a pen moves; whether it is to pause."""
        with self._lock:
            due, pauses = time.monotonic() - self._told >= TICK, self._wants_pause
            if due:
                self._told = time.monotonic()
            told = self.standing()
        if due:
            self._tell(told)
        return pauses

    def _watch(self, state: LiveState) -> None:
        """Is called while a pen moves, by drivers that tell how far it is."""
        with self._lock:
            self._left = state.seconds_left

    def _end(self, state: State, message: str) -> None:
        """The last message; who hears it can begin another plot."""
        self._over(self.called, {"state": state, "message": message})
        self._to(state, message)

    def _to(self, state: State, message: str) -> None:
        """It stands so from now on, and everybody hears of it."""
        with self._lock:
            self._state, self._message, self._told = state, message, time.monotonic()
            told = self.standing()
        self._tell(told)

    def _allowed(self) -> list[Answer]:
        from plotart.plotter.session import Answer

        if self._prompt is None:
            return []
        home = [Answer.home] if self._prompt.can_rehome else []
        on = [] if self._prompt.lost else [Answer.plot]
        return [*on, *home, Answer.skip, Answer.stop]

    def _progress(self) -> tuple[float, float]:
        """The share of the time that is over, of the pens that are not skipped, and the seconds that all of them
        take."""
        from plotart.plotter.session import Status

        total = done = 0.0
        for pen in self._plotting.chosen:
            if self._plotting.session.status(pen) is Status.skipped:
                continue
            share = self._drawn[pen.file]
            if self._state == "plots" and pen is self._pen and pen.stats.seconds:
                if self._left is not None:
                    share = 1 - self._left / pen.stats.seconds
                else:
                    share += (time.monotonic() - self._moves_since) / pen.stats.seconds
            total += pen.stats.seconds
            done += min(max(share, 0.0), 1.0) * pen.stats.seconds
        return (done / total if total else 1.0), total


def _at_rest(called: str, source: Path) -> dict[str, Any]:
    """How a plot stands that nobody is at: as the folder has it."""
    from plotart.job.plotting import open_plotting

    try:
        plotting = open_plotting(source)
    except InputError as error:
        return {"type": "plot", "id": called, "state": "none", "pens": [], "message": plain(str(error))}
    message = "" if plotting.session.untouched else _ended(plotting.chosen, plotting.session)
    return _message(called, "none", message, plotting)


def _message(called: str, state: State, message: str, plotting: Plotting) -> dict[str, Any]:
    """What all messages of a plot have in common."""
    pens = [_told(pen, plotting.session) for pen in plotting.chosen]
    machine = plotting.plan.machine.name
    return {"type": "plot", "id": called, "state": state, "message": message, "pens": pens, "machine": machine}


def _told(pen: PenPlot, session: Session) -> dict[str, Any]:
    return {
        "number": pen.number,
        "name": pen.name,
        "color": pen.layer.color,
        "width": pen.layer.width,
        "metres": round(pen.stats.pen_down_mm / 1000, 3),
        "seconds": round(pen.stats.seconds, 1),
        "status": session.status(pen).value,
    }


def _share(pen: PenPlot, session: Session) -> float:
    """How much of a pen's lines is drawn for all that is known, 0 to 1."""
    from plotart.plotter.progress_mark import paused_mm
    from plotart.plotter.session import Status

    status = session.status(pen)
    if status is not Status.paused:
        return float(status is Status.done)
    drawn = paused_mm(session.paused_svg(pen) or "") or 0.0
    return min(drawn / pen.stats.pen_down_mm, 1.0) if pen.stats.pen_down_mm else 0.0


def _said(event: Event) -> str:
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


def _ended(pens: Sequence[PenPlot], session: Session) -> str:
    """Which pens are plotted, skipped and left."""
    from plotart.plotter.session import Status

    words = {"Plotted": {Status.done}, "Skipped": {Status.skipped}}
    words["Left"] = {*Status} - {Status.done, Status.skipped}
    named = {word: [pen.name for pen in pens if session.status(pen) in of] for word, of in words.items()}
    return " ".join(f"{word}: {', '.join(names)}." for word, names in named.items() if names)
