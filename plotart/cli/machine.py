"""plotart machine: a plotter that plotart drives itself, led by hand, and swatches to find a pen's values."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_machines, complete_runs
from plotart.cli.files import check_file, write_file
from plotart.cli.keys import has_keys, pressed_keys
from plotart.cli.machine_jog import Jog, jog_by_keys
from plotart.cli.options import nib_option, page_option
from plotart.cli.say import say
from plotart.errors import InputError, PlotterError, UnitError
from plotart.geometry.units import to_mm
from plotart.schema.values import PAPER_MM

if TYPE_CHECKING:
    from plotart.export.drawing import Drawing
    from plotart.job.by_hand import ByHand
    from plotart.plotter.boards.hand import Hand

machine_app = typer.Typer(
    help="A plotter whose board plotart drives itself, led by hand: home, jog, lift, outline; swatches for a pen.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

MachineName = Annotated[
    str | None,
    typer.Option(
        "--machine", help="The plotter.  [default: the run's, else axidraw-v3]", autocompletion=complete_machines
    ),
]
DriverName = Annotated[
    str | None,
    typer.Option("--driver", help="ebb, grbl, hpgl, or auto.  [default: the run's, else the first board found]"),
]
PortName = Annotated[
    str | None,
    typer.Option("--port", metavar="PORT", help="Where the board is.  [default: the first that is found]"),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="For grbl the G-code profile, for hpgl the plotter."),
]
RunOption = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="A run folder whose config says which plotter it is.",
        show_default=False,
        autocompletion=complete_runs,
    ),
]
Size = Annotated[str, typer.Option(help=f"The sheet in an old pen plotter: {', '.join(PAPER_MM)}.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask: a carriage that is not known to be, is at home.")]


class PenWay(str, Enum):
    up = "up"
    down = "down"


@machine_app.command("home")
def machine_home(
    run: RunOption = None,
    machine: MachineName = None,
    driver: DriverName = None,
    port: PortName = None,
    profile: Profile = None,
    size: Size = "a4",
) -> None:
    """Raise the pen and walk the carriage home.

    A board that does not know where its carriage stands, as after a power cut, can't: `plotart machine off` lets you
    push it there.

    **Example**

        plotart machine home
    """
    from plotart.plotter.boards.hand import led_by_hand

    opened = _opened(run, machine, driver, port, profile)
    with led_by_hand(opened.board(_blank(size)), opened.driver.machine) as hand:
        if not hand.knows_place:
            raise PlotterError(
                "the board does not know where its carriage stands: put it home by hand; `plotart machine off` "
                "switches its motors off, so that it can be pushed"
            )
        hand.home()
    say(Console(), "At home.")


@machine_app.command("off")
def machine_off(
    run: RunOption = None,
    machine: MachineName = None,
    driver: DriverName = None,
    port: PortName = None,
    profile: Profile = None,
) -> None:
    """Raise the pen and switch the motors off: the carriage can be pushed, and where it is then is forgotten.

    **Example**

        plotart machine off
    """
    from plotart.plotter.boards.hand import led_by_hand

    opened = _opened(run, machine, driver, port, profile)
    if opened.has_carousel:
        raise InputError("off: an old pen plotter has no command for its motors; its own switch does that")
    with led_by_hand(opened.board(_blank("a4")), opened.driver.machine, release=True):
        pass
    say(Console(), "The motors are off. Push the carriage home: a plot begins where it stands.")


@machine_app.command("pen")
def machine_pen(
    way: Annotated[PenWay, typer.Argument(help="Raise or lower it.", show_default=False)],
    height: Annotated[
        int | None, typer.Option(min=0, max=100, help="% of the lift's travel.  [default: up 60, down 30]")
    ] = None,
    run: RunOption = None,
    machine: MachineName = None,
    driver: DriverName = None,
    port: PortName = None,
    profile: Profile = None,
) -> None:
    """Raise or lower the pen, to put it in at the right height.

    A height that suits stands as `height` in a pen of a set, or as +h30 in the name of a layer.

    **Examples**

        plotart machine pen down --height 35

        plotart machine pen up
    """
    from plotart.plotter.boards.direct import DOWN, UP
    from plotart.plotter.boards.hand import led_by_hand

    opened = _opened(run, machine, driver, port, profile)
    if opened.has_carousel:
        raise InputError("pen: a plotter that changes its own pens puts them back, and has one height")
    with led_by_hand(opened.board(_blank("a4")), opened.driver.machine) as hand:
        if way is PenWay.up:
            hand.board.set_heights(up=height)
        else:
            hand.board.set_heights(down=height)
            hand.pen_down()
    default = UP if way is PenWay.up else DOWN
    say(Console(), f"The pen is {way.value}, at {default if height is None else height:g} % of the lift's travel.")


@machine_app.command("jog", context_settings={"ignore_unknown_options": True})
def machine_jog(
    right: Annotated[str | None, typer.Argument(metavar="DX", help="How far right; -5mm: left.")] = None,
    down: Annotated[str | None, typer.Argument(metavar="DY", help="How far down; -5mm: up.")] = None,
    run: RunOption = None,
    machine: MachineName = None,
    driver: DriverName = None,
    port: PortName = None,
    profile: Profile = None,
    size: Size = "a4",
    yes: Yes = False,
) -> None:
    """Lead the carriage by the arrow keys of a terminal, or by so much; never beyond the plotter's travel.

    Directions are the machine's: right along its width, down along its height.

    **Examples**

        plotart machine jog

        plotart machine jog 10mm -2.5mm
    """
    from plotart.plotter.boards.direct import DOWN, UP
    from plotart.plotter.boards.hand import led_by_hand

    if (right is None) != (down is None):
        raise InputError("jog: give both DX and DY, or none of them")
    by = None if right is None or down is None else (_way(right, "DX"), _way(down, "DY"))
    if by is None and not has_keys():
        raise InputError("jog: keys can be read on a terminal only; give DX and DY, as in 10mm -5mm")
    opened = _opened(run, machine, driver, port, profile)
    console = Console()
    with led_by_hand(opened.board(_blank(size)), opened.driver.machine) as hand:
        _ask_home(console, hand, yes=yes)
        if by is not None:
            if problem := hand.step(*by):
                raise PlotterError(f"it stays where it is: {problem}")
        else:
            with pressed_keys() as read:
                jog_by_keys(console, Jog(hand, up=UP, down=DOWN), read)
        keeps_place = hand.board.about.reports_position
        x, y = hand.place
    say(console, f"At {x:.2f}, {y:.2f} mm from home.")
    if not keeps_place:
        say(console, "The board forgets that: where the carriage stands is home when the next plot begins.")


@machine_app.command("outline")
def machine_outline(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A run folder, or an SVG.", show_default=False, autocompletion=complete_runs
        ),
    ],
    machine: MachineName = None,
    driver: DriverName = None,
    port: PortName = None,
    profile: Profile = None,
    yes: Yes = False,
) -> None:
    """Trace with the pen up the rectangles about a drawing and its page, to see how the paper lies.

    Ctrl-C stops.

    **Examples**

        plotart machine outline outputs/quickstart

        plotart machine outline drawing.svg --driver grbl --port /dev/ttyUSB0
    """
    from plotart.job.by_hand import outlines
    from plotart.plotter.boards.hand import led_by_hand

    drawing, rectangles = outlines(source)
    opened = _opened(source, machine, driver, port, profile)
    console = Console()
    with led_by_hand(opened.board(drawing), opened.driver.machine) as hand:
        _ask_home(console, hand, yes=yes)
        for name, rectangle in rectangles.items():
            low, high = rectangle.min(axis=0), rectangle.max(axis=0)
            if problem := hand.out_of_reach((low[0], low[1]), (high[0], high[1])):
                if name == "drawing":
                    raise PlotterError(f"the drawing is out of reach: {problem}")
                say(console, f"The {name} is left out: {problem}")
                continue
            say(console, f"The {name}: {low[0]:.1f}, {low[1]:.1f} to {high[0]:.1f}, {high[1]:.1f} mm from home.")
            if not hand.trace(rectangle):
                break
        else:
            hand.home()


@machine_app.command("swatch")
def machine_swatch(
    pens_of: Annotated[
        str | None, typer.Argument(metavar="SET", help="The pen's set: its name, or a TOML file.", show_default=False)
    ] = None,
    pen: Annotated[str | None, typer.Option(metavar="NAME", help="The pen.  [default: the set's first]")] = None,
    width: Annotated[str, typer.Option(help="The nib of a pen that is in no set.")] = "0.5mm",
    speeds: Annotated[str, typer.Option(help="% of the top speed.")] = "10,20,30,40,50,60,80,100",
    heights: Annotated[str, typer.Option(help="% of the lift's travel.")] = "50,45,40,35,30,25,20,15",
    size: Annotated[str, typer.Option(help=f"The sheet: {', '.join(PAPER_MM)}.")] = "a5",
    margin: Annotated[str, typer.Option(help="Nothing is drawn this close to the edges.")] = "10mm",
    out: Annotated[Path, typer.Option(help="The SVG to write.")] = Path("swatch.svg"),
) -> None:
    """Write a sheet on which a pen finds its speed, height and spacing.

    Plot it as any SVG: each rung of a ladder is a layer, whose name has the speed or the height. Then keep what looks
    best as `speed` and `height` of the pen in its set.

    **Examples**

        plotart machine swatch stabilo-point-88 --pen "Black"

        plotart machine swatch --width 0.7mm --heights 60,55,50,45,40 --out gel-pen.svg
    """
    from plotart.calibration.ladders import Ladders, ladder_drawing
    from plotart.export.svg import plot_svg
    from plotart.pens import Pen
    from plotart.pens.catalogue import load_set

    check_file(out, ".svg")
    if pens_of is not None:
        pens = load_set(pens_of).pens
        chosen = pens.called([pen])[0] if pen is not None else pens[0]
    elif pen is None:
        chosen = Pen("Pen", "#000000", nib_option(width))
    else:
        raise InputError("--pen: allowed only with a set, in which it is")
    ladders = Ladders(_percents(speeds, "--speeds", 1), _percents(heights, "--heights", 0))
    drawing = ladder_drawing(chosen, page_option(size, True, margin, "#ffffff"), ladders)
    write_file(Console(), out, plot_svg(drawing))


def _percents(text: str, name: str, least: int) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and least <= int(word) <= 100 for word in words):
        raise InputError(f"{name} {text}: allowed are whole numbers from {least} to 100, with commas between")
    return tuple(map(int, words))


def _opened(run: Path | None, machine: str | None, driver: str | None, port: str | None, profile: str | None) -> ByHand:
    from plotart.job.by_hand import open_by_hand

    return open_by_hand(run, machine=machine, driver=driver, port=port, profile=profile)


def _blank(size: str) -> Drawing:
    from plotart.export.drawing import Drawing

    page = page_option(size, True, "0mm", "#ffffff")
    return Drawing(page.width, page.height, ())


def _ask_home(console: Console, hand: Hand, *, yes: bool) -> None:
    """Asks where the board does not know where its carriage stands. Raises PlotterError for one that is not at home."""
    if hand.knows_place:
        return
    if not yes:
        say(console, "The board does not know where its carriage stands. Put it home by hand, if it is not there.")
        try:
            said = console.input("  Enter: it is at home, q stops: ").strip().lower()
        except EOFError:
            said = "q"
        if said:
            raise PlotterError("the carriage is not at home; `plotart machine off` lets it be pushed there")
    hand.stands_at_home()


def _way(text: str, name: str) -> float:
    try:
        return to_mm(text)
    except UnitError as error:
        raise UnitError(f"{name}: {error}") from None
