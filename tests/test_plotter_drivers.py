"""What plotart knows of the plotters' software: model numbers, fault codes, and the mark in a paused SVG."""

from __future__ import annotations

import pytest

from plotart.errors import InputError
from plotart.plotter.drivers import FAULTS, MODELS, Code, Outcome, PlotOptions, model_of
from plotart.plotter.machines import MACHINES, Machine
from plotart.plotter.progress_mark import from_home, is_finished, paused_mm, tells_position

AXIDRAW = (
    '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0" last_x="7"/><plotdata application="axidraw" model="1" '
    'layer="-1" pause_dist="{}" pause_ref="12500" last_x="31.5" last_y="40.25" rand_seed="1" row="0"/></svg>'
)
NEXTDRAW = (
    '<svg xmlns="http://www.w3.org/2000/svg"><ns0:plotdata xmlns:ns0="https://bantam.tools/nd" '
    'application="nextdraw" model="8" pause_dist="{}" pause_ref="0"/></svg>'
)


@pytest.mark.parametrize("name", [name for name in MACHINES if name.startswith(("axidraw", "nextdraw"))])
def test_every_axidraw_and_nextdraw_has_its_number(name: str) -> None:
    assert model_of(MACHINES[name]) == MODELS[name]


def test_other_machines_are_refused() -> None:
    with pytest.raises(InputError, match="mine: no machine that the software of AxiDraw or NextDraw drives"):
        model_of(Machine("mine", 300, 200))


def test_numbers_are_those_of_the_software() -> None:
    assert sorted(MODELS.values()) == list(range(1, 11))
    assert (MODELS["axidraw-se-a1"], MODELS["axidraw-se-a2"], MODELS["nextdraw-8511"]) == (5, 6, 8)


@pytest.mark.parametrize("svg", [AXIDRAW, NEXTDRAW])
def test_how_far_a_plot_came(svg: str) -> None:
    assert paused_mm(svg.format(12500)) == 12.5
    assert paused_mm(svg.format(0)) == 0.0
    assert not is_finished(svg.format(0))
    assert paused_mm(svg.format(-25400)) is None
    assert is_finished(svg.format(-25400))


def test_an_svg_without_a_mark_is_neither_paused_nor_finished() -> None:
    assert paused_mm("<svg/>") is None
    assert not is_finished("<svg/>")
    assert not tells_position("<svg/>")


def test_going_on_from_home_changes_the_position_alone() -> None:
    paused = AXIDRAW.format(12500)
    assert tells_position(paused)
    assert from_home(paused) == paused.replace("31.5", "0.0").replace("40.25", "0.0")


def test_a_nextdraw_finds_its_place_itself() -> None:
    paused = NEXTDRAW.format(12500)
    assert not tells_position(paused)
    assert from_home(paused) == paused


@pytest.mark.parametrize("code", list(Code))
def test_faults_are_told_from_pauses(code: Code) -> None:
    outcome = Outcome(code, "<svg/>" if code in (Code.PAUSE_IN_FILE, Code.BUTTON, Code.KEYBOARD) else None)
    assert bool(outcome.fault) == (code in FAULTS or code == Code.NOT_PLOTTED)
    assert outcome.finished == (code == Code.FINISHED)


def test_a_code_that_nobody_knows_is_told_with_what_was_said() -> None:
    assert Outcome(2, None, ("unrecognized arguments: --model",)).fault.endswith(
        "ended with code 2: unrecognized arguments: --model"
    )


def test_settings_bear_the_names_of_the_software() -> None:
    assert PlotOptions(5).settings(resume=False) == {"mode": "plot", "model": 5, "reordering": 4}
    assert PlotOptions(5, 10, 90).settings(resume=True) == {
        "mode": "res_plot",
        "model": 5,
        "reordering": 4,
        "speed_pendown": 10,
        "speed_penup": 90,
    }
