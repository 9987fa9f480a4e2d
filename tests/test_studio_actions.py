"""Whatever is done in whatever order, nothing is lost, and nothing breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from studios import TINY, Opened, Player, opened_studio

STATES = {"draft", "waiting", "drawing", "paused", "stopped", "failed", "done"}

CHANGES = st.sampled_from(
    [
        ["pens.0.color", "#00aa00"],
        ["pens.1.width", 1.1],
        ["optimize.steps", 8],
        ["optimize.steps", 6],
        ["seed", 3],
        ["objective.0.class", "star"],
        ["strokes.count", 5],
        ["page.color", "#f0e0d0"],
        ["page.color", None],
        ["name", "other"],
        ["export.sort", False],
        ["pens.7.color", "red"],  # there is no such pen
        ["optimize.steps", -1],
        ["nonsense", 3],
        ["strokes", 3],
    ]
)
STROKES = st.lists(st.integers(0, 7), max_size=3)
HANDS = st.one_of(
    st.fixed_dictionaries({"held": STROKES}),
    st.fixed_dictionaries({"freed": STROKES}),
    st.fixed_dictionaries({"gone": STROKES}),
    st.sampled_from([{"moved": {}}, {"moved": [1]}, {"moved": {"by": [1, 2]}}, {"held": "all"}, {"gone": [-1]}]),
    st.fixed_dictionaries(
        {"moved": st.fixed_dictionaries({"strokes": STROKES, "by": st.just([1.5, -2.0]) | st.just(["x", 1])})}
    ),
)
ACTIONS = st.one_of(
    st.tuples(st.just("new")),
    st.tuples(st.just("branch"), st.integers(0, 9)),
    st.tuples(st.just("change"), st.integers(0, 9), CHANGES),
    st.tuples(st.just("change"), st.integers(0, 9), CHANGES),
    st.tuples(st.just("hands"), st.integers(0, 9), HANDS),
    st.tuples(st.just("anew"), st.integers(0, 9), STROKES),
    st.tuples(st.sampled_from(["draw", "draw", "pause", "go", "step", "stop"]), st.integers(0, 9)),
    st.tuples(st.sampled_from(["undo", "undo", "redo"]), st.integers(0, 9)),
    st.tuples(st.just("note"), st.integers(0, 9), st.integers(-1, 6)),
    st.tuples(st.sampled_from(["delete", "restore"]), st.integers(0, 9)),
    st.tuples(st.just("sweep"), st.integers(0, 9), st.sampled_from([["seed=0..1"], ["seed=0..1", "nonsense=1"], []])),
    st.tuples(st.just("play")),
    st.tuples(st.just("play")),
)
SEQUENCES = st.lists(ACTIONS, min_size=1, max_size=12)


@dataclass
class Model:
    """What there should be: the states of each version's document and which holds, and what has been thrown away."""

    past: dict[str, tuple[list[Any], int]] = field(default_factory=dict)
    trash: list[str] = field(default_factory=list)
    finished: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_studio(tmp_path_factory.mktemp("studio"), crew=Player) as opened:
        yield opened


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_studio(tmp_path_factory.mktemp("real")) as opened:
        yield opened


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions=SEQUENCES)
def test_nothing_is_lost(studio: Opened, actions: list[tuple[Any, ...]]) -> None:
    """200 sequences against the server: no answer is a fault, every version stays until it is thrown away, documents
    are as they were said to be, and what is finished is never drawn over."""
    _sequence(studio, actions)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions=SEQUENCES)
def test_nothing_is_lost_with_real_workers(real: Opened, actions: list[tuple[Any, ...]]) -> None:
    """The same, with drawings that are really drawn."""
    _sequence(real, actions)


def _sequence(studio: Opened, actions: list[tuple[Any, ...]]) -> None:
    known = {card["id"] for card in studio.ask("GET", "/api/versions").json["versions"]}
    for version in known:  # each sequence begins with an empty wall, whatever the one before left
        assert studio.ask("DELETE", f"/api/versions/{version}").status == 204
    model = Model()
    _track(studio, model, studio.new())
    for action in actions:
        _do(studio, model, *action)
        _check_finished(studio, model)
    _check(studio, model)


def _do(studio: Opened, model: Model, kind: str, *values: Any) -> None:
    ids = sorted(model.past)
    version = ids[values[0] % len(ids)] if values and ids else ""
    if kind == "play":
        crew = studio.studio._crew
        crew.play() if isinstance(crew, Player) else time.sleep(0.3)
    elif kind == "new":
        _track(studio, model, studio.new())
    elif kind == "restore":
        if model.trash:
            gone = model.trash[values[0] % len(model.trash)]
            if _ask(studio, "POST", f"/api/versions/{gone}/restore").status == 200:
                model.trash.remove(gone)
                _track(studio, model, gone)
    elif not version:
        return
    elif kind == "branch":
        found = _ask(studio, "POST", "/api/versions", {"from": {"version": version}})
        _track(studio, model, found.json["id"])
    elif kind == "note":
        found = _ask(studio, "PATCH", f"/api/versions/{version}", {"stars": values[1], "note": "a word"})
        assert (found.status == 200) == (0 <= values[1] <= 5)
    elif kind == "delete":
        assert _ask(studio, "DELETE", f"/api/versions/{version}").status == 204
        model.past.pop(version)
        model.finished.pop(version, None)
        if version not in model.trash:
            model.trash.append(version)
    elif kind == "sweep":
        found = _ask(studio, "POST", "/api/sweeps", {"version": version, "axes": values[1]})
        assert (found.status == 201) == (values[1] == ["seed=0..1"])
        if found.status == 201:
            for seed in (0, 1):
                _track(studio, model, f"{found.json['name']}/seed-{seed}")
    else:
        more: dict[str, Callable[[], dict[str, Any]]] = {
            "change": lambda: {"changes": [values[1]]},
            "hands": lambda: dict(values[1]),
            "anew": lambda: {"held": values[1]},
        }
        _act(studio, model, version, kind, more.get(kind, dict)())


def _act(studio: Opened, model: Model, version: str, kind: str, more: dict[str, Any]) -> None:
    states, at = model.past[version]
    found = _ask(studio, "POST", f"/api/versions/{version}/act", {"action": kind, **more})
    if found.status != 200:
        assert found.message
        return
    if kind in ("change", "hands"):
        now = _state(found.json["document"])
        if now != states[at]:
            model.past[version] = ([*states[: at + 1], now], at + 1)
    elif kind in ("undo", "redo"):
        model.past[version] = (states, at + (1 if kind == "redo" else -1))
    elif found.json["id"] not in model.past:
        _track(studio, model, found.json["id"])


def _check(studio: Opened, model: Model) -> None:
    cards = {card["id"]: card for card in _ask(studio, "GET", "/api/versions").json["versions"]}
    assert cards.keys() == model.past.keys()
    for version, (states, at) in model.past.items():
        whole = _ask(studio, "GET", f"/api/versions/{version}").json
        document = whole["document"]
        assert _state(document) == states[at]
        assert document["undo"] == (at > 0)
        assert document["redo"] == (at + 1 < len(states))
        assert whole["state"] in STATES


def _check_finished(studio: Opened, model: Model) -> None:
    for version in model.past:
        summary = Path(studio.studio.folder, version, "summary.json")
        if version in model.finished:
            assert summary.read_bytes() == model.finished[version], "what is finished was drawn over"
        elif summary.is_file():
            model.finished[version] = summary.read_bytes()


def _track(studio: Opened, model: Model, version: str) -> None:
    model.past[version] = ([_state(_ask(studio, "GET", f"/api/versions/{version}").json["document"])], 0)
    document = _ask(studio, "GET", f"/api/versions/{version}").json["document"]
    while document["undo"]:  # out of the trash, it has its past
        document = _ask(studio, "POST", f"/api/versions/{version}/act", {"action": "undo"}).json["document"]
        states, at = model.past[version]
        model.past[version] = ([_state(document), *states], 0)
    while document["redo"]:
        document = _ask(studio, "POST", f"/api/versions/{version}/act", {"action": "redo"}).json["document"]
        states, at = model.past[version]
        if at + 1 == len(states):
            states = [*states, _state(document)]
        model.past[version] = (states, at + 1)


def _state(document: dict[str, Any]) -> Any:
    return document["config"], document["hands"]


def _ask(studio: Opened, *request: Any) -> Any:
    found = studio.ask(*request)
    assert found.status < 500, (request, found.body)
    return found


def test_undo_and_redo_are_exact(tmp_path: Path) -> None:
    with opened_studio(tmp_path, crew=Player) as studio:
        version = studio.new()
        seen = [studio.card(version)["document"]["config"]]
        for value in (10, 20, 30):
            seen.append(studio.act(version, "change", changes=[["optimize.steps", value]]).json["document"]["config"])
        for expected in seen[-2::-1]:
            assert studio.act(version, "undo").json["document"]["config"] == expected
        assert studio.act(version, "undo").status == 400
        for expected in seen[1:]:
            assert studio.act(version, "redo").json["document"]["config"] == expected
        assert studio.act(version, "redo").status == 400


def test_the_past_outlives_the_server(tmp_path: Path) -> None:
    with opened_studio(tmp_path, crew=Player) as studio:
        version = studio.new()
        studio.act(version, "change", changes=[["optimize.steps", 9]])
        studio.ask("PATCH", f"/api/versions/{version}", {"stars": 4, "note": "the best"})
    with opened_studio(tmp_path, crew=Player) as studio:
        card = studio.card(version)
        assert (card["stars"], card["note"]) == (4, "the best")
        assert card["document"]["config"]["optimize"]["steps"] == 9
        assert studio.act(version, "undo").json["document"]["config"]["optimize"]["steps"] == TINY["optimize"]["steps"]


def test_what_was_under_way_goes_on_with_the_next_server(tmp_path: Path) -> None:
    with opened_studio(tmp_path, crew=Player) as studio:
        version = studio.new(draw=True)
        assert studio.card(version)["state"] == "drawing"
    with opened_studio(tmp_path, crew=Player) as studio:
        assert studio.card(version)["state"] == "drawing"
        studio.act(version, "stop")
    with opened_studio(tmp_path, crew=Player) as studio:
        assert studio.card(version)["state"] == "stopped"


def test_two_are_drawn_at_once_and_a_sweep_makes_way(tmp_path: Path) -> None:
    with opened_studio(tmp_path, crew=Player) as studio:
        first = studio.new()
        name = studio.ask("POST", "/api/sweeps", {"version": first, "axes": ["seed=0..2"]}).json["name"]
        cells = [f"{name}/seed-{seed}" for seed in range(3)]
        assert [studio.card(cell)["state"] for cell in cells] == ["drawing", "waiting", "waiting"]
        three = [studio.new(draw=True) for _ in range(3)]
        assert [studio.card(one)["state"] for one in three] == ["drawing", "drawing", "waiting"]
        assert [studio.card(cell)["state"] for cell in cells] == ["waiting", "waiting", "waiting"]
        for one in three:
            studio.act(one, "stop")
        assert [studio.card(cell)["state"] for cell in cells].count("drawing") == 1
        studio.ask("POST", f"/api/sweeps/{name}/stop")
        assert not {studio.card(cell)["state"] for cell in cells} & {"drawing", "waiting"}


def test_what_was_paused_waits_with_the_next_server(tmp_path: Path) -> None:
    with opened_studio(tmp_path, crew=Player) as studio:
        version = studio.new(draw=True)
        studio.act(version, "pause")
        assert studio.card(version)["state"] == "paused"
    with opened_studio(tmp_path, crew=Player) as studio:
        assert studio.card(version)["state"] == "paused"


def test_the_first_of_too_many_paused_drawings_is_stopped(tmp_path: Path) -> None:
    with opened_studio(tmp_path, crew=Player) as studio:
        five = [studio.new(draw=True) for _ in range(5)]
        for version in five:
            studio.act(version, "step")
        states = [studio.card(version)["state"] for version in five]
        assert states == ["stopped", *["paused"] * 4]
