"""A plot under way: a session in a thread of its own, which asks before each pen and waits for the answer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from plotart.errors import InputError, PlotartError
from plotart.studio.controls import ask_for, offered
from plotart.studio.inked import Span, inked, reaching
from plotart.studio.plot_words import State, Subject, ended, message, said_of, share, told
from plotart.studio.words import plain, sentence

if TYPE_CHECKING:
    from plotart.plotter.boards.live import LiveState
    from plotart.plotter.drivers import Driver
    from plotart.plotter.plan import PenPlot
    from plotart.plotter.session import Answer, Event, Prompt

#: What is told of a plot: `tell` of the studio.
Tell = Callable[[dict[str, Any]], None]

#: Seconds between two messages of how far a pen has come.
TICK = 1.0

#: What the answers that go on are called in the page.
GO_ON, HOME = "Go on", "From home"


class Plot:
    """The pens that are left of a run, one after another."""

    def __init__(
        self,
        subject: Subject,
        driver: Driver,
        tell: Tell,
        over: Callable[[str, dict[str, Any]], None],
    ) -> None:
        """`over` is called at the end, with the plot's name and how it ended."""
        from plotart.plotter.apart import Reins

        self._thread = threading.Thread(target=self._run, name=f"plot {subject.called}")
        plotting = subject.plotting
        self.subject, self.machine, self.driver = subject, plotting.plan.machine.name, driver
        self._plotting, self._tell, self._over = plotting, tell, over
        self._lock = threading.RLock()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._state: State = "asks"
        self._pen = plotting.left[0]
        self._prompt: Prompt | None = None
        self._message = ""
        self._started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._wants_pause = self._closing = False
        #: Counts what was told, as answers to requests and messages overtake each other.
        self._serial = 0
        #: The share of each pen that is drawn, by its file; of the one that moves, when it began to.
        self._drawn = {pen.file: share(pen, plotting.session) for pen in plotting.chosen}
        self._moves_since = self._told = 0.0
        #: How the pen that moves stands, where its driver tells, and what of it is on the paper.
        self._now: LiveState | None = None
        self._inked: list[Span] = []
        self._reins = Reins()
        #: A pause is wanted of a pen that tells how it stands; some of its lines were skipped.
        self._pausing = self._leaps = False
        #: What is on the paper of pens that are done but for lines that were skipped, by their files.
        self._with_gaps: dict[str, list[Span]] = {}
        #: The pen to go to once the one at hand has stopped.
        self._wanted: PenPlot | None = None

    @property
    def port(self) -> str | None:
        return self._plotting.options.port

    @property
    def waits(self) -> bool:
        """Whether it asks for something, and nothing moves."""
        with self._lock:
            return self._prompt is not None

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
            standing = self.standing()
        self._tell(standing)

    def control(self, control: object, value: object) -> None:
        with self._lock:
            if control == "pen":
                self._go_to(value)
            else:
                ask_for(control, value, state=self._now if self._state == "plots" else None, reins=self._reins)
                self._pausing = control == "pause" or (self._pausing and control != "go")
                self._leaps = self._leaps or control in ("back", "line")
            standing = self.standing()
        self._tell(standing)

    def _go_to(self, number: object) -> None:
        """Goes to another pen that is not done; those before it are asked for after the last. Raises InputError."""
        from plotart.plotter.session import Answer, Status

        pens = {self.subject.number(pen): pen for pen in self._plotting.chosen}
        left = [one for one, pen in pens.items() if self._plotting.session.status(pen) is not Status.done]
        if not isinstance(number, int) or number not in left:
            raise InputError(f"pen: found {str(number)[:40]}; allowed are {', '.join(map(str, left))}")
        if pens[number] is self._pen:
            return
        if self._state == "plots":
            self.pause()
        else:
            self._prompt = None
            self._answers.put(Answer.stop)
        self._wanted = pens[number]

    def close(self) -> None:
        from plotart.plotter.session import Answer

        with self._lock:
            self._wanted = None
            self._closing = self._wants_pause = True
            self._answers.put(Answer.stop)

    def standing(self) -> dict[str, Any]:
        """The message of how it stands."""
        from plotart.plotter.apart import CAN_PAUSE
        from plotart.plotter.instructions import instructions

        with self._lock:
            plan, asked = self._plotting.plan, self._prompt
            progress, seconds = self._progress()
            self._serial += 1
            at_hand = {**self._with_gaps, **({self._pen.file: self._inked} if self._state == "plots" else {})}
            return {
                **message(self.subject, self._state, self._message, at_hand),
                "pen": told(self._pen, self._plotting.session, self.subject.number(self._pen), at_hand),
                "instructions": instructions(plan, asked, go_on=GO_ON, home=HOME) if asked else [],
                "answers": [answer.value for answer in self._allowed()],
                "started": self._started,
                "serial": self._serial,
                "progress": round(progress, 4),
                "seconds_left": round(seconds * (1 - progress)),
                "driver": self.driver.name,
                "can_pause": CAN_PAUSE and self._state == "plots" and not self._wants_pause,
                "controls": offered(self._now) if self._state == "plots" else [],
                "live": self._told_live(),
            }

    def _told_live(self) -> dict[str, Any] | None:
        """How the pen that moves stands, in mm of the page."""
        from plotart.plotter.session import Status

        if self._now is None or self._state != "plots":
            return None
        now, plan = self._now, self._plotting.plan
        after = sum(
            (1 - self._drawn[pen.file]) * pen.stats.seconds
            for pen in self._plotting.chosen
            if pen is not self._pen and self._plotting.session.status(pen) not in (Status.done, Status.skipped)
        )
        at = None
        if now.x is not None and now.y is not None:
            at = [plan.width - now.y, now.x] if plan.on_its_side else [now.x, now.y]
        return {
            "pen": self.subject.number(self._pen),
            "line": min(now.line + 1, now.lines),
            "lines": now.lines,
            "drawn_mm": round(now.drawn_mm, 2),
            "all_mm": round(now.all_mm, 2),
            "pen_seconds_left": round(now.seconds_left, 1),
            "seconds_left": round(now.seconds_left + after, 1),
            "at": at,
            "pen_down": now.pen_down,
            "paused": now.paused,
            "pausing": self._pausing and not now.paused,
            "speed": round(now.speed, 3),
            "height": round(now.down, 1) if now.heights else None,
            "inked": [[round(begin, 2), round(end, 2)] for begin, end in self._inked],
        }

    def _run(self) -> None:
        try:
            left: Sequence[PenPlot] = self._plotting.left
            while left:
                left = self._in_order(self._round(left))
            if self._state != "stopped":
                self._end("done", ended(self._plotting.chosen, self._plotting.session))
        except PlotartError as error:
            self._end("failed", f"{sentence(plain(str(error)))}. Leave the paper where it is; plotting can go on.")
        except Exception:
            self._end("failed", "Plotting broke off; the studio's terminal has more. Leave the paper where it is.")
            raise

    def _in_order(self, left: Sequence[PenPlot]) -> Sequence[PenPlot]:
        """The pens that are left, from the one that somebody wants to go to, and those before it at the end."""
        from plotart.plotter.session import Status

        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is None:
            return left
        status, over = self._plotting.session.status, (Status.done, Status.skipped)
        pens = [pen for pen in self._plotting.chosen if pen is wanted or status(pen) not in over]
        at = pens.index(wanted)
        return [*pens[at:], *pens[:at]]

    def _round(self, pens: Sequence[PenPlot]) -> Sequence[PenPlot]:
        """Plots pens until the last, or until a pause that the page asked for; those that are left then."""
        from plotart.plotter.apart import Apart
        from plotart.plotter.drivers import Code
        from plotart.plotter.session import plot_pens

        plotting = self._plotting
        driver = Apart(self.driver, plotting.plan.machine, self._glance, self._watch, self._reins)
        for event in plot_pens(pens, plotting.session, driver, plotting.options, self._ask):
            self._note(event)
            if event.outcome is not None and event.outcome.code == Code.KEYBOARD:
                return pens[pens.index(event.pen) :]
            if event.kind == "left":
                break
        return ()

    def _ask(self, prompt: Prompt) -> Answer:
        from plotart.plotter.session import Answer, Status

        with self._lock:
            if self._closing or self._wanted is not None:
                return Answer.stop
            # What is left of a sheet lies on the plotter already.
            prompt = replace(prompt, first=False) if self.subject.whole is not None else prompt
            self._pen, self._prompt = prompt.pen, prompt
        self._to("paused" if prompt.status is Status.paused else "asks", self._message)
        return self._answers.get()

    def _note(self, event: Event) -> None:
        self.subject.note(event.pen)
        with self._lock:
            if event.kind == "starts":
                self._moves_since, self._now = time.monotonic(), None
                self._inked, self._pausing = inked(event.pen, self._plotting.session) or [], False
                self._leaps = len(self._inked) > 1
            else:
                if event.kind == "done" and self._leaps:
                    self._with_gaps[event.pen.file] = self._inked
                self._wants_pause = self._closing
                self._drawn[event.pen.file] = share(event.pen, self._plotting.session)
            self._message = said_of(event)
        if event.kind == "starts":
            self._to("plots", self._message)
        elif event.kind == "left" and self._wanted is None:
            self._end("stopped", self._message)

    def _glance(self) -> bool:
        """Is called while a pen moves; whether it is to pause."""
        with self._lock:
            due, pauses = time.monotonic() - self._told >= TICK, self._wants_pause
            if due:
                self._told = time.monotonic()
            standing = self.standing()
        if due:
            self._tell(standing)
        return pauses

    def _watch(self, state: LiveState) -> None:
        """Is called while a pen moves, by drivers that tell how far it is."""
        with self._lock:
            self._now = state
            self._pausing = self._pausing and not state.paused
            if self._leaps:
                self._inked = inked(self._pen, self._plotting.session, at=state.drawn_mm) or []
            else:
                self._inked = reaching(self._inked, state.drawn_mm)
            standing = {"type": "plot-live", "id": self.subject.called, "live": self._told_live()}
        self._tell(standing)

    def _end(self, state: State, message: str) -> None:
        """The last message; who hears it can begin another plot."""
        self._over(self.subject.called, {"state": state, "message": message})
        self._to(state, message)

    def _to(self, state: State, message: str) -> None:
        """It stands so from now on, and everybody hears of it."""
        with self._lock:
            self._state, self._message, self._told = state, message, time.monotonic()
            standing = self.standing()
        self._tell(standing)

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
                if self._now is not None:
                    share = 1 - self._now.seconds_left / pen.stats.seconds
                else:
                    share += (time.monotonic() - self._moves_since) / pen.stats.seconds
            total += pen.stats.seconds
            done += min(max(share, 0.0), 1.0) * pen.stats.seconds
        return (done / total if total else 1.0), total
