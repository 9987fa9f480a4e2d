"""The seam to a controller: what each of them can do, whatever it speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from plotart.errors import PlotterError
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.drivers import FAULTS, Code
from plotart.plotter.planners import AxisLimits

#: mm from home, x along the machine's width and y along its height.
Place = tuple[float, float]

#: Is told how many mm of a trajectory have been sent, at least ten times a second while the carriage moves; True
#: makes it stand still.
Watch = Callable[[float], bool]


class BoardFault(PlotterError):
    """A board's fault: the plot stops, and can go on later from what the journal says.

    code  of `FAULTS`; the message is its words, with `details` behind them
    """

    def __init__(self, code: Code, details: str = "") -> None:
        words = FAULTS.get(code, "the plotter can't go on")
        super().__init__(f"{words} ({details})" if details else words)
        self.code = code


@dataclass(frozen=True)
class About:
    """What a board says of itself when it is opened.

    firmware          its name
    version           as it writes it
    steps_mm          steps per mm; None where the board keeps that to itself
    travel            mm along x and y that it may be sent; None where only the machine's description knows
    reports_position  whether it can be asked where the carriage stands
    limits            by what it plans moves itself; None where it is sent them as plotart plans them
    heights           whether the height of its pen can be changed
    """

    firmware: str
    version: str
    steps_mm: float | None = None
    travel: tuple[float, float] | None = None
    reports_position: bool = True
    limits: AxisLimits | None = None
    heights: bool = True


class Board(Protocol):
    """A controller on a port, for one plot: opened, used by one thread, closed.

    All of it may raise BoardFault. Nothing waits for the carriage but where it says so: moves and lifts are queued on
    the board, in order.
    """

    @property
    def about(self) -> About:
        """Known from `open` on."""

    def open(self) -> About:
        """Identify the board, set it up, switch the motors on and raise the pen; it stays where it is.

        Raises BoardFault for what does not answer, or is no such board.
        """

    def position(self) -> Place | None:
        """Where the carriage stands, asked back from the board when it stands still; None if the board does not know,
        as it was without power since it was last told, or can't be asked."""

    def place(self, at: Place) -> None:
        """From now on the carriage stands at `at`: someone has put it there, or a plot knows it from its journal."""

    def set_heights(self, *, up: float | None = None, down: float | None = None) -> None:
        """% of the lift's travel that the pen has from now on when it is raised and lowered; None leaves it."""

    def set_speed(self, share: float) -> bool:
        """The share of the planned speed from now on, where the board itself can change that of what is queued; False
        where it can't, and what follows has to be planned anew."""

    def pen_up(self) -> None:
        """Raise the pen after what is queued, and wait until all of that is *done*: what was drawn is on the paper when
        this returns (the pen may still be on its way up). Without effect on a pen that is up."""

    def pen_down(self) -> None:
        """Lower the pen after what is queued. Without effect on a pen that is down."""

    def follow(self, trajectory: Trajectory, watch: Watch) -> float:
        """Drive along a trajectory that begins where the carriage stands, and return the mm of it that will have been
        driven when what is queued is done: its length, or less where `watch` or the board's button made it brake, along
        the path, with the trajectory's acceleration."""

    def wait(self, seconds: float) -> None:
        """Queue a rest."""

    def wait_idle(self) -> None:
        """Return when all that is queued is done."""

    def button(self) -> bool:
        """Whether the board's own pause button was pressed since this was last asked."""

    def check(self) -> None:
        """Raises BoardFault if the board reports a fault of which nothing else tells: no power at the motors, say."""

    def reaches(self, low: Place, high: Place) -> str:
        """Why the board can't be sent everywhere between two places, mm from home; empty where it can."""

    def halt(self) -> None:
        """Stop at once, drop what is queued and raise the pen; for when a plot is broken off. Raises nothing."""

    def close(self, *, release: bool = False) -> None:
        """Let the port go; `release` switches the motors off, and with that the position is forgotten. Raises
        nothing."""
