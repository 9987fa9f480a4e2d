"""Boards with Grbl 1.1 or grblHAL: settings read back, lines streamed, the pen on the spindle's pin or the Z axis.

Sources: https://github.com/gnea/grbl/tree/master/doc/markdown (interface.md, commands.md, settings.md) and
https://github.com/grblHAL/core/wiki.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from plotart.errors import OptionError
from plotart.export.drawing import Drawing, Line
from plotart.export.gcode_habits import GcodeHabits, gcode_habits
from plotart.plotter.boards import grbl_stream
from plotart.plotter.boards.board import About, BoardFault, Place, Watch
from plotart.plotter.boards.direct import Connect, DirectDriver
from plotart.plotter.boards.grbl_codes import explain_setting
from plotart.plotter.boards.grbl_pen import DOWN, UP, GrblPen
from plotart.plotter.boards.grbl_replies import Banner, Build, Setting, Status, Vector, in_mm
from plotart.plotter.boards.grbl_stream import GLANCE, GrblStream
from plotart.plotter.boards.known import only_port
from plotart.plotter.boards.port import Port, SerialPort
from plotart.plotter.boards.port_settings import PortSettings
from plotart.plotter.boards.thin import thinned
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.drivers import Code, PlotOptions
from plotart.plotter.machines import Machine
from plotart.plotter.planners import AxisLimits
from plotart.plotter.travel import SLACK

#: mm by which a streamed line may stray from the drawing's: fewer, longer moves fill the planner further ahead.
STRAY = 0.005

#: Seconds for which the board is asked to answer after its port was opened, which resets an Arduino.
GREETING = 6.0

#: Seconds that homing may take, and a stop.
HOMING, STOP = 180.0, 10.0

#: Bits a second where a port says nothing else.
BAUD = 115_200

#: What every plot goes by: millimetres, the plane of the paper, absolute places, feed per minute.
MANNER = "G21 G17 G90 G94"


class GrblBoard:
    """A board on a port. Home is where it was last placed; of a machine that homes itself, its work zero.

    The machine's y grows away from a person, and the page's towards one, unless the profile has it otherwise.

    habits  the pen commands of a G-code profile; None: a servo on the spindle's pin
    """

    def __init__(self, port: Port, machine: Machine, habits: GcodeHabits | None = None) -> None:
        self._port, self._machine, self._habits = port, machine, habits
        self._stream = GrblStream(port)
        self._about = About("Grbl", "")
        self.settings: dict[int, float] = {}
        self._pen = GrblPen.servo(machine, {})
        self._y = -1.0 if habits is None or habits.y_up else 1.0
        self._offset: Vector = (0.0, 0.0, 0.0)
        self._home: Place | None = None
        self._homes = False
        self._up, self._down = UP, DOWN
        self._is_down = False
        self._new_height = False
        self._share = self._planned_share = 1.0
        self._override = 100
        self._pressed = False

    @property
    def about(self) -> About:
        return self._about

    @property
    def explained(self) -> list[str]:
        """The board's settings in words, one a line."""
        return [explain_setting(number, value) for number, value in sorted(self.settings.items())]

    # -- begin and end

    def identify(self) -> Banner:
        """Reads the settings; what is under way is ended by a reset, and nothing moves."""
        end = time.monotonic() + GREETING
        while (banner := self._stream.reset(seconds=1.5)) is None:
            if time.monotonic() > end:
                raise BoardFault(Code.NOT_CONNECTED, f"no Grbl answers on {self._port.name}")
        self._port.drop_input()
        self.settings = {reply.number: reply.value for reply in self._stream.ask("$$") if isinstance(reply, Setting)}
        build = next((reply for reply in self._stream.ask("$I") if isinstance(reply, Build)), None)
        if build is not None:
            self._stream.buffer = build.buffer
        return banner

    def open(self) -> About:
        banner = self.identify()
        self._homes = bool(self.settings.get(22))
        if self._habits is not None:
            self._pen = GrblPen.of_profile(self._habits, self._machine, self.settings)
        else:
            self._pen = GrblPen.servo(self._machine, self.settings)
        travel = (self.settings[130], self.settings[131]) if self._soft_limits else None
        self._about = About(
            banner.firmware,
            banner.version,
            self.settings.get(100),
            travel,
            self._homes,
            self._axis_limits(),
            self._pen.letter is not None,
        )
        self._unlock()
        self._set_up()
        self._lift()
        if self._homes:
            self._home = self._offset[0], self._offset[1]
        return self._about

    def close(self, *, release: bool = False) -> None:
        if release:
            with suppress(BoardFault):
                self._stream.ask("$SLP")
        self._port.close()

    def _unlock(self) -> None:
        """Homes a machine that has switches and does not know its place; unlocks one that has none."""
        if self._look().state != "Alarm":
            return
        if not self._homes:
            self._stream.ask("$X")
            return
        try:
            self._stream.ask("$H", seconds=HOMING)
        except BoardFault as fault:
            raise BoardFault(Code.HOMING_FAILED, str(fault)) from None

    def _set_up(self) -> None:
        """What a reset forgets."""
        for line in self._habits.begin if self._habits is not None else ():
            if not line.upper().replace(" ", "").startswith(("$H", "G28")):
                self._stream.send(line)
        self._stream.send(MANNER)
        self._stream.settle()
        self._override = 100
        for _ in range(35):
            # The offset comes with the first report after a reset, and with every thirtieth at least.
            if (offset := self._look().offset) is not None:
                self._offset = in_mm(offset, inches=self._inches)
                return

    # -- where it is

    def position(self) -> Place | None:
        self.wait_idle()
        return self._page(self._at(self._look())) if self._home is not None else None

    def place(self, at: Place) -> None:
        self.wait_idle()
        x, y = self._at(self._look())
        self._home = x - at[0], y - self._y * at[1]

    def _look(self) -> Status:
        return self._stream.look()

    def _at(self, status: Status) -> Place:
        """Machine coordinates of the carriage."""
        if status.machine is not None:
            x, y, _ = in_mm(status.machine, inches=self._inches)
            return x, y
        assert status.work is not None, "a status has either"
        x, y, _ = in_mm(status.work, inches=self._inches)
        return x + self._offset[0], y + self._offset[1]

    def _page(self, at: Place) -> Place:
        """mm from home."""
        assert self._home is not None
        return at[0] - self._home[0], (at[1] - self._home[1]) * self._y

    def _machine_points(self, points: Line) -> Line:
        """Machine coordinates [n, 2] of points in mm from home."""
        assert self._home is not None, "the plot has said where the carriage stands"
        return np.asarray(np.array(self._home) + points * (1.0, self._y), dtype=np.float64)

    # -- the pen

    def set_heights(self, *, up: float | None = None, down: float | None = None) -> None:
        before = self._down if self._is_down else self._up
        self._up = self._up if up is None else up
        self._down = self._down if down is None else down
        if before != (self._down if self._is_down else self._up):
            self._new_height = self._pen.letter is not None

    def pen_down(self) -> None:
        if not self._is_down:
            self._send_all(self._pen.lowered(self._down))
            self._is_down, self._new_height = True, False

    def pen_up(self) -> None:
        self._stream.settle()
        if self._is_down:
            self._lift()

    def _lift(self) -> None:
        self._send_all(self._pen.raised(self._up))
        self._is_down = self._new_height = False

    def _change_height(self) -> None:
        if self._new_height:
            lines = self._pen.lowered(self._down) if self._is_down else self._pen.raised(self._up)
            self._stream.send(lines[0])
            self._new_height = False

    def _send_all(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._stream.send(line)

    # -- moves

    def set_speed(self, share: float) -> bool:
        percent = round(100 * share / self._planned_share)
        self._share = share
        if not 10 <= percent <= 200:
            return False
        self._override_feed(percent)
        return True

    def _override_feed(self, percent: int) -> None:
        """The feed override in its steps of 10 and 1 %, from 100 %."""
        if percent == self._override:
            return
        tens, ones = divmod(abs(percent - 100), 10)
        ten, one = grbl_stream.FEED_DOWN_10, grbl_stream.FEED_DOWN_1
        if percent > 100:
            ten, one = grbl_stream.FEED_UP_10, grbl_stream.FEED_UP_1
        self._stream.now(grbl_stream.FEED_100 + ten * tens + one * ones)
        self._override = percent

    def follow(self, trajectory: Trajectory, watch: Watch) -> float:
        # The trajectory is planned at the share of this moment: what is changed from now on is changed from that.
        self._planned_share = self._share
        self._override_feed(100)
        kept = thinned(trajectory.points, STRAY)
        way = _Way(self._machine_points(trajectory.points[kept]), trajectory.along[kept])
        way.first = self._stream.answered + self._stream.waiting
        glance = _Glance(self, way, watch)
        feed = f"F{trajectory.speed * 60:.0f}"
        for x, y in (way.points - self._offset[:2])[1:]:
            if self._new_height:
                self._change_height()
                way.first += 1
            if not self._stream.send(f"G1X{x:.3f}Y{y:.3f}{feed}", glance) or glance():
                return self._brake(way, glance)
            feed = ""
        # A dwell is answered when all before it is done.
        if not self._stream.send("G4P0", glance) or not self._stream.settle(glance):
            return self._brake(way, glance)
        return trajectory.length

    def reaches(self, low: Place, high: Place) -> str:
        if not self._soft_limits:
            return ""
        points = self._machine_points(np.array([low, high]))
        least, most = points.min(axis=0), points.max(axis=0)
        travel = np.array([self.settings[130], self.settings[131]])
        # Some builds count from the other end.
        below = (least >= -travel - SLACK).all() and (most <= SLACK).all()
        above = (least >= -SLACK).all() and (most <= travel + SLACK).all()
        if below or above:
            return ""
        return (
            f"the lines go from {least[0]:.1f}, {least[1]:.1f} to {most[0]:.1f}, {most[1]:.1f} in the machine's "
            f"coordinates, and its soft limits allow {travel[0]:g} x {travel[1]:g} mm ($130, $131) from its home"
        )

    def _brake(self, way: _Way, glance: _Glance) -> float:
        """A feed hold, and a reset once it stands: what is queued is forgotten, and the place is not."""
        self._stream.now(grbl_stream.HOLD)
        end = time.monotonic() + STOP
        while True:
            status = self._look()
            if _stands(status):
                break
            if time.monotonic() > end:
                raise BoardFault(Code.STOPPED, f"it does not stand still after a feed hold: {status.state}")
        driven = way.driven(self._at(status), self._stream.answered, exact=True)
        if self._stream.reset() is None:
            raise BoardFault(Code.LOST_POWER, "no answer to a reset")
        self._set_up()
        return driven

    def wait(self, seconds: float) -> None:
        self._stream.send(f"G4P{seconds:.3f}")

    def wait_idle(self) -> None:
        self._change_height()
        self._stream.send("G4P0")
        self._stream.settle()

    def button(self) -> bool:
        pressed, self._pressed = self._pressed, False
        return pressed

    def press(self) -> None:
        """The board was held by something else than plotart: a button on its hold pin, or a door."""
        self._pressed = True

    def check(self) -> None:
        self._stream.listen(0.0)

    def halt(self) -> None:
        with suppress(BoardFault):
            self._stream.now(grbl_stream.HOLD)
            end = time.monotonic() + STOP
            with suppress(BoardFault):
                while not _stands(self._stream.look(seconds=0.5)) and time.monotonic() < end:
                    pass
            self._stream.reset()
            locked = self._stream.look().state == "Alarm"
            if locked and not self._pen.by_spindle:
                return
            if locked:
                self._stream.ask("$X")
            self._lift()
            self._stream.settle()

    def _axis_limits(self) -> AxisLimits:
        try:
            (speed_x, speed_y), acceleration = ((self.settings[at], self.settings[at + 1]) for at in (110, 120))
            return AxisLimits((speed_x / 60, speed_y / 60), acceleration, self.settings[11])
        except KeyError as error:
            raise BoardFault(Code.STOPPED, f"its settings ($$) lack ${error}") from None

    @property
    def _soft_limits(self) -> bool:
        return bool(self.settings.get(20)) and {130, 131} <= self.settings.keys()

    @property
    def _inches(self) -> bool:
        return bool(self.settings.get(13))


def grbl(machine: Machine) -> DirectDriver:
    """plotart itself, on a machine with a Grbl 1.1 or grblHAL board.

    The options' profile is a G-code profile that lowers and raises the pen (`plotart.export.gcode_habits`).
    """
    return DirectDriver("grbl", machine, fit=_fit)


def grbl_settings(port: str) -> list[str]:
    """What a board with Grbl on a port is, and its settings in words, one a line. Raises BoardFault, OptionError."""
    wanted = PortSettings.read(port, baud=BAUD)
    board = GrblBoard(SerialPort(wanted.name, baud=wanted.baud), Machine("any", 0, 0))
    try:
        banner = board.identify()
        return [f"{banner.firmware} {banner.version}", *board.explained]
    finally:
        board.close()


def _fit(options: PlotOptions, drawing: Drawing) -> Connect:
    habits = gcode_habits(options.profile) if options.profile is not None else None

    def connect(machine: Machine, port: str | None) -> GrblBoard:
        wanted = PortSettings.read(port or only_port(), baud=BAUD)
        if wanted.flow != "none":
            raise OptionError(f"port {port}: found {wanted.flow}; a board with Grbl has no handshake")
        return GrblBoard(SerialPort(wanted.name, baud=wanted.baud), machine, habits)

    return connect


class _Way:
    """A streamed polyline: machine coordinates [n, 2], and mm [n] along the trajectory that it stands for; `first` is
    the number of the line of G-code that goes to its second point."""

    def __init__(self, points: Line, along: np.ndarray) -> None:
        self.points, self._along, self.first = points, along, 0
        self._last = 0.0

    def driven(self, at: Place, answered: int, *, exact: bool = False) -> float:
        """mm along it where the carriage is, no less than it was before.

        A move whose line was answered is in the planner at least; what was not answered was not begun. Of ways that
        cross themselves, the place is looked for on that part alone.
        """
        sent = min(max(answered - self.first, 0) + 2, len(self.points))
        begin = int(np.searchsorted(self._along[:sent], self._last, side="right")) - 1
        ends = self.points[max(begin, 0) : sent]
        along = self._along[max(begin, 0) : sent]
        if len(ends) < 2:
            return self._last
        steps = np.diff(ends, axis=0)
        square = np.maximum((steps**2).sum(axis=1), 1e-12)
        share = np.clip(((np.array(at) - ends[:-1]) * steps).sum(axis=1) / square, 0.0, 1.0)
        apart = np.hypot(*(ends[:-1] + steps * share[:, None] - at).T)
        # The first of the places that are as near as can be: reports come late, never early.
        nearest = int(np.flatnonzero(apart <= apart.min() + (1e-3 if exact else 0.02))[0])
        found = along[nearest] + share[nearest] * (along[nearest + 1] - along[nearest])
        self._last = max(self._last, float(found))
        return self._last


class _Glance:
    """Looks several times a second at where the carriage is and what is wanted; once True, it stays so."""

    def __init__(self, board: GrblBoard, way: _Way, watch: Watch) -> None:
        self._board, self._way, self._watch = board, way, watch
        self._next = 0.0
        self._stop = False

    def __call__(self) -> bool:
        now = time.monotonic()
        if self._stop or now < self._next:
            return self._stop
        self._next = now + GLANCE
        board, stream = self._board, self._board._stream
        status = stream.status
        driven = 0.0
        if status is not None:
            if status.state in ("Hold", "Door"):
                board.press()
                self._stop = True
            if status.state == "Alarm":
                raise BoardFault(Code.STOPPED, "it is in an alarm")
            driven = self._way.driven(board._at(status), stream.answered)
        stream.now(grbl_stream.STATUS)
        self._stop = self._watch(driven) or self._stop
        return self._stop


def _stands(status: Status) -> bool:
    if status.state == "Hold":
        return status.part in (None, 0)
    if status.state == "Door":
        return status.part in (None, 0, 1)
    return status.state in ("Idle", "Alarm", "Sleep")
