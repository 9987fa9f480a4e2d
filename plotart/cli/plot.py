"""plotart plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from plotart.cli.again import again
from plotart.cli.complete import complete_drivers, complete_machines, complete_runs
from plotart.cli.plot_talk import plot_left, show_dry
from plotart.cli.say import say
from plotart.errors import InputError

if TYPE_CHECKING:
    from plotart.job.plotting import Plotting

Pens = Annotated[
    list[str] | None,
    typer.Option(metavar="PENS", help="Only these, by number or name, as in `--pens 2,4` or `--pens 'Micron 01'`."),
]
SpeedDown = Annotated[
    int | None,
    typer.Option(min=1, max=100, help="Speed while drawing, % of the top speed.  [default: the plotter's software]"),
]
SpeedUp = Annotated[
    int | None, typer.Option(min=1, max=100, help="The same with the pen in the air.  [default: as above]")
]
DriverName = Annotated[
    str | None,
    typer.Option(
        help="What drives it: the maker's software (pyaxidraw, axicli, nextdraw, nextdraw-cli), plotart itself (ebb: "
        "AxiDraw and other EBB boards; grbl; hpgl: old pen plotters), or another package's; auto takes the first of "
        "the makers' and ebb that is there.  "
        "[default: the run's export.driver; auto for an SVG]",
        autocompletion=complete_drivers,
    ),
]
PortName = Annotated[
    str | None,
    typer.Option(
        metavar="PORT",
        help="Where the board is that plotart drives itself, with its baud rate and handshake where need be: "
        "/dev/ttyUSB0,9600,xonxoff.  [default: the first that is found]",
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="For grbl the G-code profile that lowers and raises the pen, for hpgl the plotter, as "
        "`plotart export` takes them.  [default: the run's; a servo on the spindle's pin; the plotter as it names "
        "itself]",
    ),
]

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be plotted, and how; needs no plotter.")]


def plot_command(
    context: typer.Context,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A run folder, or an SVG.", show_default=False, autocompletion=complete_runs
        ),
    ],
    machine: Annotated[
        str | None,
        typer.Option(
            help="The plotter.  [default: the run's export.machine; axidraw-v3 for an SVG]",
            autocompletion=complete_machines,
        ),
    ] = None,
    pens: Pens = None,
    start: Annotated[int, typer.Option("--from", metavar="N", min=1, help="Only from pen number N on.")] = 1,
    from_line: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Of a single pen only from its line number N on, whatever was drawn; where plotart drives the board "
            "itself.",
        ),
    ] = None,
    speed_down: SpeedDown = None,
    speed_up: SpeedUp = None,
    driver: DriverName = None,
    port: PortName = None,
    profile: Profile = None,
    dry_run: DryRun = False,
    sheets: Annotated[
        bool, typer.Option("--sheets", help="The run's sheets (export.sheets), one after another, all pens of each.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Forget what was plotted earlier, of --pens where they are given.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask; for a single pen that is in its place.")] = False,
) -> None:
    """Plot a run pen by pen: on an AxiDraw, a NextDraw, or any machine with a board that plotart drives itself.

    Asks before every pen. Ctrl-C and the plotter's button pause; the same command goes on.

    **Examples**

        plotart plot outputs/quickstart --dry-run

        plotart plot outputs/quickstart --pens 2,3 --speed-down 20

        plotart plot outputs/large --sheets
    """
    from plotart.job.plotting import open_plotting, sheets_of

    if sheets and (pens or start > 1 or from_line or yes):
        raise InputError(
            "--sheets: asks for every sheet and plots all of its pens; allowed without --pens, --from, --from-line "
            "and --yes"
        )
    console = Console()
    sources = sheets_of(source) if sheets else [source]
    # Every sheet is looked at before the first one is plotted.
    plottings = [
        open_plotting(
            one,
            machine=machine,
            driver=driver,
            pens=pens or (),
            start=start,
            speed_down=speed_down,
            speed_up=speed_up,
            restart=restart,
            port=port,
            profile=profile,
            run=source if sheets else None,
            line=from_line,
        )
        for one in sources
    ]
    if sheets and restart and not dry_run:
        _forget(plottings)
    go_on = again(context, without=("dry_run", "restart", "from_line", "yes"))
    for number, (one, plotting) in enumerate(zip(sources, plottings, strict=True), start=1):
        if sheets:
            say(console, f"Sheet {number} of {len(sources)}: {one.name}")
        if dry_run:
            show_dry(console, plotting)
        else:
            plot_left(console, plotting, go_on, yes=yes)


def _forget(plottings: Sequence[Plotting]) -> None:
    """What goes on without --restart is to find none of the later sheets done."""
    from plotart.plotter.session import Status

    for plotting in plottings:
        for pen in plotting.chosen:
            plotting.session.mark(pen, Status.waiting)
