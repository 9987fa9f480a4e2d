"""HPGL sent to a plotter's small buffer so that it never overflows.

Three ways, of which the cable and the plotter's switches allow some:

ask       the plotter is asked for its free space before anything is sent (ESC.B; "software checking"): needs no flow
          control of the computer's system, but a line back
xonxoff   the plotter says XOFF when its buffer fills (set up by ESC.I and ESC.N), and the system holds what it has
rtscts    the plotter's buffer has a line of the cable (ESC.@;1:), which the system heeds

Source: HP 7475A Interfacing and Programming Manual, https://archive.org/details/HP7475AInterfacingandProgrammingManual,
and the 7470A's, https://www.manualslib.com/manual/851334/Hp-7470a.html, pages 165 to 181
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.port import Port
from plotart.plotter.drivers import Code

Handshake = Literal["ask", "xonxoff", "rtscts"]

ESCAPE = "\x1b."

#: Bytes that are sent at once at most; short, so that a plotter that says XOFF is heeded in time.
CHUNK = 64

#: Bytes of the buffer that are left free.
SPARE = 16

#: Seconds for which an answer is waited for that comes at once, and for all else before it is asked what is wrong: a
#: pen may be on its way along the longest line at the lowest speed.
ANSWER, STUCK = 5.0, 60.0

#: Seconds between two questions for space.
GLANCE = 0.1

#: ESC.E: what went wrong on the line. Numbers from 10 on are those of RS-232.
IO_ERRORS: dict[int, str] = {
    10: "it was asked something before it had answered the last question",
    11: "an escape sequence that it does not know",
    12: "an escape sequence with a wrong value",
    13: "an escape sequence with a value out of range",
    14: "an escape sequence with too many values",
    15: "bytes arrived damaged: baud rate, parity and data bits must be as its switches have them",
    16: "its buffer overflowed, and a part of the drawing is lost: see that the handshake fits the cable",
}

#: OE: what it did not understand.
ERRORS: dict[int, str] = {
    1: "an instruction that it does not know",
    2: "a wrong number of values",
    3: "a value out of range, as of a pen that it does not have",
    5: "an unknown character set",
    6: "a place beyond what it reaches",
    8: "a place beyond its coordinates",
}


class HpglFlow:
    """The line to a plotter."""

    def __init__(self, port: Port, handshake: Handshake) -> None:
        self._port = port
        self.handshake = handshake
        self._left = 0
        self._began = False

    def begin(self) -> None:
        """Sets the handshake up. Raises BoardFault where the plotter is to answer and does not."""
        self._control("(")
        self._control("R")
        if self.handshake == "xonxoff":
            self._control("I81;;17:")
            self._control("N;19:")
        self._control(f"@;{int(self.handshake == 'rtscts')}:")
        if self.handshake == "ask":
            self._port.drop_input()
            self._left = self._space()

    def send(self, text: str, watch: Callable[[], bool] = lambda: False) -> bool:
        """Sends instructions as there is room for them; False where `watch` ends that, within them.

        Raises BoardFault for a plotter that does not answer or takes nothing for STUCK seconds.
        """
        data = text.encode("ascii")
        while data:
            if watch():
                return False
            size = CHUNK
            if self.handshake == "ask":
                if self._left < min(CHUNK, len(data)) and not self._find_space(min(CHUNK, len(data)), watch):
                    return False
                size = min(size, self._left)
                self._left -= min(size, len(data))
            self._port.write(data[:size])
            data = data[size:]
        return True

    def ask(self, text: str, watch: Callable[[], bool] = lambda: False) -> str | None:
        """What it answers to an output instruction, when all before that is done; None where `watch` ends the wait."""
        if not self.send(text, watch):
            return None
        while True:
            said = self._heard(watch, STUCK)
            if said is not None or watch():
                return said
            # It may be busy for long, or wait for a person; or have lost the question.
            self._control("E")
            said = self._answer()
            if not said.isdigit():
                return said
            if code := int(said):
                raise BoardFault(Code.STOPPED, IO_ERRORS.get(code, f"error {code} on its line"))

    def io_error(self) -> int:
        """What went wrong on the line since this was last asked; 0 for nothing."""
        self._control("E")
        return _number(self._answer())

    def abort(self) -> None:
        """Forgets what is in the buffer, and the rest of the instruction at hand."""
        self._control("K")
        self._left = 0

    def _find_space(self, wanted: int, watch: Callable[[], bool]) -> bool:
        end = time.monotonic() + STUCK
        while (space := self._space()) < wanted:
            if watch():
                return False
            if time.monotonic() > end and not self._suspended():
                raise BoardFault(Code.STOPPED, "its buffer stays full")
            time.sleep(GLANCE / 10)
        self._left = space
        return True

    def _space(self) -> int:
        self._control("B")
        return _number(self._answer()) - SPARE

    def _suspended(self) -> bool:
        """Whether it waits for a person: VIEW was pressed, or the paper is loose."""
        self._control("O")
        return bool(_number(self._answer()) & 48)

    def _control(self, text: str) -> None:
        self._port.write(f"{ESCAPE}{text}".encode("ascii"))

    def _answer(self) -> str:
        """The next line. Raises BoardFault for none within ANSWER seconds."""
        said = self._heard(lambda: False, ANSWER)
        if said is None:
            raise BoardFault(
                Code.LOST_POWER if self._began else Code.NOT_CONNECTED,
                f"{self._port.name} does not answer: it must be on, and the cable have a line back",
            )
        self._began = True
        return said

    def _heard(self, watch: Callable[[], bool], seconds: float) -> str | None:
        """The next line; None for none within so many seconds, or where `watch` ends the wait."""
        end = time.monotonic() + seconds
        while (said := self._port.read_line(GLANCE)) is None:
            if watch() or time.monotonic() > end:
                return None
        return said


def _number(said: str) -> int:
    try:
        return int(said)
    except ValueError:
        raise BoardFault(Code.STOPPED, f"a number was expected, and it said {said!r}") from None
