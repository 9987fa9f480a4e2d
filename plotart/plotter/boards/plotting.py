"""The loop that plots: lines to a board, one after another, with the journal and a person's wishes in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from plotart.errors import DrawingError
from plotart.export.drawing import Line
from plotart.pens.well import Well
from plotart.plotter.boards.board import Board, Place, Watch
from plotart.plotter.boards.journal import Journal, Mark
from plotart.plotter.boards.live import Live, LiveState
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.dips import dip_ends, dip_seconds, stirring, wiping
from plotart.plotter.drivers import Code
from plotart.plotter.machines import Machine
from plotart.plotter.planners import Array, limited_seconds, line_seconds, move_seconds
from plotart.plotter.travel import SLACK

#: Where a pen's plot begins and ends, mm.
HOME: Place = (0.0, 0.0)

#: mm of a line that are not worth going back for.
REST = 0.01

#: Seconds of a rest between two looks at whether it is to be cut short.
REST_PIECE = 0.5

#: Seconds between two looks at whether a paused plot goes on.
GLANCE = 0.2


@dataclass(frozen=True, eq=False)
class Job:
    """What one pen draws: lines in mm from home, in the order in which they are drawn.

    machine   its speeds, mm/s, and accelerations are those of this pen
    delay     seconds that are waited before the first line
    up, down  % of the lift's travel
    well      where the pen is dipped, if it is
    dips      the numbers of the lines before which it is, the first among them
    """

    lines: Sequence[Line]
    machine: Machine
    delay: float = 0.0
    up: float = 60.0
    down: float = 30.0
    well: Well | None = None
    dips: frozenset[int] = frozenset()

    def points(self) -> Line:
        """All places [n, 2] where the pen may be lowered."""
        ways = [] if self.well is None else [stirring(self.well), wiping(self.well)]
        return np.concatenate([np.zeros((0, 2)), *self.lines, *ways])

    def mark(self, line: int) -> Mark:
        """Where that line begins, from 0."""
        return Mark(line, drawn=sum(map(_length, self.lines[:line])))

    def check_reach(self) -> None:
        """Raises DrawingError for lines that lie beyond the machine's travel."""
        if not len(points := self.points()):
            return
        low, high = points.min(axis=0), points.max(axis=0)
        reach = np.array([self.machine.width_mm, self.machine.height_mm])
        if (low < -SLACK).any() or (high > reach + SLACK).any():
            raise DrawingError(
                f"the lines go from {low[0]:.1f}, {low[1]:.1f} to {high[0]:.1f}, {high[1]:.1f} mm from home, and "
                f"{self.machine.name} reaches {reach[0]:g} x {reach[1]:g} mm"
            )


@dataclass(frozen=True)
class Ended:
    """How a plot ended: FINISHED, or by whom it was paused; and where it goes on."""

    code: Code
    mark: Mark


def plot_lines(
    job: Job,
    board: Board,
    live: Live,
    *,
    place: Place,
    begin: Mark | None = None,
    journal: Journal | None = None,
    asked: Callable[[], bool] = lambda: False,
) -> Ended:
    """Draw the job's lines from `begin` on, and drive home.

    place  mm from home at which the carriage stands, pen up
    begin  None: from the start
    asked  whether the plot is to be paused and left, as by Ctrl-C

    The board is open. Raises BoardFault (the journal's last mark says where it goes on), DrawingError before anything
    moves for lines out of reach, OutputError where the journal can't be written.
    """
    job.check_reach()
    return _Plot(job, board, live, place, journal, asked).run(begin or Mark(0))


class _Plot:
    def __init__(
        self,
        job: Job,
        board: Board,
        live: Live,
        place: Place,
        journal: Journal | None,
        asked: Callable[[], bool],
    ) -> None:
        self._job, self._board, self._live, self._journal, self._asked = job, board, live, journal, asked
        self._place = place
        lengths = np.array([_length(line) for line in job.lines])
        self._before = np.concatenate([[0.0], np.cumsum(lengths)])
        self._lengths = lengths
        self._share, self._heights = 1.0, (job.up, job.down)
        self._left, self._left_share = self._seconds_left(), self._share
        #: Whether the pen is to be dipped before it draws on, whatever the line.
        self._dry = job.well is not None
        self._dipped_for = -1

    def run(self, mark: Mark) -> Ended:
        start = LiveState(
            lines=len(self._job.lines),
            all_mm=float(self._before[-1]),
            up=self._job.up,
            heights=self._board.about.heights,
        )
        self._live.begin(start)
        self._live.note(down=self._job.down)
        self._board.set_heights(up=self._job.up, down=self._job.down)
        if mark == Mark(0):
            self._rest(self._job.delay)
        while True:
            self._tell(mark.line, mark.at)
            code, mark = self._heed(mark)
            if code is not None:
                return Ended(code, mark)
            if mark.line < len(self._job.lines):
                if not self._is_dry(mark) or self._dip(mark):
                    mark = self._draw(mark)
            elif self._travel(HOME):
                self._board.wait_idle()
                return Ended(Code.FINISHED, mark)

    def _draw(self, mark: Mark) -> Mark:
        """Draws the rest of a line, or what of it can be drawn until somebody wants something; where it goes on."""
        at = mark.at
        points = _from(self._job.lines[mark.line], at)
        if not self._travel((float(points[0, 0]), float(points[0, 1]))):
            return mark
        self._note(self._mark(mark.line, at, down=True))
        self._board.pen_down()
        while True:
            self._share = self._live.state.speed
            self._board.set_speed(self._share)
            trajectory = self._drawn_as(points)
            driven = self._board.follow(trajectory, self._watching(mark.line, at, trajectory))
            self._stand_at(trajectory, driven)
            at += driven
            if self._lengths[mark.line] - at <= REST or not self._only_speed_changed():
                break
            points = trajectory.rest_of(driven)
        self._board.pen_up()
        self._board.check()
        ended = self._lengths[mark.line] - at <= REST
        mark = self._mark(mark.line + 1) if ended else self._mark(mark.line, at)
        self._note(mark)
        return mark

    def _is_dry(self, mark: Mark) -> bool:
        """Whether the pen has to be dipped before it goes on there: after whatever made it wait, or as its filling does
        not reach for the line."""
        due = mark.line in self._job.dips and mark.at == 0 and mark.line != self._dipped_for
        return self._job.well is not None and (self._dry or due)

    def _dip(self, mark: Mark) -> bool:
        """Dips the pen into its well and raises it; False where somebody wants something first. The journal says of it
        what it said before: a plot that breaks off here goes on with a dip."""
        well = self._job.well
        assert well is not None
        if not self._travel(well.at):
            return False
        if well.height is not None:
            self._board.set_heights(down=float(well.height))
        self._board.pen_down()
        # Leg by leg: boards that plan for themselves are sent lines without the points that lie on the way.
        legs = pairwise(stirring(well))
        whole = self._rest(well.dwell / 1000) and all(self._lead(np.array(leg)) for leg in legs)
        self._heights = (-1.0, -1.0)  # the live ones are sent again
        self._set_heights()
        whole = whole and self._lead(wiping(well))
        self._board.pen_up()
        self._board.check()
        if whole:
            self._dry, self._dipped_for = False, mark.line
        return whole

    def _lead(self, way: Line) -> bool:
        """Along a way in the well, pen down; False if it was stopped."""
        trajectory = self._drawn_as(way)
        driven = self._board.follow(trajectory, lambda mm: self._asked() or self._live.wishes.urgent)
        self._stand_at(trajectory, driven)
        return trajectory.length - driven <= REST

    def _travel(self, to: Place) -> bool:
        """Drives there with the pen up; False if it was stopped on the way."""
        machine = self._job.machine
        way = Trajectory.plan(np.array([self._place, to]), machine.speed_up, machine.acceleration_up)
        driven = self._board.follow(way, lambda mm: self._asked() or self._live.wishes.urgent)
        self._stand_at(way, driven)
        return way.length - driven <= REST

    def _rest(self, seconds: float) -> bool:
        """Waits; less long where somebody wants something. Whether it was all."""
        while seconds > 0:
            if self._asked() or self._live.wishes.urgent:
                return False
            self._board.wait(min(seconds, REST_PIECE))
            seconds -= REST_PIECE
        return True

    def _heed(self, mark: Mark) -> tuple[Code | None, Mark]:
        """Does what was asked for with the pen up, and waits while it is paused: how the plot ends, if it does, and
        where it goes on."""
        while True:
            wishes = self._live.wishes
            if self._asked() or wishes.stop:
                return Code.KEYBOARD, mark
            if wishes.leave:
                return Code.NEXT_PEN, mark
            if self._board.button():
                return Code.BUTTON, mark
            back, line = self._live.take_way()
            if line is not None:
                mark = self._mark(min(line, max(len(self._job.lines) - 1, 0)))
            if back:
                mark = self._back(mark, back)
            if back or line is not None:
                self._dry = True
                self._note(mark)
                self._tell(mark.line, mark.at)
            self._set_heights()
            if not (wishes.pause or wishes.stand):
                if self._live.state.paused:
                    self._live.note(paused=False)
                self._share = self._live.state.speed
                self._board.set_speed(self._share)
                return None, mark
            self._dry = True
            if not self._live.state.paused:
                self._live.note(paused=True)
            self._live.wait(GLANCE)

    def _watching(self, line: int, at: float, trajectory: Trajectory) -> Watch:
        """What watches a trajectory that begins so many mm along a line."""

        def watch(driven: float) -> bool:
            self._stand_at(trajectory, driven)
            self._tell(line, at + driven, down=True)
            return self._wants_to_stand()

        return watch

    def _wants_to_stand(self) -> bool:
        """Whether a pen that draws is to stop; what can be done without that is done."""
        self._set_heights()
        if self._asked() or self._live.wishes.urgent:
            return True
        share = self._live.state.speed
        if share == self._share:
            return False
        if not self._board.set_speed(share):
            return True
        self._share = share
        return False

    def _only_speed_changed(self) -> bool:
        """Whether a line was stopped for a new speed and nothing else; a pressed button stays pressed until it is
        asked for between two lines."""
        urgent = self._asked() or self._live.wishes.urgent
        return not urgent and self._live.state.speed != self._share

    def _set_heights(self) -> None:
        state = self._live.state
        heights = state.up, state.down
        if heights != self._heights:
            self._board.set_heights(up=state.up, down=state.down)
            self._heights = heights

    def _back(self, mark: Mark, mm: float) -> Mark:
        """So many mm of what is drawn before, in earlier lines where need be."""
        drawn = max(float(self._before[mark.line]) + mark.at - mm, 0.0)
        line = min(int(np.searchsorted(self._before, drawn, side="right")) - 1, len(self._job.lines) - 1)
        return self._mark(line, drawn - float(self._before[line]))

    def _drawn_as(self, points: Line) -> Trajectory:
        machine = self._job.machine
        return Trajectory.plan(points, machine.speed_down * self._share, machine.acceleration_down)

    def _stand_at(self, trajectory: Trajectory, driven: float) -> None:
        x, y = trajectory.point(driven)[0]
        self._place = float(x), float(y)

    def _mark(self, line: int, at: float = 0.0, *, down: bool = False) -> Mark:
        x, y = self._place
        return Mark(line, at, float(self._before[line]) + at, down, x, y)

    def _note(self, mark: Mark) -> None:
        if self._journal is not None:
            self._journal.mark(mark)

    def _tell(self, line: int, at: float, *, down: bool = False) -> None:
        if self._left_share != self._share:
            self._left, self._left_share = self._seconds_left(), self._share
        x, y = self._place
        left = float(self._left[line])
        if line < len(self._lengths) and self._lengths[line] > 0:
            done = min(at / float(self._lengths[line]), 1.0)
            left -= done * float(self._left[line] - self._left[line + 1])
        drawn = float(self._before[line]) + at
        self._live.note(line=line, drawn_mm=drawn, seconds_left=left, x=x, y=y, pen_down=down)

    def _seconds_left(self) -> Array:
        """Seconds [n + 1] that are left when a line is about to be travelled to, and at the last one's end."""
        machine, lines = self._job.machine, self._job.lines
        if not lines:
            return np.zeros(1)
        ends = np.array([HOME, *(line[-1] for line in lines)])
        starts = np.array([*(line[0] for line in lines), HOME])
        travel, drawing = self._moves(ends, starts), self._drawing(lines)
        each = travel[:-1] + drawing + machine.lower_s + machine.raise_s
        if (well := self._job.well) is not None:
            come, leave = dip_ends(well)
            to_dip = sorted(self._job.dips)
            wells = np.broadcast_to(come, (len(to_dip), 2)), np.broadcast_to(leave, (len(to_dip), 2))
            ways = self._moves(ends[to_dip], wells[0]) + self._moves(wells[1], starts[to_dip])
            each[to_dip] += ways - travel[to_dip] + dip_seconds(well, machine)
        return np.concatenate([np.cumsum(each[::-1])[::-1], [0.0]]) + float(travel[-1])

    def _moves(self, begins: Line, ends: Line) -> Array:
        """Seconds [n] with the pen up between places [n, 2]."""
        machine = self._job.machine
        if (limits := self._board.about.limits) is not None:
            return limited_seconds(list(np.stack([begins, ends], axis=1)), machine.speed_up, limits)
        return move_seconds(np.hypot(*(ends - begins).T), machine.speed_up, machine.acceleration_up)

    def _drawing(self, lines: Sequence[Line]) -> Array:
        """Seconds [n] of lines with the pen down."""
        machine = self._job.machine
        if (limits := self._board.about.limits) is not None:
            return limited_seconds(lines, machine.speed_down * self._share, limits)
        return line_seconds(lines, machine.speed_down * self._share, machine.acceleration_down)


def _length(line: Line) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _from(line: Line, at: float) -> Line:
    """A polyline from so many mm along it."""
    if at <= 0:
        return line
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    first = [[float(np.interp(at, along, line[:, axis])) for axis in (0, 1)]]
    return np.concatenate([first, line[along > at]])
