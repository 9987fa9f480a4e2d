"""A plot led at a terminal: what is shown of it, and what is asked before each pen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plotart.cli.keys import has_keys
from plotart.cli.plot_live import KEYS, steered
from plotart.cli.say import say
from plotart.cli.tables import metres, minutes, swatch
from plotart.errors import InputError, PlotterError

if TYPE_CHECKING:
    from plotart.job.plotting import Plotting
    from plotart.plotter.drivers import Driver
    from plotart.plotter.plan import PenPlot, PlotPlan
    from plotart.plotter.session import Answer, Event, Prompt, Session


def show_dry(console: Console, plotting: Plotting) -> None:
    """What would be plotted, and how."""
    from plotart.plotter.boards.known import DIRECT

    show_plan(console, plotting.plan, plotting.chosen, plotting.session)
    if plotting.driver in DIRECT:
        say(console, "plotart drives the board itself, at the speeds and heights that the pens' layers name.")
        return
    settings = ", ".join(f"{name} {value}" for name, value in plotting.options.settings(resume=False).items())
    say(console, f"The plotter's software is told: {settings}")


def plot_left(
    console: Console, plotting: Plotting, go_on: str, *, yes: bool = False, held: PenPlot | None = None
) -> PenPlot | None:
    """Plots the pens that are left, asking before each, and says how it stands; `go_on` is the command that goes on.

    yes   don't ask; for a single pen that is in its place
    held  the pen that drew last before, in another drawing

    Returns the pen that drew last. Raises typer.Exit where a person stops, KeyboardInterrupt for Ctrl-C, PlotterError
    for a fault of the plotter, InputError for what can't be plotted.
    """
    from plotart.plotter.boards.direct import DirectDriver
    from plotart.plotter.boards.known import DIRECT
    from plotart.plotter.find_driver import find_driver
    from plotart.plotter.session import goes_on, stalls_of

    if plotting.left:
        found = find_driver(plotting.driver, plotting.plan.machine, plotting.options.port)
        if plotting.options.first_line is not None and not isinstance(found, DirectDriver):
            raise InputError(f"--from-line: {found.name} does not begin amid a pen; allowed are {', '.join(DIRECT)}")
        before = (held, *plotting.left)
        left = sum(not goes_on(last, pen) for last, pen in zip(before, plotting.left, strict=False))
        if yes and left > (stalls := stalls_of(found, plotting.options)):
            holds = "only one can be in the plotter" if stalls == 1 else f"the plotter holds {stalls}"
            raise InputError(f"--yes: {left} pens are left, and {holds}; choose with --pens")
        held = _plot(console, plotting, found, go_on, ask=not yes, held=held)
    _say_done(console, plotting.chosen, plotting.session)
    return held


def _plot(
    console: Console, plotting: Plotting, driver: Driver, go_on: str, *, ask: bool, held: PenPlot | None
) -> PenPlot | None:
    from plotart.plotter.boards.direct import DirectDriver
    from plotart.plotter.drivers import Code
    from plotart.plotter.session import Answer, plot_pens

    plan, pens, session = plotting.plan, plotting.left, plotting.session
    session.check(pens, driver)

    def answer(prompt: Prompt) -> Answer:
        if ask:
            return _ask(console, plan, prompt)
        if prompt.lost:
            raise PlotterError("the plotter does not know where its carriage stands: plot again without --yes")
        return Answer.plot

    show_plan(console, plan, pens, session)
    say(console, f"Through {driver.name}.")
    watched = ExitStack()
    try:
        for event in plot_pens(pens, session, driver, plotting.options, answer, held=held):
            watched.close()
            _tell(console, event)
            held = event.pen if event.kind == "done" else held
            if event.kind == "starts" and isinstance(driver, DirectDriver):
                if has_keys():
                    say(console, f"  {KEYS}")
                after = sum(pen.stats.seconds for pen in pens[pens.index(event.pen) + 1 :])
                watched.enter_context(steered(console, driver.live, event.pen.name, after))
            if event.kind == "left":
                say(console, f"Stopped. Leave the paper where it is. Go on with:\n  {go_on}")
                raise typer.Exit
            if event.outcome is not None and event.outcome.code == Code.KEYBOARD:
                raise KeyboardInterrupt
    except PlotterError as error:
        raise PlotterError(f"{error}. Leave the paper where it is, and go on with: {go_on}") from None
    except KeyboardInterrupt:
        watched.close()
        say(console, f"Stopped. Leave the paper where it is. Go on with:\n  {go_on}")
        raise
    finally:
        watched.close()
    return held


def show_plan(console: Console, plan: PlotPlan, pens: Sequence[PenPlot], session: Session) -> None:
    """The pens: what they draw, how long it takes, how far they are."""
    from plotart.plotter.session import Status

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", justify="right")
    table.add_column("pen")
    for column in ("nib", "lines", "drawn", "time"):
        table.add_column(column, justify="right")
    table.add_column("file")
    table.add_column("")
    for pen in pens:
        status = session.status(pen)
        table.add_row(
            str(pen.number),
            swatch(pen.layer.color, pen.name),
            f"{pen.layer.width:g} mm",
            str(pen.stats.strokes),
            metres(pen.stats.pen_down_mm),
            minutes(pen.stats.seconds),
            Text(pen.file),
            "" if status is Status.waiting else status.value,
        )
    table.add_row(
        "",
        "all",
        "",
        str(sum(pen.stats.strokes for pen in pens)),
        metres(sum(pen.stats.pen_down_mm for pen in pens)),
        minutes(sum(pen.stats.seconds for pen in pens)),
    )
    say(console, f"{plan.width:g} x {plan.height:g} mm on {plan.machine.name}")
    console.print(table)


def _ask(console: Console, plan: PlotPlan, prompt: Prompt) -> Answer:
    """Asks until it understands; no answer at all, as when the input ends, is a stop."""
    from plotart.plotter.instructions import instructions
    from plotart.plotter.session import Answer

    answers = {"": Answer.plot, "s": Answer.skip, "q": Answer.stop}
    choices = "Enter plots, s skips this pen, q stops"
    if prompt.can_rehome:
        answers["h"] = Answer.home
        choices = "Enter goes on, h the same from home, s skips this pen, q stops"
    if prompt.lost:
        del answers[""]
        choices = "h goes on from home, s skips this pen, q stops"
    console.print()
    console.print(_heading(plan, prompt))
    for line in instructions(plan, prompt, go_on="Enter", home="h"):
        say(console, f"  {line}")
    while True:
        try:
            said = console.input(f"  {choices}: ").strip().lower()
        except EOFError:
            console.print()
            return Answer.stop
        if said in answers:
            return answers[said]


def _heading(plan: PlotPlan, prompt: Prompt) -> Text:
    pen = prompt.pen
    figures = f"{pen.layer.width:g} mm, {metres(pen.stats.pen_down_mm)}, about {minutes(pen.stats.seconds)}"
    return Text.assemble(f"Pen {pen.number} of {len(plan.pens)}: ", swatch(pen.layer.color, pen.name), f"  {figures}")


def _tell(console: Console, event: Event) -> None:
    pen, outcome = event.pen, event.outcome
    if event.kind == "done" and outcome is not None:  # a warning, say of a power supply that is not plugged in
        for line in outcome.messages:
            say(console, f"  {line}")
    if event.kind == "starts":
        say(console, f"  Plotting, about {minutes(pen.stats.seconds)}. Ctrl-C or the plotter's button pauses.")
    elif event.kind in ("done", "skipped"):
        say(console, f"  {pen.name}: {event.kind}.")
    elif event.kind == "paused" and outcome is not None and not outcome.fault:
        say(console, f"  {pen.name}: paused.")


def _say_done(console: Console, pens: Sequence[PenPlot], session: Session) -> None:
    """How it stands with these pens, none of which waits."""
    from plotart.plotter.session import Status

    done = [pen.name for pen in pens if session.status(pen) is Status.done]
    skipped = [pen for pen in pens if session.status(pen) is Status.skipped]
    paused = [pen.name for pen in pens if session.status(pen) is Status.paused]
    if done:
        say(console, f"Plotted: {', '.join(done)}. --restart plots again, on new paper.")
    if paused:
        say(console, f"Paused: {', '.join(paused)}. The same command goes on with it.")
    if skipped:
        numbers = ",".join(str(pen.number) for pen in skipped)
        say(console, f"Skipped: {', '.join(pen.name for pen in skipped)}. --pens {numbers} plots what was skipped.")
