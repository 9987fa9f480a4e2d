"""A port as a person writes it: its name, and where need be speed and handshake, as in /dev/ttyUSB0,9600,xonxoff."""

from __future__ import annotations

from dataclasses import dataclass

from plotart.errors import OptionError

#: Handshakes by the names of pyserial's; "none" is none of the line's own.
FLOWS = ("none", "xonxoff", "rtscts")


@dataclass(frozen=True)
class PortSettings:
    """Where a board is, bits a second, and one of FLOWS."""

    name: str
    baud: int
    flow: str = "none"

    @classmethod
    def read(cls, text: str, *, baud: int) -> PortSettings:
        """`baud` is what a text without one means. Raises OptionError."""
        name, *words = (word.strip() for word in text.split(","))
        flow = "none"
        for word in words:
            if word.isdigit() and int(word) > 0:
                baud = int(word)
            elif word in FLOWS:
                flow = word
            else:
                raise OptionError(
                    f"port {text}: found {word!r}; allowed behind the name are a baud rate and {', '.join(FLOWS)}"
                )
        return cls(name, baud, flow)
