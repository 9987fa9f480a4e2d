"""The boards that plotart speaks to itself, and how they are told by their USB ids."""

from __future__ import annotations

from plotart.errors import MissingError
from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.port import FoundPort, find_ports
from plotart.plotter.drivers import Code

#: USB ids (vendor, product) by the drivers' names; of boards that any program may be on, none.
USB_IDS: dict[str, tuple[tuple[int, int], ...]] = {"ebb": ((0x04D8, 0xFD92),), "grbl": (), "hpgl": ()}

#: The names of the drivers for which plotart needs no other software.
DIRECT = tuple(USB_IDS)


def found_boards() -> list[tuple[str, FoundPort]]:
    """The boards that are plugged in, by their USB ids alone: a port is not opened, as it may be plotting. None without
    pyserial."""
    try:
        return [(name, port) for name, ids in USB_IDS.items() if ids for port in find_ports(ids)]
    except MissingError:
        return []


def only_port() -> str:
    """The one serial adapter on USB that is no known board's; what hides behind it is not asked: that resets many.

    Raises BoardFault where there is none, or a choice; MissingError without pyserial.
    """
    known = {ids for some in USB_IDS.values() for ids in some}
    names = [port.name for port in find_ports() if port.usb is not None and port.usb not in known]
    if len(names) != 1:
        found = f"serial ports are {', '.join(names)}: choose one" if names else "no serial port is on USB: give it"
        raise BoardFault(Code.NOT_CONNECTED, f"{found} with --port")
    return names[0]
