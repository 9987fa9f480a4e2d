"""Lines sent to a board with Grbl so that its receive buffer is never empty and never overflows.

The board answers each line once, in order, when it has taken it out of its buffer: by counting the characters of the
lines that are unanswered it is known what still fits ("character counting").

Source: https://github.com/gnea/grbl/blob/master/doc/markdown/interface.md#streaming-a-g-code-program-to-grbl
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.grbl_codes import explain_alarm, explain_error
from plotart.plotter.boards.grbl_replies import Alarm, Banner, Ok, Refused, Reply, Said, Status, read_reply
from plotart.plotter.boards.port import Port
from plotart.plotter.drivers import Code

#: Bytes of the receive buffer of an Arduino's Grbl, if the board does not say.
BUFFER = 128

#: Seconds between two looks at what was asked for meanwhile, and after which the status is asked for anew.
GLANCE = 0.1

#: Seconds without a word, though the status is asked for, after which the board is taken to be dead.
SILENCE = 5.0

#: Real-time commands: taken at once, whatever is in the buffer.
STATUS, HOLD, RESUME, RESET = b"?", b"!", b"~", b"\x18"
FEED_100, FEED_UP_10, FEED_DOWN_10, FEED_UP_1, FEED_DOWN_1 = (bytes([code]) for code in range(0x90, 0x95))


class GrblStream:
    """The line to a board, and what is known of it: the lines that are unanswered, and the last status."""

    def __init__(self, port: Port, *, buffer: int = BUFFER) -> None:
        self._port = port
        self.buffer = buffer
        self._unanswered: deque[str] = deque()
        self._heard = time.monotonic()
        self._asked = 0.0
        self.status: Status | None = None
        #: Lines that were answered since the board began.
        self.answered = 0
        #: What the board said last that was no answer, its reason for an alarm say.
        self.said: deque[str] = deque(maxlen=5)

    @property
    def waiting(self) -> int:
        """Lines that are unanswered."""
        return len(self._unanswered)

    def now(self, command: bytes) -> None:
        """A real-time command."""
        self._port.write(command)

    def send(self, line: str, watch: Callable[[], bool] = lambda: False) -> bool:
        """Sends a line as soon as it fits. False, and it is not sent, where `watch` says meanwhile that it shall not.

        Raises BoardFault for what the board reports, and one that is dead.
        """
        taken = len(line) + 1
        if taken >= self.buffer:
            raise BoardFault(Code.STOPPED, f"a line of {taken} characters does not fit its buffer: {line}")
        # One byte stays free, as in Grbl's own example: some builds hold one less than they say.
        while self._used + taken >= self.buffer:
            if watch():
                return False
            self.listen()
        self.listen(0.0)
        self._port.write(f"{line}\n".encode("ascii"))
        self._unanswered.append(line)
        return True

    def settle(self, watch: Callable[[], bool] = lambda: False) -> bool:
        """Waits until every line is answered; False where `watch` ends that."""
        while self._unanswered:
            if watch():
                return False
            self.listen()
        return True

    def ask(self, line: str, *, seconds: float = 5.0) -> list[Reply]:
        """What the board says to a `$` command, without the answer itself. Raises BoardFault if it is refused, or not
        answered within so many seconds."""
        self.settle()
        self._port.write(f"{line}\n".encode("ascii"))
        said: list[Reply] = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            text = self._port.read_line(min(left, GLANCE))
            if text is None:
                continue
            reply = read_reply(text)
            self._heard = time.monotonic()
            if isinstance(reply, Ok):
                return said
            if isinstance(reply, Refused):
                raise BoardFault(Code.STOPPED, f"{line}: {explain_error(reply.code)}")
            if isinstance(reply, Alarm):
                raise BoardFault(Code.STOPPED, f"{line}: {explain_alarm(reply.code)}")
            said.append(reply)
        raise BoardFault(Code.NOT_CONNECTED, f"no answer to {line}")

    def look(self, *, seconds: float = 2.0) -> Status:
        """The status of this moment. Raises BoardFault for a board that says none."""
        self.status = None
        end = time.monotonic() + seconds
        self._ask_status()
        while self.status is None:
            if time.monotonic() > end:
                raise BoardFault(Code.NOT_CONNECTED, "no answer to a question for its status")
            self.listen()
        return self.status

    def listen(self, timeout: float = GLANCE) -> None:
        """Takes what the board has said, waiting for so many seconds; asks for its status when it said nothing."""
        text = self._port.read_line(timeout)
        while text is not None:
            self._heard = time.monotonic()
            self._take(read_reply(text))
            text = self._port.read_line(0.0)
        if timeout and time.monotonic() - max(self._heard, self._asked) > GLANCE:
            self._ask_status()
        if timeout and time.monotonic() - self._heard > SILENCE:
            raise BoardFault(Code.LOST_POWER, "its board says nothing any more")

    def reset(self, *, seconds: float = 2.0) -> Banner | None:
        """Ends all that is going on; None where no board begins anew within so many seconds."""
        self._port.write(RESET)
        self._unanswered.clear()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            text = self._port.read_line(min(left, GLANCE))
            reply = read_reply(text) if text is not None else None
            if isinstance(reply, Banner):
                self._heard = time.monotonic()
                return reply
        return None

    @property
    def _used(self) -> int:
        return sum(len(line) + 1 for line in self._unanswered)

    def _ask_status(self) -> None:
        self._asked = time.monotonic()
        self._port.write(STATUS)

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, Ok) and self._unanswered:
            self._unanswered.popleft()
            self.answered += 1
        elif isinstance(reply, Refused):
            line = self._unanswered.popleft() if self._unanswered else "?"
            raise BoardFault(Code.STOPPED, f"{explain_error(reply.code)}; the line was {line}")
        elif isinstance(reply, Alarm):
            raise BoardFault(Code.STOPPED, explain_alarm(reply.code))
        elif isinstance(reply, Banner):
            self._unanswered.clear()
            raise BoardFault(Code.LOST_POWER, "its board was reset in the middle of the plot")
        elif isinstance(reply, Status):
            self.status = reply
        elif isinstance(reply, Said):
            self.said.append(reply.text)
