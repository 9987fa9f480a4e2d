"""Which board is on which port: asked without a move, and no port that nobody named but those of known chips."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

from conftest import Cli
from emulators.ebb import Ebb
from emulators.grbl import Grbl
from emulators.hpgl import Hpgl
from emulators.pseudo_terminal import PseudoTerminal

from plotart.errors import MissingError, OptionError
from plotart.plotter.boards import bridges
from plotart.plotter.boards.ask_ports import answering_boards, board_on, only_board
from plotart.plotter.boards.board import BoardFault
from plotart.plotter.boards.direct import DirectDriver
from plotart.plotter.find_driver import find_direct, find_driver
from plotart.plotter.machines import MACHINES, Machine

CH340, FT232, EBB, UNKNOWN = (0x1A86, 0x7523), (0x0403, 0x6001), (0x04D8, 0xFD92), (0x1234, 0x5678)
CUSTOM = Machine("custom", 300, 218)


class Ports:
    """The serial ports that there are."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, held: ExitStack) -> None:
        self.found: list[object] = []
        self.held = held
        monkeypatch.setattr("serial.tools.list_ports.comports", lambda: self.found)

    def add(self, name: str, usb: tuple[int, int] | None) -> str:
        class Device:
            device, description, vid, pid = name, "Serial", *(usb or (None, None))

        self.found.append(Device())
        return name

    def grbl(self, usb: tuple[int, int] | None = CH340) -> Grbl:
        emulator = self.held.enter_context(Grbl())
        self.add(emulator.name, usb)
        return emulator

    def hpgl(self, usb: tuple[int, int] | None = FT232) -> Hpgl:
        emulator = self.held.enter_context(Hpgl())
        self.add(emulator.name, usb)
        return emulator

    def silent(self, usb: tuple[int, int] | None = FT232) -> list[bytes]:
        """What is said to a port that answers nothing."""
        said: list[bytes] = []

        def receive(data: bytes) -> bytes:
            said.append(data)
            return b""

        self.add(self.held.enter_context(PseudoTerminal(receive)).name, usb)
        return said


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Ports]:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bridges, "GRBL_SECONDS", 0.6)
    monkeypatch.setattr(bridges, "HPGL_SECONDS", 0.6)
    monkeypatch.setattr(bridges, "AGAIN", 0.2)
    with ExitStack() as held:
        yield Ports(monkeypatch, held)


def test_grbl_is_found_and_nothing_moves(ports: Ports) -> None:
    said, emulator = ports.silent(), ports.grbl()
    assert only_board() == ("grbl", emulator.name)
    assert emulator.busy == 0
    assert emulator.lines_taken == []
    assert b"".join(said).replace(b"?", b"") == b";OI;"
    driver = find_driver("auto", CUSTOM)
    assert isinstance(driver, DirectDriver)
    assert (driver.name, driver.port) == ("grbl", emulator.name)


def test_an_old_pen_plotter_is_found_and_nothing_moves(ports: Ports) -> None:
    emulator = ports.hpgl()
    assert only_board() == ("hpgl", emulator.name)
    assert emulator.place == (0, 0)
    assert emulator.drawn == {}
    assert find_direct("auto", CUSTOM).name == "hpgl"


def test_ports_of_chips_that_nobody_knows_are_not_opened_unless_they_are_named(ports: Ports) -> None:
    emulator, said = ports.grbl(UNKNOWN), ports.silent(None)
    assert answering_boards() == []
    assert said == []
    assert only_board() is None
    with pytest.raises(MissingError, match="no board answers on USB, and no maker's software drives custom"):
        find_driver("auto", CUSTOM)
    with pytest.raises(BoardFault, match="no board answers on USB"):
        find_direct("auto", CUSTOM)
    assert board_on(f"{emulator.name},115200") == "grbl"
    assert find_driver("auto", CUSTOM, emulator.name).name == "grbl"


def test_a_board_that_is_known_by_its_id_is_not_asked_and_nobody_else_is(ports: Ports) -> None:
    said = ports.silent(CH340)
    ebb = ports.held.enter_context(PseudoTerminal(Ebb().receive))
    ports.add(ebb.name, EBB)
    assert only_board() == ("ebb", ebb.name)
    assert board_on(ebb.name) == "ebb"
    assert said == []
    assert find_driver("auto", MACHINES["axidraw-v3"]).name == "ebb"


def test_of_several_one_is_to_be_chosen(ports: Ports) -> None:
    one, other = ports.grbl(), ports.hpgl()
    with pytest.raises(OptionError, match="several boards") as error:
        find_driver("auto", CUSTOM)
    assert f"grbl on {one.name}, hpgl on {other.name}" in str(error.value)
    assert find_driver("auto", CUSTOM, other.name).name == "hpgl"


def test_a_port_on_which_nothing_answers_is_told(ports: Ports) -> None:
    ports.silent()
    (port,) = ports.found
    with pytest.raises(BoardFault, match="neither Grbl nor an HP-GL plotter answers"):
        board_on(port.device)  # type: ignore[attr-defined]


def test_doctor_names_ports_and_asks_them_only_if_told(ports: Ports, cli: Cli, tmp_path: Path) -> None:
    emulator = ports.grbl()
    ports.add(str(tmp_path / "gone"), FT232)
    assert f"{emulator.name}, CH340: may be a board, --ask-ports asks it" in cli("doctor").out
    asked = cli("doctor", "--ask-ports").out
    assert f"{emulator.name}, CH340: --driver grbl" in asked
    assert "FT232: can't be opened" in asked
