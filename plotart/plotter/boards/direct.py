"""The driver that needs no other software: an SVG's lines to a board on a port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from plotart.errors import OutputError, PlotterError
from plotart.export.drawing import Drawing
from plotart.export.read import read_drawing
from plotart.plotter.bed import on_bed
from plotart.plotter.boards.board import Board, BoardFault, Place
from plotart.plotter.boards.journal import Journal, Mark, last_mark
from plotart.plotter.boards.live import Live
from plotart.plotter.boards.plotting import HOME, Ended, Job, plot_lines
from plotart.plotter.dips import dips
from plotart.plotter.drivers import SPEED_UP, Code, Outcome, PlotOptions
from plotart.plotter.machines import Machine
from plotart.plotter.progress_mark import SOFTWARE, job_digest, marked, own_mark
from plotart.runs.stop import asked_to_stop

#: % of the lift's travel of a pen that says nothing, as in the AxiDraw's software.
UP, DOWN = 60.0, 30.0

#: Opens nothing yet: the board for a machine on a port, the first that answers where None is given. Raises BoardFault
#: where none does, MissingError where what it takes is not installed.
Connect = Callable[[Machine, "str | None"], Board]

#: The same, where it depends on what is told besides the port, and on the page.
Fit = Callable[[PlotOptions, Drawing], Connect]


@dataclass(frozen=True)
class DirectDriver:
    """A driver by its name; `live` controls what it plots, and can be watched.

    fit     gives `connect` where it depends on the options or the page
    port    where the options name none
    stalls  how many pens its machine holds and changes by itself, given the options' profile
    """

    name: str
    machine: Machine
    connect: Connect | None = None
    live: Live = field(default_factory=Live)
    software: str = SOFTWARE
    fit: Fit | None = None
    stalls: Callable[[str | None], int] = lambda profile: 1
    port: str | None = None

    def plot(self, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
        found = own_mark(svg) if resume else None
        if resume and found is None:
            raise PlotterError(f"{self.name}: the SVG has no mark of a plot that was paused")
        mark, at_home = found or (None, False)
        drawing = _read(svg)
        job = self._job(drawing, options)
        job.check_reach()
        digest = job_digest(svg)
        board = journal = None
        try:
            # Ctrl-C is heeded at the next moment that suits.
            with asked_to_stop() as request:
                board = self.board(options, drawing)
                board.open()
                place = _place(board, mark, at_home=at_home)
                if place is None:
                    board.close()
                    return Outcome(Code.LOST_PLACE, svg)
                _check_board(board, job)
                begin = mark if options.first_line is None else job.mark(options.first_line)
                journal = _journal(options.journal, digest, begin)
                ended = plot_lines(
                    job, board, self.live, place=place, begin=begin, journal=journal, asked=lambda: request.asked
                )
                board.close()
                return _outcome(ended, svg)
        except BoardFault as fault:
            _break_off(board)
            last = last_mark(options.journal, digest) if options.journal is not None else None
            # The carriage has moved on since that was written.
            last = replace(last, x=None, y=None) if last is not None else None
            return Outcome(fault.code, marked(svg, last) if last else svg if resume else None, (str(fault),))
        except OutputError as error:  # of the journal, when lines may be drawn
            _break_off(board)
            raise PlotterError(str(error)) from None
        except BaseException:
            _break_off(board)
            raise
        finally:
            if journal is not None:
                journal.close()

    def board(self, options: PlotOptions, drawing: Drawing) -> Board:
        """The board that would draw this, not opened yet. Raises as `Connect` does."""
        connect = self.fit(options, drawing) if self.fit is not None else self.connect
        assert connect is not None, "a driver has either"
        return connect(self.machine, options.port or self.port)

    def _job(self, drawing: Drawing, options: PlotOptions) -> Job:
        (layer, *others) = on_bed(drawing).layers
        if others:
            raise PlotterError(f"{self.name}: the SVG has {len(drawing.layers)} layers; allowed is one, a pen's")
        pen = layer.pen
        machine = self.machine.plain.at_speed(pen.speed or options.speed_down)
        machine = replace(machine, speed_up=machine.speed_up * (options.speed_up or SPEED_UP) / SPEED_UP)
        down = DOWN if pen.height is None else float(pen.height)
        return Job(layer.lines, machine, (pen.delay or 0) / 1000, UP, down, pen.well, frozenset(dips(layer.lines, pen)))


def _check_board(board: Board, job: Job) -> None:
    """Raises BoardFault for lines to which the board can't be sent: before anything moves."""
    if len(points := job.points()):
        low, high = ((float(x), float(y)) for x, y in (points.min(axis=0), points.max(axis=0)))
        if problem := board.reaches(low, high):
            raise BoardFault(Code.STOPPED, problem)


def _journal(path: Path | None, digest: str, mark: Mark | None) -> Journal | None:
    """The journal, which says from now on that the plot goes on at `mark`; a plot from its start has a new one."""
    if path is None:
        return None
    if mark is None:
        path.unlink(missing_ok=True)
    journal = Journal(path, digest)
    journal.mark(mark or Mark(0))
    return journal


def _break_off(board: Board | None) -> None:
    if board is not None:
        board.halt()
        board.close()


def _outcome(ended: Ended, svg: str) -> Outcome:
    if ended.code == Code.FINISHED:
        return Outcome(Code.FINISHED)
    return Outcome(ended.code, marked(svg, ended.mark))


def _place(board: Board, mark: Mark | None, *, at_home: bool) -> Place | None:
    """Where the carriage stands; None where a plot can't go on as nobody knows."""
    if at_home:
        board.place(HOME)
        return HOME
    if (place := board.position()) is not None:
        return place
    if mark is None:  # someone has put it home, as they were asked to
        board.place(HOME)
        return HOME
    if board.about.reports_position or mark.x is None or mark.y is None or mark.down:
        return None
    board.place((mark.x, mark.y))
    return mark.x, mark.y


def _read(svg: str) -> Drawing:
    with TemporaryDirectory(prefix="plotart-") as folder:
        path = Path(folder, "plot.svg")
        path.write_text(svg, encoding="utf-8")
        return read_drawing(path, as_pens=True)
