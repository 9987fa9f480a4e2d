"""An old pen plotter on a pseudo-terminal, as Hewlett-Packard's 7475A: it parses HP-GL, keeps its buffer, changes its
pens, and fails as documented.

A line to a real one holds what the computer's system has not sent yet; here that is what has not been read. Under
XON/XOFF the plotter still gets LATE bytes after it said XOFF; by its hardware line none.

Each vector is drawn from rest to rest, which the manual does not say. Sources: HP 7475A Interfacing and Programming
Manual (https://archive.org/details/HP7475AInterfacingandProgrammingManual), chapters on RS-232-C and on output
instructions; the same of the 7470A, https://www.manualslib.com/manual/851334/Hp-7470a.html
"""

from __future__ import annotations

import math
import os
import re
import select
import string
import termios
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from emulators.grbl import Fault, Hook
from emulators.serial_end import SerialEnd

#: mm of a plotter unit of the 7475A.
UNIT = 0.02488

#: mm/s at which it draws after IN, and mm/s^2 (2 g).
SPEED, ACCELERATION = 381.0, 19_600.0

#: Seconds to raise or lower the pen, and to put one back and fetch another.
LIFT, CHANGE = 0.08, 4.0

#: Bytes that arrive after XOFF.
LATE = 16

#: Free bytes at which it says XOFF, unless ESC.I says otherwise, and XON.
FULL, EMPTIER = 81, 512

#: Real seconds for which it waits for the computer before it goes on.
PATIENCE = 0.005

#: Seconds of its own time that pass from one question to the next.
BLINK = 0.1

XON, XOFF = b"\x11", b"\x13"
_WITH_VALUES = b"@HIMN"
_INSTRUCTION = re.compile(rb"([A-Za-z]{2})([^A-Za-z;]*)(;|(?=[A-Za-z]))")

#: Anything else is passed over, as an error.
_MAY_BEGIN = string.ascii_letters + " \r\n;"


class Hpgl(SerialEnd):
    """The plotter, and what each of its pens drew.

    replies   whether its line back to the computer is wired
    wire      whether its buffer's line holds the computer back ("hardware handshake")
    """

    def __init__(
        self,
        *,
        model: str = "7475A",
        buffer: int = 1024,
        pens: int = 6,
        reach: tuple[int, int, int, int] = (0, 0, 11040, 7721),
        replies: bool = True,
        wire: bool = False,
        faults: tuple[Fault, ...] = (),
        hooks: tuple[Hook, ...] = (),
        pieces: int = 0,
        seed: int = 0,
    ) -> None:
        super().__init__(pieces=pieces, seed=seed)
        self.model, self.size, self.pens, self.reach = model, buffer, pens, reach
        self.replies, self.wire = replies, wire
        self.faults, self.hooks = deque(sorted(faults, key=lambda f: f.at_mm)), deque(hooks)
        self.now = 0.0
        self.drawn_mm = 0.0
        self.overflowed = self.dead = self.viewed = False
        self.pen = 0
        #: Pens as they were taken out of the carousel.
        self.taken: list[int] = []
        self.said_xoff = 0
        self._trace: list[tuple[int, list[tuple[float, float]]]] = []
        self._position = (float(reach[0]), float(reach[1]))
        self._buffer = bytearray()
        self._escape = bytearray()
        self._task: Iterator[None] | None = None
        self._polled = self._xoff = False
        self._late = LATE
        self._io_error = 0
        self._initialize()
        self._reset_handshake()

    @property
    def drawn(self) -> dict[int, list[NDArray[np.float64]]]:
        """Lines [n, 2] in mm of plotter coordinates, by pen."""
        lines: dict[int, list[NDArray[np.float64]]] = {}
        for pen, line in self._trace:
            if len(line) > 1:
                lines.setdefault(pen, []).append(np.array(line) * UNIT)
        return lines

    @property
    def place(self) -> tuple[float, float]:
        """mm in plotter coordinates where the carriage stands."""
        x, y = self._position
        return x * UNIT, y * UNIT

    # -- the line

    def step(self) -> None:
        if self.dead:
            self._over.wait(PATIENCE)
            return
        held = self._held
        data = b"" if held else self.receive(0 if self._polled else PATIENCE)
        if held and self.replies and not self.wire and self._late:
            data = self.receive(0)[: self._late]
            self._late -= len(data)
        for byte in data:
            self._take(byte)
        if not data or self._polled:
            until = self.now + (BLINK if self._polled else 0.0)
            self._polled = False
            while self._work() and self.now < until and not self.dead:
                pass
        if self._xoff and self._free >= EMPTIER:
            self._xoff, self._late = False, LATE
            self.send(XON)

    def receive(self, seconds: float) -> bytes:
        """A few bytes at a time, as a slow line has them."""
        if self.pulled:
            return super().receive(seconds)
        ready, _, _ = select.select([self._master], [], [], seconds)
        return os.read(self._master, 8) if ready else b""

    @property
    def _held(self) -> bool:
        """Whether the computer holds back what it has: the line of the buffer says so, or an XOFF that it heeds."""
        if self.wire:
            return self._free < FULL
        heeds = bool(termios.tcgetattr(self._slave)[0] & termios.IXON) if not self.pulled else False
        return self._xoff and heeds

    @property
    def _free(self) -> int:
        return self.size - len(self._buffer)

    def _take(self, byte: int) -> None:
        if byte == 0x1B or self._escape:
            self._escape.append(byte)
            self._control()
        elif self._free <= 0:
            self.overflowed = True
            self._io_error = 16
        else:
            self._buffer.append(byte)
            if self._xoff_at and not self._xoff and self._free < self._xoff_at:
                self._xoff = True
                self.said_xoff += 1
                self.send(XOFF)

    def _control(self) -> None:
        """Device-control instructions act at once and never enter the buffer."""
        escape = bytes(self._escape)
        if len(escape) == 2 and escape[1:] != b".":
            self._escape.clear()
        if len(escape) < 3 or (escape[2:3] in _WITH_VALUES and not escape.endswith(b":")):
            return
        self._escape.clear()
        command, values = escape[2:3], escape[3:-1].split(b";")
        if command == b"B":
            self._answer(str(self._free))
            self._polled = True
        elif command == b"O":
            self._answer(str((16 if self.viewed else 0) + (0 if self._buffer or self._task else 8)))
            self._polled = True
        elif command == b"E":
            self._answer(str(self._io_error))
            self._io_error = 0
        elif command == b"L":
            self._answer(str(self.size))
        elif command == b"K":
            self._buffer.clear()
            self._task = None
        elif command == b"R":
            self._reset_handshake()
        elif command == b"I":
            self._block = int(values[0] or 80)
            self._xon_known = len(values) > 2 and values[2] == b"17"
        elif command == b"N":
            self._xoff_at = self._block if len(values) > 1 and values[1] == b"19" and self._xon_known else 0
        elif command not in b"@HMJ()YZ":
            self._io_error = 11

    def _reset_handshake(self) -> None:
        self._block, self._xoff_at, self._xon_known = 80, 0, False

    def _answer(self, text: str) -> None:
        if self.replies:
            self.send(text.encode() + b"\r")

    # -- HP-GL

    def _work(self) -> bool:
        """One vector, or an instruction that takes no time; False if there is nothing to do."""
        if self.viewed:
            return False
        if self._task is None:
            while self._buffer and chr(self._buffer[0]) not in _MAY_BEGIN:
                del self._buffer[0]
                self._error = 1
            found = _INSTRUCTION.match(self._buffer.lstrip(b" \r\n;"))
            if found is None:
                return False
            skipped = len(self._buffer) - len(self._buffer.lstrip(b" \r\n;"))
            name, text = found[1].decode().upper(), found[2].decode()
            del self._buffer[: skipped + found.end()]
            self._task = self._execute(name, [float(word) for word in re.split(r"[,\s]+", text) if word])
        try:
            next(self._task)
        except StopIteration:
            self._task = None
        return True

    def _execute(self, name: str, values: list[float]) -> Iterator[None]:
        if name == "IN":
            self._initialize()
        elif name in ("PU", "PD", "PA", "PR"):
            if name in ("PU", "PD"):
                self._lower(name == "PD")
            else:
                self._relative = name == "PR"
            if len(values) % 2:
                self._error = 2
                return
            for x, y in zip(values[::2], values[1::2], strict=True):
                self._go(x + self._position[0], y + self._position[1]) if self._relative else self._go(x, y)
                yield
        elif name == "SP":
            self._take_pen(int(values[0]) if values else 0)
        elif name == "VS":
            self._speed = min(max(values[0] if values else 38.1, 1.0) * 10, SPEED)
        elif name == "OI":
            self._answer(self.model)
        elif name == "OA":
            self._answer(f"{self._position[0]:.0f},{self._position[1]:.0f},{int(self._down)}")
        elif name == "OH":
            self._answer(",".join(str(value) for value in self.reach))
        elif name == "OE":
            self._answer(str(self._error))
            self._error = 0
        elif name == "OS":
            self._answer(str(16 + (32 if self._error else 0)))
        elif name not in ("DF", "PS", "RO", "IP", "SC", "IW", "LT", "AS", "FS", "PG", "NR"):
            self._error = 1

    def _initialize(self) -> None:
        self._down = self._relative = False
        self._speed, self._error = SPEED, 0

    def _take_pen(self, number: int) -> None:
        if not 0 <= number <= self.pens:
            self._error = 3
            return
        self._lower(False)
        if number != self.pen:
            self.now += CHANGE
            self.pen = number
            if number:
                self.taken.append(number)

    def _lower(self, down: bool) -> None:
        if down != self._down:
            self.now += LIFT
            self._down = down
            if down:
                self._trace.append((self.pen, [self._position]))

    def _go(self, x: float, y: float) -> None:
        left, bottom, right, top = self.reach
        if not (left <= x <= right and bottom <= y <= top):
            self._error = 6
            x, y = min(max(x, left), right), min(max(y, bottom), top)
        begin = self._position
        length = math.dist(begin, (x, y)) * UNIT
        until = self._next_mm() - self.drawn_mm
        if self._down and 0 <= until < length:
            self._draw_to(begin[0] + (x - begin[0]) * until / length, begin[1] + (y - begin[1]) * until / length, until)
            self._befall()
            self._go(x, y) if not self.dead else None
            return
        ramp = self._speed**2 / ACCELERATION
        self.now += (
            2 * math.sqrt(length / ACCELERATION) if length < ramp else length / self._speed + self._speed / ACCELERATION
        )
        self._draw_to(x, y, length)

    def _draw_to(self, x: float, y: float, length: float) -> None:
        self._position = (x, y)
        if self._down:
            self.drawn_mm += length
            self._trace[-1][1].append(self._position)

    def _next_mm(self) -> float:
        return min([f.at_mm for f in [*self.faults][:1]] + [h.at_mm for h in [*self.hooks][:1]], default=math.inf)

    def _befall(self) -> None:
        if self.hooks and self.drawn_mm >= self.hooks[0].at_mm - 1e-9:
            call: Callable[[], None] = self.hooks.popleft().call
            call()
            return
        fault = self.faults.popleft()
        if fault.kind == "cable":
            self.pull()
        elif fault.kind == "view":
            self.viewed = True
            return
        elif fault.kind != "dead":
            raise ValueError(fault.kind)
        self.dead = True
