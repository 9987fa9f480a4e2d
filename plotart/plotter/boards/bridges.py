"""Serial ports on USB behind which a plotter's board may be, and what answers there.

Boards with Grbl and old pen plotters are behind chips that anything may be behind. So only ports of chips that such
boards and adapters have are opened unasked, and what is sent there moves nothing: `?`, to which Grbl says its status at
any time, and `OI;`, to which an HP-GL plotter says its model. Opening a port makes many Arduinos begin anew, which
forget where their carriage stands.
"""

from __future__ import annotations

import re
import time

from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.grbl_replies import Banner, Status, read_reply
from plotart.plotter.boards.port import FoundPort, SerialPort, find_ports

#: USB ids (vendor, product) of chips and boards that are serial ports, by what they are called.
BRIDGES: dict[tuple[int, int], str] = {
    (0x1A86, 0x7523): "CH340",
    (0x1A86, 0x5523): "CH341",
    (0x1A86, 0x55D4): "CH9102",
    (0x0403, 0x6001): "FT232",
    (0x0403, 0x6010): "FT2232",
    (0x0403, 0x6015): "FT231X",
    (0x10C4, 0xEA60): "CP210x",
    (0x067B, 0x2303): "PL2303",
    (0x067B, 0x23A3): "PL2303",
    (0x2341, 0x0001): "Arduino Uno",
    (0x2341, 0x0043): "Arduino Uno",
    (0x2341, 0x0010): "Arduino Mega",
    (0x2341, 0x0042): "Arduino Mega",
    (0x2A03, 0x0043): "Arduino Uno",
    (0x0483, 0x5740): "STM32",
    (0x16C0, 0x0483): "Teensy",
    (0x303A, 0x1001): "ESP32",
}

#: Bits a second at which each is asked, and seconds for its answer: an Arduino begins anew first.
GRBL_BAUD, GRBL_SECONDS = 115_200, 3.5
HPGL_BAUD, HPGL_SECONDS = 9600, 2.0

#: Seconds between two questions to Grbl.
AGAIN = 0.5

#: What pen plotters call themselves: 7475A, 7550A, DXY-1300, MP4200.
_MODEL = re.compile(r"(?=.*\d{3})[A-Z0-9][A-Z0-9/ ,.-]{2,24}")


def bridges() -> list[FoundPort]:
    """The ports that are known chips', not opened. Raises MissingError without pyserial."""
    return find_ports(BRIDGES)


def board_behind(port: str) -> str | None:
    """The driver of the board that answers on a port: "grbl", "hpgl", or None. Raises BoardFault for a port that can't
    be opened, as another program uses it, say; MissingError."""
    if _answers_as_grbl(port):
        return "grbl"
    return "hpgl" if _answers_as_hpgl(port) else None


def _answers_as_grbl(name: str) -> bool:
    port = SerialPort(name, baud=GRBL_BAUD)
    try:
        end = time.monotonic() + GRBL_SECONDS
        while time.monotonic() < end:
            port.write(b"?")
            while (line := port.read_line(AGAIN)) is not None:
                if isinstance(read_reply(line), (Banner, Status)):
                    return True
        return False
    except BoardFault:
        return False
    finally:
        port.close()


def _answers_as_hpgl(name: str) -> bool:
    port = SerialPort(name, baud=HPGL_BAUD)
    try:
        port.drop_input()
        port.write(b";OI;")
        line = port.read_line(HPGL_SECONDS)
        return line is not None and _MODEL.fullmatch(line) is not None
    except BoardFault:
        return False
    finally:
        port.close()
