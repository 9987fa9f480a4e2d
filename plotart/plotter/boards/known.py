"""The boards that plotart speaks to itself, and how they are told by their USB ids."""

from __future__ import annotations

from plotart.errors import MissingError
from plotart.plotter.boards.port import FoundPort, find_ports

#: USB ids (vendor, product) by the drivers' names; of boards that any program may be on, none.
USB_IDS: dict[str, tuple[tuple[int, int], ...]] = {"ebb": ((0x04D8, 0xFD92),)}

#: The names of the drivers for which plotart needs no other software.
DIRECT = tuple(USB_IDS)


def found_boards() -> list[tuple[str, FoundPort]]:
    """The boards that are plugged in, by their USB ids alone: a port is not opened, as it may be plotting. None without
    pyserial."""
    try:
        return [(name, port) for name, ids in USB_IDS.items() for port in find_ports(ids)]
    except MissingError:
        return []
