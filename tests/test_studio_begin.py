"""How versions begin: what the page asks for becomes a config."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from studios import Opened, Player, opened_studio

from plotart.pens.catalogue import load_set
from plotart.studio.bold_lines import bold_lines, is_figure
from plotart.studio.few_pens import few_pens

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
    assert len(config["pens"]) == 2
    assert config["page"]["cut"]


@pytest.mark.parametrize(("size", "machine"), [("a5", "axidraw-v3"), ("a3", "axidraw-v3-a3")])
def test_a_plotter_that_reaches_the_sheet_is_taken(studio: Opened, size: str, machine: str) -> None:
    for source in ({"target": TIGER}, {"picture": "still-life.png"}):
        assert begun(studio, {**source, "size": size})["export"]["machine"] == machine


def test_a_sheet_as_those_of_the_works_gets_their_lines() -> None:
    tiger = yaml.safe_load((PHOTOGRAPH.parent / "works" / "tiger.yaml").read_text(encoding="utf-8"))
    bold = bold_lines(150, 150, [1.1, 1.1], figure=False)
    assert bold["page"] == {"margin": 8.0, "cut": True}
    # Strokes that are traced need no composition.
    laid = {**tiger["strokes"], "init": "imagined"}
    del laid["composition"]
    assert {**bold["strokes"], "length": "25mm"} == laid
    assert bold["strokes"]["length"] == 25
    assert bold["render"] == tiger["render"]


@given(st.floats(50, 600), st.floats(50, 600), st.lists(st.floats(0.1, 5), min_size=1, max_size=4), st.booleans())
def test_lines_fit_whatever_sheet_and_pens_there_are(
    width: float, height: float, nibs: list[float], figure: bool
) -> None:
    bold = bold_lines(width, height, nibs, figure=figure)
    margin, strokes = bold["page"]["margin"], bold["strokes"]
    side = min(width, height) - 2 * margin
    assert 0 <= margin <= min(width, height) / 4
    assert 0 < strokes["length"] < side
    assert 0 < strokes["coverage"] <= 0.3
    assert bold["render"]["resolution"] <= 400
    plain, thinner = (
        bold_lines(width, height, some, figure=False)["strokes"] for some in (nibs, [nib / 2 for nib in nibs])
    )
    assert thinner["coverage"] <= plain["coverage"]


def test_a_figure_in_thin_pens_has_wide_margins() -> None:
    owl, fur = ({"type": "excitation", "class": name} for name in ("owl", "fur"))
    assert is_figure(owl)
    assert not is_figure(fur)
    assert not is_figure({"layer": "conv4_2", "channel": 3})
    thin, broad = (bold_lines(148, 210, [nib], figure=True)["page"]["margin"] for nib in (0.3, 1.1))
    assert thin > 2 * broad


def test_pens_stand_out_from_the_paper_and_from_each_other() -> None:
    pens = load_set("sakura-gelly-roll-moonlight").pens
    whites = pens.called([pen.name for pen in pens if "White" in pen.name])
    assert few_pens(whites, 1, "#151515").names == ("Gelly Roll White 10",), "the broadest of what looks the same"
    signo = load_set("uni-ball-signo").pens
    assert all("DX" not in name for name in few_pens(signo, 2, "#151515").names), "dyes don't show on black"
    on_white = few_pens(load_set("stabilo-point-88").pens, 3, "#ffffff")
    assert all(sum(pen.rgb) < 2.2 for pen in on_white)
    assert len(few_pens(pens, 99, "#ffffff")) == len(pens)


def test_the_page_shows_the_pens_that_are_taken(studio: Opened) -> None:
    wanted = {"target": TIGER, "set": "sakura-gelly-roll-moonlight", "paper": "#151515"}
    shown = studio.ask("GET", "/api/sets/sakura-gelly-roll-moonlight/few?paper=%23151515").json["pens"]
    assert sorted(pen["name"] for pen in begun(studio, wanted)["pens"]) == sorted(shown)
    assert studio.ask("GET", "/api/sets/nobodys/few").status == 400


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
