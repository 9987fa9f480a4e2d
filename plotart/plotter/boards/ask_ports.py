"""Which board is on a port, where that takes asking it."""

from __future__ import annotations

from plotart.errors import OptionError
from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.bridges import board_behind, bridges
from plotart.plotter.boards.known import USB_IDS, found_boards
from plotart.plotter.boards.port import FoundPort, find_ports
from plotart.plotter.boards.port_settings import PortSettings
from plotart.plotter.drivers import Code


def answering_boards() -> list[tuple[str, FoundPort]]:
    """The drivers and ports of the boards that are plugged in: those that are known by their USB ids, and if there are
    none, what answers behind chips that any board may be behind. A port that another program has open is left out.

    Raises MissingError without pyserial.
    """
    find_ports(())
    if known := found_boards():
        return known
    found = []
    for port in bridges():
        try:
            name = board_behind(port.name)
        except BoardFault:
            continue
        if name is not None:
            found.append((name, port))
    return found


def board_on(port: str) -> str:
    """The driver of the board on a port, as a person writes it. Raises BoardFault where none answers, MissingError."""
    name = PortSettings.read(port, baud=1).name
    known = {found.name: found.usb for found in find_ports()}
    for driver, ids in USB_IDS.items():
        if known.get(name) in ids:
            return driver
    found = board_behind(name)
    if found is None:
        raise BoardFault(Code.NOT_CONNECTED, f"{name}: neither Grbl nor an HP-GL plotter answers; choose with --driver")
    return found


def only_board() -> tuple[str, str] | None:
    """The driver and the port of the one board that is plugged in; None where there is none.

    Raises OptionError where there are several, MissingError without pyserial.
    """
    boards = answering_boards()
    if len(boards) > 1:
        names = ", ".join(f"{name} on {port.name}" for name, port in boards)
        raise OptionError(f"driver auto: several boards are plugged in, {names}; choose with --driver and --port")
    return (boards[0][0], boards[0][1].name) if boards else None
