"""A carriage that a person leads: walks and lifts outside of a plot, none of which leaves the machine's travel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from plotart.errors import PlotterError
from plotart.export.drawing import Line
from plotart.plotter.boards.board import Board, Place
from plotart.plotter.boards.plotting import HOME
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.machines import Machine
from plotart.plotter.travel import SLACK
from plotart.runs.stop import asked_to_stop


class Hand:
    """Leads the carriage of a board that is open, its pen up.

    asked  whether a person wants it to stand still, as by Ctrl-C
    """

    def __init__(self, board: Board, machine: Machine, *, asked: Callable[[], bool] = lambda: False) -> None:
        self.board, self.machine, self.asked = board, machine, asked
        self.pen_is_down = False
        self._place = board.position()

    @property
    def knows_place(self) -> bool:
        return self._place is not None

    @property
    def place(self) -> Place:
        """mm from home. Raises PlotterError where the board does not know."""
        if self._place is None:
            raise PlotterError("the board does not know where its carriage stands: put it home by hand")
        return self._place

    def stands_at_home(self) -> None:
        """A person says so."""
        self.board.place(HOME)
        self._place = HOME

    def out_of_reach(self, low: Place, high: Place) -> str:
        """Why the carriage can't be led everywhere between two places; empty where it can."""
        width, height = self.machine.width_mm, self.machine.height_mm
        if min(low) < -SLACK or high[0] > width + SLACK or high[1] > height + SLACK:
            return (
                f"from {low[0]:.1f}, {low[1]:.1f} to {high[0]:.1f}, {high[1]:.1f} mm from home, and "
                f"{self.machine.name} reaches {width:g} x {height:g} mm"
            )
        return self.board.reaches(low, high)

    def step(self, right: float, down: float) -> str:
        """So many mm further, and no further than the travel's edge; why not, where it stays."""
        x, y = self.place
        # A machine that has found its switches may stand a little beyond its home: it is led back, not further.
        to = (
            min(max(x + right, min(x, 0.0)), max(x, self.machine.width_mm)),
            min(max(y + down, min(y, 0.0)), max(y, self.machine.height_mm)),
        )
        if to == self.place:
            return "that is the edge of the travel"
        if problem := self.board.reaches(to, to):
            return problem
        self.follow(np.array([self.place, to]))
        return ""

    def home(self) -> bool:
        """Raise the pen and walk home, which every machine reaches; whether it arrived."""
        self.pen_up()
        return self.follow(np.array([self.place, HOME]))

    def trace(self, line: Line) -> bool:
        """Walk along a line [n, 2], in mm from home, pen up, as slowly as it is drawn; whether it came to its end.

        Raises PlotterError, before anything moves, for a line out of reach.
        """
        low, high = ((float(x), float(y)) for x, y in (line.min(axis=0), line.max(axis=0)))
        if problem := self.out_of_reach(low, high):
            raise PlotterError(f"out of reach: {problem}")
        self.pen_up()
        return self.follow(np.array([self.place, line[0]])) and self.follow(line, slowly=True)

    def follow(self, line: Line, *, slowly: bool = False) -> bool:
        machine = self.machine
        slow = slowly or self.pen_is_down
        speed = machine.speed_down if slow else machine.speed_up
        way = Trajectory.plan(line, speed, machine.acceleration_down if slow else machine.acceleration_up)
        driven = self.board.follow(way, lambda mm: self.asked())
        x, y = way.point(driven)[0]
        self._place = float(x), float(y)
        return driven >= way.length

    def wait(self) -> None:
        """Until all of it is done. Raises BoardFault where the board reports that something went wrong meanwhile."""
        self.board.wait_idle()
        self.board.check()

    def pen_up(self) -> None:
        self.board.pen_up()
        self.pen_is_down = False

    def pen_down(self) -> None:
        self.board.pen_down()
        self.pen_is_down = True


@contextmanager
def led_by_hand(board: Board, machine: Machine, *, release: bool = False) -> Iterator[Hand]:
    """Opens the board, and closes it when what is queued is done; Ctrl-C makes it stand still and raise the pen.

    release  the motors are off in the end, so that the carriage can be pushed

    Raises BoardFault.
    """
    try:
        with asked_to_stop() as request:
            board.open()
            hand = Hand(board, machine, asked=lambda: request.asked)
            yield hand
            hand.wait()
            request.obey()
    except BaseException:
        board.halt()
        raise
    finally:
        board.close(release=release)
