"""Keys as they are pressed: on a console of Windows, by a stand-in of its module."""

from __future__ import annotations

import signal
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from plotart.cli.keys import pressed_keys


class Console(ModuleType):
    """msvcrt, as its documentation has it."""

    def __init__(self, typed: str) -> None:
        super().__init__("msvcrt")
        self.__spec__ = ModuleSpec("msvcrt", None)
        self.typed = list(typed)

    def kbhit(self) -> bool:
        return bool(self.typed)

    def getwch(self) -> str:
        return self.typed.pop(0)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    found = Console("")
    monkeypatch.setitem(sys.modules, "msvcrt", found)
    return found


def test_keys_have_the_names_that_they_have_elsewhere(console: Console) -> None:
    with pressed_keys() as read:
        assert read(0.0) == []
        console.typed = list("q\xe0H\xe0P\xe0K\xe0M\x00H+ \xe0Gu")
        assert read(1.0) == ["q", "up", "down", "left", "right", "up", "+", " ", "u"]
        assert read(0.0) == []


@pytest.mark.usefixtures("heeds_interrupts")
def test_ctrl_c_does_what_it_does(console: Console) -> None:
    console.typed = list("a\x03b")
    with pressed_keys() as read:
        with pytest.raises(KeyboardInterrupt):
            read(0.0)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert read(0.0) == ["b"]
