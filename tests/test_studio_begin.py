"""How versions begin: what the page asks for becomes a config."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studios import Opened, Player, opened_studio

PHOTOGRAPH = Path(__file__).parent.parent / "configs" / "still-life.png"
TIGER = {"type": "excitation", "network": "motif", "class": "tiger"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_studio(tmp_path_factory.mktemp("studio"), crew=Player) as opened:
        opened.ask("POST", "/api/pictures?name=still-life.png", PHOTOGRAPH.read_bytes())
        yield opened


def begun(studio: Opened, wanted: dict[str, Any]) -> dict[str, Any]:
    """The config, with every default, of a version that begins so."""
    found = studio.ask("POST", "/api/versions", {"from": wanted})
    assert found.status == 201, found.body
    return dict(studio.card(found.json["id"])["resolved"])


@pytest.mark.parametrize("source", [{"picture": "still-life.png"}, {"target": TIGER}, {"starter": "quickstart"}])
def test_nothing_more_has_to_be_said(studio: Opened, source: dict[str, Any]) -> None:
    config = begun(studio, source)
    assert 1 <= len(config["pens"]) <= 4
    assert config["objective"]


def test_a_photograph_in_a_look_with_chosen_pens(studio: Opened) -> None:
    only = ["Point 88 Black", "Point 88 Red"]
    wanted = {"picture": "still-life.png", "look": "hatch", "set": "stabilo-point-88", "only": only, "size": "letter"}
    config = begun(studio, {**wanted, "paper": "#f3e9d2"})
    assert sorted(pen["name"] for pen in config["pens"]) == only
    assert config["look"]["type"] == "hatch"
    assert (config["page"]["size"], config["page"]["color"]) == ("letter", "#f3e9d2")
    assert config["objective"][0]["file"] == "pictures/still-life.png"


def test_what_a_network_is_to_see(studio: Opened) -> None:
    config = begun(studio, {"target": TIGER, "set": "uni-posca-pc-1mr", "size": [120, 90]})
    assert config["objective"][0]["class"] == "tiger"
    assert config["page"]["size"] == [120.0, 90.0]
    assert len(config["pens"]) == 4


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({}, "begins from"),
        ({"picture": "none.png"}, "none.png"),
        ({"picture": "still-life.png", "look": "nonsense"}, "nonsense"),
        ({"picture": "still-life.png", "set": "nobody's"}, "nobody's"),
        ({"picture": "still-life.png", "set": "../set.toml"}, "names"),
        ({"target": TIGER, "only": ["No such pen"]}, "No such pen"),
        ({"target": "tiger"}, "term"),
        ({"target": TIGER, "size": "a99"}, "a99"),
        ({"starter": "nonsense"}, "nonsense"),
        ({"config": "name: x"}, "begins from"),
        ({"version": "nonsense"}, "nonsense"),
    ],
)
def test_what_can_t_be_is_said_in_words(studio: Opened, wanted: dict[str, Any], word: str) -> None:
    found = studio.ask("POST", "/api/versions", {"from": wanted})
    assert found.status in (400, 404)
    assert word in found.message
