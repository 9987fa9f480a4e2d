"""Serial ports: what comes and goes, and which of them a board is on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

from plotart.errors import MissingError
from plotart.plotter.boards.board import BoardFault
from plotart.plotter.drivers import Code

#: Bytes that are taken at once from what has come.
CHUNK = 4096

#: Seconds that a look for what comes takes at most.
LOOK = 0.05


class Port(Protocol):
    """A line to a board."""

    @property
    def name(self) -> str: ...

    def write(self, data: bytes) -> None:
        """Sends all of it. Raises BoardFault for a port that is gone."""

    def read_line(self, timeout: float) -> str | None:
        """The next line that is not empty, without its end, which may be any of CR and NL; None if none is whole
        within so many seconds. What has come of it is kept. Raises BoardFault for a port that is gone."""

    def drop_input(self) -> None:
        """Forget what has come and was not read."""

    def close(self) -> None:
        """Does nothing for a port that is gone."""


@dataclass(frozen=True)
class FoundPort:
    """A port that is there, what its USB device says of itself, and the device's ids (None for other ports)."""

    name: str
    description: str
    usb: tuple[int, int] | None = None


class SerialPort:
    """A port of pyserial's."""

    def __init__(self, name: str, *, baud: int = 115_200, flow: str = "none") -> None:
        """`flow`: "none", "xonxoff" or "rtscts". Raises MissingError without pyserial, BoardFault where no such port
        can be opened."""
        serial = _pyserial()
        self.name = name
        self._errors: tuple[type[Exception], ...] = (serial.SerialException, OSError, TypeError)
        self._read = bytearray()
        try:
            self._port: Any = serial.Serial(
                name,
                baud,
                timeout=LOOK,
                write_timeout=30,
                xonxoff=flow == "xonxoff",
                rtscts=flow == "rtscts",
                exclusive=True,  # two programs that speak at once would ruin a drawing
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise BoardFault(Code.NOT_CONNECTED, f"{name} can't be opened ({error})") from None

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except self._errors as error:
            raise self._gone(error) from None

    def read_line(self, timeout: float) -> str | None:
        last = time.monotonic() + timeout
        while (line := _taken(self._read)) is None:
            try:
                # Without a wait, what has come is looked at alone: a read takes up to LOOK.
                came = self._port.read(1) if timeout > 0 or self._port.in_waiting else b""
                came += self._port.read(min(self._port.in_waiting, CHUNK)) if came else b""
            except self._errors as error:
                raise self._gone(error) from None
            if not came and time.monotonic() >= last:
                return None
            self._read += came
        return line

    def drop_input(self) -> None:
        try:
            self._port.reset_input_buffer()
        except self._errors as error:
            raise self._gone(error) from None
        self._read.clear()

    def close(self) -> None:
        try:
            self._port.close()
        except self._errors:
            return

    def _gone(self, error: Exception) -> BoardFault:
        return BoardFault(Code.LOST_USB, f"{self.name}: {error}")


def find_ports(usb: Iterable[tuple[int, int]] | None = None) -> list[FoundPort]:
    """The serial ports that are there, by name; only those whose USB ids (vendor, product) are among `usb` where given.

    Raises MissingError without pyserial.
    """
    _pyserial()
    from serial.tools import list_ports

    wanted = None if usb is None else set(usb)
    found = []
    for port in list_ports.comports():
        ids = None if port.vid is None else (int(port.vid), int(port.pid))
        if wanted is None or ids in wanted:
            found.append(FoundPort(port.device, port.description or "", ids))
    return sorted(found, key=lambda port: port.name)


def _pyserial() -> ModuleType:
    try:
        import serial
    except ImportError:
        raise MissingError(
            "pyserial is not installed, without which plotart can't speak to a plotter itself; "
            "install it with `pip install 'plotart[plotter]'`"
        ) from None
    module: ModuleType = serial
    return module


def _taken(read: bytearray) -> str | None:
    """The first line that is whole and not empty, which is taken out; a board may end it in any way."""
    while True:
        ends = [at for at in (read.find(b"\r"), read.find(b"\n")) if at >= 0]
        if not ends:
            return None
        line = bytes(read[: min(ends)])
        del read[: min(ends) + 1]
        if line.strip():
            return line.decode("ascii", errors="replace").strip()
