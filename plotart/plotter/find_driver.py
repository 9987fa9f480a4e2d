"""Which of the plotters' programs are installed, and which boards are plugged in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from importlib.util import find_spec

from plotart.errors import InputError, MissingError
from plotart.plotter.boards.ask_ports import board_on, only_board
from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.direct import DirectDriver
from plotart.plotter.boards.known import DIRECT, found_boards
from plotart.plotter.command_line import CommandLine
from plotart.plotter.drivers import MODELS, Code, Driver
from plotart.plotter.machines import Machine
from plotart.plotter.python_module import PythonModule
from plotart.plugins import DRIVERS

#: Name: whose software, the Python module or the program, and the class in the module.
MODULES = {
    "pyaxidraw": PythonModule("pyaxidraw", "axidraw", "pyaxidraw.axidraw", "AxiDraw"),
    "nextdraw": PythonModule("nextdraw", "nextdraw", "nextdraw", "NextDraw"),
}
PROGRAMS = {"axicli": ("axidraw", "axicli"), "nextdraw-cli": ("nextdraw", "nextdraw")}

#: The names of the makers' software, in the order in which it is looked for.
MAKERS = ("pyaxidraw", "axicli", "nextdraw", "nextdraw-cli")

_INSTALL = {
    "axidraw": "`pip install https://cdn.evilmadscientist.com/dl/ad/public/AxiDraw_API.zip` "
    "(AxiDraw; see https://axidraw.com/doc/py_api)",
    "nextdraw": "`pip install https://software-download.bantamtools.com/nd/api/nextdraw_api.zip` "
    "(NextDraw, and AxiDraw too; see https://bantam.tools/nd_py)",
}


def find_driver(name: str, machine: Machine, port: str | None = None) -> Driver:
    """The driver of that name, or for "auto" the first of the makers' software that is installed and drives the machine
    (NextDraw's software drives AxiDraws too, but not the other way round), else that of the board that is plugged in;
    with a `port`, that of the board on it.

    Raises InputError for a name that there isn't, one that does not drive the machine, and several boards among which
    to choose; MissingError when it is not installed, BoardFault where nothing answers on the port.
    """
    if name == "auto" and port is not None:
        return find_driver(board_on(port), machine)
    if name != "auto":
        if name not in DRIVERS.names:
            raise InputError(f"--driver {name}: no such driver; allowed are auto, {', '.join(DRIVERS.names)}")
        driver: Driver = DRIVERS.load(name)(machine)
        return driver
    for fitting in _fitting(machine):
        if (found := _installed(fitting)) is not None:
            return found
    if find_spec("serial") and not machine.name.startswith("nextdraw") and (board := only_board()) is not None:
        return _on_port(*board, machine)
    if not _fitting(machine):
        raise MissingError(
            f"no board answers on USB, and no maker's software drives {machine.name}; choose with --driver and --port, "
            "and `pip install 'plotart[plotter]'`; --dry-run shows the plan without it"
        )
    ways = " or ".join(_INSTALL[software] for software in dict.fromkeys(map(_software, _fitting(machine))))
    raise MissingError(
        f"nothing that drives {machine.name} is installed: looked for {', '.join(_fitting(machine))}. "
        f"Install it with {ways}; or plug in a board that plotart drives itself, "
        f"and `pip install 'plotart[plotter]'`; --dry-run shows the plan without it"
    )


def find_direct(name: str, machine: Machine, port: str | None = None) -> DirectDriver:
    """The driver of that name that speaks to a board itself, or for "auto" that of the board on the port, or of the one
    that is plugged in.

    Raises InputError for other drivers, one that does not drive the machine and several boards among which to choose,
    BoardFault where no board is found, MissingError without pyserial.
    """
    if name == "auto":
        if port is not None:
            name = board_on(port)
        elif (board := only_board()) is not None:
            return _on_port(*board, machine)
        else:
            raise BoardFault(Code.NOT_CONNECTED, "no board answers on USB: choose with --driver and --port")
    if name not in DIRECT:
        raise InputError(f"--driver {name}: does not speak to a board itself; allowed are auto, {', '.join(DIRECT)}")
    driver: DirectDriver = DRIVERS.load(name)(machine)
    return driver


def _on_port(name: str, port: str, machine: Machine) -> DirectDriver:
    driver: DirectDriver = DRIVERS.load(name)(machine)
    return replace(driver, port=port)


def _own(name: str, machine: Machine) -> Driver:
    if name not in (fitting := _fitting(machine)):
        raise InputError(f"--driver {name}: does not drive {machine.name}; allowed are auto, {', '.join(fitting)}")
    if (found := _installed(name)) is None:
        raise MissingError(f"--driver {name}: not installed; install it with {_INSTALL[_software(name)]}")
    return found


pyaxidraw, axicli, nextdraw, nextdraw_cli = (partial(_own, name) for name in MAKERS)


def installed_drivers() -> tuple[str, ...]:
    """The names of the makers' software that `plotart plot` could use."""
    return tuple(name for name in MAKERS if _installed(name) is not None)


def usable_drivers() -> tuple[str, ...]:
    """The same, and the names of the boards that are plugged in."""
    return (*installed_drivers(), *dict.fromkeys(name for name, _ in found_boards()))


def _software(name: str) -> str:
    return MODULES[name].software if name in MODULES else PROGRAMS[name][0]


def _fitting(machine: Machine) -> list[str]:
    """The makers' software that drives the machine."""
    if machine.name not in MODELS:
        return []
    return [name for name in MAKERS if _software(name) == "nextdraw" or not machine.name.startswith("nextdraw")]


def _installed(name: str) -> Driver | None:
    if name in MODULES:
        return MODULES[name] if find_spec(MODULES[name].module.partition(".")[0]) else None
    software, program = PROGRAMS[name]
    path = shutil.which(program)
    return CommandLine(name, software, path) if path else None
