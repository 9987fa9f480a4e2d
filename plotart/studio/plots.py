"""Plotting from the page, one plot at a time on each machine.

The state of a plot is in the run's folder, as `plotart plot` leaves it: either goes on with what the other began.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plotart.errors import InputError
from plotart.studio.corrected import forget, take, taken
from plotart.studio.plot import Plot, Tell
from plotart.studio.plot_words import Subject, at_rest
from plotart.studio.sheet_looks import SheetLooks
from plotart.studio.words import plain


class Plots:
    """The plots of a studio, one at a time on each machine."""

    def __init__(self, tell: Tell, looks: SheetLooks) -> None:
        self._tell = tell
        self.looks = looks
        self._lock = threading.Lock()
        self._plots: dict[str, Plot] = {}
        self._ends: dict[str, dict[str, Any]] = {}  # how those ended that are no longer at it

    def begin(
        self,
        name: str,
        source: Path,
        *,
        driver: str | None = None,
        machine: str | None = None,
        port: str | None = None,
        pens: Sequence[str] = (),
        restart: bool = False,
        words: str | None = None,
    ) -> dict[str, Any]:
        """Begin, or go on with, the plot of a run's folder or an SVG, which is called `name`, and `words` by people;
        how it stands then. What is left of a run is plotted as it was corrected.

        Options as `open_plotting` has them. Raises InputError, before anything moves, for what can't be plotted, and
        where the machine plots something.
        """
        from plotart.plotter.find_driver import find_driver

        with self._lock:
            try:
                subject = _subject(
                    name,
                    words or name,
                    source,
                    machine=machine,
                    driver=driver,
                    port=port,
                    pens=pens,
                    restart=restart,
                )
                plotting = subject.plotting
                self._check_free(name, plotting.plan.machine.name)
                if not plotting.left:
                    raise InputError("All of it is plotted. Begin again plots it once more, on new paper.")
                software = find_driver(plotting.driver, plotting.plan.machine)
                plotting.session.check(plotting.left, software)
            except InputError as error:
                raise type(error)(plain(str(error))) from None
            plot = self._plots[name] = Plot(subject, software, self._tell, self._over)
            self._ends.pop(name, None)
            plot.start()
        return plot.standing()

    def look(self, name: str, run: Path, cause: str) -> dict[str, Any]:
        """What the photograph of a run's sheet says that lies at `looks.photograph`. Raises InputError while a pen
        moves, and for what can't be told."""
        self._check_waits(name)
        return self.looks.look(name, run, cause)

    def correct(self, name: str, run: Path) -> dict[str, Any]:
        """Plot what is left as the last look at the sheet has it; how the plot stands then. One that waits for its next
        pen goes on with that. Raises InputError."""
        self._check_waits(name)
        look = self.looks.last(name, run)
        with self._lock:
            plot = self._plots.get(name)
        if plot is None:
            take(run, look)
            return self.standing(name, run)
        plot.answer("stop")
        plot.join()
        take(run, look)
        return self.begin(name, run, driver=plot.driver.name, machine=plot.machine, port=plot.port)

    def _check_waits(self, name: str) -> None:
        with self._lock:
            plot = self._plots.get(name)
        if plot is not None and not plot.waits:
            raise InputError("The pen moves now: wait until it is done.")

    def answer(self, name: str, answer: object) -> None:
        """What a person says before a pen. Raises InputError where that was not asked."""
        self._live(name).answer(answer)

    def pause(self, name: str) -> dict[str, Any]:
        """Raise the pen, and ask how to go on; how it stands now. Raises InputError where nothing moves, or the plotter
        can be paused by its button alone."""
        plot = self._live(name)
        plot.pause()
        return plot.standing()

    def control(self, name: str, control: object, value: object) -> dict[str, Any]:
        """Steer what moves, as `ask_for` has it, or go to another pen ("pen", its number); how it stands now. Raises
        InputError for what can't be asked for."""
        plot = self._live(name)
        plot.control(control, value)
        return plot.standing()

    def standing(self, name: str, source: Path) -> dict[str, Any]:
        """How the plot of a run's folder stands, whether it is under way or not."""
        with self._lock:
            plot, end = self._plots.get(name), self._ends.get(name, {})
        return plot.standing() if plot is not None else {**at_rest(name, source), **end}

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

    def _live(self, name: str) -> Plot:
        with self._lock:
            plot = self._plots.get(name)
        if plot is None:
            raise InputError("Nothing of it is being plotted now.")
        return plot

    def _check_free(self, name: str, machine: str) -> None:
        for plot in self._plots.values():
            if plot.machine == machine or plot.subject.called == name:
                words = plot.subject.words
                raise InputError(f"The {plot.machine} is plotting {words}: wait until that is done, or stop it.")

    def _over(self, name: str, end: dict[str, Any]) -> None:
        with self._lock:
            self._plots.pop(name, None)
            self._ends[name] = end


def _subject(called: str, words: str, source: Path, *, restart: bool, **options: Any) -> Subject:
    """What is to be plotted: of a run for which a correction was taken, what is left of it. Raises InputError."""
    from plotart.job.plotting import open_plotting

    if source.is_dir():
        if restart:
            forget(source)
        if (left := taken(source)) is not None:
            whole = open_plotting(source, **options)
            return Subject(called, words, open_plotting(left.svg, run=source, **options), whole, left.after)
    return Subject(called, words, open_plotting(source, restart=restart, **options))
