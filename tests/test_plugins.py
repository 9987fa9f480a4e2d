"""What other packages add: names, loading, and what is said where something is wrong."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from pydantic import ValidationError, create_model

from plotart.errors import PluginError
from plotart.plugins import DOORS, EXPORTERS, LOOKS, Door
from plotart.schema.doors import OneOf
from plotart.schema.model import Model
from plotart.schema.problems import explain


def door(*added: tuple[str, str]) -> Door:
    found = Door("plotart.starts", "start", {"tau": "math:tau", "pi": "math:pi"})
    found.__dict__["_added"] = {name: EntryPoint(name, value, found.group) for name, value in added}
    return found


def test_own_names_come_first_and_are_loaded_on_use() -> None:
    assert door(("b", "os:sep"), ("a", "os:sep")).names == ("tau", "pi", "a", "b")
    assert door().load("tau") > 6
    assert door(("b", "os.path:basename")).load("b")("x/y") == "y"


def test_own_ones_are_told_of_without_being_imported() -> None:
    found = Door("plotart.looks", "look", {"hatch": "plotart.canvas.looks.hatch:hatch"})
    assert found.about("hatch") == "Straight lines side by side, a direction for each pen; their spacing is the tone."
    assert all(LOOKS.about(name).endswith(".") for name in LOOKS.names)
    assert all(EXPORTERS.about(name).endswith(".") for name in EXPORTERS.names)
    assert door(("b", "os.path:basename")).about("b") == "Returns the final component of a pathname"


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


def test_every_door_has_a_group_and_a_kind_of_its_own() -> None:
    assert all(door.group.startswith("plotart.") for door in DOORS)
    assert len({door.group for door in DOORS}) == len({door.kind for door in DOORS}) == len(DOORS)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.kind)
def test_what_stands_behind_plotart_s_own_names_is_there(door: Door) -> None:
    assert all(door.load(name) is not None for name in door.own)


class Spiral(Model):
    """Turns."""

    type: Literal["spiral"]
    turns: int = 3


class TestModelsBehindADoor:
    @pytest.fixture
    def part(self) -> type[Model]:
        found = door(("absent", "nowhere.at.all:x"), ("plain", "math:tau"), ("other", "x:Spiral"))
        point = found.__dict__["_added"]["other"]
        found.__dict__["_added"]["other"] = SimpleNamespace(load=lambda: Spiral, dist=point.dist)
        found._own = {}
        found.register("spiral", Spiral)
        return create_model("Part", __base__=Model, start=Annotated[Any, OneOf(found)])

    def test_are_told_apart_by_their_type(self, part: type[Model]) -> None:
        assert part.model_validate({"start": {"type": "spiral", "turns": 5}}).model_dump() == {
            "start": {"type": "spiral", "turns": 5}
        }
        mapping = part.model_json_schema()["properties"]["start"]["discriminator"]["mapping"]
        assert set(mapping) == {"spiral", "absent", "plain", "other"}

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"type": "absent", "more": 1}, "start absent of .* can't be used (ModuleNotFoundError: No module named"),
            ({"type": "plain"}, "start plain of .* can't be used (it is no subclass of the model that is wanted"),
            ({"type": "other"}, "start other of .* can't be used (its type is not Literal['other'])"),
            ({"type": "spirals"}, 'found "spirals"; allowed: absent, other, plain, spiral'),
            ({"type": "spiral", "turn": 1}, 'unknown key; did you mean "turns"? Allowed: type, turns'),
        ],
    )
    def test_say_what_is_wrong(self, part: type[Model], data: dict[str, Any], message: str) -> None:
        with pytest.raises(ValidationError) as caught:
            part.model_validate({"start": data})
        (found,) = explain(caught.value, {"start": data}, part.model_json_schema())
        before, _, after = message.partition(".*")
        assert found.message.startswith(before)
        assert after in found.message
