"""What other packages add: names, loading, and what is said where something is wrong."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from plotart.errors import PluginError
from plotart.plugins import GROUPS, Door


def door(*added: tuple[str, str]) -> Door:
    found = Door("plotart.starts", {"tau": "math:tau", "pi": "math:pi"})
    found.__dict__["_added"] = {name: EntryPoint(name, value, found.group) for name, value in added}
    return found


def test_own_names_come_first_and_are_loaded_on_use() -> None:
    assert door(("b", "os:sep"), ("a", "os:sep")).names == ("tau", "pi", "a", "b")
    assert door().load("tau") > 6
    assert door(("b", "os.path:basename")).load("b")("x/y") == "y"


def test_own_names_stay_their_own() -> None:
    found = door(("tau", "os:sep"))
    assert found.load("tau") > 6
    assert found.plugin("tau") is None
    with pytest.raises(ValueError, match="tau"):
        found.register("tau", 1)


def test_registered_names_stand_for_what_was_registered_last() -> None:
    found = door()
    for value in (1, 2):
        found.register("mine", value)
        assert found.load("mine") == value
    assert found.names == ("tau", "pi", "mine")


def test_unknown_names_are_told_what_there_is() -> None:
    with pytest.raises(PluginError, match="'taw' is no start: allowed are tau, pi, a"):
        door(("a", "os:sep")).load("taw")


@pytest.mark.parametrize(
    ("value", "reason"), [("nowhere.at.all:x", "ModuleNotFoundError"), ("os:nothing", "AttributeError")]
)
def test_what_can_not_be_imported_names_its_package(value: str, reason: str) -> None:
    with pytest.raises(PluginError, match=rf"start broken of .* can't be used \({reason}.*uninstall"):
        door(("broken", value)).load("broken")


def test_every_group_is_plotart_s() -> None:
    assert all(group.startswith("plotart.") for group in GROUPS)
