"""plotart queue: drawings that are plotted one after another at one plotter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plotart.cli.again import again
from plotart.cli.plot import DriverName, DryRun, Pens, PortName, Profile, SpeedDown, SpeedUp
from plotart.cli.plot_talk import plot_left, show_dry
from plotart.cli.say import say
from plotart.cli.tables import metres, minutes
from plotart.errors import DrawingError, InputError, MissingError
from plotart.reports.numbers import plural

if TYPE_CHECKING:
    from plotart.job.plot_queue import PlotQueue, QueuedJob
    from plotart.job.plotting import Plotting
    from plotart.plotter.plan import PenPlot

queue_app = typer.Typer(
    help="Drawings that are plotted one after another at one plotter.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

#: Copies of a drawing that may be added at once.
MOST_COPIES = 1000

QueueName = Annotated[str, typer.Option("--queue", metavar="NAME", help="Which queue, if you have several plotters.")]


@queue_app.command("add")
def queue_add(
    sources: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders, SVGs.", show_default=False)],
    copies: Annotated[
        int, typer.Option(min=1, max=MOST_COPIES, help="How often each is plotted, every time on new paper.")
    ] = 1,
    sheets: Annotated[
        bool, typer.Option("--sheets", help="The sheets of runs that are split (export.sheets), one after another.")
    ] = False,
    machine: Annotated[
        str | None, typer.Option(help="The plotter.  [default: the run's export.machine; axidraw-v3 for an SVG]")
    ] = None,
    pens: Pens = None,
    start: Annotated[int, typer.Option("--from", metavar="N", min=1, help="Only from pen number N on.")] = 1,
    speed_down: SpeedDown = None,
    speed_up: SpeedUp = None,
    queue: QueueName = "plotter",
) -> None:
    """Put drawings at the end of the queue; also while it is plotted.

    A drawing that is half plotted goes on when its turn comes; one that was plotted before is plotted again, on new
    paper.

    **Examples**

        plotart queue add outputs/quickstart drawing.svg

        plotart queue add postcard.svg --copies 20
    """
    from plotart.job.plot_queue import PlotQueue, new_job
    from plotart.job.plotting import sheets_of

    console = Console()
    added = []
    for source in sources:
        jobs = [
            new_job(
                one,
                machine=machine,
                pens=pens or (),
                start=start,
                speed_down=speed_down,
                speed_up=speed_up,
                run=source if sheets else None,
            )
            for one in (sheets_of(source) if sheets else [source])
        ]
        added += jobs * copies
    for job in PlotQueue(queue).add(added):
        say(console, f"{job.number}  {job.name}")


@queue_app.command("list")
def queue_list(queue: QueueName = "plotter") -> None:
    """Show the queue: what is left of each drawing, and how long all of it takes.

    **Example**

        plotart queue list
    """
    from plotart.job.plot_queue import PlotQueue

    console, jobs = Console(), PlotQueue(queue).jobs()
    if not jobs:
        say(console, "The queue is empty.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", justify="right")
    table.add_column("drawing")
    for column in ("pens", "drawn", "time"):
        table.add_column(column, justify="right")
    table.add_column("")
    seconds = 0.0
    for job, plotting, left in _turns(jobs, {}):
        if isinstance(plotting, InputError):
            table.add_row(str(job.number), Text(job.name), "", "", "", Text(str(plotting)))
            continue
        taken = sum(pen.stats.seconds for pen in left)
        drawn = sum(pen.stats.pen_down_mm for pen in left)
        state = "begun" if job.begun else ""
        table.add_row(str(job.number), Text(job.name), str(len(left)), metres(drawn), minutes(taken), state)
        seconds += taken
    table.add_row("", "all", "", "", minutes(seconds))
    console.print(table)


@queue_app.command("run")
def queue_run(
    context: typer.Context,
    driver: DriverName = None,
    port: PortName = None,
    profile: Profile = None,
    dry_run: DryRun = False,
    queue: QueueName = "plotter",
) -> None:
    """Plot the queue, drawing after drawing, until it is empty.

    Asks for the paper of every drawing and before every pen, as `plotart plot` does. Ctrl-C, the plotter's button and a
    power cut stop it; the same command goes on. A drawing that is done leaves the queue; one that can't be plotted
    stays there.

    **Examples**

        plotart queue run --dry-run

        plotart queue run --driver ebb
    """
    from plotart.job.plot_queue import PlotQueue

    console, waiting = Console(), PlotQueue(queue)
    words = {"driver": driver, "port": port, "profile": profile}
    if dry_run:
        _show_all(console, waiting.jobs(), words)
        return
    if not waiting.jobs():
        say(console, "The queue is empty.")
        return
    with waiting.running():
        _run(console, waiting, words, again(context, without=("dry_run",)))


@queue_app.command("remove")
def queue_remove(
    numbers: Annotated[list[int], typer.Argument(metavar="N...", help="As `plotart queue list` numbers them.")],
    queue: QueueName = "plotter",
) -> None:
    """Take drawings out of the queue. How far they are plotted is kept with them.

    **Example**

        plotart queue remove 3 4
    """
    from plotart.job.plot_queue import PlotQueue

    waiting = PlotQueue(queue)
    known = [job.number for job in waiting.jobs()]
    if unknown := sorted(set(numbers) - set(known)):
        allowed = f"allowed are {', '.join(map(str, known))}" if known else "the queue is empty"
        raise InputError(f"{', '.join(map(str, unknown))}: not in the queue; {allowed}")
    _say_gone(waiting, numbers)


@queue_app.command("clear")
def queue_clear(queue: QueueName = "plotter") -> None:
    """Take all drawings out of the queue. How far they are plotted is kept with them.

    **Example**

        plotart queue clear
    """
    from plotart.job.plot_queue import PlotQueue

    waiting = PlotQueue(queue)
    _say_gone(waiting, [job.number for job in waiting.jobs()])


def _say_gone(waiting: PlotQueue, numbers: list[int]) -> None:
    gone = waiting.remove(numbers)
    say(Console(), f"Taken out: {', '.join(f'{job.number} {job.name}' for job in gone) or 'nothing'}.")


def _run(console: Console, waiting: PlotQueue, words: dict[str, str | None], go_on: str) -> None:
    """Until nothing is left, of what was added meanwhile either."""
    from plotart.job.plot_queue import digest_of
    from plotart.plotter.session import Status

    held: PenPlot | None = None
    stay: set[int] = set()
    while (job := next((job for job in waiting.jobs() if job.number not in stay), None)) is not None:
        say(console, f"\nDrawing {job.number}: {job.name}")
        try:
            plotting = waiting.take(job, **words)
            if not job.begun and digest_of(plotting) != job.digest:
                say(console, "It was written anew since it was added; it is plotted as it is now.")
            held = plot_left(console, plotting, go_on, held=held)
        except MissingError:
            raise
        except InputError as error:
            say(console, f"It stays in the queue: {error}")
            stay.add(job.number)
            continue
        if paused := [pen.name for pen in plotting.chosen if plotting.session.status(pen) is Status.paused]:
            say(console, f"It stays in the queue, with {', '.join(paused)} paused.")
            stay.add(job.number)
            continue
        waiting.remove([job.number])
    if stay:
        numbers = " ".join(map(str, sorted(stay)))
        raise DrawingError(
            f"{plural(len(stay), 'drawing')} could not be plotted whole, as is said above; what is still in the queue "
            f"is taken out by `plotart queue remove {numbers}`"
        )
    say(console, "The queue is empty.")


def _show_all(console: Console, jobs: Sequence[QueuedJob], words: dict[str, str | None]) -> None:
    from plotart.plotter.session import same_pen

    held: PenPlot | None = None
    seconds, drawn, changes, drawings = 0.0, 0.0, 0, 0
    for job, plotting, left in _turns(jobs, words):
        say(console, f"\nDrawing {job.number}: {job.name}")
        if isinstance(plotting, InputError):
            say(console, f"It would stay in the queue: {plotting}")
            continue
        show_dry(console, plotting)
        drawings += 1
        for pen in left:
            seconds += pen.stats.seconds
            drawn += pen.stats.pen_down_mm
            changes += not same_pen(held, pen)
            held = pen
    say(
        console,
        f"\nAll: {plural(drawings, 'drawing')}, {metres(drawn)}, {minutes(seconds)}; "
        f"{plural(changes, 'time')} a pen is put in.",
    )


def _turns(
    jobs: Sequence[QueuedJob], words: dict[str, str | None]
) -> Iterator[tuple[QueuedJob, Plotting | InputError, tuple[PenPlot, ...]]]:
    """Each job, its plot or why it can't be plotted, and the pens of its turn: all of a drawing that was plotted
    before, or is by an earlier job."""
    seen: set[tuple[object, ...]] = set()
    for job in jobs:
        same = (job.source, job.pens, job.start)
        try:
            plotting = job.opened(**words)
        except InputError as error:
            yield job, error, ()
            continue
        again = same in seen or not (plotting.left or job.begun)
        seen.add(same)
        yield job, plotting, plotting.chosen if again else plotting.left
