"""The EiBotBoard (EBB) of AxiDraws and their kin, firmware 2.0 to 3.x.

Commands as in https://evil-mad.github.io/EggBot/ebb.html (3.x) and https://evil-mad.github.io/EggBot/ebb2.html (2.x),
in the syntax that both have ("legacy"); steps, heights and times of the lift as in the configuration file of the
AxiDraw's software, https://github.com/evil-mad/axidraw.

Moves are sent as SM, straight at one speed, in slices of 20 ms and less. LM and LT speed up on the board, but need
firmware 2.7, and where they end hangs on the last bit of a rate: LM never ends when it slows down to nothing a step too
early, LT ends a step beside. An SM does its steps exactly, in whole milliseconds, whatever the firmware: where the
carriage stands is known from what was sent, and the roundings of steps and of time never add up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from plotart.errors import InputError
from plotart.plotter.boards.board import About, BoardFault, Place, Watch
from plotart.plotter.boards.direct import DOWN, UP, DirectDriver
from plotart.plotter.boards.known import USB_IDS
from plotart.plotter.boards.near_units import off_line
from plotart.plotter.boards.port import Port, SerialPort, find_ports
from plotart.plotter.boards.trajectory import Braking, Trajectory
from plotart.plotter.drivers import Code
from plotart.plotter.machines import Machine

#: Steps per mm of x + y, and of x - y, which are what the two motors move: 2032 per inch at 1/16 step.
STEPS = 2032 / 25.4

#: Seconds of a slice at most: the speed changes between two. mm that it may stray from the line.
SLICE, STRAY = 0.020, 0.003

#: Slices of so many seconds and less may stray by so many mm: firmware since then takes nearly as long to read a move.
SHORT = {(3, 0, 0): 0.003, (2, 7, 0): 0.005, (0, 0, 0): 0.008}
STRAY_SHORT = 0.011

#: Share of a slice by which it may be shorter, and moments in that which are looked at, to end it near whole steps.
SOONER, CHOICES = 0.4, 32

#: Steps per ms of a motor at most.
FASTEST = 24.995

#: Pulse of the servo at 0 % and 100 % of its travel, in units of 1/12 us; ms that it takes for all of it at 100 %.
LOWEST, HIGHEST = 9855, 27831
SWEEP = 200

#: ms between two pulses: the servo is one of eight channels of 3 ms.
PULSE = 24

#: % of the lift's rate up and down; ms that the servo itself takes at least, and for each % of its travel.
RATE_UP, RATE_DOWN = 75, 50
SERVO_MIN, SERVO_SLOPE = 45, 2.69

#: What QC says of the motors' supply at 9 V is about 300; less than this is none.
NO_POWER = 250

#: Commands that firmware 3 may keep in its queue; earlier ones keep one.
QUEUE = 4

#: What the board's free variable holds while its step counters count from home. A reset makes it 0, and the AxiDraw's
#: software writes 1 to 51 and 71 to 121.
TOKEN = 64

#: Seconds for an answer: a move waits until there is room in the queue, behind a lift and a rest.
PATIENCE = 3.0

#: ms of one rest: what is queued behind it waits no longer.
REST = 1000

#: Slices between two looks at the button.
LOOK = 5

#: Steps of the two motors for mm along x and y.
_MOTORS = STEPS * np.array([[1.0, 1.0], [1.0, -1.0]])

_VERSION = re.compile(r"EBB.*Firmware Version (\d+)\.(\d+)(?:\.(\d+))?", re.IGNORECASE)


class EbbBoard:
    """An EBB whose motors are geared as an AxiDraw's: the first moves x + y, the second x - y."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._version = (0, 0, 0)
        self._about: About | None = None
        self._steps = (0, 0)
        self._up, self._down = UP, DOWN
        self._pen_is_down = False
        self._pressed = False
        self._knows = False

    @property
    def about(self) -> About:
        if self._about is None:
            raise BoardFault(Code.NOT_CONNECTED, f"{self._port.name} was not opened")
        return self._about

    def open(self) -> About:
        self._version = self._identify()
        version = ".".join(map(str, self._version))
        if not (2, 0, 0) <= self._version < (4, 0, 0):
            raise BoardFault(
                Code.NOT_CONNECTED, f"{self._port.name}: EBB firmware {version}; allowed is 2.0 and newer, before 4"
            )
        self._about = About("EBB", version, STEPS, reports_position=self._counts)
        self._do("SC,1,1")  # a servo lifts the pen
        self._do(f"SC,11,{_rate(RATE_UP)}")
        self._do(f"SC,12,{_rate(RATE_DOWN)}")
        self._send_heights()
        self._raise_pen()  # which a plot that was cut off may have left down
        self.wait_idle()
        self._knows = self._counts and self._numbers("QL")[0] == TOKEN and self._motors_hold()
        if self._knows:
            self._steps = self._counted()
        else:  # which makes the counters 0
            self._do("EM,1,1")
        if self._version >= (3, 0, 0):
            self._do(f"CU,4,{QUEUE}")
            self._do(f"CU,60,{NO_POWER}")
            self._ask("QG", ends="")  # forgets what was before
        self._numbers("QB")
        if not self._has_power():
            raise BoardFault(Code.NOT_CONNECTED, f"{self._port.name}: its motors have no power")
        return self._about

    def position(self) -> Place | None:
        if not self._knows:
            return None
        self._steps = self._counted()
        return _place(self._steps)

    def place(self, at: Place) -> None:
        self._steps = _steps(*at)
        if not self._counts:
            return
        self._do("CS")
        self._knows = self._steps == (0, 0)  # else the counters don't count from home
        self._do(f"SL,{TOKEN if self._knows else 0}")

    def set_heights(self, *, up: float | None = None, down: float | None = None) -> None:
        before = self._up, self._down
        self._up, self._down = self._up if up is None else up, self._down if down is None else down
        if before == (self._up, self._down):
            return
        self._send_heights()
        if self._pen_is_down and self._down != before[1]:
            self._do("SP,0")
        elif not self._pen_is_down and self._up != before[0]:
            self._raise_pen()

    def set_speed(self, share: float) -> bool:
        return False

    def pen_up(self) -> None:
        if not self._pen_is_down:
            return
        self._raise_pen()
        # Until the lift begins, and all before it is done: nothing waits, and the pen is said to be up. Of a dot it may
        # also be up because the lift before has not begun; firmware that does not tell what waits has room for one.
        while self._waits() or self._numbers("QP")[0] == 0:
            pass

    def pen_down(self) -> None:
        if not self._pen_is_down:
            self._do(f"SP,0,{self._lift_ms(RATE_DOWN)}")
            self._pen_is_down = True

    def follow(self, trajectory: Trajectory, watch: Watch) -> float:
        for number, (seconds, driven) in enumerate(self._drive(trajectory, trajectory), start=1):
            if watch(driven) or (number % LOOK == 0 and self._button_pressed()):
                braking = trajectory.braked(seconds)
                for _ in self._drive(trajectory, braking):
                    pass
                return braking.end
        return trajectory.length

    def wait(self, seconds: float) -> None:
        left = round(seconds * 1000)
        while left > 0:
            rest = min(left, REST)
            self._do(f"SM,{rest},0,0")
            left -= rest

    def wait_idle(self) -> None:
        while self._version >= (2, 2, 6) and any(self._numbers("QM", ends="")):
            pass

    def button(self) -> bool:
        pressed = self._button_pressed()
        self._pressed = False
        return pressed

    def check(self) -> None:
        status = int(self._ask("QG", ends=""), 16) if self._version >= (3, 0, 0) else 0
        self._pressed = self._pressed or bool(status & 0x20)  # which nobody is told a second time
        if status & 0x40 or not self._has_power():
            self._do("SL,0")  # nothing held the carriage
            raise BoardFault(Code.LOST_POWER)
        if self._knows and not self._pen_is_down and self._counted() != self._steps:
            self._do("SL,0")
            raise BoardFault(Code.LOST_PLACE, f"the board counted {self._counted()} steps, and not {self._steps}")

    def reaches(self, low: Place, high: Place) -> str:
        return ""

    def halt(self) -> None:
        try:
            self._port.write(b"ES\r")
            self._port.write(f"SP,1,{self._lift_ms(RATE_UP)}\r".encode())
            while self._port.read_line(0.2) is not None:
                pass
        except BoardFault:
            return

    def close(self, *, release: bool = False) -> None:
        try:
            if release:
                self._do("SL,0")
                self._do("EM,0,0")
        except BoardFault:
            pass
        self._port.close()

    def _drive(self, trajectory: Trajectory, motion: Trajectory | Braking) -> Iterator[tuple[float, float]]:
        """Sends the motion along a trajectory, slice by slice; yields the seconds and mm after each."""
        corners = trajectory.along[1:-1]
        corners = corners[(corners > float(motion.distance(0.0)[0])) & (corners < float(motion.distance(math.inf)[0]))]
        points, times = trajectory.point(corners), motion.time(corners)
        now, sent, short = 0.0, 0, next(seconds for since, seconds in SHORT.items() if self._version >= since)
        while now < motion.seconds:
            end = _slice_end(trajectory, motion, now, short, times, points)
            aside = np.zeros(2)
            if end < motion.seconds:
                aside = _outward(trajectory, *motion.distance(np.array([now, end])))
                end = _near_steps(trajectory, motion, now, end, short, aside)
            driven = float(motion.distance(end)[0])
            x, y = trajectory.point(driven)[0] + aside
            sent += self._move((float(x), float(y)), round(end * 1000) - sent)
            now = end
            yield now, driven

    def _move(self, to: Place, ms: int) -> int:
        """Sends one straight move and returns the ms that it takes: as many as were asked for, if the motors can."""
        steps = _steps(*to)
        by = steps[0] - self._steps[0], steps[1] - self._steps[1]
        ms = max(ms, 1, math.ceil(max(abs(by[0]), abs(by[1])) / FASTEST))
        self._do(f"SM,{ms},{by[0]},{by[1]}")
        self._steps = steps
        return ms

    def _raise_pen(self) -> None:
        self._do(f"SP,1,{self._lift_ms(RATE_UP)}")
        self._pen_is_down = False

    def _send_heights(self) -> None:
        self._do(f"SC,4,{_pulse(self._up)}")
        self._do(f"SC,5,{_pulse(self._down)}")

    def _lift_ms(self, rate: int) -> int:
        """How long the servo takes between its heights: it is slow by itself, and slowed down by its signal."""
        way = abs(self._up - self._down)
        if way < 1:
            return 1
        return int(((SERVO_SLOPE * way + SERVO_MIN) ** 4 + (SWEEP * way / rate) ** 4) ** 0.25)

    def _waits(self) -> bool:
        """Whether a command waits behind the one at work, where the firmware tells."""
        return self._version >= (2, 4, 4) and self._numbers("QM", ends="")[-1] != 0

    def _button_pressed(self) -> bool:
        self._pressed = self._pressed or self._numbers("QB")[0] == 1
        return self._pressed

    def _motors_hold(self) -> bool:
        """Whether nobody can have moved the carriage by hand, as far as the firmware tells."""
        return self._version < (2, 8, 0) or all(self._numbers("QE"))

    def _has_power(self) -> bool:
        return self._version < (2, 2, 3) or self._numbers("QC")[1] >= NO_POWER

    @property
    def _counts(self) -> bool:
        """Whether it counts steps; EM makes the counters 0 from 2.6.2 on, and CS does whenever there are any."""
        return self._version >= (2, 4, 3)

    def _counted(self) -> tuple[int, int]:
        first, second = self._numbers("QS")
        return first, second

    def _identify(self) -> tuple[int, int, int]:
        """The version, once the board says it: there may be answers on the way to what another program asked."""
        self._port.drop_input()
        for _ in range(3):
            self._port.write(b"V\r")
            while (line := self._port.read_line(1.0)) is not None:
                if (found := _VERSION.search(line)) is None:
                    continue
                if line.startswith("V,"):  # another program chose the syntax of the future
                    self._port.write(b"CU,10,0\r")
                    self._port.read_line(1.0)
                return int(found[1]), int(found[2]), int(found[3] or 0)
        raise BoardFault(Code.NOT_CONNECTED, f"{self._port.name} does not answer as an EBB does")

    def _do(self, command: str) -> None:
        """A command, and its OK: for one that is queued it comes when there is room."""
        self._port.write(f"{command}\r".encode())
        self._answer(command, "OK")

    def _numbers(self, query: str, *, ends: str = "OK") -> list[int]:
        answer = self._ask(query, ends=ends)
        try:
            return [int(number) for number in answer.removeprefix(f"{query},").split(",")]
        except ValueError:
            raise self._odd(query, answer) from None

    def _ask(self, query: str, *, ends: str = "OK") -> str:
        """The answer to a query, behind which most have an OK."""
        self._port.write(f"{query}\r".encode())
        answer = self._answer(query, "")
        if ends:
            self._answer(query, ends)
        return answer

    def _answer(self, command: str, expected: str) -> str:
        line = self._port.read_line(PATIENCE)
        if line is None:
            raise BoardFault(Code.LOST_USB, f"{self._port.name}: no answer to {command}")
        if line.startswith("!") or (expected and line != expected):
            raise self._odd(command, line)
        return line

    def _odd(self, command: str, line: str) -> BoardFault:
        return BoardFault(Code.NOT_PLOTTED, f"{self._port.name}: the board answers {line!r} to {command}")


def ebb(machine: Machine) -> DirectDriver:
    """plotart itself, over USB, on an AxiDraw or another machine with an EBB that is geared like one."""
    if machine.name.startswith("nextdraw"):
        raise InputError("--driver ebb: does not drive a NextDraw, which finds its home by switches of its own")
    return DirectDriver("ebb", machine, connect)


def connect(machine: Machine, port: str | None) -> EbbBoard:
    """The board on a port, or on the first that is an EBB's. Raises BoardFault, MissingError."""
    names = [port] if port is not None else [found.name for found in find_ports(USB_IDS["ebb"])]
    if not names:
        raise BoardFault(Code.NOT_CONNECTED, "no serial port is an EBB's")
    return EbbBoard(SerialPort(names[0]))


def _slice_end(
    trajectory: Trajectory,
    motion: Trajectory | Braking,
    now: float,
    short: float,
    times: np.ndarray,
    points: np.ndarray,
) -> float:
    """When the slice that begins now ends, so that it keeps to the line, given the times [n] and points [n, 2] of the
    line's corners."""
    end = min(now + SLICE, motion.seconds)
    if motion.seconds - end < SLICE / 4:
        end = motion.seconds
    while True:
        off, corner = _stray(trajectory, motion, now, end, times, points)
        is_short = end - now <= 1.01 * short
        allowed = STRAY_SHORT if is_short else STRAY
        if off <= allowed:
            return end
        # A curve's chord strays by the square of its length; a corner is where the slice has to end.
        shorter = 0.95 * (end - now) * math.sqrt(allowed / off)
        end = max(corner, now + (shorter if is_short else max(shorter, short)))


def _outward(trajectory: Trajectory, begin: float, end: float) -> np.ndarray:
    """mm along x and y by which a slice, from begin to end in mm along the line, should end aside of a curve, so that
    as much of its chord lies outside as inside: two thirds of what the chord strays. Nothing at corners."""
    after = 2 * end - begin
    if after > trajectory.length:
        return np.zeros(2)
    places = trajectory.point(np.array([begin, end, after]))
    aside = np.array([-1, 2, -1]) @ places / 12
    return aside if np.hypot(*aside) <= STRAY_SHORT else np.zeros(2)


def _near_steps(
    trajectory: Trajectory, motion: Trajectory | Braking, now: float, end: float, short: float, aside: np.ndarray
) -> float:
    """When the slice that begins now and ends then should rather end, a little sooner: where whole steps lie nearest to
    the line, moved by so many mm. What they are off along it is seen by nobody."""
    soonest = max(now + short, end - SOONER * (end - now))
    if soonest >= end:
        return end
    times = np.linspace(end, soonest, CHOICES)
    places = (trajectory.point(motion.distance(times)) + aside) @ _MOTORS
    return float(times[int(off_line(places).argmin())])


def _stray(
    trajectory: Trajectory,
    motion: Trajectory | Braking,
    begin: float,
    end: float,
    times: np.ndarray,
    points: np.ndarray,
) -> tuple[float, float]:
    """mm that the line's corners lie off the straight way between two moments, and when the one furthest off comes."""
    first, last = np.searchsorted(times, begin, side="right"), np.searchsorted(times, end, side="left")
    if last <= first:
        return 0.0, end
    start, stop = trajectory.point(motion.distance(np.array([begin, end])))
    off = _off(points[first:last], start, stop)
    worst = int(off.argmax())
    return float(off[worst]), float(times[first + worst])


def _off(points: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """mm [n] of points [n, 2] from a straight way."""
    way, to = end - begin, points - begin
    square = float(way @ way)
    along = np.clip(to @ way / square, 0.0, 1.0) if square > 0 else np.zeros(len(points))
    return np.asarray(np.hypot(*(to - along[:, None] * way).T))


def _steps(x: float, y: float) -> tuple[int, int]:
    return round(STEPS * (x + y)), round(STEPS * (x - y))


def _place(steps: tuple[int, int]) -> Place:
    return (steps[0] + steps[1]) / (2 * STEPS), (steps[0] - steps[1]) / (2 * STEPS)


def _pulse(height: float) -> int:
    return round(LOWEST + (HIGHEST - LOWEST) * height / 100)


def _rate(percent: int) -> int:
    """Units of the servo's signal per pulse, at so many % of its rate."""
    return round((HIGHEST - LOWEST) * PULSE / SWEEP * percent / 100)
