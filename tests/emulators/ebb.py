"""An EiBotBoard that is not there: it takes commands as its documentation has them, and drives a carriage and a pen.

https://evil-mad.github.io/EggBot/ebb.html and ebb2.html. Time is its own: each command takes a ms to come, and one that
finds the queue full waits until there is room. So hours of plotting pass in seconds, and gaps show in which a carriage
had nothing to do.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from emulators.serial_end import Unplugged
from plotart.export.drawing import Line

#: Seconds that a command takes to come, and a move, by the firmware since then: the most that its documentation tells.
LATENCY = 0.001
MOVE_LATENCY = {(3, 0, 0): 0.002, (2, 7, 0): 0.004, (0, 0, 0): 0.007}

#: Steps per mm of x + y and x - y.
STEPS = 80.0

Steps = tuple[float, float]


@dataclass
class Motion:
    """What is queued: from `begin` to `end`, seconds."""

    begin: float
    end: float
    kind: str
    by: tuple[int, int] = (0, 0)
    pen: int | None = None
    pulse: int = 0


@dataclass
class Ebb:
    """The board and its machine. What is set or done to it holds from then on.

    version  of the firmware
    power    whether the motors are supplied
    lines    what the pen drew, in mm from where the carriage stood when all began
    gaps     times at which a carriage on its way had nothing to do, and for how long, s
    """

    version: tuple[int, int, int] = (2, 8, 1)
    power: bool = True
    pace: float = 0.0  # real seconds for one of its own
    lines: list[Line] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    now: float = 0.0
    #: Is called with each command before it is carried out: to press, pull, cut off.
    meanwhile: Callable[[Ebb, str], None] = lambda board, command: None

    def __post_init__(self) -> None:
        self.place: Steps = (0, 0)  # of the motors, which nothing resets
        self._line: list[tuple[float, float]] = []
        self._received = bytearray()
        self._started = time.monotonic()
        self.reset()

    def reset(self) -> None:
        """As when power comes back: all that was told is forgotten, and nothing holds the motors."""
        self._queue: deque[Motion] = deque()
        self._depth, self._variable, self._threshold = 1, 0, 0
        self._counted = [0, 0]
        self._low, self._high, self._rates = 12000, 16000, [0, 0]
        self._pulse, self.pen_down, self._pen_said = 12000, False, 1
        self._servo_done = 0.0
        self._pressed = self._lost_power = self.enabled = False
        self._last_end = 0.0
        self._lift()

    def press(self) -> None:
        self._pressed = True

    def cut_power(self) -> None:
        """The motors' supply only; USB keeps the board alive."""
        self.power = self.enabled = False
        self._lost_power = self._threshold > 0

    @property
    def at(self) -> tuple[float, float]:
        """mm where the carriage stands."""
        return (self.place[0] + self.place[1]) / 2 / STEPS, (self.place[0] - self.place[1]) / 2 / STEPS

    def receive(self, data: bytes) -> bytes:
        self._received += data
        answers = b""
        while (end := self._received.find(b"\r")) >= 0:
            command = self._received[:end].decode("ascii")
            del self._received[: end + 1]
            answers += self._carry_out(command)
        if len(self._received) > 255:
            self._received.clear()
            return answers + b"!3 Err: RX Buffer overrun\r\n"
        return answers

    def settle(self) -> None:
        """All that is queued is done, though nobody asks any more."""
        self._advance(max([self.now, *(motion.end for motion in self._queue)]))
        self._lift()

    def _carry_out(self, command: str) -> bytes:
        self.said.append(command)
        move = next(seconds for since, seconds in MOVE_LATENCY.items() if self.version >= since)
        self._advance(self.now + (move if command.startswith("SM") else LATENCY))
        self.meanwhile(self, command)
        name, *texts = command.upper().split(",")
        act = getattr(self, f"_do_{name.lower()}", None)
        if act is None:
            return self._error(f"!8 Err: Unknown command '{name}:{name.encode().hex()}'")
        try:
            values = [int(text) for text in texts]
        except ValueError:
            return self._error(f"!5 Err: Need comma next, found: '{texts[-1][-1:]}'")
        try:
            answer: bytes = act(*values)
        except TypeError:
            return self._error("!4 Err: Missing parameter(s)")
        if self.pace:
            time.sleep(max(0.0, self._started + self.now * self.pace - time.monotonic()))
        return answer

    def _error(self, text: str) -> bytes:
        self.faults.append(text)
        return f"{text}\r\n".encode()

    # Queries.

    def _do_v(self) -> bytes:
        return f"EBBv13_and_above EB Firmware Version {'.'.join(map(str, self.version))}\r\n".encode()

    def _do_qb(self) -> bytes:
        pressed, self._pressed = self._pressed, False
        return f"{int(pressed)}\r\nOK\r\n".encode()

    def _do_qc(self) -> bytes:
        return f"0394,{300 if self.power else 12:04d}\r\nOK\r\n".encode()

    def _do_qe(self) -> bytes:
        if self.version < (2, 8, 0):
            return self._error("!8 Err: Unknown command 'QE:5145'")
        return b"16,16\r\nOK\r\n" if self.enabled else b"0,0\r\nOK\r\n"

    def _do_qg(self) -> bytes:
        busy = bool(self._queue)
        status = 64 * self._lost_power + 32 * self._pressed + 16 * self._pen_said + 8 * busy
        self._lost_power = self._pressed = False
        return f"{status:02X}\r\n".encode()

    def _do_qm(self) -> bytes:
        busy, waits = bool(self._queue), len(self._queue) > 1
        moves = busy and self._queue[0].kind == "move"
        return f"QM,{int(busy)},{int(moves)},{int(moves)},{int(waits)}\n\r".encode()

    def _do_qp(self) -> bytes:
        return f"{self._pen_said}\n\rOK\r\n".encode()

    def _do_ql(self) -> bytes:
        return f"{self._variable}\r\nOK\r\n".encode()

    def _do_qs(self) -> bytes:
        first, second = (round(steps) for steps in self._counted_now())
        return f"{first},{second}\n\rOK\r\n".encode()

    # Commands.

    def _do_sl(self, value: int) -> bytes:
        if not 0 <= value <= 127:
            return self._error("!6 Err: Invalid parameter value")
        self._variable = value
        return b"OK\r\n"

    def _do_sc(self, number: int, value: int) -> bytes:
        if not 0 <= value <= 65535:
            return self._error("!6 Err: Invalid parameter value")
        if number == 4:
            self._low = value
        elif number == 5:
            self._high = value
        elif number in (11, 12):
            self._rates[number - 11] = value
        return b"OK\r\n"

    def _do_cs(self) -> bytes:
        self._counted = [0, 0]
        return b"OK\r\n"

    def _do_cu(self, number: int, value: int) -> bytes:
        if self.version < (3, 0, 0) and number > 3:
            return self._error("!6 Err: Invalid parameter value")
        if number == 4:
            self._advance(max([self.now, *(motion.end for motion in self._queue)]))
            self._depth = min(value, 32)
        elif number == 60:
            self._threshold, self._lost_power = value, False
        return b"OK\r\n"

    def _do_em(self, first: int, second: int) -> bytes:
        if self.version >= (2, 6, 2):
            self._counted = [0, 0]
        self.enabled = bool(first and second and self.power)
        return b"OK\r\n"

    def _do_sp(self, value: int, ms: int = 0, pin: int = 1) -> bytes:
        if value not in (0, 1):
            return self._error("!6 Err: Invalid parameter value")
        self._enqueue(ms / 1000, "pen", pen=value, pulse=self._low if value else self._high)
        return b"OK\r\n"

    def _do_sm(self, ms: int, first: int, second: int = 0) -> bytes:
        if not 0 < ms < 2**24:
            return self._error("!6 Err: Invalid parameter value")
        for axis, steps in enumerate((first, second), start=1):
            if abs(steps) / ms > 25:
                return self._error(f"!0 Err: <axis{axis}> step rate too high")
            if steps and abs(steps) / ms < 0.00131 and self.version < (3, 0, 0):
                return self._error(f"!0 Err: <axis{axis}> step rate too low")
        self._enqueue(ms / 1000, "move" if first or second else "rest", by=(first, second))
        return b"OK\r\n"

    def _do_es(self) -> bytes:
        interrupted = bool(self._queue)
        if interrupted and self._queue[0].kind == "move":
            done = self._queue[0]
            share = (self.now - done.begin) / (done.end - done.begin)
            self._moved(tuple(round(steps * share) for steps in done.by))
        self._queue.clear()
        return (b"1" if interrupted else b"0") + (b",0,0,0,0" * (self.version < (3, 0, 0))) + b"\n\rOK\r\n"

    # The queue and what it moves.

    def _enqueue(self, seconds: float, kind: str, **what: object) -> None:
        while len(self._queue) >= 1 + self._depth:
            self._advance(self._queue[0].end)
        begin = max([self.now, *(motion.end for motion in self._queue)])
        if kind == "move" and begin > self._last_end + 1e-9 and self._moving:
            self.gaps.append((self.now, begin - self._last_end))
        self._moving = kind == "move"
        self._last_end = begin + seconds
        self._queue.append(Motion(begin, begin + seconds, kind, **what))  # type: ignore[arg-type]
        self._advance(self.now)

    _moving = False

    def _advance(self, now: float) -> None:
        """Time goes on."""
        self.now = max(self.now, now)
        while self._queue:
            motion = self._queue[0]
            if motion.kind == "pen" and motion.begin <= self.now and motion.pen is not None:
                self._move_pen(motion)
            if motion.end > self.now:
                return
            if motion.kind == "pen":
                self._pen_done()
            if motion.kind == "move":
                if motion.begin < self._servo_done - 0.003:
                    self.faults.append("the carriage moves while the lift does")
                self._moved(motion.by)
            self._queue.popleft()

    def _move_pen(self, motion: Motion) -> None:
        rate = self._rates[1 - (motion.pen or 0)] or 65535
        self._servo_done = motion.begin + abs(motion.pulse - self._pulse) / rate * 0.024
        if motion.end == motion.begin:  # a new height, as it draws
            self._servo_done = motion.begin
        self._pen_said, self._pulse = int(motion.pen or 0), motion.pulse
        if motion.pen == 1:
            self._lift()
        self._goes_down = motion.pen == 0
        motion.pen = None

    _goes_down = False

    def _pen_done(self) -> None:
        if self._goes_down and not self.pen_down:
            self.pen_down = True
            self._line = [self.at]

    def _lift(self) -> None:
        if self.pen_down and self._line:
            self.lines.append(np.array([*self._line, self.at]) if len(self._line) == 1 else np.array(self._line))
        self.pen_down, self._line = False, []

    def _moved(self, by: tuple[int, ...]) -> None:
        self._counted = [self._counted[0] + by[0], self._counted[1] + by[1]]
        if not self.power:
            return
        self.enabled = True
        self.place = self.place[0] + by[0], self.place[1] + by[1]
        if self.pen_down:
            self._line.append(self.at)

    def _counted_now(self) -> Steps:
        first, second = self._counted
        if self._queue and self._queue[0].kind == "move":
            motion = self._queue[0]
            share = (self.now - motion.begin) / (motion.end - motion.begin)
            return first + motion.by[0] * share, second + motion.by[1] * share
        return first, second


def pull_after(commands: int) -> Callable[[Ebb, str], None]:
    """The cable comes out at the command of that number."""

    def meanwhile(board: Ebb, command: str) -> None:
        if len(board.said) >= commands:
            raise Unplugged

    return meanwhile
